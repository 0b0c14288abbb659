import ArgumentParser

struct SDict: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sdict",
        abstract: "A workbench for SDict-VLM, a vision-language model made of frequency atoms.",
        discussion: """
            Every command ends with status 0 when all went well, 1 when a job failed, 2 when it was asked for in a way \
            that makes no sense. Results go to standard output, warnings and errors to standard error.

            Examples:
              sdict
              sdict caption photo.jpg
              sdict ask scene.png "what shape is the red object?"
              sdict scenes make samples --count 20 --seed 7
            """,
        subcommands: [
            WorkbenchCommand.self,
            CaptionCommand.self,
            AskCommand.self,
            GroundCommand.self,
            InspectCommand.self,
            AtomsCommand.self,
            CompareCommand.self,
            LensCommand.self,
            ScenesCommand.self,
            EvalCommand.self,
            BenchCommand.self,
            TrainCommand.self,
            BlendCommand.self,
            ReplayCommand.self,
            ManCommand.self,
        ],
        defaultSubcommand: WorkbenchCommand.self)
}
