// How a run does on images that it does not train on.

import Foundation
import SpectralFormats
import SpectralKernels
import SpectralModel

/// The `validation` part of `data`: examples of the same kind, shown as they are.
public struct ValidationData: Codable, Sendable, Equatable {
    /// The file of captions or questions; empty for no validation. The command line's comes first. The file trained on may
    /// stand here too, for the images that `holdOut` keeps from training.
    public var file = ""
    /// The folder of its images; empty for that of the data trained on.
    public var images = ""
    /// How many of its images are used, the first ones.
    public var count = 200

    public init() {}

    public init(from decoder: any Decoder) throws {
        let c = try decoder.container(keyedBy: CodingKeys.self)
        file = try c.decodeIfPresent(String.self, forKey: .file) ?? file
        images = try c.decodeIfPresent(String.self, forKey: .images) ?? images
        count = try c.decodeIfPresent(Int.self, forKey: .count) ?? count
    }
}

/// What a log line says of them: of the averaged weights with all atoms, without label smoothing.
public struct ValidationFigures: Codable, Sendable, Equatable {
    /// Cross-entropy of a caption's tokens given those before them, nats a token; 0 without captions.
    public var caption: Float
    /// Share of those tokens that were the likeliest.
    public var captionAccuracy: Float
    /// Cross-entropy of answers, nats, over the questions whose answer the checkpoint can give; 0 without questions.
    public var answer: Float
    public var answerAccuracy: Float
}

/// Batches of examples that are measured on, the same ones each time.
struct Validation {
    private let source: any BatchSource
    private let stage: TrainingStage
    private let count: Int

    /// Images in a pass of one worker.
    private static let images = 8

    /// - Parameters:
    ///   - trained: paths of the images trained on.
    ///   - own: the run's own source, whose words and answers are used.
    /// - Returns: `nil` where the config names nothing to validate on.
    /// - Throws: `TrainingError.config` where an image would be trained on as well.
    init?(of config: TrainingConfig, _ data: TrainingData, trainedOn trained: [String], _ own: any BatchSource) throws {
        guard !data.validation.file.isEmpty else { return nil }
        func wrong(_ problem: String) -> TrainingError { .config(path: config.name, problem: problem) }
        func resolved(_ path: String) -> String { URL(fileURLWithPath: path).resolvingSymlinksInPath().path }
        let heldOut = data.holdOut > 0 && resolved(data.validation.file) == resolved(data.file)
        var shown = data
        (shown.file, shown.augmentation, shown.wordNoise, shown.bagWeight) = (data.validation.file, Augmentation(), 0, 0)
        if !heldOut { shown.holdOut = 0 }
        if !data.validation.images.isEmpty { shown.images = data.validation.images }
        let side = config.model.imageSize, most = data.validation.count
        let examples: any ExampleSet
        switch data.kind {
        case .captions: examples = try CaptionedImages(shown, side: side, heldOut: heldOut, most: most)
        case .easyVQA: examples = try QuestionedImages(shown, side: side, heldOut: heldOut, most: most)
        case .sortOfClevr: throw wrong("data.validation is for data in files; Sort-of-CLEVR is drawn")
        }
        let known = Set(trained.map(resolved))
        if let both = examples.paths.first(where: { known.contains(resolved($0)) }) {
            throw wrong("data.validation has \(MessageText.printable(both, limit: 200)), which is trained on; "
                + "name other images, or the training file itself with data.holdOut")
        }
        source = try ExampleBatchSource(examples, data: shown, config: config, spelling: own.tokenizer, answers: own.answers)
        // Every caption and question of an image, where any stage trains them.
        var stage = TrainingStage()
        stage.captions = config.stages.contains(where: \.trainsCaptions) ? 1 << 20 : 0
        stage.questions = config.stages.contains { $0.questions > 0 } ? 1 << 20 : 0
        stage.groundings = 0
        self.stage = stage
        count = examples.count ?? 0
    }

    /// Weighs every token and every answer alike, over all images.
    func measure(_ workers: [Worker], on team: ThreadTeam, k: Int) -> ValidationFigures {
        var sum = StepReport(), tokens: Float = 0, answers: Float = 0
        for first in stride(from: 0, to: count, by: Self.images * workers.count) {
            team.run { [source, stage, count] i in
                let from = min(count, first + i * Self.images), to = min(count, from + Self.images)
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
