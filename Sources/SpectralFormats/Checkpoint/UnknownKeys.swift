// Keys of a JSON file that mean nothing to whoever reads it: a mistyped one would otherwise go unnoticed.

public enum UnknownKeys {
    /// The keys of `given` that `known`, the same JSON with everything set, does not have: dotted paths, in alphabetical
    /// order. Both as `JSONSerialization` reads them. An empty object of `known` takes any keys, and the first element
    /// of a list stands for all of them.
    public static func paths(in given: Any, known: Any) -> [String] { paths(in: given, known: known, at: "") }

    private static func paths(in given: Any, known: Any, at path: String) -> [String] {
        if let given = given as? [String: Any], let known = known as? [String: Any], !known.isEmpty {
            return given.sorted { $0.key < $1.key }.flatMap { key, value in
                let place = path.isEmpty ? key : path + "." + key
                return known[key].map { paths(in: value, known: $0, at: place) } ?? [place]
            }
        }
        if let given = given as? [Any], let known = (known as? [Any])?.first {
            return given.enumerated().flatMap { paths(in: $1, known: known, at: "\(path).\($0)") }
        }
        return []
    }
}
