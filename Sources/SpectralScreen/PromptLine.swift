/// One line of text being edited; its history is kept elsewhere.
///
/// What it guarantees: the text holds only what can be shown, and the cursor is between two glyphs (or at an end).
public struct PromptLine: Hashable, Sendable {
    public private(set) var glyphs: [Glyph]
    /// Glyphs before the cursor, 0...glyphs.count.
    public private(set) var cursor: Int

    public init(_ text: String = "") {
        glyphs = PromptLine.clean(text)
        cursor = glyphs.count
    }

    public var text: String { String(glyphs.map(\.character)) }
    public var isEmpty: Bool { glyphs.isEmpty }

    /// Line ends and tabs of pasted text become spaces: the line is one line.
    private static func clean(_ text: String) -> [Glyph] {
        text.flatMap { character in
            character.isNewline || character == "\t"
                ? [Glyph(character: " ", width: 1)] : TextWidth.glyphs(of: String(character))
        }
    }

    public mutating func set(_ text: String) { self = PromptLine(text) }
    public mutating func clear() { self = PromptLine() }

    public mutating func insert(_ text: String) {
        let new = PromptLine.clean(text)
        glyphs.insert(contentsOf: new, at: cursor)
        cursor += new.count
    }

    public mutating func deleteBackward() {
        guard cursor > 0 else { return }
        cursor -= 1
        glyphs.remove(at: cursor)
    }

    public mutating func deleteForward() {
        if cursor < glyphs.count { glyphs.remove(at: cursor) }
    }

    /// Removes the spaces before the cursor and the word before them.
    public mutating func deleteWord() {
        let start = wordStart()
        glyphs.removeSubrange(start..<cursor)
        cursor = start
    }

    public mutating func deleteToStart() {
        glyphs.removeSubrange(..<cursor)
        cursor = 0
    }

    public mutating func deleteToEnd() { glyphs.removeSubrange(cursor...) }
    public mutating func moveLeft() { cursor = max(0, cursor - 1) }
    public mutating func moveRight() { cursor = min(glyphs.count, cursor + 1) }
    public mutating func moveToStart() { cursor = 0 }
    public mutating func moveToEnd() { cursor = glyphs.count }

    private func wordStart() -> Int {
        var place = cursor
        while place > 0, glyphs[place - 1].character == " " { place -= 1 }
        while place > 0, glyphs[place - 1].character != " " { place -= 1 }
        return place
    }

    /// Edits by one key; false if the key means nothing to a line (enter, escape, up, down, tab and the like).
    public mutating func handle(_ key: Key) -> Bool {
        switch key {
        case .character(let character): insert(String(character))
        case .left, .control("b"): moveLeft()
        case .right, .control("f"): moveRight()
        case .home, .control("a"): moveToStart()
        case .end, .control("e"): moveToEnd()
        case .backspace, .control("h"): deleteBackward()
        case .delete, .control("d"): deleteForward()
        case .control("w"): deleteWord()
        case .control("u"): deleteToStart()
        case .control("k"): deleteToEnd()
        default: return false
        }
        return true
    }

    /// What to show in `width` cells, scrolled so that the cursor is in view, and the cursor's column there
    /// (0..<width; 0 if there is no room).
    public func view(width: Int) -> (text: String, cursorColumn: Int) {
        guard width > 0 else { return ("", 0) }
        // From the cursor to the left as far as fits with one cell left for the cursor itself.
        var start = cursor
        var before = 0
        while start > 0, before + glyphs[start - 1].width < width {
            start -= 1
            before += glyphs[start].width
        }
        var used = 0
        var end = start
        while end < glyphs.count, used + glyphs[end].width <= width {
            used += glyphs[end].width
            end += 1
        }
        return (String(glyphs[start..<end].map(\.character)), before)
    }
}

extension CellGrid {
    /// Draws a label and the line after it on the first line of `rect`; returns where the terminal's cursor belongs,
    /// nil if there is no room.
    @discardableResult
    public mutating func drawPrompt(
        _ prompt: PromptLine, label: String = "", in rect: Rect, style: Style = .plain, isFocused: Bool = true
    ) -> (row: Int, column: Int)? {
        let rect = rect.intersection(bounds)
        guard !rect.isEmpty else { return nil }
        fill(rect.line(0), style: style)
        let labelWidth = min(TextWidth.of(label), max(0, rect.columns - 4))
        put(label, row: rect.row, column: rect.column, style: .accent, limit: rect.column + labelWidth)
        let view = prompt.view(width: rect.columns - labelWidth)
        let start = rect.column + labelWidth
        put(view.text, row: rect.row, column: start, style: style, limit: rect.endColumn)
        guard isFocused else { return nil }
        return (rect.row, min(start + view.cursorColumn, rect.endColumn - 1))
    }
}
