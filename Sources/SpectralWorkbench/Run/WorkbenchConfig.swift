// What the program does when the command line does not say: config.json, every key of which may be left out.
//
// What it guarantees: whatever the file holds there is a config to go on with, and one line for each thing that is odd.

import Foundation
import SpectralEngine
import SpectralFormats
import SpectralScreen

/// The settings of `config.json`. Encoded, it is such a file.
public struct WorkbenchConfig: Equatable, Sendable {
    /// Folder or bundled name; of every command that runs a model.
    public var checkpoint = Bundled.defaultCheckpoint
    /// Folders and image files of the workbench; empty for the bundled images.
    public var images: [String] = []
    /// Vision atoms the workbench starts with; nil for all.
    public var k: Int?
    public var theme = Choice<Theme>.auto
    public var glyphs = Choice<GlyphSet>.auto
    /// The most colours to use.
    public var color = Choice<ColorMode>.auto
    /// Whether the workbench keeps its view and starts with that of the last time.
    public var restoreView = true

    public init() {}
}

/// A config as it was read.
public struct ConfigReading: Sendable {
    public let config: WorkbenchConfig
    /// The file; nil where there is none.
    public let path: String?
    /// What is odd about it, one line each.
    public let problems: [String]
    /// Whether nothing of the file could be used.
    public var isBroken = false
}

extension WorkbenchConfig: Encodable {
    enum Key: String, CodingKey, CaseIterable { case checkpoint, images, k, theme, glyphs, color, restoreView }

    public func encode(to encoder: any Encoder) throws {
        var file = encoder.container(keyedBy: Key.self)
        try file.encode(checkpoint, forKey: .checkpoint)
        try file.encode(images, forKey: .images)
        // Null where it is open, so that the file shows all there is to set.
        try file.encode(k, forKey: .k)
        try file.encode(theme.name, forKey: .theme)
        try file.encode(glyphs.name, forKey: .glyphs)
        try file.encode(color.name, forKey: .color)
        try file.encode(restoreView, forKey: .restoreView)
    }

    /// The config as a file that can be read again, one key to a line.
    public func json() throws -> String { try SessionJSON.text(self, isPretty: true) }

    /// Sets one key; returns what was expected where the value is something else. Null leaves a key as it is.
    mutating func take(_ key: Key, _ value: JSONValue) -> String? {
        if value == .null { return nil }
        func name<Value: Named>(_ choice: inout Choice<Value>) -> String? {
            if case .text(let name) = value, let found = Choice<Value>(name: name) {
                choice = found
                return nil
            }
            return Choice<Value>.names.map { "\"\($0)\"" }.joined(separator: " or ")
        }
        switch key {
        case .checkpoint:
            guard case .text(let text) = value, !text.isEmpty else { return "a folder or the name of a bundled checkpoint" }
            checkpoint = UserFolders.expanded(text)
        case .images:
            guard case .list(let list) = value else { return "a list of folders and image files" }
            var paths: [String] = []
            for item in list {
                guard case .text(let path) = item, !path.isEmpty else { return "a list of folders and image files" }
                paths.append(UserFolders.expanded(path))
            }
            images = paths
        case .k:
            guard case .whole(let number) = value, (1...65_536).contains(number) else { return "a whole number from 1 on, or null" }
            k = Int(number)
        case .theme: return name(&theme)
        case .glyphs: return name(&glyphs)
        case .color:
            // 256 without its quotes means nothing else.
            if case .whole(let number) = value, let found = Choice<ColorMode>(name: "\(number)") {
                color = found
            } else {
                return name(&color)
            }
        case .restoreView:
            guard case .bool(let isWanted) = value else { return "true or false" }
            restoreView = isWanted
        }
        return nil
    }
}

extension WorkbenchConfig {
    /// A config is a screenful; more is something else.
    private static let mostBytes = 1 << 20

    /// Reads the config at `chosen`, or else where a person's config lies; the defaults where there is none.
    public static func read(
        chosen: String? = nil, environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> ConfigReading {
        guard let path = chosen ?? UserFolders.config(environment), FileManager.default.fileExists(atPath: path) else {
            return ConfigReading(config: WorkbenchConfig(), path: nil, problems: [])
        }
        let shown = "config " + MessageText.printable(path, limit: 200)
        func broken(_ problem: String) -> ConfigReading {
            // One that was asked for by name is not done without.
            let end = chosen == nil ? ": the defaults are used" : ""
            return ConfigReading(config: WorkbenchConfig(), path: path, problems: ["\(shown) \(problem)\(end)"], isBroken: true)
        }
        guard let data = PlainFile.read(path, most: mostBytes) else {
            return broken("cannot be read: expected a file of at most \(mostBytes) bytes that you may read")
        }
        let members: [String: JSONValue]
        do {
            guard case .object(let object) = try JSONDecoder().decode(JSONValue.self, from: data) else {
                return broken("is no JSON object: expected { \"checkpoint\": \"scenes\" } or the like")
            }
            members = object
        } catch { return broken("holds \(MessageText.decoding(error, of: data, as: JSONValue.self).problem), correct it") }
        var config = WorkbenchConfig(), problems: [String] = []
        for key in Key.allCases {
            guard let value = members[key.rawValue], let expected = config.take(key, value) else { continue }
            let found = MessageText.printable((try? SessionJSON.text(value)) ?? "something else", limit: 60)
            problems.append("\(key.rawValue) should be \(expected), but \(shown) has \(found): the default is used")
        }
        let known = Key.allCases.map(\.rawValue)
        for key in unknownKeys(in: data) {
            problems.append(
                "\(MessageText.printable(key, limit: 60)) is no setting, but \(shown) has it; settings are \(known.joined(separator: ", "))"
            )
        }
        return ConfigReading(config: config, path: path, problems: problems)
    }

    private static func unknownKeys(in data: Data) -> [String] {
        guard let given = try? JSONSerialization.jsonObject(with: data),
            let known = try? JSONSerialization.jsonObject(with: JSONEncoder().encode(WorkbenchConfig()))
        else { return [] }
        return UnknownKeys.paths(in: given, known: known)
    }
}

/// Small files that a person or another program may have put there.
enum PlainFile {
    /// The bytes of a plain file; nil where it is something else (a pipe would be waited for), larger, or cannot be read.
    static func read(_ path: String, most: Int) -> Data? {
        let place = URL(fileURLWithPath: path).resolvingSymlinksInPath()
        guard let facts = try? FileManager.default.attributesOfItem(atPath: place.path),
            facts[.type] as? FileAttributeType == .typeRegular, (facts[.size] as? Int ?? .max) <= most
        else { return nil }
        return try? Data(contentsOf: place)
    }
}
