import Foundation

/// A safetensors file opened for reading: memory-mapped, its header checked completely before anything is offered.
///
/// Guarantees, in order: no value that is not finite is ever handed out; no claim of the header is used unchecked; a
/// file that changed since it was opened is an error, not a crash (see `MappedFile`); values are those of the file,
/// converted exactly (F16, BF16, F32) or rounded once (F64).
public final class SafetensorsFile: Sendable {
    public let path: String
    /// The file's own notes, `__metadata__` in the header.
    public let metadata: [String: String]
    private let file: MappedFile
    private let entries: [String: SafetensorsHeader.Entry]

    public init(path: String) throws(SafetensorsError) {
        let file = try MappedFile(path: path)
        let prefix = try file.withBytes(0..<min(8, file.length)) { Array($0) }
        let length = try SafetensorsHeader.length(prefix: prefix, fileLength: file.length, path: path)
        let json = try file.withBytes(8..<(8 + length)) { Data($0) }
        let header = try SafetensorsHeader(json: json, dataLength: file.length - 8 - length, path: path)
        self.path = path
        self.file = file
        metadata = header.metadata
        entries = header.entries
    }

    /// The names of all tensors, sorted.
    public var names: [String] { entries.keys.sorted() }

    /// The length of the file in bytes.
    public var byteCount: Int { file.length }

    public func shape(of name: String) -> [Int]? { entries[name]?.shape }

    public func dtype(of name: String) -> SafetensorsType? { entries[name]?.type }

    /// The values of `name` (row-major, `shape` as the caller knows it) from F32, F16, BF16 or F64.
    ///
    /// - Throws: `SafetensorsError` if the tensor is missing, of another shape or type, holds a value that is not
    ///   finite in single precision, or the file changed.
    public func floats(_ name: String, shape: [Int]) throws(SafetensorsError) -> [Float] {
        let count = try entry(name, shape: shape).count
        do {
            return try [Float](unsafeUninitializedCapacity: count) { buffer, filled in
                try read(name, shape: shape, into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
                filled = count
            }
        } catch {
            throw error as! SafetensorsError
        }
    }

    /// As `floats`, into memory the caller owns; `destination` must have exactly the shape's count.
    public func read(
        _ name: String, shape: [Int], into destination: UnsafeMutableBufferPointer<Float>
    ) throws(SafetensorsError) {
        let entry = try entry(name, shape: shape)
        guard destination.count == entry.count else {
            throw .wrongShape(path: path, name: name, expected: [destination.count], found: shape)
        }
        let bad: Int?
        switch entry.type {
        case .f32:
            bad = try fill(destination, entry, UInt32.self) { Float(bitPattern: $0) }
        case .f16:
            bad = try fill(destination, entry, UInt16.self) { Float(Float16(bitPattern: $0)) }
        case .bf16:
            bad = try fill(destination, entry, UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
        case .f64:
            bad = try fill(destination, entry, UInt64.self) { Float(Double(bitPattern: $0)) }
        default:
            throw .wrongType(path: path, name: name, expected: "F32, F16, BF16 or F64", found: entry.type)
        }
        if let bad {
            let value = destination[bad].isNaN ? "nan" : "\(destination[bad])"
            throw .notFinite(path: path, name: name, index: bad, value: value)
        }
    }

    /// Every byte of the file in order, in pieces.
    func forEachPiece(_ body: (UnsafeRawBufferPointer) -> Void) throws(SafetensorsError) {
        var start = 0
        while start < file.length {
            let end = min(start + 1 << 20, file.length)
            try file.withBytes(start..<end) { body($0) }
            start = end
        }
    }

    private func entry(_ name: String, shape: [Int]) throws(SafetensorsError) -> SafetensorsHeader.Entry {
        guard let entry = entries[name] else { throw .missingTensor(path: path, name: name, count: entries.count) }
        guard entry.shape == shape else {
            throw .wrongShape(path: path, name: name, expected: shape, found: entry.shape)
        }
        return entry
    }

    /// Converts all values from their stored bits; the index of the first that is not finite, if there is one.
    ///
    /// The check costs no branch per value: a value times zero is zero exactly when it is finite, so the sum tells.
    @inline(__always)
    private func fill<Bits: FixedWidthInteger>(
        _ destination: UnsafeMutableBufferPointer<Float>, _ entry: SafetensorsHeader.Entry, _: Bits.Type,
        _ convert: (Bits) -> Float
    ) throws(SafetensorsError) -> Int? {
        try file.withBytes(entry.bytes) { bytes in
            var sum: Float = 0
            for index in 0..<destination.count {
                let bits = bytes.loadUnaligned(fromByteOffset: index * MemoryLayout<Bits>.size, as: Bits.self)
                let value = convert(Bits(littleEndian: bits))
                destination[index] = value
                sum += value * 0
            }
            return sum == 0 ? nil : destination.firstIndex { !$0.isFinite }
        }
    }
}
