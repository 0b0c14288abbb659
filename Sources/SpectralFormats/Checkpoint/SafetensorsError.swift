/// What can be wrong with a safetensors file, or with what is asked of it.
public enum SafetensorsError: Error, CustomStringConvertible, Equatable {
    /// The system refused to open, map or inspect the file.
    case unreadable(path: String, reason: String)
    /// The header as a whole is not what the format says.
    case malformedHeader(path: String, expected: String, found: String)
    /// One tensor's entry in the header lies.
    case malformedTensor(path: String, name: String, expected: String, found: String)
    /// The file holds no tensor of this name.
    case missingTensor(path: String, name: String, count: Int)
    case wrongShape(path: String, name: String, expected: [Int], found: [Int])
    case wrongType(path: String, name: String, expected: String, found: SafetensorsType)
    /// A value is not finite, or does not fit the number format it is to become; `index` counts row-major.
    case notFinite(path: String, name: String, index: Int, value: String)
    /// The file is no longer what it was when it was opened.
    case changedOnDisk(path: String, expected: String, found: String)
    /// The tensors given to the writer do not make a file.
    case unwritable(path: String, name: String, expected: String, found: String)
    /// The system refused a step of writing.
    case writeFailed(path: String, operation: String, reason: String)

    public var description: String {
        switch self {
        case .unreadable(let path, let reason):
            return "cannot open weights \(clean(path)): \(clean(reason)); check the path and its permissions"
        case .malformedHeader(let path, let expected, let found):
            return "weights \(clean(path)) have a malformed header: expected \(clean(expected)), found \(clean(found)); "
                + "copy or export the file again"
        case .malformedTensor(let path, let name, let expected, let found):
            return "weights \(clean(path)) have a malformed entry for \(clean(name)): expected \(clean(expected)), "
                + "found \(clean(found)); copy or export the file again"
        case .missingTensor(let path, let name, let count):
            return "weights \(clean(path)) hold no tensor \(clean(name)) (they hold \(count)); "
                + "use the weights that belong to this config"
        case .wrongShape(let path, let name, let expected, let found):
            return "weights \(clean(path)): \(clean(name)) has the wrong shape: expected \(expected), found \(found); "
                + "use the weights that belong to this config"
        case .wrongType(let path, let name, let expected, let found):
            return "weights \(clean(path)): \(clean(name)) has the wrong type: expected \(clean(expected)), "
                + "found \(found.rawValue); export the weights again"
        case .notFinite(let path, let name, let index, let value):
            return "weights \(clean(path)): \(clean(name))[\(index)] is not usable: expected a finite number, "
                + "found \(clean(value)); use an earlier checkpoint"
        case .changedOnDisk(let path, let expected, let found):
            return "weights \(clean(path)) changed while open: expected \(clean(expected)), found \(clean(found)); "
                + "open the checkpoint again"
        case .unwritable(let path, let name, let expected, let found):
            return "cannot write \(clean(name)) to weights \(clean(path)): expected \(clean(expected)), "
                + "found \(clean(found)); nothing was written"
        case .writeFailed(let path, let operation, let reason):
            return "cannot write \(clean(path)): \(clean(operation)) failed: \(clean(reason)); "
                + "check the folder's permissions and free space"
        }
    }

    /// What went wrong in writing, without the file and what to do: for errors that say those themselves.
    public var reason: String {
        guard case .writeFailed(_, let operation, let reason) = self else { return description }
        return "\(clean(operation)) failed: \(clean(reason))"
    }

    private func clean(_ text: String) -> String { MessageText.printable(text, limit: 200) }
}
