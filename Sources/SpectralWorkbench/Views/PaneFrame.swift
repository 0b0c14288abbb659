import SpectralScreen

/// What a pane's frame says.
struct PaneFrame {
    let title: String
    let isFocused: Bool

    /// Draws the frame around the whole grid and returns the room inside, one column off each side of it.
    ///
    /// The focus shows in the frame's colour and, without colours, by a pointer before the title.
    func draw(on grid: inout CellGrid, look: Look) -> Rect {
        let shown = isFocused ? "\(look.glyphs.pointer) \(title)" : title
        let inside = grid.box(
            grid.bounds, title: shown, look: look, style: isFocused ? .accent : .border,
            titleStyle: isFocused ? Style(.accent, .bold) : .title)
        return inside
    }
}

extension CellGrid {
    /// Writes into the lower edge of a pane's frame the first of these texts that fits, cut if none does.
    mutating func putUnderneath(_ texts: [String]) {
        guard rows >= 2, columns > 4, let text = texts.first(where: { TextWidth.of($0) <= columns - 4 }) ?? texts.last else {
            return
        }
        put(" \(text) ", row: rows - 1, column: 1, style: .muted, limit: columns - 1)
    }

    /// Draws text in a muted style, wrapped, from the top of `rect`: what an empty pane says.
    mutating func drawNote(_ text: String, in rect: Rect, style: Style = .muted) {
        drawLines(TextWrap.lines(text, width: rect.columns), in: rect, style: style)
    }
}
