import SpectralLens
import SpectralModel
import SpectralScreen

/// What fits the palette's line, above it.
enum PaletteView {
    static let label = " : "
    /// Rows of the list at most, its frame not counted.
    private static let mostRows = 12

    /// The list and where it stands on a screen of that size: over the last rows but the footer.
    static func draw(_ palette: PaletteState, _ state: WorkbenchState, look: Look) -> (grid: CellGrid, place: Rect) {
        let choices = state.paletteChoices(palette), size = state.size
        let rows = min(max(1, choices.count), mostRows, max(1, size.rows - 6)) + 2
        // A strip of the panes beside it would say little.
        let columns = size.columns <= 132 ? size.columns : 100
        let place = Rect(row: size.rows - 1 - rows, column: 0, rows: rows, columns: columns)
        var grid = CellGrid(rows: rows, columns: columns)
        let count = choices.isEmpty ? "" : " \(palette.choice.map { "\($0 + 1) of " } ?? "")\(choices.count)"
        let inside = PaneFrame(title: "Palette\(count); Tab chooses, Enter runs, Esc leaves", isFocused: true)
            .draw(on: &grid, look: look)
        guard !choices.isEmpty else {
            grid.put(
                explanation(palette, state), in: inside.inset(rows: 0, columns: 1), style: .muted, ellipsis: look.glyphs.ellipsis)
            return (grid, place)
        }
        let list = ListState(selected: palette.choice ?? 0).scrolled(count: choices.count, height: inside.rows)
        let inView = list.first..<min(choices.count, list.first + inside.rows)
        // Addresses of atoms and file names are of any length; the help of commands gets most of the room.
        let widest = choices[inView].map { TextWidth.of($0.label) }.max() ?? 0
        let labelWidth = min(widest, max(18, inside.columns / 2 - 2)), keyWidth = choices[inView].map { $0.keys.count }.max() ?? 0
        for index in inView {
            let choice = choices[index], isChosen = index == palette.choice
            let line = inside.line(index - list.first), ground: Ink = isChosen ? .role(.selection) : .terminal
            grid.fill(line, style: Style(.terminal, on: ground))
            if isChosen { grid.put(String(look.glyphs.pointer), in: line, style: Style(.terminal, on: ground, .bold)) }
            func part(_ from: Int, _ width: Int) -> Rect {
                Rect(row: line.row, column: line.column + from, rows: 1, columns: width)
            }
            grid.put(
                choice.label, in: part(2, labelWidth), style: Style(.role(.accent), on: ground, isChosen ? .bold : []),
                ellipsis: look.glyphs.ellipsis)
            let start = 2 + labelWidth + 2, room = inside.columns - start - (keyWidth > 0 ? keyWidth + 2 : 1)
            if room > 0 {
                grid.put(choice.help, in: part(start, room), style: Style(.terminal, on: ground), ellipsis: look.glyphs.ellipsis)
            }
            let key = choice.keys
            grid.put(key, in: part(inside.columns - 1 - key.count, key.count), style: Style(.role(.muted), on: ground))
        }
        if inView.lowerBound > 0 { grid.put(String(look.glyphs.moreAbove), row: 1, column: columns - 1, style: .muted) }
        if inView.upperBound < choices.count {
            grid.put(String(look.glyphs.moreBelow), row: rows - 2, column: columns - 1, style: .muted)
        }
        return (grid, place)
    }

    private static func explanation(_ palette: PaletteState, _ state: WorkbenchState) -> String {
        if palette.awaited != nil { return "looking on the disk" }
        if let query = palette.paths?.query, query == state.pathQuery(palette.typed) {
            return "nothing on the disk begins with \(query.text)"
        }
        guard let word = PaletteEntry.named(String(palette.typed.prefix { $0 != " " })), palette.typed.contains(" ") else {
            if let atom = AtomAddress(palette.typed.lowercased()) { return "Enter goes to \(atom)" }
            if palette.typed.contains("/") { return "no atom begins so; an address is vision/17, or fusion/2/40 for layer 2" }
            return "no command has these letters in this order"
        }
        guard case .verb(let verb) = word.meaning else { return "\(word.name) takes nothing after it; Enter runs it" }
        let more = verb.paths == nil ? "" : "; Tab completes the path"
        return "\(word.usage): \(verb.help.split(separator: ";").first ?? "")\(more)"
    }
}
