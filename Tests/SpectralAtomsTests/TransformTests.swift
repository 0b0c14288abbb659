// Dense and Fourier evaluations against naive double-precision loops: values, adjointness, projection, every size.

import Foundation
import SpectralAtoms
import SpectralKernels
import TestSupport
import Testing

private let channels = 3

/// |got - expected| / |expected| in the Euclidean norm.
private func relativeError(_ got: [Float], _ expected: [Double]) -> Double {
    guard got.count == expected.count else { return .infinity }
    var difference = 0.0, whole = 0.0
    for (a, b) in zip(got, expected) {
        difference += (Double(a) - b) * (Double(a) - b)
        whole += b * b
    }
    return difference.isFinite ? (difference / max(whole, 1e-30)).squareRoot() : .infinity
}

@Suite struct TransformTests {
    /// Both evaluations, analysis and synthesis, within the stated 1e-5 of the sums they stand for; and adjoint to
    /// each other to the same: |<Ax, s> - <x, A*s>| within 1e-5 |Ax| |s|.
    private func check(
        _ atoms: AtomSet, _ lattices: [TokenLattice], channels: Int = channels, _ sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let length = lattices.reduce(0) { $0 + $1.count }, k = atoms.count
        var random = TestRandom(UInt64(17 + length))
        let x = random.values(length * channels), s = random.values(2 * k * channels)
        let phi = naiveDictionary(atoms, lattices)
        let analysed = Naive.stackedParts(phi.adjoint * Naive.real(x.map(Double.init), length, channels))
        var complexS = NaiveMatrix(k, channels)
        complexS.re = s.prefix(k * channels).map(Double.init)
        complexS.im = s.suffix(k * channels).map(Double.init)
        let synthesised = (phi * complexS).re

        for evaluation in [Transform.dense, .fourier] {
            let transform = try SpectralTransform(atoms, lattices, channels: channels, evaluation: evaluation)
            #expect(transform.evaluation == evaluation)
            // The second round finds whatever the first left behind in the scratch.
            for _ in 0..<2 {
                let gotS = transform.analyse(x: Tensor(rows: length, columns: channels, x)).values.array
                let gotY = transform.synthesise(Tensor(rows: 2 * k, columns: channels, s)).values.array
                let what = "\(evaluation) on \(lattices.map(\.extents))"
                let errorS = relativeError(gotS, analysed), errorY = relativeError(gotY, synthesised)
                #expect(errorS <= 1e-5, "analysis, \(what): \(errorS)", sourceLocation: sourceLocation)
                #expect(errorY <= 1e-5, "synthesis, \(what): \(errorY)", sourceLocation: sourceLocation)

                var left = 0.0, right = 0.0, normS = 0.0, normAnalysed = 0.0
                for (a, b) in zip(gotS, s) {
                    left += Double(a) * Double(b)
                    normAnalysed += Double(a) * Double(a)
                    normS += Double(b) * Double(b)
                }
                for (a, b) in zip(x, gotY) { right += Double(a) * Double(b) }
                let scale = (normS * normAnalysed).squareRoot()
                #expect(abs(left - right) <= 1e-5 * scale, "adjoint, \(what)", sourceLocation: sourceLocation)
            }
        }
    }

    @Test func everySizeOfOneDimension() throws {
        for n in 1...300 { try check(testAtoms(dimensions: 1, count: 5, seed: UInt64(n)), [TokenLattice([n])]) }
    }

    /// More channels than are transformed at once, and a last block that is not full.
    @Test(arguments: [1, 16, 17, 33, 45]) func channelBlocks(width: Int) throws {
        try check(testAtoms(dimensions: 2, count: 5), [TokenLattice([5, 6])], channels: width)
    }

    @Test func nonSquareGrids() throws {
        for extents in [[1, 1], [1, 7], [7, 1], [2, 3], [3, 2], [8, 8], [5, 11], [13, 4], [17, 19], [9, 16]] {
            try check(testAtoms(dimensions: 2, count: 6), [TokenLattice(extents)])
        }
    }

    @Test func threeDimensions() throws {
        let atoms = testAtoms(dimensions: 3, count: 5)
        for lattice in [TokenLattice([2, 3, 4]), TokenLattice([5, 1, 3]), TokenLattice([3, 4, 2], origin: [-1.5, 2, 7])] {
            try check(atoms, [lattice])
        }
    }

    @Test func fusionPositions() throws {
        let atoms = testAtoms(dimensions: 3, count: 6)
        try check(atoms, TokenLattice.fusion(width: 8, height: 8, text: 14))
        try check(atoms, TokenLattice.fusion(width: 5, height: 3, text: 1))
        try check(atoms, TokenLattice.fusion(width: 6, height: 6, text: 0))
    }

    /// Atoms on the token grid itself, at zero and at the Nyquist frequency too.
    @Test func atomsOnTheGrid() throws {
        for (width, height) in [(4, 4), (8, 8), (8, 2), (1, 4), (2, 16)] {
            let frequencies = AtomLayout.halfPlane(width: width, height: height, count: .max)
            let phase = (0..<frequencies[0].count).map { Float($0) * 0.3 }
            try check(AtomSet(frequencies: frequencies, phase: phase), [TokenLattice([width, height])])
        }
        for n in [2, 4, 16, 64] {
            try check(AtomSet(frequencies: [(0...n).map { Float($0) / Float(n) - 0.5 }]), [TokenLattice([n])])
        }
    }

    /// Frequencies beyond one cycle a token and between bins near the edges fold back as the sums do.
    @Test func frequenciesBeyondTheFirstZone() throws {
        let w: [Float] = [0.4999, 0.5, -0.5, 0.50001, 1.25, -2.75, 0.99999, -0.00001]
        for n in [2, 5, 16, 31] { try check(AtomSet(frequencies: [w]), [TokenLattice([n])]) }
    }

    /// On the tight frame of the half plane, x -> Re(Phi W pinv x) with the mirrored half is the identity: with atoms
    /// kept to a part of it, a projector. Idempotent, and energy splits between what it keeps and what it leaves.
    @Test(arguments: [Transform.dense, .fourier]) func projector(evaluation: Transform) throws {
        let side = 8, length = Double(side * side), kept = 12
        let w = AtomLayout.halfPlane(width: side, height: side, count: .max)
        for count in [kept, w[0].count] {
            let frequencies = w.map { Array($0.prefix(count)) }
            let atoms = AtomSet(frequencies: frequencies)
            let transform = try SpectralTransform(atoms, [TokenLattice([side, side])], channels: channels, evaluation: evaluation)
            func project(_ x: Tensor) -> Tensor {
                let s = transform.analyse(x: x)
                s.values.withMutableValues { s in
                    for k in 0..<count {
                        // An atom that is its own mirror stands for itself, every other one for two.
                        let alone = frequencies.allSatisfy { abs((2 * $0[k]).rounded() - 2 * $0[k]) < 1e-6 }
                        for c in 0..<channels {
                            s[k * channels + c] *= (alone ? 1 : 2) / Float(length)
                            s[(count + k) * channels + c] *= (alone ? 1 : 2) / Float(length)
                        }
                    }
                }
                return transform.synthesise(s)
            }
            var random = TestRandom(5)
            let x = Tensor(rows: side * side, columns: channels, random.values(side * side * channels))
            let once = project(x), twice = project(once)
            #expect(relativeError(twice.values.array, once.values.array.map(Double.init)) <= 1e-5)
            var whole = 0.0, inside = 0.0, outside = 0.0
            for (a, b) in zip(x.values.array, once.values.array) {
                whole += Double(a) * Double(a)
                inside += Double(b) * Double(b)
                outside += Double(a - b) * Double(a - b)
            }
            #expect(abs(whole - inside - outside) <= 1e-5 * whole)
            if count == kept { #expect(outside > 0.1 * whole) } else { #expect(outside <= 1e-9 * whole) }
        }
    }

    @Test func plannerRemembers() throws {
        let planner = TransformPlanner(), atoms = testAtoms(dimensions: 2, count: 6)
        func chosen(_ extents: [Int]) throws -> Transform {
            try SpectralTransform(atoms, [TokenLattice(extents)], channels: channels, planner: planner).evaluation
        }
        let first = try chosen([6, 5])
        #expect(first != .automatic)
        #expect(planner.measuredShapes == 1)
        for _ in 0..<5 { #expect(try chosen([6, 5]) == first) }
        #expect(planner.measuredShapes == 1)
        _ = try chosen([5, 6])
        #expect(planner.measuredShapes == 2)
    }

    /// A grid too large for any plan is an error, not a crash, and `automatic` takes the other way.
    @Test func impossiblePlansAreErrors() {
        let atoms = AtomSet(frequencies: [[0.1]])
        #expect(throws: FourierError.self) {
            try SpectralTransform(atoms, [TokenLattice([1 << 31])], channels: 1, evaluation: .fourier)
        }
    }
}
