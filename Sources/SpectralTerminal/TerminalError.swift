import SpectralScreen

/// Why there is no screen.
public enum TerminalError: Error, Hashable, CustomStringConvertible {
    /// The terminal cannot be used; `reason` is one clause.
    case unusable(reason: String)
    /// What goes to stderr cannot be kept off the screen.
    case log(path: String, reason: String)

    public var description: String {
        switch self {
        case .unusable(let reason): "the screen cannot be opened: \(reason); the commands that print lines still work"
        case .log(let path, let reason): "the screen cannot be opened: \(reason) (\(TextWidth.visible(path)))"
        }
    }
}
