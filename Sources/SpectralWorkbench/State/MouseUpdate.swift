// What the mouse does: a click chooses what is under it, the wheel scrolls the pane under it.

import SpectralScreen

extension WorkbenchState {
    /// Lines or rows that a notch of the wheel moves a pane of text or a list.
    private static let wheelStep = 3

    mutating func toggleMouse() {
        usesMouse.toggle()
        notice =
            usesMouse
            ? "the mouse is on: a click chooses, the wheel scrolls; M turns it off again"
            : "the mouse is off: the terminal selects text"
    }

    /// - Parameters:
    ///   - row: of the screen, from 0.
    ///   - column: of the screen, from 0.
    mutating func point(_ action: MouseAction, row: Int, column: Int) -> [Effect] {
        guard usesMouse, ScreenLayout.fits(size) else { return [] }
        switch overlay {
        case .help:
            guard action != .press else { return [] }
            var effects: [Effect] = []
            for _ in 0..<Self.wheelStep { effects += press(action == .wheelUp ? .up : .down) }
            return effects
        // What stands over the panes is answered first.
        case .quitQuestion, .saving, .palette, .searching: return []
        case nil: break
        }
        let layout = layout
        if layout.header.contains(row: row, column: column) {
            let tab = ScreenTabs.all(shown: screen, columns: size.columns).first { $0.place.contains(column) }
            guard action == .press, openLine == nil || focus == .prompt, let tab else { return [] }
            notice = nil
            go(to: tab.screen)
            return []
        }
        guard let pane = screen.panes.first(where: { layout.place(of: $0)?.contains(row: row, column: column) == true }),
            let place = layout.place(of: pane)
        else { return [] }
        // A line that is being written on another screen's pane keeps the keys until it is ended.
        guard openLine == nil || focus == .prompt else { return refuse("Enter or Esc ends the line that is being written first") }
        notice = nil
        guard action == .press else { return turnWheel(action, in: pane) }
        return click(pane, row: row - place.row, column: column - place.column, place)
    }

    private mutating func turnWheel(_ action: MouseAction, in pane: Pane) -> [Effect] {
        let step = action == .wheelUp ? -Self.wheelStep : Self.wheelStep, kept = focus
        // Moving is about the pane with the focus, which stays where it is.
        focus = pane
        defer { focus = kept }
        switch pane {
        case .conversation:
            let range = ConversationView.scrollRange(self)
            conversationScroll = min(max(range.lowerBound, conversationScroll - step), range.upperBound)
            return []
        case .prompt: return []
        case .images: return selectImage(imageList.selected + step)
        // A map's rows are few, and its cursor is what moves.
        case .spectrum, .alignment, .field, .pixels, .maps: return perform(step < 0 ? .up : .down)
        default:
            var effects: [Effect] = []
            for _ in 0..<Self.wheelStep { effects += perform(step < 0 ? .up : .down) }
            return effects
        }
    }

    /// - Parameters:
    ///   - row: of the pane, its frame being row 0.
    ///   - place: the pane's, on the screen.
    private mutating func click(_ pane: Pane, row: Int, column: Int, _ place: Rect) -> [Effect] {
        // Where rows stand is asked before the focus moves: another pane may give way to it.
        let rows = layout.listRows(of: pane), turn = pane == .conversation ? ConversationView.turn(atRow: row, self) : nil
        let figures = pane == .figures ? CompareFiguresView.column(at: column, self) : nil
        setFocus(pane)
        func listed(_ list: ListState, _ count: Int, head: Int = 0) -> Int? {
            let index = list.first + row - 1 - head
            return row > head && row - 1 - head < rows && index < count ? index : nil
        }
        switch pane {
        case .images: return listed(imageList, images.count).map { selectImage($0) } ?? []
        case .conversation:
            guard let turn, turn.id != shownTurn?.id else { return [] }
            return show(turn)
        case .atoms:
            if let row = listed(atomList, shownAtoms.count, head: 1) { choose(atom: row) }
        case .table:
            let count = listedAtoms.count
            if let row = listed(atomsScreen.list, count, head: 1) { atomsScreen.list.select(row, count: count) }
        case .matches:
            let count = compareScreen.matches.count
            if let row = listed(compareScreen.matchList, count, head: 1) { compareScreen.matchList.select(row, count: count) }
        case .edits:
            let count = lensScreen.edits.count
            if let row = listed(lensScreen.list, count) { lensScreen.list.select(row, count: count) }
        case .rank:
            let ranked = rankedAtoms
            if let row = listed(lensScreen.rank, ranked.count, head: 1) {
                lensScreen.rank.select(row, count: ranked.count)
                lensScreen.rankChoice = ranked[row].address
            }
        case .entries:
            let count = sessionsScreen.rowCount
            let head = SessionEntriesView.note(sessionsScreen, columns: place.columns - 2).count
            // The note takes its rows from the list.
            guard row <= rows else { break }
            if let row = listed(sessionsScreen.list, count, head: head), row != sessionsScreen.list.selected {
                sessionsScreen.list.select(row, count: count)
                sessionsScreen.firstLine = 0
            }
        case .figures:
            if let figures { compareScreen.chosen = figures }
        case .spectrum, .alignment:
            let map = pane == .spectrum ? shownSpectrum?.map : shownAlignment?.map
            if let cell = map.flatMap({ Self.cell(of: scaled($0, in: pane), in: place, row: row, column: column) }) {
                setCursor(cell)
            }
        case .field, .pixels:
            if let cell = atomMap(pane).flatMap({ Self.cell(of: scaled($0.map, in: pane), in: place, row: row, column: column) }) {
                atomsScreen.cursors[pane] = cell
            }
        case .usage:
            let count = chosenTop.count
            if let row = listed(atomsScreen.usage.list, count, head: AtomUsageView.listHead(insideRows: place.rows - 2)) {
                atomsScreen.usage.list.select(row, count: count)
            }
        case .coherence: clickCoherence(place, row: row, column: column)
        case .maps: clickMaps(place, row: row, column: column)
        case .prompt, .result, .controls, .entry: break
        }
        return []
    }

    /// A value of the map, or a pair of atoms most alike.
    private mutating func clickCoherence(_ place: Rect, row: Int, column: Int) {
        guard let own = shownCoherence?.coherence, let map = atomMap(.coherence)?.map else { return }
        let places = AtomCoherenceView.places(own, in: Self.inside(place)), pair = row - places.pairs.row - 1
        if places.map.contains(row: row, column: column) {
            if let cell = Self.cell(of: map, at: places.map, row: row, column: column) { atomsScreen.cursors[.coherence] = cell }
        } else if places.pairs.contains(row: row, column: column), own.pairs.indices.contains(pair) {
            atomsScreen.cursors[.coherence] = MapCursor(row: own.pairs[pair].first, column: own.pairs[pair].second)
        }
    }

    private mutating func clickMaps(_ place: Rect, row: Int, column: Int) {
        let inside = Self.inside(place)
        for (index, part) in CompareMapsView.places(self, in: inside) where part.contains(row: row, column: column) {
            compareScreen.chosen = index
            if let map = CompareMapsView.heatmap(at: index, self), let cell = Self.cell(of: map, at: part, row: row, column: column)
            {
                compareScreen.cursor = cell
            }
            return
        }
    }

    private static func inside(_ place: Rect) -> Rect {
        Rect(rows: place.rows, columns: place.columns).inset().inset(rows: 0, columns: 1)
    }

    private static func cell(of map: Heatmap, in place: Rect, row: Int, column: Int) -> MapCursor? {
        cell(of: map, at: inside(place), row: row, column: column)
    }

    /// The value that is drawn at a place of the pane.
    private static func cell(of map: Heatmap, at rect: Rect, row: Int, column: Int) -> MapCursor? {
        var grid = CellGrid(rows: rect.endRow, columns: rect.endColumn)
        let geometry = grid.draw(map, in: rect, look: Look())
        return geometry.value(atRow: row, column: column).map { MapCursor(row: $0.row, column: $0.column) }
    }
}
