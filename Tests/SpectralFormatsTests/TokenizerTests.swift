import Foundation
import TestSupport
import Testing

@testable import SpectralFormats

@Suite struct TokenizerTests {
    /// A small file of the format; `edit` turns it into the one under test.
    static func json(_ edit: (inout [String: Any]) -> Void = { _ in }) throws -> Data {
        var file: [String: Any] = [
            "version": "1.0",
            "added_tokens": [["id": 4, "content": "<end>", "special": true]],
            "pre_tokenizer": ["type": "ByteLevel", "add_prefix_space": false, "use_regex": true],
            "decoder": ["type": "ByteLevel"],
            "model": ["type": "BPE", "vocab": ["a": 0, "b": 1, "c": 2, "ab": 3], "merges": ["a b"]],
        ]
        edit(&file)
        return try JSONSerialization.data(withJSONObject: file, options: [.sortedKeys])
    }

    static func model(_ file: inout [String: Any], _ key: String, _ value: Any) {
        var model = file["model"] as? [String: Any] ?? [:]
        model[key] = value
        file["model"] = model
    }

    static func failure(_ data: Data) -> TokenizerError? {
        do throws(TokenizerError) {
            _ = try Tokenizer(json: data, path: "t.json")
            return nil
        } catch {
            return error
        }
    }

    @Test func readsTheSmallFile() throws {
        let tokenizer = try Tokenizer(json: Self.json())
        #expect(tokenizer.encode("abcb<end>zab") == [3, 2, 1, 4, 3])
        #expect(tokenizer.vocabularySize == 5)
        #expect(tokenizer.id(of: "<end>") == 4 && tokenizer.token(of: 3) == "ab" && tokenizer.id(of: "x") == nil)
        #expect(tokenizer.decode([3, 4, 2, 99, -1]) == "abc")
        #expect(tokenizer.decode([3, 4, 2], skipSpecial: false) == "ab<end>c")
        #expect(tokenizer.text(of: 3) == "ab" && tokenizer.text(of: 5) == "" && tokenizer.bytes(of: -1) == [])
        #expect(tokenizer.isSpecial(4) && !tokenizer.isSpecial(3))
    }

    @Test func splitsAsThePatternSays() {
        func pieces(_ text: String) -> [String] {
            var pieces: [String] = []
            ByteLevel.split(text) { pieces.append(String(decoding: $0, as: UTF8.self)) }
            return pieces
        }
        #expect(pieces("") == [])
        #expect(pieces("It's what we'll say, they'Re 12th!") == [
            "It", "'s", " what", " we", "'ll", " say", ",", " they", "'", "Re", " 12", "th", "!",
        ])
        #expect(pieces("a  b \n c\t") == ["a", " ", " b", " \n", " c", "\t"])
        #expect(pieces("   ") == ["   "])
        #expect(pieces("'l 'v're") == ["'", "l", " '", "v", "'re"])
        #expect(pieces("a\u{3000}\u{3000}日本") == ["a", "\u{3000}", "\u{3000}", "日本"])
    }

    @Test func theByteAlphabetIsOneToOne() {
        #expect(Set(ByteLevel.scalars).count == 256)
        for byte in UInt8.min ... .max {
            #expect(ByteLevel.bytes(of: ByteLevel.token(of: [byte])) == [byte])
        }
        #expect(ByteLevel.token(of: [0x20, 0x0A, 0xFF]) == "ĠĊÿ")
        #expect(ByteLevel.bytes(of: "▁a") == nil)
    }

    /// Independent: every step counts all pairs anew.
    @Test func trainingTakesTheMostFrequentPair() throws {
        let texts = ["aaabdaaabac aaab", "the thin thaw, then", "bab bab abba abab", "ÿÿ þþ ÿþ", "<eos>zzzz<eos>zzzz"]
        let special = ["<pad>", "<eos>"]
        let trained = try Tokenizer.train(texts: texts, vocabularySize: 300, specialTokens: special)

        var words: [[[UInt8]]] = []
        for text in texts {
            for part in text.components(separatedBy: "<eos>") {
                ByteLevel.split(part) { words.append($0.map { [$0] }) }
            }
        }
        var merges: [[String]] = []
        while true {
            var counts: [[[UInt8]]: Int] = [:]
            for word in words { for pair in zip(word, word.dropFirst()) { counts[[pair.0, pair.1], default: 0] += 1 } }
            let best = counts.filter { $0.value >= 2 }.min { a, b in
                if a.value != b.value { return a.value > b.value }
                if a.key[0] != b.key[0] { return a.key[0].lexicographicallyPrecedes(b.key[0]) }
                return a.key[1].lexicographicallyPrecedes(b.key[1])
            }
            guard let pair = best?.key, merges.count < 300 - 258 else { break }
            merges.append(pair.map { ByteLevel.token(of: $0) })
            words = words.map { word in
                var merged: [[UInt8]] = []
                for part in word {
                    // A part just made is longer than the pair's left, so it cannot be taken for it again.
                    if let last = merged.last, last == pair[0], part == pair[1] {
                        merged[merged.count - 1] = pair[0] + pair[1]
                    } else {
                        merged.append(part)
                    }
                }
                return merged
            }
        }
        #expect(merges.count > 10)
        #expect(trained.merges == merges)
        #expect(trained.id(of: "<pad>") == 0 && trained.id(of: "<eos>") == 1)
        #expect(trained.id(of: "!") == 2 && trained.vocabularySize == 258 + merges.count)
    }

    @Test func trainingNeedsRoomAndProperSpecials() {
        for (size, special) in [(261, SpecialToken.texts), (300, ["<a>", "<a>"]), (300, [""]), (300, ["a"])] {
            #expect {
                _ = try Tokenizer.train(texts: ["text"], vocabularySize: size, specialTokens: special)
            } throws: { error in
                expectOneCleanLine(error)
                guard case .untrainable? = error as? TokenizerError else { return false }
                return true
            }
        }
    }

    @Test func trainingOnNothingKeepsTheBytes() throws {
        let tokenizer = try Tokenizer.train(texts: [String](), vocabularySize: 1000)
        #expect(tokenizer.vocabularySize == 262)
        #expect(SpecialToken.texts.map { tokenizer.id(of: $0) } == [0, 1, 2, 3, 4, 5])
        #expect(SpecialToken.texts == ["<pad>", "<cls>", "<eos>", "<caption>", "<vqa>", "<ground>"])
        #expect(tokenizer.decode(tokenizer.encode("hé <vqa>?"), skipSpecial: false) == "hé <vqa>?")
    }

    /// A special token's look-alike must stay text, however often it was seen.
    @Test func normalizedTextNeverTurnsIntoASpecialToken() throws {
        let texts = Array(repeating: "<EOS>", count: 50)
        let tokenizer = try Tokenizer.train(texts: texts, vocabularySize: 300, normalization: [.lowercase])
        #expect(!tokenizer.encode("<EOS>").contains(SpecialToken.eos.rawValue))
        #expect(tokenizer.encode("<eos>") == [SpecialToken.eos.rawValue])
    }

    @Test func longWordsTakeNoSquareTime() throws {
        let tokenizer = try Tokenizer(json: Self.json())
        #expect(tokenizer.encode(String(repeating: "ab", count: 50_000)) == Array(repeating: 3, count: 50_000))
    }

    @Test func aStreamHoldsOpenCharactersBack() throws {
        let tokenizer = try Tokenizer.train(texts: [String](), vocabularySize: 262)
        func id(_ byte: UInt8) throws -> Int { try #require(tokenizer.id(of: ByteLevel.token(of: [byte]))) }
        var stream = TokenTextStream(tokenizer)
        var shown: [String] = []
        for byte in Array("é日👍".utf8) + [0xE6, 0x41] { shown.append(stream.push(try id(byte))) }
        #expect(shown == ["", "é", "", "", "日", "", "", "", "👍", "", "\u{FFFD}A"])
        _ = stream.push(try id(0xF0))
        #expect(stream.finish() == "\u{FFFD}")
        #expect(stream.finish() == "")
    }

    @Test func malformedFilesNameThePlace() throws {
        let cases: [(Data, String)] = [
            (Data("{".utf8), ""), (Data("[]".utf8), ""), (Data([0xFF, 0xFE, 0x00]), ""),
            (try Self.json { $0["model"] = nil }, "model"),
            (try Self.json { Self.model(&$0, "vocab", ["a": "0"]) }, "model.vocab.a"),
            (try Self.json { Self.model(&$0, "merges", [["a", "b", "c"]]) }, "model.merges[0]"),
            (try Self.json { Self.model(&$0, "merges", ["ab"]) }, "model.merges[0]"),
            (try Self.json { Self.model(&$0, "merges", "a b") }, "model.merges"),
            (try Self.json { $0["added_tokens"] = [["content": "<x>"]] }, "added_tokens[0].id"),
        ]
        for (data, place) in cases {
            let error = try #require(Self.failure(data))
            expectOneCleanLine(error)
            guard case .malformed(_, let key, _) = error else {
                Issue.record("\(error)")
                continue
            }
            #expect(key == place)
        }
    }

    @Test func unsupportedPartsAreRefused() throws {
        let cases: [(String, (inout [String: Any]) -> Void)] = [
            ("model.type", { Self.model(&$0, "type", "Unigram") }),
            ("model.dropout", { Self.model(&$0, "dropout", 0.1) }),
            ("model.byte_fallback", { Self.model(&$0, "byte_fallback", true) }),
            ("model.continuing_subword_prefix", { Self.model(&$0, "continuing_subword_prefix", "##") }),
            ("model.end_of_word_suffix", { Self.model(&$0, "end_of_word_suffix", "</w>") }),
            ("pre_tokenizer", { $0["pre_tokenizer"] = ["type": "Whitespace"] }),
            ("pre_tokenizer", { $0["pre_tokenizer"] = nil }),
            ("decoder", { $0["decoder"] = ["type": "BPEDecoder"] }),
            ("normalizer", { $0["normalizer"] = ["type": "Sequence", "normalizers": [["type": "NFKC"]]] }),
        ]
        for (part, edit) in cases {
            let error = try #require(Self.failure(Self.json(edit)))
            expectOneCleanLine(error)
            guard case .unsupported(_, let key, _, _) = error else {
                Issue.record("\(error)")
                continue
            }
            #expect(key == part)
        }
    }

    @Test func contradictionsAreRefused() throws {
        let cases: [(String, (inout [String: Any]) -> Void)] = [
            ("model.vocab", { Self.model(&$0, "vocab", ["a": 0, "b": 1, "c": 1, "ab": 3]) }),
            ("model.vocab", { Self.model(&$0, "vocab", ["a": 0, "b": 1, "c": 7, "ab": 3]) }),
            ("model.vocab", { Self.model(&$0, "vocab", ["a": 0, "b": -1, "c": 2, "ab": 3]) }),
            ("model.merges[1]", { Self.model(&$0, "merges", ["a b", "b c"]) }),
            ("model.merges[0]", { Self.model(&$0, "merges", [["x", "b"]]) }),
            ("model.unk_token", { Self.model(&$0, "unk_token", "<unk>") }),
            ("added_tokens[0]", { $0["added_tokens"] = [["id": 9, "content": "<x>"]] }),
            ("added_tokens[0]", { $0["added_tokens"] = [["id": 1, "content": "a"]] }),
            ("added_tokens[0]", { $0["added_tokens"] = [["id": 4, "content": ""]] }),
            ("vocab", { $0["added_tokens"] = [["id": 4, "content": "<x>"], ["id": 5, "content": "<x>"]] }),
        ]
        for (index, (part, edit)) in cases.enumerated() {
            let error = try #require(Self.failure(Self.json(edit)), "case \(index)")
            expectOneCleanLine(error)
            guard case .inconsistent(_, let key, _, _) = error else {
                Issue.record("\(error)")
                continue
            }
            #expect(key == part)
        }
        // Control characters are allowed in a token, but never reach a message as they are.
        let hostile = try Self.json { $0["added_tokens"] = [["id": 9, "content": "\u{1B}[31m\n\u{202E}"]] }
        let error = try #require(Self.failure(hostile))
        expectOneCleanLine(error)
        #expect("\(error)".contains("\\u{1b}[31m\\u{a}\\u{202e}"))
    }

    @Test func aMissingFileIsUnreadable() throws {
        let scratch = try ScratchFolder()
        for path in [scratch.file("none.json"), scratch.path] {
            #expect {
                _ = try Tokenizer(path: path)
            } throws: { error in
                expectOneCleanLine(error)
                guard case .unreadable(let named, _)? = error as? TokenizerError else { return false }
                return named == path
            }
        }
    }
}
