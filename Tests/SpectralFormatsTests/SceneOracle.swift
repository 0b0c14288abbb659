@testable import SpectralFormats

/// Answers questions by reading their text and searching the scene's objects. It shares no code with the generator:
/// words are matched here against tables of its own.
struct SceneOracle {
    let scene: Scene

    static let colours: [String: SceneColour] = [
        "red": .red, "green": .green, "blue": .blue, "yellow": .yellow, "purple": .purple, "cyan": .cyan,
        "orange": .orange, "white": .white,
    ]
    static let shapes: [String: SceneShape] = [
        "circle": .circle, "circles": .circle, "square": .square, "squares": .square, "triangle": .triangle,
        "triangles": .triangle, "cross": .cross, "crosses": .cross, "ring": .ring, "rings": .ring,
    ]
    static let sizes: [String: SceneSize] = ["small": .small, "large": .large]
    static let numbers = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    static let textures: [SceneTexture: String] = [
        .plain: "plain", .horizontalStripes: "horizontal stripes", .verticalStripes: "vertical stripes",
        .risingStripes: "rising stripes", .fallingStripes: "falling stripes", .checks: "checks", .dots: "dots",
        .digit: "digit",
    ]

    /// The objects that a noun phrase is true of; nil when it holds a word that is not understood.
    func matching(_ phrase: [String]) -> [SceneObject]? {
        var found = scene.objects
        var words = phrase[...]
        if let with = words.firstIndex(of: "with") {
            let clause = words[(with + 1)...].joined(separator: " ")
            words = words[..<with]
            found = found.filter { object in
                if object.texture == .digit, let digit = object.digit {
                    return clause == "the digit " + Self.numbers[digit]
                }
                return clause == Self.textures[object.texture] && object.texture != .plain
            }
        }
        for word in words {
            if let colour = Self.colours[word] {
                found = found.filter { $0.colour == colour }
            } else if let shape = Self.shapes[word] {
                found = found.filter { $0.shape == shape }
            } else if let size = Self.sizes[word] {
                found = found.filter { $0.size == size }
            } else if word == "plain" {
                found = found.filter { $0.texture == .plain }
            } else if word != "object" && word != "objects" {
                return nil
            }
        }
        return found
    }

    private func only(_ phrase: [String]) -> SceneObject? {
        guard let found = matching(phrase), found.count == 1 else { return nil }
        return found[0]
    }

    /// The answer, or nil when the question is not understood or does not name exactly one object.
    func answer(_ question: String) -> String? {
        guard question.last == "?" else { return nil }
        let words = question.dropLast().split(separator: " ").map(String.init)
        let text = words.joined(separator: " ")
        switch text {
        case "is the scene dark": return scene.tone == .dark ? "yes" : "no"
        case "is the scene bright": return scene.tone == .bright ? "yes" : "no"
        case "is the scene dark or bright", "is the background dark or bright":
            return scene.tone == .dark ? "dark" : "bright"
        case "which side is brighter", "which side of the scene is brighter":
            switch scene.brighterSide {
            case .left: return "left"
            case .right: return "right"
            case .top: return "top"
            case .bottom: return "bottom"
            }
        default: break
        }
        if text.hasPrefix("how many ") {
            let end = text.hasSuffix(" are there") ? 2 : text.hasSuffix(" can you see") ? 3 : 0
            guard end > 0, let found = matching(Array(words[2..<(words.count - end)])) else { return nil }
            return Self.numbers[found.count]
        }
        if text.hasPrefix("is there a") || text.hasPrefix("can you see a") {
            let start = text.hasPrefix("is") ? 3 : 4
            let needsAn = words[start] == "orange"
            guard words[start - 1] == (needsAn ? "an" : "a"), let found = matching(Array(words[start...])) else {
                return nil
            }
            return found.isEmpty ? "no" : "yes"
        }
        for (relation, holds) in Self.relations where text.contains(" \(relation) the ") {
            var words = words
            words.removeAll { $0 == "lie" || $0 == "of" }
            guard let second = words.lastIndex(of: "the"), let one = only(Array(words[2..<(second - 1)])),
                let other = only(Array(words[(second + 1)...]))
            else { return nil }
            return holds(one, other) ? "yes" : "no"
        }
        guard let the = words.firstIndex(of: "the") else { return nil }
        var name = Array(words[(the + 1)...])
        if name.last == "have" { name.removeLast() }
        guard let object = only(name) else { return nil }
        switch words.prefix(2).joined(separator: " ") {
        case "what color", "what colour", "which color": return Self.colours.first { $0.value == object.colour }?.key
        case "what shape", "which shape":
            return ["circle", "square", "triangle", "cross", "ring"].first { Self.shapes[$0] == object.shape }
        case "what pattern", "what texture", "which pattern": return Self.textures[object.texture]
        case "what digit", "which digit": return object.digit.map { Self.numbers[$0] }
        case "what size", "how big": return object.size == .small ? "small" : "large"
        default: return nil
        }
    }

    private static let relations: [(String, @Sendable (SceneObject, SceneObject) -> Bool)] = [
        ("left of", { $0.x < $1.x }), ("right of", { $0.x > $1.x }), ("above", { $0.y < $1.y }),
        ("below", { $0.y > $1.y }),
    ]
}
