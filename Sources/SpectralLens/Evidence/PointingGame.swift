// The pointing game: is the highest place of a map inside the thing that was asked for?
//
// Source: Zhang et al., "Top-down neural attention by excitation backprop" (2016), without its tolerance of 15 pixels. A
// map points at the centre of its highest patch; of equally high ones at the first in reading order. A point is in a box
// from its left and top edges up to, but not including, its right and bottom ones, and on an object if the pixel it lies
// in shows that object.

import SpectralFormats

/// A share with its 95 % interval (Wilson 1927), which holds for few trials and at 0 and 1 too.
public struct WilsonInterval: Sendable, Codable, Equatable {
    public let low: Double
    public let high: Double

    /// - Parameter trials: at least 1.
    public init(_ successes: Int, of trials: Int) {
        let n = Double(max(1, trials)), p = Double(successes) / n, z = 1.959_963_984_540_054
        let middle = p + z * z / (2 * n), scale = 1 + z * z / n
        let half = z * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
        low = successes == 0 ? 0 : (middle - half) / scale
        high = successes == trials ? 1 : (middle + half) / scale
    }
}

/// What a point is held against: one object of a drawn scene.
public struct PointingTarget: Sendable {
    public let scene: RenderedScene
    public let object: Int

    public init(_ scene: RenderedScene, object: Int) {
        self.scene = scene
        self.object = object
    }

    /// - Parameters: in pixels from the top left.
    func isInBox(_ x: Double, _ y: Double) -> Bool {
        let box = scene.boxes[object]
        return x >= Double(box.x) && x < Double(box.x + box.width) && y >= Double(box.y) && y < Double(box.y + box.height)
    }

    func isOnObject(_ x: Double, _ y: Double) -> Bool {
        guard x >= 0, y >= 0, x < Double(Scene.side), y < Double(Scene.side) else { return false }
        return Int(scene.mask[Int(y) * Scene.side + Int(x)]) == object + 1
    }
}

/// Hits of one way to point.
public struct PointingScore: Sendable, Codable, Equatable {
    /// A whole number, but for chance, which hits by shares.
    public private(set) var hits = 0.0
    public private(set) var asked = 0

    public init() {}

    public var share: Double { asked == 0 ? 0 : hits / Double(asked) }
    /// `nil` for shares of chance, which are no trials.
    public var interval: WilsonInterval? {
        asked > 0 && hits == hits.rounded() ? WilsonInterval(Int(hits), of: asked) : nil
    }

    mutating func add(_ hit: Double) {
        hits += hit
        asked += 1
    }

    mutating func add(_ other: PointingScore) {
        hits += other.hits
        asked += other.asked
    }
}

/// One way to point.
public struct PointingRow: Sendable, Codable, Equatable {
    public let name: String
    public private(set) var box = PointingScore()
    /// On the drawn pixels of the object: stricter, for a ring has a hole.
    public private(set) var object = PointingScore()
    /// In the box, in scenes of two objects or more.
    public private(set) var boxAmongSeveral = PointingScore()

    public init(_ name: String) { self.name = name }

    /// Points at a place in pixels.
    public mutating func add(x: Double, y: Double, _ target: PointingTarget) {
        add(box: target.isInBox(x, y) ? 1 : 0, object: target.isOnObject(x, y) ? 1 : 0, target)
    }

    /// Points where a map over a grid of patches is highest.
    public mutating func add(map: [Float], gridWidth: Int, _ target: PointingTarget) {
        let (x, y) = Self.centre(of: Self.peak(map), gridWidth: gridWidth, gridHeight: map.count / max(1, gridWidth))
        add(x: x, y: y, target)
    }

    /// Points at every patch alike: the share of them that hits.
    public mutating func addChance(gridWidth: Int, gridHeight: Int, _ target: PointingTarget) {
        let centres = (0..<gridWidth * gridHeight).map { Self.centre(of: $0, gridWidth: gridWidth, gridHeight: gridHeight) }
        func share(_ hits: (Double, Double) -> Bool) -> Double {
            Double(centres.count { hits($0.x, $0.y) }) / Double(centres.count)
        }
        add(box: share(target.isInBox), object: share(target.isOnObject), target)
    }

    private mutating func add(box hit: Double, object onObject: Double, _ target: PointingTarget) {
        box.add(hit)
        object.add(onObject)
        if target.scene.scene.objects.count > 1 { boxAmongSeveral.add(hit) }
    }

    mutating func add(_ other: PointingRow) {
        box.add(other.box)
        object.add(other.object)
        boxAmongSeveral.add(other.boxAmongSeveral)
    }

    /// The first of the highest; what is not a number is never highest.
    static func peak(_ map: [Float]) -> Int {
        var best = 0
        for i in map.indices where map[i] > map[best] || (map[best].isNaN && !map[i].isNaN) { best = i }
        return best
    }

    /// In pixels of a scene.
    static func centre(of patch: Int, gridWidth: Int, gridHeight: Int) -> (x: Double, y: Double) {
        let across = (Double(patch % gridWidth) + 0.5) / Double(gridWidth)
        let down = (Double(patch / gridWidth) + 0.5) / Double(gridHeight)
        return (across * Double(Scene.side), down * Double(Scene.side))
    }
}
