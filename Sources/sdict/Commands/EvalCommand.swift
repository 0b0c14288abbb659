import ArgumentParser

struct EvalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eval",
        abstract: "Measure a checkpoint: on generated scenes, or on data sets in public formats.",
        discussion: """
            Without a subcommand it measures on scenes: `sdict eval --quick` is `sdict eval scenes --quick`.

            Examples:
              sdict eval
              sdict eval caption --data captions.json --images images --out results.json
              sdict eval vqa --data questions.json --images images --out results.json --blank
            """,
        subcommands: [EvalScenes.self, EvalCaption.self, EvalVQA.self],
        defaultSubcommand: EvalScenes.self)
}
