import SpectralScreen

/// Where the Atoms screen's panes stand: the table left of the chosen atom's field and, below it, its pixels or its use;
/// coherence takes both places; under 100 columns one of them below the table, and under 76 columns the pane with the
/// focus alone.
enum AtomsScreenLayout {
    /// - Parameter side: what stands beside the table while that has the focus.
    static func places(in body: Rect, focus: Pane, side: Pane) -> [Pane: Rect] {
        let side = focus == .table ? side : focus
        if body.columns >= 100 {
            let columns = Layout.columns(body, [.rest, .fixed(min(max(body.columns * 2 / 5, 44), 90))])
            if body.rows >= 32, side != .coherence {
                let maps = Layout.rows(columns[1], [.rest, .rest])
                return [.table: columns[0], .field: maps[0], side == .usage ? .usage : .pixels: maps[1]]
            }
            return [.table: columns[0], side: columns[1]]
        }
        if body.columns >= 76, body.rows >= 30 {
            let rows = Layout.rows(body, [.rest, .fixed(body.rows / 2)])
            return [.table: rows[0], side: rows[1]]
        }
        return [focus: body]
    }
}
