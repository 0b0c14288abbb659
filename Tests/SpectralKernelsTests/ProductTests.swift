// Products of a ragged batch with shared matrices, against loops over their definition.

import SpectralKernels
import TestSupport
import Testing

/// Three ragged sequences, the second empty, each meeting the shared matrix at its own offset.
private let ragged = [Segment(0..<4, offset: 1), Segment(4..<4, offset: 2), Segment(4..<9, offset: 0)]
private let channels = 3

/// sum over i of a[aStart + i aStep] b[bStart + i bStep].
private func dot(_ a: [Double], _ aStart: Int, _ aStep: Int, _ b: [Double], _ bStart: Int, _ bStep: Int, _ n: Int) -> Double {
    var sum = 0.0
    for i in 0..<n { sum += a[aStart + i * aStep] * b[bStart + i * bStep] }
    return sum
}

@Suite struct ProductTests {
    @Test func linear() {
        let (n, a, b) = (5, 7, 4)
        checkDerivative([Operand(n, a), Operand(a, b), Operand(1, b), Operand(n, b)]) {
            $0.linear($1[0], $1[1], $1[2], plus: $1[3])
        } twin: { t in
            var y = t[3]
            for i in 0..<n { for j in 0..<b { y[i * b + j] += t[2][j] + dot(t[0], i * a, 1, t[1], j, b, a) } }
            return y
        }
    }

    @Test func linearWithoutBias() {
        checkDerivative([Operand(2, 3), Operand(3, 5)]) { $0.linear($1[0], $1[1]) } twin: { t in
            (0..<10).map { dot(t[0], $0 / 5 * 3, 1, t[1], $0 % 5, 5, 3) }
        }
    }

    @Test func adjointProduct() {
        let m = 4, d = channels
        checkDerivative([Operand(6, m), Operand(9, d)]) { $0.adjointProduct($1[0], $1[1], ragged) } twin: { t in
            ragged.flatMap { s in
                (0..<m * d).map { dot(t[0], s.offset * m + $0 / d, m, t[1], s.rows.lowerBound * d + $0 % d, d, s.rows.count) }
            }
        }
    }

    @Test func columnProductOverTwoInverses() {
        let m = 4, d = channels, lengths = [6, 5], choice = [0, 1, 1]
        checkDerivative([Operand(m, lengths[0]), Operand(m, lengths[1]), Operand(9, d)]) {
            $0.columnProduct([$1[0], $1[1]], choice: choice, $1[2], ragged)
        } twin: { t in
            ragged.enumerated().flatMap { b, s in
                let p = t[choice[b]], width = lengths[choice[b]], start = s.rows.lowerBound * d
                return (0..<m * d).map { dot(p, $0 / d * width + s.offset, 1, t[2], start + $0 % d, d, s.rows.count) }
            }
        }
    }

    @Test func rowProduct() {
        let m = 4, d = channels
        checkDerivative([Operand(6, m), Operand(3 * m, d)]) { $0.rowProduct($1[0], $1[1], ragged) } twin: { t in
            ragged.enumerated().flatMap { b, s in
                (0..<s.rows.count * d).map { dot(t[0], (s.offset + $0 / d) * m, 1, t[1], b * m * d + $0 % d, d, m) }
            }
        }
    }

    @Test(arguments: [Set<Int>(), [0], [1]]) func modulate(fixed: Set<Int>) {
        let atoms = 3, d = 5, n = atoms * d
        checkDerivative([Operand(4 * atoms, d), Operand(2 * atoms, d)], fixed: fixed) {
            $0.modulate($1[0], by: $1[1])
        } twin: { t in
            let m = t[1]
            var out: [Double] = []
            for b in 0..<2 {
                let s = Array(t[0][b * 2 * n..<(b + 1) * 2 * n])
                for i in 0..<n { out.append(s[i] * m[i] - s[n + i] * m[n + i]) }
                for i in 0..<n { out.append(s[i] * m[n + i] + s[n + i] * m[i]) }
            }
            return out
        }
    }

    /// Two of three atoms on rows that ragged tokens meet; a complex product in double precision.
    @Test(arguments: [Set<Int>(), [0]]) func steered(fixed: Set<Int>) {
        let kept = [0, 2], all = 3
        checkDerivative([Operand(6, 2 * kept.count), Operand(9, 2 * all)], fixed: fixed) {
            $0.steered($1[0], by: $1[1], kept: kept, ragged)
        } twin: { t in
            var out = [Double](repeating: 0, count: 9 * 4)
            for s in ragged {
                for row in s.rows {
                    let place = s.offset + row - s.rows.lowerBound
                    for (j, k) in kept.enumerated() {
                        // A holds Re and -Im.
                        let phi = (re: t[0][place * 4 + j], im: -t[0][place * 4 + 2 + j])
                        let g = (re: t[1][row * 6 + k], im: t[1][row * 6 + all + k])
                        out[row * 4 + j] = phi.re * g.re - phi.im * g.im
                        out[row * 4 + 2 + j] = -(phi.re * g.im + phi.im * g.re)
                    }
                }
            }
            return out
        }
    }

    @Test func causalMix() {
        let d = channels
        checkDerivative([Operand(9, d), Operand(6, d), Operand(9, d)]) {
            $0.causalMix($1[0], kernel: $1[1], ragged, plus: $1[2])
        } twin: { t in
            var out = t[2]
            for s in ragged {
                for r in s.rows {
                    for lag in 0...(r - s.rows.lowerBound) {
                        for c in 0..<d { out[r * d + c] += t[1][lag * d + c] * t[0][(r - lag) * d + c] }
                    }
                }
            }
            return out
        }
    }
}
