import Foundation
import TestSupport
import Testing

@testable import SpectralFormats

@Suite struct SafetensorsTests {
    static func failure(_ body: () throws -> Void) -> SafetensorsError? {
        do {
            try body()
            return nil
        } catch {
            expectOneCleanLine(error)
            return error as? SafetensorsError
        }
    }

    @Test func readsWhatPythonWrote() throws {
        let file = try SafetensorsFile(path: checkpointFixture("safetensors/mixed.safetensors"))
        #expect(file.names == [
            "block.0.bf16", "block.0.f16", "block.0.f32", "block.1.f64", "empty", "flags", "näme/日本", "scalar", "steps",
        ])
        #expect(file.metadata == ["made by": "safetensors", "näme": "日本"])
        for (name, shape, type) in [
            ("block.0.f32", [2, 3], SafetensorsType.f32), ("block.0.f16", [7], .f16), ("block.0.bf16", [3, 5], .bf16),
            ("block.1.f64", [2, 1, 2], .f64), ("scalar", [], .f32), ("empty", [0, 4], .f32), ("näme/日本", [2], .f32),
        ] {
            #expect(file.shape(of: name) == shape && file.dtype(of: name) == type)
            let count = shape.reduce(1, *)
            #expect(try file.floats(name, shape: shape) == (0..<count).map { Float($0) / 4 - 1 }, "\(name)")
        }
        #expect(file.shape(of: "steps") == [3] && file.dtype(of: "steps") == .i64)
        #expect(file.shape(of: "none") == nil && file.dtype(of: "none") == nil)
    }

    @Test func writesTheBytesThatPythonWrites() throws {
        func values(_ count: Int) -> [Float] { (0..<count).map { Float($0) / 8 - 0.5 } }
        let scratch = try ScratchFolder()
        let path = scratch.file("ours.safetensors")
        try SafetensorsWriter.write(
            path: path,
            tensors: [
                ("é", [1], .f32, values(1)), ("a.bias", [5], .f16, values(5)), ("b.weight", [3, 4], .f32, values(12)),
                ("Z", [3], .f16, values(3)), ("a.weight", [2, 2], .f32, values(4)),
            ], metadata: ["format": "sdict-vlm"])
        let ours = try Data(contentsOf: URL(fileURLWithPath: path))
        let fixture = try checkpointFixture("safetensors/written.safetensors")
        #expect(ours == (try Data(contentsOf: URL(fileURLWithPath: fixture))))
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path) == ["ours.safetensors"])
    }

    @Test func readsBackWhatItWrote() throws {
        let scratch = try ScratchFolder()
        let path = scratch.file("a.safetensors")
        let values: [Float] = [0, -0.0, 1, .leastNonzeroMagnitude, -.greatestFiniteMagnitude, 0.1, 3e-8]
        let halves: [Float] = [65504, -65519, 1 / 3, 6e-8, 2049, 2051]
        let notes = ["quote": "\"\\\n\u{1}", "long": String(repeating: "日", count: 999)]
        try SafetensorsWriter.write(
            path: path,
            tensors: [("w \"x\"\\", [7, 1], .f32, values), ("h", [2, 3], .f16, halves), ("none", [0], .f16, [])],
            metadata: notes)
        let file = try SafetensorsFile(path: path)
        #expect(file.metadata == notes)
        let read = try file.floats("w \"x\"\\", shape: [7, 1])
        #expect(read.map(\.bitPattern) == values.map(\.bitPattern))
        // The neighbours in half precision: 1/3 lies in steps of 2^-12, 6e-8 in steps of 2^-24, ties go to even.
        #expect(try file.floats("h", shape: [2, 3]) == [65504, -65504, 1365 / 4096, 0x1p-24, 2048, 2052])
        #expect(try file.floats("none", shape: [0]) == [])
        try SafetensorsWriter.write(path: path, tensors: [])
        #expect(try SafetensorsFile(path: path).names == [])
        // The mapping of the replaced file is untouched.
        #expect(try file.floats("h", shape: [2, 3])[0] == 65504)
    }

    @Test func refusesToWriteWhatCannotBeRead() throws {
        let scratch = try ScratchFolder()
        let path = scratch.file("a.safetensors")
        let cases: [[(name: String, shape: [Int], dtype: SafetensorsWriter.DType, values: [Float])]] = [
            [("a", [1], .f32, [1]), ("a", [1], .f16, [1])],
            [("__metadata__", [1], .f32, [1])],
            [("a", [2], .f32, [1])],
            [("a", [-1, -1], .f32, [1])],
            [("a", [Int.max, 4], .f32, [1])],
            [("a", [2], .f32, [0, .nan])],
            [("a", [2], .f32, [0, -.infinity])],
            [("a", [2], .f16, [0, 65520])],
        ]
        for tensors in cases {
            guard case .unwritable = Self.failure({ try SafetensorsWriter.write(path: path, tensors: tensors) }) else {
                Issue.record("\(tensors) was written")
                continue
            }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path).isEmpty)
        for bad in [scratch.file("no/such/folder/a"), scratch.path] {
            guard case .writeFailed(let named, _, _) = Self.failure({
                try SafetensorsWriter.write(path: bad, tensors: [])
            }) else {
                Issue.record("\(bad) was written")
                continue
            }
            #expect(named == bad)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path).isEmpty)
    }

    /// Counters are exact beyond what single precision holds, so they are not handed out as such.
    @Test func typesAndShapesMustBeTheCallers() throws {
        let file = try SafetensorsFile(path: checkpointFixture("safetensors/mixed.safetensors"))
        let path = file.path
        #expect(Self.failure { _ = try file.floats("none", shape: [1]) }
            == .missingTensor(path: path, name: "none", count: 9))
        #expect(Self.failure { _ = try file.floats("block.0.f32", shape: [3, 2]) }
            == .wrongShape(path: path, name: "block.0.f32", expected: [3, 2], found: [2, 3]))
        #expect(Self.failure { _ = try file.floats("steps", shape: [3]) }
            == .wrongType(path: path, name: "steps", expected: "F32, F16, BF16 or F64", found: .i64))
        let short = UnsafeMutableBufferPointer<Float>.allocate(capacity: 5)
        defer { short.deallocate() }
        #expect(Self.failure { try file.read("block.0.f32", shape: [2, 3], into: short) }
            == .wrongShape(path: path, name: "block.0.f32", expected: [5], found: [2, 3]))
    }

    @Test(arguments: [
        ("F32", [0x00, 0x00, 0x80, 0x7F], "inf"), ("F32", [0x01, 0x00, 0x80, 0xFF], "nan"),
        ("F16", [0x00, 0xFC], "-inf"), ("F16", [0x00, 0x7E], "nan"), ("BF16", [0xC0, 0x7F], "nan"),
        ("F64", [0, 0, 0, 0, 0, 0, 0xF0, 0x7F], "inf"),
        // Finite in double precision (1e300 or so), not in single.
        ("F64", [0, 0, 0, 0, 0, 0, 0x30, 0x7E], "inf"),
    ] as [(String, [UInt8], String)])
    func refusesValuesThatAreNotFinite(type: String, bits: [UInt8], shown: String) throws {
        let scratch = try ScratchFolder()
        let zeros = Array(repeating: UInt8(0), count: 3 * bits.count)
        let header = "{\"w\":{\"dtype\":\"\(type)\",\"shape\":[2,2],\"data_offsets\":[0,\(4 * bits.count)]}}"
        let path = try scratch.put("a", SafetensorsHeaderTests.file(header, zeros + bits))
        let file = try SafetensorsFile(path: path)
        #expect(Self.failure { _ = try file.floats("w", shape: [2, 2]) }
            == .notFinite(path: path, name: "w", index: 3, value: shown))
    }

    @Test func aFileCutShortWhileOpenIsAnError() throws {
        let scratch = try ScratchFolder()
        let path = scratch.file("a")
        let values = Array(repeating: Float(1), count: 100_000)
        try SafetensorsWriter.write(path: path, tensors: [("w", [100_000], .f32, values)])
        let file = try SafetensorsFile(path: path)
        let length = file.byteCount
        #expect(truncate(path, 4096) == 0)
        let expected = SafetensorsError.changedOnDisk(path: path, expected: "\(length) bytes", found: "4096")
        #expect(Self.failure { _ = try file.floats("w", shape: [100_000]) } == expected)
        #expect(Self.failure { try file.forEachPiece { _ in } } == expected)
    }

    @Test func aFileChangedWhileOpenIsAnError() throws {
        let scratch = try ScratchFolder()
        let path = scratch.file("a")
        try SafetensorsWriter.write(path: path, tensors: [("w", [1], .f32, [1])])
        let file = try SafetensorsFile(path: path)
        try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSince1970: 1e9)], ofItemAtPath: path)
        guard case .changedOnDisk = Self.failure({ _ = try file.floats("w", shape: [1]) }) else {
            Issue.record("the change went unnoticed")
            return
        }
    }

    @Test func unreadablePathsAreErrors() throws {
        let scratch = try ScratchFolder()
        let pipe = scratch.file("pipe")
        #expect(mkfifo(pipe, 0o600) == 0)
        for path in [scratch.file("none"), scratch.path, pipe, scratch.file("\u{1B}[2J\n")] {
            guard case .unreadable(path, _) = Self.failure({ _ = try SafetensorsFile(path: path) }) else {
                Issue.record("\(path) was opened")
                continue
            }
        }
    }
}
