import Foundation
import Testing

@testable import SpectralFormats

/// Against what Python's `tokenizers` gives (see `make_vectors.py` beside the fixtures).
@Suite struct TokenizerVectorTests {
    struct Encoded: Decodable {
        let step: Int
        let ids: [String]
    }

    static let names = ["plain", "lower", "trained", "unknown", "partial", "ignore"]

    static func load<Value: Decodable>(_ name: String, as _: Value.Type = Value.self) throws -> Value {
        let path = try checkpointFixture("tokenizer/" + name)
        return try JSONDecoder().decode(Value.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
    }

    static func unpack(_ packed: String) -> [Int] {
        let digits = packed.utf8.map { Int($0) - ($0 >= 97 ? 87 : 48) }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] * 36 + digits[$0 + 1] }
    }

    static func tokenizer(_ name: String) throws -> Tokenizer {
        try Tokenizer(path: checkpointFixture("tokenizer/\(name).json"))
    }

    @Test(arguments: names) func encodesAsTheReference(name: String) throws {
        let tokenizer = try Self.tokenizer(name)
        let texts: [String] = try Self.load("texts.json")
        let vectors: [String: Encoded] = try Self.load("encoded.json")
        let expected = try #require(vectors[name])
        #expect(texts.count > 2500)
        let chosen = stride(from: 0, to: texts.count, by: expected.step).map { texts[$0] }
        try #require(chosen.count == expected.ids.count)
        for (text, packed) in zip(chosen, expected.ids) {
            #expect(tokenizer.encode(text) == Self.unpack(packed), "\(text.debugDescription)")
        }
    }

    @Test(arguments: names) func decodesAsTheReference(name: String) throws {
        let tokenizer = try Self.tokenizer(name)
        let vectors: [String: [[String]]] = try Self.load("decoded.json")
        for vector in try #require(vectors[name]) {
            let ids = Self.unpack(vector[0])
            #expect(tokenizer.decode(ids, skipSpecial: true).unicodeScalars.elementsEqual(vector[1].unicodeScalars))
            #expect(tokenizer.decode(ids, skipSpecial: false).unicodeScalars.elementsEqual(vector[2].unicodeScalars))
        }
    }

    @Test(arguments: names) func streamsTheSameText(name: String) throws {
        let tokenizer = try Self.tokenizer(name)
        let vectors: [String: [[String]]] = try Self.load("decoded.json")
        let texts: [String] = try Self.load("texts.json")
        let sequences = try #require(vectors[name]).map { Self.unpack($0[0]) } + texts.prefix(300).map(tokenizer.encode)
        for ids in sequences {
            for skip in [true, false] {
                var stream = TokenTextStream(tokenizer, skipSpecial: skip)
                let streamed = ids.map { stream.push($0) }.joined() + stream.finish()
                let whole = tokenizer.decode(ids, skipSpecial: skip)
                #expect(streamed.unicodeScalars.elementsEqual(whole.unicodeScalars), "\(ids)")
            }
        }
    }

    @Test(arguments: names) func rewritesItselfWithoutLoss(name: String) throws {
        let tokenizer = try Self.tokenizer(name)
        let json = tokenizer.json()
        let again = try Tokenizer(json: json)
        #expect(again.json() == json)
        #expect(again.addedTokens == tokenizer.addedTokens)
        let texts: [String] = try Self.load("texts.json")
        for text in texts.enumerated().filter({ $0.offset % 9 == 0 }).map(\.element) {
            #expect(again.encode(text) == tokenizer.encode(text))
        }
    }

    @Test func givesEveryTextBack() throws {
        let tokenizer = try Self.tokenizer("plain")
        let texts: [String] = try Self.load("texts.json")
        for text in texts {
            let back = tokenizer.decode(tokenizer.encode(text), skipSpecial: false)
            #expect(back.unicodeScalars.elementsEqual(text.unicodeScalars))
        }
    }

    @Test func trainsTheFixtureAgain() throws {
        let corpus: [String] = try Self.load("corpus.json")
        let trained = try Tokenizer.train(
            texts: corpus, vocabularySize: 600, normalization: [.nfc, .lowercase], addsPrefixSpace: true)
        let path = try checkpointFixture("tokenizer/trained.json")
        #expect(trained.json() == (try Data(contentsOf: URL(fileURLWithPath: path))))
        #expect(trained.vocabularySize == 600)
    }
}
