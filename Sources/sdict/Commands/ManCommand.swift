import ArgumentParser
import Foundation

struct ManCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "man",
        abstract: "Print the manual page of the program.",
        discussion: """
            The page is made from what --help says of every command, in the form that man reads.

            Examples:
              sdict man | man -l -
              sdict man > ~/.local/share/man/man1/sdict.1
              sdict --generate-completion-script bash > ~/.local/share/bash-completion/completions/sdict
            """)

    func run() throws {
        let help = try JSONDecoder().decode(CommandHelp.self, from: Data(SDict._dumpHelp().utf8))
        Output.line(ManPage(help.command).text)
    }
}

/// What the argument parser tells of a program: the part of its help dump that a manual page needs.
struct CommandHelp: Decodable {
    struct Command: Decodable {
        let commandName: String
        let abstract: String?
        let discussion: String?
        let subcommands: [Command]?
        let arguments: [Argument]?
    }
    struct Argument: Decodable {
        struct Name: Decodable {
            let kind: String
            let name: String
        }
        let kind: String
        let shouldDisplay: Bool
        let isOptional: Bool
        let isRepeating: Bool
        let names: [Name]?
        let valueName: String?
        let defaultValue: String?
        /// Where only some will do.
        let allValues: [String]?
        let abstract: String?
    }
    let command: Command
}
