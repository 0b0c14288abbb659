// A run on disk: RUN/config.json, state.safetensors, optimizer.safetensors, log.jsonl, and the checkpoint folder.
//
// Guarantees: a state is written whole or not at all; a run resumed from it computes the same losses to the last bit
// on the same machine, since batches, K' and rates are functions of the step alone.

import Foundation
import SpectralFormats
import SpectralKernels
import SpectralModel

/// What can go wrong with a run.
public enum TrainingError: Error, CustomStringConvertible {
    case config(path: String, problem: String)
    case state(path: String, problem: String)
    case diverged(step: Int)

    public var description: String {
        switch self {
        case .config(let path, let problem): "train \(path): \(problem); correct the config and run again"
        case .state(let path, let problem):
            "resume \(path): \(problem); train into another folder with --run, or delete this one to start over"
        case .diverged(let step):
            "train: the loss stopped being a number at step \(step); lower `rate` and resume from the last saved state"
        }
    }
}

/// A training run in a folder.
public struct TrainingRun {
    public let folder: URL
    public let config: TrainingConfig
    public var tokenizer: Tokenizer { source.tokenizer }
    let store: ParameterStore
    let optimiser: Optimiser
    let workers: [Worker]
    let team: ThreadTeam
    let source: any BatchSource
    /// `nil` where the config names nothing to validate on.
    let validation: Validation?

    /// Whether a new run took the vision stack alone from the checkpoint it starts from, whose words are others.
    public private(set) var startsWithVisionOnly = false

    /// Total steps of all stages.
    public var totalSteps: Int { config.stages.reduce(0) { $0 + $1.steps } }
    public var stepsDone: Int { optimiser.step }

    /// Opens a run, resuming if the folder holds a state.
    ///
    /// - Parameter start: a checkpoint whose weights a new run starts from; a run that resumes has its own.
    public init(config: TrainingConfig, folder: URL, start: CheckpointFolder? = nil) throws {
        var config = config
        self.folder = folder
        try config.validate()
        (source, validation) = try Self.source(config, start: start)
        config.model.vocabularySize = source.tokenizer.vocabularySize
        config.model.answers = source.answers.count
        config.model.jobs = Self.jobs(of: config.stages)
        try config.validateModel()
        // A run that is refused leaves nothing behind.
        try AtomicFile.makeFolder(path: folder.path)
        self.config = config
        useOneThreadForProducts()
        store = ParameterStore(seed: config.seed)
        let settings = config, store = store, source = source
        workers = (0..<config.workers).map { _ in
            Worker(config: settings, store: store, bagSize: source.bagWords.count, reward: source.reward)
        }
        team = ThreadTeam(count: config.workers)
        optimiser = Optimiser(store, team)
        if FileManager.default.fileExists(atPath: stateURL.path) { try resume() } else if let start { try begin(from: start) }
    }

    /// What any stage trains; `nil` for every job, or for none, which trains the vision stack alone.
    private static func jobs(of stages: [TrainingStage]) -> [ModelConfig.Job]? {
        let trained = ModelConfig.Job.allCases.filter { job in
            stages.contains { stage in
                guard stage.steps > 0 else { return false }
                return switch job {
                case .caption: stage.trainsCaptions
                case .vqa: stage.questions > 0
                case .ground: stage.groundings > 0
                }
            }
        }
        return trained.isEmpty || trained == ModelConfig.Job.allCases ? nil : trained
    }

    private static func source(_ config: TrainingConfig, start: CheckpointFolder?) throws -> (any BatchSource, Validation?) {
        guard let data = config.data else { return (try SceneBatchSource(config: config), nil) }
        guard data.kind == .sortOfClevr || !data.file.isEmpty else {
            throw TrainingError.config(
                path: config.name, problem: "data.file names no file to train on; name one there, or by --data, and its images by --images")
        }
        // Images are kept as large as the closest crop of any stage shows them.
        var stored = data
        stored.augmentation.crop = config.stages.map { data.during($0).augmentation.crop }.min() ?? data.augmentation.crop
        let examples: any ExampleSet =
            switch data.kind {
            case .captions: try CaptionedImages(stored, side: config.model.imageSize)
            case .easyVQA: try QuestionedImages(stored, side: config.model.imageSize)
            case .sortOfClevr: SortOfClevrExamples(seed: config.seed)
            }
        if data.keepsWords, start == nil {
            throw TrainingError.config(
                path: config.name, problem: "data.keepsWords needs a checkpoint whose words to keep, to resume too; name it by --checkpoint")
        }
        let source = try ExampleBatchSource(examples, data: data, config: config, spelling: data.keepsWords ? start?.tokenizer : nil)
        return (source, try Validation(of: config, data, trainedOn: examples.paths, source))
    }

    /// Weights and averages of a checkpoint; parameters of the training targets, which no checkpoint has, stay new, and so
    /// does the answers' head where the answers are others. A run on other words takes what has to do with none: from the
    /// patches to the end of the vision stack.
    private mutating func begin(from checkpoint: CheckpointFolder) throws {
        let spelt = (0..<tokenizer.vocabularySize).map(tokenizer.token)
        let hasItsWords = (0..<checkpoint.tokenizer.vocabularySize).map(checkpoint.tokenizer.token) == spelt
        guard hasItsWords || config.data != nil else {
            throw TrainingError.config(
                path: config.name, problem: "the checkpoint \(checkpoint.path) spells words in other tokens than this config's")
        }
        startsWithVisionOnly = !hasItsWords
        let shared = store.parameters.enumerated().filter { _, parameter in
            if hasItsWords {
                let isForAnswers = parameter.name.hasPrefix("answer.")
                return !parameter.name.hasPrefix(AuxiliaryHead.name) && (!isForAnswers || checkpoint.answers == source.answers)
            }
            return ["patch.", "patch_perceptron.", "image_code", "vision."].contains { parameter.name.hasPrefix($0) }
        }
        _ = try checkpoint.requireTensors(shared.map { ($0.element.name, [$0.element.rows, $0.element.columns]) })
        for (i, parameter) in shared {
            let values = try checkpoint.weights.floats(parameter.name, shape: [parameter.rows, parameter.columns])
            for buffer in [parameter.values, optimiser.averages[i]] {
                buffer.withMutableValues { target in for j in values.indices { target[j] = values[j] } }
            }
        }
    }

    /// The stage a 0-based step belongs to, and its first step.
    func stage(at step: Int) -> (stage: TrainingStage, start: Int, firstImage: Int) {
        var start = 0, images = 0
        for stage in config.stages {
            if step < start + stage.steps { return (stage, start, images) }
            start += stage.steps
            images += stage.steps * stage.images
        }
        return (config.stages[config.stages.count - 1], start, images)
    }

    /// Nested K: K' from {K, K, K/2, K/4} or as far down as the config says, a function of seed and step.
    func nestedK(step: Int) -> Int {
        let k = config.model.visionAtoms
        guard config.nested else { return k }
        var random = SceneRandom(seed: config.seed &* 0x9e37_79b9 &+ UInt64(step))
        return max(1, k >> max(0, random.below(config.nestedHalvings + 2) - 1))
    }

    // MARK: State

    private var stateURL: URL { folder.appendingPathComponent("state.safetensors") }

    /// Weights, moments, averages and the step, in one file, so that no crash can leave them apart.
    public func save() throws {
        var tensors: [(name: String, shape: [Int], dtype: SafetensorsWriter.DType, values: [Float])] = []
        for (i, p) in store.parameters.enumerated() {
            let shape = [p.rows, p.columns]
            tensors.append(("weights." + p.name, shape, .f32, p.values.array))
            tensors.append(("first." + p.name, shape, .f32, optimiser.first[i].array))
            tensors.append(("second." + p.name, shape, .f32, optimiser.second[i].array))
            tensors.append(("average." + p.name, shape, .f32, optimiser.averages[i].array))
        }
        try SafetensorsWriter.write(
            path: stateURL.path, tensors: tensors,
            metadata: ["step": "\(optimiser.step)", "config": try fingerprint(step: optimiser.step), "words": wordsHash])
    }

    /// What the numbers of tokens, answers and words of the auxiliary target stand for.
    private var wordsHash: String {
        let lists = [(0..<tokenizer.vocabularySize).map { tokenizer.token(of: $0) ?? "" }, source.answers, source.bagWords]
        return FNV1a(lists.joined(separator: ["\u{0}"]).joined(separator: "\n").utf8).hex
    }

    private func resume() throws {
        let file = try SafetensorsFile(path: stateURL.path)
        guard let step = file.metadata["step"].flatMap(Int.init), step >= 0 else {
            throw TrainingError.state(path: stateURL.path, problem: "it does not say which step it is of")
        }
        guard let told = file.metadata["config"], try Self.normal(told) == fingerprint(step: step) else {
            throw TrainingError.state(path: stateURL.path, problem: "it belongs to a run with another model, seed or batch")
        }
        // Data with as many words but others would fit in every shape. States of before this was written down pass.
        guard file.metadata["words"].map({ $0 == wordsHash }) ?? true else {
            throw TrainingError.state(path: stateURL.path, problem: "it was trained on data with other words or answers than this")
        }
        for (i, p) in store.parameters.enumerated() {
            for (prefix, buffer) in [
                ("weights.", p.values), ("first.", optimiser.first[i]), ("second.", optimiser.second[i]),
                ("average.", optimiser.averages[i]),
            ] {
                let values = try file.floats(prefix + p.name, shape: [p.rows, p.columns])
                buffer.withMutableValues { target in for i in values.indices { target[i] = values[i] } }
            }
        }
        optimiser.step = step
    }

    /// What must agree for a state of `step` to continue: all that has shaped it so far. How often to report, how long
    /// the stage under way goes on, and what comes after it may change.
    private func fingerprint(step: Int) throws -> String {
        var same = config
        same.saveMinutes = 0
        same.logEvery = 0
        same.name = ""
        same.stages = []
        // The same images may lie elsewhere.
        same.data?.file = ""
        same.data?.images = ""
        same.data?.validation = ValidationData()
        // Told by the stages, later ones included.
        same.model.jobs = nil
        var start = 0
        for var stage in config.stages where start < step {
            start += stage.steps
            if start >= step { stage.steps = 0 }
            same.stages.append(stage)
        }
        return try Self.text(same)
    }

    private static func text(_ config: TrainingConfig) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(config), as: UTF8.self)
    }

    /// A state's fingerprint with the keys that were unknown when it was written, at what they were without being told.
    private static func normal(_ told: String) throws -> String {
        guard let config = try? JSONDecoder().decode(TrainingConfig.self, from: Data(told.utf8)) else { return told }
        return try text(config)
    }

    /// Writes the checkpoint folder with the averaged weights.
    public func exportCheckpoint(to path: String, half: Bool = true) throws {
        let shipped = zip(store.parameters, optimiser.averages).filter { !$0.0.name.hasPrefix(AuxiliaryHead.name) }
        try CheckpointFolder.write(
            path: path, config: config.model, tokenizer: tokenizer, answers: source.answers, words: source.words,
            tensors: shipped.map { ($0.0.name, [$0.0.rows, $0.0.columns], half ? .f16 : .f32, $0.1.array) },
            metadata: ["run": config.name, "step": "\(optimiser.step)"])
    }
}
