import ArgumentParser

@main
struct SDict: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sdict",
        abstract: "A workbench for SDict-VLM, a vision-language model made of frequency atoms.",
        subcommands: [
            BenchCommand.self,
            EvalCommand.self,
            TrainCommand.self,
        ])
}
