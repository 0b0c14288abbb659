import ArgumentParser
import Foundation
import SpectralModel

extension BenchCommand {
    struct MixerBench: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "mixer",
            abstract: "Time and memory of one layer's token mixing, spectral against attention, as tokens grow.",
            discussion: """
                Forward only, one image on a square grid, one thread: analysis, modulation and synthesis by dense products and \
                by Fourier transform, and the attention twin's softmax(Q K^T / sqrt(c)) V with heads of c = 32 channels, exact, \
                a block of queries at a time. Beside it the same attention with all its scores kept, L x L a head, as training \
                runs it. The linear maps around the mixing, the same straight line in all, are left out. Atoms lie off the \
                grid's own frequencies, as learned ones do. A second table has one more suffix token after L image tokens, with \
                its projections: the spectral layer reads a state of constant size, the twin all keys and values, which its code \
                copies at every step.

                Milliseconds are processor time of the one thread, the median of --runs runs after one to warm up; a point that \
                takes a quarter of --budget or more is run once. MB (10^6 bytes) are what the mixing's own buffers hold at their \
                highest, output included: the pool they come from counts them, and the Fourier transforms say what scratch they \
                keep. What comes in and what is made once for weights and grid is not in it (the latter is basisBytes in JSON), \
                nor what oneDNN and FFTW take for themselves. Points over --budget or --memory are left out, and the table says so.

                With --json: width, headWidth, seed, points [{mixer, k, tokens, milliseconds, wallMilliseconds, runs, peakBytes, \
                basisBytes, stateBytes, skipped}], growth [{mixer, k, timeExponent, memoryExponent, over}].

                Examples:
                  sdict bench mixer --png mixer.png
                  sdict bench mixer --tokens 256,1024,4096 --k 34 --json
                """)

        @Option(help: ArgumentHelp("Numbers of tokens L, squares, separated by commas.", valueName: "list"))
        var tokens = "256,1024,4096,16384,65536"

        @Option(help: ArgumentHelp("Vision atoms K, separated by commas.", valueName: "list"))
        var k = "34,128"

        @Option(parsing: .unconditional, help: "Channels d, a multiple of 32.")
        var width = 128

        @Option(parsing: .unconditional, help: "Timed runs of a point at most.")
        var runs = 5

        @Option(parsing: .unconditional, help: "Seconds of processor time that one run of a point may be expected to take.")
        var budget = 240.0

        @Option(parsing: .unconditional, help: "Megabytes (2^20 bytes) a point may need.")
        var memory = 2048

        @Option(parsing: .unconditional, help: "Seed of the numbers that are mixed.")
        var seed: UInt64 = 1

        @Flag(help: "Print JSON instead of text.")
        var json = false

        @OptionGroup var files: PictureFiles

        private static let headWidth = 32

        /// - Throws: `WrongUse` for what is no list of numbers in `range`.
        private static func numbers(_ text: String, option: String, in range: ClosedRange<Int>) throws -> [Int] {
            let parts = text.split(separator: ",", omittingEmptySubsequences: false), found = parts.compactMap { Int($0) }
            guard found.count == parts.count, found.allSatisfy(range.contains) else {
                throw WrongUse(
                    description: "--\(option): expected numbers from \(range.lowerBound) to \(range.upperBound) separated by "
                        + "commas, found \(text.printable)")
            }
            return Set(found).sorted()
        }

        func run() throws {
            let tokens = try Self.numbers(tokens, option: "tokens", in: 4...1 << 20)
            let atoms = try Self.numbers(k, option: "k", in: 1...1024)
            let sides = tokens.map { Int(Double($0).squareRoot().rounded()) }
            if let odd = zip(tokens, sides).first(where: { $0 != $1 * $1 })?.0 {
                throw WrongUse(description: "--tokens: expected squares, such as 256 or 1024, found \(odd)")
            }
            func require(_ holds: Bool, _ option: String, _ expected: String, _ found: Any) throws {
                if !holds { throw WrongUse(description: "--\(option) is out of range: expected \(expected), found \(found)") }
            }
            try require((32...4096).contains(width) && width % Self.headWidth == 0, "width", "a multiple of 32 up to 4096", width)
            try require((1...1000).contains(runs), "runs", "1 to 1000", runs)
            try require(budget > 0 && budget.isFinite, "budget", "more than 0 seconds", budget)
            try require((1...1 << 20).contains(memory), "memory", "1 to 1048576", memory)

            let bench = MixerBenchmark(width: width, headWidth: Self.headWidth, seed: seed)
            let spectral = atoms.flatMap { [MixerCase.spectral(.dense, k: $0), .spectral(.fourier, k: $0)] }
            let cases = spectral + [.attention, .attentionKept] + atoms.map { .spectralStep(k: $0) } + [.attentionStep]
            let limits = MixerBudget(seconds: budget, bytes: memory << 20, runs: runs)
            let series = cases.map { mixer in
                bench.measure(mixer, sides: sides, budget: limits) { point in
                    let name = point.mixer + (point.k.map { ", K \($0)" } ?? "")
                    let found = point.milliseconds.map { String(format: "%.3f ms", $0) } ?? point.skipped ?? ""
                    Output.problemText("\(name), \(point.tokens) tokens: \(found)")
                }
            }
            let report = MixerReport(width: width, headWidth: Self.headWidth, seed: seed, series: series)
            try files.write(report.picture, title: "Time and memory of token mixing")
            if json { return try Output.json(report) }
            report.lines.forEach(Output.line)
        }
    }
}
