// FFTW's transforms, in our layout, against the sum that defines them.

import Foundation
import SpectralKernels
import TestSupport
import Testing

@Suite struct FourierPlanTests {
    /// sum over n of exp(-2 pi i m.n/N) x[n], for each channel; x and result interleaved complex, [shape..., d].
    private static func naive(_ x: [Double], _ shape: [Int], _ d: Int) -> [Double] {
        let points = shape.reduce(1, *)
        func index(_ flat: Int) -> [Int] {
            var rest = flat
            return shape.reversed().map { extent in
                defer { rest /= extent }
                return rest % extent
            }.reversed()
        }
        var result = [Double](repeating: 0, count: x.count)
        for m in 0..<points {
            for n in 0..<points {
                var cycles = 0.0
                for (axis, pair) in zip(index(m), index(n)).enumerated() { cycles += Double(pair.0 * pair.1) / Double(shape[axis]) }
                let angle = -2 * Double.pi * cycles.remainder(dividingBy: 1)
                for c in 0..<d {
                    let re = x[2 * (n * d + c)], im = x[2 * (n * d + c) + 1]
                    result[2 * (m * d + c)] += re * cos(angle) - im * sin(angle)
                    result[2 * (m * d + c) + 1] += re * sin(angle) + im * cos(angle)
                }
            }
        }
        return result
    }

    /// Rounding of an FFT grows with log2 of its size, 2^-24 a stage: 1e-6 covers these.
    @Test(arguments: [[1], [2], [7], [16], [30], [3, 5], [4, 6], [1, 8], [2, 3, 4], [3, 3, 5]])
    func transforms(shape: [Int]) throws {
        let d = 2, points = shape.reduce(1, *)
        var random = TestRandom(4)
        for field in [FourierPlan.Field.real, .complex] {
            let plan = try FourierPlan(field, shape: shape, channels: d)
            let values = random.values(plan.fieldCount)
            let whole: [Double] = values.flatMap { field == .complex ? [Double($0)] : [Double($0), 0] }
            let expected = Self.naive(whole, shape, d)
            let x = FloatBuffer(values), spectrum = FloatBuffer(count: plan.spectrumCount)
            plan.forward(x, into: spectrum)
            #expect(x.array == values, "the field is kept")

            let last = shape[shape.count - 1], stored = field == .real ? last / 2 + 1 : last
            let kept = (0..<points).filter { $0 % last < stored }
            let half: [Double] = kept.flatMap { m in expected[2 * m * d..<2 * (m + 1) * d] }
            expectClose(spectrum.array, half, 1e-6, "\(field) \(shape)")

            let back = FloatBuffer(count: plan.fieldCount)
            plan.inverse(spectrum, into: back)
            expectClose(back.array, values.map { Double($0) * Double(points) }, 1e-6, "\(field) \(shape) and back")
        }
    }

    @Test(arguments: [[], [0], [4, -1], [2, 2, 2, 2], [1 << 14, 1 << 14], [.max, 4]])
    func impossibleShapesAreErrors(shape: [Int]) {
        #expect(throws: FourierError.shape(shape, channels: 3)) { try FourierPlan(.real, shape: shape, channels: 3) }
    }

    /// Plans are made, run and freed on many threads at once.
    @Test func concurrentPlanning() async throws {
        let errors = try await withThrowingTaskGroup(of: Float.self, returning: [Float].self) { group in
            for n in 1...24 {
                group.addTask {
                    let plan = try FourierPlan(.real, shape: [n], channels: 1)
                    let x = FloatBuffer([Float](repeating: 1, count: n)), z = FloatBuffer(count: plan.spectrumCount)
                    plan.forward(x, into: z)
                    return z.array[0] - Float(n)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(errors == [Float](repeating: 0, count: 24))
    }
}
