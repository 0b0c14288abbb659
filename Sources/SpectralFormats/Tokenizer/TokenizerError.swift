/// What can be wrong with a tokenizer file or a request to train one.
public enum TokenizerError: Error, CustomStringConvertible, Equatable {
    /// The file could not be read at all.
    case unreadable(path: String, reason: String)
    /// The text is not the JSON the format asks for; `key` is where.
    case malformed(path: String, key: String, found: String)
    /// The file asks for a part this reader does not have, so ids would differ from the writer's.
    case unsupported(path: String, key: String, expected: String, found: String)
    /// Vocabulary, merges and added tokens contradict one another.
    case inconsistent(path: String, key: String, expected: String, found: String)
    /// A tokenizer of this description cannot be trained.
    case untrainable(expected: String, found: String)

    public var description: String {
        switch self {
        case .unreadable(let path, let reason):
            return "cannot read tokenizer \(clean(path)): \(clean(reason)); check the path and its permissions"
        case .malformed(let path, let key, let found):
            let place = key.isEmpty ? "" : " at \(clean(key))"
            return "tokenizer \(clean(path)) is malformed\(place): \(clean(found)); "
                + "expected a Hugging Face tokenizer.json, export it again"
        case .unsupported(let path, let key, let expected, let found):
            return "tokenizer \(clean(path)) uses \(clean(key)) = \(clean(found)), which is not supported: "
                + "expected \(clean(expected)); export a byte-level BPE tokenizer"
        case .inconsistent(let path, let key, let expected, let found):
            return "tokenizer \(clean(path)) contradicts itself at \(clean(key)): expected \(clean(expected)), "
                + "found \(clean(found)); export it again"
        case .untrainable(let expected, let found):
            return "cannot train a tokenizer: expected \(clean(expected)), found \(clean(found)); change the request"
        }
    }

    private func clean(_ text: String) -> String { MessageText.printable(text, limit: 200) }
}
