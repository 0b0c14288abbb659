// Per-token maps against their textbook definitions.

import Foundation
import SpectralKernels
import TestSupport
import Testing

private func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

/// The twin's rows of d values.
private func rows(_ x: [Double], _ d: Int) -> [[Double]] {
    stride(from: 0, to: x.count, by: d).map { Array(x[$0..<$0 + d]) }
}

private func normalised(_ x: [Double], gain: [Double], shift: [Double]) -> [Double] {
    let d = Double(x.count), mean = x.reduce(0, +) / d
    var variance = 0.0
    for value in x { variance += (value - mean) * (value - mean) / d }
    let deviation = (variance + 1e-5).squareRoot()
    return x.indices.map { (x[$0] - mean) / deviation * gain[$0] + shift[$0] }
}

/// x / rms(x).
private func ofUnitPower(_ x: [Double]) -> [Double] {
    var power = 0.0
    for value in x { power += value * value / Double(x.count) }
    return x.map { $0 / (power + 1e-6).squareRoot() }
}

@Suite struct ElementwiseTests {
    @Test(arguments: [1, 5, 16, 33]) func layerNorm(width d: Int) {
        // One channel has no variance: its derivative by x vanishes, and the scale floor of the comparison covers it.
        checkDerivative([Operand(4, d, scale: 2), Operand(1, d), Operand(1, d)], tolerance: 2e-5) { tape, t in
            tape.layerNorm(t[0], gain: t[1], shift: t[2])
        } twin: { t in
            rows(t[0], d).flatMap { normalised($0, gain: t[1], shift: t[2]) }
        }
    }

    @Test func layerNormOfAConstantPassesParameterGradients() {
        checkDerivative([Operand(3, 8), Operand(1, 8), Operand(1, 8)], tolerance: 2e-5, fixed: [0]) { tape, t in
            tape.layerNorm(t[0], gain: t[1], shift: t[2])
        } twin: { t in
            rows(t[0], 8).flatMap { normalised($0, gain: t[1], shift: t[2]) }
        }
    }

    @Test func rmsNorm() {
        checkDerivative([Operand(4, 11)]) { $0.gatedRMSNorm(gate: nil, $1[0]) } twin: { t in
            rows(t[0], 11).flatMap(ofUnitPower)
        }
    }

    @Test func gatedRMSNorm() {
        checkDerivative([Operand(4, 11, scale: 3), Operand(4, 11)]) {
            $0.gatedRMSNorm(gate: $1[0], $1[1])
        } twin: { t in
            zip(t[0], rows(t[1], 11).flatMap(ofUnitPower)).map { $0 * logistic($0) * $1 }
        }
    }

    /// The mask is read off ones, so that values and derivatives are compared with a plain product.
    @Test(arguments: [Float(0), 0.1, 0.5, 0.9]) func dropout(rate: Float) {
        let rows = 40, columns = 33
        func tape() -> Tape { Tape(recording: true, pool: poisonedPool(), dropout: Dropout(rate: rate, seed: 3)) }
        let ones = Tensor(rows: rows, columns: columns, [Float](repeating: 1, count: rows * columns))
        let mask = tape().dropped(ones).values.array
        #expect(Set(mask).isSubset(of: [0, 1 / (1 - rate)]))
        // Four standard deviations of a share of 1,320 draws.
        let dropped = Float(mask.count { $0 == 0 }) / Float(mask.count)
        #expect(abs(dropped - rate) <= 4 * (rate * (1 - rate) / Float(mask.count)).squareRoot())
        let x = Tensor(rows: rows, columns: columns, FloatBuffer((0..<rows * columns).map { Float($0 % 17) - 8 }), needsGradient: true)
        for round in 1...2 {
            let recorded = tape(), y = recorded.dropped(x)
            #expect(y.values.array == zip(x.values.array, mask).map { $0 * $1 })
            y.addToGradient { for i in $0.indices { $0[i] += Float(i) } }
            recorded.backward()
            #expect(x.gradient?.array == mask.enumerated().map { Float(round) * (Float($0.offset) * $0.element) }, "added the second time")
        }
    }

    /// One mask after another differs, and a tape without dropout hands on what it was given.
    @Test func masksFollowTheSeed() {
        let ones = Tensor(rows: 8, columns: 32, [Float](repeating: 1, count: 256))
        func masks(_ seed: UInt64) -> [[Float]] {
            let tape = Tape(recording: false, dropout: Dropout(rate: 0.5, seed: seed))
            return (0..<3).map { _ in tape.dropped(ones).values.array }
        }
        #expect(masks(1) == masks(1) && masks(1) != masks(2) && Set(masks(1)).count == 3)
        #expect(Tape(recording: true).dropped(ones) === ones)
    }

    @Test func salience() {
        let segments = [0..<1, 1..<5, 5..<12], d = 7
        checkDerivative([Operand(12, d), Operand(12, d, scale: 4)]) {
            $0.salience($1[0], logits: $1[1], segments: segments, scale: 0.5)
        } twin: { t in
            var u = [Double](repeating: 0, count: 12 * d)
            for segment in segments {
                for c in 0..<d {
                    var sum = 0.0
                    for r in segment { sum += exp(t[1][r * d + c]) }
                    for r in segment { u[r * d + c] = 0.5 * exp(t[1][r * d + c]) / sum * t[0][r * d + c] }
                }
            }
            return u
        }
    }

    @Test func salienceOfLargeLogitsStaysFinite() {
        let logits: [Float] = [300, 299, -300], v: [Float] = [1, 2, 3]
        let tape = Tape(recording: false)
        let u = tape.salience(
            Tensor(rows: 3, columns: 1, v), logits: Tensor(rows: 3, columns: 1, logits), segments: [0..<3], scale: 1)
        let first = 1 / (1 + exp(-1.0))
        expectClose(u.values.array, [first, 2 * (1 - first), 0], 1e-6, "salience")
    }

    @Test func logisticGate() {
        checkDerivative([Operand(4, 9), Operand(4, 9, scale: 5)]) {
            $0.logisticGate($1[0], logits: $1[1], scale: 0.125)
        } twin: { t in zip(t[0], t[1]).map { 0.125 * $0 * logistic($1) } }
    }

    @Test func scaledAndSum() {
        checkDerivative([Operand(3, 4), Operand(3, 4)]) { tape, t in
            tape.sum(tape.scaled(t[0], by: -1.5), t[1])
        } twin: { t in zip(t[0], t[1]).map { -1.5 * $0 + $1 } }
    }
}
