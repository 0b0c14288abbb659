// How a run does on images that it does not train on.

import SpectralFormats
import SpectralKernels
import SpectralModel

/// The `validation` part of `data`: examples of the same kind, shown as they are.
public struct ValidationData: Codable, Sendable, Equatable {
    /// The file of captions or questions; empty for no validation. The command line's comes first.
    public var file = ""
    /// How many of its images are used, the first ones.
    public var count = 200

    public init() {}

    public init(from decoder: any Decoder) throws {
        let c = try decoder.container(keyedBy: CodingKeys.self)
        file = try c.decodeIfPresent(String.self, forKey: .file) ?? file
        count = try c.decodeIfPresent(Int.self, forKey: .count) ?? count
    }
}

/// What a log line says of them: of the averaged weights with all atoms, without label smoothing.
public struct ValidationFigures: Codable, Sendable, Equatable {
    /// Cross-entropy of a caption's tokens given those before them, nats a token; 0 without captions.
    public var caption: Float
    /// Share of those tokens that were the likeliest.
    public var captionAccuracy: Float
    /// Cross-entropy of answers, nats; 0 without questions.
    public var answer: Float
    public var answerAccuracy: Float
}

/// Batches of examples that are measured on, the same ones each time.
struct Validation {
    private let source: any BatchSource
    private let stage: TrainingStage
    private let count: Int

    /// - Parameters:
    ///   - trained: the run's own source, whose words and answers are used.
    init(_ examples: any ExampleSet, data: TrainingData, config: TrainingConfig, words: Tokenizer, answers: [String]) throws {
        var shown = data
        (shown.augmentation, shown.wordNoise, shown.bagWeight) = (Augmentation(), 0, 0)
        source = try ExampleBatchSource(examples, data: shown, config: config, words: words, answers: answers)
        var stage = config.stages[0]
        stage.captions = config.stages.map(\.captions).max() ?? 0
        stage.questions = config.stages.map(\.questions).max() ?? 0
        stage.groundings = 0
        self.stage = stage
        count = examples.count ?? data.validation.count
    }

    /// Weighs every token and every answer alike, over all images.
    func measure(_ workers: [Worker], on team: ThreadTeam, k: Int) -> ValidationFigures {
        var sum = StepReport(), tokens: Float = 0, answers: Float = 0
        let share = max(1, stage.images / workers.count)
        for first in stride(from: 0, to: count, by: share * workers.count) {
            team.run { [source, stage, count] i in
                let from = min(count, first + i * share), to = min(count, from + share)
                workers[i].batch = from < to ? source.batch(stage: stage, images: from..<to) : nil
            }
            let batches = workers.compactMap(\.batch)
            // Counts of 1: sums, which the totals below turn into means.
            tokens += Float(batches.reduce(0) { $0 + $1.captionRows.count })
            answers += Float(batches.reduce(0) { $0 + $1.answerRows.count })
            team.run { i in
                useOneThreadForProducts()
                workers[i].measure(counts: StepCounts(captionTokens: 1, answers: 1, boxes: 1, workers: workers.count), k: k)
            }
            for worker in workers { sum.add(worker.report, workers: workers.count) }
        }
        return ValidationFigures(
            caption: sum.caption / max(1, tokens), captionAccuracy: sum.captionHits / max(1, tokens),
            answer: sum.answer / max(1, answers), answerAccuracy: sum.answerHits / max(1, answers))
    }
}
