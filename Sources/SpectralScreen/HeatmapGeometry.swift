/// Where the parts of a heatmap lie in a rectangle. Pure arithmetic, so that a view can also turn a mouse position or
/// a cursor into a value's row and column.
public struct HeatmapGeometry: Hashable, Sendable {
    public let rows: Int
    public let columns: Int
    /// One line each; empty when there is no room.
    public let title: Rect
    public let columnLabels: Rect
    public let legend: Rect
    public let readout: Rect
    public let note: Rect
    /// Columns of row labels, including the gap after them; 0 if they are not shown.
    public let labelColumns: Int
    /// The cells that show values.
    public let map: Rect
    /// Values per cell, in each direction: 1 unless they had to be merged.
    public let blockRows: Int
    public let blockColumns: Int
    /// Screen cells per block.
    public let cellRows: Int
    public let cellColumns: Int
    /// Whether a cell shows its values as dots, 4 down and 2 across.
    public let isDotted: Bool
    /// Values per dot in each direction.
    let dotRows: Int
    let dotColumns: Int

    /// Whether several values share what is shown for them.
    public var isMerged: Bool { isDotted ? dotRows > 1 || dotColumns > 1 : blockRows > 1 || blockColumns > 1 }

    static let largestZoom = 4
    static let dotsDown = 4
    static let dotsAcross = 2

    /// - Parameter mayDot: whether dots are drawn where there are more values than cells.
    init(_ heatmap: Heatmap, in rect: Rect, hasNote: Bool, mayDot: Bool = false) {
        rows = heatmap.rows
        columns = heatmap.columns
        // Whoever is named first is served first: the map needs a row, the legend and the note must be in view.
        var left = rect.rows
        func take(_ wanted: Bool, leaving: Int) -> Bool {
            guard wanted, left > leaving else { return false }
            left -= 1
            return true
        }
        let hasLegend = take(!rect.isEmpty, leaving: 0)
        let isNoteApart = take(hasNote, leaving: 1)
        let hasTitle = take(true, leaving: 1)
        let hasReadout = take(true, leaving: 1)
        let widest = heatmap.rowLabels.prefix(heatmap.rows).lazy.map { TextWidth.of($0) }.max() ?? 0
        let gutter = min(widest, rect.columns / 3)
        labelColumns = widest > 0 && rect.columns >= 12 ? gutter + 1 : 0
        let hasColumnLabels = take(
            !heatmap.columnLabels.isEmpty && left > min(heatmap.rows, 4) && rect.columns >= 4, leaving: 1)

        title = rect.line(hasTitle ? 0 : -1)
        let top = (hasTitle ? 1 : 0)
        let roomRows = left
        let roomColumns = max(0, rect.columns - labelColumns)

        let needRows = max(1, heatmap.rows)
        let needColumns = max(1, heatmap.columns)
        func share(_ values: Int, _ places: Int) -> Int { places > 0 ? (values + places - 1) / places : 1 }
        isDotted = mayDot && (share(needRows, roomRows) > 1 || share(needColumns, roomColumns) > 1)
        // Along a side on which every value has its cell, that cell is one dot long.
        dotRows = isDotted && needRows > roomRows ? share(needRows, Self.dotsDown * roomRows) : 1
        dotColumns = isDotted && needColumns > roomColumns ? share(needColumns, Self.dotsAcross * roomColumns) : 1
        blockRows = isDotted && needRows > roomRows ? Self.dotsDown * dotRows : share(needRows, roomRows)
        blockColumns = isDotted && needColumns > roomColumns ? Self.dotsAcross * dotColumns : share(needColumns, roomColumns)
        let shownRows = (heatmap.rows + blockRows - 1) / blockRows
        let shownColumns = (heatmap.columns + blockColumns - 1) / blockColumns
        if !isDotted, shownColumns * 2 <= roomColumns, shownColumns > 0, shownRows > 0, roomRows > 0 {
            let zoom = min(
                Self.largestZoom, max(1, min(roomColumns / (2 * shownColumns), roomRows / shownRows)))
            cellRows = zoom
            cellColumns = 2 * zoom
        } else {
            cellRows = 1
            cellColumns = 1
        }
        map = Rect(
            row: rect.row + top + (hasColumnLabels ? 1 : 0), column: rect.column + labelColumns,
            rows: min(shownRows * cellRows, roomRows), columns: min(shownColumns * cellColumns, roomColumns))
        columnLabels = hasColumnLabels
            ? Rect(row: rect.row + top, column: map.column, rows: 1, columns: roomColumns)
            : rect.line(-1)
        var next = map.endRow - rect.row
        func line(_ wanted: Bool) -> Rect {
            defer { next += wanted ? 1 : 0 }
            return rect.line(wanted ? next : -1)
        }
        legend = line(hasLegend)
        readout = line(hasReadout)
        note = line(isNoteApart)
    }

    /// The screen cells of a value; empty if it is outside the map.
    public func cell(row: Int, column: Int) -> Rect {
        guard row >= 0, row < rows, column >= 0, column < columns else { return Rect(rows: 0, columns: 0) }
        return Rect(
            row: map.row + row / blockRows * cellRows, column: map.column + column / blockColumns * cellColumns,
            rows: cellRows, columns: cellColumns
        ).intersection(map)
    }

    /// The (first) value shown at a screen cell; nil outside the map.
    public func value(atRow screenRow: Int, column screenColumn: Int) -> (row: Int, column: Int)? {
        guard map.contains(row: screenRow, column: screenColumn) else { return nil }
        let row = (screenRow - map.row) / cellRows * blockRows
        let column = (screenColumn - map.column) / cellColumns * blockColumns
        return row < rows && column < columns ? (row, column) : nil
    }

    func blockRange(_ index: Int, by size: Int, count: Int) -> Range<Int> {
        let start = min(index * size, count)
        return start..<min(start + size, count)
    }
}
