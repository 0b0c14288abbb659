// JSON as a value, so that what this version does not know is kept; and JSON text that no terminal acts on.

import Foundation
import SpectralScreen

/// Any JSON value. Numbers keep their value, not their spelling.
public enum JSONValue: Sendable, Hashable, Codable {
    case null
    case bool(Bool)
    case whole(Int64)
    /// A whole number beyond the signed ones, such as a seed.
    case natural(UInt64)
    case number(Double)
    case text(String)
    case list([JSONValue])
    case object([String: JSONValue])

    public init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let bool = try? value.decode(Bool.self) {
            self = .bool(bool)
        } else if let text = try? value.decode(String.self) {
            self = .text(text)
        } else if let whole = try? value.decode(Int64.self) {
            self = .whole(whole)
        } else if let natural = try? value.decode(UInt64.self) {
            self = .natural(natural)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let list = try? value.decode([JSONValue].self) {
            self = .list(list)
        } else {
            self = .object(try value.decode([String: JSONValue].self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        switch self {
        case .null: try value.encodeNil()
        case .bool(let bool): try value.encode(bool)
        case .whole(let whole): try value.encode(whole)
        case .natural(let natural): try value.encode(natural)
        case .number(let number): try value.encode(number)
        case .text(let text): try value.encode(text)
        case .list(let list): try value.encode(list)
        case .object(let object): try value.encode(object)
        }
    }

    /// The member of an object; nil where there is none.
    public subscript(_ key: String) -> JSONValue? {
        if case .object(let members) = self { members[key] } else { nil }
    }

    /// An object less these members; anything else as it is.
    func without(_ keys: Set<String>) -> JSONValue {
        if case .object(let members) = self { .object(members.filter { !keys.contains($0.key) }) } else { self }
    }

    /// An object with one of its members changed; anything else, and an object without it, as it is.
    func changing(_ key: String, _ change: (JSONValue) -> JSONValue) -> JSONValue {
        guard case .object(var members) = self, let old = members[key] else { return self }
        members[key] = change(old)
        return .object(members)
    }

    /// This value with the members of `newer` in place of its own, objects member by member, anything else whole.
    func merging(_ newer: JSONValue) -> JSONValue {
        guard case .object(let old) = self, case .object(let new) = newer else { return newer }
        return .object(old.merging(new) { $0.merging($1) })
    }
}

/// JSON text of sessions: keys in alphabetical order, every scalar that could act on a terminal spelled as an escape.
public enum SessionJSON {
    /// - Parameter isPretty: over several lines; otherwise one.
    /// - Throws: `EncodingError` for a number that is not finite.
    public static func text(_ value: some Encodable, isPretty: Bool = false) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if isPretty { encoder.outputFormatting.insert(.prettyPrinted) }
        return escaped(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    static func value(_ value: some Encodable) throws -> JSONValue {
        try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(value))
    }

    /// Outside its strings JSON has no such scalars but line breaks, which pretty printing puts between values.
    private static func escaped(_ json: String) -> String {
        var result = ""
        for scalar in json.unicodeScalars {
            if scalar != "\n", scalar.actsOnTerminal { result += scalar.jsonEscape } else { result.unicodeScalars.append(scalar) }
        }
        return result
    }
}
