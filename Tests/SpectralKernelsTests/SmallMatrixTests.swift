import SpectralKernels
import TestSupport
import Testing

/// Small dense matrices against sums over indices, and inverses against the identity.
@Suite struct SmallMatrixTests {
    private func numbers(_ count: Int, _ random: inout Seeded) -> [Double] {
        (0..<count).map { _ in Double.random(in: -1...1, using: &random) }
    }

    private func complex(_ rows: Int, _ columns: Int, _ random: inout Seeded) -> ComplexMatrix {
        var a = ComplexMatrix(rows: rows, columns: columns)
        (a.re, a.im) = (numbers(rows * columns, &random), numbers(rows * columns, &random))
        return a
    }

    @Test(arguments: [(1, 1, 1), (3, 5, 2), (7, 1, 9), (16, 17, 33), (0, 3, 2), (2, 0, 3)])
    func products(rows: Int, inner: Int, columns: Int) {
        var random = Seeded(state: UInt64(rows * 100 + columns))
        let a = complex(rows, inner, &random), b = complex(inner, columns, &random), c = a * b
        let x = RealMatrix(rows: rows, columns: inner, values: a.re), y = RealMatrix(rows: inner, columns: columns, values: b.re)
        let z = x * y
        for i in 0..<rows {
            for j in 0..<columns {
                var re = 0.0, im = 0.0, real = 0.0
                for k in 0..<inner {
                    let (p, q) = (i * inner + k, k * columns + j)
                    re += a.re[p] * b.re[q] - a.im[p] * b.im[q]
                    im += a.re[p] * b.im[q] + a.im[p] * b.re[q]
                    real += a.re[p] * b.re[q]
                }
                let at = i * columns + j
                #expect(abs(c.re[at] - re) < 1e-13 && abs(c.im[at] - im) < 1e-13 && abs(z.values[at] - real) < 1e-13)
            }
        }
        #expect(x.transposed.transposed == x && x.transposed.rows == inner)
    }

    /// B^H B + I has no eigenvalue under 1 and none over 1 + n^2 times 2: errors stay under n^3 roundings.
    @Test(arguments: [1, 2, 5, 16, 33, 64]) func inverses(n: Int) throws {
        var random = Seeded(state: UInt64(n))
        let b = complex(n, n, &random)
        var hermitian = b.adjoint * b
        hermitian.addToDiagonal(1)
        let one = try #require(hermitian.inverseOfHermitian()) * hermitian
        let r = RealMatrix(rows: n, columns: n, values: b.re)
        var symmetric = r.transposed * r
        symmetric.addToDiagonal(1)
        let realOne = try #require(symmetric.inverseOfSymmetric()) * symmetric
        for i in 0..<n * n {
            let expected = i / n == i % n ? 1.0 : 0
            #expect(abs(one.re[i] - expected) < 1e-9 && abs(one.im[i]) < 1e-9 && abs(realOne.values[i] - expected) < 1e-9)
        }
    }

    @Test func whatIsNotPositiveDefiniteHasNoInverse() {
        #expect(RealMatrix(rows: 2, columns: 2, values: [1, 2, 2, 1]).inverseOfSymmetric() == nil)
        #expect(RealMatrix(rows: 1, columns: 1, values: [0]).inverseOfSymmetric() == nil)
        #expect(RealMatrix(rows: 1, columns: 1, values: [.nan]).inverseOfSymmetric() == nil)
        var a = ComplexMatrix(rows: 2, columns: 2)
        (a.re, a.im) = ([1, 0, 0, 1], [0, 2, -2, 0])
        #expect(a.inverseOfHermitian() == nil)
    }
}
