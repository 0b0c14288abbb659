/// How many colours may be used.
public enum ColorMode: Int, Hashable, Sendable, CaseIterable {
    case mono = 0, eight = 8, sixteen = 16, full = 256

    /// The richest mode for a terminal of `colors` colours; `noColor` is whether NO_COLOR is set and not empty.
    public static func best(forColors colors: Int, noColor: Bool = false) -> ColorMode {
        if noColor { return .mono }
        return switch colors {
        case 256...: .full
        case 16...: .sixteen
        case 8...: .eight
        default: .mono
        }
    }
}

/// Whether the terminal's background is dark or light.
public enum Theme: String, Hashable, Sendable, CaseIterable {
    case dark, light

    /// Read from the variable COLORFGBG ("15;0": the last number is the background); dark when it says nothing.
    public static func detected(colorForegroundBackground value: String?) -> Theme {
        guard let last = value?.split(separator: ";").last, let background = Int(last) else { return .dark }
        return background == 7 || background == 15 ? .light : .dark
    }
}

/// Everything besides data that decides how a view is drawn.
public struct Look: Hashable, Sendable {
    public var glyphs: GlyphSet
    public var colors: ColorMode
    public var theme: Theme

    public init(glyphs: GlyphSet = .blocks, colors: ColorMode = .full, theme: Theme = .dark) {
        self.glyphs = glyphs
        self.colors = colors
        self.theme = theme
    }

    /// A style as the terminal takes it.
    public func resolve(_ style: Style) -> ResolvedStyle { Palette.resolve(style, colors, theme) }
}

/// A style in a terminal's own colour numbers; -1 is the terminal's default.
public struct ResolvedStyle: Hashable, Sendable {
    public var foreground: Int16
    public var background: Int16
    public var attributes: Attributes
}

/// From roles and 256-colour places to what a terminal can show.
///
/// The 256 colours are xterm's: 16 named, a cube of 6 x 6 x 6, 24 greys. A poorer terminal gets the named colour
/// nearest in RGB; a mono one gets bold, dim, reverse and underline in place of roles.
public enum Palette {
    static func resolve(_ style: Style, _ mode: ColorMode, _ theme: Theme) -> ResolvedStyle {
        var resolved = ResolvedStyle(foreground: -1, background: -1, attributes: style.attributes)
        resolved.foreground = number(of: style.foreground, mode, theme, &resolved.attributes, isBackground: false)
        resolved.background = number(of: style.background, mode, theme, &resolved.attributes, isBackground: true)
        return resolved
    }

    private static func number(
        of ink: Ink, _ mode: ColorMode, _ theme: Theme, _ attributes: inout Attributes, isBackground: Bool
    ) -> Int16 {
        switch ink {
        case .terminal: return -1
        case .indexed(let index):
            return mode == .mono ? -1 : Int16(nearest(to: index, in: mode))
        case .role(let role):
            if isBackground, role == .selection || role == .highlight, mode == .mono || mode == .eight {
                attributes.formUnion(.reverse)
                return -1
            }
            if mode == .mono {
                if !isBackground { attributes.formUnion(monoAttributes(of: role)) }
                return -1
            }
            if mode == .full { return theme == .dark ? darkFull(role) : lightFull(role) }
            return named(role, mode, theme, &attributes)
        }
    }

    private static func monoAttributes(of role: Role) -> Attributes {
        switch role {
        case .muted, .border: .dim
        case .title, .accent, .bad: .bold
        case .warning: .underline
        case .good, .user, .answer, .selection, .highlight: []
        }
    }

    private static func darkFull(_ role: Role) -> Int16 {
        switch role {
        case .muted: 245
        case .title: 255
        case .accent: 80
        case .border: 240
        case .good: 114
        case .warning: 221
        case .bad: 203
        case .user: 117
        case .answer: 157
        case .selection: 238
        case .highlight: 58
        }
    }

    private static func lightFull(_ role: Role) -> Int16 {
        switch role {
        case .muted: 243
        case .title: 232
        case .accent: 25
        case .border: 249
        case .good: 28
        case .warning: 130
        case .bad: 160
        case .user: 26
        case .answer: 22
        case .selection: 153
        case .highlight: 229
        }
    }

    /// Named colours 0 to 7; in 16-colour mode on a dark background their bright twins.
    private static func named(_ role: Role, _ mode: ColorMode, _ theme: Theme, _ attributes: inout Attributes) -> Int16 {
        let bright: Int16 = mode == .sixteen && theme == .dark ? 8 : 0
        switch role {
        case .muted, .border:
            if mode == .sixteen { return 8 }
            attributes.formUnion(.dim)
            return -1
        case .title: return -1
        case .accent: return theme == .dark ? 6 + bright : 4
        case .good: return 2 + bright
        case .warning: return 3 + bright
        case .bad: return 1 + bright
        case .user: return theme == .dark ? 4 + bright : 4
        case .answer: return 2 + bright
        case .selection: return mode == .eight ? 0 : theme == .dark ? 8 : 7
        case .highlight: return 3
        }
    }

    /// Red, green and blue of a 256-colour place, 0 to 255 each.
    public static func components(of index: UInt8) -> (red: Int, green: Int, blue: Int) {
        let place = Int(index)
        if place < 16 {
            let value = namedComponents[place]
            return (value >> 16, (value >> 8) & 0xFF, value & 0xFF)
        }
        if place >= 232 {
            let grey = 8 + 10 * (place - 232)
            return (grey, grey, grey)
        }
        let cube = place - 16
        return (cubeLevel(cube / 36), cubeLevel(cube / 6 % 6), cubeLevel(cube % 6))
    }

    /// The place among the 240 fixed colours (16 to 255) nearest to a colour; components are clamped to 0...255.
    public static func index(red: Int, green: Int, blue: Int) -> UInt8 {
        let (r, g, b) = (clamp(red), clamp(green), clamp(blue))
        let cube = (cubeStep(r), cubeStep(g), cubeStep(b))
        let grey = min(max(((r + g + b) / 3 - 3) / 10, 0), 23)
        let greyLevel = 8 + 10 * grey
        let cubeError = distance((r, g, b), (cubeLevel(cube.0), cubeLevel(cube.1), cubeLevel(cube.2)))
        let greyError = distance((r, g, b), (greyLevel, greyLevel, greyLevel))
        return greyError < cubeError ? UInt8(232 + grey) : UInt8(16 + 36 * cube.0 + 6 * cube.1 + cube.2)
    }

    /// `index` itself in full mode, else the nearest of the first 16 or 8 colours.
    static func nearest(to index: UInt8, in mode: ColorMode) -> UInt8 {
        switch mode {
        case .full: index
        case .sixteen: nearestOfSixteen[Int(index)]
        case .eight, .mono: nearestOfEight[Int(index)]
        }
    }

    private static let nearestOfSixteen = (0..<256).map { nearestNamed(UInt8($0), count: 16) }
    private static let nearestOfEight = (0..<256).map { nearestNamed(UInt8($0), count: 8) }

    private static func nearestNamed(_ index: UInt8, count: Int) -> UInt8 {
        if Int(index) < count { return index }
        let wanted = components(of: index)
        var best = 0
        var bestError = Int.max
        for candidate in 0..<count {
            let error = distance(wanted, components(of: UInt8(candidate)))
            if error < bestError { (best, bestError) = (candidate, error) }
        }
        return UInt8(best)
    }

    /// xterm's defaults for colours 0 to 15.
    private static let namedComponents = [
        0x000000, 0xCD0000, 0x00CD00, 0xCDCD00, 0x0000EE, 0xCD00CD, 0x00CDCD, 0xE5E5E5,
        0x7F7F7F, 0xFF0000, 0x00FF00, 0xFFFF00, 0x5C5CFF, 0xFF00FF, 0x00FFFF, 0xFFFFFF,
    ]

    private static func clamp(_ value: Int) -> Int { min(max(value, 0), 255) }
    private static func cubeLevel(_ step: Int) -> Int { step == 0 ? 0 : 55 + 40 * step }
    private static func cubeStep(_ value: Int) -> Int { value < 48 ? 0 : value < 115 ? 1 : (value - 35) / 40 }

    private static func distance(_ a: (Int, Int, Int), _ b: (Int, Int, Int)) -> Int {
        let (r, g, b) = (a.0 - b.0, a.1 - b.1, a.2 - b.2)
        return r * r + g * g + b * b
    }
}
