import SpectralScreen

extension CellGrid {
    /// Marks what a search found in the cells of `rect`, in every colour mode and on selected rows too.
    mutating func mark(_ pattern: SearchPattern, in rect: Rect) {
        let area = rect.intersection(bounds), wanted = TextWidth.glyphs(of: pattern.text).map(\.character)
        guard !wanted.isEmpty else { return }
        for row in area.row..<area.endRow {
            let columns = (area.column..<area.endColumn).filter { cell(row: row, column: $0).width != 0 }
            guard columns.count >= wanted.count else { continue }
            let letters = columns.map { cell(row: row, column: $0).character }
            var place = 0
            while place + wanted.count <= letters.count {
                guard (0..<wanted.count).allSatisfy({ pattern.fits(letters[place + $0], wanted[$0]) }) else {
                    place += 1
                    continue
                }
                for column in columns[place..<place + wanted.count] {
                    // Restyling either half of a wide character restyles it whole: one cell is enough.
                    restyle(Rect(row: row, column: column, rows: 1, columns: 1)) { $0.inverted.adding(.underline) }
                }
                place += wanted.count
            }
        }
    }
}
