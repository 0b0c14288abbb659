import SpectralScreen

/// Runs, edits and notes of the session in view.
enum SessionEntriesView {
    static func draw(_ state: WorkbenchState, size: ScreenSize, look: Look) -> CellGrid {
        var grid = CellGrid(rows: size.rows, columns: size.columns)
        let own = state.sessionsScreen, isFocused = state.focus == .entries
        let inside = PaneFrame(title: title(own), isFocused: isFocused).draw(on: &grid, look: look)
        let body = Rect(row: inside.row, column: inside.column, rows: inside.rows - 1, columns: inside.columns)
        let last = Rect(row: inside.endRow - 1, column: inside.column + 1, rows: 1, columns: inside.columns - 2)
        drawLastLine(own, in: last, on: &grid, look: look)
        guard let session = own.session else {
            drawChoices(own, in: body, isFocused: isFocused, on: &grid, look: look)
            return grid
        }
        let entries = own.entries
        grid.drawList(in: body, state: own.list, count: entries.count, isFocused: isFocused, look: look) { row in
            listRow(entries[row], session, own)
        }
        return grid
    }

    /// What stands above the sessions to choose from, with an empty line; nothing once one is in view.
    static func note(_ own: SessionsScreenState, columns: Int) -> [String] {
        guard own.session == nil, let choices = own.choices else { return [] }
        let how =
            choices.isEmpty
            ? "No sessions in this folder or its folder sessions: o opens one that lies elsewhere."
            : "Enter opens a session, o one that lies elsewhere."
        let record = " w records the answers of this sitting to a file, each on disk before it is shown as recorded."
        return TextWrap.lines(how + record, width: max(1, columns - 2)) + [""]
    }

    private static func drawChoices(
        _ own: SessionsScreenState, in rect: Rect, isFocused: Bool, on grid: inout CellGrid, look: Look
    ) {
        let choices = own.choices ?? [], note = note(own, columns: rect.columns)
        grid.drawLines(note, in: rect.inset(rows: 0, columns: 1), style: .muted)
        let rows = max(0, rect.rows - note.count)
        let list = Rect(row: rect.row + note.count, column: rect.column, rows: rows, columns: rect.columns)
        grid.drawList(in: list, state: own.list, count: choices.count, isFocused: isFocused, look: look) { row in
            let choice = choices[row]
            return ListRow("\(choice.name): \(choice.title)", detail: count(choice.runs))
        }
    }

    private static func count(_ runs: Int) -> String { runs == 1 ? "1 run" : "\(runs) runs" }

    private static func title(_ own: SessionsScreenState) -> String {
        guard let session = own.session else { return "Sessions" }
        let name = session.header?.title ?? "Session"
        let made = own.outcomes.count, all = session.runs.count, different = own.outcomes.values.count { !$0.differences.isEmpty }
        switch own.replay {
        case .none: return "\(name): \(count(all))"
        case .underWay: return "\(name): replayed \(made) of \(all), \(different) different"
        case .done: return "\(name): \(all - different) of \(all) runs the same"
        case .stopped: return "\(name): stopped after \(made) of \(all), \(different) different"
        case .failed: return "\(name): replay failed"
        }
    }

    private static func drawLastLine(_ own: SessionsScreenState, in rect: Rect, on grid: inout CellGrid, look: Look) {
        if let writing = own.writing {
            grid.drawPrompt(own.line, label: writing.label, in: rect)
        } else if case .failed(let line) = own.replay {
            grid.put(line, in: rect, style: .bad, ellipsis: look.glyphs.ellipsis)
        } else if let notice = own.session?.notices.first {
            grid.put(notice, in: rect, style: .warning, ellipsis: look.glyphs.ellipsis)
        } else if let path = own.recordingPath {
            grid.put("recording to \(path)", in: rect, style: .good, ellipsis: look.glyphs.ellipsis)
        } else {
            grid.put("this sitting is not recorded; w records it", in: rect, style: .muted, ellipsis: look.glyphs.ellipsis)
        }
    }

    /// Where the terminal's cursor belongs inside the pane; nil while nothing is being written.
    static func cursor(_ state: WorkbenchState, size: ScreenSize) -> (row: Int, column: Int)? {
        guard let writing = state.sessionsScreen.writing, state.overlay == nil else { return nil }
        var grid = CellGrid(rows: size.rows, columns: size.columns)
        let inside = grid.bounds.inset()
        let last = Rect(row: inside.endRow - 1, column: inside.column + 1, rows: 1, columns: inside.columns - 2)
        return grid.drawPrompt(state.sessionsScreen.line, label: writing.label, in: last)
    }

    static func listRow(_ entry: SessionEntry, _ session: Session, _ own: SessionsScreenState) -> ListRow {
        switch entry.event {
        case .run(let run):
            // A run stands one step in from the one it came from, as far as there is room.
            let depth = min(4, session.ancestors(of: run.id).count)
            let words = run.prompt.isEmpty ? run.task.rawValue : run.prompt
            let k = run.k.map { "K \($0) " } ?? ""
            let text = String(repeating: "  ", count: depth) + "\(run.id) \(k)\(words): \(run.output?.text ?? "not made yet")"
            guard let outcome = own.outcomes[run.id] else { return ListRow(text) }
            return outcome.differences.isEmpty
                ? ListRow(text, detail: "same", style: .good) : ListRow(text, detail: "differs", style: .warning)
        case .note(let note): return ListRow("\(note.id) \(note.text)", style: .muted)
        case .edit(let edit): return ListRow("\(edit.id) edit: \(edit.name ?? "\(edit.changes.count) changes")", style: .accent)
        default: return ListRow(entry.event.id ?? entry.event.kind, style: .muted)
        }
    }
}

/// Everything known of the chosen run, edit or note.
enum SessionEntryView {
    struct Line: Equatable {
        let text: String
        var style = Style.plain
    }

    static func draw(_ state: WorkbenchState, size: ScreenSize, look: Look) -> CellGrid {
        var grid = CellGrid(rows: size.rows, columns: size.columns)
        let entry = state.sessionsScreen.chosen
        let title = entry.map { $0.event.id.map { id in "\(entry?.event.kind ?? "") \(id)" } ?? $0.event.kind } ?? "Entry"
        let inside = PaneFrame(title: title, isFocused: state.focus == .entry).draw(on: &grid, look: look)
            .inset(rows: 0, columns: 1)
        let all = lines(state, columns: inside.columns)
        if all.isEmpty {
            grid.drawNote("What is chosen in the list stands here in full: words, probabilities, notes, differences.", in: inside)
        }
        for (row, line) in all.dropFirst(state.sessionsScreen.firstLine).prefix(inside.rows).enumerated() {
            grid.put(line.text, in: inside.line(row), style: line.style)
        }
        if state.sessionsScreen.firstLine + inside.rows < all.count {
            grid.put(String(look.glyphs.moreBelow), row: inside.endRow - 1, column: inside.endColumn, style: .muted)
        }
        return grid
    }

    static func lines(_ state: WorkbenchState, columns: Int) -> [Line] {
        let own = state.sessionsScreen
        var lines: [Line] = []
        func add(_ text: String, _ style: Style = .plain) {
            lines += TextWrap.lines(text, width: max(1, columns)).map { Line(text: $0, style: style) }
        }
        if let choice = own.choice {
            add(choice.title, .title)
            if let about = choice.about { add(about) }
            add(choice.path, .muted)
        }
        guard let session = own.session, let entry = own.chosen else { return lines }
        switch entry.event {
        case .run(let run): describe(run, session, own, add)
        case .note(let note):
            if let about = note.about, !about.isEmpty { add("about \(about.joined(separator: ", "))", .muted) }
            add(note.text)
        case .edit(let edit):
            if let name = edit.name { add(name, .title) }
            for change in edit.changes {
                let amount = change.amount.map { " by \(Figure.fixed(Double($0), 3))" } ?? ""
                add("\(change.action.rawValue)\(amount): \(change.atoms.joined(separator: ", "))")
            }
        default: add("line \(entry.line): \(entry.event.kind)")
        }
        return lines
    }

    private static func describe(
        _ run: SessionRun, _ session: Session, _ own: SessionsScreenState, _ add: (String, Style) -> Void
    ) {
        add(run.prompt.isEmpty ? run.task.rawValue : "\(run.task.rawValue): \(run.prompt)", .title)
        add(run.output?.text ?? "not made yet", .accent)
        var facts =
            "image \(run.image.name); checkpoint \(run.checkpoint.name); K \(run.k.map(String.init) ?? "all"); \(run.decoding.strategy.rawValue)"
        if let parent = run.parent { facts += "; from \(parent)" }
        if let edit = run.edit { facts += "; edit \(session.edit(edit)?.name ?? edit)" }
        if let at = run.at { facts += "; \(at)" }
        add(facts, .muted)
        for candidate in run.output?.candidates ?? [] {
            let percent = TextWidth.padded(Figure.percent(Double(candidate.probability)), to: 6, atRight: true)
            add("  \(percent)  \(candidate.text)", .plain)
        }
        if let tokens = run.output?.tokens {
            add(
                tokens.map { "\($0.text.trimmingPrefix(" ")) \(Figure.percent(Double($0.probability)))" }.joined(separator: ", "),
                .plain)
        }
        for warning in run.output?.warnings ?? [] { add(warning, .warning) }
        if let atoms = run.atoms {
            add(
                "atoms by effect (\(atoms.unit)): "
                    + atoms.top.map { "\($0.atom) \(Figure.fixed(Double($0.effect), 3))" }.joined(separator: ", "), .plain)
        }
        let children = session.children(of: run.id).map(\.id)
        if !children.isEmpty { add("led to \(children.joined(separator: ", "))", .muted) }
        for note in session.notes where note.about?.contains(run.id) == true { add("\(note.id): \(note.text)", .plain) }
        guard let outcome = own.outcomes[run.id] else { return }
        if outcome.differences.isEmpty { add("replayed: the same", .good) }
        for difference in outcome.differences { add("replayed: \(difference.description)", .warning) }
    }
}
