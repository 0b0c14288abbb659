/// One object of a scene. Coordinates are pixels from the top left; y runs downwards.
public struct SceneObject: Sendable, Equatable, Codable {
    public var x: Int
    public var y: Int
    public var size: SceneSize
    public var colour: SceneColour
    public var shape: SceneShape
    public var texture: SceneTexture
    /// 0 to 9 when `texture` is `.digit`, otherwise nil.
    public var digit: Int?
    /// Shift of the texture in pixels, 0 to 11 (a multiple of every texture's period).
    public var phase: Int

    public var radius: Int { size.radius }

    public init(
        x: Int, y: Int, size: SceneSize, colour: SceneColour, shape: SceneShape, texture: SceneTexture,
        digit: Int? = nil, phase: Int = 0
    ) {
        self.x = x
        self.y = y
        self.size = size
        self.colour = colour
        self.shape = shape
        self.texture = texture
        self.digit = texture == .digit ? min(max(digit ?? 0, 0), 9) : nil
        self.phase = phase
    }

    /// Whether the object's colour, shape and texture never occur together in `train` and `dev`.
    public var isHeldOut: Bool {
        (colour.number * 31 + shape.number * 17 + texture.number * 7) % 11 == 3
    }
}

/// A scene with exact truth: what `render`, `caption` and `questions` say is read off these fields and nothing else.
public struct Scene: Sendable, Equatable, Codable {
    /// Side of every scene in pixels.
    public static let side = 64
    /// The most objects a scene can hold.
    public static let mostObjects = 4

    public let split: SceneSplit
    public let seed: UInt64
    public let index: Int
    public let objects: [SceneObject]
    public let tone: SceneTone
    /// Added to red, green and blue of the background, -10 to 10 each.
    public let hue: SIMD3<Int>
    public let brighterSide: SceneSide

    /// A scene put together by hand. `split`, `seed` and `index` decide only its pixel noise and default questions.
    public init(
        objects: [SceneObject], tone: SceneTone, hue: SIMD3<Int> = [0, 0, 0], brighterSide: SceneSide = .left,
        split: SceneSplit = .train, seed: UInt64 = 0, index: Int = 0
    ) {
        self.split = split
        self.seed = seed
        self.index = index
        self.objects = objects
        self.tone = tone
        self.hue = hue
        self.brighterSide = brighterSide
    }

    /// Draws scene `index` of a split: a pure function of its arguments, so that any scene can be drawn alone.
    ///
    /// `maxObjects` is 1 to 4; what lies outside counts as the nearer bound. The number of objects is uniform on
    /// `1 ... maxObjects`, less those that found no room in 200 tries.
    public static func draw(split: SceneSplit, seed: UInt64, index: Int, maxObjects: Int = mostObjects) -> Scene {
        var random = SceneRandom(split: split, seed: seed, index: index, purpose: .layout)
        let wanted = 1 + random.below(min(max(maxObjects, 1), mostObjects))
        var objects: [SceneObject] = []
        objects.reserveCapacity(wanted)
        var size = random.pick(SceneSize.self)
        var failures = 0
        for _ in 0..<200 where objects.count < wanted {
            let drawn = drawObject(
                size: size, split: split, mustBeHeldOut: split == .heldout && objects.isEmpty, using: &random)
            if objects.allSatisfy({ !$0.isCrowding(drawn) }) {
                objects.append(drawn)
                failures = 0
            } else {
                failures += 1
            }
            // A size is kept for a while: drawn anew at each try, crowded scenes would hold hardly any large objects.
            if failures % 40 == 0 { size = random.pick(SceneSize.self) }
        }
        return Scene(
            objects: objects, tone: random.pick(SceneTone.self),
            hue: [random.below(21) - 10, random.below(21) - 10, random.below(21) - 10],
            brighterSide: random.pick(SceneSide.self), split: split, seed: seed, index: index)
    }

    private static func drawObject(
        size: SceneSize, split: SceneSplit, mustBeHeldOut: Bool, using random: inout SceneRandom
    ) -> SceneObject {
        let room = side - 2 * size.radius
        var object = SceneObject(
            x: size.radius + random.below(room), y: size.radius + random.below(room), size: size,
            colour: .red, shape: .circle, texture: .plain, phase: random.below(12))
        repeat {
            object.colour = random.pick(SceneColour.self)
            object.shape = random.pick(SceneShape.self)
            // Digit is the last texture: leaving it out is drawing from one value fewer.
            let allowed = SceneTexture.all.count - (object.shape.bearsDigits ? 0 : 1)
            object.texture = SceneTexture.all[random.below(allowed)]
        } while split == .heldout ? (mustBeHeldOut && !object.isHeldOut) : object.isHeldOut
        object.digit = object.texture == .digit ? random.below(10) : nil
        return object
    }
}

extension SceneObject {
    /// Pixels the drawn shape reaches from its centre: to either side, up, and down.
    var extent: (side: Int, up: Int, down: Int) {
        let radius = Float(radius)
        switch shape {
        case .circle, .cross, .ring: return (self.radius, self.radius, self.radius)
        case .square:
            let half = Int(radius * 0.85)
            return (half, half, half)
        case .triangle:
            let down = Int(radius * 0.8)
            return (Int(Float(down + self.radius) * 0.55), self.radius, down)
        }
    }

    /// Radius in pixels of the smallest disc about the centre that holds the drawn shape.
    var reach: Float {
        let extent = extent
        switch shape {
        case .circle, .ring: return Float(radius)
        case .square: return Float(2 * extent.side * extent.side).squareRoot()
        case .triangle: return Float(extent.side * extent.side + extent.down * extent.down).squareRoot()
        case .cross:
            let arm = Int(Float(radius) * 0.38)
            return Float(radius * radius + arm * arm).squareRoot()
        }
    }

    /// Whether two objects stand too close: their size discs touch, or their corners could.
    /// Corners stick out of the size disc, so discs alone would let two squares overlap.
    func isCrowding(_ other: SceneObject) -> Bool {
        let dx = x - other.x
        let dy = y - other.y
        let squared = dx * dx + dy * dy
        let touching = radius + other.radius + 1
        if squared <= touching * touching { return true }
        let reaching = reach + other.reach + 1
        if Float(squared) > reaching * reaching { return false }
        let (mine, theirs) = (extent, other.extent)
        let apartAcross = abs(dx) > mine.side + theirs.side + 1
        let apartDown = dy > 0 ? dy > mine.up + theirs.down + 1 : -dy > mine.down + theirs.up + 1
        return !(apartAcross || apartDown)
    }
}
