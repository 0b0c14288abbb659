import Foundation

/// What a tokenizer is made of, before its tables are built and checked against one another.
struct TokenizerParts {
    var path: String
    var normalization: [Tokenizer.Normalization] = []
    var addsPrefixSpace = false
    var splitsWords = true
    var addedTokens: [AddedToken] = []
    var unknownToken: String?
    var fusesUnknown = false
    var ignoresMerges = false
    /// By id: the model's vocabulary first, then the added tokens that are not in it.
    var spellings: [String] = []
    var merges: [[String]] = []
    var modelSize = 0

    func inconsistent(_ key: String, _ expected: String, _ found: String) -> TokenizerError {
        .inconsistent(path: path, key: key, expected: expected, found: found)
    }
}

extension Tokenizer {
    /// Reads a `tokenizer.json`.
    public init(path: String) throws(TokenizerError) {
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            let missing = !FileManager.default.fileExists(atPath: path)
            throw .unreadable(path: path, reason: missing ? "no such file" : "the file cannot be read")
        }
        try self.init(json: data, path: path)
    }

    /// Reads the bytes of a `tokenizer.json`; `path` is for messages only.
    public init(json: Data, path: String = "tokenizer.json") throws(TokenizerError) {
        let file: TokenizerFile
        do {
            file = try JSONDecoder().decode(TokenizerFile.self, from: json)
        } catch {
            let (key, problem) = MessageText.decoding(error, of: json, as: TokenizerFile.self)
            throw .malformed(path: path, key: key, found: problem)
        }
        try self.init(parts: file.parts(path: path))
    }

    /// The tokenizer as a `tokenizer.json` that `tokenizers` opens; the same tokenizer gives the same bytes.
    public func json() -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return try encoder.encode(TokenizerFile(self))
        } catch {
            // Strings, whole numbers and booleans only: JSON can hold every value of the type.
            preconditionFailure("a tokenizer could not be written as JSON: \(error)")
        }
    }
}

/// The file as it is written; keys are those of the format.
private struct TokenizerFile: Codable {
    struct Added: Codable {
        var id: Int
        var content: String
        var single_word: Bool?
        var lstrip: Bool?
        var rstrip: Bool?
        var normalized: Bool?
        var special: Bool?
    }
    struct Step: Codable {
        var type: String
        var normalizers: [Step]?
        var add_prefix_space: Bool?
        var trim_offsets: Bool?
        var use_regex: Bool?
    }
    /// A merge, written "a b" by older writers and ["a", "b"] by newer ones.
    struct Merge: Codable {
        var pair: [String]

        init(_ pair: [String]) { self.pair = pair }

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if let joined = try? value.decode(String.self) {
                pair = joined.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
            } else {
                pair = try value.decode([String].self)
            }
            guard pair.count == 2 else {
                throw DecodingError.dataCorruptedError(in: value, debugDescription: "a merge names \(pair.count) tokens, not two")
            }
        }

        func encode(to encoder: any Encoder) throws {
            var value = encoder.singleValueContainer()
            try value.encode(pair)
        }
    }
    struct Model: Codable {
        var type: String?
        var dropout: Double?
        var unk_token: String?
        var continuing_subword_prefix: String?
        var end_of_word_suffix: String?
        var fuse_unk: Bool?
        var byte_fallback: Bool?
        var ignore_merges: Bool?
        var vocab: [String: Int]
        var merges: [Merge]
    }

    var version = "1.0"
    var added_tokens: [Added]?
    var normalizer: Step?
    var pre_tokenizer: Step?
    var decoder: Step?
    var model: Model

    init(_ tokenizer: Tokenizer) {
        added_tokens = tokenizer.addedTokens.map { token in
            Added(
                id: token.id, content: token.content, single_word: token.singleWord, lstrip: token.stripsLeft,
                rstrip: token.stripsRight, normalized: token.normalized, special: token.isSpecial)
        }
        let steps = tokenizer.normalization.map { Step(type: $0.rawValue) }
        normalizer = steps.count > 1 ? Step(type: "Sequence", normalizers: steps) : steps.first
        let byteLevel = Step(
            type: "ByteLevel", add_prefix_space: tokenizer.addsPrefixSpace, trim_offsets: true,
            use_regex: tokenizer.splitsWords)
        pre_tokenizer = byteLevel
        decoder = byteLevel
        let entries = tokenizer.spellings.prefix(tokenizer.modelSize).enumerated()
        model = Model(
            type: "BPE", unk_token: tokenizer.unknown.map { tokenizer.spellings[$0] },
            fuse_unk: tokenizer.fusesUnknown, byte_fallback: false, ignore_merges: tokenizer.ignoresMerges,
            vocab: Dictionary(entries.map { ($1, $0) }) { first, _ in first }, merges: tokenizer.merges.map(Merge.init))
    }

    func parts(path: String) throws(TokenizerError) -> TokenizerParts {
        func require(_ holds: Bool, _ key: String, _ expected: String, _ found: String?) throws(TokenizerError) {
            if !holds { throw .unsupported(path: path, key: key, expected: expected, found: found ?? "null") }
        }
        try require(model.type == nil || model.type == "BPE", "model.type", "BPE", model.type)
        try require((model.dropout ?? 0) == 0, "model.dropout", "null", model.dropout.map { "\($0)" })
        try require(model.byte_fallback != true, "model.byte_fallback", "false", "true")
        for (key, affix) in [
            ("model.continuing_subword_prefix", model.continuing_subword_prefix),
            ("model.end_of_word_suffix", model.end_of_word_suffix),
        ] {
            try require((affix ?? "").isEmpty, key, "null", affix)
        }
        try require(pre_tokenizer?.type == "ByteLevel", "pre_tokenizer", "ByteLevel", pre_tokenizer?.type)
        try require(decoder?.type == "ByteLevel", "decoder", "ByteLevel", decoder?.type)

        var parts = TokenizerParts(path: path)
        for step in Self.flat(normalizer) {
            guard let known = Tokenizer.Normalization(rawValue: step.type) else {
                throw .unsupported(
                    path: path, key: "normalizer", expected: "Lowercase, NFC or a Sequence of them", found: step.type)
            }
            parts.normalization.append(known)
        }
        // Absent, both options are on in the format.
        parts.addsPrefixSpace = pre_tokenizer?.add_prefix_space ?? true
        parts.splitsWords = pre_tokenizer?.use_regex ?? true
        parts.unknownToken = model.unk_token
        parts.fusesUnknown = model.fuse_unk ?? false
        parts.ignoresMerges = model.ignore_merges ?? false
        parts.merges = model.merges.map(\.pair)
        parts.modelSize = model.vocab.count
        parts.spellings = try spellings(parts)
        for added in added_tokens ?? [] {
            parts.addedTokens.append(
                AddedToken(
                    id: added.id, content: added.content, isSpecial: added.special ?? false,
                    singleWord: added.single_word ?? false, stripsLeft: added.lstrip ?? false,
                    stripsRight: added.rstrip ?? false, normalized: added.normalized ?? false))
        }
        return parts
    }

    private static func flat(_ step: Step?) -> [Step] {
        guard let step else { return [] }
        return step.type == "Sequence" ? (step.normalizers ?? []).flatMap(flat) : [step]
    }

    /// The token of every id, which must run from 0 without a gap: a model's embedding has one row for each.
    private func spellings(_ parts: TokenizerParts) throws(TokenizerError) -> [String] {
        var byID: [String?] = Array(repeating: nil, count: model.vocab.count)
        for (token, id) in model.vocab {
            guard byID.indices.contains(id) else {
                throw parts.inconsistent("model.vocab", "ids 0 ..< \(byID.count)", "\"\(token)\" with id \(id)")
            }
            if let other = byID[id] {
                let pair = [token, other].sorted()
                throw parts.inconsistent("model.vocab", "one token for id \(id)", "\"\(pair[0])\" and \"\(pair[1])\"")
            }
            byID[id] = token
        }
        for (index, added) in (added_tokens ?? []).enumerated() {
            let key = "added_tokens[\(index)]"
            guard !added.content.isEmpty else { throw parts.inconsistent(key, "content that is not empty", "\"\"") }
            if let known = model.vocab[added.content] {
                guard known == added.id else {
                    throw parts.inconsistent(key, "id \(known), as in the vocabulary", "\"\(added.content)\" with id \(added.id)")
                }
            } else {
                guard added.id == byID.count else {
                    throw parts.inconsistent(key, "the next id, \(byID.count)", "\"\(added.content)\" with id \(added.id)")
                }
                byID.append(added.content)
            }
        }
        return byID.compactMap { $0 }
    }
}
