// The loop: batches to workers, gradients to the optimiser, figures to the log.

import Foundation
import SpectralFormats
import SpectralKernels
import SpectralModel

/// One line of a run's log: means since the line before. Losses are free of weights.
public struct TrainingLogLine: Codable, Sendable {
    public var step: Int
    public var stage: String
    public var caption: Float
    public var captionAccuracy: Float
    public var answer: Float
    public var answerAccuracy: Float
    public var box: Float
    public var iou: Float
    public var auxiliary: Float
    public var shapeAccuracy: Float
    public var textureAccuracy: Float
    public var digitAccuracy: Float
    public var reconstruction: Float
    public var sparsity: Float
    /// Mean reward of the model's own captions, where the stage has such.
    public var reward: Float?
    public var gradientNorm: Float
    public var rate: Float
    public var imagesPerSecond: Double
    public var secondsPerStep: Double
    public var etaSeconds: Double
    /// On images that are not trained on, where the config names some and the stage trains words.
    public var validation: ValidationFigures?

    /// The progress line.
    public var text: String {
        func f(_ x: Float, _ digits: Int = 3) -> String { String(format: "%.\(digits)f", x) }
        let eta = Duration.seconds(etaSeconds).formatted(.time(pattern: .hourMinuteSecond))
        // Only what was trained.
        func part(_ name: String, _ loss: Float, _ share: Float, _ unit: String = "") -> String? {
            loss == 0 ? nil : "\(name) \(f(loss)) (\(unit)\(f(share, 2)))"
        }
        let knowsObjects = shapeAccuracy + textureAccuracy + digitAccuracy > 0
        let parts: [String?] = [
            "\(stage) \(step)", part("caption", caption, captionAccuracy), part("answer", answer, answerAccuracy),
            part("box", box, iou, "IoU "), reward.map { "reward \(f($0))" },
            auxiliary == 0
                ? nil
                : "aux \(f(auxiliary))"
                    + (knowsObjects
                        ? " (shape \(f(shapeAccuracy, 2)) texture \(f(textureAccuracy, 2)) digit \(f(digitAccuracy, 2)))" : ""),
            validation.flatMap { part("validation caption", $0.caption, $0.captionAccuracy) },
            validation.flatMap { part("validation answer", $0.answer, $0.answerAccuracy) },
            "norm \(f(gradientNorm, 2))", String(format: "%.1f images/s", imagesPerSecond),
            String(format: "%.3f s/step", secondsPerStep), "ETA \(eta)",
        ]
        return parts.compactMap { $0 }.joined(separator: "  ")
    }
}

/// Runs every worker's batch, one thread each.
func runWorkers(_ workers: [Worker], on team: ThreadTeam, counts: StepCounts, k: Int, progress: Float) {
    team.run { i in
        useOneThreadForProducts()
        workers[i].run(counts: counts, k: k, progress: progress)
    }
}

extension TrainingRun {
    /// One step: forward, backward, update. Returns the figures and the gradient norm.
    func step() throws -> (report: StepReport, norm: Double, rate: Float) {
        let index = stepsDone, (stage, start, firstImage) = stage(at: index)
        if index == start, stage.shiftsText == true { shiftText() }
        let first = firstImage + (index - start) * stage.images
        let k = nestedK(step: index)
        let progress = Float(index) / Float(max(1, totalSteps))
        // Batches are drawn by the workers too; the counts that turn sums into means need all of them.
        team.run { i in
            let from = first + i * stage.images / workers.count, to = first + (i + 1) * stage.images / workers.count
            workers[i].batch = source.batch(stage: stage, images: from..<to)
            workers[i].batch?.dropout = stage.dropout.map {
                Dropout(rate: Float($0), seed: config.seed &* 0x2545_f491_4f6c_dd1d &+ UInt64(index * workers.count + i))
            }
        }
        let batches = workers.compactMap(\.batch)
        let counts = StepCounts(
            captionTokens: max(1, batches.reduce(0) { $0 + $1.captionRows.count }),
            answers: max(1, batches.reduce(0) { $0 + $1.answerRows.count }),
            boxes: max(1, batches.reduce(0) { $0 + $1.boxRows.count }), workers: workers.count,
            readsText: batches.contains { $0.input.prefixes.sequenceCount > 0 })
        runWorkers(workers, on: team, counts: counts, k: k, progress: progress)
        var report = StepReport()
        for worker in workers { report.add(worker.report, workers: workers.count) }
        let rate = stage.optimiser.rate(at: index - start + 1, of: stage.steps)
        let norm = optimiser.update(workers.map(\.model.replica), rate: rate, config: stage.optimiser)
        guard norm.isFinite else { throw TrainingError.diverged(step: index) }
        return (report, norm, rate)
    }

    /// Of the averaged weights, with all atoms.
    private func measureValidation() -> ValidationFigures? {
        guard let validation else { return nil }
        optimiser.swapAverages()
        defer { optimiser.swapAverages() }
        return validation.measure(workers, on: team, k: config.model.visionAtoms)
    }

    /// Sets gain and phase bias of every text layer to read neighbouring words, and forgets their moments.
    private func shiftText() {
        let shifted = VisionLanguageModel.shiftedText(config.model)
        for layer in 0..<config.model.textLayers {
            optimiser.restart("text.layers.\(layer).mixer.atoms.gain", at: shifted.gain)
            optimiser.restart("text.layers.\(layer).mixer.atoms.phase_bias", at: shifted.bias)
        }
    }

    /// Steps left, counted in steps like the current stage's: a step costs about as much as it has prefixes, of which the
    /// captions of one image share one.
    private func remainingSteps(to end: Int) -> Double {
        func cost(_ stage: TrainingStage) -> Double {
            let prefixes = (stage.trainsCaptions ? 1 : 0) + stage.questions + stage.groundings
            return Double(stage.images) * (1 + 1.5 * Double(prefixes))
        }
        var start = 0, left = 0.0
        for stage in config.stages {
            let steps = max(0, min(end, start + stage.steps) - max(stepsDone, start))
            left += Double(steps) * cost(stage)
            start += stage.steps
        }
        return left / cost(stage(at: max(0, stepsDone - 1)).stage)
    }

    /// Trains to the end of the last stage.
    /// - Parameters:
    ///   - progress: receives every log line.
    ///   - shouldStop: asked after each step; the state is saved before returning.
    public func train(
        untilStep limit: Int? = nil, progress: (TrainingLogLine) -> Void, shouldStop: () -> Bool = { false }
    ) throws {
        let end = min(limit ?? totalSteps, totalSteps)
        let log = try LogFile(folder.appendingPathComponent("log.jsonl"), after: stepsDone)
        var window = LogWindow(), lastSave = (time: ContinuousClock.now, step: -1)
        while stepsDone < end {
            let result = try step()
            let (stage, _, _) = stage(at: stepsDone - 1)
            window.add(result.report, norm: result.norm, images: stage.images)
            if stepsDone % config.logEvery == 0 || stepsDone == end {
                var line = window.line(step: stepsDone, stage: stage.name, rate: result.rate, left: remainingSteps(to: end))
                line.validation = stage.sequences > 0 ? measureValidation() : nil
                try log.append(line)
                progress(line)
                window = LogWindow()
            }
            let stop = shouldStop()
            let stageEnds = self.stage(at: stepsDone - 1).start != self.stage(at: stepsDone).start
            if stop || stageEnds || ContinuousClock.now - lastSave.time > .seconds(config.saveMinutes * 60) {
                try save()
                lastSave = (.now, stepsDone)
            }
            if stop { return }
        }
        if lastSave.step != stepsDone { try save() }
    }
}

/// Sums between two log lines.
private struct LogWindow {
    private var sum = StepReport()
    private var norm = 0.0
    private var images = 0
    private var steps = 0
    private let start = ContinuousClock.now

    mutating func add(_ report: StepReport, norm: Double, images: Int) {
        sum.add(report, workers: 1)
        self.norm += norm
        self.images += images
        steps += 1
    }

    func line(step: Int, stage: String, rate: Float, left: Double) -> TrainingLogLine {
        let n = Float(max(1, steps)), seconds = (ContinuousClock.now - start) / .seconds(1)
        return TrainingLogLine(
            step: step, stage: stage, caption: sum.caption / n, captionAccuracy: sum.captionHits / n,
            answer: sum.answer / n, answerAccuracy: sum.answerHits / n, box: sum.box / n, iou: sum.iou / n,
            auxiliary: sum.auxiliary.loss / n, shapeAccuracy: sum.auxiliary.accuracy[0] / n,
            textureAccuracy: sum.auxiliary.accuracy[2] / n, digitAccuracy: sum.auxiliary.accuracy[4] / n,
            reconstruction: sum.reconstruction / n, sparsity: sum.sparsity / n, reward: sum.reward == 0 ? nil : sum.reward / n,
            gradientNorm: Float(norm) / n, rate: rate, imagesPerSecond: Double(images) / seconds,
            secondsPerStep: seconds / Double(n), etaSeconds: seconds / Double(n) * left)
    }
}

/// Appends JSON lines.
private struct LogFile {
    private let handle: FileHandle

    /// - Parameter step: of the state that the run goes on from: lines of later steps, which a crash left behind, and a torn
    ///   last line go, since those steps are made again.
    init(_ url: URL, after step: Int) throws {
        struct Line: Decodable { let step: Int }
        let newline = UInt8(ascii: "\n"), decoder = JSONDecoder()
        let found = FileManager.default.fileExists(atPath: url.path) ? try Data(contentsOf: url) : Data()
        // What follows the last line break is torn.
        let whole = found.split(separator: newline, omittingEmptySubsequences: false).dropLast()
        let kept = whole.filter { ((try? decoder.decode(Line.self, from: $0))?.step ?? 0) <= step }
        let text = Data(kept.map { $0 + [newline] }.joined())
        if text != found || found.isEmpty { try text.write(to: url, options: .atomic) }
        handle = try FileHandle(forWritingTo: url)
        try handle.seekToEnd()
    }

    func append(_ line: TrainingLogLine) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        try handle.write(contentsOf: encoder.encode(line) + Data("\n".utf8))
    }
}
