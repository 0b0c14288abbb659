import SpectralFormats

/// Why the engine refused a request or found no checkpoint. What is wrong inside a checkpoint has its own errors.
public enum EngineError: Error, CustomStringConvertible, Equatable {
    /// Neither a folder nor the name of a checkpoint that comes with the program.
    case unknownCheckpoint(name: String, bundled: [String])
    /// No checkpoint came with the program where its files should lie.
    case nothingBundled
    case kOutOfRange(found: Int, limit: Int)
    /// A number of the request is out of its range.
    case setting(name: String, expected: String, found: String)
    /// The weights are finite but what they make of this image is not.
    case notANumber(checkpoint: String)

    public var description: String {
        switch self {
        case .unknownCheckpoint(let name, let bundled):
            let known = bundled.isEmpty ? "none" : bundled.joined(separator: ", ")
            return "cannot open checkpoint \(MessageText.printable(name, limit: 200)): expected a checkpoint folder "
                + "or a bundled name (\(known)), found nothing of that name; check the path"
        case .nothingBundled:
            return "cannot open the bundled checkpoint: the program's resources are not beside it; "
                + "name a checkpoint folder or install the program whole"
        case .kOutOfRange(let found, let limit):
            return "k is out of range: expected 1 to \(limit), the atoms of this checkpoint, found \(found)"
        case .setting(let name, let expected, let found):
            return "\(name) is out of range: expected \(expected), found \(found)"
        case .notANumber(let checkpoint):
            return "checkpoint \(MessageText.printable(checkpoint, limit: 200)) overflows on this image: its output is not a "
                + "number; use another checkpoint, or train this one at a lower rate"
        }
    }
}
