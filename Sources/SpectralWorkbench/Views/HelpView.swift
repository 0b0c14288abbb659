import SpectralScreen

/// Every key, from the key map, and every command of the palette.
enum HelpView {
    private enum Line {
        case title(String)
        case key(String, String)
        case text(String)

        var text: String {
            switch self {
            case .title(let text), .text(let text): text
            case .key(let keys, let help): "\(keys) \(help)"
            }
        }
    }

    private static let keyWidth = 16
    private static let usageWidth = 22

    private static func lines(columns: Int) -> [Line] {
        var lines: [Line] = []
        func add(_ title: String, _ pairs: [(String, String)], width: Int) {
            if !lines.isEmpty { lines.append(.text("")) }
            lines.append(.title(title))
            for (name, help) in pairs {
                // What is longer than its column pushes the help to the right, and less of it fits on a line.
                let name = TextWidth.padded(name, to: max(width, TextWidth.of(name) + 2)), start = 2 + TextWidth.of(name)
                for (row, part) in TextWrap.lines(help, width: max(12, columns - start)).enumerated() {
                    lines.append(.key(row == 0 ? name : String(repeating: " ", count: start - 2), part))
                }
            }
        }
        for section in KeyMap.sections { add(section.title, section.lines.map { ($0.keys, $0.help) }, width: keyWidth) }
        let entries = PaletteEntry.all.map { ($0.usage, $0.help) }
        add(
            "In the palette, after :", [("vision/17", "go to that atom; fusion/2/40 is atom 40 in layer 2")] + entries,
            width: usageWidth)
        for (title, text) in [
            ("What the Atoms screen says", atomsText),
            (
                "What the figures are",
                "Effect: what muting one atom in all its layers takes from the log-probability of "
                    + "this answer, measured by running the model again. u, v: cycles per patch; t: cycles per token; period "
                    + "in patches (p) or tokens (t); energy: share of the atom in its stack's spectrum, mean over layers. "
                    + "Align: cosine between what a word and the image, or one patch, put into the spectrum. "
                    + "All of it is atom response, not attention."
            ),
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

    /// All lines in order, to be searched.
    static func texts(_ size: ScreenSize) -> [String] { lines(columns: room(size).columns - 4).map(\.text) }

    /// Lines in view.
    static func rows(_ size: ScreenSize) -> Int { max(0, size.rows - 2) }

    static func lastFirstLine(_ size: ScreenSize) -> Int { max(0, texts(size).count - rows(size)) }

    /// The help screen, to be placed over the rest, and where the terminal's cursor belongs on it.
    static func draw(
        _ help: HelpState, size: ScreenSize, look: Look
    ) -> (grid: CellGrid, place: Rect, cursor: (row: Int, column: Int)?) {
        let place = room(size)
        var grid = CellGrid(rows: place.rows, columns: place.columns)
        let title = help.note.isEmpty ? "Keys; Esc closes, j and k scroll, / searches" : "Keys: \(help.note); n, N go on"
        let inside = PaneFrame(title: title, isFocused: true).draw(on: &grid, look: look).inset(rows: 0, columns: 1)
        let all = lines(columns: inside.columns)
        let first = min(max(0, help.firstLine), max(0, all.count - inside.rows))
        for (offset, line) in all.dropFirst(first).prefix(inside.rows).enumerated() {
            let rect = inside.line(offset)
            switch line {
            case .title(let text): grid.put(text, in: rect, style: .title)
            case .text(let text): grid.put(text, in: rect)
            case .key(let keys, let help):
                grid.put(keys, row: rect.row, column: rect.column + 2, style: .accent, limit: rect.endColumn)
                grid.put(help, row: rect.row, column: rect.column + 2 + TextWidth.of(keys), limit: rect.endColumn)
            }
        }
        grid.mark(help.pattern, in: inside)
        if let hit = help.hit, hit >= first, hit < first + inside.rows {
            grid.put(String(look.glyphs.pointer), row: inside.row + hit - first, column: 0, style: .accent)
        }
        if first > 0 { grid.put(String(look.glyphs.moreAbove), row: 1, column: place.columns - 1, style: .muted) }
        if first + inside.rows < all.count {
            grid.put(String(look.glyphs.moreBelow), row: place.rows - 2, column: place.columns - 1, style: .muted)
        }
        guard let line = help.line else { return (grid, place, nil) }
        let foot = Rect(row: place.rows - 1, column: 1, rows: 1, columns: place.columns - 2)
        let cursor = grid.drawPrompt(line, label: " / ", in: foot)
        return (grid, place, cursor)
    }
}
