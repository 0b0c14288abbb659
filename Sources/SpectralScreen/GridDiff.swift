/// Neighbouring cells of one line in one style.
public struct CellRun: Hashable, Sendable {
    public let row: Int
    public let column: Int
    public let style: Style
    /// Whole characters only: it never starts with a right half.
    public let cells: [Cell]
}

extension CellGrid {
    /// What must be drawn to turn `old` into this grid: every cell, when the sizes differ or `old` is nil.
    public func changes(from old: CellGrid?) -> [CellRun] {
        let isComparable = old.map { $0.rows == rows && $0.columns == columns } ?? false
        var runs: [CellRun] = []
        for row in 0..<rows {
            var column = 0
            while column < columns {
                let width = span(row, column)
                guard !isComparable || old.map({ differs(from: $0, row, column, width) }) ?? true else {
                    column += width
                    continue
                }
                let start = column
                let style = cells[row * columns + start].style
                column += width
                while column < columns, cells[row * columns + column].style == style {
                    let next = span(row, column)
                    if isComparable, let old, !differs(from: old, row, column, next) { break }
                    column += next
                }
                let range = (row * columns + start)..<(row * columns + column)
                runs.append(CellRun(row: row, column: start, style: style, cells: Array(cells[range])))
            }
        }
        return runs
    }

    /// Redraws `runs`; applied to the grid they were taken against, it gives the grid they were taken from.
    public mutating func apply(_ runs: [CellRun]) {
        for run in runs where run.row >= 0 && run.row < rows {
            for (offset, cell) in run.cells.enumerated() {
                let column = run.column + offset
                guard column >= 0, column < columns else { continue }
                cells[run.row * columns + column] = cell
            }
        }
    }

    private func span(_ row: Int, _ column: Int) -> Int {
        max(1, min(Int(cells[row * columns + column].width), columns - column))
    }

    private func differs(from old: CellGrid, _ row: Int, _ column: Int, _ width: Int) -> Bool {
        let place = row * columns + column
        return cells[place] != old.cells[place] || (width == 2 && cells[place + 1] != old.cells[place + 1])
    }
}

extension CellGrid {
    /// The screen as text: one line a row, spaces at line ends left out, no line end after the last row.
    public var text: String {
        (0..<rows).map { lineText($0) }.joined(separator: "\n")
    }

    /// One row as text, spaces at its end left out; empty outside the grid.
    public func lineText(_ row: Int) -> String {
        guard row >= 0, row < rows else { return "" }
        var line = ""
        var pendingSpaces = 0
        for column in 0..<columns {
            let cell = cells[row * columns + column]
            if cell.width == 0 { continue }
            if cell.character == " " {
                pendingSpaces += 1
                continue
            }
            line.append(contentsOf: String(repeating: " ", count: pendingSpaces))
            pendingSpaces = 0
            line.append(cell.character)
        }
        return line
    }

    /// The screen as text followed, row by row, by where its styles change: `row:column+cells style` for each run
    /// that is not plain. For golden screens that must hold colours too.
    public var styledText: String {
        var lines = [text, "--- styles"]
        for row in 0..<rows {
            var column = 0
            while column < columns {
                let style = cells[row * columns + column].style
                var end = column + 1
                while end < columns, cells[row * columns + end].style == style { end += 1 }
                if style != .plain { lines.append("\(row):\(column)+\(end - column) \(style)") }
                column = end
            }
        }
        return lines.joined(separator: "\n")
    }
}

extension Style: CustomStringConvertible {
    /// For instance `accent on 236 bold`.
    public var description: String {
        var words: [String] = []
        if let name = foreground.name { words.append(name) }
        if let name = background.name { words.append("on \(name)") }
        if attributes.contains(.bold) { words.append("bold") }
        if attributes.contains(.dim) { words.append("dim") }
        if attributes.contains(.reverse) { words.append("reverse") }
        if attributes.contains(.underline) { words.append("underline") }
        return words.isEmpty ? "plain" : words.joined(separator: " ")
    }
}

extension Ink {
    fileprivate var name: String? {
        switch self {
        case .terminal: nil
        case .role(let role): "\(role)"
        case .indexed(let index): "\(index)"
        }
    }
}
