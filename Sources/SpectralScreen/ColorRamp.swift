/// Colours for shades: lightness rises (or falls, on a light background) evenly with the value.
public enum ColorRamp {
    /// The places of xterm's 240 fixed colours nearest to viridis (matplotlib) in OKLab, thinned so that lightness
    /// (0.34 to 0.89) rises with each step.
    static let viridis: [UInt8] = [53, 54, 24, 30, 36, 71, 77, 113, 148, 184, 220]
    /// A circle of hue at OKLab lightness 0.71 to 0.80 and chroma near 0.12, again as the nearest fixed colours.
    static let hues: [UInt8] = [
        210, 209, 179, 179, 143, 107, 78, 43, 44, 44, 74, 75, 111, 111, 147, 176, 176, 175, 211,
    ]
    private static let darkSixteen: [UInt8] = [4, 12, 6, 2, 10, 11]
    private static let lightSixteen: [UInt8] = [11, 10, 2, 6, 12, 4]
    private static let darkEight: [UInt8] = [4, 6, 2, 3]
    private static let lightEight: [UInt8] = [3, 2, 6, 4]
    private static let huesOfEight: [UInt8] = [1, 3, 2, 6, 4, 5]

    /// The colour for a fraction 0...1; nil in mono.
    public static func sequential(_ fraction: Float, _ look: Look) -> UInt8? {
        let isDark = look.theme == .dark
        return switch look.colors {
        case .full: pick(viridis, isDark ? fraction : 1 - fraction)
        case .sixteen: pick(isDark ? darkSixteen : lightSixteen, fraction)
        case .eight: pick(isDark ? darkEight : lightEight, fraction)
        case .mono: nil
        }
    }

    /// The colour for a part of a turn, 0 <= part < 1; nil in mono.
    public static func cyclic(_ part: Float, _ look: Look) -> UInt8? {
        switch look.colors {
        case .full: cycle(hues, part)
        case .sixteen, .eight: cycle(huesOfEight, part)
        case .mono: nil
        }
    }

    /// The glyph for a fraction 0...1. Anything above the lowest step shows some ink.
    public static func glyph(_ fraction: Float, _ glyphs: GlyphSet) -> Character { pick(glyphs.ramp, fraction) }

    /// The glyph for a part of a turn: the nearest of eight directions.
    public static func direction(_ part: Float, _ glyphs: GlyphSet) -> Character { cycle(glyphs.directions, part) }

    private static func pick<Element>(_ steps: [Element], _ fraction: Float) -> Element {
        let clamped = fraction.isFinite ? min(max(fraction, 0), 1) : 0
        return steps[min(Int(clamped * Float(steps.count)), steps.count - 1)]
    }

    private static func cycle<Element>(_ steps: [Element], _ part: Float) -> Element {
        guard part.isFinite else { return steps[0] }
        let place = Int((part - part.rounded(.down)) * Float(steps.count) + 0.5)
        return steps[place % steps.count]
    }
}
