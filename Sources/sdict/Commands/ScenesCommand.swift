import ArgumentParser
import Foundation
import SpectralFormats

extension SceneSplit: ExpressibleByArgument {}

enum SceneKind: String, ExpressibleByArgument, CaseIterable {
    case scenes
    case sortOfClevr = "sort-of-clevr"
}

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

            With --kind sort-of-clevr: pictures of Sort-of-CLEVR (75 x 75, six objects) in images, and questions.json, a \
            list of {image, question, answer, relational}, ten of each for every picture.

            Examples:
              sdict scenes make samples --count 20 --seed 7
              sdict scenes make test --count 2000 --seed 1 --split heldout --max-objects 2
              sdict scenes make clevr --kind sort-of-clevr --count 200
            """)

    @Argument(help: ArgumentHelp("Folder to write, new or empty.", valueName: "out"))
    var folder: String

    @Option(parsing: .unconditional, help: "How many scenes.")
    var count: Int

    @Option(parsing: .unconditional, help: "Seed; each split draws other scenes from it.")
    var seed: UInt64 = 0

    @Option(help: "train, dev or heldout.")
    var split: SceneSplit = .dev

    @Option(help: "scenes or sort-of-clevr.")
    var kind = SceneKind.scenes

    @Flag(
        help: """
            Print JSON, {folder, count, split, seed, images, questions} and for scenes {captions, annotations, grounding, scenes}, \
            when done.
            """)
    var json = false

    @OptionGroup var unused: UnusedModelOptions

    @Option(help: "At most this many objects in a scene, 1 to \(Scene.mostObjects).")
    var maxObjects = Scene.mostObjects

    private struct Made: Encodable {
        let folder: String
        let count: Int
        let split: String
        let seed: UInt64
        let images: String
        let questions: String
        // Of scenes alone.
        let captions: String?
        let annotations: String?
        let grounding: String?
        let scenes: String?

        init(_ command: MakeScenesCommand) {
            func file(_ name: String) -> String { URL(fileURLWithPath: command.folder).appendingPathComponent(name).path }
            (folder, count, split, seed) = (command.folder, command.count, command.split.rawValue, command.seed)
            func own(_ name: String) -> String? { command.kind == .scenes ? file(name) : nil }
            (images, questions) = (file("images"), file("questions.json"))
            (captions, annotations) = (own("captions.json"), own("annotations.json"))
            (grounding, scenes) = (own("grounding.json"), own("scenes.json"))
        }
    }

    func validate() throws {
        guard (1...SceneDataset.mostScenes).contains(count) else {
            throw ValidationError("--count is out of range: expected 1 to \(SceneDataset.mostScenes), found \(count)")
        }
        guard (1...Scene.mostObjects).contains(maxObjects) else {
            throw ValidationError("--max-objects is out of range: expected 1 to \(Scene.mostObjects), found \(maxObjects)")
        }
        if kind == .sortOfClevr, maxObjects != Scene.mostObjects {
            throw ValidationError("--max-objects is for --kind scenes; Sort-of-CLEVR has six objects in every picture")
        }
    }

    private struct Interrupted: Error, CustomStringConvertible {
        let written: Int
        let folder: String
        var description: String { "interrupted after \(written) scenes; delete \(folder.printable) and run again" }
    }

    func run() throws {
        let interrupt = Interrupt(), total = count, every = max(1, count / 10)
        let target = URL(fileURLWithPath: folder)
        func told(_ written: Int) throws {
            if interrupt.requested { throw Interrupted(written: written, folder: folder) }
            if written % every == 0 || written == total { Output.problemText("\(written) of \(total) scenes") }
        }
        switch kind {
        case .scenes:
            try SceneDataset.write(
                to: target, count: count, seed: seed, split: split, maxObjects: maxObjects,
                encode: { try ImageFile.encodePNG($0) }, progress: told)
        case .sortOfClevr:
            try SortOfClevrDataset.write(
                to: target, count: count, seed: seed, split: split, encode: { try ImageFile.encodePNG($0) }, progress: told)
        }
        if json { try Output.json(Made(self)) }
    }
}

/// Taken so that one set of options fits every command.
struct UnusedModelOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Taken as by the other commands; scenes are drawn without a model.", valueName: "dir"))
    var checkpoint: String?

    @Option(parsing: .unconditional, help: "Taken as by the other commands; scenes are drawn without a model.")
    var k: Int?
}
