// What a person may leave to the program or settle by name, on the command line and in the config.

/// One of a few values, each with a name.
public protocol Named: CaseIterable, Hashable, Sendable {
    var name: String { get }
}

extension Theme: Named { public var name: String { rawValue } }
extension GlyphSet: Named { public var name: String { rawValue } }

extension ColorMode: Named {
    /// The number of colours, or `mono`.
    public var name: String { self == .mono ? "mono" : "\(rawValue)" }
}

/// `auto`, or a value by its name.
public enum Choice<Value: Named>: Hashable, Sendable {
    case auto
    case fixed(Value)

    public init?(name: String) {
        if name == "auto" {
            self = .auto
        } else {
            guard let value = Value.allCases.first(where: { $0.name == name }) else { return nil }
            self = .fixed(value)
        }
    }

    public var name: String { value?.name ?? "auto" }

    /// Nil where the program is to choose.
    public var value: Value? { if case .fixed(let value) = self { value } else { nil } }

    /// Every name, `auto` first.
    public static var names: [String] { ["auto"] + Value.allCases.map(\.name) }
}
