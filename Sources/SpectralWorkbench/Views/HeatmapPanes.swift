import SpectralModel
import SpectralScreen

/// The log-magnitude spectrum of the selected atom.
enum SpectrumView {
    static func draw(_ state: WorkbenchState, size: ScreenSize, look: Look) -> CellGrid {
        var grid = CellGrid(rows: size.rows, columns: size.columns)
        let spectrum = state.shownSpectrum
        let isFocused = state.focus == .spectrum
        let inside = PaneFrame(title: spectrum?.name ?? "Spectrum", isFocused: isFocused).draw(on: &grid, look: look)
            .inset(rows: 0, columns: 1)
        guard let spectrum, let cursor = state.shownSpectrumCursor else {
            grid.drawNote("The log-magnitude spectrum of the atom chosen above.", in: inside)
            return grid
        }
        grid.draw(state.scaled(spectrum.map, in: .spectrum), in: inside, cursor: (cursor.row, cursor.column), look: look)
        return grid
    }
}

/// How far image and words agree in phase, atom by atom or patch by patch.
enum AlignmentView {
    static func draw(_ state: WorkbenchState, size: ScreenSize, look: Look) -> CellGrid {
        var grid = CellGrid(rows: size.rows, columns: size.columns)
        let alignment = state.shownAlignment
        let isFocused = state.focus == .alignment
        let inside = PaneFrame(title: alignment?.name ?? "Phase alignment", isFocused: isFocused)
            .draw(on: &grid, look: look).inset(rows: 0, columns: 1)
        guard let alignment, let cursor = state.shownAlignmentCursor else {
            grid.drawNote(explanation(state), in: inside)
            return grid
        }
        grid.draw(state.scaled(alignment.map, in: .alignment), in: inside, cursor: (cursor.row, cursor.column), look: look)
        if state.alignmentMode == .patches { grid.putUnderneath(words(state)) }
        return grid
    }

    /// The words that align most with the chosen patch, either way, as many as there is room for.
    private static func words(_ state: WorkbenchState) -> [String] {
        guard let patch = state.chosenPatch, let map = state.wordsOfPatch else { return [] }
        let best = (0..<map.rows).filter { map.magnitudes[$0] >= map.maskFloor ?? 0 }
            .sorted { (map[$0, 0].magnitude, $1) > (map[$1, 0].magnitude, $0) }
            .map { "\(MeasuredAtoms.word(map.rowLabels[$0])) \(Figure.fixed(Double(map[$0, 0]), map.decimals))" }
        let place = "patch \(patch.row),\(patch.column)"
        return stride(from: best.count, to: 0, by: -1).map { "\(place), all atoms: " + best.prefix($0).joined(separator: ", ") } + [
            place
        ]
    }

    private static func explanation(_ state: WorkbenchState) -> String {
        if state.alignmentMode == .reading, state.shownTurn?.measurement.reading != nil {
            return "Shown for words of the output alone: choose one of those in the conversation, or press m for the alignment."
        }
        if state.alignmentMode == .patches, state.selectedAtom != nil, state.selectedAtom?.address.stack != .fusion {
            return "Patches and words meet in fusion atoms: choose one above, or press m for words."
        }
        return "How far image and words agree in phase, for the atoms that mattered."
    }
}
