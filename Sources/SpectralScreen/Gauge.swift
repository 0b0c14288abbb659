extension CellGrid {
    /// A bar for a value from 0 to 1 on the first line of `rect`; values outside are clamped, nan draws an empty bar.
    ///
    /// In the Unicode sets it has eighths of a cell; any value above zero shows some ink.
    public mutating func drawGauge(_ value: Double, in rect: Rect, style: Style = .accent, look: Look) {
        let line = rect.line(0)
        guard !line.isEmpty else { return }
        let parts = look.glyphs.barParts
        let clamped = value.isFinite ? min(max(value, 0), 1) : value == .infinity ? 1 : 0
        let steps = line.columns * parts.count
        var filled = Int((clamped * Double(steps)).rounded())
        if clamped > 0, filled == 0 { filled = 1 }
        let full = filled / parts.count
        fill(line, with: look.glyphs.barEmpty, style: .muted)
        fill(Rect(row: line.row, column: line.column, rows: 1, columns: full), with: parts[parts.count - 1], style: style)
        let rest = filled % parts.count
        if rest > 0 { put(String(parts[rest - 1]), row: line.row, column: line.column + full, style: style) }
    }

    /// A probability as `label  bar  97.3%` on the first line of `rect`; the bar goes first when room is short, the
    /// figure stays.
    public mutating func drawProbability(
        _ probability: Double, label: String, labelWidth: Int, in rect: Rect, style: Style = .accent, look: Look
    ) {
        let line = rect.line(0)
        guard !line.isEmpty else { return }
        let figure = TextWidth.padded(Figure.percent(probability), to: 6, atRight: true)
        let parts = Layout.columns(
            line, [.fixed(min(labelWidth, max(0, line.columns - 7))), .rest, .fixed(min(6, line.columns))], gap: 1)
        put(label, in: parts[0], ellipsis: look.glyphs.ellipsis)
        if parts[1].columns >= 3 { drawGauge(probability, in: parts[1], style: style, look: look) }
        put(figure, in: parts[2])
    }
}
