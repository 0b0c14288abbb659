/// A box in pixels: left edge, top edge, width and height; the right and bottom edges are exclusive.
public struct SceneBox: Sendable, Equatable, Codable {
    public var x: Int
    public var y: Int
    public var width: Int
    public var height: Int

    public init(x: Int, y: Int, width: Int, height: Int) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }
}

/// A drawn scene: its pixels, and which object each pixel shows.
public struct RenderedScene: Sendable, Equatable {
    public let scene: Scene
    /// 64 x 64 RGB.
    public let image: PixelImage
    /// 64 x 64 bytes, row by row: 0 for background, otherwise the object's index + 1.
    public let mask: [UInt8]
    /// The tight box of each object's drawn pixels, by object index.
    public let boxes: [SceneBox]
}

extension Scene {
    /// Draws the scene. The pixel noise is a pure function of split, seed and index.
    public func render() -> RenderedScene {
        let count = Scene.side * Scene.side
        var mask = [UInt8](repeating: 0, count: count)
        var boxes: [SceneBox] = []
        boxes.reserveCapacity(objects.count)
        let shade = [Float](unsafeUninitializedCapacity: count) { shade, initialised in
            shade.initialize(repeating: 1)
            mask.withUnsafeMutableBufferPointer { mask in
                for (index, object) in objects.enumerated() {
                    boxes.append(object.draw(number: UInt8(truncatingIfNeeded: index + 1), mask: mask, shade: shade))
                }
            }
            initialised = count
        }
        let pixels = colourPixels(mask: mask, shade: shade)
        let image = PixelImage(width: Scene.side, height: Scene.side, pixels: pixels)
        return RenderedScene(scene: self, image: image, mask: mask, boxes: boxes)
    }

    /// 64 x 64 x 3 bytes: background and gradient, or the object's colour times its shade, plus noise.
    private func colourPixels(mask: [UInt8], shade: [Float]) -> [UInt8] {
        let side = Scene.side
        var random = SceneRandom(split: split, seed: seed, index: index, purpose: .noise)
        let background = tone.rgb + SIMD3<Float>(hue)
        let colours = objects.map(\.colour.rgb)
        let slope: Float = 0.3
        let middle = Float(side - 1) / 2
        let across: Float = brighterSide == .right ? slope : brighterSide == .left ? -slope : 0
        let down: Float = brighterSide == .bottom ? slope : brighterSide == .top ? -slope : 0
        return [UInt8](unsafeUninitializedCapacity: side * side * 3) { pixels, initialised in
            mask.withUnsafeBufferPointer { mask in
                shade.withUnsafeBufferPointer { shade in
                    for y in 0..<side {
                        for x in 0..<side {
                            let at = y * side + x
                            let owner = Int(mask[at])
                            let clean =
                                owner == 0
                                ? background + ((Float(x) - middle) * across + (Float(y) - middle) * down)
                                : colours[owner - 1] * shade[at]
                            for channel in 0..<3 {
                                let level = Int(clean[channel] + 0.5) + random.noiseOfSigmaFour()
                                pixels[at * 3 + channel] = UInt8(truncatingIfNeeded: min(max(level, 0), 255))
                            }
                        }
                    }
                }
            }
            initialised = side * side * 3
        }
    }
}

extension SceneObject {
    /// Marks the object's pixels with `number` and writes their brightness factor. Returns their tight box.
    fileprivate func draw(
        number: UInt8, mask: UnsafeMutableBufferPointer<UInt8>, shade: UnsafeMutableBufferPointer<Float>
    ) -> SceneBox {
        let side = Scene.side
        let extent = extent
        var (left, right, top, bottom) = (side, -1, side, -1)
        let (rows, columns) = (0..<side, 0..<side)
        // Objects put together by hand may lie outside; what is outside is not drawn.
        for row in rows.clamped(to: y - extent.up..<y + extent.down + 1) {
            for column in columns.clamped(to: x - extent.side..<x + extent.side + 1)
            where covers(dx: column - x, dy: row - y) {
                let at = row * side + column
                mask[at] = number
                shade[at] = brightness(column: column, row: row)
                left = min(left, column)
                right = max(right, column)
                top = min(top, row)
                bottom = max(bottom, row)
            }
        }
        guard right >= left else { return SceneBox(x: 0, y: 0, width: 0, height: 0) }
        return SceneBox(x: left, y: top, width: right - left + 1, height: bottom - top + 1)
    }

    /// Whether the pixel at an offset from the centre belongs to the shape.
    @inline(__always)
    private func covers(dx: Int, dy: Int) -> Bool {
        let r = Float(radius)
        let (across, down) = (Float(abs(dx)), Float(abs(dy)))
        switch shape {
        case .circle: return dx * dx + dy * dy <= radius * radius
        case .square: return max(across, down) <= r * 0.85
        case .triangle: return dy >= -radius && Float(dy) <= r * 0.8 && across <= Float(dy + radius) * 0.55
        case .cross: return min(across, down) <= r * 0.38 && max(across, down) <= r
        case .ring:
            let squared = dx * dx + dy * dy
            return squared <= radius * radius && Float(squared) >= (r * 0.45) * (r * 0.45)
        }
    }

    /// The texture's brightness factor at a pixel of the image.
    @inline(__always)
    private func brightness(column: Int, row: Int) -> Float {
        // 144 is a multiple of every period and keeps the remainders of differences positive.
        let (u, v) = (column + phase + 144, row + phase + 144)
        switch texture {
        case .plain: return 1
        case .horizontalStripes: return v & 3 < 2 ? 1 : 0.35
        case .verticalStripes: return u & 3 < 2 ? 1 : 0.35
        case .risingStripes: return (u + row) & 3 < 2 ? 1 : 0.35
        case .fallingStripes: return (u - row) & 3 < 2 ? 1 : 0.35
        case .checks: return (u / 3 + v / 3) & 1 == 0 ? 1 : 0.35
        case .dots: return u & 3 < 2 && v & 3 < 2 ? 0.3 : 1
        case .digit:
            let scale = size.glyphScale
            let (dx, dy) = (column - x + SceneGlyphs.width * scale / 2, row - y + SceneGlyphs.height * scale / 2)
            guard dx >= 0, dy >= 0 else { return 1 }
            return SceneGlyphs.hasInk(digit: digit ?? 0, column: dx / scale, row: dy / scale) ? 0.15 : 1
        }
    }
}
