// Where a person's own files lie, by the XDG base directory specification.

import Foundation

public enum UserFolders {
    /// The program's config: `$XDG_CONFIG_HOME/sdict/config.json`, else under `~/.config`; nil without a home.
    public static func config(_ environment: [String: String] = ProcessInfo.processInfo.environment) -> String? {
        folder("XDG_CONFIG_HOME", "/.config", environment).map { $0 + "/config.json" }
    }

    /// The folder for what is kept from one run to the next: `$XDG_STATE_HOME/sdict`, else under `~/.local/state`.
    public static func state(_ environment: [String: String] = ProcessInfo.processInfo.environment) -> String? {
        folder("XDG_STATE_HOME", "/.local/state", environment)
    }

    /// The folder for what can be made again: `$XDG_CACHE_HOME/sdict`, else under `~/.cache`.
    public static func cache(_ environment: [String: String] = ProcessInfo.processInfo.environment) -> String? {
        folder("XDG_CACHE_HOME", "/.cache", environment)
    }

    /// A path with the `~` that it begins with written out: `$HOME`, as a shell has it.
    public static func expanded(_ path: String, _ environment: [String: String] = ProcessInfo.processInfo.environment) -> String {
        guard path == "~" || path.hasPrefix("~/"), let home = environment["HOME"], home.hasPrefix("/") else {
            return (path as NSString).expandingTildeInPath
        }
        return home + path.dropFirst()
    }

    /// Makes such a folder if it is missing, for its owner alone.
    public static func make(_ folder: String) throws {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    /// The specification has relative paths ignored.
    private static func folder(_ variable: String, _ usual: String, _ environment: [String: String]) -> String? {
        func absolute(_ name: String) -> String? { environment[name].flatMap { $0.hasPrefix("/") ? $0 : nil } }
        return (absolute(variable) ?? absolute("HOME").map { $0 + usual }).map { $0 + "/sdict" }
    }
}
