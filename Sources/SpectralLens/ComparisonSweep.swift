// Many questions at every K: accuracy, agreement and cost in a row for each.

import SpectralFormats
import SpectralModel

/// A question of a sweep.
public struct SweepQuestion: Sendable, Equatable {
    /// Path of the image.
    public let image: String
    public let question: String
    /// What people answered; empty where that is not known.
    public let answers: [String]

    public init(image: String, question: String, answers: [String]) {
        self.image = image
        self.question = question
        self.answers = answers
    }

    /// The VQA accuracy of an answer, with people's answers normalised too, as they are in the official annotations; of one
    /// given answer, whether it is equal. `nil` without given answers.
    public func accuracy(of answer: String) -> Double? {
        switch answers.count {
        case 0: nil
        case 1: AnswerAccuracy.single(answer, given: answers)
        default: AnswerAccuracy.bothNormalised(answer, given: answers)
        }
    }
}

/// One column over all questions.
public struct SweepRow: Sendable, Codable, Equatable {
    public let checkpoint: String
    public let kind: ComparisonColumn.Kind
    /// Vision atoms used.
    public let k: Int
    /// Questions and images that the figures are of.
    public let questions: Int
    public let images: Int
    /// Mean VQA accuracy, 0 to 1; `nil` where no answers are known.
    public let accuracy: Double?
    /// Share of the questions answered as by the first column; 1 for the first itself.
    public let agreement: Double
    /// Mean probability of the column's own answer.
    public let probability: Double
    /// Median for one image and one question: vision stack, fusion, head.
    public let milliseconds: Double
    /// Mean for one image and one question; see `ModelCosts`.
    public let gflops: Double
    /// The most for any question.
    public let stateBytes: Int
    /// Mean over images of `ColumnOutput.reconstructionError`; `nil` for the attention twin.
    public let reconstructionError: Double?
}

/// A row for each column, all of the same questions.
public struct ComparisonSweep: Sendable, Codable, Equatable {
    public let rows: [SweepRow]
    /// Why images were passed over, with all their questions, one line each.
    public let problems: [String]

    /// How far a sweep has come, in questions.
    public struct Progress: Sendable, Equatable {
        public let done: Int
        public let total: Int
    }

    public enum Failure: Error, CustomStringConvertible, Equatable {
        case nothingAsked(problems: [String])

        public var description: String {
            switch self {
            case .nothingAsked(let problems):
                "sweep: no question could be asked, expected at least one with an image that can be read; "
                    + (problems.first ?? "the file has no questions") + "; check the files"
            }
        }
    }

    /// Asks every column every question, image by image in the order of the questions.
    ///
    /// - Parameters:
    ///   - sources: at least one; agreement is with the first.
    ///   - load: how a path becomes an image; one that cannot be read is passed over and reported.
    ///   - progress: told after every image.
    /// - Throws: `CancellationError`, `Failure`, or what a source throws.
    public static func run(
        _ sources: [ComparisonSource], questions: [SweepQuestion],
        load: @Sendable (String) throws -> PixelImage = { try ImageFile.load($0) },
        progress: @Sendable (Progress) -> Void = { _ in }
    ) async throws -> ComparisonSweep {
        precondition(!sources.isEmpty, "a sweep over no columns")
        var paths: [String] = [], byImage: [String: [SweepQuestion]] = [:]
        for question in questions {
            if byImage[question.image] == nil { paths.append(question.image) }
            byImage[question.image, default: []].append(question)
        }
        var sums = [ColumnSums](repeating: ColumnSums(), count: sources.count), problems: [String] = [], done = 0
        for path in paths {
            try Task.checkCancellation()
            let asked = byImage[path] ?? []
            done += asked.count
            defer { progress(Progress(done: done, total: questions.count)) }
            let image: PixelImage
            do { image = try load(path) } catch {
                problems.append("\(error)")
                continue
            }
            let requests = asked.map {
                ComparisonRequest(wantsCaption: false, question: $0.question, candidates: 1, warmsUp: false)
            }
            let comparisons = try await Comparison.run(sources, image: image, requests: requests)
            for i in sums.indices {
                sums[i].add(zip(asked, comparisons).map { ($0, $1.columns[i]) })
            }
        }
        guard sums[0].questions > 0 else { throw Failure.nothingAsked(problems: problems) }
        return ComparisonSweep(
            rows: zip(sources, sums).map { $1.row($0.column, first: sources[0].column) }, problems: problems)
    }
}

/// One column's figures as they add up.
private struct ColumnSums {
    private(set) var questions = 0
    private var images = 0
    private var judged = 0
    private var accuracy = 0.0
    private var agreeing = 0
    private var probability = 0.0
    private var milliseconds: [Double] = []
    private var billions = 0.0
    private var stateBytes = 0
    private var reconstruction: Double?

    /// All questions about one image.
    mutating func add(_ asked: [(SweepQuestion, Comparison.Column)]) {
        guard let shared = asked.first?.1.output else { return }
        images += 1
        reconstruction = shared.reconstructionError.map { (reconstruction ?? 0) + Double($0) }
        for (question, column) in asked {
            let output = column.output
            guard let answer = output.answer else { continue }
            questions += 1
            if let score = question.accuracy(of: answer.answer) {
                judged += 1
                accuracy += score
            }
            if column.agreement?.sameAnswer ?? true { agreeing += 1 }
            probability += Double(answer.candidates.first?.probability ?? 0)
            milliseconds.append(output.milliseconds)
            billions += output.operations.billions
            stateBytes = max(stateBytes, output.stateBytes)
        }
    }

    func row(_ column: ComparisonColumn, first: ComparisonColumn) -> SweepRow {
        let n = Double(questions)
        return SweepRow(
            checkpoint: column.checkpoint, kind: column.kind(beside: first), k: column.k, questions: questions,
            images: images, accuracy: judged > 0 ? accuracy / Double(judged) : nil, agreement: Double(agreeing) / n,
            probability: probability / n, milliseconds: Quantile.median(milliseconds), gflops: billions / n,
            stateBytes: stateBytes, reconstructionError: reconstruction.map { $0 / Double(images) })
    }
}
