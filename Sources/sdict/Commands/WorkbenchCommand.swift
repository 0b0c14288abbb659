import ArgumentParser
import Foundation
import SpectralEngine
import SpectralFormats
import SpectralScreen
import SpectralTerminal
import SpectralWorkbench

struct WorkbenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workbench",
        abstract: "Open the workbench; the command when no other is named.",
        discussion: """
            Asks, captions and grounds on local images, and shows what the frequency atoms did for each answer. \
            Press F1 in it for the keys, or ? outside the prompt line.

            With --script it runs without a terminal: characters are keys, names stand in angle brackets (<enter>, \
            <tab>, <esc>, <c-t>, <lt>), <wait> waits until nothing runs, <wait:TEXT> for a text on the screen, \
            <resize:80x24> changes the size, <click:ROW,COL> and <wheel:up,ROW,COL> are the mouse once M has turned it \
            on (rows and columns from 0). Times are left out of such screens, so that they can be compared.

            What the command line leaves open the config says: $XDG_CONFIG_HOME/sdict/config.json, else \
            ~/.config/sdict/config.json, or the file of --config; `sdict --print-config` prints the settings in force, \
            as such a file. Its checkpoint is that of all commands that take --config; the rest is the workbench's. A color that \
            is set there or by --color outdoes NO_COLOR.

            The view (screen, image, K, order and filter of atoms, columns, prompts) is kept in \
            $XDG_STATE_HOME/sdict/view.json, else ~/.local/state/sdict/view.json, and put back at the next start; \
            not with --fresh, and neither kept nor put back with "restoreView": false.

            Examples:
              sdict --images photos
              sdict --print-config > new.json && mv new.json ~/.config/sdict/config.json
              sdict --script 'what color is it?<enter><wait>' --save-screen answer.txt --size 120x40
            """)

    @Option(
        help: ArgumentHelp(
            "Checkpoint folder, or the name of a bundled one (default: the config's, else \(Bundled.defaultCheckpoint)).",
            valueName: "dir"), completion: .directory)
    var checkpoint: String?

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Folders of images, or image files (default: the bundled images).", valueName: "path"),
        completion: .images)
    var images: [String] = []

    @Option(
        parsing: .unconditional,
        help: "Vision atoms to use, 1 to the checkpoint's own (default: as last time, else the config's, else all).")
    var k: Int?

    @OptionGroup var look: LookOptions

    @OptionGroup var config: ConfigOptions

    @Flag(help: "Print the settings in force as a config file, and on standard error where they were read.")
    var printConfig = false

    @Flag(help: "Start afresh, not with the view of last time.")
    var fresh = false

    @Flag(help: "With --script: start with the view that was kept, and keep it, as without one.")
    var restore = false

    @Option(help: ArgumentHelp("Play these keys without a terminal.", valueName: "keys"))
    var script: String?

    @Option(
        help: ArgumentHelp(
            "Write the last screen of a script here: text, with colours if it ends in .ansi, a picture if in .png or .svg.",
            valueName: "file"))
    var saveScreen: String?

    @Option(help: ArgumentHelp("Size of a script's screen, columns x rows.", valueName: "120x40"))
    var size: String?

    func validate() throws {
        if script == nil, saveScreen != nil || size != nil || restore {
            throw ValidationError("--save-screen, --size and --restore belong to --script; add --script KEYS")
        }
        if fresh, restore { throw ValidationError("--fresh and --restore exclude each other; choose one") }
        _ = try parsedSize()
        if let script {
            do { _ = try KeyScript.parse(script) } catch { throw ValidationError("\(error)") }
        }
    }

    /// The command line over the config over the defaults.
    private var settings: WorkbenchConfig {
        var settings = config.reading.config
        settings.checkpoint = checkpoint ?? settings.checkpoint
        if !images.isEmpty { settings.images = images }
        settings.k = k ?? settings.k
        look.apply(to: &settings)
        return settings
    }

    func run() async throws {
        let settings = settings, problems = config.reading.problems
        if printConfig { return try Self.print(settings, config.reading) }
        // A checkpoint that cannot be opened is the screen's to report.
        if k != nil, let folder = try? CheckpointFolder(path: Bundled.checkpointPath(settings.checkpoint)) {
            try ModelOptions.check(k: k, of: folder.config)
        }
        let options = options(settings)
        if let script {
            problems.forEach(Output.warning)
            let look = settings.scriptLook
            let frame = try await OwnThread.run { try play(script, options, look) }
            try save(frame, look)
        } else {
            try await OwnThread.run { try open(options, settings, problems) }
        }
    }

    private func options(_ settings: WorkbenchConfig) -> WorkbenchOptions {
        var options = WorkbenchOptions(checkpoint: settings.checkpoint, images: settings.images, k: settings.k)
        // With --fresh the view is kept all the same, for the next start.
        if settings.restoreView, script == nil || restore { options.viewPath = ViewFile.usualPath }
        // Nor does a script leave measured use behind.
        options.cacheFolder = script == nil ? UserFolders.cache() : nil
        options.restoresView = !fresh
        options.restoresK = k == nil
        options.restoresImages = images.isEmpty
        return options
    }

    private static func print(_ settings: WorkbenchConfig, _ reading: ConfigReading) throws {
        reading.problems.forEach(Output.warning)
        // What is printed may be about to take the file's place.
        if reading.isBroken { throw ExitCode(1) }
        let usual = UserFolders.config().map { "; \($0) would be read" } ?? ""
        Output.problemText(reading.path.map { "read from \($0)" } ?? "there is no config file\(usual)")
        Output.line(try settings.json())
    }

    // MARK: Scripts

    private func parsedSize() throws -> ScreenSize {
        guard let size else { return ScreenSize(rows: 40, columns: 120) }
        return try ScreenSize(size, option: "--size")
    }

    private func play(_ script: String, _ options: WorkbenchOptions, _ look: Look) throws -> Frame {
        try ScriptedRun.run(KeyScript.parse(script), options: options, size: parsedSize(), look: look)
    }

    private func save(_ frame: Frame, _ look: Look) throws {
        guard let saveScreen else { return Output.line(frame.grid.text) }
        let text = saveScreen.hasSuffix(".ansi") ? frame.grid.colouredText(look) : frame.grid.text + "\n"
        let picture = try PaneExport(fileName: saveScreen)?.data(of: frame.grid, look: look, title: "sdict")
        do { try (picture ?? Data(text.utf8)).write(to: URL(fileURLWithPath: saveScreen), options: .atomic) } catch {
            throw ScreenNotSaved(path: saveScreen)
        }
    }

    private struct ScreenNotSaved: Error, CustomStringConvertible {
        let path: String
        var description: String { "cannot write the screen to \(path.printable): check the folder and its permissions" }
    }

    // MARK: The terminal

    private func open(_ options: WorkbenchOptions, _ settings: WorkbenchConfig, _ problems: [String]) throws {
        let terminal: Terminal, log = Self.logPath()
        // Without a log they would be written over the screen.
        if log == nil { problems.forEach(Output.warning) }
        do {
            terminal = try Terminal.open(logPath: log, noColor: settings.wantsNoColor, theme: settings.shownTheme)
        } catch { throw WrongUse(description: "\(error)") }
        defer { terminal.close() }
        terminal.look = settings.look(on: terminal)
        let session = WorkbenchSession(
            options: options, size: Self.size(of: terminal), onMail: { Terminal.wake() },
            onView: { if let path = options.viewPath { Terminal.leaveWill(path: path, $0) } })
        // On the screen the first of them, all of them in the log.
        if let first = problems.first {
            session.apply(.notice(first + (problems.count > 1 ? " (and \(problems.count - 1) more)" : "")))
        }
        if log != nil { problems.forEach(Output.warning) }
        Self.run(session, on: terminal)
    }

    /// Starts the session and lives its life on the terminal. `afterFrame` is called when a frame has been handed over;
    /// the loop ends where it says false, as when the person quits or the terminal goes.
    static func run(_ session: WorkbenchSession, on terminal: Terminal, afterFrame: () -> Bool = { true }) {
        defer { session.stop() }
        session.start()
        while !session.state.isQuitting {
            session.applyMail()
            if session.wantsRedraw {
                terminal.invalidate()
                session.wantsRedraw = false
            }
            terminal.setMouse(session.state.usesMouse)
            let frame = session.frame(terminal.look)
            terminal.present(frame.grid, cursor: frame.cursor)
            guard afterFrame() else { return }
            session.keepView()
            var next = terminal.nextEvent()
            // What has piled up is applied before the next drawing: a held key never runs behind.
            while let event = next {
                guard apply(event, to: session, terminal) else { return }
                if session.state.isQuitting { break }
                next = terminal.nextEvent(timeoutMilliseconds: 0)
            }
        }
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
        case .mouse(let kind, let row, let column): session.apply(.mouse(kind, row: row, column: column))
        case .woken: break
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
        guard let folder = UserFolders.state() else { return nil }
        do { try UserFolders.make(folder) } catch { return nil }
        return folder + "/workbench.log"
    }
}

extension ScreenSize {
    /// `120x40`.
    ///
    /// - Throws: `ValidationError`.
    init(_ text: String, option: String) throws {
        let sides = text.lowercased().split(separator: "x", omittingEmptySubsequences: false)
        guard sides.count == 2, let columns = Int(sides[0]), let rows = Int(sides[1]), (1...1000).contains(columns),
            (1...1000).contains(rows)
        else { throw ValidationError("\(option): expected columns x rows such as 120x40, found \(text.printable)") }
        self.init(rows: rows, columns: columns)
    }
}
