// Checks a map against a twin in double precision: its values directly, its backward half against the twin's central
// differences. Inputs are floats that the twin reads exactly, so only the map's own rounding separates the two.

import SpectralKernels
import Testing

/// Uniform values in -1...1, a pure function of the seed (SplitMix64).
public struct TestRandom {
    private var random: Seeded

    public init(_ seed: UInt64) { random = Seeded(state: seed &* 0x9e37_79b9_7f4a_7c15) }

    public mutating func next() -> Float { Float(random.next() >> 40) / Float(1 << 23) - 1 }

    public mutating func values(_ count: Int) -> [Float] { (0..<count).map { _ in next() } }
}

/// The shape of an operand and the factor its random values in -1...1 take.
public struct Operand {
    public let rows: Int
    public let columns: Int
    public var scale: Float = 1

    public init(_ rows: Int, _ columns: Int, scale: Float = 1) {
        self.rows = rows
        self.columns = columns
        self.scale = scale
    }
}

/// A pool whose buffers hold NaN, so that a map which reads what it never wrote is found out.
public func poisonedPool() -> BufferPool {
    let pool = BufferPool()
    let buffers = stride(from: 16, through: 4096, by: 16).map { FloatBuffer(count: $0, pool: pool, zeroed: false) }
    for buffer in buffers { buffer.withMutableValues { for i in $0.indices { $0[i] = .nan } } }
    return pool
}

/// Compares `map` with `twin` in value and in derivative of sum(weights * output) by every element of every operand.
///
/// - Parameters:
///   - tolerance: error allowed, as a share of the largest magnitude in the array compared. Sums here run over at most
///     64 products of rounding 2^-24 each (4e-6), and exponentials are within 4e-7: 1e-5 covers both.
///   - fixed: operands that no derivative is asked of.
///   - lossTwin: differentiates this in place of the weighted sum of `twin`.
public func checkDerivative(
    _ operands: [Operand], tolerance: Double = 1e-5, fixed: Set<Int> = [], seed: UInt64 = 7,
    _ map: (Tape, [Tensor]) -> Tensor, twin: ([[Double]]) -> [Double],
    sourceLocation: SourceLocation = #_sourceLocation
) {
    var random = TestRandom(seed)
    let values = operands.map { operand in random.values(operand.rows * operand.columns).map { $0 * operand.scale } }
    let exact = values.map { $0.map(Double.init) }
    let expected = twin(exact)
    let weights = random.values(expected.count)

    func loss(_ inputs: [[Double]]) -> Double { zip(twin(inputs), weights).reduce(0) { $0 + $1.0 * Double($1.1) } }
    // Central differences: truncation h^2 |f'''| / 6 and rounding 1e-16 |f| / h are both far below the tolerance.
    let h = 1e-5
    let differences = exact.indices.map { n -> [Double] in
        guard !fixed.contains(n) else { return [] }
        var moved = exact
        return exact[n].indices.map { i in
            moved[n][i] = exact[n][i] + h
            let up = loss(moved)
            moved[n][i] = exact[n][i] - h
            let down = loss(moved)
            moved[n][i] = exact[n][i]
            return (up - down) / (2 * h)
        }
    }

    // A gradient that is already there must be added to, a fresh one overwritten.
    for already in [Float?.none, 0.25] {
        let tape = Tape(recording: true, pool: poisonedPool())
        let tensors = zip(operands, values).enumerated().map { n, operand in
            Tensor(rows: operand.0.rows, columns: operand.0.columns, operand.1, needsGradient: !fixed.contains(n))
        }
        if let already {
            for tensor in tensors where tensor.needsGradient {
                tensor.addToGradient { for i in $0.indices { $0[i] = already } }
            }
        }
        // Copies take their gradients from the poisoned pool; leaves bring their own.
        let output = map(tape, already == nil ? tensors.map { tape.scaled($0, by: 1) } : tensors)
        expectClose(output.values.array, expected, tolerance, "value", sourceLocation)
        output.addToGradient { for i in $0.indices { $0[i] = weights[i] } }
        tape.backward()
        for n in tensors.indices where !fixed.contains(n) {
            guard let gradient = tensors[n].gradient?.array else {
                Issue.record("operand \(n) received no gradient", sourceLocation: sourceLocation)
                continue
            }
            expectClose(
                gradient, differences[n].map { $0 + Double(already ?? 0) }, tolerance, "gradient of operand \(n)",
                sourceLocation)
        }
    }
}

/// Largest error within `tolerance` of the largest magnitude expected.
public func expectClose(
    _ got: [Float], _ expected: [Double], _ tolerance: Double, _ what: String,
    _ sourceLocation: SourceLocation = #_sourceLocation
) {
    guard got.count == expected.count else {
        Issue.record("\(what): \(got.count) numbers for \(expected.count)", sourceLocation: sourceLocation)
        return
    }
    // Where all expected values vanish, what is left is the rounding of the terms that cancel, which are of order 1.
    let scale = max(expected.reduce(0) { max($0, abs($1)) }, 0.1)
    // Written so that a NaN counts as the largest error there is.
    let worst = zip(got, expected).reduce(0.0) { worst, pair in
        let error = abs(Double(pair.0) - pair.1)
        return error.isFinite ? max(worst, error) : .infinity
    }
    #expect(worst <= tolerance * scale, "\(what): error \(worst) at scale \(scale)", sourceLocation: sourceLocation)
}
