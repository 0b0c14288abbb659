// The workbench without a terminal: keys from a script, the same state, runner and views, a screen at the end.

import SpectralScreen

/// Why a script came to no end.
public enum ScriptError: Error, Equatable, CustomStringConvertible {
    case textNeverCame(String)
    case noEnd(seconds: Int)

    public var description: String {
        switch self {
        case .textNeverCame(let text):
            "script: <wait:\(TextWidth.visible(text))> waits for a text that did not come before all work had ended; "
                + "check the text or the keys before it"
        case .noEnd(let seconds): "script: work was still under way after \(seconds) seconds; wait for less"
        }
    }
}

public enum ScriptedRun {
    /// Longest silence of the runner.
    private static let patience = 300

    /// Starts a workbench, waits until checkpoint and images are loaded, plays the steps, and returns the last screen.
    ///
    /// What the runner reports is looked at in the waits alone, so that the same script always gives the same screen.
    /// - Parameter observe: called with every screen on the way.
    /// - Throws: `ScriptError`.
    public static func run(
        _ steps: [ScriptStep], options: WorkbenchOptions, size: ScreenSize, look: Look,
        observe: (WorkbenchState, Frame) -> Void = { _, _ in }
    ) throws(ScriptError) -> Frame {
        let session = WorkbenchSession(options: options, size: size, showsTimes: false)
        defer { session.stop() }
        session.start()
        try waitUntilIdle(session)
        observe(session.state, session.frame(look))
        for step in steps where !session.state.isQuitting {
            switch step {
            case .key(let key): session.apply(.key(key))
            case .paste(let text): session.apply(.paste(text))
            case .mouse(let kind, let row, let column): session.apply(.mouse(kind, row: row, column: column))
            case .resize(let columns, let rows): session.apply(.resize(ScreenSize(rows: rows, columns: columns)))
            case .waitUntilIdle: try waitUntilIdle(session)
            case .waitFor(let text): try wait(for: text, session, look)
            }
            observe(session.state, session.frame(look))
        }
        return session.frame(look)
    }

    private static func waitUntilIdle(_ session: WorkbenchSession) throws(ScriptError) {
        while true {
            // Asked before the mail is taken: whatever had ended by then has posted everything.
            let isIdle = session.runner.isIdle
            if session.applyMail() > 0 { continue }
            if isIdle { return }
            guard session.mailbox.wait(seconds: patience) else { throw .noEnd(seconds: patience) }
        }
    }

    private static func wait(for text: String, _ session: WorkbenchSession, _ look: Look) throws(ScriptError) {
        while true {
            if session.frame(look).grid.text.contains(text) { return }
            let isIdle = session.runner.isIdle
            if let action = session.mailbox.takeFirst() {
                session.apply(action)
                continue
            }
            if isIdle { throw .textNeverCame(text) }
            guard session.mailbox.wait(seconds: patience) else { throw .noEnd(seconds: patience) }
        }
    }
}
