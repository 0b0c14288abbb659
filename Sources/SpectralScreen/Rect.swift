/// A block of cells, rows from the top and columns from the left. Its size is never negative.
public struct Rect: Hashable, Sendable {
    public var row: Int
    public var column: Int
    public let rows: Int
    public let columns: Int

    public init(row: Int = 0, column: Int = 0, rows: Int, columns: Int) {
        self.row = row
        self.column = column
        self.rows = max(0, rows)
        self.columns = max(0, columns)
    }

    public var isEmpty: Bool { rows == 0 || columns == 0 }
    /// First row below.
    public var endRow: Int { row + rows }
    /// First column to the right.
    public var endColumn: Int { column + columns }

    public func contains(row: Int, column: Int) -> Bool {
        row >= self.row && row < endRow && column >= self.column && column < endColumn
    }

    /// What is left when `margin` cells are taken off each side.
    public func inset(by margin: Int = 1) -> Rect { inset(rows: margin, columns: margin) }

    /// What is left when `rows` are taken off top and bottom, and `columns` off left and right.
    public func inset(rows: Int, columns: Int) -> Rect {
        Rect(
            row: row + min(rows, self.rows / 2), column: column + min(columns, self.columns / 2),
            rows: self.rows - 2 * rows, columns: self.columns - 2 * columns)
    }

    public func intersection(_ other: Rect) -> Rect {
        let top = max(row, other.row)
        let left = max(column, other.column)
        return Rect(
            row: top, column: left, rows: min(endRow, other.endRow) - top,
            columns: min(endColumn, other.endColumn) - left)
    }

    /// One line of it, counted from its top; empty where there is none.
    public func line(_ index: Int) -> Rect {
        Rect(row: row + index, column: column, rows: index >= 0 && index < rows ? 1 : 0, columns: columns)
    }
}

/// One part of a split.
public enum Share: Hashable, Sendable {
    /// So many cells, or what is left if less.
    case fixed(Int)
    /// A part of the whole, 0 to 1.
    case fraction(Double)
    /// What the others leave, divided by weight.
    case rest(weight: Int)
    public static let rest = Share.rest(weight: 1)
}

/// Splitting a rectangle. The parts lie side by side, never overlap, never leave it, and have no negative size; with
/// at least one `rest` they fill it.
public enum Layout {
    /// Side by side.
    public static func columns(_ rect: Rect, _ shares: [Share], gap: Int = 0) -> [Rect] {
        var column = rect.column
        return sizes(rect.columns, shares, gap: gap).map { size in
            defer { column += size.advance }
            return Rect(row: rect.row, column: column, rows: rect.rows, columns: size.length)
        }
    }

    /// One above the other.
    public static func rows(_ rect: Rect, _ shares: [Share], gap: Int = 0) -> [Rect] {
        var row = rect.row
        return sizes(rect.rows, shares, gap: gap).map { size in
            defer { row += size.advance }
            return Rect(row: row, column: rect.column, rows: size.length, columns: rect.columns)
        }
    }

    /// Fixed parts are served first, in order, then fractions, then the rest; whoever comes last may get nothing.
    static func sizes(_ total: Int, _ shares: [Share], gap: Int) -> [(length: Int, advance: Int)] {
        let gaps = max(0, gap) * max(0, shares.count - 1)
        let whole = max(0, total - gaps)
        var left = whole
        var lengths = [Int](repeating: 0, count: shares.count)
        for (index, share) in shares.enumerated() {
            guard case .fixed(let wanted) = share else { continue }
            lengths[index] = min(max(0, wanted), left)
            left -= lengths[index]
        }
        for (index, share) in shares.enumerated() {
            guard case .fraction(let part) = share, part.isFinite else { continue }
            lengths[index] = min(Int((Double(whole) * min(max(part, 0), 1)).rounded()), left)
            left -= lengths[index]
        }
        var weightLeft = shares.reduce(0) { sum, share in
            if case .rest(let weight) = share { sum + max(0, weight) } else { sum }
        }
        for (index, share) in shares.enumerated() {
            guard case .rest(let weight) = share, weight > 0 else { continue }
            lengths[index] = left * weight / weightLeft
            left -= lengths[index]
            weightLeft -= weight
        }
        var room = max(0, total)
        return lengths.enumerated().map { index, length in
            let kept = min(length, room)
            let advance = min(room, kept + (index + 1 < shares.count ? max(0, gap) : 0))
            room -= advance
            return (kept, advance)
        }
    }
}
