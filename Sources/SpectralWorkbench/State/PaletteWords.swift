// Words of a line that may hold spaces: `a\ b`, `"a b"`, `'a b'`. What `escaped` writes reads back as one word.

enum PaletteWords {
    static func split(_ text: some StringProtocol) -> [String] { scan(text).words.map(\.text) }

    /// The last word as far as it is written, and where it begins; empty after a space.
    static func last(_ text: String) -> (word: String, start: String.Index) {
        let scanned = scan(text)
        guard let word = scanned.words.last, scanned.isOpen else { return ("", text.endIndex) }
        return (word.text, word.start)
    }

    static func escaped(_ word: String) -> String {
        word.reduce(into: "") { $0 += $1 == " " || $1 == "\\" || $1 == "\"" || $1 == "'" ? "\\\($1)" : String($1) }
    }

    /// - Returns: also whether the text ends within a word.
    private static func scan(_ text: some StringProtocol) -> (words: [(text: String, start: String.Index)], isOpen: Bool) {
        var words: [(text: String, start: String.Index)] = []
        var quote: Character?, isEscaped = false, isOpen = false
        for (place, character) in zip(text.indices, text) {
            if !isEscaped, quote == nil, character == " " {
                isOpen = false
                continue
            }
            if !isOpen {
                words.append(("", place))
                isOpen = true
            }
            if isEscaped {
                words[words.count - 1].text.append(character)
                isEscaped = false
            } else if character == "\\", quote != "'" {
                isEscaped = true
            } else if quote == nil, character == "\"" || character == "'" {
                quote = character
            } else if character == quote {
                quote = nil
            } else {
                words[words.count - 1].text.append(character)
            }
        }
        return (words, isOpen)
    }
}
