/// Breaking text into lines of a width in cells.
public enum TextWrap {
    /// Lines of at most `width` cells, broken at spaces, inside a word only where it alone is too long. Line ends in
    /// `text` are kept, tabs count as spaces, every other control character gets its visible stand-in. A width under 1
    /// gives no lines; a wide character that does not fit in one cell becomes a space.
    public static func lines(_ text: some StringProtocol, width: Int) -> [String] {
        guard width > 0 else { return [] }
        return text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            .flatMap { paragraph($0, width: width) }
    }

    private static func paragraph(_ text: some StringProtocol, width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        var used = 0
        var word: [Glyph] = []
        var wordWidth = 0

        func endLine() {
            while line.last == " " { line.removeLast() }
            lines.append(line)
            line = ""
            used = 0
        }
        func endWord() {
            if used > 0, used + wordWidth > width { endLine() }
            for glyph in word {
                let fitting = glyph.width <= width ? glyph : Glyph(character: " ", width: 1)
                if used + fitting.width > width { endLine() }
                line.append(fitting.character)
                used += fitting.width
            }
            word.removeAll(keepingCapacity: true)
            wordWidth = 0
        }
        for character in text {
            if character == " " || character == "\t" {
                endWord()
                if used < width {
                    line.append(" ")
                    used += 1
                }
                continue
            }
            TextWidth.forEachGlyph(of: character) { glyph in
                word.append(glyph)
                wordWidth += glyph.width
            }
        }
        endWord()
        endLine()
        return lines
    }
}

extension CellGrid {
    /// Draws `lines` from the top of `rect`, or so that the last ones are in view when `keepsEnd` is set.
    public mutating func drawLines(_ lines: [String], in rect: Rect, style: Style = .plain, keepsEnd: Bool = false) {
        let skipped = keepsEnd ? max(0, lines.count - rect.rows) : 0
        for (index, line) in lines.dropFirst(skipped).prefix(rect.rows).enumerated() {
            put(line, in: rect.line(index), style: style)
        }
    }
}
