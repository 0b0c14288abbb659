import Foundation
import SpectralFormats
import SpectralModel
import TestSupport
import Testing

@testable import SpectralTraining

/// Batches of images on disk: which images, which words, and that all of it hangs on seed and number alone.
@Suite struct ExampleBatchTests {
    /// Pictures of one grey each, which tells them apart, with captions and questions.
    private func flickr(_ count: Int, captions: (Int) -> [String] = { ["a picture of \($0) .", "Number \($0) ."] }) throws -> (
        ScratchFolder, TrainingData
    ) {
        let folder = try ScratchFolder()
        var lines = ["image\tcaption"]
        for i in 0..<count {
            let grey = UInt8(10 + i)
            try folder.put(
                "\(i).png", Data(ImageFile.encodePNG(.solid(width: 24, height: 24, red: grey, green: grey, blue: grey))))
            lines += captions(i).map { "\(i).png\t\($0)" }
        }
        var data = TrainingData(kind: .captions)
        data.file = try folder.write("train.tsv", lines.joined(separator: "\n") + "\n")
        data.images = folder.path
        return (folder, data)
    }

    private func config(_ data: TrainingData) -> TrainingConfig { fileConfig(data) }

    private func source(_ config: TrainingConfig) throws -> ExampleBatchSource {
        let data = try #require(config.data)
        return try ExampleBatchSource(CaptionedImages(data, side: config.model.imageSize), data: data, config: config)
    }

    /// The grey of each image of a batch.
    private func greys(_ batch: TrainingBatch) -> [Int] {
        let perImage = batch.input.patches.count / batch.input.layout.imageCount
        return batch.input.patches.values.array.enumerated().filter { $0.offset % perImage == 0 }
            .map { Int((($0.element + 1) * 127.5).rounded()) - 10 }
    }

    @Test func everyEpochHasEveryImageOnceInAnotherOrder() throws {
        let (folder, data) = try flickr(7), config = config(data), source = try source(config)
        let epochs = (0..<3).map { greys(source.batch(stage: config.stages[0], images: $0 * 7..<($0 + 1) * 7)) }
        for epoch in epochs { #expect(epoch.sorted() == Array(0..<7)) }
        #expect(Set(epochs).count == 3)
        // However the numbers are parted among workers and steps.
        let parted = [0..<3, 3..<10, 10..<21].flatMap { greys(source.batch(stage: config.stages[0], images: $0)) }
        #expect(parted == epochs.flatMap { $0 })
        withExtendedLifetime(folder) {}
    }

    @Test func captionsLoseTheirStopAndCapitals() throws {
        let (folder, data) = try flickr(3), config = config(data), source = try source(config)
        let batch = source.batch(stage: config.stages[0], images: 0..<30), eos = SpecialToken.eos.rawValue
        let texts = batch.captionTargets.split(separator: eos).map { source.tokenizer.decode(Array($0), skipSpecial: true) }
        let expected = Set((0..<3).flatMap { ["a picture of \($0)", "number \($0)"] })
        #expect(Set(texts) == expected && texts.count == 30)
        // What is read is `<cls>` and the words that are asked for, one place on.
        #expect(batch.input.suffixes.count == batch.captionTargets.count)
        for (row, target) in zip(batch.captionRows, batch.captionTargets) where target != eos {
            #expect(batch.input.suffixes[row + 1] == target)
        }
        withExtendedLifetime(folder) {}
    }

    @Test func longCaptionsAreCutAndHaveNoEnd() throws {
        let long = (0..<40).map { "w\($0)" }.joined(separator: " ")
        let (folder, data) = try flickr(2) { _ in [long] }
        let config = config(data), batch = try source(config).batch(stage: config.stages[0], images: 0..<2)
        #expect(batch.input.suffixes.count == 2 * config.model.maxSuffix && batch.captionTargets.count == 2 * 11)
        #expect(!batch.captionTargets.contains(SpecialToken.eos.rawValue))
        withExtendedLifetime(folder) {}
    }

    /// Captions of one image go on from one prefix: the same losses and gradients as from a prefix each.
    @Test(arguments: [ModelConfig.Preset.gated, .paper, .attention]) func sharedPrefixesChangeNothing(preset: ModelConfig.Preset) throws {
        var config = TrainingConfig()
        config.model = ModelConfig(
            preset: preset, width: 32, visionLayers: 1, fusionLayers: 2, visionAtoms: 4, textAtoms: 4, imageSize: 16, patchSize: 8,
            vocabularySize: 300, answers: 3, maxSuffix: 12, maxPrompt: 8, ridge: 0.1, headWidth: 16)
        func outcome(shares: Bool) throws -> (loss: Float, gradients: [[Float]], prefixes: Int) {
            var random = Seeded(state: 3), builder = BatchBuilder(config.model, sharesPrefixes: shares)
            for _ in 0..<2 {
                builder.add(PixelImage(width: 16, height: 16, pixels: (0..<768).map { _ in UInt8.random(in: 0...255, using: &random) }))
                for length in [3, 11, 5] { builder.addCaption((0..<length).map { _ in Int.random(in: 10..<300, using: &random) }) }
                builder.addQuestion([20, 21], answer: 1)
                builder.addQuestion([20, 22], answer: 2)
            }
            let worker = Worker(config: config, store: ParameterStore(seed: 1)), batch = builder.batch()
            worker.batch = batch
            worker.run(
                counts: StepCounts(captionTokens: batch.captionRows.count, answers: 4, boxes: 1, workers: 1), k: 4, progress: 0)
            let gradients = worker.model.replica.tensors.map { $0.gradient?.array ?? [] }
            return (worker.report.caption + worker.report.answer, gradients, batch.input.prefixes.sequenceCount)
        }
        let apart = try outcome(shares: false), shared = try outcome(shares: true)
        #expect(apart.prefixes == 10 && shared.prefixes == 6)
        #expect(abs(apart.loss - shared.loss) < 1e-5 * abs(apart.loss))
        // Sums of the same terms in another order, in single precision. In preset paper an atom's phase cancels between
        // analysis and synthesis: what is left of its gradient is the rounding of terms as large as the others'.
        let largest = apart.gradients.joined().map(abs).max() ?? 0
        for (a, b) in zip(apart.gradients, shared.gradients) {
            let scale = max(1e-2 * largest, a.map(abs).max() ?? 0)
            #expect(a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) < 1e-4 * scale })
        }
    }

    @Test func heldOutImagesAreNotSeen() throws {
        var (folder, data) = try flickr(10)
        data.holdOut = 5
        let config = config(data), seen = greys(try source(config).batch(stage: config.stages[0], images: 0..<40))
        #expect(Set(seen) == Set(0..<10).subtracting([4, 9]))
        withExtendedLifetime(folder) {}
    }

    @Test func noisyWordsAreReadButNotAskedFor() throws {
        var (folder, data) = try flickr(4)
        let plain = try source(config(data)).batch(stage: config(data).stages[0], images: 0..<40)
        data.wordNoise = 0.5
        let noisy = try source(config(data)).batch(stage: config(data).stages[0], images: 0..<40)
        #expect(noisy.captionTargets == plain.captionTargets)
        let changed = zip(noisy.input.suffixes, plain.input.suffixes).count { $0 != $1 }
        let words = plain.input.suffixes.count - 40
        #expect(changed > words / 3 && changed < words * 2 / 3, "\(changed) of \(words)")
        #expect(noisy.input.suffixes.allSatisfy { $0 == SpecialToken.cls.rawValue || $0 >= SpecialToken.allCases.count })
        withExtendedLifetime(folder) {}
    }

    /// The same batch as with data varied so throughout; what the data say holds for the other stages.
    @Test func aStageMayVaryImagesAndWordsItsOwnWay() throws {
        let (folder, plain) = try flickr(4)
        var varied = plain, stage = config(plain).stages[0]
        (varied.augmentation.crop, varied.augmentation.mirrors, varied.augmentation.colour, varied.wordNoise) = (0.5, true, 0.3, 0.5)
        (stage.augmentation, stage.wordNoise) = (varied.augmentation, varied.wordNoise)
        func batch(_ data: TrainingData, _ stage: TrainingStage) throws -> [[Float]] {
            let input = try source(config(data)).batch(stage: stage, images: 0..<20).input
            return [input.patches.values.array, input.suffixes.map(Float.init)]
        }
        let own = try batch(plain, stage), usual = config(plain).stages[0]
        #expect(try own == batch(varied, usual))
        #expect(try zip(own, batch(plain, usual)).allSatisfy { $0 != $1 })
        withExtendedLifetime(folder) {}
    }

    @Test func bagsHaveTheWordsOfAllCaptionsButTheCommonOnes() throws {
        var (folder, data) = try flickr(60) { i in ["the \(i % 6 == 0 ? "cat" : "dog") sits", "grass \(i % 7 == 0 ? "tree" : "stone")"] }
        data.bagWeight = 1
        let config = config(data), source = try source(config)
        // "dog", "stone", "sits", "grass" and "the" are in every fifth of the 120 captions and more; "cat" (10) and "tree" (9) are not.
        #expect(source.bagWords == ["cat", "tree"])
        let batch = source.batch(stage: config.stages[0], images: 0..<60)
        for (grey, bag) in zip(greys(batch), batch.bags) {
            #expect(bag.count == (grey % 6 == 0 ? 1 : 0) + (grey % 7 == 0 ? 1 : 0), "image \(grey)")
        }
        withExtendedLifetime(folder) {}
    }

    @Test func viewsAreOfTheModelsSizeAndSidesStayWhereTheyAreNamed() {
        var augmentation = Augmentation()
        (augmentation.crop, augmentation.mirrors, augmentation.colour) = (0.5, true, 0.3)
        let pixels = (0..<30 * 20).flatMap { i -> [UInt8] in [UInt8(i % 30 * 8), 100, 100] }
        let image = PixelImage(width: 30, height: 20, pixels: pixels)
        var rising = 0
        for seed in 0..<40 {
            for maySwap in [true, false] {
                var random = SceneRandom(seed: UInt64(seed))
                let view = augmentation.view(of: image, side: 16, maySwapSides: maySwap, using: &random)
                #expect(view.width == 16 && view.height == 16)
                let isRising = view.pixels[15 * 3] > view.pixels[0]
                if maySwap { rising += isRising ? 1 : 0 } else { #expect(isRising, "left stays left") }
            }
        }
        #expect(rising > 8 && rising < 32, "about every other is mirrored")
        var random = SceneRandom(seed: 1)
        #expect(Augmentation().view(of: image, side: 16, maySwapSides: true, using: &random) == image.resized(width: 16, height: 16))
    }

    @Test func aRunOnFilesResumesToTheLastBit() throws {
        var (folder, data) = try flickr(5)
        (data.augmentation.crop, data.wordNoise, data.bagWeight) = (0.7, 0.2, 0.5)
        func lines(_ run: String, _ data: TrainingData, until: Int?) throws -> [[Float]] {
            var lines: [[Float]] = []
            let run = try TrainingRun(config: config(data), folder: URL(fileURLWithPath: folder.file(run)))
            try run.train(untilStep: until, progress: { lines.append([$0.caption, $0.auxiliary, $0.gradientNorm]) })
            return lines
        }
        let once = try lines("once", data, until: nil)
        var moved = data
        moved.images = folder.path + "/"
        let twice = try lines("twice", data, until: 1) + lines("twice", moved, until: nil)
        #expect(once == twice && once.count == 3 && once.allSatisfy { $0.allSatisfy(\.isFinite) })
        moved.wordNoise = 0.3
        #expect(throws: TrainingError.self) { try lines("twice", moved, until: nil) }
        // As many words in other letters: every shape is the same, and what the numbers mean is not.
        let (others, otherData) = try flickr(5) { ["b qjduvsf pg \($0) .", "Ovncfs \($0) ."] }
        data.file = otherData.file
        let refusal = #expect(throws: TrainingError.self) { try lines("once", data, until: nil) }
        #expect(refusal.map { "\($0)" }?.contains("other words or answers") == true)
        withExtendedLifetime(others) {}
    }

    @Test func aRunOnOtherWordsStartsFromTheVisionStackAlone() throws {
        let (folder, data) = try flickr(3)
        func run(_ name: String, seed: UInt64, from start: String? = nil) throws -> TrainingRun {
            var settings = config(data)
            settings.seed = seed
            return try TrainingRun(
                config: settings, folder: URL(fileURLWithPath: folder.file(name)), start: start.map { try CheckpointFolder(path: $0) })
        }
        func values(_ run: TrainingRun) -> [String: [Float]] {
            Dictionary(uniqueKeysWithValues: run.store.parameters.map { ($0.name, $0.values.array) })
        }
        let first = try run("first", seed: 1)
        try first.exportCheckpoint(to: folder.file("start"), half: false)
        let (others, otherData) = try flickr(3) { ["some other words altogether \($0)"] }
        var settings = config(otherData)
        settings.seed = 9
        let second = try TrainingRun(
            config: settings, folder: URL(fileURLWithPath: folder.file("second")), start: CheckpointFolder(path: folder.file("start")))
        #expect(second.startsWithVisionOnly)
        let (old, new) = (values(first), values(second)), fresh = values(try TrainingRun(
            config: settings, folder: URL(fileURLWithPath: folder.file("fresh"))))
        for (name, now) in new {
            let isVision = name.hasPrefix("vision.") || name.hasPrefix("patch.")
            #expect(now == (isVision ? old[name] : fresh[name]), "\(name)")
        }
        // With its own words all of it is taken.
        let third = try run("third", seed: 9, from: folder.file("start"))
        #expect(!third.startsWithVisionOnly && values(third)["words"] == old["words"])
        // Other texts in the checkpoint's words: again all of it, but for a head of other answers.
        settings.data?.keepsWords = true
        let kept = try TrainingRun(
            config: settings, folder: URL(fileURLWithPath: folder.file("kept")), start: CheckpointFolder(path: folder.file("start")))
        #expect(!kept.startsWithVisionOnly && values(kept)["words"] == old["words"] && values(kept)["fusion.frequencies"] == old["fusion.frequencies"])
        #expect(throws: TrainingError.self, "there is nothing whose words to keep") {
            try TrainingRun(config: settings, folder: URL(fileURLWithPath: folder.file("none")))
        }
        settings.data = TrainingData(kind: .sortOfClevr)
        settings.data?.keepsWords = true
        (settings.stages[0].captions, settings.stages[0].questions) = (0, 1)
        let answering = try TrainingRun(
            config: settings, folder: URL(fileURLWithPath: folder.file("answering")),
            start: CheckpointFolder(path: folder.file("start")))
        let taken = values(answering)
        #expect(taken["words"] == old["words"] && taken["fusion.frequencies"] == old["fusion.frequencies"])
        #expect(taken["answer.first.weight"] != old["answer.first.weight"] && taken["answer.second.weight"]?.count == 10 * 64)
        // The tokenizer is of other texts, so that the words which were trained are listed.
        try answering.exportCheckpoint(to: folder.file("answers"))
        let listed = try #require(try CheckpointFolder(path: folder.file("answers")).words)
        #expect(listed.isSuperset(of: ["closest", "furthest", "many", "red"]) && !listed.contains("altogether"))
        #expect(try CheckpointFolder(path: folder.file("start")).words == nil)
        withExtendedLifetime(others) {}
    }

    @Test func whatCannotBeTrainedOnIsOneClearLine() throws {
        var (folder, data) = try flickr(2)
        func problem() -> String {
            do {
                _ = try TrainingRun(config: config(data), folder: URL(fileURLWithPath: folder.file("run")))
                return "none"
            } catch { return "\(error)" }
        }
        func refusal(_ settings: TrainingConfig) -> String {
            do { try settings.validate() } catch { return "\(error)" }
            return "none"
        }
        try folder.put("1.png", Data([1, 2, 3]))
        #expect(problem().contains("1.png"))
        try FileManager.default.removeItem(atPath: folder.file("1.png"))
        #expect(problem().contains("1.png"))
        data.holdOut = 1
        #expect(problem().contains("no images are left"))
        data.augmentation.crop = 0
        #expect(problem().contains("data.augmentation.crop should be 0.05"))
        var settings = config(data)
        settings.data?.augmentation.crop = 1
        settings.stages[0].wordNoise = 1.5
        #expect(refusal(settings).contains("stage joint: wordNoise should be 0 to 1, found 1.5"))
        settings.stages[0].wordNoise = 0.5
        settings.data = nil
        #expect(refusal(settings).contains("stage joint: augmentation and wordNoise need data other than scenes"))
        data.file = folder.file("none.tsv")
        data.augmentation.crop = 1
        #expect(problem().contains("none.tsv") && !problem().contains("\n"))
    }
}
