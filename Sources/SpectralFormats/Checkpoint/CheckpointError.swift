/// What can be wrong with a checkpoint folder beyond its weights and tokenizer (which have their own errors).
public enum CheckpointError: Error, CustomStringConvertible, Equatable {
    /// The folder or one of its files is not there, or is something else than it should be.
    case missing(path: String, expected: String, found: String)
    /// The system refused to read it.
    case unreadable(path: String, reason: String)
    /// `config.json` is not the JSON it should be; `key` is where, empty for the file as a whole.
    case malformedConfig(path: String, key: String, found: String)
    /// A value of `config.json` that no model can have, or not together with another.
    case invalidConfig(path: String, key: String, expected: String, found: String)
    /// Two files of the folder do not belong together.
    case mismatch(path: String, expected: String, found: String)
    /// The weights are not those of the model that the config describes.
    case wrongTensors(path: String, missing: [String], unexpected: [String])
    /// Two checkpoints that should be of one model differ in a part.
    case different(path: String, other: String, part: String)
    /// A folder for a new checkpoint has something in it.
    case occupied(path: String)

    public var description: String {
        switch self {
        case .missing(let path, let expected, let found):
            return "cannot open checkpoint \(clean(path)): expected \(clean(expected)), found \(clean(found)); "
                + "give the path of a checkpoint folder"
        case .unreadable(let path, let reason):
            return "cannot read \(clean(path)): \(clean(reason)); check its permissions"
        case .malformedConfig(let path, let key, let found):
            let place = key.isEmpty ? "" : " at \(clean(key))"
            return "config \(clean(path)) cannot be read\(place): \(clean(found)); correct the file"
        case .invalidConfig(let path, let key, let expected, let found):
            return "config \(clean(path)) does not fit: \(clean(key)) should be \(clean(expected)), found \(clean(found)); "
                + "correct the file"
        case .mismatch(let path, let expected, let found):
            return "checkpoint file \(clean(path)) does not fit the config: expected \(clean(expected)), "
                + "found \(clean(found)); use files of one checkpoint"
        case .wrongTensors(let path, let missing, let unexpected):
            let others = unexpected.isEmpty ? "" : " (it has instead: \(MessageText.list(unexpected)))"
            return "weights \(clean(path)) lack \(missing.count) of the model's tensors: "
                + "\(MessageText.list(missing))\(others); use the weights that belong to this config"
        case .occupied(let path):
            return "cannot write checkpoint \(clean(path)): there is something already; name another folder"
        case .different(let path, let other, let part):
            return "cannot blend \(clean(path)) with \(clean(other)): they differ in \(clean(part)); "
                + "name two checkpoints of one run"
        }
    }

    private func clean(_ text: String) -> String { MessageText.printable(text, limit: 200) }
}
