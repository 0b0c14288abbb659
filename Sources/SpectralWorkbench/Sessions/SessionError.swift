import SpectralFormats

/// What can be wrong with a session file, or with what is asked of it.
public enum SessionError: Error, CustomStringConvertible, Equatable {
    /// The system refused a step of reading or writing.
    case system(path: String, operation: String, reason: String)
    /// There is something where a new session was to be made.
    case exists(path: String)
    /// The file that is written is no longer the one of that name.
    case gone(path: String)
    /// Another program writes to it.
    case inUse(path: String)
    /// The file as a whole is no session this version reads.
    case foreign(path: String, expected: String, found: String)
    /// One line, counted from 1, is not what a session may hold.
    case malformed(path: String, line: Int, expected: String, found: String)
    /// An event that may not be added.
    case unfit(path: String, id: String, expected: String, found: String)
    /// A run cannot be made as it is written.
    case impossible(run: String, expected: String, found: String)

    public var description: String {
        switch self {
        case .system(let path, let operation, let reason):
            "session \(clean(path)): \(clean(operation)) failed: \(clean(reason)); check the path, its permissions and free space"
        case .exists(let path):
            "session \(clean(path)) exists already; choose another name, or open it to add to it"
        case .gone(let path):
            "session \(clean(path)) was removed or replaced while it was written; record again, to another name"
        case .inUse(let path):
            "session \(clean(path)) is being written by another program; close it there first"
        case .foreign(let path, let expected, let found):
            "session \(clean(path)) cannot be read: expected \(clean(expected)), found \(clean(found)); give a session file"
        case .malformed(let path, let line, let expected, let found):
            "session \(clean(path)) line \(line) cannot be read: expected \(clean(expected)), found \(clean(found)); correct or delete the line"
        case .unfit(let path, let id, let expected, let found):
            "session \(clean(path)): \(clean(id)) was not added: expected \(clean(expected)), found \(clean(found)); nothing was written"
        case .impossible(let run, let expected, let found):
            "run \(clean(run)) cannot be made: expected \(clean(expected)), found \(clean(found)); correct it in the session"
        }
    }

    private func clean(_ text: String) -> String { MessageText.printable(text, limit: 200) }
}
