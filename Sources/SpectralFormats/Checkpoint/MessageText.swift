import Foundation

/// Makes text that came from outside (a file, its name, a model) fit to be printed on one line.
public enum MessageText {
    /// `text` with every scalar that could act on a terminal (controls, format characters such as bidirectional
    /// overrides, line separators, unassigned and private ones) written as `\u{...}`, cut after `limit` scalars.
    public static func printable(_ text: String, limit: Int = 120) -> String {
        var shown = ""
        for (count, scalar) in text.unicodeScalars.enumerated() {
            if count == limit { return shown + "..." }
            // The same as `actsOnTerminal` of SpectralScreen, a test holds them together: neither target stands on the other,
            // and the list is Unicode's and not theirs.
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse:
                shown += "\\u{" + String(scalar.value, radix: 16) + "}"
            default:
                shown.unicodeScalars.append(scalar)
            }
        }
        return shown
    }

    /// Up to `limit` names in one line, with a count of those left out.
    static func list(_ names: [String], limit: Int = 4) -> String {
        let shown = names.prefix(limit).map { printable($0) }.joined(separator: ", ")
        return names.count > limit ? "\(shown) and \(names.count - limit) more" : shown
    }

    /// The system's words for the present `errno`, read by the caller at once after the failed call.
    static func system(_ code: Int32) -> String {
        String(cString: strerror(code))
    }

    /// What a failed decode says, as the key it happened at and what was wrong there.
    ///
    /// - Parameters:
    ///   - data: what was decoded; of a number that does not fit its type Foundation says neither key nor number, so it is
    ///     looked for there.
    ///   - decoder: the one that failed.
    public static func decoding<Value: Decodable>(
        _ error: any Error, of data: Data, as type: Value.Type, by decoder: JSONDecoder = JSONDecoder()
    ) -> (key: String, problem: String) {
        let told = told(by: error)
        guard told.key.isEmpty, told.problem == notJSON, let whole = try? JSONSerialization.jsonObject(with: data) else { return told }
        guard data.count < 1 << 16, let (key, number) = misfit(in: whole, type, decoder) else {
            return ("", "a number that does not fit where it stands")
        }
        return (key, "\(number) does not fit: expected a whole number in range")
    }

    private static func told(by error: any Error) -> (key: String, problem: String) {
        guard let error = error as? DecodingError else { return ("", printable("\(error)")) }
        func path(_ context: DecodingError.Context, _ last: [any CodingKey] = []) -> String {
            (context.codingPath + last).map { key in
                key.intValue.map { "[\($0)]" } ?? printable(key.stringValue)
            }.joined(separator: ".").replacingOccurrences(of: ".[", with: "[")
        }
        switch error {
        case .keyNotFound(let key, let context):
            return (path(context, [key]), "the key is missing")
        case .typeMismatch(let type, let context):
            return (path(context), "the value is not \(jsonName(type))")
        case .valueNotFound(let type, let context):
            return (path(context), "the value is null, not \(jsonName(type))")
        case .dataCorrupted(let context):
            let syntax = (context.underlyingError as NSError?)?.userInfo["NSDebugDescription"] as? String
            // Without a key and a place, Foundation's own sentence says no more than this.
            let isNone = syntax == nil && context.codingPath.isEmpty
            return (path(context), isNone ? notJSON : printable(syntax ?? context.debugDescription))
        @unknown default:
            return ("", "the value cannot be read")
        }
    }

    private static let notJSON = "text that is not JSON"

    /// The number without which the rest can be read, and its key; `nil` where there is none such, or thousands of numbers.
    private static func misfit<Value: Decodable>(
        in whole: Any, _ type: Value.Type, _ decoder: JSONDecoder
    ) -> (key: String, number: NSNumber)? {
        var tries = 0
        func search(_ value: Any, _ path: String, _ with: (Any) -> Any) -> (String, NSNumber)? {
            if let object = value as? [String: Any] {
                for (key, member) in object.sorted(by: { $0.key < $1.key }) {
                    let place = path.isEmpty ? printable(key) : path + "." + printable(key)
                    if let found = search(member, place, { with(object.merging([key: $0]) { $1 }) }) { return found }
                }
                return nil
            }
            if let list = value as? [Any] {
                for (i, member) in list.enumerated() {
                    let found = search(member, "\(path)[\(i)]") { with(Array(list[..<i]) + [$0] + Array(list[(i + 1)...])) }
                    if let found { return found }
                }
                return nil
            }
            guard let number = value as? NSNumber, tries < 500 else { return nil }
            tries += 1
            guard let changed = try? JSONSerialization.data(withJSONObject: with(1)),
                (try? decoder.decode(type, from: changed)) != nil
            else { return nil }
            return (path, number)
        }
        return search(whole, "") { $0 }
    }

    private static func jsonName(_ type: any Any.Type) -> String {
        switch type {
        case is Int.Type: "a whole number"
        case is Double.Type, is Float.Type: "a number"
        case is Bool.Type: "true or false"
        case is String.Type: "a string"
        case is any Collection.Type where "\(type)".hasPrefix("Array"): "a list"
        default: "an object"
        }
    }
}
