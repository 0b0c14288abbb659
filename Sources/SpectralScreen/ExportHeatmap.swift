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
        // The screen's legend with room for all its words.
        let legend = heatmap.legendParts(columns: 200, noteMark: false), legendLetters = legend.reduce(0) { $0 + $1.columns }
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
        let labelled = heatmap.placedColumnLabels(letter: letter, in: left..<width, cursor: cursor?.column) { left + $0 * side }
        for (column, at) in labelled {
            write(heatmap.columnLabels[column], x: at, y: mapTop - line - 1, column == cursor?.column ? .title : .muted, look)
        }
        var tiles: [ExportColor] = []
        for row in 0..<heatmap.rows {
            for column in 0..<heatmap.columns { tiles.append(tile(heatmap, row: row, column: column, look)) }
        }
        if !tiles.isEmpty { parts.append(.mosaic(x: left, y: mapTop, side: side, columns: heatmap.columns, tiles)) }
        if let cursor, cursor.row >= 0, cursor.row < heatmap.rows, cursor.column >= 0, cursor.column < heatmap.columns {
            frame(ExportRect(x: left + cursor.column * side, y: mapTop + cursor.row * side, width: side, height: side))
        }
        var x = Self.margin, y = mapBottom + 4
        for part in legend {
            switch part {
            case .text(let words, let style): write(words, x: x, y: y, style, look)
            case .step(let shade):
                let box = ExportRect(x: x, y: y + 1, width: letter, height: line - 2)
                parts.append(.fill(box, color(of: shade, heatmap, look)))
            }
            x += part.columns * letter
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

    mutating func write(_ text: String, x: Int, y: Int, _ style: Style, _ look: Look) {
        let color = color(look.resolve(style).foreground, default: ink)
        parts.append(.text(text, x: x, y: y, color, isBold: style.attributes.contains(.bold)))
    }

    /// The colour that covers most of a value's cell on the screen.
    func tile(_ heatmap: Heatmap, row: Int, column: Int, _ look: Look) -> ExportColor {
        let value = heatmap.value(row: row, column: column), magnitude = heatmap.magnitude(row: row, column: column)
        return color(of: heatmap.shade(value: value, magnitude: magnitude), heatmap, look)
    }

    private func color(of shade: HeatmapShade, _ heatmap: Heatmap, _ look: Look) -> ExportColor {
        if shade == .notFinite { return color(look.resolve(.bad).foreground, default: ink) }
        return heatmap.color(of: shade, look).map { ExportColor(index: $0) } ?? ground
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
