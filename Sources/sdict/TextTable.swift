/// Tables for a terminal.
enum TextTable {
    /// Rows with columns padded to equal width: the first to the left, the others to the right.
    static func aligned(_ rows: [[String]]) -> [String] {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { c in rows.map { c < $0.count ? $0[c].count : 0 }.max() ?? 0 }
        return rows.map { row in
            row.enumerated().map { c, text in
                let padding = String(repeating: " ", count: widths[c] - text.count)
                return c == 0 ? text + padding : padding + text
            }.joined(separator: "  ")
        }
    }
}
