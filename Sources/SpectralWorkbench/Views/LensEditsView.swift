import SpectralLens
import SpectralScreen

/// The list of edits, and the line on which one is written.
enum LensEditsView {
    /// Lines besides the rows of the list.
    static let extraLines = 1
    private static let label = "edit: "

    static func draw(_ state: WorkbenchState, size: ScreenSize, look: Look) -> CellGrid {
        var grid = CellGrid(rows: size.rows, columns: size.columns)
        let own = state.lensScreen, isFocused = state.focus == .edits
        let title = own.edits.isEmpty ? "Edits" : "Edits \(own.edits.count)"
        let inside = PaneFrame(title: title, isFocused: isFocused).draw(on: &grid, look: look)
        let list = Rect(row: inside.row, column: inside.column, rows: inside.rows - extraLines, columns: inside.columns)
        if let problem = own.lineProblem {
            grid.drawNote(problem, in: list.inset(rows: 0, columns: 1), style: .bad)
        } else if own.edits.isEmpty {
            grid.drawNote(
                "None yet. Press w and write one, such as mute vision/17, solo fusion/2/40, scale fusion/3=0.5, shift text/2=1.57, or "
                    + "mute vision:0.25.. for a band.", in: list.inset(rows: 0, columns: 1))
        } else {
            grid.drawList(in: list, state: own.list, count: own.edits.count, isFocused: isFocused, look: look) {
                ListRow(own.edits[$0].description)
            }
        }
        let last = lastLine(inside)
        if let line = own.line {
            grid.drawPrompt(line, label: label, in: last, isFocused: true)
        } else {
            grid.put("w writes, x removes, X removes all", in: last, style: .muted, ellipsis: look.glyphs.ellipsis)
        }
        return grid
    }

    private static func lastLine(_ inside: Rect) -> Rect {
        Rect(row: inside.endRow - 1, column: inside.column + 1, rows: 1, columns: inside.columns - 2)
    }

    /// Where the terminal's cursor belongs inside the pane; nil while no edit is being written.
    static func cursor(_ state: WorkbenchState, size: ScreenSize) -> (row: Int, column: Int)? {
        guard let line = state.lensScreen.line, state.overlay == nil else { return nil }
        var grid = CellGrid(rows: size.rows, columns: size.columns)
        return grid.drawPrompt(line, label: label, in: lastLine(grid.bounds.inset()))
    }
}

/// All atoms by what muting each alone does to the answer in view.
enum LensRankView {
    /// Lines besides the rows of the list: its head and what the figures are.
    static let extraLines = 2

    static func draw(_ state: WorkbenchState, size: ScreenSize, look: Look) -> CellGrid {
        var grid = CellGrid(rows: size.rows, columns: size.columns)
        let measurement = state.shownTurn?.measurement ?? Measurement(), atoms = state.rankedAtoms
        let isFocused = state.focus == .rank
        let inside = PaneFrame(title: title(measurement), isFocused: isFocused).draw(on: &grid, look: look)
        guard !atoms.isEmpty else {
            let (text, style) = explanation(state, measurement)
            grid.drawNote(text, in: inside.inset(rows: 0, columns: 1), style: style)
            return grid
        }
        // Bars say more than energies where there is no room for both.
        let room = inside.columns - 3, hasEnergy = room >= 40, addressWidth = AddressColumn.width(atoms.map(\.address))
        let barWidth = min(33, room - (hasEnergy ? 19 : 11) - addressWidth)
        let most = atoms.map(\.effect.magnitude).max() ?? 0
        let head = TextWidth.padded("atom", to: addressWidth) + LensLines.cell("change", 9) + (hasEnergy ? LensLines.cell("energy", 8) : "")
        grid.put(head, row: inside.row, column: inside.column + 2, style: .muted, limit: inside.endColumn)
        let list = Rect(
            row: inside.row + 1, column: inside.column, rows: inside.rows - extraLines, columns: inside.columns)
        grid.drawList(in: list, state: state.lensScreen.rank, count: atoms.count, isFocused: isFocused, look: look) { row in
            let atom = atoms[row], energy = atom.energyShare.map { Figure.percent(Double($0)) } ?? ""
            // What the answer gains when it goes, as in the result: the effect is what it loses.
            let text =
                TextWidth.padded("\(atom.address)", to: addressWidth) + LensLines.cell(LensLines.change(-atom.effect), 9)
                + (hasEnergy ? LensLines.cell(energy, 8) : "")
            return ListRow(
                text + "  " + LensLines.bar(-atom.effect, most: most, width: barWidth, look.glyphs),
                style: atom.effect < 0 ? .warning : .plain)
        }
        let note = Rect(row: inside.endRow - 1, column: inside.column + 1, rows: 1, columns: inside.columns - 2)
        grid.put("\(measurement.unit) when it is muted alone", in: note, style: .muted, ellipsis: look.glyphs.ellipsis)
        return grid
    }

    private static func title(_ measurement: Measurement) -> String {
        switch measurement.status {
        case .running: "Rank: measuring" + (measurement.stacks.isEmpty ? "" : ", \(measurement.atoms.count) atoms done")
        case .stopped: "Rank: stopped, R starts again"
        default: measurement.atoms.isEmpty ? "Rank" : "Rank \(measurement.atoms.count)"
        }
    }

    private static func explanation(_ state: WorkbenchState, _ measurement: Measurement) -> (String, Style) {
        if case .failed(let line) = measurement.status { return (line, .bad) }
        if measurement.status == .running { return ("Muting atoms one by one to see what the answer loses.", .muted) }
        if state.facts?.hasAtoms == false { return (LensResultView.twinHasNone, .muted) }
        return ("R mutes every atom alone and ranks them by what the answer loses.", .muted)
    }
}
