extension PixelImage {
    /// The image at another size, as Pillow's `resize((width, height), Image.Resampling.BILINEAR)` gives it, byte for
    /// byte up to Pillow 12: a triangle filter whose support grows with the reduction, so that a smaller image is
    /// not aliased. Pillow 13 takes columns first where that is quicker, which rounds a channel otherwise by 1.
    ///
    /// Rows are resized first and rounded to bytes, then columns. Weights are 22-bit fixed point; a sum of them is
    /// at most 255 * 2^22 + 2^21 plus one unit a tap, which fits 32 bits. Source: Pillow, `libImaging/Resample.c`.
    /// - Parameters:
    ///   - width: of the result in pixels, at least 1.
    ///   - height: of the result in pixels, at least 1.
    public func resized(width newWidth: Int, height newHeight: Int) -> PixelImage {
        precondition(newWidth > 0 && newHeight > 0, "an image has at least one pixel")
        var result = self
        if newWidth != width { result = result.resizedRows(to: newWidth) }
        if newHeight != height { result = result.resizedColumns(to: newHeight) }
        return result
    }

    private func resizedRows(to newWidth: Int) -> PixelImage {
        let filter = TriangleFilter(from: width, to: newWidth)
        let resized = [UInt8](unsafeUninitializedCapacity: newWidth * height * 3) { out, count in
            let source = pixels.span
            let weights = filter.weights.span
            var at = 0
            for y in 0..<height {
                let row = y * width * 3
                for x in 0..<newWidth {
                    let taps = filter.taps[x]
                    var (red, green, blue) = (TriangleFilter.half, TriangleFilter.half, TriangleFilter.half)
                    var from = row + taps.start * 3
                    for tap in taps.weights {
                        let weight = weights[tap]
                        red &+= Int32(source[from]) &* weight
                        green &+= Int32(source[from + 1]) &* weight
                        blue &+= Int32(source[from + 2]) &* weight
                        from += 3
                    }
                    out.initializeElement(at: at, to: TriangleFilter.byte(red))
                    out.initializeElement(at: at + 1, to: TriangleFilter.byte(green))
                    out.initializeElement(at: at + 2, to: TriangleFilter.byte(blue))
                    at += 3
                }
            }
            count = at
        }
        return PixelImage(width: newWidth, height: height, pixels: resized)
    }

    private func resizedColumns(to newHeight: Int) -> PixelImage {
        let filter = TriangleFilter(from: height, to: newHeight)
        let row = width * 3
        var sums = [Int32](repeating: 0, count: row)
        let resized = [UInt8](unsafeUninitializedCapacity: newHeight * row) { out, count in
            let source = pixels.span
            var sums = sums.mutableSpan
            for y in 0..<newHeight {
                let taps = filter.taps[y]
                for index in sums.indices { sums[index] = TriangleFilter.half }
                // Whole rows are added up, so that memory is read in order.
                var from = taps.start * row
                for tap in taps.weights {
                    let weight = filter.weights[tap]
                    for index in sums.indices { sums[index] &+= Int32(source[from + index]) &* weight }
                    from += row
                }
                for index in sums.indices {
                    out.initializeElement(at: y * row + index, to: TriangleFilter.byte(sums[index]))
                }
            }
            count = newHeight * row
        }
        return PixelImage(width: width, height: newHeight, pixels: resized)
    }
}

/// Which pixels of a line of `from` make each pixel of a line of `to`, and with what weights.
private struct TriangleFilter {
    /// Fraction bits of a weight.
    static let precision: Int32 = 22
    /// One half, so that the final shift rounds to nearest.
    static let half: Int32 = 1 << (precision - 1)

    struct Taps {
        /// The first pixel used.
        let start: Int
        /// The indices of the weights of that pixel and those after it.
        let weights: Range<Int>
    }

    let taps: [Taps]
    let weights: [Int32]

    init(from: Int, to: Int) {
        let scale = Double(from) / Double(to)
        // Enlarging interpolates between neighbours; reducing spreads the triangle over all that become one pixel.
        let reduction = max(scale, 1)
        var taps: [Taps] = []
        var weights: [Int32] = []
        taps.reserveCapacity(to)
        weights.reserveCapacity(to * (Int(reduction) * 2 + 3))
        var shares: [Double] = []
        for index in 0..<to {
            let centre = (Double(index) + 0.5) * scale
            let start = max(Int(centre - reduction + 0.5), 0)
            let end = min(Int(centre + reduction + 0.5), from)
            shares.removeAll(keepingCapacity: true)
            var total = 0.0
            for pixel in start..<end {
                let distance = abs((Double(pixel) - centre + 0.5) * (1 / reduction))
                let share = distance < 1 ? 1 - distance : 0
                shares.append(share)
                total += share
            }
            let first = weights.count
            for share in shares { weights.append(Int32(share / total * Double(1 << Self.precision) + 0.5)) }
            taps.append(Taps(start: start, weights: first..<weights.count))
        }
        self.taps = taps
        self.weights = weights
    }

    @inline(__always)
    static func byte(_ sum: Int32) -> UInt8 { UInt8(clamping: sum >> precision) }
}
