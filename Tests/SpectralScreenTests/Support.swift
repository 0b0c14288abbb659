import TestSupport
@testable import SpectralScreen

extension CellGrid {
    /// Broken promises of the grid: half characters, controls, counts.
    var flaws: [String] {
        var found: [String] = []
        if cells.count != rows * columns { found.append("\(cells.count) cells for \(rows) x \(columns)") }
        for row in 0..<rows {
            for column in 0..<columns {
                let cell = cells[row * columns + column]
                let nextWidth = column + 1 < columns ? Int(cells[row * columns + column + 1].width) : -1
                if cell.width == 2, nextWidth != 0 { found.append("\(row),\(column): right half missing") }
                if cell.width == 2, nextWidth == 0, cells[row * columns + column + 1].style != cell.style {
                    found.append("\(row),\(column): two styles in one character")
                }
                if cell.width == 0, column == 0 || cells[row * columns + column - 1].width != 2 {
                    found.append("\(row),\(column): right half alone")
                }
                for scalar in cell.character.unicodeScalars where scalar != "\u{200D}" {
                    switch scalar.properties.generalCategory {
                    case .control, .format, .lineSeparator, .paragraphSeparator:
                        found.append("\(row),\(column): U+\(String(scalar.value, radix: 16))")
                    default: break
                    }
                }
            }
        }
        return found
    }
}

/// Text of every kind that has to be measured: ASCII, wide, marks, emoji, controls, bidi overrides.
func randomText(_ random: inout Seeded, longest: Int = 24) -> String {
    let pool = [
        "a", "Z", " ", "  ", "-", "é", "e\u{301}", "\u{301}", "漢", "字", "ｗ", "한", "👨‍👩‍👧", "❤️", "🇫🇷", "क्षि", "\u{202E}", "\u{200B}",
        "\u{1B}[31m", "\n", "\r\n", "\t", "\u{7F}", "\u{9B}", "\u{2028}", "→", "█", "\u{FEFF}", "1️⃣", "\u{AD}", "\u{E000}", "\u{10FFFF}",
    ]
    return (0..<Int.random(in: 0...longest, using: &random)).map { _ in pool.randomElement(using: &random)! }.joined()
}
