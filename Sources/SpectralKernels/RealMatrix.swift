// Small dense real matrices in double precision, for least squares over the real span of the atoms.
//
// Guarantees: row-major; `inverseOfSymmetric` needs a positive definite matrix and reports one that is not. A real matrix
// costs a quarter of a `ComplexMatrix` of its size.

import CElementwise

/// [rows, columns].
public struct RealMatrix: Sendable, Equatable {
    public let rows: Int
    public let columns: Int
    public var values: [Double]

    public init(rows: Int, columns: Int, values: [Double]) {
        precondition(values.count == rows * columns, "\(values.count) values for \(rows) x \(columns)")
        self.rows = rows
        self.columns = columns
        self.values = values
    }

    public var transposed: RealMatrix {
        RealMatrix(
            rows: columns, columns: rows,
            values: (0..<columns).flatMap { c in (0..<rows).map { r in values[r * columns + c] } })
    }

    public static func * (a: RealMatrix, b: RealMatrix) -> RealMatrix {
        precondition(a.columns == b.rows, "product of \(a.rows) x \(a.columns) and \(b.rows) x \(b.columns)")
        let n = b.columns
        var c = RealMatrix(rows: a.rows, columns: n, values: [Double](repeating: 0, count: a.rows * n))
        c.values.withUnsafeMutableBufferPointer { c in
            b.values.withUnsafeBufferPointer { b in
                guard let c = c.baseAddress, let b = b.baseAddress else { return }
                for i in 0..<a.rows {
                    for k in 0..<a.columns { ce_axpy(c + i * n, b + k * n, a.values[i * a.columns + k], n) }
                }
            }
        }
        return c
    }

    public mutating func addToDiagonal(_ value: Double) {
        for i in 0..<min(rows, columns) { values[i * columns + i] += value }
    }

    /// The inverse of a symmetric positive definite matrix, by Gauss-Jordan elimination without pivoting, as of
    /// `ComplexMatrix`. `nil` if it is not positive definite.
    public func inverseOfSymmetric() -> RealMatrix? {
        precondition(rows == columns, "only square matrices have inverses")
        let n = rows
        var left = values, inverse = [Double](repeating: 0, count: n * n)
        for i in 0..<n { inverse[i * n + i] = 1 }
        let isDefinite = left.withUnsafeMutableBufferPointer { left in
            inverse.withUnsafeMutableBufferPointer { inverse in
                guard let a = left.baseAddress, let b = inverse.baseAddress else { return true }
                for pivot in 0..<n {
                    let p = a[pivot * n + pivot]
                    guard p > 0, p.isFinite else { return false }
                    // Left of the pivot `a` is done with; right of it the inverse's row is still zero.
                    for c in pivot..<n { a[pivot * n + c] /= p }
                    for c in 0...pivot { b[pivot * n + c] /= p }
                    for row in 0..<n where row != pivot {
                        let x = a[row * n + pivot]
                        ce_axpy(a + row * n + pivot, a + pivot * n + pivot, -x, n - pivot)
                        ce_axpy(b + row * n, b + pivot * n, -x, pivot + 1)
                    }
                }
                return true
            }
        }
        return isDefinite ? RealMatrix(rows: n, columns: n, values: inverse) : nil
    }
}
