import SpectralScreen

/// Where the Atoms screen's panes stand: the table left of the two maps; under 100 columns one map below the table, and
/// under 76 columns the pane with the focus alone.
enum AtomsScreenLayout {
    static func places(in body: Rect, focus: Pane) -> [Pane: Rect] {
        let map: Pane = focus == .pixels ? .pixels : .field
        if body.columns >= 100 {
            let columns = Layout.columns(body, [.rest, .fixed(min(max(body.columns * 2 / 5, 44), 90))])
            if body.rows >= 32 {
                let maps = Layout.rows(columns[1], [.rest, .rest])
                return [.table: columns[0], .field: maps[0], .pixels: maps[1]]
            }
            return [.table: columns[0], map: columns[1]]
        }
        if body.columns >= 76, body.rows >= 30 {
            let rows = Layout.rows(body, [.rest, .fixed(body.rows / 2)])
            return [.table: rows[0], map: rows[1]]
        }
        return [focus: body]
    }
}
