import CTerminal
import Foundation
import SpectralScreen

/// What the terminal, a signal or another thread has to say.
public enum TerminalEvent: Hashable, Sendable {
    case key(Key)
    /// Text pasted as one piece, line ends included (as `\n`).
    case paste(String)
    case mouse(MouseAction, row: Int, column: Int)
    /// The size has changed; draw again.
    case resize
    /// Back from a stop; draw again.
    case resumed
    /// `wake()` was called.
    case woken
    /// The terminal is gone.
    case hangup
}

/// The terminal as a screen of cells, through ncurses.
///
/// What it guarantees: while it is open, the terminal is put back as it was (modes, cursor, mouse, other screen) on
/// `close()`, on exit, on SIGINT, SIGTERM, SIGHUP, SIGQUIT, on a stop by SIGTSTP, and on a fault or a Swift trap.
/// Only one can be open, on one thread; `wake()` alone may be called from any thread.
public final class Terminal {
    private var shown: CellGrid?
    private var lengths: [UInt8] = []
    private var widths: [UInt8] = []
    private var bytes: [UInt8] = []
    private var wantsMouse = false
    private let environmentColors: ColorMode
    /// Colours and theme used by `present`; change them at any time, all is then drawn anew.
    public var look: Look {
        didSet { if look != oldValue { shown = nil } }
    }

    /// Takes over the terminal of standard input and output.
    ///
    /// - Parameters:
    ///   - logPath: where stderr goes while the screen is up; nil leaves it alone.
    ///   - noColor: whether no colours are wanted.
    ///   - theme: dark or light.
    ///   - files: of the terminal: for keys and for drawing.
    ///   - type: its name in terminfo; nil for the variable TERM.
    /// - Throws: `TerminalError` when standard input or output is no terminal, TERM is unknown or unfit, or the log
    ///   file cannot be written; the terminal is then as it was.
    public static func open(
        logPath: String? = nil, noColor: Bool = false, theme: Theme = .dark, files: (input: Int32, output: Int32) = (0, 1),
        type: String? = nil
    ) throws(TerminalError) -> Terminal {
        if let reason = ct_open(files.input, files.output, type) { throw .unusable(reason: String(cString: reason)) }
        if let logPath, let reason = ct_redirect_errors(logPath) {
            let text = String(cString: reason)
            ct_close()
            throw .log(path: logPath, reason: text)
        }
        return Terminal(noColor: noColor, theme: theme)
    }

    private init(noColor: Bool, theme: Theme) {
        environmentColors = ColorMode.best(forColors: Int(ct_colors()), noColor: noColor)
        look = Look(glyphs: ct_is_utf8() ? .blocks : .ascii, colors: environmentColors, theme: theme)
    }

    deinit { ct_close() }

    /// Gives the terminal back. Later calls do nothing; `nextEvent` then says `hangup`.
    public func close() { ct_close() }

    /// Colours the terminal and the environment allow.
    public var bestColors: ColorMode { environmentColors }
    /// Whether the locale can show more than ASCII.
    public var isUnicode: Bool { ct_is_utf8() }

    /// Rows and columns of the screen now.
    public var size: (rows: Int, columns: Int) {
        var rows: Int32 = 0
        var columns: Int32 = 0
        ct_size(&rows, &columns)
        return (Int(rows), Int(columns))
    }

    /// Shows `grid`: sends what differs from the grid shown before. `cursor` is where the terminal's own cursor
    /// stands; nil hides it. A grid of another size than the screen is cut or leaves blanks.
    public func present(_ grid: CellGrid, cursor: (row: Int, column: Int)? = nil) {
        if shown?.rows != grid.rows || shown?.columns != grid.columns {
            shown = nil
            ct_erase()
        }
        for run in grid.changes(from: shown) { put(run) }
        ct_cursor(Int32(clamping: cursor?.row ?? -1), Int32(clamping: cursor?.column ?? -1))
        ct_refresh()
        shown = grid
    }

    /// Forgets what is on the screen: the next `present` sends all of it.
    public func invalidate() {
        shown = nil
        ct_erase()
    }

    private func put(_ run: CellRun) {
        bytes.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
        widths.removeAll(keepingCapacity: true)
        for cell in run.cells where cell.width != 0 {
            let start = bytes.count
            bytes.append(contentsOf: cell.character.utf8.prefix(128))
            lengths.append(UInt8(bytes.count - start))
            widths.append(cell.width)
        }
        let style = look.resolve(run.style)
        ct_put(
            Int32(run.row), Int32(run.column), bytes, lengths, widths, Int32(lengths.count),
            Int32(style.foreground), Int32(style.background), UInt32(style.attributes.rawValue))
    }

    /// Turns mouse reports on or off; they are off at first, so that the terminal's own selection works.
    public func setMouse(_ isOn: Bool) {
        // Asked with every frame; a terminal without a mouse is told once.
        guard isOn != wantsMouse else { return }
        wantsMouse = isOn
        ct_mouse_on(isOn)
    }

    /// What a signal that ends the program while the screen is up is to leave in a file, in place of what was named
    /// before. From any one thread at a time.
    public static func leaveWill(path: String, _ bytes: Data) {
        _ = bytes.withUnsafeBytes { ct_leave_will(path, $0.baseAddress, $0.count) }
    }

    /// Stops the program as Ctrl-Z does.
    public func suspend() { ct_suspend() }

    /// Ends a wait in `nextEvent`, now or the next one. From any thread.
    public static func wake() { ct_wake() }

    /// The next event. Waits `timeoutMilliseconds` for it, without end if nil; nil when the time ran out. Nothing is
    /// polled meanwhile: keys, signals and `wake()` end the wait.
    public func nextEvent(timeoutMilliseconds: Int? = nil) -> TerminalEvent? {
        let event = ct_next(timeoutMilliseconds.map { Int32(clamping: max(0, $0)) } ?? -1)
        switch event.kind {
        case CT_CHARACTER: return character(event.value)
        case CT_KEY: return key(event.value).map { .key($0) }
        case CT_FUNCTION: return .key(.function(Int(event.value)))
        case CT_PASTE: return .paste(pastedText())
        case CT_MOUSE:
            let action: MouseAction =
                event.value == CT_WHEEL_UP.rawValue ? .wheelUp : event.value == CT_WHEEL_DOWN.rawValue ? .wheelDown : .press
            return .mouse(action, row: Int(event.row), column: Int(event.column))
        case CT_RESIZE:
            shown = nil
            return .resize
        case CT_RESUMED:
            shown = nil
            return .resumed
        case CT_WOKEN: return .woken
        case CT_HANGUP: return .hangup
        default: return nil
        }
    }

    private func character(_ value: UInt32) -> TerminalEvent? {
        switch value {
        case 9: return .key(.tab)
        case 10, 13: return .key(.enter)
        case 27: return .key(.escape)
        case 8, 127: return .key(.backspace)
        case 0: return .key(.control(" "))
        case 1...26: return Unicode.Scalar(value + 0x60).map { .key(.control(Character($0))) }
        case 28...31: return Unicode.Scalar(value + 0x40).map { .key(.control(Character($0))) }
        default: return Unicode.Scalar(value).map { .key(.character(Character($0))) }
        }
    }

    private func key(_ value: UInt32) -> Key? {
        switch ct_key(rawValue: value) {
        case CT_UP: .up
        case CT_DOWN: .down
        case CT_LEFT: .left
        case CT_RIGHT: .right
        case CT_ENTER: .enter
        case CT_BACKTAB: .backtab
        case CT_BACKSPACE: .backspace
        case CT_DELETE: .delete
        case CT_HOME: .home
        case CT_END: .end
        case CT_PAGE_UP: .pageUp
        case CT_PAGE_DOWN: .pageDown
        default: nil
        }
    }

    private func pastedText() -> String {
        var length = 0
        guard let start = ct_paste_text(&length) else { return "" }
        let text = UnsafeRawBufferPointer(start: start, count: length)
        // Terminals send line ends of pasted text as carriage returns.
        return String(decoding: text, as: UTF8.self).split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            .joined(separator: "\n")
    }
}
