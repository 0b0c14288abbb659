import ArgumentParser

struct EvalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eval", abstract: "Measure a checkpoint: what it gets right, and what its atoms have to do with it.",
        discussion: "Without the name of a subcommand, sdict eval measures scenes.",
        subcommands: [Scenes.self, Claims.self, Pointing.self], defaultSubcommand: Scenes.self)
}
