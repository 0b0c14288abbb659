import ArgumentParser
import Foundation
import SpectralEngine
import SpectralFormats
import SpectralModel
import SpectralTraining

struct EvalK: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "k",
        abstract: "What K buys: a checkpoint's first K atoms, and checkpoints trained with so many, at what cost.",
        discussion: """
            A row for each K of --checkpoint (nested: its first K atoms), and one for each --against (trained: all of its \
            atoms, or DIR:K). Each has the numbers in the weights that so many atoms use, GFLOPs counted from shapes, \
            median milliseconds, bytes of state that decoding carries, and scores: on held-out scenes the share of right \
            answers, of captions fully right, and the mean IoU of boxes; with --data on captioned images BLEU-4, ROUGE-L \
            and CIDEr-D of greedy captions, and how well the tokens of people's own captions are foretold.

            With --json: command, notes, rows [{name, kind, steps, losses, runs [{k, parameters, gflops, milliseconds, \
            stateBytes, scores [{name, value}]}]}].

            Examples:
              sdict eval k --k 34,17,8,4,2,1
              sdict eval k --checkpoint photos --k 128,64,32 --data dev.tsv --images flickr8k/images --table k.md
            """)

    @OptionGroup var table: FiguresOptions

    @Option(
        help: ArgumentHelp(
            "Checkpoint folder, or the name of a bundled one (default: the config's, else \(Bundled.defaultCheckpoint)).",
            valueName: "dir"), completion: .directory)
    var checkpoint: String?

    @OptionGroup var config: ConfigOptions

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Vision atoms of each row, separated by commas (default: all, then half, down to 1).", valueName: "list"))
    var k: String?

    @Option(help: ArgumentHelp("Another checkpoint as a row, at all of its atoms or at K; may be given again.", valueName: "dir[:k]"))
    var against: [String] = []

    @Option(parsing: .unconditional, help: ArgumentHelp("Held-out scenes.", valueName: "n"))
    var scenes = 500

    @Option(parsing: .unconditional, help: "Seed of the scenes.")
    var seed: UInt64 = 0

    @Option(help: "Analysis and synthesis on image grids: dense, fourier, or automatic (whichever is measured faster).")
    var transform = Transform.automatic

    func run() throws {
        guard (1...1_000_000).contains(scenes) else {
            throw WrongUse(description: "--scenes is out of range: expected 1 to 1000000, found \(scenes)")
        }
        let named = checkpoint ?? config.settings.checkpoint, list = try k.map(ColumnList.atoms)
        let data = try table.captions() ?? .scenes(count: scenes, seed: seed, maxObjects: Scene.mostObjects)
        let main = try load(named), own = main.config.visionAtoms
        if let k = list?.first(where: { !(1...own).contains($0) }) {
            throw WrongUse(description: "--k is out of range: expected 1 to \(own), the atoms of this checkpoint, found \(k)")
        }
        var warned: Set<String> = []
        // Every row reads the images anew.
        func warnOnce(_ line: String) { if warned.insert(line).inserted { Output.warning(line) } }
        let ks = list ?? Array(sequence(first: own) { $0 > 1 ? $0 / 2 : nil })
        func row(_ model: LoadedModel, _ name: String, k: Int) -> FiguresReport.Row {
            Output.problemText("\(name.printable) K \(k)")
            let kind: FiguresReport.Row.Kind =
                model.config.preset == .attention ? .attention : k == model.config.visionAtoms ? .trained : .nested
            return FiguresReport.Row(
                name: name, kind: kind, steps: model.folder.weights.metadata["step"],
                runs: [model.figures(data, k: k, unreadable: warnOnce)])
        }
        var rows = ks.map { row(main, Self.short(named), k: $0) }
        for other in against {
            let (name, k) = ColumnList.checkpoint(other), model = try load(name)
            try ColumnList.require(k: k, of: model.config, named: name)
            rows.append(row(model, Self.short(name), k: k ?? model.config.visionAtoms))
        }
        let command = "sdict eval k --checkpoint \(Self.short(named)) --k \(ks.map(String.init).joined(separator: ","))"
            + against.map { " --against \(Self.short($0))" }.joined()
            + (table.data == nil ? " --scenes \(scenes) --seed \(seed)" : table.command)
        try table.finish(FiguresReport(command: command, notes: [data.note], rows: rows))
    }

    private func load(_ name: String) throws -> LoadedModel {
        let model = try LoadedModel(path: Bundled.checkpointPath(name), transform: transform)
        for warning in model.warnings + (table.data == nil ? model.folder.sceneWarnings : []) { Output.warning(warning) }
        try model.require(table.data == nil ? .vqa : .caption)
        return model
    }

    private static func short(_ name: String) -> String { URL(fileURLWithPath: name).lastPathComponent }
}

/// What the tables of figures take: what they are measured on, and where they go.
struct FiguresOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Measure on these captions: COCO JSON or a Flickr8k table.", valueName: "file"), completion: .file())
    var data: String?

    @Option(help: ArgumentHelp("Folder of their images.", valueName: "dir"), completion: .directory)
    var images: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("Take the first so many images only.", valueName: "n"))
    var limit: Int?

    @Option(help: "Form of the table: text, markdown or json.")
    var report = ReportForm.text

    @Flag(help: "The same as --report json.")
    var json = false

    @Option(
        name: .customLong("table"), help: ArgumentHelp("Write the table to a file too, in Markdown.", valueName: "file"),
        completion: .file())
    var tableFile: String?

    func validate() throws {
        if (data == nil) != (images == nil) { throw ValidationError("--data and --images belong together; give both") }
        if let limit, limit < 1 { throw ValidationError("--limit is out of range: expected at least 1, found \(limit)") }
        if limit != nil, data == nil { throw ValidationError("--limit belongs to --data; give that too") }
    }

    /// The captioned images; `nil` without `--data`.
    /// - Parameter most: how many images without a `--limit`; `nil` for all.
    func captions(most: Int? = nil) throws -> FiguresData? {
        guard let data, let images else { return nil }
        try OutputPath.require(tableFile, of: "--table", isNoneOf: [data])
        let all = try CaptionFiles.images(data, format: CaptionFormat(of: data))
        let taken = Array(all.prefix(limit ?? most ?? all.count))
        let paths = taken.map { DataMeasurement.path(of: $0.fileName, in: images) }
        try DataMeasurement.requireAny(of: paths, in: images)
        return .captions(taken, paths: paths)
    }

    /// These options as they were typed, with names in place of paths.
    var command: String {
        func option(_ name: String, _ path: String?) -> String {
            path.map { " --\(name) \(URL(fileURLWithPath: $0).lastPathComponent)" } ?? ""
        }
        return option("data", data) + option("images", images) + (limit.map { " --limit \($0)" } ?? "")
    }

    /// Prints the table, and writes it where that was asked for.
    func finish(_ made: FiguresReport) throws {
        if let tableFile { try AtomicFile.write(path: tableFile, Data(made.markdown.utf8)) }
        if json || report == .json { return try Output.json(made) }
        if report == .markdown { return Output.line(String(made.markdown.dropLast())) }
        TextTable.aligned(made.table).forEach { Output.line($0.printable) }
        for note in made.notes { Output.line(note.printable) }
    }
}
