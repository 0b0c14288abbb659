// How right the answers to a data set's questions are, by kind.

import SpectralFormats

/// Mean accuracies.
public struct AnswerScores: Codable, Sendable, Equatable {
    public struct Group: Codable, Sendable, Equatable {
        public var asked = 0
        /// Mean over the questions, 0 to 1.
        public var accuracy = 0.0

        mutating func add(_ value: Double) {
            asked += 1
            accuracy += (value - accuracy) / Double(asked)
        }
    }

    /// By which rules an answer is right.
    public enum Rules: String, Codable, Sendable {
        /// The official VQA script's.
        case official
        /// The same, with people's answers normalised as well as the model's.
        case bothNormalised
        /// The answer is the one given.
        case single
    }

    public var rules: Rules
    public var overall = Group()
    /// By what is asked for.
    public var kinds: [String: Group] = [:]
    /// By VQAv2's question type.
    public var types: [String: Group] = [:]

    /// - Parameter answers: one for each question, in order.
    public init(_ questions: [AskedQuestion], answers: [String], rules: Rules) {
        self.rules = rules
        for (question, answer) in zip(questions, answers) {
            let value =
                switch rules {
                case .official: AnswerAccuracy.official(answer, given: question.answers)
                case .bothNormalised: AnswerAccuracy.bothNormalised(answer, given: question.answers)
                case .single: AnswerAccuracy.single(answer, given: question.answers)
                }
            overall.add(value)
            if let kind = question.kind { kinds[kind, default: Group()].add(value) }
            if let type = question.type { types[type, default: Group()].add(value) }
        }
    }

    /// Questions none of whose given answers is in a checkpoint's list, both normalised: no answer to them can be right.
    public static func unanswerable(_ questions: [AskedQuestion], answers: [String]) -> Int {
        let known = Set(answers.map(AnswerText.normalised))
        var seen: [String: Bool] = [:]
        return questions.count { question in
            !question.answers.contains { answer in
                if let isKnown = seen[answer] { return isKnown }
                let isKnown = known.contains(AnswerText.normalised(answer))
                seen[answer] = isKnown
                return isKnown
            }
        }
    }

    /// Whether normalising people's answers changes any of them: then the official rules count less than is right.
    public static func areNormalised(_ questions: [AskedQuestion]) -> Bool {
        var seen: Set<String> = []
        return questions.allSatisfy { question in
            question.answers.allSatisfy { !seen.insert($0).inserted || AnswerText.normalised($0) == $0 }
        }
    }
}
