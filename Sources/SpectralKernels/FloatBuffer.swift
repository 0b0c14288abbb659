// Owning float storage and the pool it is recycled through.
//
// Guarantees: storage is 64-byte aligned and freed (or handed back to its pool) exactly once, in `deinit`; a pooled
// buffer's contents are undefined until written; neither type is safe to share between threads while one writes.
// The raw pointer is visible inside this module only; other modules go through `withValues`/`withMutableValues`.

#if canImport(Glibc)
    import Glibc
#endif

/// Recycles freed buffers, so that a training step in its steady state allocates nothing.
///
/// Not thread-safe: every worker owns one.
public final class BufferPool {
    private var free: [Int: [UnsafeMutablePointer<Float>]] = [:]
    /// Bytes this pool has asked of the system so far.
    public private(set) var reservedBytes = 0
    /// Bytes of buffers that are in somebody's hands now, and the most that ever were; rounding of capacities included.
    public private(set) var heldBytes = 0
    public private(set) var peakBytes = 0

    public init() {}

    /// Capacities are rounded up to eighths of a power of two, so that ragged batches still find a buffer to reuse.
    static func capacity(for count: Int) -> Int {
        guard count > 64 else { return 64 }
        let step = max(16, 1 << (Int.bitWidth - 1 - (count - 1).leadingZeroBitCount - 3))
        return (count + step - 1) / step * step
    }

    func take(_ capacity: Int) -> UnsafeMutablePointer<Float> {
        heldBytes += capacity * MemoryLayout<Float>.stride
        peakBytes = max(peakBytes, heldBytes)
        if let recycled = free[capacity]?.popLast() { return recycled }
        reservedBytes += capacity * MemoryLayout<Float>.stride
        return FloatBuffer.allocate(capacity)
    }

    func give(_ pointer: UnsafeMutablePointer<Float>, capacity: Int) {
        heldBytes -= capacity * MemoryLayout<Float>.stride
        free[capacity, default: []].append(pointer)
    }

    deinit { for pointers in free.values { for pointer in pointers { pointer.deallocate() } } }
}

/// `count` floats with one owner.
public final class FloatBuffer {
    public let count: Int
    let pointer: UnsafeMutablePointer<Float>
    private let capacity: Int
    private let pool: BufferPool?

    /// - Parameters:
    ///   - count: number of floats, zero allowed.
    ///   - pool: where the storage comes from and returns to; `nil` asks the system.
    ///   - zeroed: clear the storage; otherwise its contents are undefined.
    public init(count: Int, pool: BufferPool? = nil, zeroed: Bool = true) {
        precondition(count >= 0, "a buffer cannot hold \(count) floats")
        self.count = count
        self.pool = pool
        capacity = BufferPool.capacity(for: count)
        pointer = pool?.take(capacity) ?? FloatBuffer.allocate(capacity)
        if zeroed { clear() }
    }

    public convenience init(_ values: [Float]) {
        self.init(count: values.count, zeroed: false)
        values.withUnsafeBufferPointer { source in
            if let base = source.baseAddress { pointer.update(from: base, count: count) }
        }
    }

    static func allocate(_ capacity: Int) -> UnsafeMutablePointer<Float> {
        UnsafeMutableRawPointer.allocate(byteCount: capacity * MemoryLayout<Float>.stride, alignment: 64)
            .bindMemory(to: Float.self, capacity: capacity)
    }

    deinit {
        if let pool { pool.give(pointer, capacity: capacity) } else { pointer.deallocate() }
    }

    public func clear() { memset(pointer, 0, count * MemoryLayout<Float>.stride) }

    public func withValues<T>(_ body: (UnsafeBufferPointer<Float>) throws -> T) rethrows -> T {
        try body(UnsafeBufferPointer(start: pointer, count: count))
    }

    public func withMutableValues<T>(_ body: (UnsafeMutableBufferPointer<Float>) throws -> T) rethrows -> T {
        try body(UnsafeMutableBufferPointer(start: pointer, count: count))
    }

    public var array: [Float] { Array(UnsafeBufferPointer(start: pointer, count: count)) }

    public func copy(from other: FloatBuffer) {
        precondition(other.count == count, "copy of \(other.count) floats into \(count)")
        pointer.update(from: other.pointer, count: count)
    }
}
