import Foundation
import Testing

/// The built program in a real terminal.
@Suite(.serialized, .enabled(if: Tmux.program != nil, "tmux is missing; .ci/setup installs it"))
struct TmuxTests {
    let folder: TemporaryFolder
    let command: String

    init() throws {
        folder = try TemporaryFolder()
        let checkpoint = try TinyCheckpoint.write(to: folder.file("tiny"))
        for index in 0..<3 { try folder.scene("scene\(index).png", index: index) }
        let tests = try #require(Bundle.main.executableURL)
        let program = tests.deletingLastPathComponent().appendingPathComponent("sdict").path
        command = "XDG_STATE_HOME=\(folder.path) XDG_CONFIG_HOME=\(folder.path) \(program) --checkpoint \(checkpoint) --images \(folder.path)"
    }

    /// The terminal's modes, as stty tells them in a form to compare.
    private func modes(_ tmux: Tmux, _ name: String) throws -> String {
        try tmux.type("stty -g > \(folder.file(name)); echo saved-\(name)")
        try tmux.press("Enter")
        try tmux.wait("saved-\(name) on a line of its own") { $0.contains("\nsaved-\(name)") }
        return try String(contentsOfFile: folder.file(name), encoding: .utf8)
    }

    @Test func asksResizesQuitsAndLeavesTheTerminalAsItWas() throws {
        let tmux = try Tmux(columns: 120, rows: 40)
        let before = try modes(tmux, "before")
        #expect(!before.isEmpty)
        try tmux.type("clear; \(command); echo left with $?")
        try tmux.press("Enter")
        try tmux.wait(for: "K 6 of 6")
        try tmux.wait(for: "scene2.png")

        try tmux.type("what colour is it?")
        try tmux.wait(for: "what colour is it?")
        // Nothing is taken back by Alt and Backspace, and nothing is typed by what a terminal replies to somebody's question.
        try tmux.press("M-BSpace")
        try tmux.type("\u{1B}]11;rgb:1e1e/1e1e/2e2e\u{07}")
        try tmux.type("!")
        #expect(try tmux.wait(for: "it?!").contains("[ask]"))
        try tmux.press("Enter")
        try tmux.wait(for: "? what colour is it?")
        try tmux.wait(for: "nats: log-probability lost")
        let answered = try tmux.wait(for: "floor -60 dB")
        #expect(answered.contains("Spectrum of"))
        #expect(answered.contains("Phase alignment"))

        try tmux.resize(columns: 80, rows: 24)
        try tmux.wait("24 lines without atoms") { !$0.contains("Atoms that mattered") && $0.contains("Answers about") }
        try tmux.press("Tab")
        try tmux.wait(for: "Atoms that mattered")
        try tmux.resize(columns: 50, rows: 12)
        try tmux.wait(for: "the workbench needs")
        try tmux.resize(columns: 100, rows: 30)
        try tmux.wait(for: "Atoms that mattered")

        try tmux.press("q")
        let after = try tmux.wait(for: "left with 0")
        #expect(!after.contains("Atoms that mattered"), "the shell's own screen is back")
        #expect(try modes(tmux, "after") == before)
    }

    @Test func stopsAndComesBack() throws {
        let tmux = try Tmux(columns: 80, rows: 24)
        let before = try modes(tmux, "before")
        try tmux.type("clear; \(command)")
        try tmux.press("Enter")
        try tmux.wait(for: "K 6 of 6")
        try tmux.press("C-z")
        try tmux.wait(for: "ready>")
        #expect(try modes(tmux, "stopped") == before)
        try tmux.type("fg")
        try tmux.press("Enter")
        try tmux.wait(for: "K 6 of 6")
        try tmux.type("abc")
        try tmux.wait(for: "> abc")
        try tmux.press("C-c")
        try tmux.wait("the shell after an interrupt") { $0.contains("ready>") && !$0.contains("K 6 of 6") }
        #expect(try modes(tmux, "after") == before)
    }
}

/// What a workbench without a terminal says.
@Suite struct WorkbenchCommandTests {
    let folder: TemporaryFolder
    let checkpoint: String

    init() throws {
        folder = try TemporaryFolder()
        checkpoint = try TinyCheckpoint.write(to: folder.file("tiny"))
        try folder.scene("a.png")
    }

    @Test func withoutATerminalThereIsAMessageAndStatus2() throws {
        let outcome = try Program.run("--checkpoint", checkpoint, "--images", folder.path)
        #expect(outcome.status == 2)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.contains("the screen cannot be opened"))
        #expect(outcome.errors.contains("the commands that print lines still work"))
        #expect(outcome.errors.split(separator: "\n").count == 1)
    }

    @Test func aScriptSavesItsScreenAsTextOrInColour() throws {
        let arguments = ["--checkpoint", checkpoint, "--images", folder.path, "--size", "80x24", "--script", "what is it?<enter><wait>"]
        let text = folder.file("screen.txt"), coloured = folder.file("screen.ansi")
        let saved = try Program.run(arguments + ["--save-screen", text])
        #expect(saved.status == 0)
        #expect(saved.output.isEmpty)
        let screen = try String(contentsOfFile: text, encoding: .utf8)
        #expect(screen.split(separator: "\n", omittingEmptySubsequences: false).count == 25)
        #expect(screen.contains("? what is it?"))
        #expect(!screen.contains("\u{1B}"))
        #expect(try Program.run(arguments + ["--save-screen", coloured]).status == 0)
        let colours = try String(contentsOfFile: coloured, encoding: .utf8)
        #expect(colours.contains("\u{1B}[0;"))
        // Without its escape sequences it is the same screen.
        let bare = colours.replacing(/\x1B\[[0-9;]*m/, with: "").split(separator: "\n").map { line in
            String(line.reversed().drop { $0 == " " }.reversed())
        }
        #expect(bare == screen.split(separator: "\n").map(String.init))
    }

    @Test func glyphsAreChosenByName() throws {
        func screen(_ more: String...) throws -> String {
            let arguments = ["--checkpoint", checkpoint, "--images", folder.path, "--script", "what is it?<enter><wait>"]
            let outcome = try Program.run(arguments + more)
            #expect(outcome.status == 0, "\(more): \(outcome.errors)")
            return outcome.output
        }
        let (usual, ascii, braille) = try (screen(), screen("--ascii"), screen("--glyphs", "braille"))
        #expect(try screen("--glyphs", "blocks") == usual && screen("--glyphs", "ascii") == ascii)
        #expect(ascii.unicodeScalars.count { (0x2500...0x28FF).contains($0.value) } == 0)
        #expect(usual.contains("█") && !usual.contains("⣿"))
        #expect(braille.contains("⣿") && braille.contains("─"))
    }

    @Test func wrongUseIsStatus2() throws {
        for arguments in [
            ["--glyphs", "dots"], ["--ascii", "--glyphs", "blocks"],
            ["--size", "80x24"], ["--script", "<nokey>"], ["--script", "q", "--size", "80"], ["--k", "0"],
            ["--theme", "blue"],
        ] {
            let outcome = try Program.run(["--checkpoint", checkpoint, "--images", folder.path] + arguments)
            #expect(outcome.status == 2, "\(arguments)")
            #expect(outcome.output.isEmpty)
        }
        let late = try Program.run("--checkpoint", checkpoint, "--images", folder.path, "--script", "<wait:never there>")
        #expect(late.status == 1)
        #expect(late.errors.contains("never there"))
    }
}
