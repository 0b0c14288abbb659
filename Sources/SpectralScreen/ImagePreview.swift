/// An image to be shown in cells.
public struct ImagePreview: Hashable, Sendable {
    public let width: Int
    public let height: Int
    /// Row-major, height x width x 3, red, green, blue; missing bytes read as black.
    public let pixels: [UInt8]

    public init(width: Int, height: Int, pixels: [UInt8]) {
        self.width = max(0, width)
        self.height = max(0, height)
        self.pixels = pixels
    }

    /// The largest rectangle of cells in `rect` that keeps the image's proportions, a cell being twice as high as
    /// wide; centred across, at the top.
    public func fitted(in rect: Rect) -> Rect {
        guard width > 0, height > 0, !rect.isEmpty else { return Rect(row: rect.row, column: rect.column, rows: 0, columns: 0) }
        let scale = min(Double(rect.columns) / Double(width), 2 * Double(rect.rows) / Double(height))
        let columns = min(rect.columns, max(1, Int((Double(width) * scale).rounded())))
        let rows = min(rect.rows, max(1, Int((Double(height) * scale / 2).rounded())))
        return Rect(row: rect.row, column: rect.column + (rect.columns - columns) / 2, rows: rows, columns: columns)
    }

    /// Mean colour of the pixels under one of `rows` x `columns` equal parts; at least one pixel.
    func mean(row: Int, column: Int, rows: Int, columns: Int) -> (red: Int, green: Int, blue: Int) {
        func range(_ index: Int, _ parts: Int, _ length: Int) -> Range<Int> {
            let start = min(index * length / parts, length - 1)
            return start..<min(max((index + 1) * length / parts, start + 1), length)
        }
        var (red, green, blue, count) = (0, 0, 0, 0)
        for y in range(row, rows, height) {
            for x in range(column, columns, width) {
                let place = (y * width + x) * 3
                count += 1
                guard place + 2 < pixels.count else { continue }
                red += Int(pixels[place])
                green += Int(pixels[place + 1])
                blue += Int(pixels[place + 2])
            }
        }
        return (red / count, green / count, blue / count)
    }

    /// The cells that a box of pixels covers when the image is drawn in `area`; at least one cell.
    public func cells(forBoxAtX x: Double, y: Double, width boxWidth: Double, height boxHeight: Double, drawnIn area: Rect) -> Rect
    {
        guard width > 0, height > 0, !area.isEmpty else { return Rect(rows: 0, columns: 0) }
        func span(_ start: Double, _ length: Double, _ whole: Int, _ cells: Int) -> (start: Int, count: Int) {
            guard start.isFinite, length.isFinite else { return (0, 0) }
            func place(_ value: Double) -> Double { min(max(value / Double(whole), 0), 1) * Double(cells) }
            let first = min(Int(place(start).rounded(.down)), cells - 1)
            let end = max(first + 1, Int(place(start + length).rounded(.up)))
            return (first, min(end, cells) - first)
        }
        let across = span(x, boxWidth, width, area.columns)
        let down = span(y, boxHeight, height, area.rows)
        return Rect(row: area.row + down.start, column: area.column + across.start, rows: down.count, columns: across.count)
    }
}

extension CellGrid {
    /// Draws the image as large as `rect` allows and returns the cells it took.
    ///
    /// With colours and a Unicode glyph set a cell shows two pixels (upper half block), in braille eight dots unless there
    /// are 256 colours; otherwise a cell is one shade of luminance (Rec. 709 weights). More ink or dots are more light on
    /// a dark background and the reverse on a light one.
    @discardableResult
    public mutating func draw(_ image: ImagePreview, in rect: Rect, look: Look) -> Rect {
        let area = image.fitted(in: rect.intersection(bounds))
        guard !area.isEmpty else { return area }
        let isDotted = look.glyphs == .braille && look.colors != .full
        let isHalved = look.colors != .mono && look.glyphs != .ascii && !isDotted
        for row in 0..<area.rows {
            for column in 0..<area.columns {
                let cell = Rect(row: area.row + row, column: area.column + column, rows: 1, columns: 1)
                if isHalved {
                    let top = image.mean(row: 2 * row, column: column, rows: 2 * area.rows, columns: area.columns)
                    let bottom = image.mean(row: 2 * row + 1, column: column, rows: 2 * area.rows, columns: area.columns)
                    fill(cell, with: "▀", style: Style(ink(top), on: ink(bottom)))
                } else {
                    let color = image.mean(row: row, column: column, rows: area.rows, columns: area.columns)
                    let glyph =
                        isDotted
                        ? Dither.braille(atRow: row, column: column) { dotRow, dotColumn in
                            Self.shade(
                                image.mean(row: dotRow, column: dotColumn, rows: 4 * area.rows, columns: 2 * area.columns), look)
                        } : ColorRamp.glyph(Self.shade(color, look), look.glyphs)
                    fill(cell, with: glyph, style: look.colors == .mono ? .plain : Style(ink(color)))
                }
            }
        }
        return area
    }

    /// How much ink stands for a colour, 0...1.
    private static func shade(_ color: (red: Int, green: Int, blue: Int), _ look: Look) -> Float {
        let light = (2126 * color.red + 7152 * color.green + 722 * color.blue) / 10_000
        return Float(look.theme == .dark ? light : 255 - light) / 255
    }

    private func ink(_ color: (red: Int, green: Int, blue: Int)) -> Ink {
        .indexed(Palette.index(red: color.red, green: color.green, blue: color.blue))
    }
}
