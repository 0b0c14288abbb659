import SpectralScreen

/// The spectrum of an atom along the text as bars over frequency, with the periods in tokens under it.
enum LineSpectrumView {
    /// Periods in tokens that are marked where they do not touch.
    private static let periods = [2, 3, 4, 6, 8, 16, 32]
    private static let labelColumns = 8

    /// Whether a map is one: a row of magnitudes.
    static func fits(_ map: Heatmap) -> Bool {
        if case .decibel = map.scale { return map.rows == 1 && map.columns > 1 }
        return false
    }

    /// What it takes for a bar to each bin and for the lines of text.
    static func columns(for map: Heatmap) -> Int { labelColumns + max(map.columns, 72) }

    /// - Parameters:
    ///   - map: magnitudes from 0 to 0.5 cycles per token, 1 x bins.
    ///   - atom: the atom's own frequency, cycles per token; nil for none to mark.
    ///   - raster: where a raster artefact would sit; 0 for nowhere.
    static func draw(_ map: Heatmap, in rect: Rect, cursor: Int, atom: Float?, raster: Float, on grid: inout CellGrid, look: Look) {
        guard case .decibel(let floor, let reference) = map.scale else { return }
        let dots = look.glyphs.ellipsis, room = max(1, rect.columns - labelColumns), bins = map.columns
        let block = (bins + room - 1) / room, columns = (bins + block - 1) / block, width = max(1, room / columns)
        let height = max(1, rect.rows - 6), left = rect.column + labelColumns
        func column(_ bin: Int) -> Int { left + min(max(0, bin), bins - 1) / block * width }
        func column(of w: Float) -> Int { column(Int((w.magnitude * 2 * Float(bins - 1)).rounded())) }

        grid.put(map.title, in: rect.line(0), style: .title, ellipsis: dots)
        for i in 0..<columns {
            let top = (i * block..<min(bins, (i + 1) * block)).map { map.value(row: 0, column: $0) }.filter(\.isFinite).max() ?? 0
            let level = 1 - Figure.decibels(Double(top) / Double(reference)) / Double(floor)
            let filled = level > 0 ? max(1, Int((level * Double(height)).rounded())) : 0
            let ink = look.glyphs.barParts[look.glyphs.barParts.count - 1]
            let rows = min(height, filled), row = rect.row + 1 + height - rows
            grid.fill(Rect(row: row, column: left + i * width, rows: rows, columns: width), with: ink, style: .accent)
        }
        grid.put("0 dB", row: rect.row + 1, column: rect.column, style: .muted)
        if height > 1 { grid.put("\(Figure.short(floor)) dB", row: rect.row + height, column: rect.column, style: .muted) }
        let cell = Rect(row: rect.row + 1, column: column(cursor), rows: height, columns: width)
        grid.restyle(cell) { $0.inverted }

        // Marks, then cycles, then periods under the bars.
        var line = rect.row + 1 + height
        func next() -> Int? {
            defer { line += 1 }
            return line < rect.endRow ? line : nil
        }
        if let row = next() {
            grid.horizontalLine(row: row, column: left, length: columns * width, look.glyphs, style: .muted)
            if raster > 0, raster <= 0.5 { grid.put("*", row: row, column: column(of: raster), style: .warning) }
            if let atom { grid.put(String(look.glyphs.moreAbove), row: row, column: column(of: atom), style: .title) }
        }
        func labels(_ name: String, _ marks: [(Float, String)]) {
            guard let row = next() else { return }
            grid.put(name, row: row, column: rect.column, style: .muted, limit: rect.endColumn)
            var taken: [Range<Int>] = []
            for (w, text) in marks {
                let start = min(column(of: w), rect.endColumn - text.count), own = start - 1..<start + text.count + 1
                guard start >= left, !taken.contains(where: { $0.overlaps(own) }) else { continue }
                taken.append(start..<start + text.count)
                grid.put(text, row: row, column: start, style: .muted, limit: rect.endColumn)
            }
        }
        labels("cycles", [(0, "0"), (0.5, "0.5"), (0.25, "0.25"), (0.125, "0.125"), (0.375, "0.375")])
        labels("tokens", [(0, "DC")] + periods.map { (1 / Float($0), "\($0)") })
        let mark = raster > 0 ? "; * raster" : "", peak = "0 dB = \(Figure.short(reference))"
        let merged = block > 1 ? "; bar = max of \(block) bins" : ""
        if let row = next() {
            grid.put(
                "\(look.glyphs.moreAbove) the atom\(mark); \(peak)\(merged)", in: rect.line(row - rect.row), style: .muted,
                ellipsis: dots)
        }
        if let row = next() { grid.put(readout(map, cursor, reference), in: rect.line(row - rect.row), ellipsis: dots) }
    }

    /// `0.250 cycles, period 4.00 tokens: 3.2 = -1.20 dB`.
    static func readout(_ map: Heatmap, _ bin: Int, _ reference: Float) -> String {
        let w = 0.5 * Double(bin) / Double(max(1, map.columns - 1)), value = map.value(row: 0, column: bin)
        let period = bin == 0 ? "DC" : "period \(Figure.fixed(1 / w, 2)) tokens"
        let decibels = Figure.fixed(Figure.decibels(Double(value) / Double(reference)), 2)
        return "\(Figure.fixed(w, 3)) cycles, \(period): \(value) = \(decibels) dB"
    }
}
