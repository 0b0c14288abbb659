import Foundation
import TestSupport
import Testing

@testable import SpectralFormats

@Suite struct CheckpointFolderTests {
    static let tensors: [(name: String, shape: [Int], dtype: SafetensorsWriter.DType, values: [Float])] = [
        ("head.weight", [2, 2], .f32, [1, 2, 3, 4]), ("head.bias", [2], .f16, [5, 6]),
    ]
    static let answers = ["yes", "no", "2", "dark grey"]

    /// A sound checkpoint in `scratch`.
    static func write(_ scratch: ScratchFolder, words: Set<String>? = nil, evaluation: Data? = nil, card: String? = nil) throws {
        let tokenizer = try Tokenizer.train(texts: ["a red ring, a red star"], vocabularySize: 280)
        let config = ModelConfig(vocabularySize: tokenizer.vocabularySize, answers: answers.count)
        try CheckpointFolder.write(
            path: scratch.path, config: config, tokenizer: tokenizer, answers: answers, words: words, tensors: tensors,
            evaluation: evaluation, card: card)
    }

    /// What opening says after `edit` was done to a sound checkpoint.
    static func failure(_ edit: (ScratchFolder) throws -> Void) throws -> (any Error)? {
        let scratch = try ScratchFolder()
        try write(scratch)
        try edit(scratch)
        do {
            _ = try CheckpointFolder(path: scratch.path)
            return nil
        } catch {
            expectOneCleanLine(error)
            return error
        }
    }

    @Test func opensWhatItWrote() throws {
        let scratch = try ScratchFolder()
        try Self.write(scratch, evaluation: Data("{\"vqa\":1}".utf8), card: "# Card\n")
        let folder = try CheckpointFolder(path: scratch.path)
        #expect(folder.answers == Self.answers)
        #expect(folder.config.vocabularySize == folder.tokenizer.vocabularySize)
        #expect(try folder.weights.floats("head.bias", shape: [2]) == [5, 6])
        #expect(folder.evaluation == Data("{\"vqa\":1}".utf8) && folder.card == "# Card\n")
        #expect(folder.warnings.isEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path).sorted() == [
            "README.md", "answers.txt", "config.json", "eval.json", "model.safetensors", "tokenizer.json",
        ])
        #expect(try CheckpointFolder(path: scratch.path + "/").answers == Self.answers)
    }

    @Test func measurementsAndCardMayBeAbsent() throws {
        let scratch = try ScratchFolder()
        try Self.write(scratch)
        let folder = try CheckpointFolder(path: scratch.path)
        #expect(folder.evaluation == nil && folder.card == nil)
    }

    @Test func wordsOfTheTrainingMayBeListed() throws {
        let scratch = try ScratchFolder()
        try Self.write(scratch)
        #expect(try CheckpointFolder(path: scratch.path).words == nil)
        try Self.write(scratch, words: ["ring", "a", "größer"])
        #expect(try String(contentsOfFile: scratch.file("words.txt"), encoding: .utf8) == "a\ngrößer\nring\n")
        #expect(try CheckpointFolder(path: scratch.path).words == ["a", "größer", "ring"])
        // As a person may have written it.
        try scratch.put("words.txt", Data("Ring\r\n\n a".utf8))
        #expect(try CheckpointFolder(path: scratch.path).words == ["ring", "a"])
        try Self.write(scratch)
        #expect(try CheckpointFolder(path: scratch.path).words == nil, "an old list does not outlive its checkpoint")
        let error = try Self.failure { try $0.put("words.txt", Data([0xff, 0xfe])) }
        #expect("\(try #require(error))".contains("words.txt"))
    }

    @Test func aMissingFolderOrFileIsNamed() throws {
        let scratch = try ScratchFolder()
        let file = try scratch.put("file", Data())
        for (path, found) in [(scratch.file("none"), "nothing there"), (file, "a file")] {
            #expect(throws: CheckpointError.missing(path: path, expected: "a folder", found: found)) {
                _ = try CheckpointFolder(path: path)
            }
        }
        for name in ["config.json", "tokenizer.json", "answers.txt", "model.safetensors"] {
            for replaceByFolder in [false, true] {
                let error = try Self.failure { scratch in
                    try FileManager.default.removeItem(atPath: scratch.file(name))
                    if replaceByFolder {
                        try FileManager.default.createDirectory(
                            atPath: scratch.file(name), withIntermediateDirectories: false)
                    }
                }
                guard case .missing(_, let expected, _)? = error as? CheckpointError else {
                    Issue.record("\(name): \(String(describing: error))")
                    continue
                }
                #expect(expected.contains(name))
            }
        }
    }

    /// The administrator may read everything, so there is nothing to refuse then.
    @Test(.enabled(if: geteuid() != 0)) func unreadableFilesAreNamed() throws {
        for name in ["", "config.json", "tokenizer.json", "answers.txt", "model.safetensors"] {
            let error = try Self.failure { scratch in
                let path = name.isEmpty ? scratch.path : scratch.file(name)
                try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: path)
            }
            switch error {
            case let error as CheckpointError:
                guard case .unreadable = error else { Issue.record("\(error)"); continue }
            case let error as SafetensorsError:
                guard case .unreadable = error else { Issue.record("\(error)"); continue }
            default: Issue.record("\(name): \(String(describing: error))")
            }
        }
    }

    @Test func everyFileAnswersForItself() throws {
        let config = try Self.failure { try $0.put("config.json", Data("{}".utf8)) }
        guard case .malformedConfig? = config as? CheckpointError else { Issue.record("\(String(describing: config))"); return }
        let tokenizer = try Self.failure { try $0.put("tokenizer.json", Data("{}".utf8)) }
        guard case .malformed? = tokenizer as? TokenizerError else { Issue.record("\(String(describing: tokenizer))"); return }
        let weights = try Self.failure { try $0.put("model.safetensors", Data("{}".utf8)) }
        guard case .malformedHeader? = weights as? SafetensorsError else { Issue.record("\(String(describing: weights))"); return }
    }

    @Test(arguments: [
        ("", "4 answers"), ("yes\nno\n2\n", "4 answers"), ("yes\nno\n2\na\nb\n", "4 answers"),
        ("yes\n\n2\na\n", "an answer on line 2"), ("yes\nno\n \t\na\n", "an answer on line 3"),
        ("yes\nno\nyes\na\n", "every answer once"), ("yes\nno\n2\na\n\n", "an answer on line 5"),
    ])
    func answersMustFit(text: String, expected: String) throws {
        let error = try Self.failure { try $0.put("answers.txt", Data(text.utf8)) }
        guard case .mismatch(_, expected, _)? = error as? CheckpointError else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func answersReadWithAnyLineEnd() throws {
        for text in ["a\nb", "a\r\nb\r\n", "a\nb\n"] {
            #expect(try CheckpointFolder.answers(Data(text.utf8), count: 2, path: "a") == ["a", "b"])
        }
        #expect(throws: CheckpointError.self) {
            _ = try CheckpointFolder.answers(Data([0x61, 0xFF]), count: 1, path: "a")
        }
    }

    @Test func theTokenizerMustBeTheConfigs() throws {
        let size = try Self.failure { scratch in
            let other = try Tokenizer.train(texts: [String](), vocabularySize: 262)
            try scratch.put("tokenizer.json", other.json())
        }
        guard case .mismatch(_, let expected, "262 tokens")? = size as? CheckpointError else {
            Issue.record("\(String(describing: size))")
            return
        }
        #expect(expected.hasPrefix("vocabularySize"))
        let order = try Self.failure { scratch in
            let count = try Tokenizer(path: scratch.file("tokenizer.json")).vocabularySize
            let special = ["<cls>", "<pad>"] + SpecialToken.texts.dropFirst(2)
            let other = try Tokenizer.train(
                texts: ["a red ring, a red star"], vocabularySize: count, specialTokens: special)
            try scratch.put("tokenizer.json", other.json())
        }
        guard case .mismatch(_, "<pad> with id 0", "id 1")? = order as? CheckpointError else {
            Issue.record("\(String(describing: order))")
            return
        }
    }

    @Test func unknownConfigKeysAreWarnings() throws {
        let scratch = try ScratchFolder()
        try Self.write(scratch)
        var text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: scratch.file("config.json"))), as: UTF8.self)
        text = text.replacingOccurrences(of: "{\n", with: "{\n  \"ridg\\u001b\": 1,\n")
        try scratch.put("config.json", Data(text.utf8))
        #expect(try CheckpointFolder(path: scratch.path).warnings
            == ["config.json: the key ridg\\u{1b} is unknown and has no effect"])
    }

    @Test func theHashFollowsTheContent() throws {
        // The published values of FNV-1a 64 for "" and "foobar".
        var hash = FNV1a()
        #expect(hash.value == 0xcbf2_9ce4_8422_2325)
        Array("foobar".utf8).withUnsafeBytes { hash.add($0) }
        #expect(hash.value == 0x8594_4171_f739_67e8)

        let (a, b) = (try ScratchFolder(), try ScratchFolder())
        try Self.write(a)
        try Self.write(b, card: "another card")
        let first = try CheckpointFolder(path: a.path).contentHash()
        #expect(first.count == 16)
        #expect(try CheckpointFolder(path: b.path).contentHash() == first)
        var changed = Self.tensors
        changed[0].values[3] = 4.5
        try SafetensorsWriter.write(path: b.file("model.safetensors"), tensors: changed)
        #expect(try CheckpointFolder(path: b.path).contentHash() != first)
        var config = try CheckpointFolder(path: a.path).config
        config.ridge = 0.5
        try a.put("config.json", config.json())
        #expect(try CheckpointFolder(path: a.path).contentHash() != first)
    }

    @Test func tensorsMustBeTheModels() throws {
        let scratch = try ScratchFolder()
        try Self.write(scratch)
        let folder = try CheckpointFolder(path: scratch.path)
        #expect(try folder.requireTensors([("head.weight", [2, 2]), ("head.bias", [2])]) == [])
        #expect(try folder.requireTensors([("head.weight", [2, 2])])
            == ["model.safetensors: the tensor head.bias is not used by this model"])
        let path = folder.weights.path
        #expect(throws: CheckpointError.wrongTensors(path: path, missing: ["a", "b"], unexpected: ["head.bias"])) {
            try folder.requireTensors([("a", [1]), ("head.weight", [2, 2]), ("b", [1])])
        }
        #expect(throws: SafetensorsError.wrongShape(path: path, name: "head.bias", expected: [3], found: [2])) {
            try folder.requireTensors([("head.weight", [2, 2]), ("head.bias", [3])])
        }
    }

    @Test func nothingIsWrittenThatWouldNotOpen() throws {
        let scratch = try ScratchFolder()
        let tokenizer = try Tokenizer.train(texts: [String](), vocabularySize: 262)
        func refuses(_ config: ModelConfig, _ answers: [String], _ tensors: [(name: String, shape: [Int], dtype: SafetensorsWriter.DType, values: [Float])]) -> Bool {
            do {
                try CheckpointFolder.write(
                    path: scratch.path, config: config, tokenizer: tokenizer, answers: answers, tensors: tensors)
                return false
            } catch {
                expectOneCleanLine(error)
                return true
            }
        }
        #expect(refuses(ModelConfig(width: 0, vocabularySize: 262, answers: 2), ["a", "b"], []))
        #expect(refuses(ModelConfig(vocabularySize: 263, answers: 2), ["a", "b"], []))
        #expect(refuses(ModelConfig(vocabularySize: 262, answers: 2), ["a"], []))
        #expect(refuses(ModelConfig(vocabularySize: 262, answers: 3), ["a\nb", "c"], []))
        #expect(refuses(ModelConfig(vocabularySize: 262, answers: 2), ["a", "a"], []))
        #expect(refuses(ModelConfig(vocabularySize: 262, answers: 1), ["a"], [("w", [1], .f32, [.nan])]))
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path).isEmpty)
    }
}
