// What keys do on the Sessions screen.

import SpectralScreen

extension WorkbenchState {
    /// Nil for what means the same on every screen.
    mutating func performOnSessions(_ command: Command) -> [Effect]? {
        switch command {
        case .up: moveOnSessions(-1)
        case .down: moveOnSessions(1)
        case .pageUp: moveOnSessions(1 - layout.listRows(of: focus))
        case .pageDown: moveOnSessions(layout.listRows(of: focus) - 1)
        case .first: moveOnSessions(-Int(Int32.max))
        case .last: moveOnSessions(Int(Int32.max))
        case .enter: return sessionsScreen.choice.map { [.openSession($0.path)] } ?? askAgain()
        case .escape:
            if sessionsScreen.replay == .underWay {
                sessionsScreen.replay = .stopped
                notice = "replay stopped"
                return [.cancelReplay]
            }
            go(to: .ask)
        case .openSession: write(.open, "sessions/")
        case .closeSession:
            guard sessionsScreen.session != nil else { return refuse("there is no session to put away") }
            let stopped: [Effect] = sessionsScreen.replay == .underWay ? [.cancelReplay] : []
            sessionsScreen.close()
            return stopped
        case .recordSession: write(.record, "session.jsonl")
        case .annotate:
            guard sessionsScreen.recordingPath != nil else { return refuse("notes go into a recording: press w to start one") }
            write(.note, "")
        case .replaySession:
            guard let session = sessionsScreen.session else { return refuse("no session is open: Enter opens the chosen one, o another file") }
            if sessionsScreen.replay == .underWay { return refuse("a replay is under way; Esc stops it") }
            if running != nil { return refuse("an answer is under way; Esc on the Ask screen stops it") }
            sessionsScreen.replayNumber += 1
            (sessionsScreen.replay, sessionsScreen.outcomes) = (.underWay, [:])
            return stopMeasuring() + [.replaySession(session, number: sessionsScreen.replayNumber)]
        default: return nil
        }
        return []
    }

    private mutating func write(_ purpose: SessionLine, _ text: String) {
        sessionsScreen.writing = purpose
        sessionsScreen.line = PromptLine(text)
    }

    mutating func pressInSessionLine(_ key: Key) -> [Effect] {
        switch key {
        case .escape: sessionsScreen.writing = nil
        case .enter:
            guard let purpose = sessionsScreen.writing else { return [] }
            sessionsScreen.writing = nil
            let text = sessionsScreen.line.text.split { $0 == " " }.joined(separator: " ")
            guard !text.isEmpty else { return refuse("nothing was written") }
            switch purpose {
            case .open: return [.openSession(text)]
            case .record: return [.recordSession(text)]
            case .note:
                var about: [String]?
                if case .run(let run) = sessionsScreen.chosen?.event, sessionsScreen.session?.path == sessionsScreen.recordingPath {
                    about = [run.id]
                }
                return [.annotate(text, about: about)]
            }
        default: _ = sessionsScreen.line.handle(key)
        }
        return []
    }

    private mutating func moveOnSessions(_ rows: Int) {
        if focus == .entry {
            let most = max(0, SessionEntryView.lines(self, columns: entryColumns).count - layout.listRows(of: .entry))
            sessionsScreen.firstLine = min(max(0, sessionsScreen.firstLine + rows), most)
            return
        }
        let before = sessionsScreen.list.selected
        sessionsScreen.list.move(by: rows, count: sessionsScreen.rowCount)
        if sessionsScreen.list.selected != before { sessionsScreen.firstLine = 0 }
    }

    private var entryColumns: Int { (layout.place(of: .entry)?.columns ?? 4) - 4 }

    /// Puts the chosen run's words on the Ask screen's prompt line, on its image if that is in the list.
    private mutating func askAgain() -> [Effect] {
        guard case .run(let run) = sessionsScreen.chosen?.event else { return refuse("choose a run to ask it again") }
        let name = run.image.name.split(separator: "/").last.map(String.init) ?? ""
        guard let row = images.firstIndex(where: { $0.name == name }) else {
            return refuse("\(name) is not in the list of images; :images PATH lists its folder")
        }
        task = run.task
        prompt.set(run.prompt)
        promptOrigin = nil
        k = run.k.flatMap { asked in facts.flatMap { asked < $0.visionAtoms ? max(1, asked) : nil } }
        setFocus(.prompt)
        notice = run.edit.map { "the run's edit \($0) is not carried over" }
        return selectImage(row)
    }

    /// What is to be recorded of a turn that has just ended.
    func recording(of place: Int) -> [Effect] {
        guard sessionsScreen.recordingPath != nil, turns[place].status == .done else { return [] }
        return [.recordTurn(turns[place])]
    }

    mutating func settleSessions() -> [Effect] {
        let count = sessionsScreen.rowCount
        if sessionsScreen.list.selected >= count { sessionsScreen.list.select(count - 1, count: count) }
        let note = SessionEntriesView.note(sessionsScreen, columns: (layout.place(of: .entries)?.columns ?? 2) - 2).count
        let height = max(1, layout.listRows(of: .entries) - note)
        sessionsScreen.list = sessionsScreen.list.scrolled(count: count, height: height)
        guard sessionsScreen.session == nil, sessionsScreen.choices == nil, !sessionsScreen.isListing else { return [] }
        sessionsScreen.isListing = true
        return [.listSessions]
    }
}

/// Where the Sessions screen's panes stand: the list left of what it chooses, or above it under 100 columns.
enum SessionsScreenLayout {
    static func places(in body: Rect) -> [Pane: Rect] {
        if body.columns >= 100 {
            let columns = Layout.columns(body, [.fraction(0.45), .rest])
            return [.entries: columns[0], .entry: columns[1]]
        }
        let rows = Layout.rows(body, [.rest, .rest])
        return [.entries: rows[0], .entry: rows[1]]
    }
}
