// Small dense complex matrices in double precision, for K x K least squares.
//
// Guarantees: real and imaginary parts in separate row-major arrays; `inverseOfHermitian` needs a positive definite
// matrix and reports one that is not. Cost is K^3 and of no weight beside the products over tokens.

/// [rows, columns] complex values.
public struct ComplexMatrix: Sendable, Equatable {
    public let rows: Int
    public let columns: Int
    public var re: [Double]
    public var im: [Double]

    public init(rows: Int, columns: Int) {
        self.rows = rows
        self.columns = columns
        re = [Double](repeating: 0, count: rows * columns)
        im = re
    }

    /// The conjugate transpose.
    public var adjoint: ComplexMatrix {
        var result = ComplexMatrix(rows: columns, columns: rows)
        for r in 0..<rows {
            for c in 0..<columns {
                result.re[c * rows + r] = re[r * columns + c]
                result.im[c * rows + r] = -im[r * columns + c]
            }
        }
        return result
    }

    public static func + (a: ComplexMatrix, b: ComplexMatrix) -> ComplexMatrix { combine(a, b, 1) }
    public static func - (a: ComplexMatrix, b: ComplexMatrix) -> ComplexMatrix { combine(a, b, -1) }

    private static func combine(_ a: ComplexMatrix, _ b: ComplexMatrix, _ sign: Double) -> ComplexMatrix {
        precondition(a.rows == b.rows && a.columns == b.columns, "matrices of different shapes")
        var result = a
        for i in result.re.indices {
            result.re[i] += sign * b.re[i]
            result.im[i] += sign * b.im[i]
        }
        return result
    }

    public static func * (a: ComplexMatrix, b: ComplexMatrix) -> ComplexMatrix {
        precondition(a.columns == b.rows, "product of \(a.rows) x \(a.columns) and \(b.rows) x \(b.columns)")
        let n = b.columns
        var c = ComplexMatrix(rows: a.rows, columns: n)
        a.re.withUnsafeBufferPointer { ar in a.im.withUnsafeBufferPointer { ai in
        b.re.withUnsafeBufferPointer { br in b.im.withUnsafeBufferPointer { bi in
        c.re.withUnsafeMutableBufferPointer { cr in c.im.withUnsafeMutableBufferPointer { ci in
            for i in 0..<a.rows {
                let row = i * n
                for k in 0..<a.columns {
                    let x = ar[i * a.columns + k], y = ai[i * a.columns + k], source = k * n
                    for j in 0..<n {
                        cr[row + j] += x * br[source + j] - y * bi[source + j]
                        ci[row + j] += x * bi[source + j] + y * br[source + j]
                    }
                }
            }
        } } } } } }
        return c
    }

    public mutating func addToDiagonal(_ value: Double) {
        for i in 0..<min(rows, columns) { re[i * columns + i] += value }
    }

    /// The inverse of a Hermitian positive definite matrix, by Gauss-Jordan elimination (no pivoting is needed: every
    /// pivot of such a matrix is positive). `nil` if it is not positive definite.
    public func inverseOfHermitian() -> ComplexMatrix? {
        precondition(rows == columns, "only square matrices have inverses")
        let n = rows
        var a = self, inverse = ComplexMatrix(rows: n, columns: n)
        for i in 0..<n { inverse.re[i * n + i] = 1 }
        for pivot in 0..<n {
            let p = a.re[pivot * n + pivot]
            guard p > 0, p.isFinite else { return nil }
            a.scaleRow(pivot, 1 / p)
            inverse.scaleRow(pivot, 1 / p)
            for row in 0..<n where row != pivot {
                let x = a.re[row * n + pivot], y = a.im[row * n + pivot]
                if x == 0 && y == 0 { continue }
                a.subtractRow(pivot, times: (x, y), from: row)
                inverse.subtractRow(pivot, times: (x, y), from: row)
            }
        }
        return inverse
    }

    private mutating func scaleRow(_ row: Int, _ factor: Double) {
        for i in row * columns..<(row + 1) * columns {
            re[i] *= factor
            im[i] *= factor
        }
    }

    private mutating func subtractRow(_ source: Int, times z: (Double, Double), from row: Int) {
        let n = columns
        re.withUnsafeMutableBufferPointer { re in
            im.withUnsafeMutableBufferPointer { im in
                for c in 0..<n {
                    let x = re[source * n + c], y = im[source * n + c]
                    re[row * n + c] -= z.0 * x - z.1 * y
                    im[row * n + c] -= z.0 * y + z.1 * x
                }
            }
        }
    }
}
