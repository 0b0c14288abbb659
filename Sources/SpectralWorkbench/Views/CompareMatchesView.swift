import SpectralLens
import SpectralModel
import SpectralScreen

/// The atoms of the first column with their partners in the others, paired by frequency; then what only others have.
enum CompareMatchesView {
    /// Lines besides the rows of the table: its head, a summary for each other column or for one, what the marks mean.
    static func extraLines(insideRows rows: Int) -> Int { rows >= 12 ? 2 + summaryLines(insideRows: rows) : 2 }

    private static func summaryLines(insideRows rows: Int) -> Int {
        rows >= 12 ? CompareScreenState.mostColumns - 1 : 1
    }

    private static let widestPartner = 9

    static func draw(_ state: WorkbenchState, size: ScreenSize, look: Look) -> CellGrid {
        var grid = CellGrid(rows: size.rows, columns: size.columns)
        let own = state.compareScreen, isFocused = state.focus == .matches
        let inside = PaneFrame(title: "Atoms paired by frequency", isFocused: isFocused).draw(on: &grid, look: look)
        let others = own.matched.dropFirst()
        guard !own.matches.isEmpty else {
            let (text, style) = explanation(state)
            grid.drawNote(text, in: inside.inset(rows: 0, columns: 1), style: style)
            return grid
        }
        let names = others.map { name($0, others: others) }
        let widest = (names + own.matches.flatMap { $0.partners.map(partner) }).map { TextWidth.of($0) }.max() ?? 0
        let atomWidth = AddressColumn.width(own.matches.compactMap { match in match.first.map { AtomAddress(match.stack, atom: $0) } })
        let partnerWidth = min(widestPartner, widest), room = inside.columns - 3
        let axes = min(3, max(0, (room - (atomWidth + 1) - others.count * (partnerWidth + 1)) / 7))
        func line(_ atom: String, _ frequency: [String], _ partners: [String]) -> String {
            ([TextWidth.padded(atom, to: atomWidth)] + frequency.prefix(axes).map { TextWidth.padded($0, to: 6, atRight: true) }
                + partners.map { TextWidth.padded($0, to: partnerWidth) }).joined(separator: " ")
        }
        let head = line("atom", ["u", "v", "t"], names)
        grid.put(head, row: inside.row, column: inside.column + 2, style: .muted, limit: inside.endColumn)
        let extra = extraLines(insideRows: inside.rows)
        let list = Rect(row: inside.row + 1, column: inside.column, rows: inside.rows - extra, columns: inside.columns)
        grid.drawList(in: list, state: own.matchList, count: own.matches.count, isFocused: isFocused, look: look) { row in
            let match = own.matches[row]
            let atom = match.first.map { "\(AtomAddress(match.stack, atom: $0))" } ?? "\(match.stack.rawValue)/-"
            let text = line(atom, frequency(match), match.partners.map(partner))
            return ListRow(text, style: match.isUnmatched ? .warning : .plain)
        }
        let below = Rect(
            row: list.endRow, column: inside.column + 1, rows: inside.endRow - list.endRow, columns: inside.columns - 2)
        var notes = zip(names, others).map { "\($0): \(summary(own.pairings[$1] ?? []))" }
        if below.rows < 4 { notes = Array(notes.dropFirst(max(0, min(own.chosen, notes.count) - 1)).prefix(below.rows)) }
        if below.rows >= 4 { notes.append("- none within half a bin; * at minus w") }
        for (offset, note) in notes.prefix(below.rows).enumerated() {
            grid.put(note, in: below.line(offset), style: .muted, ellipsis: look.glyphs.ellipsis)
        }
        return grid
    }

    /// `K 17`, or the checkpoint's name where K would not tell the columns apart.
    private static func name(_ column: CompareColumn, others: ArraySlice<CompareColumn>) -> String {
        let isAlone = others.count { $0.k == column.k } == 1
        return column.hasAtoms && isAlone ? "K \(column.k)" : column.name
    }

    /// By axis u, v, t; blank where the stack has no such axis.
    private static func frequency(_ match: MatchRow) -> [String] {
        let w = match.frequency.map { Figure.fixed(Double($0), 3) }
        switch match.stack {
        case .vision: return w + [""]
        case .text: return ["", ""] + w
        case .fusion: return w
        }
    }

    private static func partner(_ partner: MatchRow.Partner?) -> String {
        guard let partner else { return "-" }
        let apart = partner.bins > 0 ? " \(Figure.fixed(Double(partner.bins), 2))" : ""
        return "\(partner.atom)\(partner.isConjugate ? "*" : "")\(apart)"
    }

    /// `43 paired, 43 exactly; 34 lost, 0 new`.
    private static func summary(_ matchings: [AtomMatching]) -> String {
        let pairs = matchings.flatMap(\.pairs), exact = pairs.count { $0.bins == 0 }
        let alone = (matchings.reduce(0) { $0 + $1.onlyFirst.count }, matchings.reduce(0) { $0 + $1.onlyOther.count })
        return "\(pairs.count) paired, \(exact) exactly; \(alone.0) lost, \(alone.1) new"
    }

    private static func explanation(_ state: WorkbenchState) -> (String, Style) {
        if case .failed(let line) = state.checkpoint { return (line, .bad) }
        let own = state.compareScreen
        if own.columns.count < 2 { return ("There is one column: + adds another to pair its atoms with.", .muted) }
        if own.matched.count == own.columns.count { return ("The attention twin has no atoms to pair.", .muted) }
        return ("The atoms of the columns, paired by frequency, once the columns have been asked.", .muted)
    }
}
