// Questions and answers about the selected image, oldest first.

import SpectralModel
import SpectralScreen

enum ConversationView {
    /// A line made ready to draw.
    private enum Line {
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
        let (lines, chosen, _) = lines(state, columns: inside.columns, look: look)
        let first = firstLine(state, count: lines.count, chosen: chosen, rows: inside.rows)
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

    /// How far up the conversation can be scrolled from where it stands by itself.
    static func scrollLimit(_ state: WorkbenchState) -> Int {
        guard let rect = state.layout.place(of: .conversation) else { return 0 }
        let (lines, chosen, _) = lines(state, columns: max(0, rect.columns - 4), look: Look())
        return firstLine(state, count: lines.count, chosen: chosen, rows: rect.rows - 2, scroll: 0)
    }

    /// The turn under a row of the pane, counted from its frame; nil where there is none.
    static func turn(atRow row: Int, _ state: WorkbenchState) -> Turn? {
        guard let rect = state.layout.place(of: .conversation) else { return nil }
        let (lines, chosen, turns) = lines(state, columns: max(0, rect.columns - 4), look: Look())
        let line = firstLine(state, count: lines.count, chosen: chosen, rows: rect.rows - 2) + row - 1
        return zip(state.conversation, turns).first { $1.contains(line) }?.0
    }

    /// The chosen turn is in view, its end if it is longer than the room.
    private static func firstLine(
        _ state: WorkbenchState, count: Int, chosen: Range<Int>, rows: Int, scroll: Int? = nil
    ) -> Int {
        let end = min(max(chosen.upperBound, min(rows, count)), count)
        return max(0, end - rows - (scroll ?? state.conversationScroll))
    }

    /// All lines, those of the chosen turn, and those of each turn.
    private static func lines(
        _ state: WorkbenchState, columns: Int, look: Look
    ) -> (lines: [Line], chosen: Range<Int>, turns: [Range<Int>]) {
        var lines: [Line] = [], places: [Range<Int>] = []
        switch state.checkpoint {
        case .underWay: lines.append(.plain("loading the checkpoint", .muted))
        case .failed(let line): lines += wrapped(line, columns, .bad)
        case .done: break
        }
        let turns = state.conversation
        if turns.isEmpty, state.facts != nil {
            lines += wrapped("Write a question below and press Enter. Ctrl-T turns to captions and to finding things; "
                + "outside the prompt line c captions at once.", columns, .muted)
        }
        var chosen = 0..<0
        let shown = state.shownTurn?.id
        for turn in turns {
            if !lines.isEmpty { lines.append(.plain("")) }
            let start = lines.count
            lines += describe(turn, state, isShown: turn.id == shown && turns.count > 1, columns: columns, look: look)
            places.append(start..<lines.count)
            if turn.id == shown { chosen = start..<lines.count }
        }
        return (lines, chosen, places)
    }

    private static func describe(
        _ turn: Turn, _ state: WorkbenchState, isShown: Bool, columns: Int, look: Look
    ) -> [Line] {
        var lines: [Line] = []
        let question = switch turn.request.task {
        case .ask: turn.request.prompt
        case .caption: "caption"
        case .ground: "find: " + turn.request.prompt
        }
        let mark = isShown ? String(look.glyphs.pointer) : "?"
        for (index, line) in TextWrap.lines(question, width: columns - 2).enumerated() {
            lines.append(.text([(index == 0 ? mark + " " : "  ", .accent), (line, Style(.user))]))
        }
        if let answer = turn.answer {
            for line in TextWrap.lines(answer, width: columns - 2) {
                lines.append(.text([("  ", .plain), (line, Style(.answer, .bold))]))
            }
        }
        for (index, candidate) in turn.candidates.enumerated() {
            lines.append(.bar(label: candidate.text, probability: Double(candidate.probability), isBest: index == 0))
        }
        lines += tokenLines(turn.tokens, columns: columns)
        switch turn.status {
        case .waiting, .running: lines.append(.plain("  working; Esc stops", .muted))
        case .cancelled: lines.append(.plain("  stopped before its end", .warning))
        case .failed(let line): lines += wrapped("  " + line, columns, .bad)
        case .done:
            var facts = turn.k.map { "K \($0)" } ?? ""
            if state.showsTimes, let milliseconds = turn.milliseconds { facts += ", \(Figure.short(milliseconds)) ms" }
            lines.append(.plain("  " + facts, .muted))
        }
        for warning in turn.warnings { lines += wrapped("! " + warning, columns, .warning) }
        return lines
    }

    /// Tokens with their probabilities in percent under them.
    private static func tokenLines(_ tokens: [WrittenToken], columns: Int) -> [Line] {
        var lines: [Line] = []
        var words: [(String, Style)] = [("  ", .plain)], figures: [(String, Style)] = [("  ", .plain)]
        var used = 2
        func end() {
            guard words.count > 1 else { return }
            lines += [.text(words), .text(figures)]
            (words, figures, used) = ([("  ", .plain)], [("  ", .plain)], 2)
        }
        for token in tokens {
            let text = token.text.split { $0 == " " || $0.isNewline }.joined(separator: " ")
            let figure = Figure.fixed(Double(token.probability) * 100, 0)
            let width = max(TextWidth.of(text), figure.count, 2) + 1
            if used + width > columns { end() }
            let style: Style = token.probability >= 0.9 ? .good : token.probability >= 0.5 ? .plain : .warning
            words.append((TextWidth.padded(text, to: width), .plain))
            figures.append((TextWidth.padded(figure, to: width), style))
            used += width
        }
        end()
        if !lines.isEmpty { lines.append(.plain("  token probabilities in %", .muted)) }
        return lines
    }

    private static func wrapped(_ text: String, _ columns: Int, _ style: Style) -> [Line] {
        TextWrap.lines(text, width: columns).map { .plain($0, style) }
    }
}
