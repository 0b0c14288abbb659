import Foundation
import Testing

/// The built program in a real terminal, ended in every way there is: afterwards the terminal is as it was.
@Suite(.serialized, .enabled(if: Tmux.program != nil, "tmux is missing; .ci/setup installs it"))
struct SignalTests {
    let folder: TemporaryFolder
    let program: String
    let arguments: String

    init() throws {
        folder = try TemporaryFolder()
        let checkpoint = try TinyCheckpoint.write(to: folder.file("tiny"))
        try FileManager.default.createDirectory(atPath: folder.file("images"), withIntermediateDirectories: true)
        for index in 0..<3 { try folder.scene("images/scene\(index).png", index: index) }
        let tests = try #require(Bundle.main.executableURL)
        program = tests.deletingLastPathComponent().appendingPathComponent("sdict").path
        arguments = "--checkpoint \(checkpoint) --images \(folder.file("images"))"
    }

    /// A command line that starts the program and leaves its process number in a file.
    private func command(_ environment: String = "", _ more: String = "") throws -> String {
        // A crash report of Swift's own takes long and is not what is looked at here.
        let variables = "XDG_STATE_HOME=\(folder.path) XDG_CONFIG_HOME=\(folder.path) SWIFT_BACKTRACE=enable=no \(environment)"
        let line = "exec env -u NO_COLOR -u COLORFGBG \(variables) \(program) \(arguments) \(more)"
        try folder.write("start", Array("echo $$ > \(folder.file("pid"))\n\(line)\n".utf8))
        return "sh \(folder.file("start"))"
    }

    private func process() throws -> Int32 {
        let text = try String(contentsOfFile: folder.file("pid"), encoding: .utf8)
        return try #require(Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)))
    }

    private func modes(_ tmux: Tmux, _ name: String) throws -> String {
        try tmux.type("clear; stty -g > \(folder.file(name)); echo saved-\(name)")
        try tmux.press("Enter")
        try tmux.wait("saved-\(name) on a line of its own") { $0.hasPrefix("saved-\(name)") }
        return try String(contentsOfFile: folder.file(name), encoding: .utf8)
    }

    private func view() throws -> [String: Any] {
        let data = try Data(contentsOf: URL(fileURLWithPath: folder.file("sdict/view.json")))
        return try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    /// What the program wrote last, with which it must have given everything back.
    private func expectGivenBack(_ bytes: String, _ after: String) {
        for (mode, on, off) in [
            ("the other screen", "\u{1B}[?1049h", "\u{1B}[?1049l"), ("pasting", "\u{1B}[?2004h", "\u{1B}[?2004l"),
            ("the mouse", "1000h", "1000l"), ("the cursor", "\u{1B}[?25l", "\u{1B}[?25h"),
        ] {
            let place = { (text: String) in bytes.range(of: text, options: .backwards)?.lowerBound ?? bytes.startIndex }
            #expect(place(off) >= place(on), "\(mode) after \(after)")
        }
        #expect(bytes.contains("\u{1B}[?1049l"), "the other screen was left after \(after)")
    }

    @Test func everySignalLeavesTheTerminalAsItWas() throws {
        let tmux = try Tmux(columns: 90, rows: 30)
        let before = try modes(tmux, "before"), looks = try tmux.modes()
        for (name, number) in [
            ("INT", SIGINT), ("TERM", SIGTERM), ("HUP", SIGHUP), ("QUIT", SIGQUIT), ("SEGV", SIGSEGV), ("BUS", SIGBUS),
            ("ILL", SIGILL), ("TRAP", SIGTRAP), ("FPE", SIGFPE), ("ABRT", SIGABRT),
        ] {
            let record = folder.file("bytes-\(name)")
            // Swift's runtime takes SIGQUIT for a crash, where it may.
            let started = try command(number == SIGQUIT ? "SWIFT_BACKTRACE=enable=yes" : "", "--fresh")
            try tmux.type("clear; ulimit -c 0; \(started); echo left with $?")
            try tmux.record(to: record)
            try tmux.press("Enter")
            try tmux.wait(for: "K 6 of 6")
            #expect(try tmux.modes() != looks, "the program has the screen")
            // The mouse is to be given back too.
            try tmux.press("Escape")
            try tmux.type("M")
            try tmux.wait(for: "the mouse is on")
            kill(try process(), number)
            let shown = try tmux.wait("the shell") { $0.contains("ready>") && !$0.contains("K 6 of 6") }
            // An interrupt ends the shell's whole line.
            #expect(number == SIGINT || shown.contains("left with \(128 + number)"), "\(name)")
            try tmux.stopRecording()
            #expect(try tmux.modes() == looks, "\(name)")
            #expect(try modes(tmux, "after-\(name)") == before, "\(name)")
            expectGivenBack(try String(decoding: Data(contentsOf: URL(fileURLWithPath: record)), as: UTF8.self), name)
        }
    }

    @Test func aSignalThatEndsTheProgramLeavesTheView() throws {
        let tmux = try Tmux(columns: 90, rows: 30), started = try command(), file = folder.file("sdict/view.json")
        var text = ""
        for (word, number) in [("first", SIGTERM), (" second", SIGHUP)] {
            try tmux.type("clear; \(started); echo left with $?")
            try tmux.press("Enter")
            try tmux.wait(for: "K 6 of 6")
            try tmux.wait(for: "> \(text)")
            text += word
            try tmux.type(word)
            // Written now and then by itself; by then it is also what a signal would leave.
            try tmux.wait("the view to be written") { _ in (try? view()["prompt"] as? String) == text }
            try FileManager.default.removeItem(atPath: file)
            kill(try process(), number)
            try tmux.wait(for: "left with \(128 + number)")
            #expect(try view()["prompt"] as? String == text)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("sdict")).allSatisfy { !$0.hasSuffix(".partial") })
        }
    }

    @Test func stoppedWhileTheEngineWorksItGoesOnAfterwards() throws {
        // The bundled checkpoint, for it takes its time.
        let tmux = try Tmux(columns: 120, rows: 40), started = try command("", "--checkpoint scenes")
        let before = try modes(tmux, "before"), looks = try tmux.modes()
        try tmux.type("clear; \(started)")
        try tmux.press("Enter")
        try tmux.wait(for: "K 34 of 34")
        try tmux.type("what is it?")
        try tmux.wait(for: "> what is it?")
        try tmux.press("Enter")
        try tmux.wait("work") { $0.contains(" answering ") || $0.contains(" measuring atoms ") }
        // Once as from outside, once as Ctrl-Z does.
        for round in 0..<2 {
            if round == 0 { kill(try process(), SIGTSTP) } else { try tmux.press("C-z") }
            try tmux.wait(for: "ready>")
            #expect(try tmux.modes() == looks)
            #expect(try modes(tmux, "stopped-\(round)") == before)
            try tmux.type("clear; fg")
            try tmux.press("Enter")
            try tmux.wait(for: "K 34 of 34")
        }
        try tmux.wait("the end of the work") {
            $0.contains("%") && !$0.contains(" answering ") && !$0.contains(" measuring atoms ")
        }
        // A continue without a stop draws anew; keys are heard.
        kill(try process(), SIGCONT)
        try tmux.press("Tab")
        try tmux.type("3")
        try tmux.wait(for: "[3 Compare]")
        kill(try process(), SIGTERM)
        try tmux.wait("the shell") { $0.contains("ready>") && !$0.contains("K 34 of 34") }
        #expect(try modes(tmux, "after") == before)
    }

    @Test func quittingWithAnAnswerUnderWayAsks() throws {
        // The bundled checkpoint: its first answer takes far longer than three keys do.
        let tmux = try Tmux(columns: 120, rows: 30), started = try command("", "--checkpoint scenes")
        try tmux.type("clear; \(started); echo left with $?")
        try tmux.press("Enter")
        try tmux.wait(for: "K 34 of 34")
        try tmux.type("what is it?")
        try tmux.wait(for: "what is it?")
        try tmux.press(together: "Enter", "Tab", "q")
        try tmux.wait(for: "Quit all the same?")
        try tmux.press("n")
        try tmux.wait("the question to go") { !$0.contains("Quit all the same?") }
        try tmux.press("C-q")
        try tmux.wait("an end, or the question once more") { $0.contains("left with 0") || $0.contains("Quit all the same?") }
        if try tmux.screen().contains("Quit all the same?") { try tmux.press("y") }
        try tmux.wait(for: "left with 0")
    }

    @Test func oneCellIsEnoughToComeBackFrom() throws {
        let tmux = try Tmux(columns: 90, rows: 30), started = try command()
        try tmux.type("clear; \(started); echo left with $?")
        try tmux.press("Enter")
        try tmux.wait(for: "K 6 of 6")
        try tmux.resize(columns: 1, rows: 1)
        try tmux.wait("a cell of the notice") { $0.trimmingCharacters(in: .whitespacesAndNewlines).count <= 1 }
        try tmux.resize(columns: 80, rows: 24)
        try tmux.wait(for: "K 6 of 6")
        try tmux.press("C-q")
        try tmux.wait(for: "left with 0")
        // And to start in.
        try tmux.resize(columns: 1, rows: 1)
        try tmux.type("clear; \(started); echo left with $?")
        try tmux.press("Enter")
        try tmux.wait("the other screen") { _ in (try? tmux.modes().hasPrefix("1")) ?? false }
        try tmux.resize(columns: 80, rows: 24)
        try tmux.wait(for: "K 6 of 6")
    }

    @Test(arguments: ["TERM=no-such-terminal", "TERM=dumb", "TERM="]) func aTerminalThatHoldsNoScreenIsSaid(_ environment: String) throws {
        let tmux = try Tmux(columns: 100, rows: 30), started = try command(environment)
        let before = try modes(tmux, "before"), looks = try tmux.modes()
        try tmux.type("clear; \(started); echo left with $?")
        try tmux.press("Enter")
        let shown = try tmux.wait(for: "left with 2")
        #expect(shown.contains("the screen cannot be opened") && shown.contains("TERM"))
        #expect(try tmux.modes() == looks)
        #expect(try modes(tmux, "after") == before)
    }

    // MARK: Colours and locale

    /// What the program writes from its start to its end.
    private func bytes(_ environment: String, _ more: String = "") throws -> String {
        let tmux = try Tmux(columns: 90, rows: 30), record = folder.file("bytes")
        let started = try command(environment, more)
        try tmux.type("clear; \(started); echo left with $?")
        try tmux.wait("the command line, however it wraps") { $0.replacing("\n", with: "").contains("echo left with $?") }
        try tmux.record(to: record)
        try tmux.press("Enter")
        try tmux.wait(for: "K 6 of 6")
        try tmux.wait(for: "scene2.png")
        try tmux.press("C-q")
        try tmux.wait(for: "left with 0")
        try tmux.stopRecording()
        return String(decoding: try Data(contentsOf: URL(fileURLWithPath: record)), as: UTF8.self)
    }

    /// The colours that are asked for, as the numbers of the sequences.
    private func colours(_ bytes: String) -> Set<Int> {
        var found: Set<Int> = []
        for match in bytes.matches(of: /\e\[([0-9;]*)m/) {
            var numbers = match.output.1.split(separator: ";").compactMap { Int($0) }[...]
            while let number = numbers.popFirst() {
                if number == 38 || number == 48, numbers.first == 5 {
                    found.insert(1000 + (numbers.dropFirst().first ?? 0))
                    numbers = numbers.dropFirst(2)
                } else if (30...37).contains(number) || (40...47).contains(number) || (90...107).contains(number) {
                    found.insert(number)
                }
            }
        }
        return found
    }

    @Test func noColorMeansNone() throws {
        #expect(colours(try bytes("TERM=xterm-256color NO_COLOR=1")) == [])
        #expect(colours(try bytes("TERM=xterm-256color NO_COLOR=1", "--color 256")).contains { $0 >= 1016 }, "unless it is asked for here")
        #expect(colours(try bytes("TERM=xterm-256color", "--color mono")) == [])
    }

    @Test func noMoreColoursThanTheTerminalHas() throws {
        let eight = colours(try bytes("TERM=xterm"))
        #expect(!eight.isEmpty && eight.allSatisfy { (30...47).contains($0) }, "\(eight)")
        let full = colours(try bytes("TERM=xterm-256color"))
        #expect(full.contains { $0 >= 1016 }, "\(full)")
        let asked = colours(try bytes("TERM=xterm-256color", "--color 8"))
        #expect(!asked.isEmpty && asked.allSatisfy { (30...47).contains($0) }, "\(asked)")
        // Not every machine knows this one.
        let source = "xterm-16color|sixteen,\n\tcolors#16, pairs#256, setab=\\E[%?%p1%{8}%<%t%p1%{40}%+%e%p1%{92}%+%;%dm, "
            + "setaf=\\E[%?%p1%{8}%<%t%p1%{30}%+%e%p1%{82}%+%;%dm, use=xterm,\n"
        let database = folder.file("terminfo"), file = try folder.write("sixteen.ti", Array(source.utf8))
        let compiler = Process()
        compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        compiler.arguments = ["tic", "-x", "-o", database, file]
        try compiler.run()
        compiler.waitUntilExit()
        try #require(compiler.terminationStatus == 0)
        let sixteen = colours(try bytes("TERMINFO=\(database) TERM=xterm-16color"))
        #expect(sixteen.contains { $0 >= 90 } && sixteen.allSatisfy { $0 < 1000 }, "\(sixteen)")
    }

    @Test func aPlainLocaleGetsPlainBytes() throws {
        let plain = try bytes("LC_ALL=C TERM=xterm-256color")
        #expect(plain.utf8.allSatisfy { $0 < 0x80 })
        #expect(plain.contains("scene2.png"))
        let utf8 = try bytes("LC_ALL=C.UTF-8 TERM=xterm-256color")
        #expect(utf8.contains("─"))
        #expect(try bytes("LC_ALL=C.UTF-8 TERM=xterm-256color", "--ascii").utf8.allSatisfy { $0 < 0x80 })
    }
}
