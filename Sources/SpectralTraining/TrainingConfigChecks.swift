// What a training config may hold: numbers that a run would otherwise stumble over hours later, or never come back from.

import SpectralFormats
import SpectralModel

extension TrainingConfig {
    /// - Throws: `TrainingError.config` for the first setting that does not fit.
    func validate() throws {
        func require(_ holds: Bool, _ problem: @autoclosure () -> String) throws {
            if !holds { throw TrainingError.config(path: name, problem: problem()) }
        }
        func refuse(_ problem: String?) throws {
            if let problem { try require(false, problem) }
        }
        try refuse(outOfRange("workers", workers, 1...256))
        try require(!stages.isEmpty, "stages should hold at least one stage")
        try refuse(
            firstProblem(
                outOfRange("logEvery", logEvery, 1...1_000_000_000), outOfRange("nestedHalvings", nestedHalvings, 1...16),
                outOfRange("saveMinutes", saveMinutes, 0...1e6)))
        try require(!weights.reconstruction.isEmpty, "weights.reconstruction should hold a first and a last weight")
        try validateModel()
        try refuse(weights.problem ?? data?.problem)
        for stage in stages {
            try refuse(stage.problem.map { "stage \(stage.name): \($0)" })
            try require(
                stage.images >= workers,
                "stage \(stage.name): images should be at least one for each of \(workers) workers, found \(stage.images)")
            try require(
                data != nil || (stage.augmentation == nil && stage.wordNoise == nil),
                "stage \(stage.name): augmentation and wordNoise need data other than scenes")
            try require(
                stage.reward == nil || data?.kind == .captions, "stage \(stage.name): reward needs data of captions")
        }
    }

    /// - Throws: `TrainingError.config`, where the model's own checks would name a checkpoint's file.
    func validateModel() throws {
        do { try model.validate() } catch {
            guard case .invalidConfig(_, let key, let expected, let found) = error else { throw error }
            throw TrainingError.config(path: name, problem: "model.\(key) should be \(expected), found \(found)")
        }
    }
}

extension TrainingStage {
    /// What is wrong with it by itself, in one line; `nil` for nothing.
    fileprivate var problem: String? {
        firstProblem(
            outOfRange("steps", steps, 0...1_000_000_000), outOfRange("images", images, 1...65_536),
            outOfRange("captions", captions, 0...1024), outOfRange("questions", questions, 0...1024),
            outOfRange("groundings", groundings, 0...1024), outOfRange("maxObjects", maxObjects, 1...Scene.mostObjects),
            outOfRange("background", background ?? 0, 0...1e6), outOfRange("referents", referents ?? 0, 0...1e6),
            outOfRange("dropout", dropout ?? 0, 0...0.9), augmentation?.problem(), outOfRange("wordNoise", wordNoise ?? 0, 0...1),
            reward?.problem, optimiser.problem, problemOfKinds)
    }

    private var problemOfKinds: String? {
        guard let shares = kindWeights else { return nil }
        for (kind, share) in shares.sorted(by: { $0.key < $1.key }) {
            guard QuestionKind(rawValue: kind) != nil else { return "kindWeights names no kind \(MessageText.printable(kind))" }
            if let problem = outOfRange("kindWeights.\(kind)", share, 0...1e6) { return problem }
        }
        // Every scene has a question of these; with neither, drawing again until one fits might not end.
        let always = [QuestionKind.tone, .gradient].map { shares[$0.rawValue] ?? 1 }
        return always.contains { $0 > 0 } ? nil : "kindWeights should leave tone or gradient above 0"
    }
}

extension CaptionRewards {
    fileprivate var problem: String? {
        firstProblem(
            outOfRange("reward.ciderD", ciderD, 0...1e6), outOfRange("reward.bleu4", bleu4, 0...1e6),
            outOfRange("reward.samples", samples, 2...1024))
    }
}

extension OptimiserConfig {
    fileprivate var problem: String? {
        // A decay of 1 or more never forgets, and one below 0 forgets what it never knew.
        let decays = 0...0.999999
        return firstProblem(
            outOfRange("optimiser.rate", rate, 0...10), outOfRange("optimiser.warmup", warmup, 0...1_000_000_000),
            outOfRange("optimiser.floor", floor, 0...1), outOfRange("optimiser.beta1", beta1, decays),
            outOfRange("optimiser.beta2", beta2, decays), outOfRange("optimiser.average", average, decays),
            outOfRange("optimiser.decay", decay, 0...100), outOfRange("optimiser.clip", clip, 1e-6...1e9),
            outOfRange("optimiser.atomRate", atomRate, 0...1000))
    }
}

extension LossWeights {
    fileprivate var problem: String? {
        let weights = 0...1e6
        return firstProblem(
            outOfRange("weights.caption", caption, weights), outOfRange("weights.answer", answer, weights),
            outOfRange("weights.box", box, weights), outOfRange("weights.auxiliary", auxiliary, weights),
            outOfRange("weights.sparsity", sparsity, weights), outOfRange("weights.smoothing", smoothing, 0...0.9),
            reconstruction.lazy.compactMap { outOfRange("weights.reconstruction", $0, weights) }.first)
    }
}

extension Augmentation {
    /// - Parameter key: what its settings stand under, with a stop at the end.
    func problem(under key: String = "") -> String? {
        firstProblem(outOfRange(key + "augmentation.crop", crop, 0.05...1), outOfRange(key + "augmentation.colour", colour, 0...1))
    }
}

/// The first problem of some; `nil` where there is none.
func firstProblem(_ problems: String?...) -> String? { problems.lazy.compactMap { $0 }.first }

/// - Returns: that a setting is not in its range, in one line; `nil` where it is.
func outOfRange<Value: Comparable>(_ key: String, _ found: Value, _ range: ClosedRange<Value>) -> String? {
    func shown(_ value: Value) -> String {
        let text = "\(value)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
    return range.contains(found)
        ? nil : "\(key) should be \(shown(range.lowerBound)) to \(shown(range.upperBound)), found \(shown(found))"
}
