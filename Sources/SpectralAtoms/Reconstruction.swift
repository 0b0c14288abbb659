// How well the atoms span a real signal: the reconstruction term of the paper's objective (section 3.1).
//
// A real signal needs every atom together with its conjugate mirror, so its reconstruction is the least squares over
// the real span of A = [Re Phi | -Im Phi]:  J(X) = min over S of |X - A S|^2 + lambda L |S|^2.

import SpectralKernels

/// The solution operator of that least squares problem on one grid.
public struct Reconstruction {
    /// [2K, L]: S = P X.
    let solver: Tensor
    let a: Tensor
    let penalty: Float

    /// - Parameters:
    ///   - a: [L, 2K].
    ///   - ridge: lambda > 0.
    public init(_ a: Tensor, ridge: Float) {
        self.a = a
        let m = a.columns, length = a.rows
        let real = RealMatrix(rows: length, columns: m, values: a.values.array.map(Double.init)), transposed = real.transposed
        penalty = ridge * Float(length)
        var gram = transposed * real
        gram.addToDiagonal(Double(penalty))
        guard let inverse = gram.inverseOfSymmetric() else {
            preconditionFailure("a ridge of \(ridge) leaves the real Gram matrix of \(m / 2) atoms singular")
        }
        solver = Tensor(rows: m, columns: length, (inverse * transposed).values.map(Float.init))
    }

    /// Share of the energy of X that the atoms leave out, |X - A S|^2 / |X|^2, for each of the blocks of L rows.
    public func residualShare(_ x: Tensor) -> [Float] {
        let tape = Tape(recording: false)
        let segments = self.segments(x)
        let fit = tape.rowProduct(a, tape.columnProduct([solver], x, segments), segments)
        let block = a.rows * x.columns
        return x.values.withValues { x in
            fit.values.withValues { fit in
                segments.indices.map { b in
                    var left: Float = 0, whole: Float = 0
                    for i in b * block..<(b + 1) * block {
                        left += (x[i] - fit[i]) * (x[i] - fit[i])
                        whole += x[i] * x[i]
                    }
                    return whole > 0 ? left / whole : 0
                }
            }
        }
    }

    /// Adds weight * J(X) / count to the loss and returns the mean of |X - A S|^2, the part of it that says how much is
    /// left out. By the envelope theorem S may be held fixed in the derivative of J: dX = 2 w R, dA = -2 w R S^T with
    /// R = X - A S.
    public func loss(_ tape: Tape, _ x: Tensor, weight: Float) -> Float {
        let segments = self.segments(x)
        let fixed = Tape(recording: false, pool: tape.pool)
        let fit = tape.rowProduct(a, fixed.columnProduct([solver], x, segments), segments)
        let scale = 2 * weight / Float(x.count)
        var total: Float = 0
        let residual = tape.buffer(x.count)
        residual.withMutableValues { r in
            x.values.withValues { x in
                fit.values.withValues { fit in
                    for i in r.indices {
                        r[i] = x[i] - fit[i]
                        total += r[i] * r[i]
                        r[i] *= scale
                    }
                }
            }
        }
        tape.recordLoss {
            residual.withValues { r in
                if x.needsGradient { x.addToGradient { dx in for i in r.indices { dx[i] += r[i] } } }
                fit.addToGradient { d in for i in r.indices { d[i] -= r[i] } }
            }
        }
        return total / Float(x.count)
    }

    private func segments(_ x: Tensor) -> [Segment] {
        stride(from: 0, to: x.rows, by: a.rows).map { Segment($0..<$0 + a.rows) }
    }
}
