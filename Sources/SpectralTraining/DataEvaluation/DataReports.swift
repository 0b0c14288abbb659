// What was measured on a data set, as a table and as JSON.

import Foundation
import SpectralFormats

/// A table of figures that says how to measure them again.
public protocol MeasuredTable: Encodable {
    /// What to type.
    var command: String { get }
    /// A header row, then one row for each figure.
    var table: [[String]] { get }
    /// What a reader of the figures must know, a line each.
    var notes: [String] { get }
}

extension MeasuredTable {
    /// The table in Markdown, with the command that made it.
    public var markdown: String {
        func cell(_ text: String) -> String {
            MessageText.printable(text, limit: .max).trimmingCharacters(in: .whitespaces).replacingOccurrences(of: "|", with: "\\|")
        }
        let rows = table.map { "| " + $0.map(cell).joined(separator: " | ") + " |" }
        let rule = "|" + String(repeating: " --- |", count: table[0].count)
        let said = notes.map { "\n" + MessageText.printable($0, limit: .max) + "\n" }.joined()
        return ([rows[0], rule] + rows.dropFirst()).joined(separator: "\n") + "\n" + said
            + "\nMeasured by `\(MessageText.printable(command, limit: .max))`.\n"
    }
}

/// What both kinds of report say of a data set and of the checkpoint.
public struct MeasuredData: Codable, Sendable {
    /// Name of the file.
    public var name: String
    public var format: String
    public var images: Int
    /// Images that could not be read; what was said of them is empty and counts as wrong.
    public var unreadable: Int

    public init(name: String, format: String, images: Int, unreadable: Int) {
        self.name = name
        self.format = format
        self.images = images
        self.unreadable = unreadable
    }

    var note: [String] {
        unreadable == 0 ? [] : ["\(unreadable) of \(images) images could not be read; what was said of them is empty."]
    }
}

/// Where a column of figures comes from.
public struct MeasuredModel: Codable, Sendable {
    public var title: String
    /// Of config and weights.
    public var hash: String
    /// Training steps behind the weights, if they say.
    public var trainedSteps: String?
    public var parameters: Int
    /// Vision atoms.
    public var k: Int

    public init(title: String, hash: String, trainedSteps: String?, parameters: Int, k: Int) {
        self.title = title
        self.hash = hash
        self.trainedSteps = trainedSteps
        self.parameters = parameters
        self.k = k
    }

    /// What is measured beside checkpoints without being one.
    public init(baseline title: String) {
        self.init(title: title, hash: "", trainedSteps: nil, parameters: 0, k: 0)
    }

    static func rows(_ models: [MeasuredModel]) -> [[String]] {
        func shown(_ number: Int) -> String { number == 0 ? "-" : "\(number)" }
        return [
            [""] + models.map(\.title), ["checkpoint"] + models.map { $0.hash.isEmpty ? "-" : $0.hash },
            ["training steps"] + models.map { $0.trainedSteps ?? "-" },
            ["parameters"] + models.map { shown($0.parameters) }, ["K"] + models.map { shown($0.k) },
        ]
    }
}

/// Captions measured.
public struct CaptionReport: Codable, Sendable, MeasuredTable {
    public struct Column: Codable, Sendable {
        public var model: MeasuredModel
        public var scores: CaptionScores
        /// CIDEr-D less that of the first column; `nil` for the first itself and for few images.
        public var ciderDifference: PairedDifference?
        /// How many different captions serve all the images.
        public var differentCaptions: Int
        /// The same words for each column.
        public var words: [WordUse]

        public init(
            model: MeasuredModel, scores: CaptionScores, ciderDifference: PairedDifference? = nil, differentCaptions: Int,
            words: [WordUse] = []
        ) {
            self.model = model
            self.scores = scores
            self.ciderDifference = ciderDifference
            self.differentCaptions = differentCaptions
            self.words = words
        }
    }

    public let command: String
    public let data: MeasuredData
    /// "greedy" or "beam" and its width.
    public let decoding: String
    public let columns: [Column]
    /// The caption of the column `constant`; `nil` without it.
    public let constant: String?

    public init(command: String, data: MeasuredData, decoding: String, columns: [Column], constant: String? = nil) {
        self.command = command
        self.data = data
        self.decoding = decoding
        self.columns = columns
        self.constant = constant
    }

    public var table: [[String]] {
        func row(_ name: String, _ value: (CaptionScores) -> Double) -> [String] {
            [name] + columns.map { String(format: "%.4f", value($0.scores)) }
        }
        return MeasuredModel.rows(columns.map(\.model))
            + [["images"] + columns.map { _ in "\(data.images)" }, ["decoding"] + columns.map { _ in decoding }]
            + (0..<4).map { order in row("BLEU-\(order + 1)") { $0.bleu[order] } }
            + [row("ROUGE-L") { $0.rougeL }, row("METEOR (exact, stem)") { $0.meteor }, row("CIDEr-D") { $0.ciderD }]
            + (comparing ? [["CIDEr-D less that of \(columns[0].model.title)"] + columns.map { Self.shown($0.ciderDifference) }] : [])
            + [["different captions"] + columns.map { "\($0.differentCaptions)" }] + wordRows
    }

    /// Two rows for each of the words: of the images of which most people say it, and of those of which nobody does.
    private var wordRows: [[String]] {
        func share(_ said: Int, of images: Int) -> String {
            images == 0 ? "-" : String(format: "%.0f %%", 100 * Double(said) / Double(images))
        }
        return (columns.first?.words ?? []).indices.flatMap { i in
            let people = columns[0].words[i]
            return [
                ["says \(people.words), of the \(people.named) images where most people do"]
                    + columns.map { share($0.words[i].saidOfNamed, of: $0.words[i].named) },
                ["says \(people.words), of the \(people.unnamed) where nobody does"]
                    + columns.map { share($0.words[i].saidOfUnnamed, of: $0.words[i].unnamed) },
            ]
        }
    }

    private var comparing: Bool { columns.contains { $0.ciderDifference != nil } }

    private static func shown(_ difference: PairedDifference?) -> String {
        difference.map { String(format: "%+.4f (%+.4f to %+.4f)", $0.mean, $0.low, $0.high) } ?? "-"
    }

    public var notes: [String] {
        data.note + [
            "METEOR counts equal words and equal stems only; with synonyms and paraphrases, which are left out, it is higher.",
            "CIDEr-D weighs words by the references of these \(data.images) images.",
        ] + (comparing
            ? ["Behind a difference stands its 95 % interval, for other images like these; other runs of training may differ more."]
            : [])
            + (constant.map {
            [
                "Column constant says of every image: \($0) (of \(CaptionBaselines.tried) training captions the best by CIDEr-D on "
                    + "\(CaptionBaselines.triedOn) training images); nearest says the first caption of the training image "
                    + "whose pixels differ least at \(CaptionBaselines.side) x \(CaptionBaselines.side).",
            ]
        } ?? [])
    }
}

/// Answers measured.
public struct AnswerReport: Codable, Sendable, MeasuredTable {
    public struct Column: Codable, Sendable {
        public var model: MeasuredModel
        public var scores: AnswerScores

        public init(model: MeasuredModel, scores: AnswerScores) {
            self.model = model
            self.scores = scores
        }
    }

    public let command: String
    public let data: MeasuredData
    public let questions: Int
    /// Questions whose answers the checkpoint's list does not hold.
    public let unanswerable: Int
    public let columns: [Column]

    public init(command: String, data: MeasuredData, questions: Int, unanswerable: Int, columns: [Column]) {
        self.command = command
        self.data = data
        self.questions = questions
        self.unanswerable = unanswerable
        self.columns = columns
    }

    public var table: [[String]] {
        func row(_ name: String, _ group: (AnswerScores) -> AnswerScores.Group?) -> [String] {
            [name]
                + columns.map { column in
                    guard let group = group(column.scores), group.asked > 0 else { return "-" }
                    return String(format: "%.2f %%", 100 * group.accuracy)
                }
        }
        func names(_ groups: (AnswerScores) -> [String: AnswerScores.Group]) -> [(name: String, asked: Int)] {
            guard let first = columns.first else { return [] }
            return groups(first.scores).map { ($0.key, $0.value.asked) }.sorted { ($1.asked, $0.name) < ($0.asked, $1.name) }
        }
        return MeasuredModel.rows(columns.map(\.model))
            + [["images"] + columns.map { _ in "\(data.images)" }, ["questions"] + columns.map { _ in "\(questions)" }]
            + [row("accuracy") { $0.overall }]
            + names(\.kinds).map { kind in row("  \(kind.name) (\(kind.asked))") { $0.kinds[kind.name] } }
            + names(\.types).map { type in row("  \(type.name) (\(type.asked))") { $0.types[type.name] } }
    }

    public var notes: [String] {
        var notes = data.note
        notes.append(
            "\(unanswerable) of \(questions) questions have answers that the checkpoint's list does not hold; "
                + "it cannot get them right.")
        if columns.contains(where: { $0.scores.rules == .bothNormalised }) {
            notes.append(
                "The official rules normalise the model's answers (two becomes 2) and not people's, which are not normalised here; "
                    + "columns marked both normalise both.")
        }
        return notes
    }
}
