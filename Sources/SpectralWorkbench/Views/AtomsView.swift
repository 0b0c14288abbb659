import SpectralModel
import SpectralScreen

/// The atoms that mattered most for the answer in view.
enum AtomsView {
    /// Lines besides the rows of the table: its head and, with room, what the figures mean.
    static func extraLines(insideRows rows: Int) -> Int { rows >= 8 ? 3 : rows >= 5 ? 2 : 1 }

    private struct Column {
        let head: String
        let width: Int
        let text: (AtomRow) -> String
    }

    static func draw(_ state: WorkbenchState, size: ScreenSize, look: Look) -> CellGrid {
        var grid = CellGrid(rows: size.rows, columns: size.columns)
        let measurement = state.shownTurn?.measurement ?? Measurement()
        let isFocused = state.focus == .atoms, rows = state.shownAtoms, word = state.alignedWord
        let name = word.map { state.shownTurn?.name(ofWord: $0) ?? "" }
        let inside = PaneFrame(title: title(measurement, word: name), isFocused: isFocused).draw(on: &grid, look: look)
        guard !rows.isEmpty else {
            let (text, style) = explanation(state, measurement)
            grid.drawNote(text, in: inside.inset(rows: 0, columns: 1), style: style)
            return grid
        }
        let columns = columns(width: inside.columns - 3, measurement, word: word)
        func line(_ cell: (Column) -> String) -> String {
            columns.enumerated().map { TextWidth.padded(cell($1), to: $1.width, atRight: $0 > 0) }.joined(separator: " ")
        }
        grid.put(line(\.head), row: inside.row, column: inside.column + 2, style: .muted, limit: inside.endColumn)
        let extra = extraLines(insideRows: inside.rows)
        let list = Rect(
            row: inside.row + 1, column: inside.column, rows: inside.rows - extra, columns: inside.columns)
        grid.drawList(
            in: list, state: state.atomList, count: rows.count, isFocused: isFocused, look: look
        ) { row in
            let atom = rows[row]
            return ListRow(line { $0.text(atom) }, style: atom.effect < 0 ? .warning : .plain)
        }
        let notes = notes(measurement, selected: state.selectedAtom, hasWord: word != nil)
        for (offset, note) in notes.prefix(extra - 1).enumerated() {
            let place = Rect(
                row: list.endRow + offset, column: inside.column + 1, rows: 1, columns: inside.columns - 2)
            grid.put(note, in: place, style: .muted, ellipsis: look.glyphs.ellipsis)
        }
        return grid
    }

    private static func title(_ measurement: Measurement, word: String?) -> String {
        if let word { return "Atoms by alignment with \(word)" + (measurement.status == .running ? ": measuring" : "") }
        switch measurement.status {
        case .running:
            let done = measurement.stacks.map(\.rawValue).joined(separator: ", ")
            return "Atoms that mattered: measuring" + (done.isEmpty ? "" : ", \(done) done")
        case .stopped: return "Atoms that mattered: stopped"
        default: return "Atoms that mattered"
        }
    }

    private static func notes(_ measurement: Measurement, selected: AtomRow?, hasWord: Bool) -> [String] {
        let flags = selected.map { $0.flags.isEmpty ? "" : "\($0.address): \($0.flags); " } ?? ""
        return [
            flags + "atom response, not attention",
            hasWord
                ? "align: cosine; in order of cosine x magnitude"
                : measurement.unit == "IoU"
                    ? "IoU: overlap with this box lost when it is muted"
                    : "nats: log-probability lost when the atom is muted",
        ]
    }

    private static func explanation(_ state: WorkbenchState, _ measurement: Measurement) -> (String, Style) {
        if case .failed(let line) = measurement.status { return (line, .bad) }
        if state.facts?.hasAtoms == false {
            return ("This checkpoint is the attention twin: it has no atoms to show.", .muted)
        }
        if measurement.status == .running { return ("Muting atoms one by one to see what the answer loses.", .muted) }
        return (
            "After an answer the atoms it leaned on stand here, by what it loses when each is muted. "
                + "That is atom response, not attention.", .muted
        )
    }

    /// As many columns as fit; energy goes first, then the period, then the frequencies.
    private static func columns(width: Int, _ measurement: Measurement, word: Int?) -> [Column] {
        let decimals = width >= 56 ? 3 : 2
        func figure(_ value: Float?, _ decimals: Int) -> String { value.map { Figure.fixed(Double($0), decimals) } ?? "" }
        let wide = decimals == 3 ? 1 : 0
        var all = [
            Column(head: "atom", width: AddressColumn.width(measurement.atoms.map(\.address))) { "\($0.address)" },
            Column(head: measurement.unit, width: 6) {
                ($0.effect > 0 ? "+" : "") + figure($0.effect, abs($0.effect) < 10 ? 3 : 1)
            },
            Column(head: "u", width: 5 + wide) { figure($0.u, decimals) },
            Column(head: "v", width: 5 + wide) { figure($0.v, decimals) },
            Column(head: "t", width: 5 + wide) { figure($0.t, decimals) },
            Column(head: "period", width: 6) {
                guard let period = $0.period else { return "DC" }
                return figure(period, period < 10 ? 2 : 1) + ($0.periodUnit == "tokens" ? "t" : "p")
            },
            Column(head: "energy", width: 6) { $0.energyShare.map { Figure.percent(Double($0)) } ?? "" },
        ]
        if let word {
            let alignment = Column(head: "align", width: 6) {
                guard let agreement = measurement.agreement(of: $0.address, word: word) else { return "" }
                return agreement.isMasked ? "weak" : (agreement.cosine > 0 ? "+" : "") + figure(agreement.cosine, 2)
            }
            all.insert(alignment, at: 1)
        }
        var used = -1
        return all.prefix { column in
            used += column.width + 1
            return used <= width
        }
    }
}
