// The closed form of the Gram matrix against the product it stands for, and its edges.

import Foundation
@testable import SpectralAtoms
import SpectralKernels
import TestSupport
import Testing

/// Random atoms, some of them alike, an axis apart, or whole cycles apart.
func testAtoms(dimensions: Int, count: Int, seed: UInt64 = 3, amplitudes: Bool = true) -> AtomSet {
    var random = TestRandom(seed)
    var frequencies = (0..<dimensions).map { _ in random.values(count).map { $0 * 0.5 } }
    if count > 3 {
        for axis in 0..<dimensions {
            frequencies[axis][1] = frequencies[axis][0]
            frequencies[axis][2] = frequencies[axis][0] + (axis == 0 ? 1 : 0)
            frequencies[axis][3] = 0
        }
    }
    return AtomSet(
        frequencies: frequencies, logAmplitude: amplitudes ? random.values(count).map { $0 * 0.5 } : nil,
        phase: random.values(count).map { $0 * 3 })
}

/// Phi over the tokens of all lattices, by definition.
func naiveDictionary(_ atoms: AtomSet, _ lattices: [TokenLattice]) -> NaiveMatrix {
    let positions = Positions(
        dimensions: atoms.dimensions, coordinates: lattices.flatMap { $0.positions.coordinates })
    return Naive.dictionary(
        frequencies: atoms.frequencies.flatMap { $0.map(Double.init) }, logAmplitude: atoms.logAmplitude.map(Double.init),
        phase: atoms.phase.map(Double.init), positions: positions)
}

@Suite struct GramTests {
    /// Both sides in double: the product's rounding is L 1e-16 of L.
    private func expectGram(_ atoms: AtomSet, _ lattices: [TokenLattice], _ sourceLocation: SourceLocation = #_sourceLocation) {
        let phi = naiveDictionary(atoms, lattices), expected = phi.adjoint * phi, gram = Gram.matrix(atoms, lattices)
        let scale = expected.re.reduce(0) { max($0, abs($1)) }
        var worst = 0.0
        for i in expected.re.indices {
            let error = max(abs(gram.re[i] - expected.re[i]), abs(gram.im[i] - expected.im[i]))
            worst = error.isFinite ? max(worst, error) : .infinity
        }
        #expect(worst <= 1e-12 * scale, "\(lattices.map(\.extents)): \(worst) of \(scale)", sourceLocation: sourceLocation)
    }

    @Test func everySizeOfOneDimension() {
        let atoms = testAtoms(dimensions: 1, count: 6)
        for n in 1...300 { expectGram(atoms, [TokenLattice([n])]) }
    }

    @Test(arguments: [[1, 1], [7, 5], [1, 9], [13, 2], [8, 8]]) func planes(extents: [Int]) {
        expectGram(testAtoms(dimensions: 2, count: 7), [TokenLattice(extents)])
    }

    @Test func fusionAndBoxes() {
        let atoms = testAtoms(dimensions: 3, count: 6)
        expectGram(atoms, TokenLattice.fusion(width: 5, height: 4, text: 7))
        expectGram(atoms, TokenLattice.fusion(width: 4, height: 4, text: 0))
        expectGram(atoms, [TokenLattice([3, 4, 5], origin: [0.5, -2, 10])])
    }

    /// Atoms so close that sine over sine loses everything unless both are taken near zero: the kernel is
    /// N (1 - (pi N delta)^2 / 6 + ...) there, for whole cycles as for zero.
    @Test(arguments: [0.0, 1e-300, 1e-15, 1e-9, 1e-6]) func nearZero(delta: Double) {
        for whole in [0.0, 1, -3] {
            // A whole cycle rounds delta; what is left of it after rounding is what counts.
            let left = (delta + whole) - whole, n = 64.0
            let kernel = Gram.dirichlet(delta + whole, 64)
            let series = n * (1 - pow(.pi * left, 2) * (n * n - 1) / 6)
            #expect(abs(kernel.magnitude - series) <= 1e-12 * n)
        }
    }

    /// The half plane of the Fourier grid is a tight frame: its Gram matrix is L times the identity, and synthesis of
    /// what analysis found, over L, with the mirrored half, keeps energy.
    @Test(arguments: [(4, 4), (5, 4), (4, 5), (7, 3), (1, 6)]) func halfPlaneIsTight(width: Int, height: Int) {
        let all = AtomLayout.halfPlane(width: width, height: height, count: .max)[0].count, length = Double(width * height)
        let atoms = AtomSet(frequencies: AtomLayout.halfPlane(width: width, height: height, count: all))
        let gram = Gram.matrix(atoms, [TokenLattice([width, height])])
        for j in 0..<all {
            for k in 0..<all {
                #expect(abs(gram.re[j * all + k] - (j == k ? length : 0)) <= 2e-5 * length)
                #expect(abs(gram.im[j * all + k]) <= 2e-5 * length)
            }
        }
    }

    /// The pseudo-inverse from the closed form is the one from the product: rounding of A (6e-8) times the condition of the ridged Gram
    /// matrix (K a^2 / lambda, under 200).
    @Test func pseudoInverseFromClosedForm() {
        let atoms = testAtoms(dimensions: 2, count: 6), lattice = TokenLattice([7, 5]), tape = Tape(recording: false)
        let a = tape.atomMatrix(
            frequencies: Tensor(rows: 2, columns: 6, atoms.frequencies.flatMap { $0 }),
            logAmplitude: Tensor(rows: 1, columns: 6, atoms.logAmplitude), phase: Tensor(rows: 1, columns: 6, atoms.phase),
            positions: lattice.positions, kept: Array(0..<6))
        let expected = Naive.stackedParts(Naive.pseudoInverse(naiveDictionary(atoms, [lattice]), ridge: Double(Float(0.1))))
        let closed = tape.pseudoInverse(a, ridge: 0.1, gram: Gram.matrix(atoms, [lattice]))
        expectClose(closed.values.array, expected, 1e-5, "closed form")
        expectClose(tape.pseudoInverse(a, ridge: 0.1).values.array, expected, 1e-5, "product")
    }

    /// Numbers that no pseudo-inverse survives are told apart from those at the edge of the stated condition.
    @Test func impossibleAtomsAreErrors() throws {
        func check(_ w: [Float] = [0.1, 0.2], _ logAmplitude: [Float] = [0, 0], ridge: Float = 0.1) throws {
            try Gram.check(AtomSet(frequencies: [w], logAmplitude: logAmplitude), ridge: ridge, layer: "text.layers.0")
        }
        #expect(throws: AtomError.notFinite(layer: "text.layers.0", what: "frequency 0", atom: 1)) { try check([0, .nan]) }
        #expect(throws: AtomError.notFinite(layer: "text.layers.0", what: "log amplitude", atom: 0)) {
            try check([0, 0], [.infinity, 0])
        }
        #expect(throws: AtomError.self) { try check([0, 0], [50, 0]) }
        #expect(throws: AtomError.self) { try check(ridge: 0) }
        #expect(throws: AtomError.self) { try check(ridge: .nan) }
        #expect(throws: AtomError.self) { try check(ridge: 1e-30) }
        // Two atoms in one at amplitude e^13: a condition of 4e12 is let through, and the pseudo-inverse exists.
        try check([0.1, 0.1], [13, 13])
        let atoms = AtomSet(frequencies: [[0.1, 0.1]], logAmplitude: [13, 13]), tape = Tape(recording: false)
        let a = tape.atomMatrix(
            frequencies: Tensor(rows: 1, columns: 2, atoms.frequencies[0]),
            logAmplitude: Tensor(rows: 1, columns: 2, atoms.logAmplitude), phase: nil, positions: .text(300), kept: [0, 1])
        let finite = tape.pseudoInverse(a, ridge: 0.1).values.array.allSatisfy { $0.isFinite }
        #expect(finite)
    }
}
