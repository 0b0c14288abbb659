import SpectralScreen

/// Every key, from the key map.
enum HelpView {
    private enum Line {
        case title(String)
        case key(String, String)
        case text(String)
    }

    private static func lines(columns: Int) -> [Line] {
        var lines: [Line] = []
        for section in KeyMap.sections {
            if !lines.isEmpty { lines.append(.text("")) }
            lines.append(.title(section.title))
            lines += section.lines.map { .key($0.keys, $0.help) }
        }
        for (title, text) in [
            ("What the Atoms screen says", atomsText),
            ("What the figures are", "Effect: what muting one atom in all its layers takes from the log-probability of "
                + "this answer, measured by running the model again. u, v: cycles per patch; t: cycles per token; period "
                + "in patches (p) or tokens (t); energy: share of the atom in its stack's spectrum, mean over layers. "
                + "All of it is atom response, not attention."),
            ("Room", ScreenLayout.rule),
        ] {
            lines += [.text(""), .title(title)]
            lines += TextWrap.lines(text, width: columns).map { .text($0) }
        }
        return lines
    }

    private static func room(_ size: ScreenSize) -> Rect {
        let columns = min(size.columns, 84)
        return Rect(row: 0, column: (size.columns - columns) / 2, rows: size.rows, columns: columns)
    }

    static func lineCount(_ size: ScreenSize) -> Int { lines(columns: room(size).columns - 4).count }

    static func lastFirstLine(_ size: ScreenSize) -> Int { max(0, lineCount(size) - (size.rows - 2)) }

    /// The help screen, to be placed over the rest.
    static func draw(firstLine: Int, size: ScreenSize, look: Look) -> (grid: CellGrid, place: Rect) {
        let place = room(size)
        var grid = CellGrid(rows: place.rows, columns: place.columns)
        let inside = PaneFrame(title: "Keys; Esc closes, j and k scroll", isFocused: true).draw(on: &grid, look: look)
            .inset(rows: 0, columns: 1)
        let all = lines(columns: inside.columns)
        let first = min(max(0, firstLine), max(0, all.count - inside.rows))
        let keyWidth = 16
        for (offset, line) in all.dropFirst(first).prefix(inside.rows).enumerated() {
            let rect = inside.line(offset)
            switch line {
            case .title(let text): grid.put(text, in: rect, style: .title)
            case .text(let text): grid.put(text, in: rect)
            case .key(let keys, let help):
                grid.put(keys, row: rect.row, column: rect.column + 2, style: .accent, limit: rect.endColumn)
                let start = rect.column + 2 + max(keyWidth, TextWidth.of(keys) + 2)
                grid.put(help, row: rect.row, column: start, limit: rect.endColumn)
            }
        }
        if first > 0 { grid.put(String(look.glyphs.moreAbove), row: 1, column: place.columns - 1, style: .muted) }
        if first + inside.rows < all.count {
            grid.put(String(look.glyphs.moreBelow), row: place.rows - 2, column: place.columns - 1, style: .muted)
        }
        return (grid, place)
    }
}
