import ArgumentParser
import Foundation
import SpectralEngine
import SpectralFormats
import SpectralModel
import SpectralTraining

struct EvalStudy: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "study",
        abstract: "Train variants of a config with several seeds, measure each, and print them as one table.",
        discussion: """
            STUDY is JSON: {name, seeds, images, config, variants [{name, k, ...}]}. Each variant is the training config with \
            the variant's own keys over it, trained once with every seed in a folder of its own under --run, and measured on \
            as many held-out scenes as `images` says, of as many objects as its last stage draws; or, with --data, on \
            as many captioned images. `k` lists the vision atoms that a variant is measured at besides its own (nested).

            Interrupt with Ctrl-C; the same command goes on from there, and a run that is measured is not made again. \
            Bundled studies go by name: \(Bundled.studies.joined(separator: ", ")).

            With --json: as `sdict eval k --json`, a row's runs being its seeds.

            Examples:
              sdict eval study atoms --seeds 2
              sdict eval study ablation --run runs/ablation --table ablation.md
              sdict eval study photo-atoms --train train.tsv --data dev.tsv --images flickr8k/images
            """)

    @Argument(help: "A study, JSON, or the name of a bundled one.")
    var study: String

    @Option(name: .customLong("run"), help: "Folder of the runs. Default: runs/NAME.")
    var runFolder: String?

    @Option(help: ArgumentHelp("Only this variant; may be given again.", valueName: "name"))
    var variant: [String] = []

    @Option(help: ArgumentHelp("Seeds in place of the study's, separated by commas.", valueName: "list"))
    var seeds: String?

    @Option(help: ArgumentHelp("Captions to train on, of images in --images.", valueName: "file"), completion: .file())
    var train: String?

    @OptionGroup var table: FiguresOptions

    func run() throws {
        let made = try Study(path: Bundled.studyPath(study))
        guard (train == nil) == (table.data == nil) else {
            throw WrongUse(description: "--train and --data belong together: what is trained on, and what is measured on")
        }
        try OutputPath.require(table.tableFile, of: "--table", isNoneOf: [train, study])
        let seeds = try seeds.map(Self.seeds) ?? made.seeds
        if let unknown = variant.first(where: { name in !made.variants.contains { $0.name == name } }) {
            let names = made.variants.map(\.name).joined(separator: "; ")
            throw WrongUse(description: "--variant: the study has no \(unknown.printable); it has \(names.printable)")
        }
        let captions = try table.captions(most: made.images), interrupt = Interrupt()
        let folder = URL(fileURLWithPath: runFolder ?? "runs/\(made.name)")
        var rows: [FiguresReport.Row] = [], note = ""
        for var variant in made.variants where self.variant.isEmpty || self.variant.contains(variant.name) {
            if let train, let images = table.images {
                variant.config.data?.file = train
                variant.config.data?.images = images
            }
            let config = variant.config
            let data =
                captions
                ?? .scenes(count: made.images, seed: 0, maxObjects: config.stages.last?.maxObjects ?? Scene.mostObjects)
            note = data.note
            var runs: [StudyRun] = []
            for seed in seeds {
                let name = "\(variant.name), seed \(seed)"
                let place = folder.appendingPathComponent(variant.name.replacingOccurrences(of: "/", with: " "))
                let run = try Study.run(
                    variant, seed: seed, folder: place.appendingPathComponent("\(seed)"), data: data,
                    progress: { Output.problemText("\(name.printable): \($0.text)") }, shouldStop: { interrupt.requested })
                guard let run else {
                    throw StudyInterrupted(name: name)
                }
                runs.append(run)
            }
            rows += variant.ks.indices.map { i in
                FiguresReport.Row(
                    name: variant.name,
                    kind: config.model.preset == .attention
                        ? .attention : variant.ks[i] == config.model.visionAtoms ? .trained : .nested,
                    steps: "\(runs[0].steps)", losses: runs.map(\.loss), runs: runs.map { $0.figures[i] })
            }
        }
        let command = "sdict eval study \(URL(fileURLWithPath: study).lastPathComponent)"
            + variant.map { " --variant \"\($0)\"" }.joined()
            + (self.seeds == nil ? "" : " --seeds \(seeds.map(String.init).joined(separator: ","))")
            + (train.map { " --train \(URL(fileURLWithPath: $0).lastPathComponent)" } ?? "") + table.command
        try table.finish(
            FiguresReport(
                command: command,
                notes: [
                    note,
                    "Mean ± sample deviation over the seeds; milliseconds of the fastest run.",
                ], rows: rows))
    }
}

extension EvalStudy {
    /// - Throws: `WrongUse` for what is no list of different whole numbers.
    private static func seeds(_ list: String) throws -> [UInt64] {
        let found = list.split(separator: ",", omittingEmptySubsequences: false).map { UInt64($0) }, seeds = found.compactMap { $0 }
        guard !seeds.isEmpty, seeds.count == found.count, Set(seeds).count == seeds.count else {
            throw WrongUse(description: "--seeds: expected different whole numbers with commas between them, found \(list.printable)")
        }
        return seeds
    }
}

private struct StudyInterrupted: Error, CustomStringConvertible {
    let name: String
    var description: String { "interrupted in \(name.printable); run the same command to go on from there" }
}
