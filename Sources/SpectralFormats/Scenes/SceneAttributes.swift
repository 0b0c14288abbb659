/// Which part of the scenes a scene belongs to. `train` and `dev` share their distribution; every scene of `heldout`
/// has at least one object with a colour-shape-texture combination that never occurs in the other two.
public enum SceneSplit: String, Sendable, CaseIterable, Codable {
    case train, dev, heldout

    /// A fixed number for seeding; string hashes differ from run to run.
    var number: UInt64 {
        switch self {
        case .train: 1
        case .dev: 2
        case .heldout: 3
        }
    }
}

/// An attribute with a word for each of its values, numbered in the order they are declared.
public protocol SceneAttribute: RawRepresentable<Int>, CaseIterable, Sendable, Equatable, Codable {
    /// The values in order; kept as an array, because drawing one must not build a list each time.
    static var all: [Self] { get }
    /// How texts name the value, and the answer to a question about it.
    var word: String { get }
}

extension SceneAttribute {
    /// Place in the declaration, from 0.
    public var number: Int { rawValue }

    /// Files name values by their words, so that they read without a table.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(word)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let word = try container.decode(String.self)
        guard let value = Self.all.first(where: { $0.word == word }) else {
            let expected = Self.all.map(\.word).joined(separator: ", ")
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "expected one of: \(expected)")
        }
        self = value
    }
}

public enum SceneColour: Int, SceneAttribute {
    case red, green, blue, yellow, purple, cyan, orange, white

    public static let all = allCases
    private static let words = ["red", "green", "blue", "yellow", "purple", "cyan", "orange", "white"]
    public var word: String { Self.words[rawValue] }

    /// Full-strength red, green and blue, 0 to 255.
    public var rgb: SIMD3<Float> {
        switch self {
        case .red: [220, 40, 40]
        case .green: [40, 180, 60]
        case .blue: [50, 80, 220]
        case .yellow: [235, 220, 50]
        case .purple: [150, 50, 190]
        case .cyan: [60, 210, 220]
        case .orange: [245, 140, 30]
        case .white: [240, 240, 240]
        }
    }
}

public enum SceneShape: Int, SceneAttribute {
    case circle, square, triangle, cross, ring

    public static let all = allCases
    private static let words = ["circle", "square", "triangle", "cross", "ring"]
    private static let plurals = ["circles", "squares", "triangles", "crosses", "rings"]
    public var word: String { Self.words[rawValue] }
    public var plural: String { Self.plurals[rawValue] }

    /// Whether a glyph drawn at the centre is visible in full.
    public var bearsDigits: Bool { self == .circle || self == .square }
}

public enum SceneTexture: Int, SceneAttribute {
    case plain, horizontalStripes, verticalStripes, risingStripes, fallingStripes, checks, dots, digit

    public static let all = allCases
    private static let words = [
        "plain", "horizontal stripes", "vertical stripes", "rising stripes", "falling stripes", "checks", "dots",
        "digit",
    ]
    public var word: String { Self.words[rawValue] }
}

public enum SceneSize: Int, SceneAttribute {
    case small, large

    public static let all = allCases
    private static let words = ["small", "large"]
    public var word: String { Self.words[rawValue] }

    /// Radius in pixels of a circle of this size; the other shapes are drawn in proportion.
    public var radius: Int { self == .small ? 8 : 13 }
    /// Pixels per cell of a digit's 5 x 7 bitmap.
    public var glyphScale: Int { self == .small ? 1 : 2 }
}

public enum SceneTone: Int, SceneAttribute {
    case dark, bright

    public static let all = allCases
    private static let words = ["dark", "bright"]
    public var word: String { Self.words[rawValue] }

    /// The background before its hue shift, 0 to 255.
    public var rgb: SIMD3<Float> { self == .dark ? [35, 35, 40] : [185, 185, 175] }
}

public enum SceneSide: Int, SceneAttribute {
    case left, right, top, bottom

    public static let all = allCases
    private static let words = ["left", "right", "top", "bottom"]
    public var word: String { Self.words[rawValue] }
}

public enum SceneRelation: Int, SceneAttribute {
    case leftOf, rightOf, above, below

    public static let all = allCases
    private static let words = ["left of", "right of", "above", "below"]
    public var word: String { Self.words[rawValue] }

    /// Whether `first` stands in this relation to `second`; centres are compared, y runs downwards.
    public func holds(_ first: SceneObject, _ second: SceneObject) -> Bool {
        switch self {
        case .leftOf: first.x < second.x
        case .rightOf: first.x > second.x
        case .above: first.y < second.y
        case .below: first.y > second.y
        }
    }
}
