/// What a question is about.
public enum QuestionKind: String, Sendable, CaseIterable, Codable {
    case color, shape, texture, digit, size, count, exist, relation, tone, gradient

    static let all = allCases
}

/// A question with its one right answer, which is always one of `SceneVocabulary.answers`.
public struct SceneQuestion: Sendable, Equatable {
    public let kind: QuestionKind
    public let text: String
    public let answer: String

    public init(kind: QuestionKind, text: String, answer: String) {
        self.kind = kind
        self.text = text
        self.answer = answer
    }
}

extension Scene {
    /// The scene's own questions: a pure function of split, seed, index and `count`.
    public func questions(count: Int) -> [SceneQuestion] {
        var random = SceneRandom(split: split, seed: seed, index: index, purpose: .questions)
        return questions(count: count, using: &random)
    }

    /// Draws questions with their answers.
    ///
    /// Kinds are dealt from a shuffled deck of all ten, so that each comes once before any comes twice; a kind the scene
    /// has no question for is passed over. A scene with a digit asks about it first, because digits are rare. No text
    /// comes twice as long as the scene has others to offer.
    public func questions(count: Int, using random: inout SceneRandom) -> [SceneQuestion] {
        var questions: [SceneQuestion] = []
        questions.reserveCapacity(max(count, 0))
        var deck: [QuestionKind] = []
        var passes = 0
        while questions.count < count {
            if deck.isEmpty {
                deck = random.shuffle(QuestionKind.all)
                passes += 1
                if passes == 1, let digit = deck.firstIndex(of: .digit) { deck.swapAt(digit, deck.count - 1) }
            }
            let kind = deck.removeLast()
            // Tone and gradient can always be asked, so every pass adds one once repeats are let in.
            let repeatsAllowed = passes > count / QuestionKind.all.count + 4
            guard let question = question(kind, using: &random) else { continue }
            if repeatsAllowed || !questions.contains(where: { $0.text == question.text }) { questions.append(question) }
        }
        return questions
    }

    /// One question of a kind, or nil when the scene has none that is unambiguous.
    public func question(_ kind: QuestionKind, using random: inout SceneRandom) -> SceneQuestion? {
        switch kind {
        case .color, .shape, .texture, .digit, .size: attributeQuestion(kind, using: &random)
        case .count: countQuestion(using: &random)
        case .exist: existenceQuestion(using: &random)
        case .relation: relationQuestion(using: &random)
        case .tone: toneQuestion(using: &random)
        case .gradient:
            SceneQuestion(kind: .gradient, text: random.pick(Self.gradientTexts), answer: brighterSide.word)
        }
    }

    private static let gradientTexts = ["which side is brighter?", "which side of the scene is brighter?"]

    private func toneQuestion(using random: inout SceneRandom) -> SceneQuestion {
        switch random.below(4) {
        case 0: SceneQuestion(kind: .tone, text: "is the scene dark?", answer: tone == .dark ? "yes" : "no")
        case 1: SceneQuestion(kind: .tone, text: "is the scene bright?", answer: tone == .bright ? "yes" : "no")
        case 2: SceneQuestion(kind: .tone, text: "is the scene dark or bright?", answer: tone.word)
        default: SceneQuestion(kind: .tone, text: "is the background dark or bright?", answer: tone.word)
        }
    }

    // MARK: Attributes of one object

    /// Forms a question of a kind may use: they must not give the answer away. The second list is for scenes in which
    /// none of the first is unique.
    private static func forms(_ kind: QuestionKind) -> (first: [ReferringForm], otherwise: [ReferringForm]) {
        switch kind {
        case .color: ([.shape], [.sizeShape])
        case .shape: ([.colourObject], [.sizeColourObject])
        case .size: ([.shape, .colourObject, .colourShape], [])
        default: ([.shape, .colourObject, .colourShape], [.sizeColourShape])
        }
    }

    /// A unique way to name an object, or nil.
    private func reference(to index: Int, _ kind: QuestionKind, using random: inout SceneRandom) -> String? {
        let forms = Self.forms(kind)
        var unique = forms.first.filter { isUnique($0, index) }
        if unique.isEmpty { unique = forms.otherwise.filter { isUnique($0, index) } }
        return unique.isEmpty ? nil : random.pick(unique).words(objects[index])
    }

    /// Object indices in random order, in the held-out split those of unseen combinations first.
    private func candidates(using random: inout SceneRandom) -> [Int] {
        let order = random.shuffle(Array(objects.indices))
        guard split == .heldout else { return order }
        return order.filter { objects[$0].isHeldOut } + order.filter { !objects[$0].isHeldOut }
    }

    private func attributeQuestion(_ kind: QuestionKind, using random: inout SceneRandom) -> SceneQuestion? {
        var order = candidates(using: &random)
        if kind == .digit { order.removeAll { objects[$0].digit == nil } }
        if kind == .size, split != .heldout {
            // Crowded scenes hold more small objects than large ones; asking by size keeps the answers even.
            let wanted = random.pick(SceneSize.self)
            order = order.filter { objects[$0].size == wanted } + order.filter { objects[$0].size != wanted }
        }
        for index in order {
            guard let name = reference(to: index, kind, using: &random) else { continue }
            let object = objects[index]
            let templates = SceneTemplates.attribute[kind] ?? []
            let template = random.pick(templates)
            let answer =
                switch kind {
                case .color: object.colour.word
                case .shape: object.shape.word
                case .texture: object.texture.word
                case .size: object.size.word
                default: SceneNumber.words[object.digit ?? 0]
                }
            return SceneQuestion(kind: kind, text: "\(template.before)\(name)\(template.after)", answer: answer)
        }
        return nil
    }

    // MARK: Relations

    private func relationQuestion(using random: inout SceneRandom) -> SceneQuestion? {
        let order = candidates(using: &random)
        let wantsYes = random.chance(0.5)
        let horizontalFirst = random.chance(0.5)
        // The pair comes out in random order, so that where an object lies says nothing about its place in the text.
        let swapped = random.chance(0.5)
        for (place, one) in order.enumerated() {
            for other in order[(place + 1)...] {
                let (a, b) = swapped ? (other, one) : (one, other)
                guard let first = reference(to: a, .relation, using: &random),
                    let second = reference(to: b, .relation, using: &random)
                else { continue }
                let (dx, dy) = (objects[b].x - objects[a].x, objects[b].y - objects[a].y)
                let horizontal = abs(dx) >= 4 && (horizontalFirst || abs(dy) < 4)
                guard horizontal || abs(dy) >= 4 else { continue }
                let ahead = horizontal ? dx > 0 : dy > 0
                let relation: SceneRelation =
                    horizontal ? (ahead == wantsYes ? .leftOf : .rightOf) : (ahead == wantsYes ? .above : .below)
                let template = random.pick(SceneTemplates.relation)
                return SceneQuestion(
                    kind: .relation,
                    text: "\(template.before)\(first)\(template.after)\(relation.word) the \(second)?",
                    answer: wantsYes ? "yes" : "no")
            }
        }
        return nil
    }
}

/// The paraphrases of the questions: the words before and after the name they are about.
enum SceneTemplates {
    static let attribute: [QuestionKind: [(before: String, after: String)]] = [
        .color: [("what color is the ", "?"), ("what colour is the ", "?"), ("which color does the ", " have?")],
        .shape: [("what shape is the ", "?"), ("which shape does the ", " have?")],
        .texture: [
            ("what pattern is on the ", "?"), ("what texture is the ", "?"), ("which pattern does the ", " have?"),
        ],
        .digit: [("what digit is on the ", "?"), ("which digit is on the ", "?")],
        .size: [("what size is the ", "?"), ("how big is the ", "?")],
    ]
    static let relation = [(before: "is the ", after: " "), (before: "does the ", after: " lie ")]
    static let count = [(before: "how many ", after: " are there?"), (before: "how many ", after: " can you see?")]
    static let existence = ["is there ", "can you see "]
}
