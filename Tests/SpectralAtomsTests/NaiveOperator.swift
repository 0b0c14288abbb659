// The operator of the paper by its definition: loops in double precision, sharing no code with what they test.

import Foundation
import SpectralAtoms

/// Complex K x L or L x K values with loops over them.
struct NaiveMatrix {
    let rows: Int
    let columns: Int
    var re: [Double]
    var im: [Double]

    init(_ rows: Int, _ columns: Int) {
        self.rows = rows
        self.columns = columns
        re = [Double](repeating: 0, count: rows * columns)
        im = re
    }

    var adjoint: NaiveMatrix {
        var result = NaiveMatrix(columns, rows)
        for r in 0..<rows {
            for c in 0..<columns {
                result.re[c * rows + r] = re[r * columns + c]
                result.im[c * rows + r] = -im[r * columns + c]
            }
        }
        return result
    }

    static func * (a: NaiveMatrix, b: NaiveMatrix) -> NaiveMatrix {
        var c = NaiveMatrix(a.rows, b.columns)
        for i in 0..<a.rows {
            for k in 0..<a.columns {
                let x = a.re[i * a.columns + k], y = a.im[i * a.columns + k]
                for j in 0..<b.columns {
                    let u = b.re[k * b.columns + j], v = b.im[k * b.columns + j]
                    c.re[i * b.columns + j] += x * u - y * v
                    c.im[i * b.columns + j] += x * v + y * u
                }
            }
        }
        return c
    }

    /// X with self X = right, by Gaussian elimination with partial pivoting.
    func solve(_ right: NaiveMatrix) -> NaiveMatrix {
        let n = rows, m = right.columns
        var a = self, b = right
        for pivot in 0..<n {
            func size(_ r: Int) -> Double { hypot(a.re[r * n + pivot], a.im[r * n + pivot]) }
            let best = (pivot..<n).max { size($0) < size($1) }!
            if best != pivot {
                for c in 0..<n { a.swap(pivot * n + c, best * n + c) }
                for c in 0..<m { b.swap(pivot * m + c, best * m + c) }
            }
            let pr = a.re[pivot * n + pivot], pi = a.im[pivot * n + pivot], norm = pr * pr + pi * pi
            for row in 0..<n where row != pivot {
                let xr = a.re[row * n + pivot], xi = a.im[row * n + pivot]
                let fr = (xr * pr + xi * pi) / norm, fi = (xi * pr - xr * pi) / norm
                for c in 0..<n { a.subtract(pivot * n + c, (fr, fi), from: row * n + c) }
                for c in 0..<m { b.subtract(pivot * m + c, (fr, fi), from: row * m + c) }
            }
        }
        for row in 0..<n {
            let pr = a.re[row * n + row], pi = a.im[row * n + row], norm = pr * pr + pi * pi
            for c in 0..<m {
                let xr = b.re[row * m + c], xi = b.im[row * m + c]
                b.re[row * m + c] = (xr * pr + xi * pi) / norm
                b.im[row * m + c] = (xi * pr - xr * pi) / norm
            }
        }
        return b
    }

    private mutating func swap(_ i: Int, _ j: Int) {
        re.swapAt(i, j)
        im.swapAt(i, j)
    }

    private mutating func subtract(_ source: Int, _ f: (Double, Double), from target: Int) {
        let x = re[source], y = im[source]
        re[target] -= f.0 * x - f.1 * y
        im[target] -= f.0 * y + f.1 * x
    }
}

enum Naive {
    /// Phi [L, K]: a_k^power exp(i (2 pi w_k . p + theta_k)); frequencies [D, K] row by row.
    static func dictionary(
        frequencies w: [Double], logAmplitude: [Double], phase: [Double]?, positions: Positions, power: Double = 1
    ) -> NaiveMatrix {
        let k = logAmplitude.count, d = positions.dimensions
        var phi = NaiveMatrix(positions.count, k)
        for l in 0..<positions.count {
            for j in 0..<k {
                var psi = phase?[j] ?? 0
                for axis in 0..<d { psi += 2 * .pi * w[axis * k + j] * Double(positions.coordinates[l * d + axis]) }
                let amplitude = exp(power * logAmplitude[j])
                phi.re[l * k + j] = amplitude * cos(psi)
                phi.im[l * k + j] = amplitude * sin(psi)
            }
        }
        return phi
    }

    /// (Phi^H Phi + lambda L I)^-1 Phi^H.
    static func pseudoInverse(_ phi: NaiveMatrix, ridge: Double) -> NaiveMatrix {
        let adjoint = phi.adjoint
        var gram = adjoint * phi
        for k in 0..<phi.columns { gram.re[k * phi.columns + k] += ridge * Double(phi.rows) }
        return gram.solve(adjoint)
    }

    /// [Re; Im], as spectra and pseudo-inverses are laid out.
    static func stackedParts(_ m: NaiveMatrix) -> [Double] { m.re + m.im }

    /// A = [Re | -Im], as dictionaries are laid out.
    static func dictionaryParts(_ phi: NaiveMatrix) -> [Double] {
        (0..<phi.rows).flatMap { l -> [Double] in
            let row = l * phi.columns..<(l + 1) * phi.columns
            return Array(phi.re[row]) + phi.im[row].map { -$0 }
        }
    }

    /// The complex matrix that `dictionaryParts` came from.
    static func dictionary(parts a: [Double], length: Int) -> NaiveMatrix {
        let k = a.count / length / 2
        var phi = NaiveMatrix(length, k)
        for l in 0..<length {
            for j in 0..<k {
                phi.re[l * k + j] = a[l * 2 * k + j]
                phi.im[l * k + j] = -a[l * 2 * k + k + j]
            }
        }
        return phi
    }

    /// A real matrix [rows, columns] as a complex one.
    static func real(_ values: [Double], _ rows: Int, _ columns: Int) -> NaiveMatrix {
        var m = NaiveMatrix(rows, columns)
        m.re = values
        return m
    }
}
