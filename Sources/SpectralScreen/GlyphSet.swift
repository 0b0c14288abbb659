/// Which characters draw lines, shades and bars.
///
/// Braille shades are eight dots to a cell: pictures and crowded heatmaps show eight values where the others show one,
/// as long as no colours do it better. Its lines and its bars from the left are those of the blocks, which are finer than
/// two dots.
public enum GlyphSet: String, Hashable, Sendable, CaseIterable {
    case ascii, blocks, braille

    /// Shades from nothing to full, each with more ink than the one before: what makes a heatmap readable without colour.
    public var ramp: [Character] {
        switch self {
        case .ascii: Self.asciiRamp
        case .blocks: Self.blockRamp
        case .braille: Self.brailleRamp
        }
    }

    private static let asciiRamp: [Character] = Array(" .:-=+*#%@")
    private static let blockRamp: [Character] = Array(" ·░▒▓█")
    /// Dots spread over the cell, as `Dither` spreads them: a shade is a texture and not a bar.
    private static let brailleRamp: [Character] = Array(" ⠁⠅⠕⢕⢝⢽⢿⣿")

    /// Eight directions from angle 0 on, counter-clockwise in steps of 45 degrees.
    public var directions: [Character] { self == .ascii ? Self.asciiDirections : Self.arrows }
    private static let asciiDirections: [Character] = Array(">/^\\<,v.")
    private static let arrows: [Character] = Array("→↗↑↖←↙↓↘")

    /// Eighths of a cell from the left, for bars; only full cells in ASCII.
    public var barParts: [Character] { self == .ascii ? ["#"] : Self.eighths }
    private static let eighths: [Character] = Array("▏▎▍▌▋▊▉█")

    /// Parts of a cell from below, least ink first, for columns; in ASCII darker letters for fuller cells.
    public var columnParts: [Character] {
        switch self {
        case .ascii: Self.asciiColumn
        case .blocks: Self.blockColumn
        case .braille: Self.brailleColumn
        }
    }
    private static let asciiColumn = Array(asciiRamp.dropFirst())
    private static let blockColumn: [Character] = Array("▁▂▃▄▅▆▇█")
    private static let brailleColumn: [Character] = Array("⣀⣤⣶⣿")

    public var barEmpty: Character { self == .ascii ? "." : "·" }
    public var horizontal: Character { self == .ascii ? "-" : "─" }
    public var vertical: Character { self == .ascii ? "|" : "│" }
    public var topLeft: Character { self == .ascii ? "+" : "┌" }
    public var topRight: Character { self == .ascii ? "+" : "┐" }
    public var bottomLeft: Character { self == .ascii ? "+" : "└" }
    public var bottomRight: Character { self == .ascii ? "+" : "┘" }
    public var pointer: Character { self == .ascii ? ">" : "▸" }
    public var ellipsis: String { self == .ascii ? "~" : "…" }
    public var moreAbove: Character { self == .ascii ? "^" : "▲" }
    public var moreBelow: Character { self == .ascii ? "v" : "▼" }
    /// What stands for a masked value.
    public var masked: Character { " " }
}
