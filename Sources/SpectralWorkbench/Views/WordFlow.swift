// Text in several styles, broken into lines.
//
// Guarantees: no line is wider than asked for; words are broken only where one alone is too wide; what could act on a
// terminal gets its visible stand-in.

import SpectralScreen

enum WordFlow {
    typealias Span = (text: String, style: Style)

    /// Spans without a space between them stay together.
    static func lines(_ spans: [Span], width: Int) -> [[Span]] {
        guard width > 0 else { return [] }
        var lines: [[Span]] = [], line: [Span] = [], used = 0
        var word: [(glyph: Glyph, style: Style)] = []
        func add(_ character: Character, _ style: Style, _ width: Int) {
            if let last = line.indices.last, line[last].style == style {
                line[last].text.append(character)
            } else {
                line.append((String(character), style))
            }
            used += width
        }
        func endLine() {
            lines.append(line)
            (line, used) = ([], 0)
        }
        func endWord() {
            guard let first = word.first else { return }
            let wanted = word.reduce(0) { $0 + $1.glyph.width }
            if used > 0, used + 1 + wanted > width { endLine() }
            if used > 0 { add(" ", first.style == line.last?.style ? first.style : .plain, 1) }
            for (glyph, style) in word {
                let (character, columns): (Character, Int) = glyph.width <= width ? (glyph.character, glyph.width) : (" ", 1)
                if used + columns > width { endLine() }
                add(character, style, columns)
            }
            word = []
        }
        for (text, style) in spans {
            for character in text {
                if character == " " || character == "\t" || character.isNewline {
                    endWord()
                } else {
                    word += TextWidth.glyphs(of: String(character)).map { ($0, style) }
                }
            }
        }
        endWord()
        endLine()
        return lines
    }
}
