import Foundation
import SpectralFormats
import SpectralKernels
import SpectralModel
import TestSupport
import Testing

@testable import SpectralTraining

/// Training on captions that the model samples itself.
@Suite struct SelfCriticalTests {
    private static let people = [
        ["a dog runs on the grass", "a brown dog is running"], ["two men sit on a bench", "men on a bench in the park"],
        ["a girl in a red dress", "the girl jumps over a puddle", "a dog and a girl"],
    ]

    private func tokenizer() throws -> Tokenizer {
        try Tokenizer.train(texts: Self.people.flatMap { $0 }, vocabularySize: 300, normalization: [.lowercase])
    }

    /// Four pictures, each of one grey and with captions of its own.
    private func config(_ folder: ScratchFolder, steps: Int, reward: CaptionRewards?) throws -> TrainingConfig {
        var lines = ["image\tcaption"]
        for (i, captions) in (Self.people + [["a man on a bike"]]).enumerated() {
            let grey = UInt8(60 * i)
            try folder.put("\(i).png", Data(ImageFile.encodePNG(.solid(width: 16, height: 16, red: grey, green: grey, blue: grey))))
            lines += captions.map { "\(i).png\t\($0)" }
        }
        var data = TrainingData(kind: .captions)
        data.file = try folder.write("train.tsv", lines.joined(separator: "\n") + "\n")
        data.images = folder.path
        var config = fileConfig(data, steps: steps, captions: 1)
        config.stages[0].reward = reward
        return config
    }

    /// Against the measures that are held to the public scorer, told the end of a caption as a word.
    @Test func rewardsAreTheScorersWithTheEndAsAWord() throws {
        let tokenizer = try tokenizer(), reward = CaptionReward(tokenizer: tokenizer, references: Self.people)
        let written = ["a dog runs on the grass", "men on a bench", "a girl jumps over a red dog"], ended = [true, false, true]
        let scored = zip(zip(written, ended), Self.people).map { caption, people in
            ScoredCaption(
                candidate: caption.0 + (caption.1 ? " fin" : ""), references: people.map { $0 + " fin" })
        }
        let expected = CaptionScores.score(scored).images
        var weights = CaptionRewards()
        (weights.ciderD, weights.bleu4) = (0.5, 3)
        for (i, text) in written.enumerated() {
            let found = reward.rewards(
                of: [(tokenizer.encode(text), ended[i])], references: Self.people[i], weights, CaptionTokeniser())
            #expect(abs(Double(found[0]) - (0.5 * expected[i].ciderD + 3 * expected[i].bleu[3])) < 1e-5)
            #expect(found[0] > 0)
        }
    }

    @Test func aSampleIsHeldAgainstItsImagesOthers() {
        #expect(advantages([[1, 2, 6], [5, 5, 5]]) == [[-3, -1.5, 4.5], [0, 0, 0]])
    }

    @Test func drawsFollowTheDistribution() {
        let p: [Float] = [0, 0.25, 0.5, 0, 0.25, 0]
        var counts = [Int](repeating: 0, count: p.count)
        p.withUnsafeBufferPointer { p in for i in 0..<400 { counts[place(of: (Float(i) + 0.5) / 400, in: p)] += 1 } }
        #expect(counts == [0, 100, 200, 0, 100, 0])
        // Whatever rounding leaves over goes to a place that can be drawn.
        p.withUnsafeBufferPointer { #expect(place(of: 1, in: $0) == 4) }
    }

    /// What a worker will draw for a batch, drawn on a tape of its own.
    private func samples(_ worker: Worker, _ batch: TrainingBatch, _ own: OwnCaptions) -> [SampledCaption] {
        let tape = Tape(recording: false), images = batch.input.prefixes.imageCount
        let seen = worker.model.see(tape, patches: batch.input.patches, layout: batch.input.prefixes, k: 4)
        let imageOf = (0..<images * own.samples).map { $0 / own.samples }
        let memory = worker.model.fuse(tape, batch.input, seen: seen, k: 4).selecting(imageOf)
        return worker.sample(own, imageOf, memory, promptLength: 1)
    }

    /// The gradient is that of training on the same captions one at a time, each weighed by its advantage.
    @Test(arguments: [ModelConfig.Preset.gated, .attention])
    func gradientIsThatOfTheSampledCaptions(preset: ModelConfig.Preset) throws {
        let folder = try ScratchFolder()
        var config = try config(folder, steps: 1, reward: CaptionRewards())
        config.model.preset = preset
        config.stages[0].captions = 0
        config.stages[0].reward?.samples = 3
        (config.weights.reconstruction, config.weights.sparsity, config.weights.smoothing) = ([0], 0, 0)
        let data = try #require(config.data)
        let source = try ExampleBatchSource(CaptionedImages(data, side: 16), data: data, config: config)
        config.model.vocabularySize = source.tokenizer.vocabularySize
        let reward = try #require(source.reward), store = ParameterStore(seed: 4)
        let worker = Worker(config: config, store: store, reward: reward)
        var batch = source.batch(stage: config.stages[0], images: 0..<2), own = try #require(batch.own)

        let captions = samples(worker, batch, own), imageOf = [0, 0, 0, 1, 1, 1]
        #expect(captions.allSatisfy { $0.isEnded || $0.chosen.count == config.model.maxSuffix })
        // A model that knows nothing hits no word of people's: so people said what one of the samples says.
        for image in 0..<2 { own.references[image] = [source.tokenizer.decode(captions[image * 3 + 1].tokens, skipSpecial: true)] }
        batch.own = own
        let rewards = (0..<2).map { image in
            reward.rewards(
                of: captions[image * 3..<image * 3 + 3].map { ($0.tokens, $0.isEnded) }, references: own.references[image],
                own.rewards, CaptionTokeniser())
        }
        let weights = advantages(rewards).flatMap { $0 }
        #expect(weights.allSatisfy { abs($0) > 1 })

        worker.batch = batch
        worker.run(counts: StepCounts(captionTokens: 1, answers: 1, boxes: 1, workers: 1), k: 4, progress: 0)
        let found = worker.model.replica.tensors.map { $0.gradient?.array ?? [] }
        #expect(abs(worker.report.reward - rewards.flatMap { $0 }.reduce(0, +) / 6) < 1e-6)

        // Teacher forcing, by the public path; a caption that is not ended is cut where training cuts it too.
        var longer = config
        longer.model.maxSuffix += 1
        var expected = found.map { [Float](repeating: 0, count: $0.count) }
        for (n, caption) in captions.enumerated() {
            var builder = BatchBuilder(longer.model)
            let patches = batch.input.patches.values.array, half = patches.count / 2
            builder.add(.solid(width: 16, height: 16, red: 0, green: 0, blue: 0))
            builder.addCaption(caption.tokens)
            let built = builder.batch()
            let shown = Tensor(
                rows: batch.input.patches.rows / 2, columns: batch.input.patches.columns,
                Array(patches[imageOf[n] * half..<(imageOf[n] + 1) * half]))
            var alone = TrainingBatch(
                input: ModelInput(
                    layout: built.input.layout, patches: shown, prompts: built.input.prompts, suffixes: built.input.suffixes))
            let isCut = !caption.isEnded
            alone.captionRows = isCut ? built.captionRows.dropLast() : built.captionRows
            alone.captionTargets = isCut ? built.captionTargets.dropLast() : built.captionTargets
            let other = Worker(config: config, store: store)
            other.batch = alone
            other.run(counts: StepCounts(captionTokens: 1, answers: 1, boxes: 1, workers: 1), k: 4, progress: 0)
            for (i, tensor) in other.model.replica.tensors.enumerated() {
                for (j, g) in (tensor.gradient?.array ?? []).enumerated() { expected[i][j] += weights[n] / 6 * g }
            }
        }
        let largest = expected.joined().map(abs).max() ?? 0
        #expect(largest > 1e-4)
        for (a, b) in zip(found, expected) {
            #expect(zip(a, b).allSatisfy { abs($0 - $1) < 1e-4 * largest })
        }
        withExtendedLifetime(folder) {}
    }

    /// On four pictures that a model knows no caption of, rewards grow; and a run that was interrupted grows by the same.
    @Test func trainingRaisesTheRewardAndResumesExactly() throws {
        let folder = try ScratchFolder(), whole = try ScratchFolder(), parted = try ScratchFolder()
        var settings = try config(folder, steps: 20, reward: nil)
        settings.stages[0].optimiser.rate = 0.01
        settings.stages[0].optimiser.warmup = 1
        var rewarded = settings.stages[0]
        rewarded.reward = CaptionRewards()
        rewarded.captions = 0
        rewarded.steps = 80
        rewarded.optimiser.rate = 0.002
        settings.stages.append(rewarded)
        settings.logEvery = 20
        func rewards(_ path: String, until: Int? = nil) throws -> [Float?] {
            var lines: [Float?] = []
            let run = try TrainingRun(config: settings, folder: URL(fileURLWithPath: path))
            try run.train(untilStep: until, progress: { lines.append($0.reward) })
            return lines
        }
        let once = try rewards(whole.path)
        #expect(once.count == 5 && once[0] == nil)
        let first = try #require(once[1]), last = try #require(once[4])
        #expect(last > 2 * first, "\(first), then \(last)")
        _ = try rewards(parted.path, until: 60)
        #expect(try rewards(parted.path).last == last)
        withExtendedLifetime(folder) {}
    }

    /// People's captions beside the model's own: the losses and gradients of a step of each, added up.
    @Test func bothKindsOfCaptionsAddUp() throws {
        let folder = try ScratchFolder()
        var config = try config(folder, steps: 1, reward: CaptionRewards())
        (config.weights.reconstruction, config.weights.sparsity) = ([0], 0)
        let data = try #require(config.data)
        let source = try ExampleBatchSource(CaptionedImages(data, side: 16), data: data, config: config)
        config.model.vocabularySize = source.tokenizer.vocabularySize
        func outcome(people: Int, own: Bool) throws -> (caption: Float, reward: Float, gradients: [Float]) {
            var stage = config.stages[0]
            stage.captions = people
            if !own { stage.reward = nil }
            let worker = Worker(config: config, store: ParameterStore(seed: 4), reward: source.reward)
            var batch = source.batch(stage: stage, images: 0..<4)
            if let drawn = batch.own {
                // People said what one of the samples says.
                let captions = samples(worker, batch, drawn)
                for image in 0..<4 {
                    batch.own?.references[image] = [source.tokenizer.decode(captions[image * 5].tokens, skipSpecial: true)]
                }
            }
            worker.batch = batch
            worker.run(counts: StepCounts(captionTokens: 30, answers: 1, boxes: 1, workers: 1), k: 4, progress: 0)
            let gradients = worker.model.replica.tensors.flatMap { tensor in
                tensor.gradient?.array ?? [Float](repeating: 0, count: tensor.count)
            }
            return (worker.report.caption, worker.report.reward, gradients)
        }
        let both = try outcome(people: 2, own: true)
        let people = try outcome(people: 2, own: false), own = try outcome(people: 0, own: true)
        #expect(both.caption == people.caption && people.caption > 0 && both.reward == own.reward && own.reward > 0)
        #expect(people.reward == 0 && own.caption == 0)
        let largest = both.gradients.map(abs).max() ?? 0
        #expect(own.gradients.contains { abs($0) > 1e-2 * largest })
        for (i, g) in both.gradients.enumerated() { #expect(abs(g - people.gradients[i] - own.gradients[i]) < 1e-4 * largest) }
        withExtendedLifetime(folder) {}
    }

    @Test func impossibleRewardsAreRefused() throws {
        let folder = try ScratchFolder()
        func refusal(_ change: (inout TrainingConfig) -> Void) throws -> String {
            var config = try config(folder, steps: 1, reward: CaptionRewards())
            change(&config)
            do { try config.validate() } catch { return "\(error)" }
            return ""
        }
        #expect(try refusal { _ in }.isEmpty)
        #expect(try refusal { $0.stages[0].reward?.samples = 1 }.contains("reward.samples should be 2 to 1024, found 1"))
        #expect(try refusal { $0.data = nil }.contains("reward needs data of captions"))
        #expect(try refusal { $0.stages[0].reward?.bleu4 = -1 }.contains("reward.bleu4 should be 0 to 1000000, found -1"))
        withExtendedLifetime(folder) {}
    }
}
