import SpectralLens
import SpectralModel
import SpectralScreen

/// Every atom of the checkpoint, and under the table what is known of the chosen one.
enum AtomTableView {
    /// Lines besides the rows of the table: its head, the filter, and what is known of the chosen atom.
    static func extraLines(insideRows rows: Int) -> Int { 1 + 1 + factLines(insideRows: rows) }

    /// Eight at 80x24: an atom of three layers, whole.
    private static func factLines(insideRows rows: Int) -> Int { rows >= 16 ? min(9, max(5, rows - 12)) : 0 }

    private struct Column {
        let key: AtomColumn
        let head: String
        let width: Int
        let text: (AtomRecord, AtomRow?, AtomUse?) -> String
    }

    static func draw(_ state: WorkbenchState, size: ScreenSize, look: Look) -> CellGrid {
        var grid = CellGrid(rows: size.rows, columns: size.columns)
        let own = state.atomsScreen, isFocused = state.focus == .table
        let listed = state.listedAtoms
        let count =
            own.listing == .done ? " \(listed.count)" + (listed.count < own.records.count ? " of \(own.records.count)" : "") : ""
        let use = own.usage.label
        // What the table says of an answer is of the K that it was given at.
        let answered = state.shownTurn?.otherK(than: state).map { "; answer at K \($0)" } ?? ""
        let title = "Atoms\(count)" + answered + (use.isEmpty ? "" : "; \(use)")
        let inside = PaneFrame(title: title, isFocused: isFocused).draw(on: &grid, look: look)
        guard own.listing == .done else {
            let (text, style) = explanation(state)
            grid.drawNote(text, in: inside.inset(rows: 0, columns: 1), style: style)
            return grid
        }
        let told = state.measuredAtoms, unit = state.shownTurn?.measurement.unit ?? "nats"
        let columns = columns(
            width: inside.columns - 3, unit: unit, order: own.order, hasAnswer: !told.isEmpty, hasUse: own.usage.n > 0,
            addressWidth: AddressColumn.width(own.records.map(\.address)))
        var at = inside.column + 2
        for (place, column) in columns.enumerated() {
            let isOrder = column.key == own.order
            let arrow = isOrder ? String(own.isReversed ? look.glyphs.moreAbove : look.glyphs.moreBelow) : ""
            let gap = isOrder && column.head.count + 2 <= column.width ? " " : ""
            let text = TextWidth.padded(arrow + gap + column.head, to: column.width, atRight: place > 0 && column.key != .status)
            grid.put(text, row: inside.row, column: at, style: isOrder ? .accent : .muted, limit: inside.endColumn)
            at += column.width + 1
        }
        let extra = extraLines(insideRows: inside.rows)
        let list = Rect(row: inside.row + 1, column: inside.column, rows: inside.rows - extra, columns: inside.columns)
        if let problem = AtomFilter(own.filterLine?.text ?? own.filter).problem {
            grid.drawNote(problem, in: list.inset(rows: 0, columns: 1), style: .warning)
        }
        grid.drawList(in: list, state: own.list, count: listed.count, isFocused: isFocused, look: look) { row in
            let record = listed[row], answer = told[record.address], use = own.usage.byAddress[record.address]
            let text = columns.enumerated().map {
                TextWidth.padded($1.text(record, answer, use), to: $1.width, atRight: $0 > 0 && $1.key != .status)
            }.joined(separator: " ")
            return ListRow(text, style: record.isDead == true || record.duplicateOf != nil ? .warning : .plain)
        }
        let below = Rect(
            row: list.endRow, column: inside.column + 1, rows: inside.endRow - list.endRow, columns: inside.columns - 2)
        let hasFlags = columns.contains { $0.head == Self.flagsHead }
        drawFilter(own, hasFlags: hasFlags, in: below.line(0), on: &grid, look: look)
        let facts =
            state.chosenRecord.map {
                AtomFacts.lines($0, told[$0.address], own.usage.byAddress[$0.address], layer: own.layer, unit: unit, look.glyphs)
            } ?? []
        for (offset, line) in facts.prefix(below.rows - 1).enumerated() {
            let text = TextWidth.clauses(line, to: below.columns, ellipsis: look.glyphs.ellipsis)
            grid.put(text, in: below.line(offset + 1), style: offset == 0 ? .title : .plain)
        }
        return grid
    }

    private static let flagsHead = "flag"

    private static func drawFilter(_ own: AtomsScreenState, hasFlags: Bool, in rect: Rect, on grid: inout CellGrid, look: Look) {
        if let line = own.filterLine {
            grid.drawPrompt(line, label: "/", in: rect, isFocused: true)
        } else if own.filter.isEmpty {
            let text = (hasFlags ? "\(AtomFlags.legend);   " : "") + "/ filters; o sorts; Enter looks at the atom"
            grid.put(TextWidth.clauses(text, to: rect.columns, ellipsis: look.glyphs.ellipsis), in: rect, style: .muted)
        } else {
            grid.put("/\(own.filter)   Esc shows all again", in: rect, style: .accent, ellipsis: look.glyphs.ellipsis)
        }
    }

    /// Where the terminal's cursor belongs inside the pane; nil while no filter is being written.
    static func cursor(_ state: WorkbenchState, size: ScreenSize) -> (row: Int, column: Int)? {
        guard let line = state.atomsScreen.filterLine, state.overlay == nil else { return nil }
        var grid = CellGrid(rows: size.rows, columns: size.columns)
        let inside = grid.bounds.inset(), facts = factLines(insideRows: inside.rows)
        let row = Rect(row: inside.endRow - 1 - facts, column: inside.column + 1, rows: 1, columns: inside.columns - 2)
        return grid.drawPrompt(line, label: "/", in: row)
    }

    private static func explanation(_ state: WorkbenchState) -> (String, Style) {
        if case .failed(let line) = state.atomsScreen.listing { return (line, .bad) }
        if case .failed(let line) = state.checkpoint { return (line, .bad) }
        if state.facts?.hasAtoms == false { return ("This checkpoint is the attention twin: it has no atoms to show.", .muted) }
        return ("Reading the atoms of the checkpoint.", .muted)
    }

    /// As many columns as fit; the one sorted by is among them.
    private static func columns(
        width: Int, unit: String, order: AtomColumn, hasAnswer: Bool, hasUse: Bool, addressWidth: Int
    ) -> [Column] {
        func figure(_ key: AtomColumn, _ decimals: Int) -> (AtomRecord, AtomRow?, AtomUse?) -> String {
            { record, row, use in key.value(record, row, use).map { Figure.fixed(Double($0), decimals) } ?? "" }
        }
        let all = [
            Column(key: .atom, head: "atom", width: addressWidth) { record, _, _ in "\(record.address)" },
            Column(key: .u, head: "u", width: 6, text: figure(.u, 3)),
            Column(key: .v, head: "v", width: 6, text: figure(.v, 3)),
            Column(key: .t, head: "t", width: 6, text: figure(.t, 3)),
            Column(key: .period, head: "period", width: 7) { record, _, _ in
                guard let period = record.period else { return "DC" }
                return Figure.fixed(Double(period), period < 10 ? 2 : 1) + (record.periodUnit == "tokens" ? "t" : "p")
            },
            Column(key: .amplitude, head: "ampl", width: 6, text: figure(.amplitude, 3)),
            Column(key: .gain, head: "|C|", width: 6, text: figure(.gain, 3)),
            Column(key: .energy, head: "energy", width: 7) { _, row, _ in row?.energyShare.map { Figure.percent(Double($0)) } ?? ""
            },
            Column(key: .median, head: "median", width: 7) { _, _, use in use.map { Figure.percent(Double($0.median)) } ?? "" },
            Column(key: .effect, head: unit, width: 7) { _, row, _ in
                row.map { ($0.effect > 0 ? "+" : "") + Figure.fixed(Double($0.effect), 3) } ?? ""
            },
            Column(key: .status, head: "status", width: 24) { record, _, _ in record.status },
            Column(key: .status, head: flagsHead, width: 4) { record, _, _ in AtomFlags.letters(record) },
        ]
        // What gives way first stands last here.
        let rank: [AtomColumn] = [.atom, order, .u, .v, .period, .t, .energy, .median, .effect, .status, .gain, .amplitude]
        var room = width + 1, chosen: [AtomColumn: String] = [:]
        for key in rank where chosen[key] == nil {
            // A column without a figure says nothing, unless it was asked for.
            if key != order, (key == .median && !hasUse) || ((key == .energy || key == .effect) && !hasAnswer && hasUse) {
                continue
            }
            // Of the status, letters where there is no room for words.
            guard let column = all.first(where: { $0.key == key && $0.width + 1 <= room }) else { continue }
            room -= column.width + 1
            chosen[key] = column.head
        }
        return all.filter { chosen[$0.key] == $0.head }
    }
}
