import Foundation

/// A checkpoint on disk: a folder with `config.json`, `model.safetensors`, `tokenizer.json` and `answers.txt`, and
/// where they exist `words.txt`, `eval.json` and `README.md`.
///
/// Guarantees, in order: every file is well-formed by itself; config, tokenizer and answers belong together; the
/// weights are open and their header is sound. Whether they are this model's weights is for `requireTensors`.
public struct CheckpointFolder: Sendable {
    public static let configName = "config.json"
    public static let weightsName = "model.safetensors"
    public static let tokenizerName = "tokenizer.json"
    public static let answersName = "answers.txt"
    public static let wordsName = "words.txt"
    public static let evaluationName = "eval.json"
    public static let cardName = "README.md"

    public let path: String
    public let config: ModelConfig
    public let tokenizer: Tokenizer
    /// The answer of each row of the answer head.
    public let answers: [String]
    /// Every word of the texts that were trained on, in lower case; `nil` where there is no `words.txt`, since the tokenizer
    /// was learned from those very texts.
    public let words: Set<String>?
    public let weights: SafetensorsFile
    /// `eval.json` as it stands, if there is one: what was measured, on which data, by which command.
    public let evaluation: Data?
    /// `README.md`, the model card, if there is one.
    public let card: String?
    /// What is odd but no error, one line each.
    public let warnings: [String]
    private let configJSON: Data

    /// - Throws: `CheckpointError`, `TokenizerError` or `SafetensorsError`, by the file that is at fault.
    public init(path: String) throws {
        try Self.requireFolder(path)
        configJSON = try Self.read(Self.configName, in: path)
        config = try ModelConfig(json: configJSON, path: Self.join(path, Self.configName))
        let tokenizerPath = Self.join(path, Self.tokenizerName)
        tokenizer = try Tokenizer(json: Self.read(Self.tokenizerName, in: path), path: tokenizerPath)
        guard tokenizer.vocabularySize == config.vocabularySize else {
            throw CheckpointError.mismatch(
                path: tokenizerPath, expected: "vocabularySize \(config.vocabularySize)",
                found: "\(tokenizer.vocabularySize) tokens")
        }
        for special in SpecialToken.allCases where tokenizer.id(of: special.text) != special.rawValue {
            let found = tokenizer.id(of: special.text).map { "id \($0)" } ?? "no such token"
            throw CheckpointError.mismatch(
                path: tokenizerPath, expected: "\(special.text) with id \(special.rawValue)", found: found)
        }
        answers = try Self.answers(
            Self.read(Self.answersName, in: path), count: config.answers, path: Self.join(path, Self.answersName))
        words = try Self.readIfPresent(Self.wordsName, in: path).map { data throws(CheckpointError) in
            guard let text = String(data: data, encoding: .utf8) else {
                throw .mismatch(path: Self.join(path, Self.wordsName), expected: "UTF-8 text", found: "other bytes")
            }
            return Set(text.lowercased().split(whereSeparator: \.isWhitespace).map(String.init))
        }
        try Self.requireFile(Self.weightsName, in: path)
        weights = try SafetensorsFile(path: Self.join(path, Self.weightsName))
        evaluation = try Self.readIfPresent(Self.evaluationName, in: path)
        card = try Self.readIfPresent(Self.cardName, in: path).map { String(decoding: $0, as: UTF8.self) }
        warnings = ModelConfig.unknownKeys(in: configJSON).map {
            "\(Self.configName): the key \(MessageText.printable($0)) is unknown and has no effect"
        }
        self.path = path
    }

    /// A name for exactly this model: FNV-1a (64 bit) over the config's length and bytes, then the weights', in hex.
    ///
    /// - Throws: `SafetensorsError` if the weights changed since they were opened.
    public func contentHash() throws(SafetensorsError) -> String {
        var hash = FNV1a()
        withUnsafeBytes(of: UInt64(configJSON.count).littleEndian) { hash.add($0) }
        configJSON.withUnsafeBytes { hash.add($0) }
        withUnsafeBytes(of: UInt64(weights.byteCount).littleEndian) { hash.add($0) }
        try weights.forEachPiece { hash.add($0) }
        return hash.hex
    }

    /// Checks that the weights hold all the tensors of a model, each in its shape.
    ///
    /// - Returns: the tensors that the model does not use, as warnings, one line each.
    /// - Throws: `CheckpointError.wrongTensors` naming all that are missing, or `SafetensorsError.wrongShape`.
    public func requireTensors(_ required: [(name: String, shape: [Int])]) throws -> [String] {
        let extra = Set(weights.names).subtracting(required.map(\.name)).sorted()
        let missing = required.map(\.name).filter { weights.shape(of: $0) == nil }
        guard missing.isEmpty else {
            throw CheckpointError.wrongTensors(path: weights.path, missing: missing, unexpected: extra)
        }
        for (name, shape) in required {
            if let found = weights.shape(of: name), found != shape {
                throw SafetensorsError.wrongShape(path: weights.path, name: name, expected: shape, found: found)
            }
        }
        return extra.map { "\(Self.weightsName): the tensor \(MessageText.printable($0)) is not used by this model" }
    }

    /// Writes a checkpoint's files, each atomically, the config last: a folder with a config is complete.
    ///
    /// - Throws: `CheckpointError` for a config, tokenizer and answers that do not fit together, before anything is
    ///   written; `SafetensorsError` for weights that cannot be written.
    public static func write(
        path: String, config: ModelConfig, tokenizer: Tokenizer, answers: [String], words: Set<String>? = nil,
        tensors: [(name: String, shape: [Int], dtype: SafetensorsWriter.DType, values: [Float])],
        metadata: [String: String] = [:], evaluation: Data? = nil, card: String? = nil
    ) throws {
        let configPath = join(path, configName)
        try config.validate(path: configPath)
        guard tokenizer.vocabularySize == config.vocabularySize else {
            throw CheckpointError.mismatch(
                path: join(path, tokenizerName), expected: "vocabularySize \(config.vocabularySize)",
                found: "\(tokenizer.vocabularySize) tokens")
        }
        let answerFile = Data(answers.map { $0 + "\n" }.joined().utf8)
        let readBack = try Self.answers(answerFile, count: config.answers, path: join(path, answersName))
        guard readBack == answers else {
            throw CheckpointError.mismatch(
                path: join(path, answersName), expected: "answers of one line each", found: "a line break in one")
        }
        try AtomicFile.makeFolder(path: path)
        try SafetensorsWriter.write(path: join(path, weightsName), tensors: tensors, metadata: metadata)
        try AtomicFile.write(path: join(path, tokenizerName), tokenizer.json())
        try AtomicFile.write(path: join(path, answersName), answerFile)
        // A list of another run's words would call this one's unknown.
        try? FileManager.default.removeItem(atPath: join(path, wordsName))
        if let words { try AtomicFile.write(path: join(path, wordsName), Data(words.sorted().map { $0 + "\n" }.joined().utf8)) }
        if let evaluation { try AtomicFile.write(path: join(path, evaluationName), evaluation) }
        if let card { try AtomicFile.write(path: join(path, cardName), Data(card.utf8)) }
        try AtomicFile.write(path: configPath, config.json())
    }

    /// One answer to a line; the last line may lack its end.
    static func answers(_ data: Data, count: Int, path: String) throws(CheckpointError) -> [String] {
        func misfit(_ expected: String, _ found: String) -> CheckpointError {
            .mismatch(path: path, expected: expected, found: found)
        }
        guard let text = String(data: data, encoding: .utf8) else { throw misfit("UTF-8 text", "other bytes") }
        var lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }.map(String.init)
        if lines.last == "" { lines.removeLast() }
        var seen: [String: Int] = [:]
        for (index, line) in lines.enumerated() {
            guard !line.allSatisfy(\.isWhitespace) else { throw misfit("an answer on line \(index + 1)", "a blank line") }
            if let first = seen.updateValue(index + 1, forKey: line) {
                throw misfit("every answer once", "\"\(line)\" on lines \(first) and \(index + 1)")
            }
        }
        guard lines.count == count else { throw misfit("\(count) answers", "\(lines.count)") }
        return lines
    }

    static func join(_ folder: String, _ name: String) -> String {
        folder.hasSuffix("/") ? folder + name : folder + "/" + name
    }

    private static func requireFolder(_ path: String) throws(CheckpointError) {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw .missing(path: path, expected: "a folder", found: "nothing there")
        }
        guard isFolder.boolValue else { throw .missing(path: path, expected: "a folder", found: "a file") }
        guard FileManager.default.isReadableFile(atPath: path), FileManager.default.isExecutableFile(atPath: path)
        else { throw .unreadable(path: path, reason: "no permission to look into the folder") }
    }

    private static func requireFile(_ name: String, in folder: String) throws(CheckpointError) {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: join(folder, name), isDirectory: &isFolder) else {
            throw .missing(path: folder, expected: "the file \(name) in it", found: "none")
        }
        guard !isFolder.boolValue else {
            throw .missing(path: folder, expected: "the file \(name) in it", found: "a folder of that name")
        }
    }

    private static func read(_ name: String, in folder: String) throws(CheckpointError) -> Data {
        try requireFile(name, in: folder)
        do {
            return try Data(contentsOf: URL(fileURLWithPath: join(folder, name)))
        } catch {
            throw .unreadable(path: join(folder, name), reason: "the system refused to read it")
        }
    }

    private static func readIfPresent(_ name: String, in folder: String) throws(CheckpointError) -> Data? {
        FileManager.default.fileExists(atPath: join(folder, name)) ? try read(name, in: folder) : nil
    }
}
