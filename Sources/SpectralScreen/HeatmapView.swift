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
        var geometry = HeatmapGeometry(heatmap, in: rect, hasNote: false)
        var note = heatmap.note(geometry, clipped: counts.clipped, masked: counts.masked, notFinite: counts.notFinite)
        if !note.isEmpty {
            geometry = HeatmapGeometry(heatmap, in: rect, hasNote: true)
            note = heatmap.note(geometry, clipped: counts.clipped, masked: counts.masked, notFinite: counts.notFinite)
        }
        let dots = look.glyphs.ellipsis
        let title = heatmap.unit.isEmpty ? heatmap.title : "\(heatmap.title) [\(heatmap.unit)]"
        put(title, in: geometry.title, style: .title, ellipsis: dots)
        drawRowLabels(heatmap, geometry, rect, cursor: cursor?.row, look)
        drawColumnLabels(heatmap, geometry, cursor: cursor?.column)
        drawMap(heatmap, geometry, look)
        if let cursor {
            restyle(geometry.cell(row: cursor.row, column: cursor.column)) { _ in
                Style(.terminal, on: .terminal, [.reverse, .bold])
            }
        }
        drawLegend(heatmap, geometry.legend, noteMark: !note.isEmpty && geometry.note.isEmpty, look)
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
        put(note, in: geometry.note, style: .warning, ellipsis: dots)
        return geometry
    }

    private mutating func drawMap(_ heatmap: Heatmap, _ geometry: HeatmapGeometry, _ look: Look) {
        guard !geometry.map.isEmpty else { return }
        for blockRow in 0..<(geometry.map.rows / geometry.cellRows) {
            let rows = geometry.blockRange(blockRow, by: geometry.blockRows, count: heatmap.rows)
            for blockColumn in 0..<(geometry.map.columns / geometry.cellColumns) {
                let columns = geometry.blockRange(blockColumn, by: geometry.blockColumns, count: heatmap.columns)
                let merged = heatmap.merged(rows: rows, columns: columns)
                let shade = heatmap.shade(value: merged.value, magnitude: merged.magnitude)
                let (glyph, style) = heatmap.appearance(of: shade, look)
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

    /// Labels that fit without touching the one before; the cursor's own label goes first.
    private mutating func drawColumnLabels(_ heatmap: Heatmap, _ geometry: HeatmapGeometry, cursor: Int?) {
        guard !geometry.columnLabels.isEmpty else { return }
        var taken: Range<Int>?
        func place(_ column: Int, mayShift: Bool = false) -> Range<Int>? {
            let cell = geometry.cell(row: 0, column: column)
            guard !cell.isEmpty, column < heatmap.columnLabels.count else { return nil }
            let width = TextWidth.of(heatmap.columnLabels[column])
            let last = geometry.columnLabels.endColumn - width
            let start = mayShift ? min(cell.column, last) : cell.column
            return start >= geometry.columnLabels.column && start <= last ? start..<(start + width) : nil
        }
        let line = geometry.columnLabels.row
        if let cursor, cursor >= 0, let range = place(cursor, mayShift: true) {
            put(heatmap.columnLabels[cursor], row: line, column: range.lowerBound, style: .title)
            taken = range
        }
        var free = geometry.columnLabels.column
        for column in stride(from: 0, to: min(heatmap.columns, heatmap.columnLabels.count), by: geometry.blockColumns) {
            guard let range = place(column), range.lowerBound >= free else { continue }
            if let taken, range.lowerBound <= taken.upperBound, taken.lowerBound <= range.upperBound { continue }
            put(heatmap.columnLabels[column], row: line, column: range.lowerBound, style: .muted)
            free = range.upperBound + 1
        }
    }

    private mutating func drawLegend(_ heatmap: Heatmap, _ rect: Rect, noteMark: Bool, _ look: Look) {
        guard !rect.isEmpty else { return }
        var column = rect.column
        for (glyph, style) in heatmap.legendParts(columns: rect.columns, noteMark: noteMark, look) {
            column += put(glyph, row: rect.row, column: column, style: style, limit: rect.endColumn)
        }
    }
}

extension Heatmap {
    func appearance(of shade: HeatmapShade, _ look: Look) -> (glyph: Character, style: Style) {
        switch shade {
        case .masked: return (look.glyphs.masked, .plain)
        case .notFinite: return ("?", .bad)
        case .clippedLow: return sequential(0, look)
        case .clippedHigh: return sequential(1, look)
        case .fraction(let fraction):
            if case .phase = scale {
                let ink = ColorRamp.cyclic(fraction, look).map { Ink.indexed($0) } ?? .terminal
                return (ColorRamp.direction(fraction, look.glyphs), Style(ink))
            }
            return sequential(fraction, look)
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

    /// The exact value under the cursor with its row and column, both with their labels unless `isShort`.
    public func readout(row: Int, column: Int, isShort: Bool = false) -> String {
        func name(_ index: Int, _ labels: [String]) -> String {
            index >= 0 && index < labels.count && labels[index] != String(index) ? "\(index) (\(labels[index]))" : "\(index)"
        }
        let place = isShort
            ? "r\(row) c\(column): " : "row \(name(row, rowLabels)) col \(name(column, columnLabels)): "
        let value = value(row: row, column: column)
        guard row >= 0, row < rows, column >= 0, column < columns else { return place + "outside" }
        guard !value.isNaN else { return place + "not a number" }
        let suffix = unit.isEmpty ? "" : " \(unit)"
        switch scale {
        case .linear:
            let weak = isMasked(row: row, column: column) ? ", masked: magnitude \(magnitude(row: row, column: column))" : ""
            return place + "\(value)" + suffix + weak
        case .decibel(_, let reference):
            let decibels = Figure.decibels(Double(value) / Double(reference))
            return place + "\(value)" + suffix + " = \(Figure.fixed(decibels, 2)) dB"
        case .phase:
            let degrees = Figure.fixed(Double(value) * 180 / .pi, 1)
            let strength = magnitudes.isEmpty ? "" : ", magnitude \(magnitude(row: row, column: column))"
            return place + "\(value) rad = \(degrees) deg" + strength
        }
    }

    /// What the picture does not show as it is; empty if it shows everything.
    func note(_ geometry: HeatmapGeometry, clipped: Int, masked: Int, notFinite: Int) -> String {
        var parts: [String] = []
        let total = rows * columns
        if geometry.isMerged {
            parts.append("cell = \(effectiveMerge.rawValue) of \(geometry.blockRows)x\(geometry.blockColumns) bins")
        }
        if clipped > 0 {
            let range = percentiles.map {
                " to \(Figure.short($0.lowerBound))..\(Figure.short($0.upperBound)) %"
            } ?? ""
            parts.append("\(clipped) of \(total) clipped\(range)")
        }
        if masked > 0 { parts.append("\(masked) of \(total) masked") }
        if notFinite > 0 { parts.append("\(notFinite) not finite (?)") }
        return parts.joined(separator: "; ")
    }

    /// The legend in as many cells as there are: bounds and ramp first, words where they fit.
    func legendParts(columns: Int, noteMark: Bool, _ look: Look) -> [(String, Style)] {
        let mark: [(String, Style)] = noteMark ? [("! ", .warning)] : []
        let room = columns - (noteMark ? 2 : 0)
        if case .phase(let floor) = scale { return mark + phaseLegend(room, floor, look) }
        let (low, high, tail): (String, String, String)
        switch scale {
        case .decibel(let floor, let reference):
            let bound = Figure.short(min(floor, Heatmap.leastFloor))
            (low, high, tail) = (bound, "0 dB", "floor \(bound) dB, 0 dB = \(Figure.short(reference))")
        case .linear(let minimum, let maximum):
            let mask = magnitudeFloor > 0 ? "blank: magnitude < \(Figure.short(magnitudeFloor))" : ""
            (low, high, tail) = (Figure.short(minimum), Figure.short(maximum), mask)
        case .phase: (low, high, tail) = ("", "", "")
        }
        let isWordy = room >= low.count + high.count + 10 + tail.count + 10
        let left = isWordy ? "min \(low) " : "\(low) "
        let right = isWordy ? " max \(high)" : " \(high)"
        let steps = min(10, max(0, room - left.count - right.count))
        var parts: [(String, Style)] = [(left, .plain)]
        for step in 0..<steps {
            let fraction = steps == 1 ? 0.5 : Float(step) / Float(steps - 1)
            let (glyph, style) = appearance(of: .fraction(fraction), look)
            parts.append((String(glyph), style))
        }
        parts.append((right, .plain))
        let used = left.count + steps + right.count
        if !tail.isEmpty, room >= used + 2 + tail.count { parts.append(("  \(tail)", .muted)) }
        return mark + parts
    }

    private func phaseLegend(_ room: Int, _ floor: Float, _ look: Look) -> [(String, Style)] {
        let isWordy = room >= 32
        var parts: [(String, Style)] = isWordy ? [] : [("0 ", .plain)]
        for step in 0..<8 {
            let (glyph, style) = appearance(of: .fraction(Float(step) / 8), look)
            parts.append((String(glyph), style))
            if isWordy, step % 2 == 0 { parts.append(("\(step * 45)", .muted)) }
            if isWordy { parts.append((" ", .plain)) }
        }
        parts.append((isWordy ? "deg" : " 315 deg", .plain))
        let tail = "  blank: magnitude < \(Figure.short(floor))"
        let used = parts.reduce(0) { $0 + TextWidth.of($1.0) }
        if floor > 0, room >= used + tail.count { parts.append((tail, .muted)) }
        return parts
    }
}
