// Questions and answers about the selected image, oldest first.

import SpectralModel
import SpectralScreen

enum ConversationView {
    /// A line made ready to draw.
    enum Line {
        case text([(String, Style)])
        case bar(label: String, probability: Double, isBest: Bool)

        static func plain(_ text: String, _ style: Style = .plain) -> Line { .text([(text, style)]) }
    }

    static func draw(_ state: WorkbenchState, size: ScreenSize, look: Look) -> CellGrid {
        var grid = CellGrid(rows: size.rows, columns: size.columns)
        let title = state.selectedImage.map { "Answers about \($0.name)" } ?? "Answers"
        let isFocused = state.focus == .conversation
        let inside = PaneFrame(title: title, isFocused: isFocused).draw(on: &grid, look: look)
            .inset(rows: 0, columns: 1)
        let text = text(state, columns: inside.columns, look: look), lines = text.lines
        let first = firstLine(text, rows: inside.rows, scroll: state.conversationScroll)
        let labelWidth = min(14, max(6, inside.columns / 3))
        for (offset, line) in lines.dropFirst(first).prefix(inside.rows).enumerated() {
            let place = inside.line(offset)
            switch line {
            case .text(let parts):
                var column = place.column
                for (text, style) in parts {
                    column += grid.put(text, row: place.row, column: column, style: style, limit: place.endColumn)
                }
            case .bar(let label, let probability, let isBest):
                let bar = Rect(row: place.row, column: place.column + 2, rows: 1, columns: min(place.columns - 2, 48))
                grid.drawProbability(
                    probability, label: label, labelWidth: labelWidth, in: bar, style: isBest ? .good : .accent, look: look)
            }
        }
        if first > 0 { grid.put(String(look.glyphs.moreAbove), row: inside.row, column: size.columns - 1, style: .muted) }
        if first + inside.rows < lines.count {
            grid.put(String(look.glyphs.moreBelow), row: inside.endRow - 1, column: size.columns - 1, style: .muted)
        }
        return grid
    }

    /// How far the conversation can be scrolled from where it stands by itself: down (negative) and up.
    static func scrollRange(_ state: WorkbenchState) -> ClosedRange<Int> {
        guard let rect = state.layout.place(of: .conversation) else { return 0...0 }
        let text = text(state, columns: max(0, rect.columns - 4), look: Look()), rows = rect.rows - 2
        let first = firstLine(text, rows: rows, scroll: 0)
        return -max(0, text.lines.count - rows - first)...first
    }

    /// The turn under a row of the pane, counted from its frame; nil where there is none.
    static func turn(atRow row: Int, _ state: WorkbenchState) -> Turn? {
        guard let rect = state.layout.place(of: .conversation), row >= 1, row <= rect.rows - 2 else { return nil }
        let text = text(state, columns: max(0, rect.columns - 4), look: Look())
        let line = firstLine(text, rows: rect.rows - 2, scroll: state.conversationScroll) + row - 1
        let id = text.turns.first { $0.lines.contains(line) }?.id
        return state.conversation.first { $0.id == id }
    }

    /// What to do first, by what the checkpoint was trained for.
    private static func invitation(_ tasks: [AskTask]) -> String {
        guard tasks.count > 1 else {
            let first =
                switch tasks.first ?? .ask {
                case .ask: "Write a question below and press Enter."
                case .caption: "Press Enter below, or c outside the prompt line, and the image is described."
                case .ground: "Write below what to find and press Enter."
                }
            return first + " This checkpoint does nothing else."
        }
        guard tasks == AskTask.allCases else {
            return "Press Enter below; Ctrl-T turns from one task to the other. This checkpoint "
                + tasks.map(\.deed).joined(separator: " and ") + "."
        }
        return "Write a question below and press Enter. Ctrl-T turns to captions and to finding things; "
            + "outside the prompt line c captions at once."
    }

    /// All lines, those of every turn and of the chosen one, and the one with the chosen word.
    private struct Text {
        var lines: [Line] = []
        var turns: [(id: Int, lines: Range<Int>)] = []
        var chosen = 0..<0
        var focus: Int?
    }

    /// The chosen turn is in view, its end if it is longer than the room, but with its chosen word.
    private static func firstLine(_ text: Text, rows: Int, scroll: Int) -> Int {
        let count = text.lines.count, end = min(max(text.chosen.upperBound, min(rows, count)), count)
        var first = max(0, end - rows)
        if let focus = text.focus { first = min(first, max(text.chosen.lowerBound, focus - 1)) }
        return min(max(0, first - scroll), max(0, count - rows))
    }

    private static func text(_ state: WorkbenchState, columns: Int, look: Look) -> Text {
        var text = Text()
        var lines: [Line] = []
        switch state.checkpoint {
        case .underWay: lines.append(.plain("loading the checkpoint", .muted))
        case .failed(let line): lines += wrapped(line, columns, .bad)
        case .done: break
        }
        let turns = state.conversation
        if turns.isEmpty, state.facts != nil {
            lines += wrapped(invitation(state.tasks), columns, .muted)
        }
        let shown = state.shownTurn?.id
        for turn in turns {
            if !lines.isEmpty { lines.append(.plain("")) }
            let isShown = turn.id == shown
            let own = TurnLines(
                turn, state, isShown: isShown, isMarked: isShown && turns.count > 1, columns: columns, look: look)
            let place = lines.count..<lines.count + own.lines.count
            text.turns.append((turn.id, place))
            if isShown {
                text.chosen = place
                text.focus = own.focus.map { $0 + lines.count }
            }
            lines += own.lines
        }
        text.lines = lines
        return text
    }

    static func wrapped(_ text: String, _ columns: Int, _ style: Style) -> [Line] {
        TextWrap.lines(text, width: columns).map { .plain($0, style) }
    }
}
