/// Why scenes could not be drawn or written.
public enum SceneError: Error, Equatable, CustomStringConvertible {
    case patchDoesNotDivide(patch: Int)
    case objectsOutOfRange(found: Int)
    case countOutOfRange(found: Int)
    case questionsOutOfRange(found: Int)
    case folderNotEmpty(path: String)
    case cannotWrite(path: String, reason: String)

    public var description: String {
        switch self {
        case .patchDoesNotDivide(let patch):
            "patch labels: a patch of \(patch) px does not divide scenes of \(Scene.side) px; use 1, 2, 4, 8, 16, 32 or 64"
        case .objectsOutOfRange(let found):
            "scenes: at most \(found) objects asked for, expected 1 to \(Scene.mostObjects)"
        case .countOutOfRange(let found):
            "scenes: \(found) scenes asked for, expected 1 to \(SceneDataset.mostScenes)"
        case .questionsOutOfRange(let found):
            "scenes: \(found) questions a scene asked for, expected 0 to 999"
        case .folderNotEmpty(let path):
            "scenes: \(printable(path)) exists and is not an empty folder; name a new or an empty one"
        case .cannotWrite(let path, let reason):
            "scenes: cannot write \(printable(path)): \(printable(reason)); check the path, its rights and the free space"
        }
    }

    private func printable(_ text: String) -> String { MessageText.printable(text, limit: 400) }
}
