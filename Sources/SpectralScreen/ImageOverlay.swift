// Values on a grid of patches, laid over the image they belong to.
//
// What it guarantees: the scale runs from the least to the largest value shown and is given with its bounds; masked
// patches are counted; where several patches fall on one cell its mark is their largest.

/// A value for each part of a grid that divides an image evenly.
public struct ImageOverlay: Hashable, Sendable {
    public let rows: Int
    public let columns: Int
    /// Row-major, rows x columns; nil where masked.
    public let values: [Float?]
    /// Ends of the scale; equal where there is no contrast to show.
    public let low: Float
    public let high: Float

    /// Missing values and those that are not finite count as masked.
    public init(rows: Int, columns: Int, values: [Float?]) {
        self.rows = max(0, rows)
        self.columns = max(0, columns)
        let count = self.rows * self.columns
        self.values = (0..<count).map { $0 < values.count && values[$0]?.isFinite == true ? values[$0] : nil }
        let shown = self.values.compactMap { $0 }
        low = shown.min() ?? 0
        high = shown.max() ?? 0
    }

    /// Decimals that tell its values apart: sums over many atoms are small.
    public var decimals: Int { max(low.magnitude, high.magnitude) < 0.1 ? 3 : 2 }

    public var maskedCount: Int { values.count { $0 == nil } }

    /// Row and column of the largest value; nil when all are masked.
    public var peak: (row: Int, column: Int)? {
        guard let place = values.firstIndex(where: { $0 == high }) else { return nil }
        return (place / columns, place % columns)
    }

    /// The value's place on the scale, 0 to 1 (0.5 on a flat one); nil where masked or outside.
    public func level(row: Int, column: Int) -> Float? {
        guard (0..<rows).contains(row), (0..<columns).contains(column), let value = values[row * columns + column] else {
            return nil
        }
        return high > low ? (value - low) / (high - low) : 0.5
    }

    /// A pixel's light, 0 to 255, under a level: linear in it for every pixel, from a quarter of its own light to more than
    /// half with 102 added, so that dark pictures show the high end, white ones the low end, and all what they show.
    static func light(of pixel: UInt8, _ level: Float?) -> UInt8 {
        UInt8(Float(pixel) * (0.25 + 0.35 * (level ?? 0)) + 102 * (level ?? 0))
    }
}

extension ImagePreview {
    /// The same image with each patch the brighter the higher its value is.
    func lit(by overlay: ImageOverlay) -> ImagePreview {
        guard overlay.rows > 0, overlay.columns > 0 else { return self }
        var lit = pixels
        for y in 0..<height {
            for x in 0..<width {
                let level = overlay.level(row: y * overlay.rows / height, column: x * overlay.columns / width)
                let place = (y * width + x) * 3
                for i in place..<min(place + 3, lit.count) { lit[i] = ImageOverlay.light(of: lit[i], level) }
            }
        }
        return ImagePreview(width: width, height: height, pixels: lit)
    }

    /// The cells of one part of a grid over the image drawn in `area`; at least one cell.
    public func cells(ofRow row: Int, column: Int, rows: Int, columns: Int, drawnIn area: Rect) -> Rect {
        let (w, h) = (Double(width) / Double(max(1, columns)), Double(height) / Double(max(1, rows)))
        // A hair less at the far edge: rounding must not reach into the next part.
        return cells(
            forBoxAtX: Double(column) * w + 1e-6, y: Double(row) * h + 1e-6, width: w - 2e-6, height: h - 2e-6, drawnIn: area)
    }
}

extension CellGrid {
    /// Draws the image with the overlay on it and, on the last line of `rect`, the scale. With 256 colours a patch is the
    /// brighter the higher its value is; with fewer a digit in its middle counts tenths of the scale.
    ///
    /// - Returns: the cells of the image.
    @discardableResult
    public mutating func draw(_ image: ImagePreview, overlay: ImageOverlay, in rect: Rect, look: Look) -> Rect {
        let room = Rect(row: rect.row, column: rect.column, rows: rect.rows - 1, columns: rect.columns)
        let area: Rect
        if look.colors == .full {
            area = draw(image.lit(by: overlay), in: room, look: look)
        } else {
            area = draw(image, in: room, look: look)
            drawMarks(overlay, on: image, in: area)
        }
        drawScale(overlay, in: Rect(row: area.endRow, column: rect.column, rows: 1, columns: rect.columns), look: look)
        return area
    }

    private mutating func drawMarks(_ overlay: ImageOverlay, on image: ImagePreview, in area: Rect) {
        var marks: [Int: Float] = [:]
        for row in 0..<overlay.rows {
            for column in 0..<overlay.columns {
                guard let level = overlay.level(row: row, column: column) else { continue }
                let cells = image.cells(ofRow: row, column: column, rows: overlay.rows, columns: overlay.columns, drawnIn: area)
                guard !cells.isEmpty else { continue }
                let place = (cells.row + (cells.rows - 1) / 2) * self.columns + cells.column + (cells.columns - 1) / 2
                marks[place] = max(marks[place] ?? 0, level)
            }
        }
        for (place, level) in marks {
            put(Self.mark(level), row: place / self.columns, column: place % self.columns, style: Style(.terminal, .bold))
        }
    }

    private static func mark(_ level: Float) -> String { String(min(9, Int(level * 10))) }

    private mutating func drawScale(_ overlay: ImageOverlay, in rect: Rect, look: Look) {
        guard !rect.isEmpty else { return }
        let (low, high) = (
            Figure.fixed(Double(overlay.low), overlay.decimals), Figure.fixed(Double(overlay.high), overlay.decimals)
        )
        var column = rect.column
        column += put("\(low) ", row: rect.row, column: column, limit: rect.endColumn)
        let steps = min(10, rect.columns - low.count - high.count - 2)
        for step in 0..<max(0, steps) {
            let level = steps == 1 ? 1 : Float(step) / Float(steps - 1)
            if look.colors == .full {
                let grey = Int(ImageOverlay.light(of: 128, level))
                let ink = Ink.indexed(Palette.index(red: grey, green: grey, blue: grey))
                put(String(look.glyphs == .ascii ? "#" : "█"), row: rect.row, column: column, style: Style(ink))
            } else {
                put(Self.mark(level), row: rect.row, column: column, style: Style(.terminal, .bold))
            }
            column += 1
        }
        put(" \(high)", row: rect.row, column: column, limit: rect.endColumn)
    }
}
