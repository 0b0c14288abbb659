/// Decides whether a caption is true of a scene by reading it: its own grammar, not the code that writes captions.
///
///     caption  = object [relation object] ["and" number "more" ("object" | "objects")]
///     object   = "a" size ("plain" colour shape | colour shape "with" pattern)
///     pattern  = direction "stripes" | "checks" | "dots" | "the" "digit" number
///     relation = "left of" | "right of" | "above" | "below"
public struct CaptionJudge {
    /// An object as a caption describes it.
    public struct Description: Sendable, Equatable {
        public let size: SceneSize
        public let colour: SceneColour
        public let shape: SceneShape
        public let texture: SceneTexture
        public let digit: Int?

        func matches(_ object: SceneObject) -> Bool {
            size == object.size && colour == object.colour && shape == object.shape && texture == object.texture
                && digit == object.digit
        }
    }

    /// What a caption claims.
    public struct Reading: Sendable, Equatable {
        public let first: Description
        public let relation: SceneRelation?
        public let second: Description?
        /// How many more objects it says there are; 0 when it says nothing.
        public let remaining: Int
    }

    /// What was found. A claim the caption does not make is nil.
    public struct Verdict: Sendable, Equatable {
        /// nil when the caption does not follow the grammar.
        public let reading: Reading?
        /// Whether some object is as the first phrase says.
        public let firstIsTrue: Bool?
        /// Whether some object is as the second phrase says: one other than the first phrase's, if that is true.
        public let secondIsTrue: Bool?
        /// Whether the relation holds for some pair of distinct objects as described.
        public let relationIsTrue: Bool?
        /// Whether the number of objects left undescribed is right.
        public let remainingIsTrue: Bool?
        /// Whether the caption is grammatical and everything it claims is true together.
        public let fullyRight: Bool
    }

    public static func judge(_ caption: String, against scene: Scene) -> Verdict {
        guard let reading = read(caption) else {
            return Verdict(
                reading: nil, firstIsTrue: nil, secondIsTrue: nil, relationIsTrue: nil, remainingIsTrue: nil,
                fullyRight: false)
        }
        let firsts = scene.objects.indices.filter { reading.first.matches(scene.objects[$0]) }
        let described = reading.second == nil ? 1 : 2
        let remainingIsTrue = scene.objects.count - described == reading.remaining
        guard let second = reading.second, let relation = reading.relation else {
            return Verdict(
                reading: reading, firstIsTrue: !firsts.isEmpty, secondIsTrue: nil, relationIsTrue: nil,
                remainingIsTrue: remainingIsTrue, fullyRight: !firsts.isEmpty && remainingIsTrue)
        }
        let seconds = scene.objects.indices.filter { second.matches(scene.objects[$0]) }
        // One object cannot be both.
        let secondIsTrue = seconds.contains { candidate in firsts.isEmpty || firsts.contains { $0 != candidate } }
        let relationIsTrue = firsts.contains { one in
            seconds.contains { $0 != one && relation.holds(scene.objects[one], scene.objects[$0]) }
        }
        return Verdict(
            reading: reading, firstIsTrue: !firsts.isEmpty, secondIsTrue: secondIsTrue, relationIsTrue: relationIsTrue,
            remainingIsTrue: remainingIsTrue, fullyRight: relationIsTrue && remainingIsTrue)
    }

    /// The claims of a caption, or nil when it does not follow the grammar.
    public static func read(_ caption: String) -> Reading? {
        var reader = CaptionReader(words: caption.split(separator: " "))
        guard let first = reader.description() else { return nil }
        var relation: SceneRelation?
        var second: Description?
        if !reader.isAtEnd, !reader.sees("and") {
            guard let found = reader.relation(), let described = reader.description() else { return nil }
            (relation, second) = (found, described)
        }
        var remaining = 0
        if reader.take("and") {
            guard let number = reader.number(), number > 0, reader.take("more"),
                reader.take(number == 1 ? "object" : "objects")
            else { return nil }
            remaining = number
        }
        return reader.isAtEnd ? Reading(first: first, relation: relation, second: second, remaining: remaining) : nil
    }
}

/// Reads a caption word by word. Each function takes what it names, or returns nil.
private struct CaptionReader {
    private let words: [Substring]
    private var place = 0

    init(words: [Substring]) { self.words = words }

    var isAtEnd: Bool { place == words.count }

    func sees(_ word: String) -> Bool { place < words.count && words[place] == word }

    mutating func take(_ word: String) -> Bool {
        guard sees(word) else { return false }
        place += 1
        return true
    }

    private mutating func oneOf<Value>(_ table: [(String, Value)]) -> Value? {
        for (word, value) in table where take(word) { return value }
        return nil
    }

    mutating func number() -> Int? {
        oneOf([
            ("zero", 0), ("one", 1), ("two", 2), ("three", 3), ("four", 4), ("five", 5), ("six", 6), ("seven", 7),
            ("eight", 8), ("nine", 9),
        ])
    }

    mutating func relation() -> SceneRelation? {
        guard
            let found: SceneRelation = oneOf([
                ("left", .leftOf), ("right", .rightOf), ("above", .above), ("below", .below),
            ])
        else { return nil }
        if found == .leftOf || found == .rightOf { return take("of") ? found : nil }
        return found
    }

    mutating func description() -> CaptionJudge.Description? {
        guard take("a"), let size: SceneSize = oneOf([("small", .small), ("large", .large)]) else { return nil }
        let isPlain = take("plain")
        guard
            let colour: SceneColour = oneOf([
                ("red", .red), ("green", .green), ("blue", .blue), ("yellow", .yellow), ("purple", .purple),
                ("cyan", .cyan), ("orange", .orange), ("white", .white),
            ]),
            let shape: SceneShape = oneOf([
                ("circle", .circle), ("square", .square), ("triangle", .triangle), ("cross", .cross), ("ring", .ring),
            ])
        else { return nil }
        var texture = SceneTexture.plain
        var digit: Int?
        if !isPlain {
            guard take("with"),
                let found: SceneTexture = oneOf([
                    ("horizontal", .horizontalStripes), ("vertical", .verticalStripes), ("rising", .risingStripes),
                    ("falling", .fallingStripes), ("checks", .checks), ("dots", .dots), ("the", .digit),
                ])
            else { return nil }
            texture = found
            switch found {
            case .horizontalStripes, .verticalStripes, .risingStripes, .fallingStripes:
                guard take("stripes") else { return nil }
            case .digit:
                guard take("digit"), let value = number() else { return nil }
                digit = value
            default: break
            }
        }
        return .init(size: size, colour: colour, shape: shape, texture: texture, digit: digit)
    }
}
