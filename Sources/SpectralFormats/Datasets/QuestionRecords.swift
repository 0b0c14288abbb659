// Records of the VQAv2 questions and annotations files. Keys are written in snake case.
// Source: the VQA data format, https://visualqa.org/vqa_v2_teaser.html and https://visualqa.org/download.html

/// A question of a VQAv2 questions file.
public struct QuestionRecord: Sendable, Equatable, Codable {
    public var questionId: Int
    public var imageId: Int
    public var question: String

    public init(questionId: Int, imageId: Int, question: String) {
        self.questionId = questionId
        self.imageId = imageId
        self.question = question
    }
}

/// The answers to a question in a VQAv2 annotations file.
public struct AnswerRecord: Sendable, Equatable, Codable {
    /// One of the ten answers given to a question.
    public struct Given: Sendable, Equatable, Codable {
        public var answerId: Int
        public var answer: String
        public var answerConfidence: String
    }

    public var questionId: Int
    public var imageId: Int
    public var questionType: String
    /// "yes/no", "number" or "other".
    public var answerType: String
    public var multipleChoiceAnswer: String
    public var answers: [Given]

    /// The record of a question with one certain answer: all ten of the answers are that one.
    public init(questionId: Int, imageId: Int, questionType: String, answer: String) {
        self.questionId = questionId
        self.imageId = imageId
        self.questionType = questionType
        answerType = Self.answerType(of: answer)
        multipleChoiceAnswer = answer
        answers = (1...10).map { Given(answerId: $0, answer: answer, answerConfidence: "yes") }
    }

    /// "yes/no", "number" (a number word of the scenes) or "other".
    static func answerType(of answer: String) -> String {
        if answer == "yes" || answer == "no" { return "yes/no" }
        return SceneNumber.words.contains(answer) ? "number" : "other"
    }
}
