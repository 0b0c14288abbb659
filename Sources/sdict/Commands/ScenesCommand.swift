import ArgumentParser
import Foundation
import SpectralFormats

extension SceneSplit: ExpressibleByArgument {}

struct ScenesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scenes",
        abstract: "Generated images whose truth is known exactly.",
        subcommands: [MakeScenesCommand.self])
}

struct MakeScenesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "make",
        abstract: "Write scenes with captions, questions and boxes.",
        discussion: """
            Writes images/NNNNNN.png (64 x 64), captions.json (COCO captions), questions.json and annotations.json \
            (VQAv2), grounding.json (COCO instances, a category for each phrase) and scenes.json (the whole truth). \
            The same count, seed and split give the same files. Split `heldout` has combinations of colour, shape and \
            texture that `train` and `dev` never show.

            Examples:
              sdict scenes make samples --count 20 --seed 7
              sdict scenes make test --count 2000 --seed 1 --split heldout --max-objects 2
            """)

    @Argument(help: ArgumentHelp("Folder to write, new or empty.", valueName: "out"))
    var folder: String

    @Option(help: "How many scenes.")
    var count: Int

    @Option(help: "Seed; each split draws other scenes from it.")
    var seed: UInt64 = 0

    @Option(help: "train, dev or heldout.")
    var split: SceneSplit = .dev

    @Option(help: "At most this many objects in a scene, 1 to \(Scene.mostObjects).")
    var maxObjects = Scene.mostObjects

    func validate() throws {
        guard (1...SceneDataset.mostScenes).contains(count) else {
            throw ValidationError("--count is out of range: expected 1 to \(SceneDataset.mostScenes), found \(count)")
        }
        guard (1...Scene.mostObjects).contains(maxObjects) else {
            throw ValidationError("--max-objects is out of range: expected 1 to \(Scene.mostObjects), found \(maxObjects)")
        }
    }

    private struct Interrupted: Error, CustomStringConvertible {
        let written: Int
        let folder: String
        var description: String { "interrupted after \(written) scenes; delete \(folder.printable) and run again" }
    }

    func run() throws {
        let interrupt = Interrupt(), total = count, every = max(1, count / 10)
        try SceneDataset.write(
            to: URL(fileURLWithPath: folder), count: count, seed: seed, split: split, maxObjects: maxObjects,
            encode: { try ImageFile.encodePNG($0) },
            progress: { written in
                if interrupt.requested { throw Interrupted(written: written, folder: folder) }
                if written % every == 0 || written == total { Output.problemText("\(written) of \(total) scenes") }
            })
    }
}
