/// A picture of Sort-of-CLEVR with its questions: six objects, one of each colour, each a square or a circle.
///
/// Ten questions are about one object, ten about how objects stand to each other. Source: Santoro et al., "A simple neural
/// network module for relational reasoning" (2017), sections 4.2 and its appendix; questions are plain English here, bit
/// strings there.
public struct SortOfClevr: Sendable, Equatable {
    public static let side = 75
    /// Half the side of a square, and the radius of a circle, pixels.
    static let radius = 5
    /// In the order of the objects.
    public static let colours = ["red", "green", "blue", "orange", "gray", "yellow"]
    private static let paint: [(UInt8, UInt8, UInt8)] = [
        (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 156, 0), (128, 128, 128), (255, 255, 0),
    ]
    public static let answers = ["yes", "no", "square", "circle", "1", "2", "3", "4", "5", "6"]

    public struct Object: Sendable, Equatable {
        /// Centre, pixels.
        public let x: Int
        public let y: Int
        public let isSquare: Bool

        var shape: String { isSquare ? "square" : "circle" }
    }

    public struct Question: Sendable, Equatable, Encodable {
        public let text: String
        public let answer: String
        public let isRelational: Bool
        /// The object it names, and the one it asks about besides, as places in `objects`.
        public let named: Int
        public let related: Int?

        init(text: String, answer: String, isRelational: Bool, named: Int, related: Int? = nil) {
            self.text = text
            self.answer = answer
            self.isRelational = isRelational
            self.named = named
            self.related = related
        }
    }

    /// One of each colour.
    public let objects: [Object]
    /// Ten that are not relational, then ten that are.
    public let questions: [Question]

    /// A pure function of its arguments.
    public static func draw(split: SceneSplit, seed: UInt64, index: Int) -> SortOfClevr {
        var random = SceneRandom(split: split, seed: seed &+ 0x50C1, index: index, purpose: .layout)
        var objects: [Object] = []
        while objects.count < colours.count {
            let object = Object(
                x: radius + random.below(side - 2 * radius), y: radius + random.below(side - 2 * radius),
                isSquare: random.chance(0.5))
            // Neither touches nor hides another.
            if objects.allSatisfy({ max(abs($0.x - object.x), abs($0.y - object.y)) > 2 * radius }) { objects.append(object) }
        }
        var questions = (0..<10).map { _ in own(objects, &random) }
        while questions.count < 20 {
            if let question = relational(objects, &random) { questions.append(question) }
        }
        return SortOfClevr(objects: objects, questions: questions)
    }

    private static func own(_ objects: [Object], _ random: inout SceneRandom) -> Question {
        let which = random.below(objects.count), object = objects[which], name = "the \(colours[which]) object"
        switch random.below(3) {
        case 0: return Question(text: "what is the shape of \(name)?", answer: object.shape, isRelational: false, named: which)
        case 1:
            let isThere = 2 * object.x < side
            return Question(text: "is \(name) on the left?", answer: isThere ? "yes" : "no", isRelational: false, named: which)
        default:
            let isThere = 2 * object.y < side
            return Question(text: "is \(name) at the top?", answer: isThere ? "yes" : "no", isRelational: false, named: which)
        }
    }

    /// - Returns: `nil` where two objects of different shape are equally near or far.
    private static func relational(_ objects: [Object], _ random: inout SceneRandom) -> Question? {
        let which = random.below(objects.count), object = objects[which], name = "the \(colours[which]) object"
        let others = objects.indices.filter { $0 != which }
        func distance(_ i: Int) -> Int {
            let dx = objects[i].x - object.x, dy = objects[i].y - object.y
            return dx * dx + dy * dy
        }
        func ask(_ relation: String, at wanted: Int?) -> Question? {
            let found = others.filter { distance($0) == wanted }, shapes = Set(found.map { objects[$0].shape })
            guard shapes.count == 1, let shape = shapes.first else { return nil }
            return Question(
                text: "what is the shape of the object \(relation) \(name)?", answer: shape, isRelational: true, named: which,
                related: found.first)
        }
        switch random.below(3) {
        case 0: return ask("closest to", at: others.map(distance).min())
        case 1: return ask("furthest from", at: others.map(distance).max())
        default:
            let count = objects.count { $0.isSquare == object.isSquare }
            return Question(text: "how many objects have the shape of \(name)?", answer: "\(count)", isRelational: true, named: which)
        }
    }

    /// 75 x 75 pixels on white.
    public func render() -> PixelImage {
        var image = PixelImage.solid(width: Self.side, height: Self.side, red: 255, green: 255, blue: 255)
        for (object, (red, green, blue)) in zip(objects, Self.paint) {
            for y in object.y - Self.radius...object.y + Self.radius {
                for x in object.x - Self.radius...object.x + Self.radius {
                    let dx = x - object.x, dy = y - object.y
                    guard object.isSquare || dx * dx + dy * dy <= Self.radius * Self.radius else { continue }
                    let at = (y * Self.side + x) * 3
                    (image.pixels[at], image.pixels[at + 1], image.pixels[at + 2]) = (red, green, blue)
                }
            }
        }
        return image
    }
}
