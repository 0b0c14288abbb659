import ArgumentParser
import Foundation
import SpectralEngine
import SpectralFormats
import SpectralLens
import SpectralModel

struct EvalClaims: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "claims",
        abstract: "Test what the paper says of its frequency bands: mute them, and random atoms of like energy.",
        discussion: """
            On held-out scenes, with the questions of sdict eval: right answers before and after all vision atoms of a \
            band are muted, and after random other atoms are, as many and with energy as near as can be found. The bands \
            share out all frequencies: near DC, low, mid along the axes, mid oblique, high; their edges stand in the \
            report.

            The excess is how much more the band costs than random sets do on average, with a 95 % interval from \
            resamples of images and of sets: "more than chance" or "less than chance" where zero lies outside it, else \
            "no difference shown". Where a band's controls do not have its energy, which no others can have if it holds \
            most, the report says so. Of a hundred intervals about five miss zero by luck.

            Then each sentence of the paper's section 7.5 with the rows that test it: supported (controls of like \
            energy, and both the excess and the selectivity, how much more the band costs these questions than all \
            others, above zero with their whole intervals), not supported (an excess of at most 2 points, or a \
            selectivity under zero, with its whole interval; of n questions that of the excess reaches 3 / n above it at \
            least; where no controls are alike in energy, no cost at all in place of the excess), or undecided.

            With --json: checkpoint, hash, images, seed, k, stacks, resamples, bands [{name, edges, atoms, energyShare, \
            controls {requested, drawn, alike, seeds, energyRatios, problem}, isMatched, effects [{row, asked, before, \
            after, afterControls, excess, selectivity, standing}]}], findings [{sentence, verdict, tests, text}].

            Examples:
              sdict eval claims --png claims.png
              sdict eval claims --fusion --images 200 --markdown claims.md
            """)

    @OptionGroup var options: ModelOptions

    @Option(parsing: .unconditional, help: ArgumentHelp("Held-out scenes.", valueName: "n"))
    var images = 500

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Random sets for each band; set i is drawn from --seed + i.", valueName: "n"))
    var controls = 20

    @Option(parsing: .unconditional, help: ArgumentHelp("Resamples behind each interval.", valueName: "n"))
    var resamples = 1000

    @Flag(help: "Mute the fusion atoms of the same numbers as well.")
    var fusion = false

    @Option(
        parsing: .unconditional, help: ArgumentHelp(
            "Threads, each with a model of its own (default: one for each processor, at most 8).", valueName: "n"))
    var threads: Int?

    @Option(help: ArgumentHelp("Write the report to this file in Markdown.", valueName: "file"))
    var markdown: String?

    @OptionGroup var files: PictureFiles

    func run() throws {
        for (option, value, range) in [
            ("images", images, 1...1_000_000), ("controls", controls, 0...1000), ("resamples", resamples, 1...100_000),
            ("threads", threads ?? 1, 1...64),
        ] where !range.contains(value) {
            throw WrongUse(
                description: "--\(option) is out of range: expected \(range.lowerBound) to \(range.upperBound), found \(value)")
        }
        let path = try Bundled.checkpointPath(options.checkpoint), folder = try CheckpointFolder(path: path)
        try ModelOptions.check(k: options.k, of: folder.config)
        for warning in folder.sceneWarnings { Output.warning(warning) }
        let plan = ClaimPlan(
            images: images, seed: options.seed, k: options.k, controls: controls, includesFusion: fusion,
            threads: threads ?? min(8, ProcessInfo.processInfo.activeProcessorCount))
        let found = try ClaimMeasurement.run(
            path: path, transform: options.transform, plan: plan, progress: EvalProgress("claims", of: images).report)
        let report = ClaimsReport(
            found, resamples: resamples, checkpoint: options.checkpoint, hash: try folder.contentHash())
        if let markdown { try AtomicFile.write(path: markdown, Data(report.markdown.utf8)) }
        try files.write(report.picture, title: report.title)
        if options.json { return try Output.json(report) }
        report.lines.forEach(Output.line)
    }
}

/// A line to standard error at every twentieth of a long job.
struct EvalProgress: Sendable {
    private let name: String
    private let total: Int

    init(_ name: String, of total: Int) {
        self.name = name
        self.total = total
    }

    /// - Parameter done: scenes; called with rising numbers.
    @Sendable func report(_ done: Int) {
        // Batches have eight scenes or fewer.
        if done == total || done * 20 / total > max(0, done - 8) * 20 / total {
            Output.problemText("\(name): \(done) of \(total) scenes")
        }
    }
}
