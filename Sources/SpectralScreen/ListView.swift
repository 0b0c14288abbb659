/// Which row of a list is chosen and which is the first in view.
///
/// What it guarantees: with `count` rows, `selected` is in 0..<count (0 when the list is empty), and after `scrolled`
/// the selected row is in view.
public struct ListState: Hashable, Sendable {
    public private(set) var selected: Int
    public private(set) var first: Int

    public init(selected: Int = 0, first: Int = 0) {
        self.selected = max(0, selected)
        self.first = max(0, first)
    }

    public mutating func select(_ row: Int, count: Int) { selected = min(max(row, 0), max(0, count - 1)) }

    public mutating func move(by rows: Int, count: Int) {
        select(selected.addingReportingOverflow(rows).partialValue, count: count)
    }

    /// The same state fitted to a list of `count` rows of which `height` are in view: scrolls as little as it must.
    public func scrolled(count: Int, height: Int) -> ListState {
        var state = self
        state.select(selected, count: count)
        let last = max(0, count - max(0, height))
        let least = height > 0 ? state.selected - height + 1 : state.selected
        state.first = min(max(min(first, state.selected), least, 0), max(last, 0))
        return state
    }
}

/// One row of a list.
public struct ListRow: Hashable, Sendable {
    public var text: String
    /// Right-aligned, drawn only if the text keeps at least half of the row.
    public var detail: String
    public var style: Style

    public init(_ text: String, detail: String = "", style: Style = .plain) {
        self.text = text
        self.detail = detail
        self.style = style
    }
}

extension CellGrid {
    /// Draws the rows in view and returns the state after scrolling, to be kept for the next frame.
    ///
    /// `row` is asked only for rows in view. The selected row is marked by a pointer, so that it shows without colour,
    /// and by the selection style while the list has the focus. Arrows at the right edge say that there is more.
    @discardableResult
    public mutating func drawList(
        in rect: Rect, state: ListState, count: Int, isFocused: Bool = true, look: Look, row: (Int) -> ListRow
    ) -> ListState {
        let rect = rect.intersection(bounds)
        let state = state.scrolled(count: count, height: rect.rows)
        guard !rect.isEmpty, count > 0 else { return state }
        let inView = state.first..<min(count, state.first + rect.rows)
        for index in inView {
            let line = rect.line(index - state.first)
            let item = row(index)
            let isSelected = index == state.selected
            var style = item.style
            if isSelected && isFocused {
                style = Style(item.style.foreground, on: .role(.selection), item.style.attributes.union(.bold))
            }
            fill(line, style: style)
            let pointer = isSelected ? String(look.glyphs.pointer) : " "
            put(pointer, in: line, style: style)
            let body = Rect(row: line.row, column: line.column + 2, rows: 1, columns: line.columns - 3)
            let detailWidth = TextWidth.of(item.detail)
            let hasDetail = detailWidth > 0 && detailWidth + 1 <= body.columns / 2
            let textRect = Rect(
                row: body.row, column: body.column, rows: 1, columns: body.columns - (hasDetail ? detailWidth + 1 : 0))
            put(item.text, in: textRect, style: style, ellipsis: look.glyphs.ellipsis)
            if hasDetail { put(item.detail, row: body.row, column: body.endColumn - detailWidth, style: style) }
        }
        if rect.columns >= 3 {
            if inView.lowerBound > 0 {
                put(String(look.glyphs.moreAbove), row: rect.row, column: rect.endColumn - 1, style: .muted)
            }
            if inView.upperBound < count {
                put(String(look.glyphs.moreBelow), row: rect.endRow - 1, column: rect.endColumn - 1, style: .muted)
            }
        }
        return state
    }
}
