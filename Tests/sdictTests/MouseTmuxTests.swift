import Foundation
import Testing

/// The mouse of a real terminal: reported while it is on, and given back on every way out.
@Suite(.serialized, .enabled(if: Tmux.program != nil, "tmux is missing; .ci/setup installs it"))
struct MouseTmuxTests {
    @Test func reportsStopWithTheProgram() throws {
        let folder = try TemporaryFolder()
        let checkpoint = try TinyCheckpoint.write(to: folder.file("tiny"))
        for index in 0..<3 { try folder.scene("scene\(index).png", index: index) }
        let tests = try #require(Bundle.main.executableURL)
        let program = tests.deletingLastPathComponent().appendingPathComponent("sdict").path
        // Of this type the reports are text, and can be typed.
        let command = "TERM=xterm-256color XDG_STATE_HOME=\(folder.path) XDG_CONFIG_HOME=\(folder.path) \(program) --fresh --checkpoint \(checkpoint) --images \(folder.path)"
        let tmux = try Tmux(columns: 80, rows: 24)
        func start() throws {
            try tmux.type("clear; \(command)")
            try tmux.press("Enter")
            try tmux.wait(for: "K 6 of 6")
            #expect(try !tmux.reportsMouse(), "off until it is asked for")
            try tmux.press("Escape")
            try tmux.wait(for: "q quit")
            try tmux.type("M")
            try tmux.wait(for: "the mouse is on")
            #expect(try tmux.reportsMouse())
        }
        try start()
        // A press of the left button at row 5 and column 4, counted from 1: the third image. Then the wheel, upwards.
        try tmux.type("\u{1B}[<0;4;5M")
        try tmux.wait(for: "Answers about scene2.png")
        try tmux.type("\u{1B}[<64;4;5M")
        try tmux.wait(for: "Answers about scene0.png")
        try tmux.type("M")
        try tmux.wait(for: "the mouse is off")
        #expect(try !tmux.reportsMouse())
        try tmux.type("M")
        try tmux.wait(for: "the mouse is on")
        // Stopped, it is the shell's; back, it is the program's again.
        try tmux.press("C-z")
        try tmux.wait(for: "ready>")
        #expect(try !tmux.reportsMouse())
        try tmux.type("fg")
        try tmux.press("Enter")
        try tmux.wait(for: "K 6 of 6")
        try tmux.wait("the mouse again") { _ in (try? tmux.reportsMouse()) == true }
        try tmux.type("q")
        try tmux.wait("the shell after q") { $0.contains("ready>") && !$0.contains("K 6 of 6") }
        #expect(try !tmux.reportsMouse())

        try start()
        try tmux.press("C-c")
        try tmux.wait("the shell after an interrupt") { $0.contains("ready>") && !$0.contains("K 6 of 6") }
        #expect(try !tmux.reportsMouse())
    }
}
