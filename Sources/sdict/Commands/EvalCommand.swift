import ArgumentParser

struct EvalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eval",
        abstract: "Measure a checkpoint: what it gets right, and what its atoms have to do with it.",
        discussion: """
            Without a subcommand it measures on scenes: `sdict eval --quick` is `sdict eval scenes --quick`.

            Examples:
              sdict eval
              sdict eval caption --data captions.json --images images --out results.json
              sdict eval vqa --data questions.json --images images --out results.json --blank
              sdict eval k --k 34,8,1
              sdict eval claims --png claims.png
            """,
        subcommands: [
            EvalScenes.self, EvalCaption.self, EvalVQA.self, EvalK.self, EvalStudy.self, EvalClaims.self, EvalPointing.self,
            EvalReport.self,
        ],
        defaultSubcommand: EvalScenes.self)
}
