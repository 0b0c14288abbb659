import SpectralLens
import SpectralModel
import SpectralScreen

/// The chosen atom's use over the listed images: spread, histogram, and the images where it carries most.
enum AtomUsageView {
    /// Two lines of figures, the histogram's head, the list's head and the rule.
    private static let fixedLines = 5

    private static func bins(insideRows rows: Int) -> Int { min(8, max(2, (rows - fixedLines) / 2)) }

    static func listRows(insideRows rows: Int) -> Int { max(1, rows - fixedLines - bins(insideRows: rows)) }

    /// Lines over the list of images.
    static func listHead(insideRows rows: Int) -> Int { 4 + bins(insideRows: rows) }

    static func draw(_ state: WorkbenchState, size: ScreenSize, look: Look) -> CellGrid {
        var grid = CellGrid(rows: size.rows, columns: size.columns)
        let own = state.atomsScreen.usage, isFocused = state.focus == .usage
        let inside = PaneFrame(title: title(state), isFocused: isFocused).draw(on: &grid, look: look)
        let room = inside.inset(rows: 0, columns: 1), dots = look.glyphs.ellipsis
        guard let use = state.chosenUse, let usage = own.usage, use.n > 0 else {
            let (text, style) = explanation(state)
            grid.drawNote(text, in: room, style: style)
            return grid
        }
        let count = bins(insideRows: inside.rows), histogram = ShareHistogram(use.shares, mostBins: count - 1)
        grid.put(
            "median \(share(use.median)), quartiles \(share(use.lowerQuartile)) to \(share(use.upperQuartile))",
            in: room.line(0), style: .title, ellipsis: dots)
        grid.put(second(state, use), in: room.line(1), ellipsis: dots)
        grid.put(
            "energy share, images; bins of \(histogram.decibels) dB", in: room.line(2), style: .muted, ellipsis: dots)
        draw(histogram, in: Rect(row: room.row + 3, column: room.column, rows: count, columns: room.columns), on: &grid, look: look)

        let top = state.chosenTop, head = room.line(listHead(insideRows: inside.rows) - 1)
        grid.put("images it carries most in" + (isFocused ? "; Enter goes there" : ""), in: head, style: .muted, ellipsis: dots)
        let list = Rect(
            row: head.row + 1, column: inside.column, rows: inside.endRow - head.row - 2, columns: inside.columns)
        grid.drawList(in: list, state: own.list, count: top.count, isFocused: isFocused, look: look) { row in
            let name = top[row].image.split(separator: "/").last.map(String.init) ?? top[row].image
            return ListRow(TextWidth.visible(name), detail: share(top[row].share))
        }
        // The rule takes what the list leaves.
        let rule = TextWrap.lines(FolderUsage.rule(usage.thresholds), width: room.columns)
        let free = min(rule.count, 1 + max(0, list.rows - top.count - 1))
        for line in 0..<free {
            let text = line + 1 < free ? rule[line] : rule[line...].joined(separator: " ")
            grid.put(text, in: room.line(inside.rows - free + line), style: .muted, ellipsis: dots)
        }
        return grid
    }

    private static func draw(_ histogram: ShareHistogram, in rect: Rect, on grid: inout CellGrid, look: Look) {
        let zeros = histogram.zeros > 0 ? [("under 1e-9", histogram.zeros)] : []
        let rows = zeros + histogram.bins.map { ("\(share($0.low)) to \(share($0.high))", $0.count) }
        let most = max(1, rows.map(\.1).max() ?? 1), digits = "\(most)".count
        let width = rows.map { TextWidth.of($0.0) }.max() ?? 0
        for (offset, row) in rows.prefix(rect.rows).enumerated() {
            let line = rect.line(offset)
            let parts = Layout.columns(line, [.fixed(min(width, line.columns)), .rest, .fixed(digits)], gap: 1)
            grid.put(TextWidth.padded(row.0, to: width, atRight: true), in: parts[0])
            grid.drawGauge(Double(row.1) / Double(most), in: parts[1], look: look)
            grid.put(TextWidth.padded("\(row.1)", to: digits, atRight: true), in: parts[2])
        }
    }

    private static func title(_ state: WorkbenchState) -> String {
        let own = state.atomsScreen.usage, name = state.chosenRecord.map { " of \($0.address)" } ?? ""
        return switch own.status {
        case .none, .failed: "Use\(name)"
        case .running: "Use\(name): \(own.done) of \(own.total) images"
        case .stopped: "Use\(name): stopped, n \(own.n), K \(own.usage?.k ?? 0)"
        case .done: "Use\(name): n \(own.n), K \(own.usage?.k ?? 0)"
        }
    }

    private static func second(_ state: WorkbenchState, _ use: AtomUse) -> String {
        var parts = ["range \(share(use.minimum)) to \(share(use.maximum))"]
        if let record = state.chosenRecord, !record.status.isEmpty { parts.insert(record.status, at: 0) }
        if !use.imageParts.isEmpty {
            parts.append(
                "fed by the image to \(Figure.percent(Double(use.imageParts.reduce(0, +)) / Double(use.imageParts.count)))")
        }
        let unreadable = state.atomsScreen.usage.unreadable
        if unreadable > 0 { parts.append("\(unreadable) could not be read") }
        return parts.joined(separator: "; ")
    }

    private static func explanation(_ state: WorkbenchState) -> (String, Style) {
        let own = state.atomsScreen.usage
        if case .failed(let line) = own.status { return (line, .bad) }
        if case .failed(let line) = state.checkpoint { return (line, .bad) }
        if state.facts?.hasAtoms == false { return ("This checkpoint is the attention twin: it has no atoms to measure.", .muted) }
        if own.isRunning, own.n == 0 { return ("Measuring \(own.total) images, one after another; Esc stops.", .muted) }
        if state.chosenRecord?.stack == .text {
            return (
                "Text atoms have no use over images: a caption's prompt is the same for every image. "
                    + "Choose a vision or fusion atom.", .muted
            )
        }
        if own.usage?.n == 0 { return ("None of the images could be read.", .warning) }
        if own.usage != nil, state.chosenRecord == nil { return ("No atom is chosen.", .muted) }
        if let usage = own.usage { return ("This atom is not in use at K \(usage.k).", .muted) }
        return (
            "u measures, over the \(state.images.count) images of the list, what share of the energy every vision and fusion atom carries: "
                + "how it spreads, which atoms are dead, and the images where an atom carries most. \(FolderUsage.rule()).", .muted
        )
    }

    /// Three significant digits: shares lie decades apart.
    static func share(_ x: Float) -> String { Figure.short(100 * x) + "%" }
}
