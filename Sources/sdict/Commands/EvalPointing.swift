import ArgumentParser
import Foundation
import SpectralEngine
import SpectralFormats
import SpectralLens
import SpectralModel
import SpectralScreen

struct EvalPointing: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pointing",
        abstract: "Localisation without boxes: does the phase alignment of patches and words point at the thing?",
        discussion: """
            The pointing game on held-out scenes: each is asked for one thing by a phrase that is true of it alone, as \
            sdict eval grounds it, and a map over the patches points at the centre of its highest patch (of equals the \
            first in reading order). A hit lies in the thing's true box; stricter, on its drawn pixels.

            The maps are those of the Ask screen, over all fusion atoms in use, for the phrase's tokens without the task \
            token: the phase alignment of patches and words, mean over words; with the whole prompt's sum in place of \
            each word; weighted by response; and the response |w v| alone, which is compared with no word, though from \
            the second layer on the words have told on the patches. The last layer is the one that the screen shows. \
            Beside them: the centre of the image, a random patch (the share of patches that would hit), and the centre \
            of the box that the trained head gives.

            The maps are made without boxes. A checkpoint that was trained to give boxes, as those of scenes were, may \
            have learned from them to look there all the same.

            Intervals are Wilson's, of 95 %. With --json: checkpoint, hash, images, seed, k, rows [{name, box, object, \
            boxAmongSeveral}], each {hits, asked, share, low, high}.

            Examples:
              sdict eval pointing
              sdict eval pointing --images 200 --k 8 --markdown pointing.md
            """)

    @OptionGroup var options: ModelOptions

    @Option(parsing: .unconditional, help: ArgumentHelp("Held-out scenes.", valueName: "n"))
    var images = 1000

    @Option(
        parsing: .unconditional, help: ArgumentHelp(
            "Threads, each with a model of its own (default: one for each processor, at most 8).", valueName: "n"))
    var threads: Int?

    @Option(help: ArgumentHelp("Write the table to this file in Markdown.", valueName: "file"))
    var markdown: String?

    func run() throws {
        for (option, value, range) in [("images", images, 1...1_000_000), ("threads", threads ?? 1, 1...64)]
        where !range.contains(value) {
            throw WrongUse(
                description: "--\(option) is out of range: expected \(range.lowerBound) to \(range.upperBound), found \(value)")
        }
        let path = try Bundled.checkpointPath(options.checkpoint), folder = try CheckpointFolder(path: path)
        try ModelOptions.check(k: options.k, of: folder.config)
        let plan = PointingPlan(
            images: images, seed: options.seed, k: options.k,
            threads: threads ?? min(8, ProcessInfo.processInfo.activeProcessorCount))
        let rows = try PointingMeasurement.run(
            path: path, transform: options.transform, plan: plan, progress: EvalProgress("pointing", of: images).report)
        let report = PointingReport(
            checkpoint: options.checkpoint, hash: try folder.contentHash(), images: images, seed: options.seed,
            k: options.k ?? folder.config.visionAtoms, rows: rows.map(PointingReport.Row.init))
        if let markdown { try AtomicFile.write(path: markdown, Data(report.markdown.utf8)) }
        if options.json { return try Output.json(report) }
        report.lines.forEach(Output.line)
    }
}

/// What `sdict eval pointing` found.
private struct PointingReport: Encodable {
    struct Score: Encodable {
        let hits: Double
        let asked: Int
        let share: Double
        let low: Double?
        let high: Double?

        init(_ score: PointingScore) {
            (hits, asked, share) = (score.hits, score.asked, score.share)
            (low, high) = (score.interval?.low, score.interval?.high)
        }

        var cells: [String] {
            guard asked > 0 else { return ["-", "-"] }
            let interval = low.flatMap { low in high.map { String(format: "%.1f to %.1f", 100 * low, 100 * $0) } }
            return [String(format: "%.1f", 100 * share), interval ?? "-"]
        }
    }

    struct Row: Encodable {
        let name: String
        let box: Score
        let object: Score
        let boxAmongSeveral: Score

        init(_ row: PointingRow) {
            name = row.name
            box = Score(row.box)
            object = Score(row.object)
            boxAmongSeveral = Score(row.boxAmongSeveral)
        }
    }

    let checkpoint: String
    let hash: String
    let images: Int
    let seed: UInt64
    let k: Int
    let rows: [Row]

    private var title: String { "The pointing game: where each way points, hits in percent" }

    private var conditions: String {
        let first = rows.first
        return "\(checkpoint), \(images) held-out scenes, seed \(seed), K \(k), one phrase each; n \(first?.box.asked ?? 0), "
            + "of those \(first?.boxAmongSeveral.asked ?? 0) in scenes of several objects"
    }

    private static let columns = ["", "in the box", "95 %", "on the object", "95 %", "in the box, of several", "95 %"]

    private var cells: [[String]] { rows.map { [$0.name] + $0.box.cells + $0.object.cells + $0.boxAmongSeveral.cells } }

    private static let caution =
        "The maps are made without boxes; a checkpoint trained to give boxes may have learned from them to look there."

    var lines: [String] { [title, conditions] + TextTable.aligned([Self.columns] + cells) + [Self.caution] }

    var markdown: String {
        let table = ExportTable(header: Self.columns, rows: cells).markdown { $0 > 0 }
        return "# \(title)\n\n\(conditions).\n\n\(table)\n\n\(Self.caution)\n"
    }
}
