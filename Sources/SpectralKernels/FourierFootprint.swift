// Which rows of a half spectrum a frequency reads and writes, and with which weights: the sparse half of a
// non-uniform transform. On the transform's own grid a footprint is a single bin of weight 1.
//
// Guarantees: `collect` and `spread` are adjoint to each other through a real transform (they pass through the same
// rows with the same weights); nothing is allocated; each row is a run over channels.

import CElementwise

/// Footprints of K frequencies on the half spectrum of a real field.
public struct FourierFootprint: Sendable {
    /// Of frequency k: rows read as they are, rows read conjugated, and rows that only `spread` writes conjugated, at
    /// bounds[3k], bounds[3k + 1], bounds[3k + 2] and bounds[3k + 3].
    private var bounds: [Int] = [0]
    private var rows: [Int] = []
    private var weights: [Float] = []
    private let shape: [Int]

    public var count: Int { bounds.count / 3 }

    /// - Parameter shape: extents of the field, slowest first.
    public init(shape: [Int]) { self.shape = shape }

    /// Adds a frequency whose value is the sum of weight * F[bins], F the whole (periodic) spectrum.
    ///
    /// The half that a real transform keeps stands for the rest: F[-m] = conj F[m]. On the lines that are their own
    /// mirror (last bin 0 or n/2) both m and -m are stored, and both must be written.
    /// - Parameter terms: for each axis, bins (any integers) and weights; the footprint is their outer product.
    public mutating func add(_ terms: [[(bin: Int, weight: Double)]]) {
        let last = shape.count - 1, half = shape[last] / 2 + 1
        var direct: [(Int, Float)] = [], mirrored: [(Int, Float)] = [], echo: [(Int, Float)] = []
        func visit(_ axis: Int, _ row: Int, _ mirror: Int, _ weight: Double) {
            let n = shape[axis], stored = axis == last ? half : n
            for term in terms[axis] {
                let m = ((term.bin % n) + n) % n, minus = (n - m) % n, w = weight * term.weight
                guard axis == last else {
                    visit(axis + 1, row * stored + m, mirror * stored + minus, w)
                    continue
                }
                // Extents before the last are whole; only the last is halved.
                if m < half {
                    direct.append((row * stored + m, Float(w)))
                    if minus < half { echo.append((mirror * stored + minus, Float(w))) }
                } else {
                    mirrored.append((mirror * stored + minus, Float(w)))
                }
            }
        }
        visit(0, 0, 0, 1)
        for group in [direct, mirrored, echo] {
            rows += group.map(\.0)
            weights += group.map(\.1)
            bounds.append(rows.count)
        }
    }

    /// S_k = turn_k * (sum of weight * F) for each frequency and channel; adds to S with `keep`.
    /// - Parameters:
    ///   - spectrum: F, [rows, d] complex pairs.
    ///   - turns: [K] complex pairs.
    ///   - s: [2K, d], real rows then imaginary rows.
    ///   - scratch: 4d floats.
    public func collect(
        _ spectrum: FloatBuffer, turns: FloatBuffer, into s: FloatBuffer, channels d: Int, scratch: FloatBuffer, keep: Bool
    ) {
        precondition(s.count == 2 * count * d && turns.count == 2 * count && scratch.count >= 4 * d, "collect: sizes differ")
        let plain = scratch.pointer, conjugated = plain + 2 * d, f = spectrum.pointer, imaginary = count * d
        let kept: Float = keep ? 1 : 0
        if !keep { s.clear() }
        for k in 0..<count {
            plain.update(repeating: 0, count: 4 * d)
            for i in bounds[3 * k]..<bounds[3 * k + 1] { ce_scaled(plain, f + 2 * d * rows[i], weights[i], 1, 2 * d) }
            for i in bounds[3 * k + 1]..<bounds[3 * k + 2] {
                ce_scaled(conjugated, f + 2 * d * rows[i], weights[i], 1, 2 * d)
            }
            let re = turns.pointer[2 * k], im = turns.pointer[2 * k + 1]
            let real = s.pointer + k * d, imag = real + imaginary
            for c in 0..<d {
                let x = plain[2 * c] + conjugated[2 * c], y = plain[2 * c + 1] - conjugated[2 * c + 1]
                real[c] = kept * real[c] + re * x - im * y
                imag[c] = kept * imag[c] + re * y + im * x
            }
        }
    }

    /// Adds the half spectrum of the real part of sum over k of conj(turn_k) S_k at each frequency's bins.
    /// - Parameters: as `collect`.
    public func spread(_ s: FloatBuffer, turns: FloatBuffer, into spectrum: FloatBuffer, channels d: Int, scratch: FloatBuffer) {
        precondition(s.count == 2 * count * d && turns.count == 2 * count && scratch.count >= 4 * d, "spread: sizes differ")
        let plain = scratch.pointer, conjugated = plain + 2 * d, f = spectrum.pointer, imaginary = count * d
        for k in 0..<count {
            let re = turns.pointer[2 * k], im = -turns.pointer[2 * k + 1]
            let real = s.pointer + k * d, imag = real + imaginary
            for c in 0..<d {
                let x = re * real[c] - im * imag[c], y = re * imag[c] + im * real[c]
                plain[2 * c] = x
                plain[2 * c + 1] = y
                conjugated[2 * c] = x
                conjugated[2 * c + 1] = -y
            }
            // Half the value at m and half its conjugate at -m: together the real part.
            for i in bounds[3 * k]..<bounds[3 * k + 1] { ce_scaled(f + 2 * d * rows[i], plain, weights[i] / 2, 1, 2 * d) }
            for i in bounds[3 * k + 1]..<bounds[3 * k + 3] {
                ce_scaled(f + 2 * d * rows[i], conjugated, weights[i] / 2, 1, 2 * d)
            }
        }
    }
}

/// Where each of L tokens lies on a larger field, and the factor it is scaled by on the way there and back.
public struct FourierPadding: Sendable {
    private let rows: [Int]
    private let factors: [Float]

    /// - Parameters:
    ///   - rows: for each token its row of the field.
    ///   - factors: one for each token.
    public init(rows: [Int], factors: [Float]) {
        precondition(rows.count == factors.count, "a factor for every row")
        self.rows = rows
        self.factors = factors
    }

    /// field [rows, d] = tokens x (its first row is `start` of all tokens), zero elsewhere.
    public func embed(_ x: FloatBuffer, from start: Int, into field: FloatBuffer, channels d: Int) {
        precondition(x.count >= (start + rows.count) * d, "embed: too few tokens")
        field.clear()
        for (n, row) in rows.enumerated() {
            ce_scaled(field.pointer + row * d, x.pointer + (start + n) * d, factors[n], 0, d)
        }
    }

    /// tokens y = rows of the field.
    public func extract(_ field: FloatBuffer, into y: FloatBuffer, from start: Int, channels d: Int) {
        precondition(y.count >= (start + rows.count) * d, "extract: too few tokens")
        for (n, row) in rows.enumerated() {
            ce_scaled(y.pointer + (start + n) * d, field.pointer + row * d, factors[n], 0, d)
        }
    }
}
