// The operator and its derivatives: atoms, modulation, pseudo-inverse, and the chain through all of them.

import Foundation
import SpectralAtoms
import SpectralKernels
import TestSupport
import Testing

private let grid3 = Positions.grid(width: 3, height: 2, dimensions: 3)
private let words3 = Positions.text(4, centredOn: 3, 2)

@Suite struct OperatorDerivativeTests {
    @Test(arguments: [Positions.text(6), .grid(width: 4, height: 3), grid3, words3])
    func atoms(positions: Positions) {
        let k = 5, d = positions.dimensions, kept = [0, 1, 3]
        checkDerivative([Operand(d, k, scale: 0.5), Operand(1, k), Operand(1, k, scale: 3)], tolerance: 2e-5) {
            $0.atomMatrix(frequencies: $1[0], logAmplitude: $1[1], phase: $1[2], positions: positions, kept: kept)
        } twin: { t in
            let w = (0..<d).flatMap { axis in kept.map { t[0][axis * k + $0] } }
            return Naive.dictionaryParts(
                Naive.dictionary(
                    frequencies: w, logAmplitude: kept.map { t[1][$0] }, phase: kept.map { t[2][$0] }, positions: positions))
        }
    }

    @Test func lagAtoms() {
        let positions = Positions.text(7, centredOn: 1, 1)
        checkDerivative([Operand(3, 4, scale: 0.5), Operand(1, 4)], tolerance: 2e-5) {
            $0.atomMatrix(
                frequencies: $1[0], logAmplitude: $1[1], phase: nil, positions: positions, kept: [0, 1, 2, 3],
                amplitudePower: 2)
        } twin: { t in
            Naive.dictionaryParts(
                Naive.dictionary(frequencies: t[0], logAmplitude: t[1], phase: nil, positions: positions, power: 2))
        }
    }

    @Test(arguments: [Set<Int>(), [0], [1]]) func modulation(fixed: Set<Int>) {
        let k = 4, d = 3, kept = [0, 2]
        checkDerivative([Operand(k, d), Operand(k, d, scale: 3)], fixed: fixed) {
            $0.modulation(gain: $1[0], bias: $1[1], kept: kept)
        } twin: { t in
            let chosen = kept.flatMap { k in (0..<d).map { k * d + $0 } }
            return chosen.map { t[0][$0] * cos(t[1][$0]) } + chosen.map { t[0][$0] * sin(t[1][$0]) }
        }
    }

    /// More tokens than atoms, as many, and fewer. The Gram matrix is solved in double, so that only the rounding of
    /// the result (2^-24) and of the incoming gradient is left.
    @Test(arguments: [(8, 3), (4, 4), (3, 5)]) func pseudoInverse(length: Int, atoms: Int) {
        checkDerivative([Operand(length, 2 * atoms)]) { $0.pseudoInverse($1[0], ridge: 0.1) } twin: { t in
            Naive.stackedParts(Naive.pseudoInverse(Naive.dictionary(parts: t[0], length: length), ridge: Double(Float(0.1))))
        }
    }

    /// x -> Re(Phi (M . pinv(Phi) x)), differentiated by everything in it, in 2-D and over the 3-D positions of fusion.
    /// Rounding of Phi (6e-8) is amplified by at most the condition of the ridged Gram matrix, K max a^2 / lambda
    /// = 4 * 2.7 / 0.1, hence the tolerance.
    @Test(arguments: [Positions.grid(width: 4, height: 3), grid3])
    func wholeOperator(positions: Positions) {
        let k = 4, d = 3, length = positions.count, dimensions = positions.dimensions
        let operands = [
            Operand(dimensions, k, scale: 0.5), Operand(1, k, scale: 0.5), Operand(1, k, scale: 3), Operand(k, d),
            Operand(k, d, scale: 3), Operand(length, d),
        ]
        checkDerivative(operands, tolerance: 1e-4) { tape, t in
            let kept = Array(0..<k), whole = [Segment(0..<length)]
            let a = tape.atomMatrix(frequencies: t[0], logAmplitude: t[1], phase: t[2], positions: positions, kept: kept)
            let spectrum = tape.columnProduct([tape.pseudoInverse(a, ridge: 0.1)], t[5], whole)
            return tape.rowProduct(
                a, tape.modulate(spectrum, by: tape.modulation(gain: t[3], bias: t[4], kept: kept)), whole)
        } twin: { t in
            let phi = Naive.dictionary(frequencies: t[0], logAmplitude: t[1], phase: t[2], positions: positions)
            var s = Naive.pseudoInverse(phi, ridge: Double(Float(0.1))) * Naive.real(t[5], length, d)
            for i in 0..<k * d {
                let re = t[3][i] * cos(t[4][i]), im = t[3][i] * sin(t[4][i])
                (s.re[i], s.im[i]) = (s.re[i] * re - s.im[i] * im, s.re[i] * im + s.im[i] * re)
            }
            return (phi * s).re
        }
    }

    /// The reconstruction term: its gradient is that of J(X) = min |X - A S|^2 + lambda L |S|^2 (envelope theorem).
    @Test func reconstruction() {
        let length = 5, k = 2, d = 3, blocks = 2, ridge: Float = 0.1, weight: Float = 0.7
        var random = TestRandom(11)
        let a = random.values(length * 2 * k), x = random.values(blocks * length * d)
        let count = Double(x.count), penalty = Double(ridge) * Double(length)

        func solve(_ a: [Double], _ x: [Double]) -> (residual: Double, energy: Double) {
            let matrix = Naive.real(a, length, 2 * k)
            var residual = 0.0, energy = 0.0
            for b in 0..<blocks {
                let block = Naive.real(Array(x[b * length * d..<(b + 1) * length * d]), length, d)
                let s = Naive.pseudoInverse(matrix, ridge: Double(ridge)) * block, fit = matrix * s
                for i in fit.re.indices { residual += (block.re[i] - fit.re[i]) * (block.re[i] - fit.re[i]) }
                for value in s.re { energy += value * value }
            }
            return (residual, energy)
        }
        func objective(_ a: [Double], _ x: [Double]) -> Double {
            let (residual, energy) = solve(a, x)
            return Double(weight) * (residual + penalty * energy) / count
        }

        let tape = Tape(recording: true, pool: poisonedPool())
        let aTensor = Tensor(rows: length, columns: 2 * k, a, needsGradient: true)
        let xTensor = Tensor(rows: blocks * length, columns: d, x, needsGradient: true)
        let got = Reconstruction(aTensor, ridge: ridge).loss(tape, xTensor, weight: weight)
        tape.backward()

        let exactA = a.map(Double.init), exactX = x.map(Double.init)
        expectClose([got], [solve(exactA, exactX).residual / count], 1e-5, "mean square residual")
        func differences(_ values: [Double], _ f: ([Double]) -> Double) -> [Double] {
            values.indices.map { i in
                var up = values, down = values
                up[i] += 1e-5
                down[i] -= 1e-5
                return (f(up) - f(down)) / 2e-5
            }
        }
        expectClose(aTensor.gradient?.array ?? [], differences(exactA) { objective($0, exactX) }, 2e-5, "gradient of A")
        expectClose(xTensor.gradient?.array ?? [], differences(exactX) { objective(exactA, $0) }, 2e-5, "gradient of X")
    }

    /// The share of energy left out is 0 for what the atoms span (but for the ridge) and 1 for what they cannot see.
    @Test func residualShare() {
        let positions = Positions.text(8), tape = Tape(recording: false)
        let atom = { (w: Float) in
            tape.atomMatrix(
                frequencies: Tensor(rows: 1, columns: 1, [w]), logAmplitude: Tensor(rows: 1, columns: 1, [0]), phase: nil,
                positions: positions, kept: [0])
        }
        let solver = Reconstruction(atom(0.25), ridge: 1e-6)
        let inside = (0..<8).map { Float(cos(Double.pi / 2 * Double($0) + 0.3)) }
        let outside = (0..<8).map { Float(cos(Double.pi / 4 * Double($0))) }
        let share = solver.residualShare(Tensor(rows: 16, columns: 1, inside + outside))
        #expect(share[0] < 1e-6)
        #expect(abs(share[1] - 1) < 1e-6)
    }
}
