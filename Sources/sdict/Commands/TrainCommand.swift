import ArgumentParser
import Foundation
import SpectralEngine
import SpectralFormats
import SpectralTraining

struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Train a checkpoint from a config; run again to resume.",
        discussion: """
            Scenes are drawn on the fly, unless the config has "data": captions (Flickr8k's table or COCO JSON) or questions \
            (easy-VQA) about images in a folder, or Sort-of-CLEVR, which is drawn too. Every few minutes the state is \
            saved in the run's folder, from which the same command goes on exactly where it was. Interrupt with Ctrl-C: the \
            state is saved first. At the end the averaged weights are written as a checkpoint.

            With --json progress is printed as the run's log has it, one object to a line, then {step, steps, checkpoint}.

            Examples:
              sdict train scenes.json --run runs/scenes
              sdict train scenes.json --run runs/k17 --k 17 --seed 2
              sdict train photos.json --data train.tsv --images flickr8k/images
              sdict train more.json --checkpoint scenes --run runs/more
            """)

    @Argument(help: "Training config, JSON.")
    var config: String

    @Option(name: .customLong("run"), help: "Folder of the run: state, log and checkpoint. Default: runs/NAME.")
    var runFolder: String?

    @Option(parsing: .unconditional, help: "Stop after this many steps in total (the state is saved; run again to go on).")
    var until: Int?

    @Option(
        help: ArgumentHelp(
            "Start a new run from this checkpoint's weights (its vision stack, where words differ): a folder, or a bundled name.",
            valueName: "dir"))
    var checkpoint: String?

    @Option(parsing: .unconditional, help: "Vision atoms of the model, in place of the config's.")
    var k: Int?

    @Option(parsing: .unconditional, help: "Seed of weights and scenes, in place of the config's.")
    var seed: UInt64?

    @Option(
        help: ArgumentHelp(
            "File of captions or questions, in place of the config's: what is trained on instead of scenes.", valueName: "file"))
    var data: String?

    @Option(help: ArgumentHelp("Folder of that file's images, in place of the config's.", valueName: "dir"), completion: .directory)
    var images: String?

    @Option(
        help: ArgumentHelp(
            "File like --data's whose first images (data.validation.count, 200) are measured on at every log line of stages that "
                + "train words; the same file with data.holdOut for what that keeps from training.",
            valueName: "file"), completion: .file())
    var validation: String?

    @Option(
        help: ArgumentHelp("Folder of that file's images (default: that of --images).", valueName: "dir"), completion: .directory)
    var validationImages: String?

    @Flag(help: "Print JSON, one object to a line, instead of text.")
    var json = false

    private struct End: Encodable {
        let step: Int
        let steps: Int
        let checkpoint: String
    }

    func validate() throws {
        if let until, until < 0 { throw ValidationError("--until is out of range: expected at least 0, found \(until)") }
    }

    func run() throws {
        var settings = try TrainingConfig(path: config)
        settings.seed = seed ?? settings.seed
        settings.model.visionAtoms = k ?? settings.model.visionAtoms
        if [data, images, validation, validationImages].contains(where: { $0 != nil }) {
            guard settings.data != nil else {
                throw WrongUse(description: "--data, --images, --validation and --validation-images are for configs with \"data\"; \(config.printable) draws scenes")
            }
            if let data { settings.data?.file = data }
            if let images { settings.data?.images = images }
            if let validation { settings.data?.validation.file = validation }
            if let validationImages { settings.data?.validation.images = validationImages }
        }
        let start = try checkpoint.map { try CheckpointFolder(path: Bundled.checkpointPath($0)) }
        let training = try TrainingRun(
            config: settings, folder: URL(fileURLWithPath: runFolder ?? "runs/\(settings.name)"), start: start)
        if training.stepsDone > 0, !json { Output.line("resuming at step \(training.stepsDone) of \(training.totalSteps)") }
        if training.startsWithVisionOnly {
            Output.warning(
                "the checkpoint's words are not those of this data: the run starts from its patches and vision stack, all else is new")
        }
        let interrupt = Interrupt()
        try training.train(
            untilStep: until,
            progress: { line in
                guard json else { return Output.line(line.text) }
                // A log line holds finite numbers and names only; the run writes the same one to its file.
                try? Output.json(line)
            }, shouldStop: { interrupt.requested })
        let made = training.folder.appendingPathComponent("checkpoint").path
        try training.exportCheckpoint(to: made)
        if json { return try Output.json(End(step: training.stepsDone, steps: training.totalSteps, checkpoint: made)) }
        Output.line("step \(training.stepsDone) of \(training.totalSteps): checkpoint in \(made)")
    }
}
