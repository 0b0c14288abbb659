import ArgumentParser
import Foundation
import SpectralEngine
import SpectralFormats
import SpectralTraining

extension ModelConfig.Preset: ExpressibleByArgument {}

struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measure how fast the program is on this machine.",
        subcommands: [Train.self, TransformBench.self, MixerBench.self, UIBench.self])

    /// What all of them take.
    struct Common: ParsableArguments {
        @Option(
            help: ArgumentHelp(
                "Measure with the model of this checkpoint: a folder, or the name of a bundled one.", valueName: "dir"),
            completion: .directory)
        var checkpoint: String?

        @Option(parsing: .unconditional, help: "Seed of whatever is drawn at random: weights, numbers, keys.")
        var seed: UInt64 = 1

        @Flag(help: "Print JSON instead of text.")
        var json = false
    }

    struct Train: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "train",
            abstract: "Time training steps: d 128, K 34, layers 3+1+3, 64 x 64 images in 8 x 8 patches.",
            discussion: """
                24 images x 6 sequences of 14 prompt and 18 suffix tokens a step, forward, backward and update, on \
                two worker threads; with --checkpoint the model of that.

                With --json: preset, k, median, minimum, maximum (seconds a step), seconds (of every step, in order).
                """)

        @Option(parsing: .unconditional, help: "Timed steps.")
        var steps = 15

        @Option(help: "gated, paper or attention (default: gated).")
        var preset: ModelConfig.Preset?

        @Option(parsing: .unconditional, help: "Vision atoms of every step, 1 to the model's own (default: all).")
        var k: Int?

        @OptionGroup var common: Common

        private struct Report: Encodable {
            let preset: String
            let k: Int
            let median: Double
            let minimum: Double
            let maximum: Double
            let seconds: [Double]
        }

        func validate() throws {
            if preset != nil, common.checkpoint != nil {
                throw ValidationError("--preset and --checkpoint exclude each other: a checkpoint has its preset")
            }
            guard (1...100_000).contains(steps) else {
                throw ValidationError("--steps is out of range: expected 1 to 100000, found \(steps)")
            }
        }

        func run() throws {
            let model =
                try common.checkpoint.map { try CheckpointFolder(path: Bundled.checkpointPath($0)).config }
                ?? TrainingBenchmark.standardModel(preset: preset ?? .gated)
            try ModelOptions.check(k: k, of: model)
            let result = TrainingBenchmark(model: model, k: k, seed: common.seed).run(steps: steps), preset = model.preset
            if common.json {
                return try Output.json(
                    Report(
                        preset: preset.rawValue, k: k ?? model.visionAtoms, median: result.median, minimum: result.minimum,
                        maximum: result.maximum,
                        seconds: result.seconds))
            }
            Output.line(
                String(
                    format: "%.3f s a step (median of %d; %.3f to %.3f), preset %@", result.median, steps, result.minimum,
                    result.maximum, preset.rawValue))
        }
    }
}
