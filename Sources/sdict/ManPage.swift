/// The manual page of the program in the man macros of roff, from its help.
///
/// What it guarantees: whatever the help says stands there as text, no part of it is taken for a request.
struct ManPage {
    private typealias Command = CommandHelp.Command
    private typealias Argument = CommandHelp.Argument

    /// Without the last line's end.
    let text: String

    init(_ program: CommandHelp.Command) {
        var lines = [".TH \(program.commandName.uppercased()) 1", ".SH NAME"]
        lines.append(Self.escaped("\(program.commandName) - \(program.abstract ?? "")"))
        let commands = (program.subcommands ?? []).flatMap { Self.leaves($0, path: "") }
        lines.append(".SH SYNOPSIS")
        lines += Self.synopsis(program.commandName, [])
        for (name, command) in commands { lines += [".br"] + Self.synopsis(program.commandName + " " + name, Self.shown(command)) }
        lines.append(".SH DESCRIPTION")
        lines += Self.paragraphs(program.discussion ?? "")
        lines.append(".SH COMMANDS")
        for (name, command) in commands { lines += Self.section(name, command) }
        lines += Self.files
        text = lines.joined(separator: "\n")
    }

    private static let files = [
        ".SH FILES", ".TP", ".I ~/.config/sdict/config.json", "Settings; see workbench above.",
        ".TP", ".I ~/.local/state/sdict/view.json", "The view that the workbench was left with.",
        ".TP", ".I ~/.local/state/sdict/workbench.log", "What would have gone to standard error while the screen was up.",
        ".TP", ".I ~/.cache/sdict", "Measured use of atoms, which can be made again.",
        ".SH EXIT STATUS", "0 when all went well, 1 when a job failed, 2 for wrong use.",
        ".SH ENVIRONMENT", ".TP", ".B NO_COLOR", "Set and not empty: no colours.",
        ".TP", ".B COLORFGBG", "Tells a light background from a dark one.",
        ".TP", ".BR XDG_CONFIG_HOME \", \" XDG_STATE_HOME \", \" XDG_CACHE_HOME",
        "Where the files above lie in place of ~/.config, ~/.local/state and ~/.cache.",
    ]

    private static func shown(_ command: Command) -> [Argument] {
        // Every command has them, and they say nothing here.
        (command.arguments ?? []).filter {
            $0.shouldDisplay && !($0.names ?? []).contains { ["help", "version"].contains($0.name) }
        }
    }

    private static func synopsis(_ name: String, _ arguments: [Argument]) -> [String] {
        let hasOptions = arguments.isEmpty || arguments.contains { $0.kind != "positional" }
        let places = arguments.filter { $0.kind == "positional" }.map { argument in
            let name = "\\fI" + escaped(argument.valueName ?? "value") + "\\fR" + (argument.isRepeating ? "..." : "")
            return argument.isOptional ? "[\(name)]" : name
        }
        return [
            ".B " + escaped(name), ([hasOptions ? "[\\fIoptions\\fR]" : ""] + places).filter { !$0.isEmpty }.joined(separator: " "),
        ]
    }

    /// The commands that do something, with their names in full.
    private static func leaves(_ command: Command, path: String) -> [(name: String, command: Command)] {
        let name = path + command.commandName, inner = command.subcommands ?? []
        if command.commandName == "help" { return [] }
        return inner.isEmpty ? [(name, command)] : inner.flatMap { leaves($0, path: name + " ") }
    }

    private static func section(_ name: String, _ command: Command) -> [String] {
        var lines = [".SS " + escaped(name), escaped(command.abstract ?? "")]
        lines += paragraphs(command.discussion ?? "", isFirst: false)
        for argument in shown(command) {
            lines += [".TP", title(argument)]
            var says = argument.abstract ?? ""
            if let values = argument.allValues, !values.isEmpty { says += " One of \(values.joined(separator: ", "))." }
            if let value = argument.defaultValue { says += (says.isEmpty ? "" : " ") + "(default: \(value))" }
            lines.append(says.isEmpty ? "\\&" : escaped(says))
        }
        return lines
    }

    private static func title(_ argument: Argument) -> String {
        let value = argument.valueName.map { "\\fI" + escaped($0) + "\\fR" } ?? ""
        if argument.kind == "positional" { return value }
        let names = (argument.names ?? []).map { "\\fB" + escaped(($0.kind == "long" ? "--" : "-") + $0.name) + "\\fR" }
        return names.joined(separator: ", ") + (argument.kind == "option" ? " " + value : "")
    }

    /// Text as `--help` has it: lines that begin with two spaces are examples and stay as they are.
    private static func paragraphs(_ text: String, isFirst: Bool = true) -> [String] {
        var lines: [String] = [], isExample = false, wantsBreak = !isFirst
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let isIndented = line.hasPrefix("  ")
            if isExample, !isIndented {
                lines += [".fi", ".RE"]
                isExample = false
                wantsBreak = true
            }
            if line.isEmpty {
                wantsBreak = !lines.isEmpty || !isFirst
                continue
            }
            if isIndented, !isExample {
                lines += [".RS", ".nf"]
                isExample = true
                wantsBreak = false
            }
            if wantsBreak { lines.append(".PP") }
            wantsBreak = false
            lines.append(escaped(String(line.drop { $0 == " " })))
        }
        return lines + (isExample ? [".fi", ".RE"] : [])
    }

    /// A line as it is to be read.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\e"
            case "-": result += "\\-"
            case "'": result += "\\(aq"
            case "`": result += "\\(ga"
            case "^": result += "\\(ha"
            case "~": result += "\\(ti"
            case "\n": result += " "
            case " "..."~": result.unicodeScalars.append(scalar)
            default:
                result +=
                    "\\[u" + String(repeating: "0", count: max(0, 4 - String(scalar.value, radix: 16).count))
                    + String(scalar.value, radix: 16, uppercase: true) + "]"
            }
        }
        // A point at a line's start would make it a request.
        return result.hasPrefix(".") ? "\\&" + result : result
    }
}
