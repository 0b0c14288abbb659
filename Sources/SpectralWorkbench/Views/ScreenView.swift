// The whole screen: header, panes, help line, and what stands over them.

import SpectralScreen

/// A screen, and where the terminal's own cursor belongs (nil: hidden).
public struct Frame: Equatable, Sendable {
    public let grid: CellGrid
    public let cursorRow: Int?
    public let cursorColumn: Int?

    public var cursor: (row: Int, column: Int)? {
        guard let cursorRow, let cursorColumn else { return nil }
        return (cursorRow, cursorColumn)
    }
}

public enum ScreenView {
    /// Draws everything; a pure function of its arguments.
    public static func draw(_ state: WorkbenchState, look: Look) -> Frame {
        let size = state.size
        var grid = CellGrid(rows: size.rows, columns: size.columns)
        guard ScreenLayout.fits(size) else {
            drawTooSmall(size, on: &grid)
            return Frame(grid: grid, cursorRow: nil, cursorColumn: nil)
        }
        let layout = state.layout
        drawHeader(state, in: layout.header, on: &grid, look: look)
        var cursor: (row: Int, column: Int)?
        for pane in state.screen.panes {
            guard let rect = layout.place(of: pane) else { continue }
            let own = ScreenSize(rows: rect.rows, columns: rect.columns)
            var drawn = draw(pane, state, size: own, look: look)
            if pane == state.focus, let pattern = state.markedPattern {
                drawn.mark(pattern, in: drawn.bounds.inset())
                if let row = state.foundRow { drawn.put(String(look.glyphs.pointer), row: row, column: 0, style: .accent) }
            }
            grid.place(drawn, row: rect.row, column: rect.column)
            if let inside = self.cursor(pane, state, size: own) { cursor = (rect.row + inside.row, rect.column + inside.column) }
        }
        if let rect = layout.preview {
            let own = ScreenSize(rows: rect.rows, columns: rect.columns)
            grid.place(PreviewView.draw(state, size: own, look: look), row: rect.row, column: rect.column)
        }
        drawFooter(state, in: layout.footer, on: &grid, look: look)
        switch state.overlay {
        case .help(let help):
            let drawn = HelpView.draw(help, size: size, look: look)
            grid.place(drawn.grid, row: drawn.place.row, column: drawn.place.column)
            cursor = drawn.cursor.map { (drawn.place.row + $0.row, drawn.place.column + $0.column) }
        case .quitQuestion: drawQuestion(state, on: &grid, look: look)
        case .saving(let line):
            cursor = grid.drawPrompt(line, label: state.saveLabel, in: layout.footer)
        case .searching(let line): cursor = grid.drawPrompt(line, label: " / ", in: layout.footer)
        case .palette(let palette):
            let list = PaletteView.draw(palette, state, look: look)
            grid.place(list.grid, row: list.place.row, column: list.place.column)
            cursor = grid.drawPrompt(palette.line, label: PaletteView.label, in: layout.footer)
        case nil: break
        }
        return Frame(grid: grid, cursorRow: cursor?.row, cursorColumn: cursor?.column)
    }

    /// Where the terminal's cursor belongs inside a pane; nil unless a line is being written there.
    private static func cursor(_ pane: Pane, _ state: WorkbenchState, size: ScreenSize) -> (row: Int, column: Int)? {
        switch pane {
        case .prompt: PromptView.cursor(state, size: size)
        case .table: AtomTableView.cursor(state, size: size)
        case .figures: CompareFiguresView.cursor(state, size: size)
        case .edits: LensEditsView.cursor(state, size: size)
        case .entries: SessionEntriesView.cursor(state, size: size)
        default: nil
        }
    }

    static func draw(_ pane: Pane, _ state: WorkbenchState, size: ScreenSize, look: Look) -> CellGrid {
        switch pane {
        case .images: ImagesView.draw(state, size: size, look: look)
        case .conversation: ConversationView.draw(state, size: size, look: look)
        case .prompt: PromptView.draw(state, size: size, look: look)
        case .atoms: AtomsView.draw(state, size: size, look: look)
        case .spectrum: SpectrumView.draw(state, size: size, look: look)
        case .alignment: AlignmentView.draw(state, size: size, look: look)
        case .entries: SessionEntriesView.draw(state, size: size, look: look)
        case .entry: SessionEntryView.draw(state, size: size, look: look)
        case .table: AtomTableView.draw(state, size: size, look: look)
        case .field, .pixels: AtomMapView.draw(pane, state, size: size, look: look)
        case .usage: AtomUsageView.draw(state, size: size, look: look)
        case .coherence: AtomCoherenceView.draw(state, size: size, look: look)
        case .figures: CompareFiguresView.draw(state, size: size, look: look)
        case .maps: CompareMapsView.draw(state, size: size, look: look)
        case .matches: CompareMatchesView.draw(state, size: size, look: look)
        case .edits: LensEditsView.draw(state, size: size, look: look)
        case .result: LensResultView.draw(state, size: size, look: look)
        case .controls: LensControlsView.draw(state, size: size, look: look)
        case .rank: LensRankView.draw(state, size: size, look: look)
        }
    }

    private static func drawHeader(_ state: WorkbenchState, in rect: Rect, on grid: inout CellGrid, look: Look) {
        var column = grid.put(" sdict ", row: rect.row, column: 0, style: Style(.accent, .bold))
        for tab in ScreenTabs.all(shown: state.screen, from: column, columns: rect.columns) {
            let style = tab.screen == state.screen ? Style(.terminal, on: .role(.selection), .bold) : .muted
            column += grid.put(tab.text, row: rect.row, column: column, style: style)
        }
        let right: (text: String, style: Style) =
            switch state.checkpoint {
            case .underWay: ("loading the checkpoint", .muted)
            case .failed: ("no checkpoint", .bad)
            case .done: ("", .plain)
            }
        let work =
            state.running != nil
            ? "answering"
            : state.measuring != nil
                ? "measuring atoms"
                : state.lensScreen.isRunning
                    ? "trying edits"
                    : state.atomsScreen.usage.isRunning ? "measuring use" : ""
        if !work.isEmpty { column += 1 + grid.put(work, row: rect.row, column: column + 1, style: .warning) }
        let text = state.facts.map { HeaderText.checkpoint($0, k: state.k, columns: rect.columns - column - 3) } ?? right.text
        let width = TextWidth.of(text)
        let start = max(column + 2, rect.columns - width - 1)
        let room = Rect(row: rect.row, column: start, rows: 1, columns: rect.columns - start)
        grid.put(text, in: room, style: right.style, ellipsis: look.glyphs.ellipsis)
    }

    private static func drawFooter(_ state: WorkbenchState, in rect: Rect, on grid: inout CellGrid, look: Look) {
        if let notice = state.notice {
            // What is too long for one line covers the lower edge of the panes until the next key.
            let lines = TextWrap.lines(notice, width: rect.columns - 2).prefix(3)
            let place = Rect(row: rect.row + 1 - lines.count, column: 0, rows: lines.count, columns: rect.columns)
            grid.fill(place)
            for (row, line) in lines.enumerated() {
                grid.put(line, in: place.inset(rows: 0, columns: 1).line(row), style: .warning)
            }
            return
        }
        let hints = hints(state)
        func width(_ hint: (key: String, what: String)) -> Int { TextWidth.of(hint.key) + 1 + TextWidth.of(hint.what) + 2 }
        func put(_ hint: (key: String, what: String), at column: Int) {
            let used = grid.put(hint.key, row: rect.row, column: column, style: .accent)
            grid.put(hint.what, row: rect.row, column: column + used + 1, style: .muted)
        }
        // Stopping comes first while there is something to stop.
        let isComparing = state.screen == .compare && state.compareScreen.isBusy
        let isLooking = state.screen == .lens && state.lensScreen.isRunning
        let isBusy =
            state.running != nil || (state.measuring != nil && state.focus != .prompt) || isComparing || isLooking
            || (state.screen == .atoms && state.atomsScreen.usage.isRunning)
        let stop = isBusy && !state.isWritingInPane ? [(key: "Esc", what: "stop")] : []
        let end = rect.columns - 1 - hints.always.reduce(0) { $0 + width($1) }
        var column = 1
        for hint in stop + hints.here.filter({ stop.isEmpty || $0.key != "Esc" }) {
            guard column + width(hint) <= end else { break }
            put(hint, at: column)
            column += width(hint)
        }
        column = max(column, end + 2)
        for hint in hints.always {
            put(hint, at: column)
            column += width(hint)
        }
    }

    private static func hints(
        _ state: WorkbenchState
    ) -> (here: [(key: String, what: String)], always: [(key: String, what: String)]) {
        if state.isWritingInPane { return (KeyMap.hintsInLine, []) }
        // What the checkpoint was not trained for is not offered.
        let deeds: [(task: AskTask, command: Command)] = [(.ask, .ask), (.caption, .caption), (.ground, .ground)]
        let untrained = deeds.filter { !state.tasks.contains($0.task) }.map(\.command)
        return KeyMap.hints(in: state.focus, without: Set(untrained + (state.tasks.count > 1 ? [] : [.nextTask])))
    }

    private static func drawQuestion(_ state: WorkbenchState, on grid: inout CellGrid, look: Look) {
        let size = state.size, text = "\(state.workToLose ?? "The work is done"). Quit all the same?  y / n"
        let columns = min(size.columns, TextWidth.of(text) + 6), lines = TextWrap.lines(text, width: columns - 6)
        var box = CellGrid(rows: 4 + lines.count, columns: columns)
        let inside = PaneFrame(title: "Quit", isFocused: true).draw(on: &box, look: look).inset(rows: 1, columns: 2)
        for (row, line) in lines.enumerated() { box.put(line, in: inside.line(row), style: .title) }
        grid.place(box, row: max(0, (size.rows - box.rows) / 2), column: (size.columns - columns) / 2)
    }

    private static func drawTooSmall(_ size: ScreenSize, on grid: inout CellGrid) {
        let least = ScreenLayout.least
        let text =
            "The screen is \(size.columns) x \(size.rows); the workbench needs \(least.columns) x \(least.rows). "
            + "Make it larger, or press q to quit."
        grid.drawLines(TextWrap.lines(text, width: size.columns), in: grid.bounds)
    }
}
