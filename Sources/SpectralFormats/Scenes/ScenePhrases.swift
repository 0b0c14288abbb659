/// The words of numbers, as captions, counts and digits use them.
public enum SceneNumber {
    /// zero to nine.
    public static let words = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
}

/// A way to name an object by some of its attributes, as in "the large red circle".
enum ReferringForm: CaseIterable {
    case shape, colourObject, colourShape, sizeShape, sizeColourObject, sizeColourShape

    /// The words after the article.
    func words(_ object: SceneObject) -> String {
        switch self {
        case .shape: object.shape.word
        case .colourObject: "\(object.colour.word) object"
        case .colourShape: "\(object.colour.word) \(object.shape.word)"
        case .sizeShape: "\(object.size.word) \(object.shape.word)"
        case .sizeColourObject: "\(object.size.word) \(object.colour.word) object"
        case .sizeColourShape: "\(object.size.word) \(object.colour.word) \(object.shape.word)"
        }
    }

    /// Whether the words of one object are true of the other as well.
    func confuses(_ one: SceneObject, _ other: SceneObject) -> Bool {
        switch self {
        case .shape: one.shape == other.shape
        case .colourObject: one.colour == other.colour
        case .colourShape: one.colour == other.colour && one.shape == other.shape
        case .sizeShape: one.size == other.size && one.shape == other.shape
        case .sizeColourObject: one.size == other.size && one.colour == other.colour
        case .sizeColourShape: one.size == other.size && one.colour == other.colour && one.shape == other.shape
        }
    }
}

extension SceneObject {
    /// What stands after the shape to tell its texture; empty for plain objects, whose word stands before the colour.
    var textureClause: String {
        if let digit { return " with the digit \(SceneNumber.words[digit])" }
        return texture == .plain ? "" : " with \(texture.word)"
    }

    /// The full description: "a large red circle with dots", "a small plain blue square".
    public var fullPhrase: String {
        let plain = texture == .plain ? "plain " : ""
        return "a \(size.word) \(plain)\(colour.word) \(shape.word)\(textureClause)"
    }
}

extension Scene {
    /// Whether the words of a form are true of this object alone.
    func isUnique(_ form: ReferringForm, _ index: Int) -> Bool {
        for other in objects.indices where other != index && form.confuses(objects[index], objects[other]) {
            return false
        }
        return true
    }

    /// The caption: the first two objects by rising x (then y) in full, the relation between them, the rest counted.
    public func caption() -> String {
        let order = objects.sorted { ($0.x, $0.y) < ($1.x, $1.y) }
        guard let first = order.first else { return "" }
        guard order.count > 1 else { return first.fullPhrase }
        let second = order[1]
        let relation: SceneRelation =
            abs(second.x - first.x) >= abs(second.y - first.y) ? .leftOf : first.y < second.y ? .above : .below
        var text = "\(first.fullPhrase) \(relation.word) \(second.fullPhrase)"
        let rest = order.count - 2
        if rest > 0 { text += " and \(SceneNumber.words[rest]) more object\(rest == 1 ? "" : "s")" }
        return text
    }

    /// Every short phrase that is true of exactly one object, for grounding: "the circle", "the red object",
    /// "the red circle", "the large red circle". In the held-out split only those of objects of unseen combinations,
    /// where there are any.
    public func referringPhrases() -> [(phrase: String, objectIndex: Int)] {
        let forms: [ReferringForm] = [.shape, .colourObject, .colourShape, .sizeColourShape]
        func phrases(of indices: [Int]) -> [(phrase: String, objectIndex: Int)] {
            indices.flatMap { index in
                forms.filter { isUnique($0, index) }.map { ("the \($0.words(objects[index]))", index) }
            }
        }
        if split == .heldout {
            let unseen = phrases(of: objects.indices.filter { objects[$0].isHeldOut })
            if !unseen.isEmpty { return unseen }
        }
        return phrases(of: Array(objects.indices))
    }
}
