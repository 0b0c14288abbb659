// Reverse-mode differentiation: every map appends its backward half, `backward` runs them last to first.
//
// Guarantees: with `recording` off nothing is retained, so buffers return to the pool as soon as the caller drops
// them; with it on, each map's operands are released right after its backward half has run.

import CElementwise

/// Which share of channels `Tape.dropped` sets to zero, and the seed of which ones: a pure function of it and of the
/// order of calls.
public struct Dropout: Sendable, Equatable {
    /// At least 0 and below 1.
    public let rate: Float
    private var random: SplitMix64

    public init(rate: Float, seed: UInt64) {
        precondition(rate >= 0 && rate < 1, "a dropout of \(rate)")
        self.rate = rate
        random = SplitMix64(state: seed)
    }

    /// The seed of the next mask.
    fileprivate mutating func next() -> UInt32 { UInt32(random.next() >> 32) }
}

/// Records the backward halves of the maps applied through it. One per worker; not thread-safe.
public final class Tape {
    public let pool: BufferPool
    public let recording: Bool
    private var steps: [() -> Void] = []
    /// `nil` outside training, and in training that drops nothing.
    private var dropout: Dropout?

    public init(recording: Bool, pool: BufferPool = BufferPool(), dropout: Dropout? = nil) {
        self.recording = recording
        self.pool = pool
        self.dropout = dropout
    }

    /// A tensor from this tape's pool with undefined values.
    public func tensor(rows: Int, columns: Int, needsGradient: Bool) -> Tensor {
        Tensor(
            rows: rows, columns: columns, values: buffer(rows * columns), needsGradient: needsGradient && recording,
            pool: pool)
    }

    /// Undefined scratch from this tape's pool.
    public func buffer(_ count: Int) -> FloatBuffer { FloatBuffer(count: count, pool: pool, zeroed: false) }

    /// Registers the backward half of the map that made `output`; it runs only if `output` received a gradient.
    public func record(_ output: Tensor, _ backward: @escaping (_ gradient: FloatBuffer) -> Void) {
        guard output.needsGradient else { return }
        steps.append {
            guard let gradient = output.gradient else { return }
            backward(gradient)
        }
    }

    /// Registers the backward half of a loss term, which needs no incoming gradient.
    public func recordLoss(_ backward: @escaping () -> Void) {
        if recording { steps.append(backward) }
    }

    /// x with a share of its elements set to zero and the rest divided by one minus that share; x itself without dropout.
    ///
    /// Source: Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting" (2014). The backward
    /// half hashes the mask anew instead of keeping it.
    public func dropped(_ x: Tensor) -> Tensor {
        guard let rate = dropout?.rate, rate > 0, let seed = dropout?.next() else { return x }
        let y = tensor(rows: x.rows, columns: x.columns, needsGradient: x.needsGradient)
        let below = UInt32(rate * 0x1p32), scale = 1 / (1 - rate)
        ce_dropout(y.pointer, x.pointer, seed, below, scale, 0, x.count)
        record(y) { dy in
            let (dx, keep) = x.gradientSink()
            ce_dropout(dx, dy.pointer, seed, below, scale, keep ? 1 : 0, x.count)
        }
        return y
    }

    /// Runs all backward halves, last map first, and forgets them.
    public func backward() {
        while let step = steps.popLast() { step() }
    }
}
