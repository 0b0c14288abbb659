import Testing

@testable import SpectralFormats

@Suite("Scenes: questions")
struct SceneQuestionTests {
    static let scenes = (0..<2000).map { Scene.draw(split: .train, seed: 11, index: $0) }
    static let questions = scenes.map { $0.questions(count: 12) }

    @Test("every answer is what an oracle finds that reads the text and the objects")
    func oracle() {
        for (scene, questions) in zip(Self.scenes, Self.questions) {
            let oracle = SceneOracle(scene: scene)
            #expect(questions.count == 12)
            #expect(Set(questions.map(\.text)).count == 12)
            for question in questions {
                let found = oracle.answer(question.text)
                #expect(found == question.answer, "\(question.text) in: \(scene.caption())")
                #expect(SceneVocabulary.answerNumber(question.answer) != nil)
            }
        }
    }

    @Test("questions do not hold the answer they ask for, and digits are asked of objects that bear one")
    func noLeaks() {
        for question in Self.questions.joined() {
            let words = question.text.dropLast().split(separator: " ").map(String.init)
            switch question.kind {
            case .color, .shape, .size, .digit, .gradient, .texture: #expect(!words.contains(question.answer))
            default: break
            }
        }
    }

    @Test("relations are asked only where the centres are at least four pixels apart along the axis")
    func relationDistance() {
        for (scene, questions) in zip(Self.scenes, Self.questions) {
            for question in questions where question.kind == .relation {
                let horizontal = question.text.contains("left of") || question.text.contains("right of")
                let words = question.text.dropLast().split(separator: " ").map(String.init)
                    .filter { !["lie", "of"].contains($0) }
                guard let second = words.lastIndex(of: "the") else {
                    Issue.record("no second object in \(question.text)")
                    continue
                }
                let oracle = SceneOracle(scene: scene)
                let one = oracle.matching(Array(words[2..<(second - 1)]))?.first
                let other = oracle.matching(Array(words[(second + 1)...]))?.first
                guard let one, let other else {
                    Issue.record("an object is missing in \(question.text)")
                    continue
                }
                #expect((horizontal ? abs(one.x - other.x) : abs(one.y - other.y)) >= 4)
            }
        }
    }

    @Test("no kind can be answered well without the image")
    func balance() {
        var tally: [QuestionKind: [String: Int]] = [:]
        for question in Self.questions.joined() { tally[question.kind, default: [:]][question.answer, default: 0] += 1 }
        // The share of the most common answer; even answers would give 1/8, 1/5, 1/8, 1/10, 1/2, 1/5, 1/2, 1/2, 1/4, 1/4.
        let bounds: [QuestionKind: Double] = [
            .color: 0.17, .shape: 0.24, .texture: 0.18, .digit: 0.18, .size: 0.55, .count: 0.48, .exist: 0.54,
            .relation: 0.54, .tone: 0.29, .gradient: 0.29,
        ]
        for kind in QuestionKind.allCases {
            let answers = tally[kind] ?? [:]
            let total = answers.values.reduce(0, +)
            #expect(total > 200, "\(kind)")
            #expect(Double(answers.values.max() ?? total) <= bounds[kind]! * Double(total), "\(kind): \(answers)")
        }
        #expect(Set(tally[.count]!.keys) == ["zero", "one", "two", "three", "four"])
        let zero = Double(tally[.count]!["zero"]!) / Double(tally[.count]!.values.reduce(0, +))
        #expect((0.12...0.3).contains(zero))
    }

    @Test("no word in a yes/no question gives its answer away")
    func wordGiveaways() {
        var tally: [String: (yes: Int, all: Int)] = [:]
        for question in Self.questions.joined() where [.exist, .relation].contains(question.kind) {
            for word in Set(question.text.dropLast().split(separator: " ")) {
                let key = "\(question.kind.rawValue) \(word)"
                tally[key, default: (0, 0)].all += 1
                if question.answer == "yes" { tally[key]!.yes += 1 }
            }
        }
        for (key, count) in tally where count.all >= 100 {
            let share = Double(count.yes) / Double(count.all)
            // Four standard deviations of a fair coin, and a tenth for what near misses must favour.
            let slack = 0.1 + 4 * 0.5 / Double(count.all).squareRoot()
            #expect(abs(share - 0.5) < slack, "\(key): \(count)")
        }
        #expect(tally.count > 30)
    }

    @Test("kinds come evenly: each that can be asked comes before any comes three times")
    func kindsAreDealt() {
        for (scene, questions) in zip(Self.scenes, Self.questions).prefix(500) {
            var counts: [QuestionKind: Int] = [:]
            for question in questions { counts[question.kind, default: 0] += 1 }
            for kind in [QuestionKind.count, .exist, .tone, .gradient] { #expect((counts[kind] ?? 0) >= 1) }
            let hasDigit = scene.objects.contains { $0.digit != nil }
            if !hasDigit { #expect(counts[.digit] == nil) }
        }
    }

    @Test("a request for more than the scene has to offer ends, with texts repeated")
    func many() {
        let questions = Scene(objects: [], tone: .dark).questions(count: 60)
        #expect(questions.count == 60)
        #expect(Scene.draw(split: .train, seed: 1, index: 1).questions(count: 0).isEmpty)
    }

    @Test("the answer list is the specified one")
    func answers() {
        let expected =
            "yes no red green blue yellow purple cyan orange white circle square triangle cross ring "
            + "plain horizontal_stripes vertical_stripes rising_stripes falling_stripes checks dots digit small large "
            + "zero one two three four five six seven eight nine dark bright left right top bottom"
        #expect(
            SceneVocabulary.answers.map { $0.split(separator: " ").joined(separator: "_") }.joined(separator: " ")
                == expected)
        #expect(SceneVocabulary.answerNumber("no") == 1)
        #expect(SceneVocabulary.answerNumber("maybe") == nil)
    }

    @Test("the tokenizer's texts hold every word of captions, questions and answers")
    func vocabulary() {
        func words(_ texts: [String]) -> Set<String> {
            Set(texts.flatMap { $0.split { $0 == " " || $0 == "?" }.map(String.init) })
        }
        let known = words(SceneVocabulary.sampleTexts(scenes: 300))
        var used = words(SceneVocabulary.answers)
        for (scene, questions) in zip(Self.scenes, Self.questions).prefix(1000) {
            used.formUnion(words([scene.caption()] + questions.map(\.text) + scene.referringPhrases().map(\.phrase)))
        }
        #expect(used.subtracting(known).isEmpty)
    }
}
