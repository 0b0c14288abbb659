extension PixelImage {
    /// The part of the image whose top left pixel is (x, y).
    public func cropped(x: Int, y: Int, width newWidth: Int, height newHeight: Int) -> PixelImage {
        precondition(
            x >= 0 && y >= 0 && newWidth > 0 && newHeight > 0 && x + newWidth <= width && y + newHeight <= height,
            "a crop lies within the image")
        guard newWidth < width || newHeight < height else { return self }
        let cut = [UInt8](unsafeUninitializedCapacity: newWidth * newHeight * 3) { out, count in
            pixels.withUnsafeBufferPointer { pixels in
                for row in 0..<newHeight {
                    let from = ((y + row) * width + x) * 3
                    _ = UnsafeMutableBufferPointer(rebasing: out[(row * newWidth * 3)..<((row + 1) * newWidth * 3)])
                        .initialize(from: pixels[from..<from + newWidth * 3])
                }
            }
            count = newWidth * newHeight * 3
        }
        return PixelImage(width: newWidth, height: newHeight, pixels: cut)
    }

    /// The image with left and right exchanged.
    public var mirrored: PixelImage {
        var result = self
        for y in 0..<height {
            for x in 0..<width {
                let from = (y * width + width - 1 - x) * 3, to = (y * width + x) * 3
                for c in 0..<3 { result.pixels[to + c] = pixels[from + c] }
            }
        }
        return result
    }

    /// Every red, green and blue value looked up in a table of 256 each.
    public func recoloured(_ tables: [[UInt8]]) -> PixelImage {
        precondition(tables.count == 3 && tables.allSatisfy { $0.count == 256 }, "a table of 256 values for each channel")
        var result = self
        let (red, green, blue) = (tables[0], tables[1], tables[2])
        result.pixels.withUnsafeMutableBufferPointer { pixels in
            for i in stride(from: 0, to: pixels.count, by: 3) {
                pixels[i] = red[Int(pixels[i])]
                pixels[i + 1] = green[Int(pixels[i + 1])]
                pixels[i + 2] = blue[Int(pixels[i + 2])]
            }
        }
        return result
    }
}
