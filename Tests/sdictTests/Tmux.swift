import Foundation
import Testing

/// A tmux server of its own, which stands in for a person at a terminal.
final class Tmux {
    static let program = ["/usr/bin/tmux", "/usr/local/bin/tmux", "/bin/tmux"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    private let program: String
    private var recording = ""
    private let socket = "sdict-\(UUID().uuidString)"

    /// Starts a shell in a terminal of that size.
    init(columns: Int, rows: Int) throws {
        program = try #require(Self.program)
        try call(
            "-f", "/dev/null", "new-session", "-d", "-x", "\(columns)", "-y", "\(rows)",
            "env LC_ALL=C.UTF-8 PS1='ready> ' sh")
        try wait(for: "ready>")
    }

    // Not kill-server: it sends itself SIGTERM, which is blocked in whatever a test starts. Without a session it ends too.
    deinit { _ = try? call("kill-session") }

    /// Types text as it stands.
    func type(_ text: String) throws { try call("send-keys", "-l", text) }

    /// Presses keys by tmux's names: Enter, Escape, C-q.
    func press(_ keys: String...) throws { for key in keys { try call("send-keys", key) } }

    /// Presses keys so that they arrive together.
    func press(together keys: String...) throws { try call(["send-keys"] + keys) }

    /// Whether a program has the other screen, shows the cursor, and asked for the mouse, arrow and keypad modes.
    func modes() throws -> String {
        try call(
            "display-message", "-p",
            "#{alternate_on} #{cursor_flag} #{mouse_any_flag} #{mouse_sgr_flag} #{keypad_cursor_flag} #{keypad_flag}")
    }

    /// Writes whatever programs send to the terminal to a file too, until `stopRecording`.
    func record(to path: String) throws {
        recording = path
        try? FileManager.default.removeItem(atPath: path + ".done")
        try call("pipe-pane", "-O", "cat > '\(path)'; touch '\(path).done'")
    }

    /// Returns once the file is whole.
    func stopRecording() throws {
        let path = recording
        try call("pipe-pane")
        let deadline = ContinuousClock.now + .seconds(60)
        while !FileManager.default.fileExists(atPath: path + ".done") {
            try #require(ContinuousClock.now < deadline, "the recording of the terminal never ended")
            usleep(10_000)
        }
    }

    func resize(columns: Int, rows: Int) throws {
        try call("set-option", "window-size", "manual")
        try call("resize-window", "-x", "\(columns)", "-y", "\(rows)")
    }

    /// Whether the program in the terminal has asked for the mouse.
    func reportsMouse() throws -> Bool { try call("display-message", "-p", "#{mouse_any_flag}").hasPrefix("1") }

    func screen() throws -> String { try call("capture-pane", "-p") }

    /// Looks at the screen until it holds the text; fails with what is there when a minute passes.
    @discardableResult
    func wait(for text: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> String {
        try wait("\"\(text)\"", sourceLocation: sourceLocation) { $0.contains(text) }
    }

    @discardableResult
    func wait(
        _ what: String, sourceLocation: SourceLocation = #_sourceLocation, until holds: (String) -> Bool
    ) throws -> String {
        let deadline = ContinuousClock.now + .seconds(60)
        var shown = try screen()
        while !holds(shown) {
            try #require(ContinuousClock.now < deadline, "waited for \(what), found:\n\(shown)", sourceLocation: sourceLocation)
            usleep(20_000)
            shown = try screen()
        }
        return shown
    }

    /// Runs tmux and returns what it printed.
    ///
    /// Not through Foundation's Process: it takes a process for ended once all its files are closed, and the server
    /// that tmux leaves behind would inherit them. For the same reason everything but the three standard files is closed.
    @discardableResult
    private func call(_ arguments: String...) throws -> String { try call(arguments) }

    @discardableResult
    private func call(_ arguments: [String]) throws -> String {
        let closing = "for f in /proc/$$/fd/*; do n=${f##*/}; [ \"$n\" -gt 2 ] && eval \"exec $n>&-\"; done; exec \"$@\" </dev/null 2>&1"
        let words = ["exec", "bash", "-c", closing, "tmux", program, "-u", "-L", socket] + arguments
        let line = words.enumerated().map { $0 == 0 ? $1 : "'" + $1.replacingOccurrences(of: "'", with: "'\\''") + "'" }
            .joined(separator: " ")
        let output = try #require(popen(line, "r"))
        var bytes: [UInt8] = [], buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = fread(&buffer, 1, buffer.count, output)
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        let text = String(decoding: bytes, as: UTF8.self)
        try #require(pclose(output) == 0, "tmux \(arguments.joined(separator: " ")): \(text)")
        return text
    }
}
