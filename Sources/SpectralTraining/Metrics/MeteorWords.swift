// Words as METEOR 1.5 sees them: its own normalisation (option -norm), which goes over the scorer's tokens again.

/// What `meteor-1.5.jar -norm -l en` makes of a line that is in lower case already.
///
/// What it guarantees, in order: punctuation stands apart; words joined by a hyphen part; contractions part before the
/// apostrophe; dots leave abbreviations that have several. Source: the behaviour of the public jar.
enum MeteorWords {
    static func words(_ tokens: [String]) -> [String] {
        var text = Array((" " + tokens.joined(separator: " ") + " ").unicodeScalars)
        text = text.flatMap { (isPlain($0) ? [$0] : [" ", $0, " "]) }
        text = apart(dots: text)
        for (left, right) in [(false, false), (true, false), (false, true)] {
            text = replace(",", in: text, left: { isDigit($0) == left }, right: { isDigit($0) == right }, [" ", ",", " "])
        }
        text = text.map { $0 == "`" || $0 == "\u{2018}" || $0 == "\u{2019}" ? "'" : $0 }
        text = join(text.map { $0 == "\u{2013}" ? "-" : $0 }, "'", as: [" ", "\"", " "])
        text = join(text, "-", as: ["-"])
        text = replace("-", in: text, left: { isLetterOrDigit($0) || $0 == "." }, right: isLetterOrDigit, [" "])
        text = apart(apostrophes: text)
        let found = String(String.UnicodeScalarView(text)).split(whereSeparator: \.isWhitespace).map(String.init)
        return found.indices.flatMap { full(stop: found[$0], next: $0 + 1 < found.count ? found[$0 + 1] : "") }
    }

    // MARK: Kinds of scalars

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x41...0x5A, 0x61...0x7A, 0xC0...0xD6, 0xD8...0xF6, 0xF8...0x17E, 0x0400...0x0527, 0xA640...0xA66E, 0xA67E...0xA697,
            0x1D00...0x1D7F:
            return true
        default: return false
        }
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }
    private static func isLetterOrDigit(_ scalar: Unicode.Scalar) -> Bool { isLetter(scalar) || isDigit(scalar) }

    /// Not put apart from its neighbours at once.
    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        isLetterOrDigit(scalar) || ".'`,-\u{2018}\u{2019} ".unicodeScalars.contains(scalar)
    }

    // MARK: Replacing

    /// Replaces a mark between two neighbours; the right one is spent, and is no left neighbour of the next.
    private static func replace(
        _ mark: Unicode.Scalar, in text: [Unicode.Scalar], left: (Unicode.Scalar) -> Bool, right: (Unicode.Scalar) -> Bool,
        _ replacement: [Unicode.Scalar]
    ) -> [Unicode.Scalar] {
        guard text.contains(mark) else { return text }
        var made: [Unicode.Scalar] = [], place = 0
        while place < text.count {
            if place + 2 < text.count, text[place + 1] == mark, left(text[place]), right(text[place + 2]) {
                made += [text[place]] + replacement + [text[place + 2]]
                place += 3
            } else {
                made.append(text[place])
                place += 1
            }
        }
        return made
    }

    /// Two of a mark in a row become something else.
    private static func join(
        _ text: [Unicode.Scalar], _ mark: Unicode.Scalar, as replacement: [Unicode.Scalar]
    ) -> [Unicode.Scalar] {
        var made: [Unicode.Scalar] = [], place = 0
        while place < text.count {
            if text[place] == mark, place + 1 < text.count, text[place + 1] == mark {
                made += replacement
                place += 2
            } else {
                made.append(text[place])
                place += 1
            }
        }
        return made
    }

    /// Runs of two dots or more are words of their own.
    private static func apart(dots text: [Unicode.Scalar]) -> [Unicode.Scalar] {
        var made: [Unicode.Scalar] = [], place = 0
        while place < text.count {
            let run = text[place...].prefix { $0 == "." }
            if run.count >= 2 {
                made += [" "] + run + [" "]
                place += run.count
            } else {
                made.append(text[place])
                place += 1
            }
        }
        return made
    }

    private static func apart(apostrophes text: [Unicode.Scalar]) -> [Unicode.Scalar] {
        func isOther(_ scalar: Unicode.Scalar) -> Bool { !isLetter(scalar) }
        func isMark(_ scalar: Unicode.Scalar) -> Bool { !isLetterOrDigit(scalar) }
        var text = text
        let alone: [Unicode.Scalar] = [" ", "'", " "], before: [Unicode.Scalar] = [" ", "'"]
        text = replace("'", in: text, left: isOther, right: isOther, alone)
        text = replace("'", in: text, left: isMark, right: isLetter, alone)
        text = replace("'", in: text, left: isLetter, right: isOther, alone)
        text = replace("'", in: text, left: isLetter, right: isLetter, before)
        return replace("'", in: text, left: isDigit, right: { $0 == "s" }, before)
    }

    /// What becomes of a word's full stop.
    private static func full(stop word: String, next: String) -> [String] {
        guard word.utf8.count > 1, word.hasSuffix("."), !word.hasPrefix("..") else { return [word] }
        let stem = String(word.dropLast())
        if stem.contains("."), stem.unicodeScalars.contains(where: isLetter) { return [word.filter { $0 != "." }] }
        let startsLower = next.unicodeScalars.first.map { ("a"..."z").contains($0) } ?? false
        let startsWithDigit = next.unicodeScalars.first.map(isDigit) ?? false
        if startsLower || ["v", "vs", "rev"].contains(stem) || (stem == "pp" && startsWithDigit) { return [word] }
        return [stem, "."]
    }
}
