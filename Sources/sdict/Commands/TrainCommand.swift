import ArgumentParser
import Foundation
import SpectralFormats
import SpectralTraining

struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Train a checkpoint from a config; run again to resume.",
        discussion: """
            Scenes are drawn on the fly. Every few minutes the state is saved in the run's folder, from which the same \
            command goes on exactly where it was. Interrupt with Ctrl-C: the state is saved first. At the end the \
            averaged weights are written as a checkpoint.
            """)

    @Argument(help: "Training config, JSON.")
    var config: String

    @Option(name: .customLong("run"), help: "Folder of the run: state, log and checkpoint. Default: runs/NAME.")
    var runFolder: String?

    @Option(help: "Stop after this many steps in total (the state is saved; run again to go on).")
    var until: Int?

    func validate() throws {
        if let until, until < 0 { throw ValidationError("--until is out of range: expected at least 0, found \(until)") }
    }

    func run() throws {
        let data: Data
        do { data = try Data(contentsOf: URL(fileURLWithPath: config)) } catch {
            throw TrainingError.config(path: config, problem: "the file cannot be read")
        }
        let settings: TrainingConfig
        do { settings = try JSONDecoder().decode(TrainingConfig.self, from: data) } catch {
            let (key, problem) = MessageText.decoding(error)
            throw TrainingError.config(path: config, problem: (key.isEmpty ? "" : "at \(key): ") + problem)
        }
        let training = try TrainingRun(config: settings, folder: URL(fileURLWithPath: runFolder ?? "runs/\(settings.name)"))
        if training.stepsDone > 0 { Output.line("resuming at step \(training.stepsDone) of \(training.totalSteps)") }
        let interrupt = Interrupt()
        try training.train(untilStep: until, progress: { Output.line($0.text) }, shouldStop: { interrupt.requested })
        let checkpoint = training.folder.appendingPathComponent("checkpoint").path
        try training.exportCheckpoint(to: checkpoint)
        Output.line("step \(training.stepsDone) of \(training.totalSteps): checkpoint in \(checkpoint)")
    }
}
