import SpectralLens
import SpectralModel
import SpectralScreen

/// The same map for every column: how each patch aligns in phase with the words of the prompt. One scale and one cursor
/// for all; with the difference chosen, the first column's map and what the others add to it.
enum CompareMapsView {
    /// Cells under which a map cannot be read.
    private static let leastWidth = 21
    /// Two cells keep legends apart.
    private static let gap = 2

    static func draw(_ state: WorkbenchState, size: ScreenSize, look: Look) -> CellGrid {
        var grid = CellGrid(rows: size.rows, columns: size.columns)
        let own = state.compareScreen, shown = shown(state, columns: size.columns)
        let title = title(state, shown: shown)
        let inside = PaneFrame(title: title, isFocused: state.focus == .maps).draw(on: &grid, look: look)
            .inset(rows: 0, columns: 1)
        guard let cursor = state.comparisonMapCursor else {
            let (text, style) = explanation(state)
            grid.drawNote(text, in: inside, style: style)
            return grid
        }
        for (index, rect) in places(state, in: inside) {
            let isChosen = index == own.chosen && own.columns.count > 1
            let mark = isChosen ? "\(look.glyphs.pointer) " : ""
            guard var map = heatmap(at: index, state) else {
                let name = mark + state.shortLabel(own.columns[index]), (text, style) = absence(at: index, state)
                grid.put(name, in: rect.line(0), style: .title, ellipsis: look.glyphs.ellipsis)
                let below = Rect(row: rect.row + 1, column: rect.column, rows: rect.rows - 1, columns: rect.columns)
                grid.drawNote(text, in: below, style: style)
                continue
            }
            map.title = mark + map.title
            // The pane's title says it for all.
            map.unit = ""
            let at = cursor.within(map)
            grid.draw(map, in: rect, cursor: (at.row, at.column), look: look)
        }
        return grid
    }

    private static func shown(_ state: WorkbenchState, columns: Int) -> [Int] {
        let own = state.compareScreen, room = columns - 4
        return shown(count: own.columns.count, chosen: own.chosen, room: max(1, (room + gap) / (leastWidth + gap)))
    }

    /// The columns in view and their places in the pane, without its frame.
    static func places(_ state: WorkbenchState, in inside: Rect) -> [(index: Int, place: Rect)] {
        // The frame, and a cell beside it on either side.
        let shown = shown(state, columns: inside.columns + 4)
        return Array(zip(shown, Layout.columns(inside, shown.map { _ in .rest }, gap: gap)))
    }

    /// The map of a column as it is shown: its own or, with the difference chosen, what it adds to the first one's. Maps
    /// of one kind share their scale.
    static func heatmap(at index: Int, _ state: WorkbenchState) -> Heatmap? {
        guard let map = unscaled(at: index, state) else { return nil }
        let isDifferences = state.compareScreen.showsDifference, all = state.compareScreen.columns.indices
        let alike = all.filter { $0 != index && (!isDifferences || ($0 > 0) == (index > 0)) }
        return state.scaled(map, in: .maps, sharedWith: alike.compactMap { unscaled(at: $0, state) })
    }

    static func unscaled(at index: Int, _ state: WorkbenchState) -> Heatmap? {
        let own = state.compareScreen
        guard own.columns.indices.contains(index), let patches = state.compared(own.columns[index])?.patches else { return nil }
        let name = state.shortLabel(own.columns[index])
        guard own.showsDifference, index > 0 else { return Heatmap(patches, title: name) }
        let first = state.compared(own.columns[0])?.patches
        return first.flatMap { difference($0, patches, title: "\(name) less first", scale: differenceScale(state)) }
    }

    /// Why a column has no map.
    private static func absence(at index: Int, _ state: WorkbenchState) -> (String, Style) {
        let column = state.compareScreen.columns[index]
        if let line = state.comparisonFailure(column) { return (line, .bad) }
        guard let made = state.compared(column) else { return ("waiting", .muted) }
        if made.patches == nil {
            return (column.hasAtoms ? "It was not trained to do what is asked." : "The attention twin has no atoms to align.", .muted)
        }
        let first = state.compared(state.compareScreen.columns[0])?.patches
        return (first == nil ? "The first column has no map." : "Its patch grid is not the first column's.", .muted)
    }

    /// The columns in view: all if there is room, else the first and those up to the chosen one, at least the chosen.
    static func shown(count: Int, chosen: Int, room: Int) -> [Int] {
        guard count > room else { return Array(0..<count) }
        guard room > 1 else { return [min(chosen, max(0, count - 1))] }
        let last = max(chosen, room - 1)
        return [0] + Array((last - room + 2)...last)
    }

    private static func title(_ state: WorkbenchState, shown: [Int]) -> String {
        let count = state.compareScreen.columns.count
        let part = shown.count < count ? "; \(shown.map { "\($0 + 1)" }.joined(separator: ", ")) of \(count), o: next" : ""
        return (state.compareScreen.showsDifference ? "Difference of alignment" : "Alignment, patches with words")
            + " [cosine]" + part
    }

    private static func explanation(_ state: WorkbenchState) -> (String, Style) {
        if case .failed(let line) = state.checkpoint { return (line, .bad) }
        let columns = state.compareScreen.columns
        if let line = columns.lazy.compactMap({ state.comparisonFailure($0) }).first { return (line, .bad) }
        if !columns.isEmpty, columns.allSatisfy({ state.compared($0) != nil }) {
            return ("The attention twin has no atoms to align: + adds a checkpoint that has.", .muted)
        }
        return ("How the patches align in phase with the words, the same map for every column.", .muted)
    }

    // MARK: Differences

    private static func isMasked(_ matrix: LensMatrix, _ place: Int) -> Bool {
        let magnitude = place < matrix.magnitudes.count ? matrix.magnitudes[place] : .infinity
        return magnitude < matrix.maskFloor ?? 0
    }

    /// Half the width of the scale of all differences: the largest of them, rounded up to a round number.
    private static func differenceScale(_ state: WorkbenchState) -> Float {
        let maps = state.compareScreen.columns.map { state.compared($0)?.patches }
        guard let first = maps.first ?? nil else { return 2 }
        var largest: Float = 0
        for case let other? in maps.dropFirst() where other.values.count == first.values.count {
            for place in first.values.indices where !isMasked(first, place) && !isMasked(other, place) {
                largest = max(largest, abs(other.values[place] - first.values[place]))
            }
        }
        return [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1].first { $0 >= largest } ?? 2
    }

    /// Other less first, patch by patch; masked where either is. Nil for grids of different shape.
    static func difference(_ first: LensMatrix, _ other: LensMatrix, title: String, scale: Float) -> Heatmap? {
        guard first.rows == other.rows, first.columns == other.columns else { return nil }
        var map = Heatmap(
            title: title, unit: "cosine", rows: first.rows, columns: first.columns,
            values: zip(other.values, first.values).map { $0 - $1 }, scale: .linear(minimum: -scale, maximum: scale),
            magnitudes: first.values.indices.map { isMasked(first, $0) || isMasked(other, $0) ? 0 : 1 },
            rowLabels: first.rowLabels, columnLabels: first.columnLabels, merge: .strongest)
        map.magnitudeFloor = 0.5
        return map
    }
}
