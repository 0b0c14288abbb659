// Braille cells of eight dots: shades by how many dots are there, spread evenly.
//
// What it guarantees: a larger value never has fewer dots, 0 has none and 1 has all; the same place and value give the
// same dots, whatever stands around them, so that moving on redraws only what changed.

enum Dither {
    /// Bayer's 4 x 4 matrix: in which order dots come on.
    private static let order: [[Float]] = [[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]]

    static func isOn(_ fraction: Float, row: Int, column: Int) -> Bool {
        fraction > (order[row & 3][column & 3] + 0.5) / 16
    }

    /// Bits of the dots in a braille pattern (U+2800), by row and column.
    private static let bits: [[UInt32]] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]]

    /// The character of the screen cell at (`row`, `column`); `fraction` is asked for each of its dots, by the dot's place
    /// on the whole screen.
    static func braille(atRow row: Int, column: Int, fraction: (Int, Int) -> Float) -> Character {
        var pattern: UInt32 = 0
        for (down, line) in bits.enumerated() {
            for (across, bit) in line.enumerated() {
                let (dotRow, dotColumn) = (4 * row + down, 2 * column + across)
                if isOn(fraction(dotRow, dotColumn), row: dotRow, column: dotColumn) { pattern |= bit }
            }
        }
        // A space has no dots either, and no reader or font that could show empty ones.
        return pattern == 0 ? " " : Unicode.Scalar(0x2800 + pattern).map { Character($0) } ?? " "
    }
}

extension Heatmap {
    /// Whether dots may stand for values: eight to a cell tell more than its shade, unless a colour does.
    func mayDot(_ look: Look) -> Bool {
        if case .phase = scale { return false }
        return look.glyphs == .braille && look.colors != .full
    }

    /// A cell of dots, each of the values of its part of the cell's block.
    func dots(_ geometry: HeatmapGeometry, row: Int, column: Int, _ look: Look) -> (glyph: Character, style: Style) {
        let whole = shade(
            rows: geometry.blockRange(row, by: geometry.blockRows, count: rows),
            columns: geometry.blockRange(column, by: geometry.blockColumns, count: columns))
        if whole == .notFinite { return appearance(of: whole, look) }
        func values(_ dot: Int, perCell dots: Int, block: Int, size: Int, count: Int) -> Range<Int> {
            // A block of one value fills its whole side of the cell.
            block == 1 ? min(dot / dots, count)..<min(dot / dots + 1, count) : geometry.blockRange(dot, by: size, count: count)
        }
        let glyph = Dither.braille(atRow: row, column: column) { dotRow, dotColumn in
            let down = values(
                dotRow, perCell: HeatmapGeometry.dotsDown, block: geometry.blockRows, size: geometry.dotRows, count: rows)
            let across = values(
                dotColumn, perCell: HeatmapGeometry.dotsAcross, block: geometry.blockColumns, size: geometry.dotColumns,
                count: columns)
            return down.isEmpty || across.isEmpty ? 0 : ink(of: shade(rows: down, columns: across))
        }
        return (glyph, style(of: whole, look))
    }

    /// A cell all of whose values have one shade.
    func dots(evenly shade: HeatmapShade, _ look: Look) -> (glyph: Character, style: Style) {
        (Dither.braille(atRow: 0, column: 0) { _, _ in ink(of: shade) }, style(of: shade, look))
    }

    private func style(of shade: HeatmapShade, _ look: Look) -> Style {
        color(of: shade, look).map { Style(.indexed($0)) } ?? .plain
    }

    private func ink(of shade: HeatmapShade) -> Float {
        switch shade {
        case .fraction(let fraction): fraction
        case .clippedHigh: 1
        case .clippedLow, .masked, .notFinite: 0
        }
    }
}
