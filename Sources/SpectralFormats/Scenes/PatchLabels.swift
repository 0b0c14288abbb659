/// What covers one patch, as class numbers for a classifier: 0 is "none", a value's number + 1 otherwise.
public struct PatchLabel: Sendable, Equatable {
    /// 0 to 5.
    public var shape: Int
    /// 0 to 8.
    public var colour: Int
    /// 0 to 8.
    public var texture: Int
    /// 0 to 2.
    public var size: Int
    /// 0 to 10: the digit + 1 on an object that bears one, otherwise 0.
    public var digit: Int
    /// Which object it is; `nil` for none.
    public var object: Int?

    public static let none = PatchLabel(shape: 0, colour: 0, texture: 0, size: 0, digit: 0)
    /// Number of classes of each label, "none" included.
    public static let shapeClasses = SceneShape.all.count + 1
    public static let colourClasses = SceneColour.all.count + 1
    public static let textureClasses = SceneTexture.all.count + 1
    public static let sizeClasses = SceneSize.all.count + 1
    public static let digitClasses = 11

    init(shape: Int, colour: Int, texture: Int, size: Int, digit: Int) {
        self.shape = shape
        self.colour = colour
        self.texture = texture
        self.size = size
        self.digit = digit
    }

    init(_ object: SceneObject) {
        self.init(
            shape: object.shape.number + 1, colour: object.colour.number + 1, texture: object.texture.number + 1,
            size: object.size.number + 1, digit: object.digit.map { $0 + 1 } ?? 0)
    }
}

extension RenderedScene {
    /// Labels of the patches, row by row: the object that covers most of a patch, if it covers at least an eighth of it.
    ///
    /// - Parameter patch: side of a patch in pixels; it must divide 64.
    /// - Returns: `(64 / patch)^2` labels.
    public func patchLabels(patch: Int = 8) throws(SceneError) -> [PatchLabel] {
        guard patch > 0, Scene.side % patch == 0 else { throw .patchDoesNotDivide(patch: patch) }
        let grid = Scene.side / patch
        var labels = [PatchLabel](repeating: .none, count: grid * grid)
        var cover = [Int](repeating: 0, count: scene.objects.count + 1)
        for patchRow in 0..<grid {
            for patchColumn in 0..<grid {
                for owner in cover.indices { cover[owner] = 0 }
                for row in patchRow * patch..<(patchRow + 1) * patch {
                    for column in patchColumn * patch..<(patchColumn + 1) * patch {
                        cover[Int(mask[row * Scene.side + column])] += 1
                    }
                }
                var best = 0
                for owner in cover.indices.dropFirst() where cover[owner] * 8 >= patch * patch {
                    if best == 0 || cover[owner] > cover[best] { best = owner }
                }
                if best > 0 {
                    labels[patchRow * grid + patchColumn] = PatchLabel(scene.objects[best - 1])
                    labels[patchRow * grid + patchColumn].object = best - 1
                }
            }
        }
        return labels
    }
}
