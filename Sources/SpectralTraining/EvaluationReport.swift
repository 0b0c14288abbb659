// What was measured, in the forms it is read in: a table, eval.json, the model card.

import Foundation
import SpectralFormats

/// Several evaluations of one checkpoint.
public struct EvaluationReport: Codable, Sendable {
    public struct Column: Codable, Sendable {
        public let title: String
        /// Of another checkpoint than the report's own; `nil` otherwise.
        public let hash: String?
        /// Training steps behind that other checkpoint's weights, if they say.
        public let trainedSteps: String?
        /// Numbers in the weights that were measured.
        public let parameters: Int?
        public let evaluation: SceneEvaluation

        public init(
            title: String, hash: String? = nil, trainedSteps: String? = nil, parameters: Int? = nil, evaluation: SceneEvaluation
        ) {
            self.title = title
            self.hash = hash
            self.trainedSteps = trainedSteps
            self.parameters = parameters
            self.evaluation = evaluation
        }
    }

    /// What to type to measure it again.
    public let command: String
    /// Of config and weights.
    public let hash: String
    /// Training steps behind the weights, if they say.
    public let trainedSteps: String?
    public let columns: [Column]

    public init(command: String, hash: String, trainedSteps: String?, columns: [Column]) {
        self.command = command
        self.hash = hash
        self.trainedSteps = trainedSteps
        self.columns = columns
    }

    /// A header row, then one row for each figure.
    public var table: [[String]] {
        func percent(_ score: Score?) -> String {
            guard let score, score.asked > 0 else { return "-" }
            return String(format: "%.1f %%", 100 * score.share)
        }
        let evaluations = columns.map(\.evaluation)
        var rows = [[""] + columns.map(\.title)]
        rows.append(["training steps"] + columns.map { $0.trainedSteps ?? trainedSteps ?? "-" })
        rows.append(["parameters"] + columns.map { $0.parameters.map { "\($0)" } ?? "-" })
        rows.append(["VQA overall"] + evaluations.map { percent($0.vqa) })
        for kind in QuestionKind.allCases {
            rows.append(["  \(kind.rawValue)"] + evaluations.map { percent($0.kinds[kind.rawValue]) })
        }
        rows.append(["captions fully right"] + evaluations.map { percent($0.captions) })
        rows.append(["  object phrases true"] + evaluations.map { percent($0.captionObjects) })
        rows.append(["grounding mean IoU"] + evaluations.map { $0.groundings == 0 ? "-" : String(format: "%.3f", $0.groundingIoU) })
        return rows
    }

    /// The table in Markdown, with the command that made it.
    public var markdown: String {
        let rows = table.map { "| " + $0.map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: " | ") + " |" }
        let rule = "|" + String(repeating: " --- |", count: columns.count + 1)
        return ([rows[0], rule] + rows.dropFirst()).joined(separator: "\n") + "\n\nMeasured by `\(command)`.\n"
    }

    private static let open = "<!-- measured: begin -->", close = "<!-- measured: end -->"

    /// Writes eval.json, and the table between the model card's marks if it has them.
    public func write(folder: String) throws {
        let url = URL(fileURLWithPath: folder), encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try AtomicFile.write(
            path: url.appendingPathComponent(CheckpointFolder.evaluationName).path, encoder.encode(self) + Data("\n".utf8))
        let card = url.appendingPathComponent(CheckpointFolder.cardName)
        guard let text = try? String(contentsOf: card, encoding: .utf8), let begin = text.range(of: Self.open),
            let end = text.range(of: Self.close, range: begin.upperBound..<text.endIndex)
        else { return }
        let renewed = text[..<begin.upperBound] + "\n" + markdown + text[end.lowerBound...]
        try AtomicFile.write(path: card.path, Data(renewed.utf8))
    }
}
