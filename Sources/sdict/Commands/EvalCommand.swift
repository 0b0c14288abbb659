import ArgumentParser
import Foundation
import SpectralFormats
import SpectralModel
import SpectralTraining

struct EvalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eval",
        abstract: "Measure a checkpoint on generated scenes it was not trained on.",
        discussion: """
            Prints accuracy by question kind, captions whose every claim is true, and the mean IoU of grounding, with \
            what is reached on a blank image beside it, and the same on combinations of colour, shape and texture that \
            training never showed.
            """)

    @Option(name: .customLong("checkpoint"), help: "Checkpoint folder.")
    var checkpoint: String

    @Option(help: "Scenes of each split.")
    var images = 2000

    @Option(help: "Seed of the scenes; training uses another generator stream for every split.")
    var seed: UInt64 = 0

    @Option(help: "Vision atoms to use. Default: all.")
    var k: Int?

    @Flag(help: "Measure the dev split only, without the blank image and the unseen combinations.")
    var quick = false

    @Option(help: "Also write the figures as JSON to this file.")
    var out: String?

    func run() throws {
        let model = try LoadedModel(path: checkpoint)
        var plans: [(String, SceneEvaluationPlan)] = [
            ("dev", SceneEvaluationPlan(split: .dev, seed: seed, images: images, k: k))
        ]
        if !quick {
            plans.append(("unseen", SceneEvaluationPlan(split: .heldout, seed: seed, images: images, k: k)))
            plans.append(("blank", SceneEvaluationPlan(split: .dev, seed: seed, images: images, k: k, blank: true)))
        }
        let columns = try plans.map { title, plan in (title: title, evaluation: try model.evaluate(plan)) }
        for row in TextTable.aligned(SceneEvaluation.table(columns)) { Output.line(row) }
        if let out {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            try encoder.encode(Dictionary(uniqueKeysWithValues: columns.map { ($0.title, $0.evaluation) }))
                .write(to: URL(fileURLWithPath: out))
        }
    }
}
