// What a model said, in the forms the official evaluators read.

import Foundation

/// A caption in a COCO results file: [{"caption": .., "image_id": ..}], https://cocodataset.org/#format-results
public struct CaptionResult: Sendable, Equatable, Codable {
    public var imageId: Int
    public var caption: String

    public init(imageId: Int, caption: String) {
        self.imageId = imageId
        self.caption = caption
    }
}

/// An answer in a VQAv2 results file: [{"answer": .., "question_id": ..}], https://visualqa.org/evaluation.html
public struct AnswerResult: Sendable, Equatable, Codable {
    public var questionId: Int
    public var answer: String

    public init(questionId: Int, answer: String) {
        self.questionId = questionId
        self.answer = answer
    }
}

/// Writes results.
public enum ResultFiles {
    /// Writes a list of results whole, one to a line: a file of the right name is complete.
    public static func write(_ results: [some Encodable], to path: String) throws {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var data = Data("[".utf8)
        for (place, result) in results.enumerated() {
            data += (place == 0 ? Data() : Data(",\n".utf8)) + (try encoder.encode(result))
        }
        try AtomicFile.write(path: path, data + Data("]\n".utf8))
    }
}
