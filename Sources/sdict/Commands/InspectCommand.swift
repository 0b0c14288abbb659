import ArgumentParser
import Foundation
import SpectralEngine
import SpectralFormats
import SpectralModel
import SpectralWorkbench

struct InspectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Say what a checkpoint is: config, parameters, tokenizer, files, what was measured.",
        discussion: """
            With --write-familiarity the vision stack is run over training scenes first, and the statistics by which \
            an image unlike them is told are written into the checkpoint folder.

            With --json: path, hash, config, parameters, modules [{module, tensors, parameters}], tokenizer {tokens, \
            special, longestPrompt, longestOutput}, answers, files [{file, bytes}], familiarity {images, k}, metadata (the \
            weights' own notes: run, step, blend), evaluation, k, stateBytes (what decoding carries from word to word at \
            that k), warnings.

            Examples:
              sdict inspect
              sdict inspect runs/scenes/checkpoint --json
              sdict inspect runs/scenes/checkpoint --write-familiarity 2000
            """)

    @Argument(
        help: "Checkpoint folder, or the name of a bundled one (default: the config's, else \(Bundled.defaultCheckpoint)).",
        completion: .directory)
    var folder: String?

    @Option(help: ArgumentHelp("The same, as the other commands take it.", valueName: "dir"))
    var checkpoint: String?

    @Option(parsing: .unconditional, help: "Say also what remains at this many vision atoms, 1 to the checkpoint's own.")
    var k: Int?

    @Flag(help: "Print JSON instead of text.")
    var json = false

    @OptionGroup var config: ConfigOptions

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Measure this many training scenes, 100 to 100,000, and write familiarity.json.", valueName: "n"))
    var writeFamiliarity: Int?

    @Option(
        help: ArgumentHelp("Measure images of this folder, evenly chosen, in place of scenes.", valueName: "dir"),
        completion: .directory)
    var images: String?

    @Option(parsing: .unconditional, help: "Seed of the training scenes measured.")
    var seed: UInt64 = 1

    func validate() throws {
        if folder != nil, checkpoint != nil { throw ValidationError("name the checkpoint once, by place or by --checkpoint") }
        if let n = writeFamiliarity, !(100...100_000).contains(n) {
            throw ValidationError("--write-familiarity is out of range: expected 100 to 100000, found \(n)")
        }
        if images != nil, writeFamiliarity == nil {
            throw ValidationError("--images is for --write-familiarity; give that too")
        }
    }

    func run() async throws {
        let model = try LoadedModel(path: Bundled.checkpointPath(checkpoint ?? folder ?? config.settings.checkpoint))
        try ModelOptions.check(k: k, of: model.config)
        if let n = writeFamiliarity {
            guard Bundled.folder.map({ !model.folder.path.hasPrefix($0 + "/") }) ?? true else {
                throw WrongUse(description: "--write-familiarity changes a checkpoint, and this one is bundled; name a copy of it")
            }
            try measure(n, on: model)
        }
        let report = try CheckpointReport(model, k: k ?? model.config.visionAtoms)
        if json {
            Output.line(String(decoding: try report.json(), as: UTF8.self))
        } else {
            report.lines.forEach(Output.line)
            for warning in report.warnings { Output.warning(warning) }
        }
    }

    private func measure(_ count: Int, on model: LoadedModel) throws {
        let every = max(1, count / 10), seen: any Sequence<PixelImage>
        if let images {
            let all = ImageCatalogue.list([images]).paths
            guard all.count >= count else {
                throw WrongUse(description: "--images \(images.printable) has too few: expected \(count) or more, found \(all.count)")
            }
            seen = try (0..<count).map { try ImageFile.load(all[$0 * all.count / count]) }
        } else {
            seen = (0..<count).lazy.map { Scene.draw(split: .train, seed: seed, index: $0).render().image }
        }
        let familiarity = try Familiarity(of: seen, on: model) { done in
            if done % every == 0 { Output.problemText("\(done) of \(count) training images measured") }
        }
        try familiarity.write(folder: model.folder.path)
    }
}
