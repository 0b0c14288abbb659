// How long a step takes on a stated shape, apart from drawing scenes.

import Foundation
import SpectralFormats
import SpectralKernels
import SpectralModel

/// Times whole training steps (forward, backward, update) on synthetic tokens.
public struct TrainingBenchmark {
    public struct Shape: Codable, Sendable {
        public var images = 24
        public var sequencesPerImage = 6
        public var promptTokens = 14
        public var suffixTokens = 18
        public init() {}
    }

    /// Seconds of every timed step, in order.
    public struct Result: Codable, Sendable {
        public let seconds: [Double]
        public var median: Double { Quantile.median(seconds) }
        public var minimum: Double { seconds.min() ?? 0 }
        public var maximum: Double { seconds.max() ?? 0 }
    }

    private let config: TrainingConfig
    private let shape: Shape
    private let k: Int
    private let workers: [Worker]
    private let team: ThreadTeam
    private let optimiser: Optimiser

    /// d 128, K 34, layers 3+1+3, 8 x 8 patches of 64 x 64.
    public static func standardModel(preset: ModelConfig.Preset) -> ModelConfig {
        var model = TrainingConfig().model
        model.preset = preset
        model.positionCode = preset == .attention
        model.answers = SceneVocabulary.answers.count
        return model
    }

    /// - Parameters:
    ///   - k: vision atoms of every step, 1 to the model's own; `nil` for all of them.
    ///   - seed: of weights and tokens.
    public init(shape: Shape = Shape(), model: ModelConfig = standardModel(preset: .gated), k: Int? = nil, seed: UInt64 = 1) {
        var config = TrainingConfig()
        config.model = model
        config.seed = seed
        self.config = config
        self.k = k ?? model.visionAtoms
        self.shape = shape
        let store = ParameterStore(seed: seed)
        workers = (0..<config.workers).map { _ in Worker(config: config, store: store) }
        team = ThreadTeam(count: workers.count)
        optimiser = Optimiser(store, team)
    }

    /// Every suffix token is trained, with the auxiliary target and every regulariser on.
    public func run(steps: Int, warmup: Int = 3) -> Result {
        let rows = shape.images * shape.sequencesPerImage * shape.suffixTokens
        let counts = StepCounts(captionTokens: rows, answers: 1, boxes: 1, workers: workers.count)
        var seconds: [Double] = []
        for step in 0..<warmup + steps {
            for (i, worker) in workers.enumerated() { worker.batch = batch(worker: i, step: step) }
            let start = ContinuousClock.now
            runWorkers(workers, on: team, counts: counts, k: k, progress: 0)
            _ = optimiser.update(workers.map(\.model.replica), rate: 1e-4, config: OptimiserConfig())
            if step >= warmup { seconds.append((ContinuousClock.now - start) / .seconds(1)) }
        }
        return Result(seconds: seconds)
    }

    private func batch(worker: Int, step: Int) -> TrainingBatch {
        let images = shape.images * (worker + 1) / workers.count - shape.images * worker / workers.count
        let n = images * shape.sequencesPerImage, side = config.model.imageSize / config.model.patchSize
        var random = SceneRandom(seed: config.seed &* 1_000_003 &+ UInt64(step * workers.count + worker))
        let width = 3 * config.model.patchSize * config.model.patchSize
        func tokens(_ count: Int) -> [Int] { (0..<count).map { _ in random.below(config.model.vocabularySize) } }
        let layout = SequenceLayout(
            gridWidth: side, gridHeight: side, imageCount: images,
            imageOf: (0..<n).map { $0 / shape.sequencesPerImage },
            promptLengths: Array(repeating: shape.promptTokens, count: n),
            suffixLengths: Array(repeating: shape.suffixTokens, count: n))
        let pixels = (0..<images * side * side * width).map { _ in Float(random.below(256)) / 127.5 - 1 }
        let prompts = tokens(n * shape.promptTokens), suffixes = tokens(n * shape.suffixTokens)
        return TrainingBatch(
            input: ModelInput(
                layout: layout, patches: Tensor(rows: images * side * side, columns: width, pixels), prompts: prompts,
                suffixes: suffixes),
            captionRows: Array(0..<n * shape.suffixTokens), captionTargets: tokens(n * shape.suffixTokens),
            patches: (0..<images * side * side).map { _ in
                PatchTarget(classes: AuxiliaryHead.classes.map { random.below($0) }, offset: (0, 0), covered: true)
            },
            brighterSides: Array(repeating: 0, count: images))
    }
}
