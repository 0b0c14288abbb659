import SpectralScreen

/// Where the Compare screen's panes stand: the table of figures above, under it the maps and, right of them, the atoms.
/// Under 100 columns maps and atoms share one place; under 30 rows that place is beside the table, or under 112 columns
/// only the pane with the focus shows.
enum CompareScreenLayout {
    static func places(in body: Rect, focus: Pane) -> [Pane: Rect] {
        let second: Pane = focus == .matches ? .matches : .maps
        guard body.rows >= 28 else {
            guard body.columns >= 112 else { return [focus: body] }
            let columns = Layout.columns(body, [.rest, .fixed(body.columns * 2 / 5)])
            return [.figures: columns[0], second: columns[1]]
        }
        let rows = Layout.rows(body, [.fixed(min(max(body.rows * 9 / 20, 15), 22)), .rest])
        guard body.columns >= 100 else { return [.figures: rows[0], second: rows[1]] }
        let below = Layout.columns(rows[1], [.rest, .fixed(min(max(body.columns * 2 / 5, 46), 72))])
        return [.figures: rows[0], .maps: below[0], .matches: below[1]]
    }
}
