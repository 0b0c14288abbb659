/// One thing that a terminal draws: a base scalar with its marks, or an emoji sequence.
public struct Glyph: Hashable, Sendable {
    public let character: Character
    /// Cells it takes: 1 or 2.
    public let width: Int
}

/// Widths in terminal cells, and text made safe to show.
///
/// What it guarantees: the glyphs of any string are printable (no control, no bidi override, no lone mark), each is
/// one or two cells wide, and their widths agree with `wcwidth` of glibc for everything but emoji sequences, which
/// count as two. Source: Unicode Standard Annex 11 for wide scalars, general categories Mn and Me for marks.
public enum TextWidth {
    /// Cells that `text` takes once made safe to show.
    public static func of(_ text: some StringProtocol) -> Int {
        var width = 0
        for character in text { width += of(character) }
        return width
    }

    /// Cells that `character` takes once made safe to show; at least 1.
    public static func of(_ character: Character) -> Int {
        var width = 0
        forEachGlyph(of: character) { width += $0.width }
        return width
    }

    /// The glyphs of `text` in order; control characters and bidi overrides come out as visible stand-ins.
    public static func glyphs(of text: some StringProtocol) -> [Glyph] {
        var result: [Glyph] = []
        result.reserveCapacity(text.utf8.count)
        for character in text { forEachGlyph(of: character) { result.append($0) } }
        return result
    }

    /// `text` as it would be shown: the same string when nothing in it needs a stand-in.
    public static func visible(_ text: some StringProtocol) -> String {
        var result = ""
        for character in text { forEachGlyph(of: character) { result.append($0.character) } }
        return result
    }

    /// The longest beginning of `text` that fits in `width` cells, made safe to show, with `ellipsis` at its end
    /// when something was left out and there is room for it.
    public static func truncated(_ text: some StringProtocol, to width: Int, ellipsis: String = "") -> String {
        guard width > 0 else { return "" }
        if of(text) <= width { return visible(text) }
        let ending = of(ellipsis) <= width ? ellipsis : ""
        let room = width - of(ending)
        var used = 0
        var result = ""
        for glyph in glyphs(of: text) {
            if used + glyph.width > room { break }
            result.append(glyph.character)
            used += glyph.width
        }
        return result + ending
    }

    /// The words of a line that fit in `width` cells: all of it, else the clauses (parted by semicolons) that do, else its
    /// beginning as `truncated` has it.
    public static func clauses(_ text: String, to width: Int, ellipsis: String = "") -> String {
        var kept = text
        while of(kept) > width, let end = kept.lastIndex(of: ";") { kept = String(kept[..<end]) }
        return of(kept) <= width ? visible(kept) : truncated(text, to: width, ellipsis: ellipsis)
    }

    /// `text` cut or filled with spaces to exactly `width` cells; `atRight` puts the spaces before it.
    public static func padded(_ text: some StringProtocol, to width: Int, atRight: Bool = false) -> String {
        let cut = truncated(text, to: width)
        let spaces = String(repeating: " ", count: max(0, width - of(cut)))
        return atRight ? spaces + cut : cut + spaces
    }

    static func forEachGlyph(of character: Character, _ body: (Glyph) -> Void) {
        if let ascii = character.asciiValue, ascii >= 0x20, ascii < 0x7F {
            body(Glyph(character: character, width: 1))
            return
        }
        let scalars = character.unicodeScalars
        let first = scalars[scalars.startIndex]
        if scalars.index(after: scalars.startIndex) == scalars.endIndex {
            body(single(first))
        } else if first == "\r" {
            body(Glyph(character: "\u{240A}", width: 1))
        } else if isEmojiSequence(scalars) {
            // Longer sequences than any real one are cut: a cell must not grow without bound.
            let kept = String(String.UnicodeScalarView(scalars.prefix(longestSequence)))
            body(Glyph(character: kept.count == 1 ? Character(kept) : character, width: 2))
        } else {
            split(scalars, body)
        }
    }

    private static let longestSequence = 16
    private static let mostMarks = 4

    private static func single(_ scalar: Unicode.Scalar) -> Glyph {
        switch kind(of: scalar) {
        case .spacing(let width): Glyph(character: Character(scalar), width: width)
        case .mark:
            Glyph(character: Character(String(String.UnicodeScalarView(["\u{25CC}", scalar]))), width: 1)
        case .hidden: Glyph(character: standIn(for: scalar), width: 1)
        }
    }

    /// A cluster that terminals draw scalar by scalar (conjuncts, stacked marks): one glyph for each spacing scalar,
    /// with at most four marks each, which is what a curses cell holds.
    private static func split(_ scalars: Character.UnicodeScalarView, _ body: (Glyph) -> Void) {
        var pending = String.UnicodeScalarView()
        var width = 0
        for scalar in scalars {
            switch kind(of: scalar) {
            case .spacing(let cells):
                if !pending.isEmpty { body(Glyph(character: Character(String(pending)), width: width)) }
                pending = String.UnicodeScalarView([scalar])
                width = cells
            case .mark:
                if isVariationSelector(scalar) { continue }
                if pending.isEmpty {
                    pending.append("\u{25CC}")
                    width = 1
                }
                if pending.count <= mostMarks { pending.append(scalar) }
            case .hidden: continue
            }
        }
        if pending.isEmpty { pending.append("\u{FFFD}") }
        body(Glyph(character: Character(String(pending)), width: max(width, 1)))
    }

    private enum Kind { case spacing(Int), mark, hidden }

    private static func kind(of scalar: Unicode.Scalar) -> Kind {
        let value = scalar.value
        if value >= 0x20, value < 0x7F { return .spacing(1) }
        if (0x1160...0x11FF).contains(value) || (0xD7B0...0xD7FB).contains(value) { return .mark }
        // Fewer are hidden than `actsOnTerminal` names: files escape what has no settled look, but a cell needs only a
        // width, and curses gives unassigned and private scalars one.
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark: return .mark
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: return .hidden
        default: return .spacing(WideScalars.contains(value) ? 2 : 1)
        }
    }

    private static func isVariationSelector(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isVariationSelector
    }

    private static func isEmojiSequence(_ scalars: Character.UnicodeScalarView) -> Bool {
        let first = scalars[scalars.startIndex]
        let isRegional = (0x1F1E6...0x1F1FF).contains(first.value)
        guard first.properties.isEmoji || isRegional else { return false }
        return scalars.dropFirst().contains { scalar in
            scalar == "\u{FE0F}" || scalar.properties.isEmojiModifier
                || (scalar == "\u{200D}" && !first.isASCII)
                || (isRegional && (0x1F1E6...0x1F1FF).contains(scalar.value))
        }
    }

    /// Control pictures for C0 and DEL, the replacement character for everything else that must not pass.
    private static func standIn(for scalar: Unicode.Scalar) -> Character {
        if scalar.value < 0x20, let picture = Unicode.Scalar(0x2400 + scalar.value) { return Character(picture) }
        return scalar.value == 0x7F ? "\u{2421}" : "\u{FFFD}"
    }
}
