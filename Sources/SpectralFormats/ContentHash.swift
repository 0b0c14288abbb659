// Names for exactly this content.

import Foundation

/// FNV-1a, 64 bit (Fowler, Noll, Vo): tells contents apart, protects against nothing.
public struct FNV1a {
    public private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    public init() {}

    public init(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { add(byte) }
    }

    public mutating func add(_ bytes: UnsafeRawBufferPointer) {
        for byte in bytes { add(byte) }
    }

    private mutating func add(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }

    /// 16 digits.
    public var hex: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

/// Tells files apart by their content.
public enum ContentHash {
    /// FNV-1a (64 bit) of a file's bytes, in hex.
    public static func file(_ path: String) throws(DatasetFileError) -> String {
        FNV1a(try DatasetReading.data(path, format: "data")).hex
    }
}
