import ArgumentParser
import Foundation
import SpectralFormats
import SpectralTraining

struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measure how fast the program is on this machine.",
        subcommands: [Train.self, TransformBench.self])

    struct Train: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "train",
            abstract: "Time training steps: d 128, K 34, layers 3+1+3, 64 x 64 images in 8 x 8 patches.",
            discussion: """
                24 images x 6 sequences of 14 prompt and 18 suffix tokens a step, forward, backward and update, on \
                two worker threads.
                """)

        @Option(help: "Timed steps.")
        var steps = 15

        @Option(help: "gated, paper or attention.")
        var preset = "gated"

        @Flag(help: "Print JSON.")
        var json = false

        func run() throws {
            guard let preset = ModelConfig.Preset(rawValue: preset) else {
                throw ValidationError("--preset is gated, paper or attention, not \(preset)")
            }
            guard steps > 0 else { throw ValidationError("--steps is at least 1, not \(steps)") }
            let result = TrainingBenchmark(preset: preset).run(steps: steps)
            if json {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
                return Output.line(String(decoding: try encoder.encode(result), as: UTF8.self))
            }
            Output.line(
                String(
                    format: "%.3f s a step (median of %d; %.3f to %.3f), preset %@", result.median, steps, result.minimum,
                    result.maximum, preset.rawValue))
        }
    }
}
