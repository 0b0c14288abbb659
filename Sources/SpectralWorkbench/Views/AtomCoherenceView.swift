import SpectralLens
import SpectralModel
import SpectralScreen

/// How alike the atoms of the chosen atom's stack are, and the pairs most alike.
enum AtomCoherenceView {
    private static let pairColumns = 31

    static func draw(_ state: WorkbenchState, size: ScreenSize, look: Look) -> CellGrid {
        var grid = CellGrid(rows: size.rows, columns: size.columns)
        let map = state.atomMap(.coherence), isFocused = state.focus == .coherence
        let inside = PaneFrame(title: map?.name ?? "Coherence", isFocused: isFocused).draw(on: &grid, look: look)
            .inset(rows: 0, columns: 1)
        guard let map, let own = state.shownCoherence?.coherence, let cursor = state.coherenceCursor else {
            let (text, style) = explanation(state)
            grid.drawNote(text, in: inside, style: style)
            return grid
        }
        let places = places(own, in: inside)
        for (offset, line) in readout(state, own, cursor).prefix(places.readout.rows).enumerated() {
            grid.put(line, in: places.readout.line(offset), style: offset == 2 ? .title : .plain, ellipsis: look.glyphs.ellipsis)
        }
        grid.draw(map.map, in: places.map, cursor: (cursor.row, cursor.column), look: look)
        drawPairs(own, cursor, in: places.pairs, on: &grid, look: look)
        return grid
    }

    /// Where the map, the pairs (the first line is their head) and the readout of three lines stand inside the pane.
    static func places(_ own: AtomCoherence, in inside: Rect) -> (map: Rect, pairs: Rect, readout: Rect) {
        let parts = Layout.rows(inside, [.rest, .fixed(min(3, max(0, inside.rows - 6)))])
        // Beside the map where there is room, else under it.
        let isWide = parts[0].columns >= 40 + pairColumns
        let wanted = min(own.pairs.count + 1, max(0, parts[0].rows / 3))
        let places =
            isWide
            ? Layout.columns(parts[0], [.rest, .fixed(pairColumns)], gap: 1) : Layout.rows(parts[0], [.rest, .fixed(wanted)])
        return (places[0], places[1], parts[1])
    }

    private static func drawPairs(_ own: AtomCoherence, _ cursor: MapCursor, in rect: Rect, on grid: inout CellGrid, look: Look) {
        guard rect.rows >= 2 else { return }
        grid.put("the most alike", in: rect.line(0), style: .muted, ellipsis: look.glyphs.ellipsis)
        for (offset, pair) in own.pairs.prefix(rect.rows - 1).enumerated() {
            func name(_ atom: Int) -> String { TextWidth.padded("\(AtomAddress(own.stack, atom: atom))", to: 10) }
            let isHere = [pair.first, pair.second] == [cursor.row, cursor.column].sorted()
            let isClose = pair.coherence > AtomThresholds().duplicateCoherence
            grid.put(
                name(pair.first) + " " + name(pair.second) + " " + Figure.fixed(Double(pair.coherence), 4),
                in: rect.line(offset + 1),
                style: isHere ? Style(.accent, .bold) : isClose ? .warning : .plain, ellipsis: look.glyphs.ellipsis)
        }
    }

    /// Both atoms with their frequencies, and how alike they are.
    private static func readout(_ state: WorkbenchState, _ own: AtomCoherence, _ cursor: MapCursor) -> [String] {
        func line(_ atom: Int) -> String {
            guard let record = state.record(own.stack, atom) else { return "\(AtomAddress(own.stack, atom: atom))" }
            let names = own.stack == .vision ? ["u", "v"] : own.stack == .text ? ["t"] : ["u", "v", "t"]
            let w = zip(names, record.frequency).map { "\($0) \(Figure.fixed(Double($1), 4))" }.joined(separator: "  ")
            return "\(TextWidth.padded("\(record.address)", to: 10)) \(w)"
        }
        let value = own.matrix[cursor.row, cursor.column]
        let decibels = value > 0 ? "\(Figure.fixed(Figure.decibels(Double(value)), 1)) dB" : "nothing in common"
        return [line(cursor.row), line(cursor.column), "coherence \(Figure.fixed(Double(value), 4)), \(decibels)"]
    }

    private static func explanation(_ state: WorkbenchState) -> (String, Style) {
        if case .failed(let line) = state.checkpoint { return (line, .bad) }
        if state.facts?.hasAtoms == false { return ("This checkpoint is the attention twin: it has no atoms to compare.", .muted) }
        if state.atomsScreen.listing == .done, state.chosenRecord == nil {
            return ("No atom is chosen: Esc on the table shows all again.", .muted)
        }
        return ("How alike the atoms of the chosen atom's stack are on its tokens, all pairs.", .muted)
    }
}
