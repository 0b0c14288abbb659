import ArgumentParser
import Foundation

/// A request the program cannot make sense of; ends it with status 2.
struct WrongUse: Error, CustomStringConvertible {
    let description: String
}

/// Parses, runs, and ends with 0 for success, 1 for a failed job, 2 for wrong use.
@main
enum Main {
    static func main() async {
        do {
            let words = CommandLine.arguments.dropFirst()
            // Of a command that is none, `help` would tell the program's own.
            try checkCommandName(words.first == "help" ? words.dropFirst().first : words.first)
            var command = try SDict.parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            leave(end(with: error))
        }
        leave(0)
    }

    /// Ends at once, with all output written. `exit` would take down what libraries keep while an engine's thread may still
    /// be computing with it: quitting during an answer was seen to end in a segmentation fault.
    private static func leave(_ status: Int32) -> Never {
        fflush(nil)
        _exit(status)
    }

    /// A word in the command's place that is none would be taken for an argument of the workbench, which has none either.
    private static func checkCommandName(_ word: String?) throws {
        let names = SDict.configuration.subcommands.compactMap { $0.configuration.commandName }
        guard let word, !word.hasPrefix("-"), word != "help", !names.contains(word) else { return }
        let expected = "there is no command \(word.printable); expected \(names.joined(separator: ", ")); see sdict --help"
        let isPath = FileManager.default.fileExists(atPath: word)
        throw WrongUse(description: expected + (isPath ? ", or open it with sdict --images \(word.printable)" : ""))
    }

    /// Says what went wrong, or what was asked for (`--help`), and returns the status to end with.
    private static func end(with error: any Error) -> Int32 {
        if let code = error as? ExitCode { return code.rawValue }
        if error is WrongUse {
            Output.problem("\(error)")
            return 2
        }
        switch SDict.exitCode(for: error) {
        case .success:
            Output.line(SDict.fullMessage(for: error))
            return 0
        case .validationFailure:
            Output.problemText(SDict.fullMessage(for: error))
            return 2
        default:
            Output.problem(SDict.message(for: error))
            return 1
        }
    }
}
