import ArgumentParser
import Foundation
import SpectralEngine
import SpectralFormats
import SpectralScreen
import SpectralTerminal
import SpectralWorkbench

extension Theme: ExpressibleByArgument {}

struct WorkbenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workbench",
        abstract: "Open the workbench; the command when no other is named.",
        discussion: """
            Asks, captions and grounds on local images, and shows what the frequency atoms did for each answer. \
            Press F1 in it for the keys, or ? outside the prompt line.

            With --script it runs without a terminal: characters are keys, names stand in angle brackets (<enter>, \
            <tab>, <esc>, <c-t>, <lt>), <wait> waits until nothing runs, <wait:TEXT> for a text on the screen, \
            <resize:80x24> changes the size. Times are left out of such screens, so that they can be compared.

            Examples:
              sdict --images photos
              sdict --script 'what color is it?<enter><wait>' --save-screen answer.txt --size 120x40
            """)

    @Option(help: ArgumentHelp("Checkpoint folder, or the name of a bundled one.", valueName: "dir"))
    var checkpoint = Bundled.defaultCheckpoint

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Folders of images, or image files (default: the bundled images).", valueName: "path"))
    var images: [String] = []

    @Option(parsing: .unconditional, help: "Vision atoms to use, 1 to the checkpoint's own (default: all).")
    var k: Int?

    @Flag(help: "Draw with ASCII alone; always so when the locale is not UTF-8.")
    var ascii = false

    @Option(help: "Colours for a dark or a light background (default: COLORFGBG says, else dark).")
    var theme: Theme?

    @Option(help: ArgumentHelp("Play these keys without a terminal.", valueName: "keys"))
    var script: String?

    @Option(help: ArgumentHelp("Write the last screen of a script here: text, with colours if it ends in .ansi, a picture if in .png or .svg.", valueName: "file"))
    var saveScreen: String?

    @Option(help: ArgumentHelp("Size of a script's screen, columns x rows.", valueName: "120x40"))
    var size: String?

    func validate() throws {
        if script == nil, saveScreen != nil || size != nil {
            throw ValidationError("--save-screen and --size belong to --script; add --script KEYS")
        }
        _ = try parsedSize()
        if let script {
            do { _ = try KeyScript.parse(script) } catch { throw ValidationError("\(error)") }
        }
    }

    func run() async throws {
        // A checkpoint that cannot be opened is the screen's to report.
        if k != nil, let folder = try? CheckpointFolder(path: Bundled.checkpointPath(checkpoint)) {
            try ModelOptions.check(k: k, of: folder.config)
        }
        // A script leaves nothing behind.
        let cache = script == nil ? UsageCache.standardFolder() : nil
        let options = WorkbenchOptions(checkpoint: checkpoint, images: images, k: k, cacheFolder: cache)
        if let script {
            let frame = try await OwnThread.run { try play(script, options) }
            try save(frame)
        } else {
            try await OwnThread.run { try open(options) }
        }
    }

    private var noColor: Bool { !(ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty }

    private var chosenTheme: Theme {
        theme ?? .detected(colorForegroundBackground: ProcessInfo.processInfo.environment["COLORFGBG"])
    }

    // MARK: Scripts

    private var scriptLook: Look {
        Look(glyphs: ascii ? .ascii : .blocks, colors: noColor ? .mono : .full, theme: chosenTheme)
    }

    private func parsedSize() throws -> ScreenSize {
        guard let size else { return ScreenSize(rows: 40, columns: 120) }
        let sides = size.lowercased().split(separator: "x", omittingEmptySubsequences: false)
        guard sides.count == 2, let columns = Int(sides[0]), let rows = Int(sides[1]), (1...1000).contains(columns),
            (1...1000).contains(rows)
        else { throw ValidationError("--size: expected columns x rows such as 120x40, found \(size.printable)") }
        return ScreenSize(rows: rows, columns: columns)
    }

    private func play(_ script: String, _ options: WorkbenchOptions) throws -> Frame {
        try ScriptedRun.run(KeyScript.parse(script), options: options, size: parsedSize(), look: scriptLook)
    }

    private func save(_ frame: Frame) throws {
        guard let saveScreen else { return Output.line(frame.grid.text) }
        let text = saveScreen.hasSuffix(".ansi") ? frame.grid.colouredText(scriptLook) : frame.grid.text + "\n"
        let picture = try PaneExport(fileName: saveScreen)?.data(of: frame.grid, look: scriptLook, title: "sdict")
        do { try (picture ?? Data(text.utf8)).write(to: URL(fileURLWithPath: saveScreen), options: .atomic) } catch {
            throw ScreenNotSaved(path: saveScreen)
        }
    }

    private struct ScreenNotSaved: Error, CustomStringConvertible {
        let path: String
        var description: String { "cannot write the screen to \(path.printable): check the folder and its permissions" }
    }

    // MARK: The terminal

    private func open(_ options: WorkbenchOptions) throws {
        let terminal: Terminal
        do { terminal = try Terminal.open(logPath: Self.logPath(), noColor: noColor, theme: chosenTheme) } catch {
            throw WrongUse(description: "\(error)")
        }
        defer { terminal.close() }
        if ascii || !terminal.isUnicode { terminal.look.glyphs = .ascii }
        let session = WorkbenchSession(options: options, size: Self.size(of: terminal), onMail: { Terminal.wake() })
        session.start()
        while !session.state.isQuitting {
            session.applyMail()
            if session.wantsRedraw {
                terminal.invalidate()
                session.wantsRedraw = false
            }
            let frame = session.frame(terminal.look)
            terminal.present(frame.grid, cursor: frame.cursor)
            var next = terminal.nextEvent()
            // What has piled up is applied before the next drawing: a held key never runs behind.
            while let event = next {
                guard Self.apply(event, to: session, terminal) else { return session.stop() }
                if session.state.isQuitting { break }
                next = terminal.nextEvent(timeoutMilliseconds: 0)
            }
        }
        session.stop()
    }

    /// False when the terminal is gone.
    private static func apply(_ event: TerminalEvent, to session: WorkbenchSession, _ terminal: Terminal) -> Bool {
        switch event {
        case .key(.control("z")): terminal.suspend()
        case .key(let key): session.apply(.key(key))
        case .paste(let text): session.apply(.paste(text))
        case .resize: session.apply(.resize(size(of: terminal)))
        case .resumed:
            session.apply(.resize(size(of: terminal)))
            session.apply(.refresh)
        case .mouse, .woken: break
        case .hangup: return false
        }
        return true
    }

    private static func size(of terminal: Terminal) -> ScreenSize {
        let size = terminal.size
        return ScreenSize(rows: size.rows, columns: size.columns)
    }

    /// Where stderr goes while the screen is up; nil when the folder cannot be made.
    private static func logPath() -> String? {
        let environment = ProcessInfo.processInfo.environment
        let state = environment["XDG_STATE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
            ?? environment["HOME"].map { $0 + "/.local/state" }
        guard let folder = state.map({ $0 + "/sdict" }) else { return nil }
        do { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) } catch { return nil }
        return folder + "/workbench.log"
    }
}
