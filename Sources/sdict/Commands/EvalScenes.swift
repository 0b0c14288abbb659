import ArgumentParser
import Foundation
import SpectralEngine
import SpectralFormats
import SpectralModel
import SpectralTraining

struct EvalScenes: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scenes",
        abstract: "Measure a checkpoint on generated scenes it was not trained on.",
        discussion: """
            Prints accuracy by question kind, captions whose every claim is true, and the mean IoU of grounding: on \
            held-out scenes, on combinations of colour, shape and texture that training never showed (unseen), and on \
            a uniformly grey image in place of the scene (blank), which is what can be had without seeing.

            With --against other checkpoints are measured beside it in the same way: preset paper, the attention twin.

            With --write the figures become the checkpoint's eval.json, and the table in its README.md is renewed.

            With --json: command, hash, trainedSteps, columns [{title, evaluation}].

            Examples:
              sdict eval
              sdict eval scenes --quick --images 200 --k 8
              sdict eval scenes --checkpoint runs/scenes/checkpoint --write
            """)

    @OptionGroup var options: ModelOptions

    @Option(parsing: .unconditional, help: ArgumentHelp("Scenes of each split.", valueName: "n"))
    var images = 2000

    @Flag(help: "Measure held-out scenes only, without unseen combinations and the blank image.")
    var quick = false

    @Option(help: ArgumentHelp("Another checkpoint to measure beside it; may be given again.", valueName: "dir"))
    var against: [String] = []

    @Flag(help: "Write eval.json and the model card's table into the checkpoint folder.")
    var write = false

    func validate() throws {
        guard images >= 1 else { throw ValidationError("--images is out of range: expected at least 1, found \(images)") }
    }

    func run() throws {
        let path = try Bundled.checkpointPath(options.checkpoint)
        let model = try LoadedModel(path: path, transform: options.transform)
        for warning in model.warnings + model.folder.sceneWarnings { Output.warning(warning) }
        try ModelOptions.check(k: options.k, of: model.config)
        // Before anything is measured: a name that is wrong should not cost the minutes until its turn.
        let rivals = try against.map { ($0, try LoadedModel(path: Bundled.checkpointPath($0), transform: options.transform)) }
        var plans = [("held-out", SceneEvaluationPlan(split: .dev, seed: options.seed, images: images, k: options.k))]
        if !quick {
            plans.append(("unseen", SceneEvaluationPlan(split: .heldout, seed: options.seed, images: images, k: options.k)))
            plans.append(("blank", SceneEvaluationPlan(split: .dev, seed: options.seed, images: images, k: options.k, blank: true)))
        }
        var columns = plans.map { title, plan in
            EvaluationReport.Column(title: title, parameters: model.parameterCount, evaluation: measure(model, plan, title: title))
        }
        for (other, rival) in rivals {
            let name = URL(fileURLWithPath: other).lastPathComponent, hash = try rival.folder.contentHash()
            for (title, plan) in plans {
                columns.append(
                    EvaluationReport.Column(
                        title: "\(name), \(title)", hash: hash, trainedSteps: rival.folder.weights.metadata["step"],
                        parameters: rival.parameterCount, evaluation: measure(rival, plan, title: "\(name), \(title)")))
            }
        }
        let report = EvaluationReport(
            command: "sdict eval --images \(images) --seed \(options.seed)"
                + " --checkpoint \(URL(fileURLWithPath: options.checkpoint).lastPathComponent)"
                + (options.k.map { " --k \($0)" } ?? "") + (quick ? " --quick" : "") + against.map { " --against \(URL(fileURLWithPath: $0).lastPathComponent)" }.joined(),
            hash: try model.folder.contentHash(), trainedSteps: model.folder.weights.metadata["step"], columns: columns)
        if options.json {
            try Output.json(report)
        } else {
            if let k = options.k { Output.line("K \(k) of \(model.config.visionAtoms)") }
            TextTable.aligned(report.table).forEach(Output.line)
        }
        if write { try report.write(folder: path) }
    }

    private func measure(_ model: LoadedModel, _ plan: SceneEvaluationPlan, title: String) -> SceneEvaluation {
        model.evaluate(plan) { done in
            // A word at every quarter.
            if done * 4 / images > (done - 16) * 4 / images { Output.problemText("\(title): \(done) of \(images) scenes") }
        }
    }
}
