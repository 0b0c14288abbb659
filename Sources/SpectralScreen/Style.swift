/// What a colour is for; the theme decides how it looks.
public enum Role: UInt8, Hashable, Sendable, CaseIterable {
    case muted, title, accent, border, good, warning, bad, user, answer, selection, highlight
}

/// A colour without its red, green and blue: the terminal's own, a role of the theme, or a place among xterm's 256.
public enum Ink: Hashable, Sendable {
    case terminal
    case role(Role)
    case indexed(UInt8)
}

/// Looks of text that do not depend on colour.
public struct Attributes: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    public static let bold = Attributes(rawValue: 1)
    public static let dim = Attributes(rawValue: 2)
    public static let reverse = Attributes(rawValue: 4)
    public static let underline = Attributes(rawValue: 8)
}

/// How one cell looks.
public struct Style: Hashable, Sendable {
    public var foreground: Ink
    public var background: Ink
    public var attributes: Attributes

    public init(_ foreground: Ink = .terminal, on background: Ink = .terminal, _ attributes: Attributes = []) {
        self.foreground = foreground
        self.background = background
        self.attributes = attributes
    }

    /// A style of one role: `selection` and `highlight` colour the background, the others the text.
    public init(_ role: Role, _ attributes: Attributes = []) {
        switch role {
        case .selection, .highlight: self.init(.terminal, on: .role(role), attributes)
        default: self.init(.role(role), on: .terminal, attributes)
        }
    }

    public static let plain = Style()
    public static let muted = Style(.muted)
    public static let title = Style(.title, .bold)
    public static let accent = Style(.accent)
    public static let border = Style(.border)
    public static let good = Style(.good)
    public static let warning = Style(.warning)
    public static let bad = Style(.bad)
    public static let selection = Style(.selection)
    public static let highlight = Style(.highlight)

    /// The same style with `more` attributes.
    public func adding(_ more: Attributes) -> Style {
        Style(foreground, on: background, attributes.union(more))
    }

    /// The same style with the opposite of reverse: how a cursor marks a cell in every colour mode.
    public var inverted: Style { Style(foreground, on: background, attributes.symmetricDifference(.reverse)) }
}
