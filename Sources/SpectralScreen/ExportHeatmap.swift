// A heatmap as a picture: its own ramp, title, labels, legend, cursor and note, one tile for each value.

extension ExportPicture {
    private static let margin = 8
    /// Longest side of the map that tiles grow to fill.
    private static let usualSide = 384
    private static let longestLabel = 24

    /// A heatmap without a screen's limits: no bins are merged, every value has its tile.
    ///
    /// - Parameters:
    ///   - side: of a tile in pixels; nil for what suits the size, 1 to 24.
    ///   - captions: lines under it, such as the question and the checkpoint.
    public init(
        _ heatmap: Heatmap, cursor: (row: Int, column: Int)? = nil, look: Look = Look(), side: Int? = nil,
        captions: [String] = []
    ) {
        var look = look
        look.colors = .full
        let longest = max(heatmap.rows, heatmap.columns, 1)
        let side = max(1, side ?? min(24, Self.usualSide / longest))
        let (letter, line) = (ExportFont.cellWidth, ExportFont.cellHeight)
        let labels = heatmap.rowLabels.prefix(heatmap.rows)
        let widest = min(labels.map { TextWidth.of($0) }.max() ?? 0, Self.longestLabel)
        let gutter = widest > 0 ? (widest + 1) * letter : 0
        let left = Self.margin + gutter

        let title = heatmap.unit.isEmpty ? heatmap.title : "\(heatmap.title) [\(heatmap.unit)]"
        let legend = Self.legend(heatmap, look), legendLetters = legend.reduce(0) { $0 + TextWidth.of($1.text) }
        let below = Self.lines(under: heatmap, cursor: cursor) + captions.map { ($0, Style.muted) }
        let letters = max(TextWidth.of(title), legendLetters, below.map { TextWidth.of($0.0) }.max() ?? 0)
        let hasColumnLabels = !heatmap.columnLabels.isEmpty
        let mapTop = Self.margin + line * (hasColumnLabels ? 2 : 1) + 2
        let mapBottom = mapTop + heatmap.rows * side
        self.init(
            width: max(left + heatmap.columns * side, Self.margin + letters * letter) + Self.margin,
            height: mapBottom + 4 + line * (1 + below.count) + Self.margin, theme: look.theme)

        write(title, x: Self.margin, y: Self.margin, .title, look)
        let every = max(1, (line + side - 1) / side)
        for (row, label) in labels.enumerated() where row % every == 0 || row == cursor?.row {
            if let at = cursor?.row, row != at, abs(row - at) < every { continue }
            let shown = TextWidth.padded(label, to: widest, atRight: true)
            write(shown, x: Self.margin, y: mapTop + row * side + (side - line) / 2, row == cursor?.row ? .title : .muted, look)
        }
        if hasColumnLabels { labelColumns(heatmap, left: left, y: mapTop - line - 1, side: side, cursor: cursor?.column, look) }
        var tiles: [ExportColor] = []
        for row in 0..<heatmap.rows {
            for column in 0..<heatmap.columns { tiles.append(tile(heatmap, row: row, column: column, look)) }
        }
        if !tiles.isEmpty { parts.append(.mosaic(x: left, y: mapTop, side: side, columns: heatmap.columns, tiles)) }
        if let cursor, cursor.row >= 0, cursor.row < heatmap.rows, cursor.column >= 0, cursor.column < heatmap.columns {
            frame(ExportRect(x: left + cursor.column * side, y: mapTop + cursor.row * side, width: side, height: side))
        }
        var x = Self.margin, y = mapBottom + 4
        for piece in legend {
            if let index = piece.color {
                let box = ExportRect(x: x, y: y + 1, width: TextWidth.of(piece.text) * letter, height: line - 2)
                parts.append(.fill(box, ExportColor(index: index)))
            } else {
                write(piece.text, x: x, y: y, piece.style, look)
            }
            x += TextWidth.of(piece.text) * letter
        }
        for (text, style) in below {
            y += line
            if !text.isEmpty { write(text, x: Self.margin, y: y, style, look) }
        }
    }

    /// What the readout and the note say, as on the screen but with nothing merged.
    private static func lines(under heatmap: Heatmap, cursor: (row: Int, column: Int)?) -> [(String, Style)] {
        let counts = heatmap.counts
        var lines: [(String, Style)] = []
        if let cursor {
            lines.append((heatmap.readout(row: cursor.row, column: cursor.column), .plain))
        } else if counts.minimum <= counts.maximum {
            lines.append(("data \(Figure.short(counts.minimum)) to \(Figure.short(counts.maximum))", .muted))
        }
        let room = Rect(rows: heatmap.rows + 8, columns: 2 * heatmap.columns + 200)
        let note = heatmap.note(
            HeatmapGeometry(heatmap, in: room, hasNote: true), clipped: counts.clipped, masked: counts.masked,
            notFinite: counts.notFinite)
        if !note.isEmpty { lines.append((note, .warning)) }
        return lines
    }

    /// The screen's legend with room for all its words; `color` where a piece is a step of the ramp.
    private static func legend(_ heatmap: Heatmap, _ look: Look) -> [(text: String, style: Style, color: UInt8?)] {
        let parts = heatmap.legendParts(columns: 200, noteMark: false, look)
        let steps = parts.indices.filter { isStep(parts[$0].1) }
        return parts.enumerated().map { index, part in
            guard let step = steps.firstIndex(of: index) else { return (part.0, part.1, nil) }
            if case .phase = heatmap.scale {
                return (part.0, part.1, ColorRamp.cyclic(Float(step) / Float(steps.count), look))
            }
            let fraction = steps.count == 1 ? 0.5 : Float(step) / Float(steps.count - 1)
            return (part.0, part.1, ColorRamp.sequential(fraction, look))
        }
    }

    private static func isStep(_ style: Style) -> Bool {
        if case .indexed = style.foreground { true } else { false }
    }

    private mutating func labelColumns(
        _ heatmap: Heatmap, left: Int, y: Int, side: Int, cursor: Int?, _ look: Look
    ) {
        let letter = ExportFont.cellWidth
        func span(_ column: Int) -> Range<Int>? {
            guard column >= 0, column < min(heatmap.columns, heatmap.columnLabels.count) else { return nil }
            let start = left + column * side
            return start..<start + TextWidth.of(heatmap.columnLabels[column]) * letter
        }
        let taken = cursor.flatMap(span)
        var free = left
        for column in 0..<heatmap.columns {
            guard let place = span(column), place.upperBound <= width else { continue }
            if column != cursor {
                if place.lowerBound < free { continue }
                if let taken, place.lowerBound < taken.upperBound + letter, taken.lowerBound < place.upperBound + letter { continue }
            }
            write(heatmap.columnLabels[column], x: place.lowerBound, y: y, column == cursor ? .title : .muted, look)
            free = place.upperBound + letter
        }
    }

    private mutating func write(_ text: String, x: Int, y: Int, _ style: Style, _ look: Look) {
        let color = color(look.resolve(style).foreground, default: ink)
        parts.append(.text(text, x: x, y: y, color, isBold: style.attributes.contains(.bold)))
    }

    /// The colour that covers most of a value's cell on the screen.
    func tile(_ heatmap: Heatmap, row: Int, column: Int, _ look: Look) -> ExportColor {
        let shade = heatmap.shade(
            value: heatmap.value(row: row, column: column), magnitude: heatmap.magnitude(row: row, column: column))
        let index: UInt8?
        switch shade {
        case .masked: return ground
        case .notFinite: return color(look.resolve(.bad).foreground, default: ink)
        case .clippedLow: index = ColorRamp.sequential(0, look)
        case .clippedHigh: index = ColorRamp.sequential(1, look)
        case .fraction(let fraction):
            if case .phase = heatmap.scale { index = ColorRamp.cyclic(fraction, look) } else { index = ColorRamp.sequential(fraction, look) }
        }
        return index.map { ExportColor(index: $0) } ?? ground
    }

    /// A frame around a tile, outside it, in the colour of text.
    private mutating func frame(_ tile: ExportRect) {
        let outer = ExportRect(x: tile.x - 1, y: tile.y - 1, width: tile.width + 2, height: tile.height + 2)
        parts.append(.fill(ExportRect(x: outer.x, y: outer.y, width: outer.width, height: 1), ink))
        parts.append(.fill(ExportRect(x: outer.x, y: outer.y + outer.height - 1, width: outer.width, height: 1), ink))
        parts.append(.fill(ExportRect(x: outer.x, y: outer.y, width: 1, height: outer.height), ink))
        parts.append(.fill(ExportRect(x: outer.x + outer.width - 1, y: outer.y, width: 1, height: outer.height), ink))
    }
}
