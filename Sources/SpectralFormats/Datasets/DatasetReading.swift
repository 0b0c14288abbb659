// Files of data sets read whole, and what can be wrong with one.

import Foundation

/// Why a file of a data set cannot be used.
public enum DatasetFileError: Error, CustomStringConvertible, Equatable {
    case unreadable(path: String, format: String, reason: String)
    /// `place` is where in the file, a key of the JSON or a line; empty for the file as a whole.
    case malformed(path: String, format: String, place: String, found: String)
    /// The first bytes are those of none, or of several, of the formats read.
    case unknownFormat(path: String, expected: [String])
    /// None of the images is there.
    case noImages(folder: String, example: String)

    public var description: String {
        switch self {
        case .unreadable(let path, let format, let reason):
            return "cannot read \(format) file \(clean(path)): \(clean(reason)); check the path"
        case .malformed(let path, let format, let place, let found):
            let at = place.isEmpty ? "" : " at \(clean(place))"
            return "\(format) file \(clean(path)) cannot be read\(at): \(clean(found)); correct the file"
        case .unknownFormat(let path, let expected):
            return "cannot tell the format of \(clean(path)): expected \(expected.joined(separator: " or ")); "
                + "say which with --format"
        case .noImages(let folder, let example):
            return "images \(clean(folder)) do not fit: expected files such as \(clean(example)), found none of them; "
                + "name the folder of the data's images"
        }
    }

    private func clean(_ text: String) -> String { MessageText.printable(text, limit: 400) }
}

enum DatasetReading {
    /// The bytes of a regular file.
    static func data(_ path: String, format: String) throws(DatasetFileError) -> Data {
        // Opening a pipe would wait for its writer.
        let real = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        let kind = (try? FileManager.default.attributesOfItem(atPath: real))?[.type] as? FileAttributeType
        guard kind != nil else { throw .unreadable(path: path, format: format, reason: "no such file") }
        guard kind == .typeRegular else {
            throw .unreadable(path: path, format: format, reason: "expected a file, found a folder or a device")
        }
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: path)) else {
            throw .unreadable(path: path, format: format, reason: "the system refused to read it")
        }
        return data
    }

    /// A JSON file whose keys are in snake case.
    static func json<File: Decodable>(
        _ type: File.Type, _ path: String, format: String
    ) throws(DatasetFileError) -> File {
        let data = try data(path, format: format), decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            return try decoder.decode(File.self, from: data)
        } catch {
            let (key, found) = MessageText.decoding(error, of: data, as: File.self, by: decoder)
            // The system ends its own sentences; this one goes on.
            throw .malformed(
                path: path, format: format, place: key, found: found.hasSuffix(".") ? String(found.dropLast()) : found)
        }
    }

    /// The lines of a UTF-8 file with their numbers from 1, without those that are empty.
    static func lines(_ path: String, format: String) throws(DatasetFileError) -> [(number: Int, text: String)] {
        let data = try data(path, format: format)
        var lines: [(number: Int, text: String)] = []
        for (place, bytes) in data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            guard var text = String(bytes: bytes, encoding: .utf8) else {
                throw .malformed(path: path, format: format, place: "line \(place + 1)", found: "expected UTF-8, found other bytes")
            }
            if text.unicodeScalars.last == "\r" { text = String(String.UnicodeScalarView(text.unicodeScalars.dropLast())) }
            if place == 0, text.unicodeScalars.first == "\u{FEFF}" {
                text = String(String.UnicodeScalarView(text.unicodeScalars.dropFirst()))
            }
            if !text.isEmpty { lines.append((place + 1, text)) }
        }
        return lines
    }
}
