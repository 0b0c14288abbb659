// What the mixer benchmark runs and what it says it holds; never how long it took.

import SpectralAtoms
import SpectralKernels
import Testing

@testable import SpectralModel

@Suite struct MixerBenchmarkTests {
    private let bench = MixerBenchmark(width: 32, headWidth: 16, seed: 4)

    private func expectClose(_ a: [Float], _ b: [Float], _ tolerance: Float) {
        let scale = a.reduce(0) { max($0, abs($1)) }
        #expect(a.count == b.count && scale > 0)
        #expect(zip(a, b).allSatisfy { abs($0 - $1) <= tolerance * scale })
    }

    /// Both are exact to 1e-5 of the sums over tokens; the solve between them leaves ten times as much.
    @Test(arguments: [4, 7]) func evaluationsAgree(side: Int) throws {
        let dense = try bench.prepare(.spectral(.dense, k: 9), side: side).output()
        let fourier = try bench.prepare(.spectral(.fourier, k: 9), side: side).output()
        #expect(dense.count == side * side * 32 && dense != fourier)
        expectClose(dense, fourier, 1e-4)
        let blocks = try bench.prepare(.attention, side: side).output(), kept = try bench.prepare(.attentionKept, side: side).output()
        #expect(blocks.count == side * side * 32)
        expectClose(blocks, kept, 1e-5)
    }

    /// The state of a spectral step does not know how many tokens there were; the twin's holds their keys and values.
    @Test func stepsCarryTheirState() throws {
        let k = 9, text = 8
        for side in [4, 8] {
            let own = try bench.prepare(.spectralStep(k: k), side: side), twin = try bench.prepare(.attentionStep, side: side)
            #expect(own.stateBytes == 2 * 2 * (k + text - 1) * 32 * 4)
            #expect(twin.stateBytes == 2 * (side * side + 14) * 32 * 4)
            #expect(own.output().count == 32 && twin.output().count == 32)
        }
    }

    @Test func memoryIsWhatTheBuffersHold() {
        let budget = MixerBudget(seconds: 60, bytes: 1 << 30, runs: 2)
        let field = 8 * 8 * 32 * 4
        let dense = bench.measure(.spectral(.dense, k: 9), sides: [8], budget: budget)[0]
        // Spectrum, modulated spectrum and the mixed tokens; the values come in from outside.
        #expect(dense.peakBytes == 2 * 18 * 32 * 4 + field && dense.basisBytes == 2 * 64 * 18 * 4)
        // All heads' scores and the output, against one head's and the output.
        let kept = bench.measure(.attentionKept, sides: [8], budget: budget)[0]
        #expect(kept.peakBytes == 2 * 64 * 64 * 4 + field)
        #expect(bench.measure(.attention, sides: [8], budget: budget)[0].peakBytes == 64 * 64 * 4 + field)
        let fourier = bench.measure(.spectral(.fourier, k: 9), sides: [8], budget: budget)[0]
        #expect(fourier.peakBytes! > dense.peakBytes!, "the padded field is held as well")
        for point in [dense, kept, fourier] { #expect(point.milliseconds! > 0 && point.runs == 2 && point.skipped == nil) }
    }

    @Test func pointsOverTheBudgetAreLeftOut() {
        let small = MixerBudget(seconds: 60, bytes: 2 * 256 * 256 * 4, runs: 1)
        let points = bench.measure(.attentionKept, sides: [16, 4], budget: small)
        #expect(points.map(\.tokens) == [16, 256] && points[0].skipped == nil)
        #expect(points[1].milliseconds == nil && points[1].skipped?.hasPrefix("needs ") == true)
        // The first point is always tried; what a thousand times as many tokens would take is known from it.
        let brief = MixerBudget(seconds: 1e-7, bytes: 1 << 40, runs: 1)
        let late = bench.measure(.attention, sides: [2, 64], budget: brief)
        #expect(late[0].milliseconds != nil && late[1].skipped?.hasPrefix("would take ") == true)
    }

    @Test func growthIsTheSlopeOfLogarithms() throws {
        func point(_ tokens: Int, _ milliseconds: Double?) -> MixerPoint {
            MixerPoint(
                mixer: "m", k: nil, tokens: tokens, milliseconds: milliseconds, wallMilliseconds: milliseconds, runs: 1,
                peakBytes: milliseconds == nil ? nil : 8 * tokens, basisBytes: nil, stateBytes: nil, skipped: nil)
        }
        // The first of four would spoil the square; the last was left out.
        let points = [point(4, 100), point(16, 0.256), point(64, 4.096), point(256, 65.536), point(1024, nil)]
        let growth = try #require(MixerGrowth(points))
        #expect(abs(growth.timeExponent - 2) < 1e-12 && abs(growth.memoryExponent - 1) < 1e-12)
        #expect(growth.over == [16, 64, 256])
        #expect(MixerGrowth([points[0], points[4]]) == nil)
    }
}
