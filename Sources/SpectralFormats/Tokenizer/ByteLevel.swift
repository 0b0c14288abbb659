/// The byte-level alphabet and the word splitter of GPT-2, as `tokenizers` has them in its `ByteLevel` parts.
///
/// Guarantees, in order: the pieces of a text joined are the text; the cuts are those of the pattern
/// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`; one pass over the text.
enum ByteLevel {
    /// The printable scalar that stands for each byte in a vocabulary file.
    static let scalars: [Unicode.Scalar] = {
        var next: UInt32 = 256
        return (0..<256).map { (byte: UInt32) in
            if (33...126).contains(byte) || (161...172).contains(byte) || (174...255).contains(byte) {
                return Unicode.Scalar(byte)!
            }
            defer { next += 1 }
            return Unicode.Scalar(next)!
        }
    }()

    private static let byteOfScalar: [Unicode.Scalar: UInt8] = Dictionary(
        uniqueKeysWithValues: scalars.enumerated().map { ($1, UInt8($0)) })

    /// The bytes that a vocabulary entry stands for, or nil if a scalar of it stands for none.
    static func bytes(of token: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        for scalar in token.unicodeScalars {
            guard let byte = byteOfScalar[scalar] else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    /// The vocabulary entry that stands for `bytes`.
    static func token(of bytes: some Sequence<UInt8>) -> String {
        var token = String.UnicodeScalarView()
        for byte in bytes { token.append(scalars[Int(byte)]) }
        return String(token)
    }

    private enum Kind: UInt8 { case letter, number, space, other }

    /// The pattern's class of a scalar.
    ///
    /// The reference's tables are those of Unicode 16: to it, what later versions added is neither letter nor number.
    private static func kind(_ scalar: Unicode.Scalar) -> Kind {
        switch scalar.value {
        case 0x61...0x7A, 0x41...0x5A: return .letter
        case 0x30...0x39: return .number
        case 0x20, 0x09...0x0D: return .space
        case 0..<0x80: return .other
        default: break
        }
        let properties = scalar.properties
        if properties.isWhitespace { return .space }
        guard let age = properties.age, age.major <= 16 else { return .other }
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return .letter
        case .decimalNumber, .letterNumber, .otherNumber: return .number
        default: return .other
        }
    }

    /// Cuts `text` into the pattern's matches and hands each, as UTF-8, to `body` in order.
    static func split(_ text: String, _ body: ([UInt8]) -> Void) {
        let bytes = Array(text.utf8)
        var kinds: [Kind] = []
        var starts: [Int] = []
        kinds.reserveCapacity(bytes.count)
        starts.reserveCapacity(bytes.count + 1)
        var offset = 0
        for scalar in text.unicodeScalars {
            kinds.append(kind(scalar))
            starts.append(offset)
            offset += UTF8.width(scalar)
        }
        starts.append(offset)

        func endOfRun(of kind: Kind, from index: Int) -> Int {
            var end = index
            while end < kinds.count, kinds[end] == kind { end += 1 }
            return end
        }
        func endOfMatch(from index: Int) -> Int {
            if let length = contraction(bytes, at: starts[index]) { return index + length }
            let isSpace = bytes[starts[index]] == 0x20
            let first = isSpace ? index + 1 : index
            if first < kinds.count, kinds[first] != .space { return endOfRun(of: kinds[first], from: first) }
            let end = endOfRun(of: .space, from: index)
            // `\s+(?!\S)`: a run before a word leaves its last space to the word, unless it is the only one.
            return end == kinds.count || end == index + 1 ? end : end - 1
        }

        var index = 0
        while index < kinds.count {
            let end = endOfMatch(from: index)
            body(Array(bytes[starts[index]..<starts[end]]))
            index = end
        }
    }

    /// The length of `'s 't 're 've 'm 'll 'd` at `offset`, if one of them stands there.
    private static func contraction(_ bytes: [UInt8], at offset: Int) -> Int? {
        guard bytes[offset] == UInt8(ascii: "'"), offset + 1 < bytes.count else { return nil }
        let next = offset + 2 < bytes.count ? bytes[offset + 2] : 0
        switch bytes[offset + 1] {
        case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return 2
        case UInt8(ascii: "r"), UInt8(ascii: "v"): return next == UInt8(ascii: "e") ? 3 : nil
        case UInt8(ascii: "l"): return next == UInt8(ascii: "l") ? 3 : nil
        default: return nil
        }
    }
}
