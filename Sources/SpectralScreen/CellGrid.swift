/// One cell of the screen.
public struct Cell: Hashable, Sendable {
    public var character: Character
    public var style: Style
    /// Cells the character takes: 1, 2, or 0 for the right half of the wide character before it.
    public private(set) var width: UInt8

    public static let blank = Cell(" ", .plain)

    init(_ character: Character, _ style: Style, width: Int = 1) {
        self.character = character
        self.style = style
        self.width = UInt8(width)
    }

    static func rightHalf(_ style: Style) -> Cell { Cell(" ", style, width: 0) }
}

/// A screen of cells, rows from the top, columns from the left.
///
/// What it guarantees: every drawing is clipped, whatever the arguments; a wide character is always whole (its right
/// half follows it) and becomes a space where only half of it would fit; no control character is ever stored.
public struct CellGrid: Hashable, Sendable {
    public let rows: Int
    public let columns: Int
    /// Row-major, rows x columns.
    public internal(set) var cells: [Cell]

    /// Negative sizes count as zero.
    public init(rows: Int, columns: Int) {
        self.rows = max(0, rows)
        self.columns = max(0, columns)
        cells = [Cell](repeating: .blank, count: self.rows * self.columns)
    }

    public var bounds: Rect { Rect(rows: rows, columns: columns) }

    /// The cell there, or a blank one outside the grid.
    public func cell(row: Int, column: Int) -> Cell {
        bounds.contains(row: row, column: column) ? cells[row * columns + column] : .blank
    }

    /// Writes `text` on one line from `column` on, cut before column `limit` (the grid's edge if nil).
    ///
    /// What lies left of the grid is cut too. Returns the columns that the text takes, whether or not they are on
    /// the grid, up to the cut.
    @discardableResult
    public mutating func put(
        _ text: some StringProtocol, row: Int, column: Int, style: Style = .plain, limit: Int? = nil
    ) -> Int {
        let end = min(limit ?? columns, columns)
        var place = column
        for character in text {
            if place >= end { break }
            TextWidth.forEachGlyph(of: character) { glyph in
                guard place < end else { return }
                set(glyph, row: row, column: place, style: style, end: end)
                place += glyph.width
            }
        }
        return max(0, min(place, end) - column)
    }

    /// Writes `text` on the first line of `rect`, cut at its right edge, with `ellipsis` where it was cut.
    @discardableResult
    public mutating func put(_ text: some StringProtocol, in rect: Rect, style: Style = .plain, ellipsis: String = "") -> Int {
        guard !rect.isEmpty else { return 0 }
        let shown = TextWidth.truncated(text, to: rect.columns, ellipsis: ellipsis)
        return put(shown, row: rect.row, column: rect.column, style: style, limit: rect.endColumn)
    }

    private mutating func set(_ glyph: Glyph, row: Int, column: Int, style: Style, end: Int) {
        guard row >= 0, row < rows else { return }
        if glyph.width == 1 {
            store(Cell(glyph.character, style), row: row, column: column)
        } else if column >= 0, column + 1 < end {
            store(Cell(glyph.character, style, width: 2), row: row, column: column)
            store(.rightHalf(style), row: row, column: column + 1)
        } else {
            // Half of it would hang over an edge: a space keeps the columns after it in place.
            store(Cell(" ", style), row: row, column: column)
            if column + 1 < end { store(Cell(" ", style), row: row, column: column + 1) }
        }
    }

    /// Stores one cell and blanks the other half of a wide character that it cuts.
    private mutating func store(_ cell: Cell, row: Int, column: Int) {
        guard column >= 0, column < columns else { return }
        let place = row * columns + column
        let old = cells[place]
        if old.width == 0, cell.width != 0, column > 0 {
            cells[place - 1] = Cell(" ", cells[place - 1].style)
        }
        if old.width == 2, column + 1 < columns {
            cells[place + 1] = Cell(" ", cells[place + 1].style)
        }
        cells[place] = cell
    }

    /// Fills with one character, which must be one cell wide (a wide or unsafe one is drawn as its stand-in or a space).
    public mutating func fill(_ rect: Rect, with character: Character = " ", style: Style = .plain) {
        let area = rect.intersection(bounds)
        guard !area.isEmpty else { return }
        var shown: Character = " "
        TextWidth.forEachGlyph(of: character) { if $0.width == 1 { shown = $0.character } }
        let cell = Cell(shown, style)
        for row in area.row..<area.endRow {
            for column in area.column..<area.endColumn { store(cell, row: row, column: column) }
        }
    }

    /// Changes the style of what is already drawn.
    public mutating func restyle(_ rect: Rect, _ change: (Style) -> Style) {
        let area = rect.intersection(bounds)
        guard !area.isEmpty else { return }
        for row in area.row..<area.endRow {
            for column in area.column..<area.endColumn {
                let place = row * columns + column
                cells[place].style = change(cells[place].style)
                // Both halves of a wide character share one style, or the terminal could not show it.
                if cells[place].width == 0, place > 0 { cells[place - 1].style = cells[place].style }
                if cells[place].width == 2, column + 1 < columns { cells[place + 1].style = cells[place].style }
            }
        }
    }

    public mutating func horizontalLine(row: Int, column: Int, length: Int, _ glyphs: GlyphSet, style: Style = .border) {
        fill(Rect(row: row, column: column, rows: 1, columns: length), with: glyphs.horizontal, style: style)
    }

    public mutating func verticalLine(row: Int, column: Int, length: Int, _ glyphs: GlyphSet, style: Style = .border) {
        fill(Rect(row: row, column: column, rows: length, columns: 1), with: glyphs.vertical, style: style)
    }

    /// A frame with an optional title in its top edge. Returns the room inside.
    @discardableResult
    public mutating func box(
        _ rect: Rect, title: String = "", look: Look, style: Style = .border, titleStyle: Style = .title
    ) -> Rect {
        guard rect.rows >= 2, rect.columns >= 2 else { return rect.inset() }
        let glyphs = look.glyphs
        let (bottom, right) = (rect.endRow - 1, rect.endColumn - 1)
        horizontalLine(row: rect.row, column: rect.column, length: rect.columns, glyphs, style: style)
        horizontalLine(row: bottom, column: rect.column, length: rect.columns, glyphs, style: style)
        verticalLine(row: rect.row, column: rect.column, length: rect.rows, glyphs, style: style)
        verticalLine(row: rect.row, column: right, length: rect.rows, glyphs, style: style)
        put(String(glyphs.topLeft), row: rect.row, column: rect.column, style: style)
        put(String(glyphs.topRight), row: rect.row, column: right, style: style)
        put(String(glyphs.bottomLeft), row: bottom, column: rect.column, style: style)
        put(String(glyphs.bottomRight), row: bottom, column: right, style: style)
        if !title.isEmpty, rect.columns > 4 {
            let shown = TextWidth.truncated(title, to: rect.columns - 4, ellipsis: glyphs.ellipsis)
            put(" \(shown) ", row: rect.row, column: rect.column + 1, style: titleStyle, limit: right)
        }
        return rect.inset()
    }

    /// Copies another grid onto this one with its top left corner at (`row`, `column`).
    public mutating func place(_ other: CellGrid, row: Int, column: Int) {
        for sourceRow in 0..<other.rows where row + sourceRow >= 0 && row + sourceRow < rows {
            for sourceColumn in 0..<other.columns {
                let cell = other.cells[sourceRow * other.columns + sourceColumn]
                guard cell.width != 0 else { continue }
                let glyph = Glyph(character: cell.character, width: Int(cell.width))
                set(glyph, row: row + sourceRow, column: column + sourceColumn, style: cell.style, end: columns)
            }
        }
    }
}
