// Small dense complex matrices in double precision, for K x K least squares.
//
// Guarantees: real and imaginary parts in separate row-major arrays; `inverseOfHermitian` needs a positive definite
// matrix and reports one that is not. Cost is K^3, of weight beside the products over tokens where K is near their number.

import CElementwise

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
        guard a.rows * a.columns * n > 0 else { return c }
        a.re.withUnsafeBufferPointer { ar in a.im.withUnsafeBufferPointer { ai in
        b.re.withUnsafeBufferPointer { br in b.im.withUnsafeBufferPointer { bi in
        c.re.withUnsafeMutableBufferPointer { cr in c.im.withUnsafeMutableBufferPointer { ci in
            for i in 0..<a.rows {
                let row = i * n
                for k in 0..<a.columns {
                    let source = k * n
                    ce_complex_axpy(
                        cr.baseAddress! + row, ci.baseAddress! + row, br.baseAddress! + source, bi.baseAddress! + source,
                        ar[i * a.columns + k], ai[i * a.columns + k], n)
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
            // Left of the pivot `a` is done with; right of it the inverse's row is still zero.
            let ahead = pivot..<n, behind = 0..<pivot + 1
            a.scaleRow(pivot, ahead, 1 / p)
            inverse.scaleRow(pivot, behind, 1 / p)
            for row in 0..<n where row != pivot {
                let x = a.re[row * n + pivot], y = a.im[row * n + pivot]
                if x == 0 && y == 0 { continue }
                a.subtractRow(pivot, ahead, times: (x, y), from: row)
                inverse.subtractRow(pivot, behind, times: (x, y), from: row)
            }
        }
        return inverse
    }

    private mutating func scaleRow(_ row: Int, _ part: Range<Int>, _ factor: Double) {
        for i in part {
            re[row * columns + i] *= factor
            im[row * columns + i] *= factor
        }
    }

    private mutating func subtractRow(_ source: Int, _ part: Range<Int>, times z: (Double, Double), from row: Int) {
        let from = source * columns + part.lowerBound, to = row * columns + part.lowerBound
        re.withUnsafeMutableBufferPointer { re in
            im.withUnsafeMutableBufferPointer { im in
                guard let re = re.baseAddress, let im = im.baseAddress else { return }
                ce_complex_axpy(re + to, im + to, re + from, im + from, -z.0, -z.1, part.count)
            }
        }
    }
}
