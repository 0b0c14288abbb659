import Foundation
import Testing

@testable import SpectralTraining

/// Captions made up for the purpose, with what the public scorer (pycocoevalcap 1.2, its METEOR with modules exact and stem)
/// said of them.
struct CaptionFixture: Decodable {
    struct Image: Decodable {
        let id: Int
        let candidate: String
        let references: [String]
        /// Joined by blanks.
        let candidateTokens: String
        let referenceTokens: [String]
        let scores: [String: Double]
    }
    let corpus: [String: Double]
    let images: [Image]

    init(path: String? = nil) throws {
        let own = Bundle.module.url(forResource: "captions", withExtension: "json", subdirectory: "Fixtures")
        let url = try path.map { URL(fileURLWithPath: $0) } ?? #require(own)
        self = try JSONDecoder().decode(CaptionFixture.self, from: Data(contentsOf: url))
    }

    var captions: [ScoredCaption] { images.map { ScoredCaption(candidate: $0.candidate, references: $0.references) } }
}

extension CaptionScores {
    var byName: [String: Double] {
        var all = ["rougeL": rougeL, "meteor": meteor, "ciderD": ciderD]
        for (place, score) in bleu.enumerated() { all["bleu\(place + 1)"] = score }
        return all
    }
}

struct CaptionScoreTests {
    @Test func tokensAreThePublicScorers() throws {
        let tokeniser = CaptionTokeniser()
        for image in try CaptionFixture().images {
            #expect(tokeniser.tokens(image.candidate).joined(separator: " ") == image.candidateTokens, "\(image.candidate)")
            for (caption, tokens) in zip(image.references, image.referenceTokens) {
                #expect(tokeniser.tokens(caption).joined(separator: " ") == tokens, "\(caption)")
            }
        }
    }

    @Test func scoresAreThePublicScorers() throws {
        let fixture = try CaptionFixture(), found = CaptionScores.score(fixture.captions)
        #expect(fixture.images.count >= 300)
        for (name, value) in found.corpus.byName {
            let expected = try #require(fixture.corpus[name])
            #expect(abs(value - expected) < 1e-6, "\(name): \(value), expected \(expected)")
        }
        // With synonyms and paraphrases it is higher, which the tables say.
        #expect(try #require(fixture.corpus["meteorFull"]) > found.corpus.meteor)
        for (image, scores) in zip(fixture.images, found.images) {
            for (name, value) in scores.byName {
                let expected = try #require(image.scores[name])
                #expect(abs(value - expected) < 1e-4, "image \(image.id), \(name): \(value), expected \(expected)")
            }
        }
    }

    @Test func nothingAndSamenessAreTheEnds() {
        let text = "a small brown dog runs over the wet grass"
        let other = "two red cars stop here now"
        let (same, _) = CaptionScores.score([
            ScoredCaption(candidate: text, references: [text]), ScoredCaption(candidate: other, references: [other]),
        ])
        #expect(same.bleu.allSatisfy { abs($0 - 1) < 1e-6 })
        #expect(abs(same.rougeL - 1) < 1e-9 && abs(same.meteor - 1) < 1e-9 && abs(same.ciderD - 10) < 1e-9)
        let (none, images) = CaptionScores.score([ScoredCaption(candidate: "", references: [text])])
        #expect(none.meteor == 0 && none.ciderD == 0 && none.rougeL == 0 && none.bleu[3] < 1e-6 && images.count == 1)
        #expect(CaptionScores.score([]).images.isEmpty)
    }
}
