/// What a mouse did, at a row and column of the screen counted from 0.
public enum MouseAction: String, Hashable, Sendable, CaseIterable {
    case press, wheelUp, wheelDown
}

extension ScriptStep {
    /// Reads `click:ROW,COL` and `wheel:up,ROW,COL`, rows and columns counted from 0; nil for anything else.
    init?(mouse name: Substring) {
        guard let colon = name.firstIndex(of: ":") else { return nil }
        var parts = name[name.index(after: colon)...].split(separator: ",", omittingEmptySubsequences: false)
        let action: MouseAction
        switch name[..<colon].lowercased() {
        case "click": action = .press
        case "wheel":
            switch parts.removeFirst().lowercased() {
            case "up": action = .wheelUp
            case "down": action = .wheelDown
            default: return nil
            }
        default: return nil
        }
        guard parts.count == 2, let row = Int(parts[0]), let column = Int(parts[1]), (0..<1000).contains(row),
            (0..<1000).contains(column)
        else { return nil }
        self = .mouse(action, row: row, column: column)
    }
}
