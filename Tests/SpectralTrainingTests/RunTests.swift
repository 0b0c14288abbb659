import Foundation
import SpectralFormats
import SpectralKernels
import SpectralModel
import Testing

@testable import SpectralTraining

/// A run small enough for a test: d 32, K 6, one layer each.
private func tinyConfig() -> TrainingConfig {
    var config = TrainingConfig()
    config.model.width = 32
    config.model.visionLayers = 1
    config.model.fusionLayers = 2
    config.model.visionAtoms = 6
    config.model.textAtoms = 4
    config.model.headWidth = 16
    var see = TrainingStage(), joint = TrainingStage()
    see.name = "see"
    (see.steps, see.images, see.captions, see.questions, see.groundings) = (2, 2, 0, 0, 0)
    (joint.steps, joint.images, joint.questions) = (4, 2, 2)
    joint.optimiser.warmup = 2
    joint.dropout = 0.1
    config.stages = [see, joint]
    config.logEvery = 1
    return config
}

/// Two steps with captions, two without and two with them again.
private func dropsCaptions() -> TrainingConfig {
    var config = tinyConfig(), joint = config.stages[1]
    joint.steps = 2
    config.stages = [joint, joint, joint]
    config.stages[1].captions = 0
    return config
}

private func temporaryFolder() -> URL {
    FileManager.default.temporaryDirectory.appendingPathComponent("sdict-\(UUID().uuidString)")
}

struct RunTests {
    /// The second: a stage that leaves captions alone, between two that train them, is where it was stopped.
    @Test(arguments: [tinyConfig(), dropsCaptions()]) func aResumedRunComputesTheSameLossesToTheLastBit(
        _ config: TrainingConfig
    ) throws {
        let whole = temporaryFolder(), parted = temporaryFolder()
        defer { for folder in [whole, parted] { try? FileManager.default.removeItem(at: folder) } }
        func losses(_ folder: URL, until: Int?) throws -> [[Float]] {
            var lines: [[Float]] = []
            let run = try TrainingRun(config: config, folder: folder)
            try run.train(untilStep: until, progress: {
                lines.append([$0.caption, $0.answer, $0.box, $0.auxiliary, $0.reconstruction, $0.sparsity, $0.gradientNorm])
            })
            return lines
        }
        let once = try losses(whole, until: nil)
        let twice = try losses(parted, until: 3) + losses(parted, until: nil)
        #expect(once.count == 6)
        #expect(once == twice)
        #expect(once.allSatisfy { $0.allSatisfy(\.isFinite) })
    }

    /// After a crash the log may be ahead of the state, its last line torn.
    @Test func theLogHasEveryStepOnce() throws {
        let folder = temporaryFolder(), log = folder.appendingPathComponent("log.jsonl")
        defer { try? FileManager.default.removeItem(at: folder) }
        func steps() throws -> [Int] {
            try Data(contentsOf: log).split(separator: UInt8(ascii: "\n")).map {
                try JSONDecoder().decode(TrainingLogLine.self, from: $0).step
            }
        }
        try TrainingRun(config: tinyConfig(), folder: folder).train(untilStep: 3, progress: { _ in })
        let whole = try Data(contentsOf: log), last = try #require(whole.split(separator: UInt8(ascii: "\n")).last)
        let ahead = try #require(String(data: last, encoding: .utf8)).replacingOccurrences(of: "\"step\":3", with: "\"step\":5")
        try (whole + Data((ahead + "\n{\"step\":6,\"sta").utf8)).write(to: log)
        try TrainingRun(config: tinyConfig(), folder: folder).train(progress: { _ in })
        #expect(try steps() == [1, 2, 3, 4, 5, 6])
        #expect(try Data(contentsOf: log).starts(with: whole))
    }

    /// Dropout thins what a step learns from, and nothing that is measured.
    @Test func dropoutIsOfTrainingAlone() throws {
        let folder = temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let run = try TrainingRun(config: tinyConfig(), folder: folder), stage = tinyConfig().stages[1]
        func loss(_ rate: Float?, _ body: (Worker) -> Void) -> Float {
            run.workers[0].batch = run.source.batch(stage: stage, images: 0..<2)
            run.workers[0].batch?.dropout = rate.map { Dropout(rate: $0, seed: 1) }
            body(run.workers[0])
            return run.workers[0].report.caption
        }
        let counts = StepCounts(captionTokens: 20, answers: 4, boxes: 2, workers: 1)
        let trained = [nil, 0, 0.5].map { rate in loss(rate) { $0.run(counts: counts, k: 6, progress: 0) } }
        let measured = [nil, 0.5].map { rate in loss(rate) { $0.measure(counts: counts, k: 6) } }
        #expect(trained[0] == trained[1] && trained[0] != trained[2] && measured[0] == measured[1])
        var config = tinyConfig()
        config.stages[1].dropout = nil
        func losses(_ config: TrainingConfig) throws -> [Float] {
            let folder = temporaryFolder()
            defer { try? FileManager.default.removeItem(at: folder) }
            var made: [Float] = []
            try TrainingRun(config: config, folder: folder).train(untilStep: 3, progress: { made.append($0.auxiliary + $0.caption) })
            return made
        }
        // Two steps of the stage without, then one of the stage with it.
        let (thinned, plain) = (try losses(tinyConfig()), try losses(config))
        #expect(thinned[0..<2] == plain[0..<2] && thinned[2] != plain[2])
        config.stages[1].dropout = 1
        let error = #expect(throws: TrainingError.self) { try TrainingRun(config: config, folder: folder) }
        #expect(error?.description.contains("dropout should be 0 to 0.9, found 1") == true)
    }

    /// K twice as often as each of its halves; as many halves as the config says.
    @Test(arguments: [(2, [6, 3, 1]), (1, [6, 3]), (4, [6, 3, 1, 1, 1])]) func nestedStepsDrawHalves(halvings: Int, drawn: [Int]) throws {
        let folder = temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        var config = tinyConfig()
        config.nestedHalvings = halvings
        let run = try TrainingRun(config: config, folder: folder), steps = 4000
        let found = Dictionary((0..<steps).map { (run.nestedK(step: $0), 1.0) }, uniquingKeysWith: +)
        var expected: [Int: Double] = [6: 1]
        for k in drawn { expected[k, default: 0] += 1 }
        #expect(Set(found.keys) == Set(expected.keys))
        for (k, share) in expected {
            // Four standard deviations of a share of the steps.
            let p = share / Double(drawn.count + 1), allowed = 4 * (p * (1 - p) / Double(steps)).squareRoot()
            #expect(abs((found[k] ?? 0) / Double(steps) - p) <= allowed, "K \(k)")
        }
    }

    @Test func weightsLeftOutOfAConfigAreTheUsualOnes() throws {
        var expected = LossWeights()
        (expected.reconstruction, expected.box) = ([0.005], 2)
        let config = try TrainingConfig(json: Data(#"{"weights": {"reconstruction": [0.005], "box": 2}}"#.utf8), path: "a.json")
        #expect(config.weights == expected && config.weights.smoothing == 0.1)
        #expect(throws: TrainingError.self) { try TrainingConfig(json: Data(#"{"weights": {"boxes": 2}}"#.utf8), path: "a.json") }
    }

    @Test func aStateOfAnotherModelIsRefused() throws {
        let folder = temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        try TrainingRun(config: tinyConfig(), folder: folder).save()
        var other = tinyConfig()
        other.seed = 2
        #expect(throws: TrainingError.self) { try TrainingRun(config: other, folder: folder) }
    }

    /// A stage that reads no text has a penalty on the gains of the vision stack alone: on others Adam would make whole steps of it.
    @Test func gainsThatAStageDoesNotUseGetNoGradient() throws {
        let folder = temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let run = try TrainingRun(config: tinyConfig(), folder: folder), worker = run.workers[0]
        for (stage, reads) in zip(tinyConfig().stages, [false, true]) {
            worker.batch = run.source.batch(stage: stage, images: 0..<2)
            worker.batch?.dropout = nil
            let counts = StepCounts(captionTokens: 20, answers: 4, boxes: 2, workers: 1, readsText: reads)
            worker.run(counts: counts, k: 6, progress: 0)
            let others = worker.model.gains.dropFirst(worker.model.visionGains.count)
            #expect(worker.model.visionGains.allSatisfy { $0.gradient != nil })
            #expect(others.count == 3 && others.allSatisfy { ($0.gradient != nil) == reads })
            _ = run.optimiser.update([worker.model.replica], rate: 0, config: OptimiserConfig())
        }
    }

    @Test func lossFallsOnABatchSeenAgainAndAgain() throws {
        let folder = temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let run = try TrainingRun(config: tinyConfig(), folder: folder)
        let stage = tinyConfig().stages[1]
        func loss(update: Bool) -> Float {
            let worker = run.workers[0]
            worker.batch = run.source.batch(stage: stage, images: 0..<2)
            let batch = worker.batch
            let counts = StepCounts(
                captionTokens: batch?.captionRows.count ?? 1, answers: batch?.answerRows.count ?? 1,
                boxes: max(1, batch?.boxRows.count ?? 1), workers: 1)
            worker.run(counts: counts, k: 6, progress: 0)
            if update { _ = run.optimiser.update([worker.model.replica], rate: 3e-3, config: OptimiserConfig()) }
            return worker.report.caption + worker.report.answer + worker.report.box + worker.report.auxiliary.loss
        }
        let first = loss(update: true)
        for _ in 0..<30 { _ = loss(update: true) }
        #expect(loss(update: false) < 0.7 * first)
    }

    @Test func anExportedCheckpointAnswersAsItsOwnFolder() throws {
        let folder = temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let run = try TrainingRun(config: tinyConfig(), folder: folder)
        let path = folder.appendingPathComponent("checkpoint").path
        try run.exportCheckpoint(to: path)
        let model = try LoadedModel(path: path)
        #expect(model.warnings.isEmpty)
        #expect(!model.parameters.contains { $0.name.hasPrefix("auxiliary") })
        let plan = SceneEvaluationPlan(images: 3, questionsPerImage: 4)
        let result = model.evaluate(plan)
        #expect(result.vqa.asked == 12 && result.captions.asked == 3)
        #expect(result.kinds.values.reduce(0) { $0 + $1.asked } == 12)
    }

    @Test func ratesRiseThenFall() {
        var config = OptimiserConfig()
        (config.rate, config.warmup, config.floor) = (1, 10, 0.1)
        #expect(abs(config.rate(at: 5, of: 100) - 0.5) < 0.01)
        #expect(config.rate(at: 10, of: 100) > config.rate(at: 60, of: 100))
        #expect(abs(config.rate(at: 100, of: 100) - 0.1) < 1e-6)
    }

    @Test func badConfigsAreOneClearLine() throws {
        let folder = temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        var config = tinyConfig()
        config.workers = 5
        let error = #expect(throws: TrainingError.self) { try TrainingRun(config: config, folder: folder) }
        #expect(error?.description.contains("\n") == false)
        #expect(error?.description.contains("worker") == true)
    }
}

struct OptimiserTests {
    /// AdamW as Loshchilov and Hutter write it, in double precision.
    @Test func updatesMatchTheTextbook() {
        let start: [Float] = [0.5, -1.25, 2], gradients: [[Float]] = [[0.1, -0.2, 3], [0.3, 0.05, -1], [-0.7, 0, 0.2]]
        let w = FloatBuffer(start), m = FloatBuffer(count: 3), v = FloatBuffer(count: 3)
        var (tw, tm, tv) = (start.map(Double.init), [0.0, 0, 0], [0.0, 0, 0])
        for (i, g) in gradients.enumerated() {
            AdamW.update(
                w, m: m, v: v, gradient: FloatBuffer(g), clip: 0.5, rate: 0.01, beta1: 0.9, beta2: 0.99, decay: 0.1,
                step: i + 1)
            for j in 0..<3 {
                let x = 0.5 * Double(g[j])
                tm[j] = 0.9 * tm[j] + 0.1 * x
                tv[j] = 0.99 * tv[j] + 0.01 * x * x
                let mHat = tm[j] / (1 - pow(0.9, Double(i + 1))), vHat = tv[j] / (1 - pow(0.99, Double(i + 1)))
                tw[j] -= 0.01 * (mHat / (vHat.squareRoot() + 1e-8) + 0.1 * tw[j])
            }
        }
        for (a, b) in zip(w.array, tw) { #expect(abs(Double(a) - b) < 1e-5) }
    }
}
