// Reverse-mode differentiation: every map appends its backward half, `backward` runs them last to first.
//
// Guarantees: with `recording` off nothing is retained, so buffers return to the pool as soon as the caller drops
// them; with it on, each map's operands are released right after its backward half has run.

/// Records the backward halves of the maps applied through it. One per worker; not thread-safe.
public final class Tape {
    public let pool: BufferPool
    public let recording: Bool
    private var steps: [() -> Void] = []

    public init(recording: Bool, pool: BufferPool = BufferPool()) {
        self.recording = recording
        self.pool = pool
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

    /// Runs all backward halves, last map first, and forgets them.
    public func backward() {
        while let step = steps.popLast() { step() }
    }
}
