/// A token that is matched as it stands, before words are cut, such as `<caption>`.
public struct AddedToken: Sendable, Equatable {
    public var id: Int
    public var content: String
    /// Left out of decoded text when the caller asks for that.
    public var isSpecial: Bool
    /// Matched only where no word character stands beside it.
    public var singleWord: Bool
    /// Takes the white space before (`stripsLeft`) or after it (`stripsRight`) with it.
    public var stripsLeft: Bool
    public var stripsRight: Bool
    /// Matched in the normalized text instead of the text as given.
    public var normalized: Bool

    public init(
        id: Int, content: String, isSpecial: Bool = true, singleWord: Bool = false, stripsLeft: Bool = false,
        stripsRight: Bool = false, normalized: Bool = false
    ) {
        self.id = id
        self.content = content
        self.isSpecial = isSpecial
        self.singleWord = singleWord
        self.stripsLeft = stripsLeft
        self.stripsRight = stripsRight
        self.normalized = normalized
    }
}

/// Finds added tokens in a text: the leftmost match, the longest of those, no overlaps.
struct AddedTokenMatcher: Sendable {
    enum Piece: Equatable {
        case token(Int)
        case text(String)
    }

    /// Patterns by their first byte, longest first.
    private var patterns: [UInt8: [(bytes: [UInt8], token: AddedToken)]] = [:]

    /// `normalize` is what `content` goes through before it is looked for.
    init(_ tokens: [AddedToken], normalize: (String) -> String = { $0 }) {
        for token in tokens {
            let bytes = Array(normalize(token.content).utf8)
            guard let first = bytes.first else { continue }
            patterns[first, default: []].append((bytes, token))
        }
        for first in patterns.keys { patterns[first]!.sort { $0.bytes.count > $1.bytes.count } }
    }

    func split(_ text: String) -> [Piece] {
        if patterns.isEmpty { return text.isEmpty ? [] : [.text(text)] }
        let bytes = Array(text.utf8)
        var pieces: [Piece] = []
        var textStart = 0
        var position = 0
        while position < bytes.count {
            guard let match = match(bytes, at: position) else {
                position += 1
                continue
            }
            var start = position
            var end = position + match.bytes.count
            position = end
            if match.token.singleWord, touchesWord(bytes, start, end) { continue }
            if match.token.stripsLeft { start = max(textStart, startOfSpaces(bytes, endingAt: start)) }
            if match.token.stripsRight { end = endOfSpaces(bytes, startingAt: end) }
            if textStart < start { pieces.append(.text(String(decoding: bytes[textStart..<start], as: UTF8.self))) }
            pieces.append(.token(match.token.id))
            textStart = end
            position = max(position, end)
        }
        if textStart < bytes.count { pieces.append(.text(String(decoding: bytes[textStart...], as: UTF8.self))) }
        return pieces
    }

    private func match(_ bytes: [UInt8], at position: Int) -> (bytes: [UInt8], token: AddedToken)? {
        patterns[bytes[position]]?.first { pattern in
            position + pattern.bytes.count <= bytes.count
                && bytes[position..<(position + pattern.bytes.count)].elementsEqual(pattern.bytes)
        }
    }

    private func scalar(_ bytes: [UInt8], endingAt end: Int) -> Unicode.Scalar? {
        var start = end - 1
        while start > 0, bytes[start] & 0xC0 == 0x80 { start -= 1 }
        return start < 0 ? nil : String(decoding: bytes[start..<end], as: UTF8.self).unicodeScalars.first
    }

    private func scalar(_ bytes: [UInt8], startingAt start: Int) -> Unicode.Scalar? {
        String(decoding: bytes[start..<min(start + 4, bytes.count)], as: UTF8.self).unicodeScalars.first
    }

    private func touchesWord(_ bytes: [UInt8], _ start: Int, _ end: Int) -> Bool {
        (scalar(bytes, endingAt: start).map(isWord) ?? false) || (scalar(bytes, startingAt: end).map(isWord) ?? false)
    }

    /// `\w` as Unicode Technical Standard 18 defines it.
    private func isWord(_ scalar: Unicode.Scalar) -> Bool {
        let properties = scalar.properties
        if properties.isAlphabetic || properties.isJoinControl { return true }
        switch properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation: return true
        default: return false
        }
    }

    private func startOfSpaces(_ bytes: [UInt8], endingAt end: Int) -> Int {
        var end = end
        while let scalar = scalar(bytes, endingAt: end), scalar.properties.isWhitespace { end -= UTF8.width(scalar) }
        return end
    }

    private func endOfSpaces(_ bytes: [UInt8], startingAt start: Int) -> Int {
        var start = start
        while let scalar = scalar(bytes, startingAt: start), scalar.properties.isWhitespace {
            start += UTF8.width(scalar)
        }
        return start
    }
}
