extension CellGrid {
    /// Draws a heatmap with its title, labels, legend, cursor readout and note, as far as `rect` has room.
    ///
    /// `cursor` is a value's row and column, not a screen position. The legend is drawn before anything else; the
    /// note (bins merged, values clipped, masked or not finite) comes next, then a row of the map.
    @discardableResult
    public mutating func draw(
        _ heatmap: Heatmap, in rect: Rect, cursor: (row: Int, column: Int)? = nil, look: Look
    ) -> HeatmapGeometry {
        let rect = rect.intersection(bounds)
        let counts = heatmap.counts
        // Whether bins merge depends on the room, and the room on whether a note takes a line: try without first.
        let mayDot = heatmap.mayDot(look)
        func note(at geometry: HeatmapGeometry) -> String {
            heatmap.note(
                geometry, clipped: counts.clipped, masked: counts.masked, notFinite: counts.notFinite, columns: rect.columns)
        }
        var geometry = HeatmapGeometry(heatmap, in: rect, hasNote: false, mayDot: mayDot)
        if !note(at: geometry).isEmpty { geometry = HeatmapGeometry(heatmap, in: rect, hasNote: true, mayDot: mayDot) }
        let words = note(at: geometry), dots = look.glyphs.ellipsis, unit = heatmap.unit.isEmpty ? "" : " [\(heatmap.unit)]"
        let title = TextWidth.clauses(heatmap.title, to: geometry.title.columns - TextWidth.of(unit), ellipsis: dots)
        put(title + unit, in: geometry.title, style: .title, ellipsis: dots)
        drawRowLabels(heatmap, geometry, rect, cursor: cursor?.row, look)
        drawColumnLabels(heatmap, geometry, cursor: cursor?.column)
        drawMap(heatmap, geometry, look)
        if let cursor {
            restyle(geometry.cell(row: cursor.row, column: cursor.column)) { _ in
                Style(.terminal, on: .terminal, [.reverse, .bold])
            }
        }
        drawLegend(heatmap, geometry, noteMark: !words.isEmpty && geometry.note.isEmpty, look)
        if let cursor {
            var readout = heatmap.readout(row: cursor.row, column: cursor.column)
            if TextWidth.of(readout) > geometry.readout.columns {
                readout = heatmap.readout(row: cursor.row, column: cursor.column, isShort: true)
            }
            put(readout, in: geometry.readout, ellipsis: dots)
        } else if counts.minimum <= counts.maximum {
            let range = "data \(Figure.short(counts.minimum)) to \(Figure.short(counts.maximum))"
            put(range, in: geometry.readout, style: .muted, ellipsis: dots)
        }
        put(words, in: geometry.note, style: .warning, ellipsis: dots)
        return geometry
    }

    private mutating func drawMap(_ heatmap: Heatmap, _ geometry: HeatmapGeometry, _ look: Look) {
        guard !geometry.map.isEmpty else { return }
        for blockRow in 0..<(geometry.map.rows / geometry.cellRows) {
            let rows = geometry.blockRange(blockRow, by: geometry.blockRows, count: heatmap.rows)
            for blockColumn in 0..<(geometry.map.columns / geometry.cellColumns) {
                let columns = geometry.blockRange(blockColumn, by: geometry.blockColumns, count: heatmap.columns)
                let (glyph, style) = geometry.isDotted
                    ? heatmap.dots(geometry, row: blockRow, column: blockColumn, look)
                    : heatmap.appearance(of: heatmap.shade(rows: rows, columns: columns), look)
                let cell = Rect(
                    row: geometry.map.row + blockRow * geometry.cellRows,
                    column: geometry.map.column + blockColumn * geometry.cellColumns,
                    rows: geometry.cellRows, columns: geometry.cellColumns)
                fill(cell, with: glyph, style: style)
            }
        }
    }

    private mutating func drawRowLabels(
        _ heatmap: Heatmap, _ geometry: HeatmapGeometry, _ rect: Rect, cursor: Int?, _ look: Look
    ) {
        guard geometry.labelColumns > 0 else { return }
        for row in stride(from: 0, to: min(heatmap.rows, heatmap.rowLabels.count), by: geometry.blockRows) {
            let cell = geometry.cell(row: row, column: 0)
            guard !cell.isEmpty else { continue }
            let place = Rect(row: cell.row, column: rect.column, rows: 1, columns: geometry.labelColumns - 1)
            let isAtCursor = cursor.map { $0 >= row && $0 < row + geometry.blockRows } ?? false
            put(
                heatmap.rowLabels[row], in: place, style: isAtCursor ? .title : .muted, ellipsis: look.glyphs.ellipsis)
        }
    }

    private mutating func drawColumnLabels(_ heatmap: Heatmap, _ geometry: HeatmapGeometry, cursor: Int?) {
        let line = geometry.columnLabels
        guard !line.isEmpty else { return }
        let placed = heatmap.placedColumnLabels(
            letter: 1, in: line.column..<line.endColumn, every: geometry.blockColumns, cursor: cursor
        ) { column in
            let cell = geometry.cell(row: 0, column: column)
            return cell.isEmpty ? nil : cell.column
        }
        for (column, at) in placed {
            put(heatmap.columnLabels[column], row: line.row, column: at, style: column == cursor ? .title : .muted)
        }
    }

    private mutating func drawLegend(_ heatmap: Heatmap, _ geometry: HeatmapGeometry, noteMark: Bool, _ look: Look) {
        let rect = geometry.legend
        guard !rect.isEmpty else { return }
        var column = rect.column
        for part in heatmap.legendParts(columns: rect.columns, noteMark: noteMark) {
            let (text, style): (String, Style)
            switch part {
            case .text(let words, let own): (text, style) = (words, own)
            case .step(let shade):
                let (glyph, own) = geometry.isDotted ? heatmap.dots(evenly: shade, look) : heatmap.appearance(of: shade, look)
                (text, style) = (String(glyph), own)
            }
            column += put(text, row: rect.row, column: column, style: style, limit: rect.endColumn)
        }
    }
}

extension Heatmap {
    /// What becomes of the values that share a cell.
    func shade(rows: Range<Int>, columns: Range<Int>) -> HeatmapShade {
        let merged = merged(rows: rows, columns: columns)
        return shade(value: merged.value, magnitude: merged.magnitude)
    }

    /// A shade's own colour; nil in mono and where there is nothing to show.
    func color(of shade: HeatmapShade, _ look: Look) -> UInt8? {
        switch shade {
        case .masked, .notFinite: return nil
        case .clippedLow: return ColorRamp.sequential(0, look)
        case .clippedHigh: return ColorRamp.sequential(1, look)
        case .fraction(let fraction):
            if case .phase = scale { return ColorRamp.cyclic(fraction, look) }
            return ColorRamp.sequential(fraction, look)
        }
    }

    func appearance(of shade: HeatmapShade, _ look: Look) -> (glyph: Character, style: Style) {
        switch shade {
        case .masked: return (look.glyphs.masked, .plain)
        case .notFinite: return ("?", .bad)
        case .clippedLow: return sequential(0, look)
        case .clippedHigh: return sequential(1, look)
        case .fraction(let fraction):
            guard case .phase = scale else { return sequential(fraction, look) }
            return (ColorRamp.direction(fraction, look.glyphs), Style(color(of: shade, look).map { .indexed($0) } ?? .terminal))
        }
    }

    /// In 256 colours a cell is a tile of its shade, with the glyph in a neighbouring shade so that it shows without
    /// shouting; with fewer colours the glyph carries the shade alone.
    private func sequential(_ fraction: Float, _ look: Look) -> (Character, Style) {
        let glyph = ColorRamp.glyph(fraction, look.glyphs)
        guard let color = ColorRamp.sequential(fraction, look) else { return (glyph, .plain) }
        guard look.colors == .full else { return (glyph, Style(.indexed(color))) }
        // Whatever covers most of the cell, ink or ground, has the value's own colour: a full block is nothing but ink.
        guard fraction < 0.6 else {
            let darker = ColorRamp.sequential(fraction - 0.1, look) ?? color
            return (glyph, Style(.indexed(color), on: .indexed(darker)))
        }
        let lighter = ColorRamp.sequential(fraction + 0.1, look) ?? color
        return (glyph, Style(.indexed(lighter), on: .indexed(color)))
    }
}
