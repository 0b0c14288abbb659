import Foundation

/// Writes safetensors files.
///
/// Guarantees, in order: the file appears whole or not at all; every value in it is finite; the same tensors give the
/// same bytes, those of Python's `safetensors` (header padded to 8 bytes; wider types first, then by name, so that
/// every tensor is aligned to its type).
public enum SafetensorsWriter {
    /// The number formats that can be written.
    public enum DType: String, Sendable {
        case f32 = "F32"
        case f16 = "F16"

        var size: Int { self == .f32 ? 4 : 2 }
    }


    /// - Parameters:
    ///   - tensors: values row-major; to F16 they are rounded to nearest, ties to even.
    ///   - metadata: notes for the header's `__metadata__`; none are written when it is empty.
    /// - Throws: `SafetensorsError.unwritable` for a name given twice, a count that is not the shape's or a value
    ///   that is not finite in the target type (nothing is written); `.writeFailed` when the system refuses.
    public static func write(
        path: String, tensors: [(name: String, shape: [Int], dtype: DType, values: [Float])],
        metadata: [String: String] = [:]
    ) throws(SafetensorsError) {
        let ordered = tensors.sorted { a, b in
            a.dtype.size != b.dtype.size ? a.dtype.size > b.dtype.size : precedes(a.name, b.name)
        }
        var names: Set<String> = ["__metadata__"]
        for tensor in ordered { try check(tensor, &names, path) }
        do {
            let header = try header(ordered, metadata)
            try AtomicFile.write(path: path) { put in
                try header.withUnsafeBytes(put)
                for tensor in ordered {
                    switch tensor.dtype {
                    case .f32: try store(tensor.values, with: put) { $0.bitPattern.littleEndian }
                    case .f16: try store(tensor.values, with: put) { Float16($0).bitPattern.littleEndian }
                    }
                }
            }
        } catch let error as SafetensorsError {
            throw error
        } catch {
            throw .writeFailed(path: path, operation: "encoding the header", reason: "\(error)")
        }
    }

    /// Converts and hands over the values piece by piece, so that a large tensor is never held twice.
    private static func store<Stored: FixedWidthInteger>(
        _ values: [Float], with put: (UnsafeRawBufferPointer) throws -> Void, _ convert: (Float) -> Stored
    ) throws {
        let piece = 1 << 18
        for start in stride(from: 0, to: values.count, by: piece) {
            let stored = values[start..<min(start + piece, values.count)].map(convert)
            try stored.withUnsafeBytes(put)
        }
    }

    private static func check(
        _ tensor: (name: String, shape: [Int], dtype: DType, values: [Float]), _ names: inout Set<String>,
        _ path: String
    ) throws(SafetensorsError) {
        func refuse(_ expected: String, _ found: String) -> SafetensorsError {
            .unwritable(path: path, name: tensor.name, expected: expected, found: found)
        }
        guard names.insert(tensor.name).inserted else { throw refuse("every name once", "the name twice") }
        var count = 1
        for size in tensor.shape {
            let (product, overflows) = count.multipliedReportingOverflow(by: size)
            guard size >= 0, !overflows else { throw refuse("a shape that can exist", "\(tensor.shape)") }
            count = product
        }
        guard count == tensor.values.count else {
            throw refuse("\(count) values for \(tensor.shape)", "\(tensor.values.count)")
        }
        let limit: Float = tensor.dtype == .f32 ? .greatestFiniteMagnitude : 65519.996
        if let index = tensor.values.firstIndex(where: { !($0.magnitude <= limit) }) {
            throw refuse("finite values in \(tensor.dtype.rawValue)", "\(tensor.values[index]) at index \(index)")
        }
    }

    /// Length and JSON, padded with spaces; keys in the order of the data, as the format's own writer puts them.
    private static func header(
        _ tensors: [(name: String, shape: [Int], dtype: DType, values: [Float])], _ metadata: [String: String]
    ) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var members: [Data] = []
        if !metadata.isEmpty { members.append(Data("\"__metadata__\":".utf8) + (try encoder.encode(metadata))) }
        var offset = 0
        for tensor in tensors {
            let end = offset + tensor.values.count * tensor.dtype.size
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            members.append(
                try encoder.encode(tensor.name)
                    + Data(
                        ":{\"dtype\":\"\(tensor.dtype.rawValue)\",\"shape\":[\(shape)],\"data_offsets\":[\(offset),\(end)]}"
                            .utf8))
            offset = end
        }
        var json = Data("{".utf8) + Data(members.joined(separator: Data(",".utf8))) + Data("}".utf8)
        while json.count % 8 != 0 { json.append(UInt8(ascii: " ")) }
        return withUnsafeBytes(of: UInt64(json.count).littleEndian) { Data($0) } + json
    }

    private static func precedes(_ a: String, _ b: String) -> Bool {
        a.utf8.lexicographicallyPrecedes(b.utf8)
    }
}
