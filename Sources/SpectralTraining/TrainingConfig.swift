// What `sdict train CONFIG` reads.

import Foundation
import SpectralFormats
import SpectralModel

/// One run: the model, the data, the schedule.
public struct TrainingConfig: Codable, Sendable {
    public var name = "scenes"
    public var model = ModelConfig(vocabularySize: 512, answers: 40, ridge: 0.1)
    public var seed: UInt64 = 1
    /// Workers, one thread each, every one with its share of the batch. Part of the config because the order of
    /// additions, and so the last bit of a loss, depends on it.
    public var workers = 2
    /// Stages in order; each goes on where the one before ended.
    public var stages: [TrainingStage] = [TrainingStage()]
    public var weights = LossWeights()
    /// Whether steps use fewer atoms in turn, so that one checkpoint serves every K; otherwise all, always.
    public var nested = true
    /// How often the fewest atoms of those steps halve K: 2 for K, K/2 and K/4. Fewer than were drawn in training do far
    /// worse than they could.
    public var nestedHalvings = 2
    /// `nil` for scenes drawn on the fly.
    public var data: TrainingData?
    /// Minutes between saved states.
    public var saveMinutes = 3.0
    /// Steps between log lines.
    public var logEvery = 50

    public init() {}

    public init(from decoder: any Decoder) throws {
        let c = try decoder.container(keyedBy: CodingKeys.self)
        name = try c.decodeIfPresent(String.self, forKey: .name) ?? name
        model = try c.decodeIfPresent(ModelConfig.self, forKey: .model) ?? model
        seed = try c.decodeIfPresent(UInt64.self, forKey: .seed) ?? seed
        workers = try c.decodeIfPresent(Int.self, forKey: .workers) ?? workers
        stages = try c.decodeIfPresent([TrainingStage].self, forKey: .stages) ?? stages
        weights = try c.decodeIfPresent(LossWeights.self, forKey: .weights) ?? weights
        nested = try c.decodeIfPresent(Bool.self, forKey: .nested) ?? nested
        nestedHalvings = try c.decodeIfPresent(Int.self, forKey: .nestedHalvings) ?? nestedHalvings
        data = try c.decodeIfPresent(TrainingData.self, forKey: .data)
        saveMinutes = try c.decodeIfPresent(Double.self, forKey: .saveMinutes) ?? saveMinutes
        logEvery = try c.decodeIfPresent(Int.self, forKey: .logEvery) ?? logEvery
    }
}

/// A stretch of training with one batch composition and one learning-rate schedule.
public struct TrainingStage: Codable, Sendable, Equatable {
    public var name = "joint"
    public var steps = 1000
    /// Images a step, over all workers.
    public var images = 24
    /// Sequences for each image; all zero trains the vision stack alone, by the auxiliary target.
    public var captions = 1
    public var questions = 6
    public var groundings = 1
    public var maxObjects = 4
    /// Relative frequency of question kinds; `nil` deals all kinds evenly. Kinds left out weigh 1.
    public var kindWeights: [String: Double]?
    /// Weight of a further auxiliary target, the side on which the background is brighter; `nil` for none.
    public var background: Double?
    /// Weight of a further auxiliary target, read off `<cls>`: where the one or two things are that a question names.
    public var referents: Double?
    /// At the stage's start, lets the text stack's layers read their neighbouring words (`AtomLayout.shiftedModulation`):
    /// a text stack that starts as sub-bands was seen to read a question as a bag of words.
    public var shiftsText: Bool?
    /// Share of the channels of every normalised token that a step leaves out (`Tape.dropped`); `nil` for none.
    public var dropout: Double?
    /// In place of those of `TrainingData` while the stage lasts; `nil` for those.
    public var augmentation: Augmentation?
    public var wordNoise: Double?
    /// Self-critical training on captions of the model's own (`OwnCaptions`), beside those `captions` of people's; `nil` for
    /// none.
    public var reward: CaptionRewards?
    public var optimiser = OptimiserConfig()

    public init() {}

    public init(from decoder: any Decoder) throws {
        let c = try decoder.container(keyedBy: CodingKeys.self)
        name = try c.decodeIfPresent(String.self, forKey: .name) ?? name
        steps = try c.decodeIfPresent(Int.self, forKey: .steps) ?? steps
        images = try c.decodeIfPresent(Int.self, forKey: .images) ?? images
        captions = try c.decodeIfPresent(Int.self, forKey: .captions) ?? captions
        questions = try c.decodeIfPresent(Int.self, forKey: .questions) ?? questions
        groundings = try c.decodeIfPresent(Int.self, forKey: .groundings) ?? groundings
        maxObjects = try c.decodeIfPresent(Int.self, forKey: .maxObjects) ?? maxObjects
        kindWeights = try c.decodeIfPresent([String: Double].self, forKey: .kindWeights)
        shiftsText = try c.decodeIfPresent(Bool.self, forKey: .shiftsText)
        referents = try c.decodeIfPresent(Double.self, forKey: .referents)
        background = try c.decodeIfPresent(Double.self, forKey: .background)
        dropout = try c.decodeIfPresent(Double.self, forKey: .dropout)
        augmentation = try c.decodeIfPresent(Augmentation.self, forKey: .augmentation)
        wordNoise = try c.decodeIfPresent(Double.self, forKey: .wordNoise)
        reward = try c.decodeIfPresent(CaptionRewards.self, forKey: .reward)
        optimiser = try c.decodeIfPresent(OptimiserConfig.self, forKey: .optimiser) ?? optimiser
    }

    /// From people's captions, or from its own.
    var trainsCaptions: Bool { captions > 0 || reward != nil }
    var sequences: Int { captions + questions + groundings + (reward?.samples ?? 0) }
}

/// How many captions are sampled, and what each is rewarded by: a sum of measures against people's captions, so weighed.
public struct CaptionRewards: Codable, Sendable, Equatable {
    /// For each image.
    public var samples = 5
    public var ciderD = 1.0
    /// Of BLEU-4 of the one caption, which is near 0 unless four words running are right.
    public var bleu4 = 0.0

    public init() {}

    public init(from decoder: any Decoder) throws {
        let c = try decoder.container(keyedBy: CodingKeys.self)
        samples = try c.decodeIfPresent(Int.self, forKey: .samples) ?? samples
        ciderD = try c.decodeIfPresent(Double.self, forKey: .ciderD) ?? ciderD
        bleu4 = try c.decodeIfPresent(Double.self, forKey: .bleu4) ?? bleu4
    }
}

/// Weights of the objective's terms.
public struct LossWeights: Codable, Sendable, Equatable {
    public var caption = 1.0
    public var answer = 1.0
    public var box = 1.0
    public var auxiliary = 1.0
    /// Reconstruction, annealed linearly from the first to the second over a run: never off.
    public var reconstruction = [0.05, 0.005]
    /// l1 on the coefficient matrix C (not on C2 and C3) of the stacks that a stage trains.
    public var sparsity = 1e-4
    public var smoothing = 0.1

    public init() {}

    public init(from decoder: any Decoder) throws {
        let c = try decoder.container(keyedBy: CodingKeys.self)
        caption = try c.decodeIfPresent(Double.self, forKey: .caption) ?? caption
        answer = try c.decodeIfPresent(Double.self, forKey: .answer) ?? answer
        box = try c.decodeIfPresent(Double.self, forKey: .box) ?? box
        auxiliary = try c.decodeIfPresent(Double.self, forKey: .auxiliary) ?? auxiliary
        reconstruction = try c.decodeIfPresent([Double].self, forKey: .reconstruction) ?? reconstruction
        sparsity = try c.decodeIfPresent(Double.self, forKey: .sparsity) ?? sparsity
        smoothing = try c.decodeIfPresent(Double.self, forKey: .smoothing) ?? smoothing
    }
}
