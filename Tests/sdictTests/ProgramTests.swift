import Foundation
import Testing

/// What surrounds the commands: config, manual page, completions.
@Suite struct ProgramTests {
    let folder: TemporaryFolder
    let checkpoint: String

    init() throws {
        folder = try TemporaryFolder()
        checkpoint = try TinyCheckpoint.write(to: folder.file("tiny"))
        try FileManager.default.createDirectory(atPath: folder.file("sdict"), withIntermediateDirectories: true)
    }

    private func configure(_ text: String) throws { try folder.write("sdict/config.json", Array(text.utf8)) }

    private func run(_ arguments: String..., environment: [String: String] = [:]) throws -> Program.Outcome {
        try Program.run(arguments, environment: ["XDG_CONFIG_HOME": folder.path, "XDG_STATE_HOME": folder.path].merging(environment) { $1 })
    }

    private func settings(_ outcome: Program.Outcome) throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    }

    @Test func printConfigSaysWhatIsInForceAndWhy() throws {
        let none = try run("--print-config")
        #expect(none.status == 0 && none.errors.contains("there is no config file"))
        #expect(try Set(settings(none).keys) == ["checkpoint", "images", "k", "theme", "glyphs", "color", "restoreView"])

        try configure(#"{"checkpoint": "\#(checkpoint)", "k": 2, "theme": "light"}"#)
        let read = try run("--print-config", "--theme", "dark", "--ascii")
        let found = try settings(read)
        #expect(found["checkpoint"] as? String == checkpoint && found["k"] as? Int == 2, "the file over the defaults")
        #expect(found["theme"] as? String == "dark" && found["glyphs"] as? String == "ascii", "the command line over the file")
        #expect(read.errors.contains("read from \(folder.file("sdict/config.json"))"))

        try folder.write("saved.json", Array(read.output.utf8))
        let again = try run("--config", folder.file("saved.json"), "--print-config")
        #expect(again.output == read.output, "what is printed can be the file")
        #expect(try run("--config", folder.file("none.json")).status == 2)
        // What a shell makes of `sdict --print-config > config.json` before the program starts: settings are not made up.
        let empty = try folder.write("empty.json", [])
        #expect(try run("--config", empty, "--print-config").status == 2)
        try configure("")
        let wiped = try run("--print-config")
        #expect(wiped.status == 1 && wiped.output.isEmpty && wiped.errors.contains("is not JSON"))
    }

    @Test func commandsTakeTheConfigsCheckpointAndWarnOfTheRest() throws {
        let image = try folder.scene("a.png")
        try configure(#"{"checkpoint": "\#(checkpoint)", "chekpoint": 1, "k": "x"}"#)
        let outcome = try run("ask", image, "what is it?", "--json")
        #expect(outcome.status == 0)
        #expect(try outcome.objects()[0]["k"] as? Int == TinyCheckpoint.visionAtoms)
        let warnings = outcome.errors.split(separator: "\n").filter { $0.hasPrefix("Warning: ") && $0.contains("config.json") }
        #expect(warnings.count == 2 && outcome.errors.contains("chekpoint is no setting"), "\(outcome.errors)")
        let named = try run("inspect", "--checkpoint", TinyCheckpoint.write(to: folder.file("other"), seed: 9), "--json")
        #expect(named.status == 0 && named.errors.isEmpty, "nothing was asked of the config: \(named.errors)")
        try configure("{")
        let broken = try run("ask", image, "what is it?", "--checkpoint", checkpoint)
        #expect(broken.status == 0)
        let screen = try run("--script", "<wait>", "--checkpoint", checkpoint, "--images", image, "--size", "80x24")
        #expect(screen.status == 0 && screen.errors.contains("is not JSON"))
    }

    /// The script ends with the first answer under way: about one run in eight ended in a segmentation fault, while what
    /// libraries keep was taken down under the engine's thread. `Program.run` requires that no signal ends it.
    @Test func endingDuringAnAnswerIsNoCrash() throws {
        for _ in 0..<20 {
            let outcome = try run("--fresh", "--script", "what color is it?<enter>", "--size", "80x24", "--checkpoint", "scenes")
            #expect(outcome.status == 0 && outcome.output.contains("what color is it?"))
        }
    }

    @Test func scriptsNeitherReadNorWriteTheViewUnlessAsked() throws {
        let image = try folder.scene("a.png"), view = folder.file("sdict/view.json")
        func play(_ script: String, _ more: String...) throws -> String {
            let outcome = try Program.run(
                ["--script", script, "--checkpoint", checkpoint, "--images", image] + more,
                environment: ["XDG_CONFIG_HOME": folder.path, "XDG_STATE_HOME": folder.path])
            try #require(outcome.status == 0, "\(outcome.errors)")
            return outcome.output
        }
        _ = try play("<esc>2")
        #expect(!FileManager.default.fileExists(atPath: view))
        _ = try play("<esc>3<wait>", "--restore")
        #expect(FileManager.default.fileExists(atPath: view))
        #expect(try play("<wait>").contains("[1 Ask]"))
        #expect(try play("<wait>", "--restore").contains("[3 Compare]"))
        #expect(try run("--restore").status == 2)
    }

    // MARK: Completions and manual

    private static func tool(_ name: String) -> String? {
        ["/usr/bin/", "/bin/", "/usr/local/bin/"].map { $0 + name }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Runs a program on a file and returns its status and all it printed.
    private func call(_ program: String, _ arguments: [String]) throws -> (status: Int32, text: String) {
        let process = Process(), output = try folder.write("output", [])
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
        (process.standardOutput, process.standardError) = (file, file)
        process.standardInput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return (process.terminationStatus, try String(contentsOfFile: output, encoding: .utf8))
    }

    @Test func completionsCompleteInBash() throws {
        let made = try run("--generate-completion-script", "bash")
        #expect(made.status == 0 && made.errors.isEmpty)
        let script = try folder.write("sdict.bash", Array(made.output.utf8))
        let bash = try #require(Self.tool("bash"))
        #expect(try call(bash, ["-n", script]) == (0, ""))
        // As the shell itself asks.
        let asked = """
            source \(script); COMP_WORDS=(sdict cap); COMP_CWORD=1; COMP_LINE='sdict cap'; COMP_POINT=9; COMP_TYPE=9
            _sdict sdict cap sdict; printf '%s ' "${COMPREPLY[@]}"
            """
        #expect(try call(bash, ["-c", asked]).text.contains("caption"))
        for shell in ["zsh", "fish"] {
            let other = try run("--generate-completion-script", shell)
            #expect(other.status == 0 && other.output.contains("sdict") && other.output.contains("caption"))
            // Their own parsers are not on every machine.
            if let program = Self.tool(shell) {
                #expect(try call(program, ["-n", folder.write("script", Array(other.output.utf8))]).status == 0)
            }
        }
    }

    @Test func theManualNamesEveryCommandAndOption() throws {
        let made = try run("man")
        #expect(made.status == 0 && made.errors.isEmpty)
        #expect(made.output.hasPrefix(".TH SDICT 1\n"))
        #expect(made.output.utf8.allSatisfy { $0 == 10 || (0x20..<0x7F).contains($0) })
        for line in made.lines where line.hasPrefix(".") {
            #expect(line.contains(/^\.(TH|SH|SS|TP|PP|RS|RE|nf|fi|br|B|BR|I)( |$)/), "no request but these: \(line)")
        }
        let commands = ["workbench", "caption", "scenes make", "eval caption", "eval vqa", "bench ui", "replay", "man"]
        let options = try commands.map { command in
            let help = try Program.run(command.split(separator: " ").map(String.init) + ["--help"]).output
            return Set(help.matches(of: /--[a-z][a-z-]+/).map { String($0.output) }).subtracting(["--help"])
        }
        let written = made.output.replacing("\\-", with: "-")
        for (command, options) in zip(commands, options) {
            for option in options { #expect(written.contains(option), "\(command) \(option)") }
        }
        // Their own formatter is not on every machine.
        guard let groff = Self.tool("groff") else { return }
        let page = try folder.write("sdict.1", Array(made.output.utf8))
        #expect(try call(groff, ["-man", "-ww", "-z", "-Tascii", page]) == (0, ""), "groff has nothing to warn of")
        let shown = try call(groff, ["-man", "-Tascii", "-P-c", "-P-b", "-P-u", page]).text
        for (command, options) in zip(commands, options) {
            for option in options { #expect(shown.contains(option), "\(command) \(option)") }
            #expect(shown.contains("sdict \(command)") || shown.contains(command))
        }
        #expect(shown.contains("'what color is it?<enter><wait>'"), "quotes stand as they are")
    }

    // MARK: Times

    @Test func benchUIReportsWhatItMeasured() throws {
        let outcome = try run(
            "bench", "ui", "--checkpoint", checkpoint, "--keys", "5", "--runs", "2", "--sizes", "60x20,90x30", "--json")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let report = try #require(outcome.objects().first)
        #expect(Set(report.keys) == ["checkpoint", "keyToFrame", "escapeToRest"])
        let frames = try #require(report["keyToFrame"] as? [[String: Any]])
        #expect(frames.map { $0["columns"] as? Int } == [60, 90] && frames.map { $0["rows"] as? Int } == [20, 30])
        for frame in frames {
            #expect(frame["keys"] as? Int == 5)
            let times = ["p50", "p99", "max"].compactMap { frame[$0] as? Double }
            #expect(times.count == 3 && times == times.sorted() && times[0] > 0)
        }
        let rests = try #require(report["escapeToRest"] as? [[String: Any]])
        #expect(rests.map { $0["work"] as? String } == ["caption", "measuring", "lens", "survey", "search", "replay"])
        // A checkpoint as small as this one may be done before Esc comes.
        #expect(rests.allSatisfy { (0...2).contains($0["runs"] as? Int ?? -1) })
        #expect(try run("bench", "ui", "--keys", "0").status == 2)
        #expect(try run("bench", "ui", "--checkpoint", checkpoint, "--k", "7").status == 2)
        #expect(try run("bench", "ui", "--sizes", "80").status == 2)
    }
}
