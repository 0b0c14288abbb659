// Lines, bars and the strip of effects that the Lens screen's panes are made of.

import SpectralLens
import SpectralScreen

/// Pieces of one line, each in its own style.
typealias StyledLine = [(text: String, style: Style)]

enum LensLines {
    static func plain(_ text: String, _ style: Style = .plain) -> StyledLine { [(text, style)] }

    static func wrapped(_ text: String, _ columns: Int, _ style: Style = .plain) -> [StyledLine] {
        TextWrap.lines(text, width: columns).map { plain($0, style) }
    }

    /// Draws as many lines as fit from `first` on, or the last ones where there are not so many; arrows in the pane's
    /// edge say that there are more.
    static func draw(_ lines: [StyledLine], first: Int, in rect: Rect, on grid: inout CellGrid, look: Look) {
        let first = min(max(0, first), max(0, lines.count - rect.rows))
        for (offset, line) in lines.dropFirst(first).prefix(rect.rows).enumerated() {
            var column = rect.column
            for piece in line where column < rect.endColumn {
                let text = TextWidth.truncated(piece.text, to: rect.endColumn - column, ellipsis: look.glyphs.ellipsis)
                column += grid.put(text, row: rect.row + offset, column: column, style: piece.style, limit: rect.endColumn)
            }
        }
        if first > 0 { grid.put(String(look.glyphs.moreAbove), row: rect.row, column: grid.columns - 1, style: .muted) }
        if first + rect.rows < lines.count {
            grid.put(String(look.glyphs.moreBelow), row: rect.endRow - 1, column: grid.columns - 1, style: .muted)
        }
    }

    // MARK: Figures

    /// Three decimals under 10, one above.
    static func figure(_ x: Float) -> String { Figure.fixed(Double(x), x.magnitude < 9.9995 ? 3 : 1) }

    /// The same with a sign, unless it rounds to zero.
    static func change(_ x: Float) -> String {
        let text = figure(x)
        return x > 0 && text.contains { $0 != "0" && $0 != "." } ? "+" + text : text
    }

    static func cell(_ text: String, _ width: Int) -> String { TextWidth.padded(text, to: width, atRight: true) }

    /// A bar to the left of its middle for what is lost, to the right for what is gained; full at ± `most`.
    static func bar(_ value: Float, most: Float, width: Int, _ glyphs: GlyphSet) -> String {
        let half = (width - 1) / 2
        guard half > 0 else { return "" }
        let share = most > 0 && value.isFinite ? min(1, value.magnitude / most) : 0
        let cells = Int((share * Float(half)).rounded()), ink = glyphs.barParts[glyphs.barParts.count - 1]
        let full = String(repeating: ink, count: cells), rest = String(repeating: " ", count: half - cells)
        let blank = String(repeating: " ", count: half)
        return value < 0 ? rest + full + String(glyphs.vertical) + blank : blank + String(glyphs.vertical) + full + rest
    }

    /// A bar for a share from 0 to 1; what is missing is dotted.
    static func gauge(_ share: Float, width: Int, _ glyphs: GlyphSet) -> String {
        let clamped = share.isFinite ? min(max(share, 0), 1) : 0, cells = Int((clamped * Float(width)).rounded())
        let ink = glyphs.barParts[glyphs.barParts.count - 1]
        return String(repeating: ink, count: cells) + String(repeating: glyphs.barEmpty, count: max(0, width - cells))
    }
}

/// Effects as columns of ink over a line, zero on the line and the edit's own effect under it.
enum EffectStrip {
    /// - Parameters:
    ///   - height: rows of ink.
    ///   - unit: of the effects.
    static func lines(
        _ effects: [Float], edit: Float, unit: String, width: Int, height: Int, look: Look
    ) -> [StyledLine] {
        guard width >= 8, height >= 1 else { return [] }
        var low = min(effects.min() ?? 0, edit, 0), high = max(effects.max() ?? 0, edit, 0)
        // All is zero: any width will do to show one place.
        if high <= low { (low, high) = (-1, 1) }
        func place(_ x: Float) -> Int { Int(((x - low) / (high - low) * Float(width - 1)).rounded()) }
        var counts = [Int](repeating: 0, count: width)
        for effect in effects { counts[place(effect)] += 1 }
        let most = max(1, counts.max() ?? 1), parts = look.glyphs.columnParts
        var lines: [StyledLine] = (0..<height).map { row in
            let text = counts.map { count -> Character in
                let filled = Float(count * height) / Float(most) - Float(height - 1 - row)
                guard filled > 0 else { return " " }
                return parts[min(parts.count, max(1, Int((filled * Float(parts.count)).rounded(.up)))) - 1]
            }
            return LensLines.plain(String(text), .accent)
        }
        var axis = [Character](repeating: look.glyphs.horizontal, count: width)
        axis[place(0)] = "0"
        lines.append(LensLines.plain(String(axis), .muted))
        let at = place(edit), mark = String(look.glyphs.moreAbove), name = "the edit"
        let isAtRight = at + 2 + name.count <= width
        lines.append([
            (String(repeating: " ", count: isAtRight ? at : max(0, at - name.count - 1)), .plain),
            (isAtRight ? "\(mark) \(name)" : "\(name) \(mark)", Style(.warning, .bold)),
        ])
        let left = LensLines.change(low), right = "\(LensLines.change(high)) \(unit)"
        let gap = String(repeating: " ", count: max(1, width - left.count - right.count))
        lines.append(LensLines.plain(left + gap + right, .muted))
        lines.append(LensLines.plain("the highest column is \(most) of \(effects.count) random sets", .muted))
        return lines
    }
}
