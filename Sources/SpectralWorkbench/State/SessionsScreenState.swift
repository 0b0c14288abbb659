// The Sessions screen: a recorded session's runs and notes, its replay, and whether this sitting is recorded.

import SpectralScreen

/// What a line written on the Sessions screen is for.
public enum SessionLine: String, Hashable, Sendable {
    case open, record, note

    var label: String {
        switch self {
        case .open: "open session: "
        case .record: "record to: "
        case .note: "note: "
        }
    }
}

/// A session file that can be opened.
public struct SessionChoice: Hashable, Sendable {
    public let path: String
    public let title: String
    public let about: String?
    public let runs: Int

    /// The file's name without its ending.
    public var name: String {
        let file = path.split(separator: "/").last ?? ""
        return String(file.hasSuffix(".jsonl") ? file.dropLast(6) : file)
    }
}

/// What came of making a run again.
public struct ReplayOutcome: Equatable, Sendable {
    public let run: String
    /// nil where the run could not be made.
    public let text: String?
    public let differences: [ReplayDifference]
}

/// The state of the Sessions screen.
public struct SessionsScreenState: Equatable, Sendable {
    public enum Replay: Equatable, Sendable {
        case none, underWay, done, stopped
        /// One line that says what to do.
        case failed(String)
    }

    /// The session in view.
    public var session: Session?
    /// What there is to open while none is in view; nil until it is known.
    public var choices: [SessionChoice]?
    var isListing = false
    /// Where this sitting is recorded; nil while it is not.
    public var recordingPath: String?
    public var writing: SessionLine?
    public var line = PromptLine()
    public var list = ListState()
    public var firstLine = 0
    public var replay = Replay.none
    /// By run.
    public var outcomes: [String: ReplayOutcome] = [:]
    /// Names replays, so that what an earlier one still says is not heard.
    var replayNumber = 0

    /// Notes, edits and runs; the header is said in the frame.
    public var entries: [SessionEntry] {
        (session?.entries ?? []).filter { if case .session = $0.event { false } else { true } }
    }

    /// Rows of the list: the session's entries, or the sessions there are.
    var rowCount: Int { session == nil ? choices?.count ?? 0 : entries.count }

    /// The session that Enter opens; nil while one is in view.
    var choice: SessionChoice? {
        guard session == nil, let choices, choices.indices.contains(list.selected) else { return nil }
        return choices[list.selected]
    }

    public var chosen: SessionEntry? {
        let entries = entries
        return entries.indices.contains(list.selected) ? entries[list.selected] : nil
    }

    mutating func show(_ session: Session) {
        if self.session?.path != session.path {
            (list, firstLine, replay, outcomes) = (ListState(), 0, .none, [:])
            replayNumber += 1
        }
        self.session = session
    }

    /// Puts the session away; what there is to open is then looked for again.
    mutating func close() {
        (session, choices, isListing, list, firstLine, replay, outcomes) = (nil, nil, false, ListState(), 0, .none, [:])
        replayNumber += 1
    }
}

extension WorkbenchState {
    mutating func hearSessions(_ action: Action) -> [Effect] {
        switch action {
        case .sessionsListed(let choices):
            sessionsScreen.choices = choices
            sessionsScreen.isListing = false
        case .sessionOpened(let session): return show(session)
        case .sessionRecording(let session):
            sessionsScreen.recordingPath = session.path
            notice = "answers are recorded to \(session.path) from now on"
            return show(session)
        case .sessionGrown(let session):
            if sessionsScreen.session?.path == session.path { sessionsScreen.session = session }
        case .sessionFailed(let line): notice = line
        case .replayed(let number, let outcome):
            if number == sessionsScreen.replayNumber { sessionsScreen.outcomes[outcome.run] = outcome }
        case .replayEnded(let number, let problem):
            guard number == sessionsScreen.replayNumber, sessionsScreen.replay == .underWay else { break }
            sessionsScreen.replay = problem.map { .failed($0) } ?? .done
        default: break
        }
        return []
    }

    /// Shows a session; a replay of another ends with it.
    private mutating func show(_ session: Session) -> [Effect] {
        let isOther = sessionsScreen.session?.path != session.path
        let stopped: [Effect] = isOther && sessionsScreen.replay == .underWay ? [.cancelReplay] : []
        sessionsScreen.show(session)
        return stopped
    }
}
