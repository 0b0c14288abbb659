import Foundation

/// A byte-level byte-pair tokenizer in the Hugging Face `tokenizer.json` format.
///
/// Guarantees, in order: ids equal those of Python's `tokenizers` for the same file (without a post-processor, that is
/// `encode(text, add_special_tokens=False)`); decoding an encoding gives the text back when the tokenizer has no
/// normalizer, no prefix space and all 256 bytes; any string encodes without error.
public struct Tokenizer: Sendable {
    /// A step that rewrites the text before it is cut.
    public enum Normalization: String, Sendable, Equatable, CaseIterable {
        /// Every scalar to lower case by itself, without regard to its neighbours.
        case lowercase = "Lowercase"
        /// Unicode canonical composition.
        case nfc = "NFC"
    }

    public let normalization: [Normalization]
    /// A space is put before a text that does not begin with one, so that a word has one id wherever it stands.
    public let addsPrefixSpace: Bool
    public let addedTokens: [AddedToken]

    let splitsWords: Bool
    /// The id of what stands for a byte without an entry; without one such bytes are dropped.
    let unknown: Int?
    let fusesUnknown: Bool
    let ignoresMerges: Bool
    /// The spelling of each id in the file.
    let spellings: [String]
    /// Pairs of spellings by rank.
    let merges: [[String]]
    /// How many ids the model part of the file holds; added tokens follow.
    let modelSize: Int

    /// What each id adds to decoded text.
    private let bytesOfID: [[UInt8]]
    private let idOfSpelling: [[UInt8]: Int]
    private let idOfByte: [Int32]
    private let idOfWord: [[UInt8]: Int]
    private let specialIDs: Set<Int>
    private let rules: BytePairMerges
    private let rawMatcher: AddedTokenMatcher
    private let normalizedMatcher: AddedTokenMatcher

    init(parts: TokenizerParts) throws(TokenizerError) {
        normalization = parts.normalization
        addsPrefixSpace = parts.addsPrefixSpace
        addedTokens = parts.addedTokens
        splitsWords = parts.splitsWords
        fusesUnknown = parts.fusesUnknown
        ignoresMerges = parts.ignoresMerges
        spellings = parts.spellings
        merges = parts.merges
        modelSize = parts.modelSize

        // Spellings are compared as bytes: Swift's string equality would take é and e + accent for one.
        var ids: [[UInt8]: Int] = [:]
        for (id, spelling) in parts.spellings.enumerated() {
            if let other = ids.updateValue(id, forKey: Array(spelling.utf8)) {
                throw parts.inconsistent("vocab", "every token once", "\"\(spelling)\" as id \(other) and \(id)")
            }
        }
        var rules = BytePairMerges()
        for (rank, pair) in parts.merges.enumerated() {
            let merged = Array((pair[0] + pair[1]).utf8)
            guard let left = ids[Array(pair[0].utf8)], let right = ids[Array(pair[1].utf8)], let id = ids[merged],
                max(left, right, id) < parts.modelSize
            else {
                throw parts.inconsistent(
                    "model.merges[\(rank)]", "both parts and their union in the vocabulary", "\(pair[0]) \(pair[1])")
            }
            rules.add(rank: rank, left: left, right: right, merged: id)
        }
        self.rules = rules
        idOfSpelling = ids
        unknown = try parts.unknownToken.map { token throws(TokenizerError) in
            guard let id = ids[Array(token.utf8)], id < parts.modelSize else {
                throw parts.inconsistent("model.unk_token", "a token of the vocabulary", "\"\(token)\"")
            }
            return id
        }
        var decoded = parts.spellings
        // The reference decodes a token that is matched in normalized text as that text.
        for added in parts.addedTokens where added.normalized {
            decoded[added.id] = Self.normalize(added.content, parts.normalization)
        }
        bytesOfID = decoded.map { ByteLevel.bytes(of: $0) ?? Array($0.utf8) }
        idOfByte = (0..<256).map { byte in
            ids[Array(ByteLevel.token(of: [UInt8(byte)]).utf8)].flatMap { $0 < parts.modelSize ? Int32($0) : nil } ?? -1
        }
        var words: [[UInt8]: Int] = [:]
        if parts.ignoresMerges {
            for (id, spelling) in parts.spellings.prefix(parts.modelSize).enumerated() {
                if let bytes = ByteLevel.bytes(of: spelling) { words[bytes] = id }
            }
        }
        idOfWord = words
        specialIDs = Set(parts.addedTokens.lazy.filter(\.isSpecial).map(\.id))
        rawMatcher = AddedTokenMatcher(parts.addedTokens.filter { !$0.normalized })
        normalizedMatcher = AddedTokenMatcher(parts.addedTokens.filter(\.normalized)) { content in
            Self.normalize(content, parts.normalization)
        }
    }

    /// The number of ids, added tokens included: ids are `0 ..< vocabularySize`.
    public var vocabularySize: Int { spellings.count }

    /// The id of a token by its spelling in the file: `<caption>`, or `Ġred` for " red".
    public func id(of token: String) -> Int? { idOfSpelling[Array(token.utf8)] }

    /// The spelling of `id` in the file, or nil outside the vocabulary.
    public func token(of id: Int) -> String? { spellings.indices.contains(id) ? spellings[id] : nil }

    /// True for an added token that is marked special in the file.
    public func isSpecial(_ id: Int) -> Bool { specialIDs.contains(id) }

    /// The ids of `text`. Nothing is added at either end; special tokens written in the text are recognised.
    public func encode(_ text: String) -> [Int] {
        var ids: [Int] = []
        for piece in rawMatcher.split(text) {
            switch piece {
            case .token(let id): ids.append(id)
            case .text(let raw):
                for piece in normalizedMatcher.split(Self.normalize(raw, normalization)) {
                    switch piece {
                    case .token(let id): ids.append(id)
                    case .text(let text): forEachWord(of: text) { appendIDs(ofWord: $0, to: &ids) }
                    }
                }
            }
        }
        return ids
    }

    /// The text of `ids`, bytes that form no character replaced by U+FFFD. Ids outside the vocabulary add nothing.
    public func decode(_ ids: [Int], skipSpecial: Bool = true) -> String {
        var bytes: [UInt8] = []
        for id in ids where bytesOfID.indices.contains(id) && !(skipSpecial && isSpecial(id)) {
            bytes += bytesOfID[id]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The bytes that `id` adds to a text: possibly only a part of a character. Empty outside the vocabulary.
    public func bytes(of id: Int) -> [UInt8] { bytesOfID.indices.contains(id) ? bytesOfID[id] : [] }

    /// The text of `id` by itself, parts of characters as U+FFFD; see `TokenTextStream` for running text.
    public func text(of id: Int) -> String { String(decoding: bytes(of: id), as: UTF8.self) }

    static func normalize(_ text: String, _ steps: [Normalization]) -> String {
        steps.reduce(text) { text, step in
            switch step {
            case .nfc: return text.precomposedStringWithCanonicalMapping
            case .lowercase:
                var lowered = String.UnicodeScalarView()
                for scalar in text.unicodeScalars {
                    lowered.append(contentsOf: scalar.properties.lowercaseMapping.unicodeScalars)
                }
                return String(lowered)
            }
        }
    }

    /// The words of a text that is already normalized and holds no added token.
    func forEachWord(of text: String, _ body: ([UInt8]) -> Void) {
        guard !text.isEmpty else { return }
        let prefixed = addsPrefixSpace && text.utf8.first != 0x20 ? " " + text : text
        if splitsWords { ByteLevel.split(prefixed, body) } else { body(Array(prefixed.utf8)) }
    }

    private func appendIDs(ofWord word: [UInt8], to ids: inout [Int]) {
        if ignoresMerges, let id = idOfWord[word] {
            ids.append(id)
            return
        }
        var symbols: [Int32] = []
        symbols.reserveCapacity(word.count)
        var lastIsUnknown = false
        for byte in word {
            let id = idOfByte[Int(byte)]
            if id >= 0 {
                symbols.append(id)
                lastIsUnknown = false
            } else if let unknown {
                if !(fusesUnknown && lastIsUnknown) { symbols.append(Int32(unknown)) }
                lastIsUnknown = true
            }
        }
        ids += rules.apply(symbols)
    }
}

/// Turns ids that arrive one at a time into text, holding back a character until its last byte is there.
public struct TokenTextStream: Sendable {
    private let tokenizer: Tokenizer
    private let skipSpecial: Bool
    private var held: [UInt8] = []

    public init(_ tokenizer: Tokenizer, skipSpecial: Bool = true) {
        self.tokenizer = tokenizer
        self.skipSpecial = skipSpecial
    }

    /// The text that `id` completes; empty while a character is still open.
    public mutating func push(_ id: Int) -> String {
        guard !(skipSpecial && tokenizer.isSpecial(id)) else { return "" }
        held += tokenizer.bytes(of: id)
        let open = Self.openSuffix(held)
        let text = String(decoding: held.dropLast(open), as: UTF8.self)
        held.removeFirst(held.count - open)
        return text
    }

    /// What is left at the end: U+FFFD for a character that was never finished, usually nothing.
    public mutating func finish() -> String {
        defer { held = [] }
        return String(decoding: held, as: UTF8.self)
    }

    /// How many bytes at the end begin a character whose other bytes may still come.
    private static func openSuffix(_ bytes: [UInt8]) -> Int {
        for length in 1...3 where length <= bytes.count {
            let lead = bytes[bytes.count - length]
            if lead & 0xC0 == 0x80 { continue }
            let width = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 1
            guard lead <= 0xF4, length < width else { return 0 }
            // A lead and followers that cannot begin any character are an error already, not an open character.
            let candidate = Array(bytes.suffix(length)) + Array(repeating: UInt8(0x80), count: width - length)
            let bounds: ClosedRange<UInt8> =
                switch lead {
                case 0xE0: 0xA0...0xBF
                case 0xED: 0x80...0x9F
                case 0xF0: 0x90...0xBF
                case 0xF4: 0x80...0x8F
                default: 0x80...0xBF
                }
            return length == 1 || bounds.contains(candidate[1]) ? length : 0
        }
        return 0
    }
}
