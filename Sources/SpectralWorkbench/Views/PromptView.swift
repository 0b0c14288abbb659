import SpectralScreen

/// The line to write on, with the task in its frame.
enum PromptView {
    private static let label = "> "

    static func draw(_ state: WorkbenchState, size: ScreenSize, look: Look) -> CellGrid {
        var grid = CellGrid(rows: size.rows, columns: size.columns)
        let isFocused = state.focus == .prompt
        let line = PaneFrame(title: "", isFocused: isFocused).draw(on: &grid, look: look)
        var column = 1
        if isFocused { column += grid.put(" \(look.glyphs.pointer)", row: 0, column: column, style: Style(.accent, .bold)) }
        for task in state.tasks {
            let isChosen = task == state.task
            // Brackets say which one it is where there are no colours.
            let text = isChosen ? "[\(task.rawValue)]" : " \(task.rawValue) "
            column += grid.put(
                " \(text)", row: 0, column: column, style: isChosen ? Style(.accent, .bold) : .muted,
                limit: size.columns - 1)
        }
        grid.put(" ", row: 0, column: column, limit: size.columns - 1)
        let inside = line.inset(rows: 0, columns: 1)
        if !state.task.takesWords {
            grid.put("Enter describes the image", in: inside, style: .muted, ellipsis: look.glyphs.ellipsis)
        } else if state.prompt.isEmpty, !isFocused {
            grid.put(hint(state.task), in: inside, style: .muted, ellipsis: look.glyphs.ellipsis)
        } else {
            grid.drawPrompt(state.prompt, label: label, in: inside, isFocused: isFocused)
            if state.prompt.isEmpty {
                grid.put(
                    hint(state.task), in: Rect(row: inside.row, column: inside.column + 3, rows: 1, columns: inside.columns - 3),
                    style: .muted, ellipsis: look.glyphs.ellipsis)
            }
        }
        return grid
    }

    private static func hint(_ task: AskTask) -> String {
        task == .ask ? "a question about the image" : "what to find in the image"
    }

    /// Where the terminal's cursor belongs inside the pane; nil while the line is not being written.
    static func cursor(_ state: WorkbenchState, size: ScreenSize) -> (row: Int, column: Int)? {
        guard state.focus == .prompt, state.overlay == nil, state.task.takesWords, size.rows >= 3 else { return nil }
        var grid = CellGrid(rows: size.rows, columns: size.columns)
        return grid.drawPrompt(state.prompt, label: label, in: grid.bounds.inset().inset(rows: 0, columns: 1))
    }
}
