import Foundation

/// The number formats that a safetensors file can name.
public enum SafetensorsType: String, Sendable, Codable, CaseIterable {
    case bool = "BOOL"
    case u8 = "U8"
    case i8 = "I8"
    case f8e5m2 = "F8_E5M2"
    case f8e4m3 = "F8_E4M3"
    case i16 = "I16"
    case u16 = "U16"
    case f16 = "F16"
    case bf16 = "BF16"
    case i32 = "I32"
    case u32 = "U32"
    case f32 = "F32"
    case i64 = "I64"
    case u64 = "U64"
    case f64 = "F64"

    /// Bytes per value.
    public var size: Int {
        switch self {
        case .bool, .u8, .i8, .f8e5m2, .f8e4m3: 1
        case .i16, .u16, .f16, .bf16: 2
        case .i32, .u32, .f32: 4
        case .i64, .u64, .f64: 8
        }
    }
}

/// The header of a safetensors file, believed only after every claim was checked against the file's length.
///
/// Format: 8 bytes, the header's length N as a little-endian number; N bytes of JSON, name -> dtype, shape,
/// data_offsets [begin, end) counted from the header's end, and `__metadata__`; then the data without gaps.
struct SafetensorsHeader {
    struct Entry: Equatable {
        let type: SafetensorsType
        let shape: [Int]
        /// From the start of the file.
        let bytes: Range<Int>
        var count: Int { bytes.count / type.size }
    }

    static let lengthLimit = 100_000_000

    let entries: [String: Entry]
    let metadata: [String: String]

    /// The header's length, checked against `fileLength`.
    static func length(prefix: [UInt8], fileLength: Int, path: String) throws(SafetensorsError) -> Int {
        func lie(_ expected: String, _ found: String) -> SafetensorsError {
            .malformedHeader(path: path, expected: expected, found: found)
        }
        guard prefix.count == 8 else { throw lie("at least 8 bytes", "\(fileLength)") }
        let length = prefix.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length <= UInt64(lengthLimit) else { throw lie("a header of at most \(lengthLimit) bytes", "\(length)") }
        guard length <= UInt64(fileLength - 8) else {
            throw lie("a header of at most the \(fileLength - 8) bytes that follow", "\(length)")
        }
        return Int(length)
    }

    /// - Parameters:
    ///   - json: the N bytes of the header.
    ///   - dataLength: how many bytes follow it in the file.
    init(json: Data, dataLength: Int, path: String) throws(SafetensorsError) {
        func lie(_ expected: String, _ found: String) -> SafetensorsError {
            .malformedHeader(path: path, expected: expected, found: found)
        }
        // A zero byte would let the decoder take the text for UTF-16.
        guard json.first == UInt8(ascii: "{"), !json.contains(0) else {
            throw lie("a JSON object", json.isEmpty ? "nothing" : "other bytes")
        }
        let file: HeaderFile
        do {
            file = try JSONDecoder().decode(HeaderFile.self, from: json)
        } catch {
            let (key, problem) = MessageText.decoding(error, of: json, as: HeaderFile.self)
            throw lie("a JSON object of tensor entries", key.isEmpty ? problem : "\(problem) at \(key)")
        }
        if let key = JSONKeys.firstDuplicate(in: json) { throw lie("every key once", "\(key) twice") }

        var entries: [String: Entry] = [:]
        for (name, raw) in file.tensors {
            entries[name] = try Self.entry(name, raw, offset: 8 + json.count, dataLength: dataLength, path: path)
        }
        var end = 8 + json.count
        let inOrder = entries.sorted {
            ($0.value.bytes.lowerBound, $0.value.bytes.upperBound, $0.key)
                < ($1.value.bytes.lowerBound, $1.value.bytes.upperBound, $1.key)
        }
        for (name, entry) in inOrder {
            guard entry.bytes.lowerBound == end else {
                let what = entry.bytes.lowerBound < end ? "an overlap" : "a hole"
                throw .malformedTensor(
                    path: path, name: name, expected: "data from offset \(end - 8 - json.count)",
                    found: "\(what): \(entry.bytes.lowerBound - 8 - json.count)")
            }
            end = entry.bytes.upperBound
        }
        guard end == 8 + json.count + dataLength else {
            throw lie("\(end - 8 - json.count) bytes of data after the header", "\(dataLength)")
        }
        self.entries = entries
        metadata = file.metadata
    }

    private static func entry(
        _ name: String, _ raw: HeaderFile.Tensor, offset: Int, dataLength: Int, path: String
    ) throws(SafetensorsError) -> Entry {
        func lie(_ expected: String, _ found: String) -> SafetensorsError {
            .malformedTensor(path: path, name: name, expected: expected, found: found)
        }
        guard let type = SafetensorsType(rawValue: raw.dtype) else { throw lie("a known dtype", raw.dtype) }
        guard raw.data_offsets.count == 2 else { throw lie("two data_offsets", "\(raw.data_offsets.count)") }
        let (begin, end) = (raw.data_offsets[0], raw.data_offsets[1])
        guard begin >= 0, begin <= end else { throw lie("data_offsets in order", "[\(begin), \(end)]") }
        guard end <= dataLength else { throw lie("data inside the \(dataLength) bytes of the file", "[\(begin), \(end)]") }
        guard raw.shape.allSatisfy({ $0 >= 0 }) else { throw lie("no negative size", "\(raw.shape)") }
        guard raw.shape.count <= 64 else { throw lie("at most 64 dimensions", "\(raw.shape.count)") }
        var length = type.size
        for size in raw.shape {
            let (product, overflows) = length.multipliedReportingOverflow(by: size)
            guard !overflows else { throw lie("a shape that can exist", "\(raw.shape)") }
            length = product
        }
        guard length == end - begin else {
            throw lie("\(length) bytes for \(type.rawValue) \(raw.shape)", "\(end - begin)")
        }
        return Entry(type: type, shape: raw.shape, bytes: (offset + begin)..<(offset + end))
    }
}

/// The header's JSON as it is written.
private struct HeaderFile: Decodable {
    struct Tensor: Decodable {
        let dtype: String
        let shape: [Int]
        let data_offsets: [Int]
    }
    struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    var tensors: [String: Tensor] = [:]
    var metadata: [String: String] = [:]

    init(from decoder: any Decoder) throws {
        let object = try decoder.container(keyedBy: Name.self)
        for key in object.allKeys {
            if key.stringValue == "__metadata__" {
                metadata = try object.decode([String: String].self, forKey: key)
            } else {
                tensors[key.stringValue] = try object.decode(Tensor.self, forKey: key)
            }
        }
    }
}

/// Finds keys that an object gives twice, which the JSON decoder lets pass.
enum JSONKeys {
    /// The first key that its object already had, in text that is known to be well-formed JSON.
    static func firstDuplicate(in data: Data) -> String? {
        let json = [UInt8](data)
        var open: [(isObject: Bool, keys: Set<String>)] = []
        var expectsKey = false
        var position = json.startIndex
        while position < json.endIndex {
            switch json[position] {
            case UInt8(ascii: "{"):
                open.append((true, []))
                expectsKey = true
            case UInt8(ascii: "["):
                open.append((false, []))
                expectsKey = false
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                _ = open.popLast()
                expectsKey = false
            case UInt8(ascii: ","):
                expectsKey = open.last?.isObject ?? false
            case UInt8(ascii: "\""):
                let start = position
                position += 1
                while position < json.endIndex, json[position] != UInt8(ascii: "\"") {
                    position += json[position] == UInt8(ascii: "\\") ? 2 : 1
                }
                guard expectsKey, position < json.endIndex else { break }
                expectsKey = false
                let key = text(of: json[start...position])
                if !open[open.count - 1].keys.insert(key).inserted { return key }
            default: break
            }
            position += 1
        }
        return nil
    }

    private static func text(of literal: ArraySlice<UInt8>) -> String {
        if literal.contains(UInt8(ascii: "\\")), let text = try? JSONDecoder().decode(String.self, from: Data(literal)) {
            return text
        }
        return String(decoding: literal.dropFirst().dropLast(), as: UTF8.self)
    }
}
