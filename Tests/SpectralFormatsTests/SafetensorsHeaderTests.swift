import Foundation
import TestSupport
import Testing

@testable import SpectralFormats

/// Headers that lie.
@Suite struct SafetensorsHeaderTests {
    /// A file with this header and data; `length` is what the first 8 bytes claim, the truth when nil.
    static func file(_ header: String, _ data: [UInt8] = [], length: UInt64? = nil) -> Data {
        withUnsafeBytes(of: (length ?? UInt64(header.utf8.count)).littleEndian) { Data($0) } + Data(header.utf8) + data
    }

    static func entry(_ name: String, _ type: String, _ shape: String, _ begin: Int, _ end: Int) -> String {
        "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":[\(begin),\(end)]}"
    }

    static func failure(_ data: Data) throws -> SafetensorsError? {
        let scratch = try ScratchFolder()
        let path = try scratch.put("lie", data)
        return SafetensorsTests.failure { _ = try SafetensorsFile(path: path) }
    }

    @Test func soundHeadersOpen() throws {
        let a = Self.entry("a", "F32", "[1]", 0, 4)
        let b = Self.entry("b", "U8", "[0,9]", 4, 4)
        let c = Self.entry("c", "I16", "[]", 4, 6)
        for header in ["{}", "{} \n", "{\"__metadata__\":{}}", "{\(a)}", "{\(c),\(b),\(a)}   "] {
            let data = header.contains("\"c\"") ? 6 : header.contains("\"a\"") ? 4 : 0
            #expect(try Self.failure(Self.file(header, Array(repeating: 0, count: data))) == nil, "\(header)")
        }
    }

    @Test(arguments: [
        ("empty file", Data()),
        ("seven bytes", Data(repeating: 0, count: 7)),
        ("no header", file("")),
        ("longer than the file", file("{}", length: 3)),
        ("over the limit", file("{}", length: 100_000_001)),
        ("the largest number", file("{}", length: .max)),
        ("length of the sign bit", file("{}", length: 1 << 63)),
        ("not JSON", file("{\"a\":")),
        ("a list", file("[]")),
        ("leading space", file(" {}")),
        ("two objects", file("{}{}")),
        ("UTF-16", file("{\0}\0")),
        ("not UTF-8", withUnsafeBytes(of: UInt64(6).littleEndian) { Data($0) } + [0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x7D]),
        ("metadata of numbers", file("{\"__metadata__\":{\"a\":1}}")),
        ("metadata as text", file("{\"__metadata__\":\"a\"}")),
        ("no dtype", file("{\"a\":{\"shape\":[1],\"data_offsets\":[0,4]}}", [0, 0, 0, 0])),
        ("no shape", file("{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}", [0, 0, 0, 0])),
        ("no offsets", file("{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", [0, 0, 0, 0])),
        ("half a size", file("{\(entry("a", "F32", "[1.5]", 0, 4))}", [0, 0, 0, 0])),
        ("size beyond 64 bits", file("{\(entry("a", "F32", "[18446744073709551617]", 0, 4))}", [0, 0, 0, 0])),
        ("size as text", file("{\(entry("a", "F32", "[\"1\"]", 0, 4))}", [0, 0, 0, 0])),
        ("name twice", file("{\(entry("a", "F32", "[1]", 0, 4)),\(entry("a", "F32", "[1]", 0, 4))}", [0, 0, 0, 0])),
        ("name twice, escaped", file("{\(entry("a", "F32", "[1]", 0, 4)),\(entry("\\u0061", "F32", "[1]", 0, 4))}", [0, 0, 0, 0])),
        ("metadata twice", file("{\"__metadata__\":{},\"__metadata__\":{}}")),
        ("note twice", file("{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}")),
        ("dtype twice", file("{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", [0, 0, 0, 0])),
        ("bytes after the data", file("{\(entry("a", "F32", "[1]", 0, 4))}", [0, 0, 0, 0, 0])),
        ("data without tensors", file("{}", [0])),
        ("deep nesting", file("{\"a\":" + String(repeating: "[", count: 100_000))),
    ])
    func malformedHeaders(lie: String, data: Data) throws {
        guard case .malformedHeader = try Self.failure(data) else {
            Issue.record("\(lie): \(String(describing: try Self.failure(data)))")
            return
        }
    }

    @Test(arguments: [
        ("unknown dtype", "b", file("{\(entry("b", "F31", "[1]", 0, 4))}", [0, 0, 0, 0])),
        ("dtype in small letters", "b", file("{\(entry("b", "f32", "[1]", 0, 4))}", [0, 0, 0, 0])),
        ("beyond the end", "b", file("{\(entry("b", "F32", "[1]", 0, 4))}", [0, 0, 0])),
        ("far beyond the end", "b", file("{\(entry("b", "F32", "[1]", Int.max - 4, Int.max))}", [0, 0, 0, 0])),
        ("reversed offsets", "b", file("{\(entry("b", "F32", "[1]", 4, 0))}", [0, 0, 0, 0])),
        ("negative offset", "b", file("{\(entry("b", "F32", "[1]", -4, 0))}", [0, 0, 0, 0])),
        ("one offset", "b", file("{\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}", [0, 0, 0, 0])),
        ("three offsets", "b", file("{\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4,4]}}", [0, 0, 0, 0])),
        ("short for the shape", "b", file("{\(entry("b", "F32", "[2]", 0, 4))}", [0, 0, 0, 0])),
        ("long for the shape", "b", file("{\(entry("b", "F16", "[1]", 0, 4))}", [0, 0, 0, 0])),
        ("negative size", "b", file("{\(entry("b", "F32", "[-1,-1]", 0, 4))}", [0, 0, 0, 0])),
        ("product wraps to the truth", "b", file("{\(entry("b", "F32", "[4611686018427387905]", 0, 4))}", [0, 0, 0, 0])),
        ("product overflows to zero", "b", file("{\(entry("b", "F32", "[4294967296,4294967296]", 0, 0))}")),
        ("too many dimensions", "b", file("{\(entry("b", "U8", "[" + String(repeating: "1,", count: 64) + "1]", 0, 1))}", [0])),
        ("hole at the start", "b", file("{\(entry("b", "F32", "[1]", 1, 5))}", [0, 0, 0, 0, 0])),
        ("hole between", "b", file("{\(entry("a", "U8", "[1]", 0, 1)),\(entry("b", "U8", "[1]", 2, 3))}", [0, 0, 0])),
        ("overlap", "b", file("{\(entry("a", "U8", "[2]", 0, 2)),\(entry("b", "U8", "[2]", 1, 3))}", [0, 0, 0])),
        ("the same data twice", "b", file("{\(entry("a", "U8", "[2]", 0, 2)),\(entry("b", "U8", "[2]", 0, 2))}", [0, 0])),
    ])
    func malformedTensors(lie: String, tensor: String, data: Data) throws {
        guard case .malformedTensor(_, tensor, _, _) = try Self.failure(data) else {
            Issue.record("\(lie): \(String(describing: try Self.failure(data)))")
            return
        }
    }

    /// Every byte of a sound header put wrong, one at a time: refused or still sound, never a crash.
    @Test func anyByteMayLie() throws {
        let path = try checkpointFixture("safetensors/mixed.safetensors")
        let sound = try Data(contentsOf: URL(fileURLWithPath: path))
        let scratch = try ScratchFolder()
        let headerEnd = 8 + Int(sound[0]) + Int(sound[1]) << 8
        var refused = 0
        for index in 0..<headerEnd {
            var data = sound
            data[index] = [UInt8(ascii: "9"), UInt8(ascii: "\""), 0xFF][index % 3]
            let lie = try scratch.put("lie", data)
            guard let file = try? SafetensorsFile(path: lie) else {
                refused += 1
                continue
            }
            for name in file.names { _ = try? file.floats(name, shape: file.shape(of: name) ?? []) }
        }
        // What is left are letters of names and notes, and digits that were 9 already.
        #expect(refused > headerEnd / 2)
    }

    @Test func messagesNeverCarryControlCharacters() throws {
        let name = "\\u001b[31mred\\u202e\\n"
        let error = try #require(try Self.failure(Self.file("{\(Self.entry(name, "F99", "[1]", 0, 4))}", [0, 0, 0, 0])))
        #expect("\(error)".contains("\\u{1b}[31mred\\u{202e}\\u{a}"))
    }

    @Test func duplicateKeysAreFoundAtAnyDepth() {
        func duplicate(_ text: String) -> String? { JSONKeys.firstDuplicate(in: Data(text.utf8)) }
        #expect(duplicate("{\"a\":{\"b\":1},\"b\":[{\"b\":1},{\"b\":2}],\"c\":\"a\"}") == nil)
        #expect(duplicate("{\"a\":[{\"x\":\"{\\\"x\\\":1\",\"y\":[],\"x\":2}]}") == "x")
        #expect(duplicate("{\"a\\\"\":1,\"a\\u0022\":2}") == "a\"")
        #expect(duplicate("{\"a\":\"a\",\"b\":\"a\"}") == nil)
        #expect(duplicate("{\"\":1, \"\" : 2}") == "")
    }
}
