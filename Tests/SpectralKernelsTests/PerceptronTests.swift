// The perceptron against its definition, in one band of rows and in several.

import Foundation
import SpectralKernels
import TestSupport
import Testing

private func gelu(_ x: Double) -> Double {
    0.5 * x * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
}

/// x [n, a] times w [a, b] plus bias, row by row.
private func linear(_ x: [Double], _ w: [Double], _ bias: [Double]) -> [Double] {
    let b = bias.count, a = w.count / b
    return (0..<x.count / a * b).map { at in
        var sum = bias[at % b]
        for i in 0..<a { sum += x[at / b * a + i] * w[i * b + at % b] }
        return sum
    }
}

@Suite struct PerceptronTests {
    @Test(arguments: [1, 5]) func matchesItsDefinition(rows n: Int) {
        let (a, h, b) = (3, 13, 4)
        checkDerivative([
            Operand(n, a, scale: 2), Operand(a, h, scale: 2), Operand(1, h), Operand(h, b), Operand(1, b), Operand(n, b),
        ]) { tape, t in
            tape.perceptron(
                t[0], up: LinearMap(weight: t[1], bias: t[2]), down: LinearMap(weight: t[3], bias: t[4]), plus: t[5])
        } twin: { t in
            zip(linear(linear(t[0], t[1], t[2]).map(gelu), t[3], t[4]), t[5]).map(+)
        }
    }

    /// Rows are cut into bands by the hidden width: this one makes bands of four rows, and a last one of one.
    @Test func doesNotDependOnTheBands() {
        let n = 9, h = 16_384
        var random = TestRandom(3)
        let x = random.values(n * 2), up = random.values(2 * h), upBias = random.values(h), down = random.values(h)
        let weights = random.values(n)
        func run(rows: Range<Int>, into gradients: inout [[Float]]) -> [Float] {
            let tape = Tape(recording: true, pool: poisonedPool())
            let t = [
                Tensor(rows: rows.count, columns: 2, Array(x[rows.lowerBound * 2..<rows.upperBound * 2]), needsGradient: true),
                Tensor(rows: 2, columns: h, up, needsGradient: true), Tensor(rows: 1, columns: h, upBias, needsGradient: true),
                Tensor(rows: h, columns: 1, down, needsGradient: true), Tensor(rows: 1, columns: 1, [0.5], needsGradient: true),
            ]
            let y = tape.perceptron(
                t[0], up: LinearMap(weight: t[1], bias: t[2]), down: LinearMap(weight: t[3], bias: t[4]))
            let values = y.values.array
            y.addToGradient { for i in $0.indices { $0[i] = weights[rows.lowerBound + i] } }
            tape.backward()
            for (i, tensor) in t.enumerated() {
                let own = tensor.gradient!.array
                if i == 0 { gradients[0] += own } else { gradients[i] = zip(gradients[i], own).map(+) }
            }
            return values
        }
        let empty: [[Float]] = [[], up, upBias, down, [0]].map { $0.map { _ in 0 } }
        var together = empty, apart = empty
        let whole = run(rows: 0..<n, into: &together)
        // Row by row there is only ever one band, and the derivative check above holds for it.
        let single = (0..<n).flatMap { run(rows: $0..<$0 + 1, into: &apart) }
        // Sums over h terms of both signs: rounding grows as sqrt(h) 2^-24, that is 8e-6 of their size.
        expectClose(whole, single.map(Double.init), 2e-5, "value")
        for i in together.indices { expectClose(together[i], apart[i].map(Double.init), 2e-5, "gradient \(i)") }
    }

    @Test func keepsNothingWhenNotRecording() {
        let tape = Tape(recording: false, pool: poisonedPool())
        let y = tape.perceptron(
            Tensor(rows: 2, columns: 1, [1, -2]), up: LinearMap(weight: Tensor(rows: 1, columns: 1, [3]), bias: Tensor(rows: 1, columns: 1, [0.5])),
            down: LinearMap(weight: Tensor(rows: 1, columns: 1, [2]), bias: Tensor(rows: 1, columns: 1, [1])))
        expectClose(y.values.array, [2 * gelu(3.5) + 1, 2 * gelu(-5.5) + 1], 1e-6, "value")
        #expect(!y.needsGradient)
    }
}
