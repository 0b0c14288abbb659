import Foundation
import Testing

@testable import SpectralFormats

/// Answers and what the rules of the official VQA script made of them.
struct AnswerAccuracyTests {
    private struct Fixture: Decodable {
        struct Question: Decodable {
            let answer: String
            let given: [String]
            let accuracy: Double
        }
        let normalised: [[String]]
        let questions: [Question]

        init() throws {
            let url = try #require(Bundle.module.url(forResource: "answers", withExtension: "json", subdirectory: "Fixtures/answers"))
            self = try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: url))
        }
    }

    @Test func normalisedAsTheOfficialScriptDoes() throws {
        for pair in try Fixture().normalised { #expect(AnswerText.normalised(pair[0]) == pair[1], "\(pair[0])") }
    }

    @Test func accuraciesAreTheOfficialScripts() throws {
        let questions = try Fixture().questions
        #expect(questions.count == 400 && questions.contains { $0.accuracy > 0 && $0.accuracy < 1 })
        for question in questions {
            let found = AnswerAccuracy.official(question.answer, given: question.given)
            #expect(abs(found - question.accuracy) < 1e-9, "\(question.answer) of \(question.given): \(found)")
        }
    }

    @Test func numberWordsCountOnlyWhereBothSidesAreNormalised() {
        let ten = [String](repeating: "two", count: 10)
        #expect(AnswerAccuracy.official("two", given: ten) == 0)
        #expect(AnswerAccuracy.bothNormalised("two", given: ten) == 1)
        #expect(AnswerAccuracy.bothNormalised("2", given: ["2", "two", "two", "a dog"]) == 0.75 * 2 / 3 + 0.25)
        #expect(AnswerAccuracy.official("yes", given: []) == 0)
        #expect(AnswerAccuracy.single("A rectangle.", given: ["rectangle"]) == 1)
        #expect(AnswerAccuracy.single("circle", given: ["rectangle"]) == 0)
    }
}
