// Questions about images with the answers people gave: VQAv2, easy-VQA and Sort-of-CLEVR.

import Foundation

/// A question about an image.
public struct AskedQuestion: Sendable, Equatable {
    /// The file's own id, or in files without ids the place of the question in it, from 0.
    public var id: Int
    /// Path of the image.
    public var image: String
    public var question: String
    /// What people answered: ten answers in VQAv2, else one.
    public var answers: [String]
    /// What is asked for: "yes/no", "number" or "other"; in Sort-of-CLEVR "relational" or "non-relational".
    public var kind: String?
    /// VQAv2's question type.
    public var type: String?

    public init(id: Int, image: String, question: String, answers: [String], kind: String? = nil, type: String? = nil) {
        self.id = id
        self.image = image
        self.question = question
        self.answers = answers
        self.kind = kind
        self.type = type
    }
}

/// The forms questions come in.
public enum QuestionFormat: String, Sendable, CaseIterable {
    /// Two JSON files, questions and annotations.
    case vqav2
    /// A JSON list of [question, answer, image id]; the image is `<id>.png`.
    case easyVQA = "easy-vqa"
    /// A JSON list of {image, question, answer, relational}; the image is the name of a file.
    case sortOfCLEVR = "sort-of-clevr"

    /// Told by the file's first characters.
    public init(of path: String) throws(DatasetFileError) {
        let data = try DatasetReading.data(path, format: "questions")
        let start = String(decoding: data.lazy.filter { !" \t\r\n".utf8.contains($0) }.prefix(2), as: UTF8.self)
        switch (start.first, start.dropFirst().first) {
        case ("{", _): self = .vqav2
        case ("[", "["): self = .easyVQA
        case ("[", "{"): self = .sortOfCLEVR
        default: throw .unknownFormat(path: path, expected: ["a JSON object (VQAv2)", "a list of lists or of objects"])
        }
    }
}

/// Reads questions.
public enum AskedQuestions {
    /// Questions in the file's order.
    ///
    /// - Parameters:
    ///   - annotations: the second file of VQAv2; the others have none.
    ///   - images: the folder of images. That an image is there is not looked at, but in VQAv2, whose images are found by number.
    public static func read(
        _ path: String, annotations: String?, images: String, format: QuestionFormat
    ) throws -> [AskedQuestion] {
        switch format {
        case .vqav2: try vqav2(path, annotations: annotations ?? annotationsPath(beside: path), images: images)
        case .easyVQA: try easyVQA(path, images: images)
        case .sortOfCLEVR: try sortOfCLEVR(path, images: images)
        }
    }

    /// Where annotations are looked for: `annotations.json` beside the questions.
    public static func annotationsPath(beside questions: String) -> String {
        ((questions as NSString).deletingLastPathComponent as NSString).appendingPathComponent("annotations.json")
    }

    private static func vqav2(_ path: String, annotations: String, images folder: String) throws -> [AskedQuestion] {
        let records = try QuestionFiles.questions(path), images = try QuestionFiles.Images(folder: folder)
        var answers: [Int: AnswerRecord] = [:]
        for (place, record) in try QuestionFiles.annotations(annotations).enumerated() {
            guard answers.updateValue(record, forKey: record.questionId) == nil else {
                throw twice(annotations, "VQAv2", "annotations[\(place)].question_id", record.questionId)
            }
        }
        var ids: Set<Int> = []
        return try records.enumerated().map { place, record in
            guard ids.insert(record.questionId).inserted else {
                throw twice(path, "VQAv2", "questions[\(place)].question_id", record.questionId)
            }
            guard let given = answers[record.questionId] else {
                throw QuestionFileError.notAnnotated(path: annotations, question: record.questionId)
            }
            // An image that is not there is for whoever looks at it to tell; two of one number are not.
            let image: String
            do { image = try images.path(of: record.imageId) } catch QuestionFileError.noImage {
                image = (folder as NSString).appendingPathComponent("\(record.imageId).jpg")
            }
            return AskedQuestion(
                id: record.questionId, image: image, question: record.question, answers: given.answers.map(\.answer),
                kind: given.answerType, type: given.questionType)
        }
    }

    private static func easyVQA(_ path: String, images: String) throws(DatasetFileError) -> [AskedQuestion] {
        struct Row: Decodable {
            let question: String
            let answer: String
            let image: Int

            init(from decoder: any Decoder) throws {
                var list = try decoder.unkeyedContainer()
                (question, answer, image) = (try list.decode(String.self), try list.decode(String.self), try list.decode(Int.self))
                guard list.isAtEnd else {
                    throw DecodingError.dataCorruptedError(
                        in: list, debugDescription: "expected [question, answer, image id], found more members")
                }
            }
        }
        let rows = try DatasetReading.json([Row].self, path, format: "easy-VQA")
        guard !rows.isEmpty else { throw none(path, "easy-VQA") }
        return rows.enumerated().map { place, row in
            AskedQuestion(
                id: place, image: (images as NSString).appendingPathComponent("\(row.image).png"), question: row.question,
                answers: [row.answer], kind: AnswerRecord.answerType(of: row.answer))
        }
    }

    private static func sortOfCLEVR(_ path: String, images: String) throws(DatasetFileError) -> [AskedQuestion] {
        struct Row: Decodable {
            let image: String
            let question: String
            let answer: String
            let relational: Bool
        }
        let rows = try DatasetReading.json([Row].self, path, format: "Sort-of-CLEVR")
        guard !rows.isEmpty else { throw none(path, "Sort-of-CLEVR") }
        return rows.enumerated().map { place, row in
            AskedQuestion(
                id: place, image: (images as NSString).appendingPathComponent(row.image), question: row.question,
                answers: [row.answer], kind: row.relational ? "relational" : "non-relational")
        }
    }

    private static func twice(_ path: String, _ format: String, _ place: String, _ id: Int) -> DatasetFileError {
        .malformed(path: path, format: format, place: place, found: "question \(id) is there twice")
    }

    private static func none(_ path: String, _ format: String) -> DatasetFileError {
        .malformed(path: path, format: format, place: "", found: "there are no questions")
    }
}
