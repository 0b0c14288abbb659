import SpectralScreen

extension CellGrid {
    /// The screen as text with the escape sequences (ISO 6429, 256 colours as in xterm) that show it in colour.
    public func colouredText(_ look: Look) -> String {
        var lines: [String] = []
        for row in 0..<rows {
            var line = "", shown = look.resolve(.plain)
            for column in 0..<columns {
                let cell = cell(row: row, column: column)
                guard cell.width != 0 else { continue }
                let style = look.resolve(cell.style)
                if style != shown {
                    line += Self.sequence(style)
                    shown = style
                }
                line.append(cell.character)
            }
            lines.append(line + "\u{1B}[0m")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func sequence(_ style: ResolvedStyle) -> String {
        var codes = ["0"]
        for (attribute, code) in [(Attributes.bold, "1"), (.dim, "2"), (.underline, "4"), (.reverse, "7")]
        where style.attributes.contains(attribute) { codes.append(code) }
        if style.foreground >= 0 { codes.append("38;5;\(style.foreground)") }
        if style.background >= 0 { codes.append("48;5;\(style.background)") }
        return "\u{1B}[" + codes.joined(separator: ";") + "m"
    }
}
