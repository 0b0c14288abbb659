// One worker: a replica of the model, a tape and a pool of buffers, on one thread.

import SpectralAtoms
import SpectralFormats
import SpectralKernels
import SpectralModel

/// Sums over one worker's share of a step.
struct StepReport {
    var caption: Float = 0
    var captionHits: Float = 0
    var answer: Float = 0
    var answerHits: Float = 0
    var box: Float = 0
    var iou: Float = 0
    var auxiliary = AuxiliaryHead.Report()
    var reconstruction: Float = 0
    var sparsity: Float = 0
    /// Mean reward of the model's own captions.
    var reward: Float = 0

    /// Adds another worker's share. Terms of captions, answers and boxes are already divided by the whole step's counts;
    /// the rest are means over a worker.
    mutating func add(_ other: StepReport, workers: Int) {
        caption += other.caption
        captionHits += other.captionHits
        answer += other.answer
        answerHits += other.answerHits
        box += other.box
        iou += other.iou
        auxiliary.loss += other.auxiliary.loss / Float(workers)
        for i in auxiliary.accuracy.indices { auxiliary.accuracy[i] += other.auxiliary.accuracy[i] / Float(workers) }
        reconstruction += other.reconstruction / Float(workers)
        sparsity += other.sparsity / Float(workers)
        reward += other.reward / Float(workers)
    }
}

/// Counts over all workers of a step, by which sums become means.
struct StepCounts {
    var captionTokens: Int
    var answers: Int
    var boxes: Int
    var workers: Int
    /// Whether any worker's batch has texts.
    var readsText = true
}

/// Not shared: the trainer hands each worker to one thread at a time, which is what makes `@unchecked` true.
final class Worker: @unchecked Sendable {
    let model: VisionLanguageModel
    private let auxiliary: AuxiliaryHead
    let pool = BufferPool()
    /// Made when a caption is first rewarded: it compiles many patterns.
    lazy var tokeniser = CaptionTokeniser()
    private let reward: CaptionReward?
    private let weights: LossWeights
    var batch: TrainingBatch?
    var report = StepReport()

    /// - Parameters:
    ///   - bagSize: as of the run's `BatchSource`.
    ///   - reward: likewise.
    init(config: TrainingConfig, store: ParameterStore, bagSize: Int = 0, reward: CaptionReward? = nil) {
        model = VisionLanguageModel(config: config.model, store: store, trainable: true)
        auxiliary = AuxiliaryHead(model.replica, width: config.model.width, bagSize: bagSize)
        weights = config.weights
        self.reward = reward
    }

    /// Forward and backward on `batch`; gradients stay in the replica's tensors.
    /// - Parameter progress: of the whole run, 0...1, for annealing.
    func run(counts: StepCounts, k: Int, progress: Float) {
        guard let batch else { return }
        let tape = Tape(recording: true, pool: pool, dropout: batch.dropout), input = batch.input, share = 1 / Float(counts.workers)
        var report = StepReport()
        let seen = model.see(tape, patches: input.patches, layout: input.layout, k: k)
        if !batch.patches.isEmpty {
            report.auxiliary = auxiliary.loss(
                tape, seen: seen, targets: batch.patches, weight: Float(weights.auxiliary) * share)
        }
        if batch.bagWeight > 0, !batch.bags.isEmpty {
            report.auxiliary.loss += auxiliary.bagLoss(tape, seen: seen, bags: batch.bags, weight: batch.bagWeight * share)
        }
        if batch.backgroundWeight > 0 {
            auxiliary.backgroundLoss(
                tape, seen: seen, sides: batch.brighterSides, weight: batch.backgroundWeight * share)
        }
        regularise(tape, seen: seen, layout: input.layout, counts, k: k, share: share, progress: progress, into: &report)
        if input.prefixes.sequenceCount > 0 {
            let memory = model.fuse(tape, input, seen: seen, k: k)
            if let own = batch.own, let reward {
                report.reward = rewardOwnCaptions(tape, input.prefixes, own, reward, memory, share: share)
            }
            answerEverything(tape, batch, memory, counts, smoothing: Float(weights.smoothing), into: &report)
        }
        tape.backward()
        self.report = report
        self.batch = nil
    }

    /// Forward alone on `batch`, for its figures.
    func measure(counts: StepCounts, k: Int) {
        var report = StepReport()
        if let batch, batch.input.layout.sequenceCount > 0 {
            let tape = Tape(recording: false, pool: pool)
            let seen = model.see(tape, patches: batch.input.patches, layout: batch.input.layout, k: k)
            answerEverything(
                tape, batch, model.fuse(tape, batch.input, seen: seen, k: k), counts, smoothing: 0, into: &report)
        }
        self.report = report
        self.batch = nil
    }

    private func answerEverything(
        _ tape: Tape, _ batch: TrainingBatch, _ memory: PrefixMemory, _ counts: StepCounts, smoothing: Float,
        into report: inout StepReport
    ) {
        guard batch.input.layout.sequenceCount > 0 else { return }
        let states = model.suffixStates(tape, batch.input, memory)
        if !batch.captionRows.isEmpty {
            let logits = model.nextTokenLogits(tape, tape.gather(states, batch.captionRows))
            let each = 1 / Float(counts.captionTokens)
            (report.caption, report.captionHits) = Losses.crossEntropy(
                tape, logits, targets: batch.captionTargets, rowWeight: batch.captionRows.map { _ in each },
                smoothing: smoothing, weight: Float(weights.caption))
        }
        if !batch.answerRows.isEmpty {
            let asked = tape.gather(states, batch.answerRows), logits = model.answerLogits(tape, asked)
            if batch.referentWeight > 0 {
                auxiliary.referentLoss(
                    tape, states: asked, referents: batch.referents, weight: batch.referentWeight, questions: counts.answers)
            }
            let each = 1 / Float(counts.answers)
            (report.answer, report.answerHits) = Losses.crossEntropy(
                tape, logits, targets: batch.answerTargets, rowWeight: batch.answerRows.map { _ in each },
                smoothing: smoothing, weight: Float(weights.answer))
        }
        if !batch.boxRows.isEmpty {
            let logits = model.boxLogits(tape, tape.gather(states, batch.boxRows))
            (report.box, report.iou) = Losses.box(
                tape, logits, targets: batch.boxTargets, rowWeight: 1 / Float(counts.boxes), weight: Float(weights.box))
        }
    }

    private func regularise(
        _ tape: Tape, seen: Tensor, layout: SequenceLayout, _ counts: StepCounts, k: Int, share: Float, progress: Float,
        into report: inout StepReport
    ) {
        let from = Float(weights.reconstruction.first ?? 0), to = Float(weights.reconstruction.last ?? 0)
        if let loss = model.reconstructionLoss(
            tape, seen: seen, layout: layout, k: k, weight: (from + (to - from) * progress) * share)
        {
            report.reconstruction = loss
        }
        // Where no text is read Adam would take the penalty, alone, for a direction: it carried gains that nothing else
        // moved from 1 to 0 in a thousand steps.
        for gain in counts.readsText ? model.gains : model.visionGains {
            report.sparsity += Losses.sparsity(tape, gain, weight: Float(weights.sparsity) * share)
        }
    }
}
