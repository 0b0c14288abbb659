import Foundation
import SpectralKernels
import Testing

@testable import SpectralTraining

/// Every loss against central differences of itself on perturbed inputs.
///
/// Losses are single precision: with inputs of order 1 and h = 1e-2 the difference quotient is off by h^2/6 of the third
/// derivative plus 1e-7 / h of rounding, both below 2e-3 of gradients of order 1.
struct LossTests {
    private func numbers(_ count: Int, seed: UInt64) -> [Float] {
        var state = seed
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(Int64(bitPattern: state) >> 33) / Float(1 << 30)
        }
    }

    private func check(rows: Int, columns: Int, seed: UInt64, _ loss: (Tape, Tensor) -> Float) {
        let values = numbers(rows * columns, seed: seed)
        let tape = Tape(recording: true)
        let x = Tensor(rows: rows, columns: columns, values, needsGradient: true)
        _ = loss(tape, x)
        tape.backward()
        let gradient = x.gradient?.array ?? []
        #expect(gradient.count == values.count)
        let h: Float = 1e-2
        for i in values.indices {
            func at(_ step: Float) -> Double {
                var moved = values
                moved[i] += step
                return Double(loss(Tape(recording: false), Tensor(rows: rows, columns: columns, moved)))
            }
            let slope = Float((at(h) - at(-h)) / Double(2 * h))
            #expect(abs(slope - gradient[i]) < 2e-3 + 1e-2 * abs(slope), "entry \(i): \(slope) against \(gradient[i])")
        }
    }

    @Test func crossEntropyWithSmoothingAndColumns() {
        check(rows: 3, columns: 7, seed: 1) { tape, x in
            Losses.crossEntropy(
                tape, x, columns: 1..<6, targets: [0, 4, 2], rowWeight: [0.5, 0, 1.5], smoothing: 0.1, weight: 1
            ).loss
        }
    }

    @Test func crossEntropyOfSets() {
        let sets = [[0, 3], [], [1], [2, 3, 4]]
        check(rows: 4, columns: 5, seed: 3) { tape, x in Losses.setCrossEntropy(tape, x, targets: sets, weight: 1) }
        // Against the definition, in double precision.
        let values = numbers(20, seed: 8), x = Tensor(rows: 4, columns: 5, values)
        var expected = 0.0
        for (r, set) in sets.enumerated() {
            let row = (0..<5).map { Double(values[r * 5 + $0]) }, sum = row.reduce(0) { $0 + exp($1) }
            for word in set { expected -= (row[word] - log(sum)) / Double(set.count) / 3 }
        }
        let found = Losses.setCrossEntropy(Tape(recording: false), x, targets: sets, weight: 7)
        #expect(abs(Double(found) - expected) < 1e-5, "free of the weight")
    }

    @Test func boxesByOverlapAndDistance() {
        let targets = [
            BoxTarget(x: 10, y: 12, width: 20, height: 16, side: 64), BoxTarget(x: 40, y: 2, width: 14, height: 30, side: 64),
            BoxTarget(x: 2, y: 50, width: 9, height: 9, side: 64),
        ]
        check(rows: 3, columns: 4, seed: 5) { tape, x in
            Losses.box(tape, x, targets: targets, rowWeight: 1, weight: 1).loss
        }
    }

    @Test func absoluteError() {
        check(rows: 4, columns: 5, seed: 9) { tape, x in
            Losses.absolute(
                tape, x, columns: 2..<4, targets: numbers(8, seed: 3), rowWeight: [1, 0, 0.25, 2], weight: 1)
        }
    }

    @Test func generalisedIoUOfKnownBoxes() {
        // Equal boxes; then two unit squares a unit apart: no overlap, hull 3 x 1, union 2: GIoU = 0 - 1/3.
        #expect(abs(Losses.generalisedIoU([0.5, 0.5, 0.2, 0.2], [0.5, 0.5, 0.2, 0.2]).giou - 1) < 1e-5)
        let apart = Losses.generalisedIoU([0.5, 0.5, 1, 1], [2.5, 0.5, 1, 1])
        #expect(abs(apart.giou + 1.0 / 3) < 1e-5)
        #expect(apart.iou == 0)
    }

    @Test func weightsScaleTheGradientOnly() {
        let values = numbers(6, seed: 2)
        func run(_ weight: Float) -> (Float, [Float]) {
            let tape = Tape(recording: true), x = Tensor(rows: 2, columns: 3, values, needsGradient: true)
            let loss = Losses.crossEntropy(tape, x, targets: [0, 2], rowWeight: [1, 1], smoothing: 0, weight: weight).loss
            tape.backward()
            return (loss, x.gradient?.array ?? [])
        }
        let (one, two) = (run(1), run(2))
        #expect(one.0 == two.0)
        #expect(zip(one.1, two.1).allSatisfy { abs(2 * $0 - $1) < 1e-6 })
    }
}
