import SpectralScreen

/// Where the Lens screen's panes stand: edits over the ranking, left of the result over the controls. Under 30 rows the
/// panes of a column share one place; under 100 columns the edits stand over whichever other pane had the focus last.
enum LensScreenLayout {
    static func places(in body: Rect, focus: Pane) -> [Pane: Rect] {
        guard body.columns >= 100 else {
            let rows = Layout.rows(body, [.fixed(body.rows >= 22 ? 7 : 6), .rest])
            return [.edits: rows[0], focus == .edits ? .result : focus: rows[1]]
        }
        let columns = Layout.columns(body, [.fixed(min(max(body.columns * 3 / 8, 40), 64)), .rest])
        guard body.rows >= 30 else {
            return [focus == .rank ? .rank : .edits: columns[0], focus == .controls ? .controls : .result: columns[1]]
        }
        let left = Layout.rows(columns[0], [.fixed(min(max(body.rows / 4, 8), 14)), .rest])
        let right = Layout.rows(columns[1], [.rest, .fixed(body.rows * 9 / 20)])
        return [.edits: left[0], .rank: left[1], .result: right[0], .controls: right[1]]
    }
}
