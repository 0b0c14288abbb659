// Equation (3) as a token mixer for one modality: SDict-Vision and SDict-Text.
//
//     x + W_o( silu(W_u h) * rmsnorm( Re Phi ( C e^{iB} . pinv(Phi) W_v h ) ) )        preset `gated`
//     x + W_o( Re Phi ( C e^{iB} . pinv(Phi) W_v h ) )                                  preset `paper`

import SpectralAtoms
import SpectralFormats
import SpectralKernels

/// One self-mixing layer.
final class SpectralMixer: SelfMixing {
    let gate: Linear?
    let value: Linear
    let out: Linear
    let atoms: LayerAtoms
    private let ridge: Float
    private let transform: Transform?
    private let cache: BasisCache<SelfBasis>

    init(_ scope: ParameterScope, bank: AtomBank, config: ModelConfig, modulation: Modulation, transform: Transform?) {
        let d = config.width
        gate = config.preset == .paper ? nil : Linear(scope.scope("gate"), d, d)
        value = Linear(scope.scope("value"), d, d)
        out = Linear(scope.scope("out"), d, d, scale: 0.7)
        atoms = LayerAtoms(
            scope.scope("atoms"), bank: bank, width: d, modulation: modulation, frozenBias: config.phaseBias == .frozen)
        ridge = Float(config.ridge)
        self.transform = transform
        cache = BasisCache(enabled: transform != nil)
    }

    func mix(
        _ tape: Tape, _ h: Tensor, residual: Tensor, tokens: TokenSequences, k: Int, probe: LayerProbe?
    ) -> Tensor {
        let basis = basis(tape, tokens, k: k)
        let modulation = probe?.edited(basis.modulation, tape, kept: atoms.bank.kept(k)) ?? basis.modulation
        let mixed = basis.mix(tape, value(tape, h), tokens, modulation: modulation, probe: probe)
        guard let gate else { return out(tape, mixed, plus: residual) }
        return out(tape, tape.gatedRMSNorm(gate: gate(tape, h), mixed), plus: residual)
    }

    /// What depends on weights and positions only.
    func basis(_ tape: Tape, _ tokens: TokenSequences, k: Int) -> SelfBasis {
        cache.basis(BasisKey(grid: tokens.grid, k: k, lengths: tokens.lengths), recording: tape.recording) {
            let tape = $0 ?? tape
            let kept = atoms.bank.kept(k)
            if tokens.grid.text > 0 {
                let all = atoms.dictionary(tape, .text(tokens.grid.text), kept: kept)
                let inverses = tokens.lengths.map { tape.pseudoInverse(tape.rows(all, 0..<$0), ridge: ridge) }
                return SelfBasis(dictionary: all, inverses: inverses, modulation: atoms.modulation(tape, kept: kept), fourier: nil)
            }
            let all = atoms.dictionary(tape, tokens.grid.gridPositions, kept: kept)
            // Whole grids have their Gram matrix in closed form, whatever their size.
            let gram =
                tape.recording
                ? nil : Gram.matrix(atoms.numbers(kept), [TokenLattice([tokens.grid.width, tokens.grid.height])])
            return SelfBasis(
                dictionary: all, inverses: [tape.pseudoInverse(all, ridge: ridge, gram: gram)],
                modulation: atoms.modulation(tape, kept: kept),
                fourier: gram.flatMap { fourier(tokens.grid, gram: $0, kept: kept) })
        }
    }

    /// pinv(Phi) X as a Fourier analysis and a K x K solve, if a transform is to be used on this grid.
    private func fourier(_ grid: GridKey, gram: ComplexMatrix, kept: [Int]) -> FourierAnalysis? {
        guard
            let made = GridTransform(
                atoms.numbers(kept), width: grid.width, height: grid.height, channels: value.weight.columns,
                evaluation: transform)
        else { return nil }
        var ridged = gram
        ridged.addToDiagonal(Double(ridge) * Double(grid.width * grid.height))
        return ridged.inverseOfHermitian().map { FourierAnalysis(transform: made, solve: $0) }
    }
}

/// S = (Phi^H Phi + lambda L I)^-1 (Phi^H X), the adjoint by Fourier transform.
struct FourierAnalysis {
    let transform: GridTransform
    /// The inverse as a real matrix on real rows above imaginary rows, [2K, 2K].
    private let solve: Tensor

    /// Bytes made once for atoms and grid.
    var tableBytes: Int { transform.tableBytes + solve.count * MemoryLayout<Float>.stride }

    init(transform: GridTransform, solve inverse: ComplexMatrix) {
        self.transform = transform
        let k = inverse.rows
        solve = Tensor(
            rows: 2 * k, columns: 2 * k,
            (0..<4 * k * k).map { i in
                let row = i / (2 * k), column = i % (2 * k), entry = (row % k) * k + column % k
                if (row < k) == (column < k) { return Float(inverse.re[entry]) }
                return Float(row < k ? -inverse.im[entry] : inverse.im[entry])
            })
    }

    func analyse(_ tape: Tape, _ x: Tensor, _ segments: [Segment]) -> Tensor {
        let block = solve.rows
        return tape.rowProduct(
            solve, transform.analyse(tape, x, segments), segments.indices.map { Segment($0 * block..<($0 + 1) * block) })
    }
}

/// Dictionary [L, 2K'], pseudo-inverses [2K', length] and modulation [2K', d] of one layer on one grid.
struct SelfBasis {
    let dictionary: Tensor
    let inverses: [Tensor]
    let modulation: Tensor
    /// In place of dictionary and inverses, where a Fourier evaluation is used.
    let fourier: FourierAnalysis?

    /// Re Phi (M . pinv(Phi) V) within each sequence, [n, d] from values [n, d].
    func mix(_ tape: Tape, _ v: Tensor, _ tokens: TokenSequences, modulation: Tensor, probe: LayerProbe? = nil) -> Tensor {
        let spectrum =
            fourier?.analyse(tape, v, tokens.segments)
            ?? tape.columnProduct(inverses, choice: tokens.choice, v, tokens.segments)
        let modulated = tape.modulate(spectrum, by: modulation)
        probe?.record(.spectrum, spectrum)
        probe?.record(.modulated, modulated)
        return fourier?.transform.synthesise(tape, modulated) ?? tape.rowProduct(dictionary, modulated, tokens.segments)
    }
}

struct BasisKey: Hashable {
    let grid: GridKey
    let k: Int
    let lengths: [Int]
}

/// Keeps what depends only on weights and grid. Training recomputes it every step, since there the weights change.
final class BasisCache<Basis> {
    private var kept: [BasisKey: Basis] = [:]
    private let enabled: Bool

    init(enabled: Bool) { self.enabled = enabled }

    /// `make` receives a tape of its own when the result is to be kept, `nil` when it belongs to the caller's.
    func basis(_ key: BasisKey, recording: Bool, _ make: (Tape?) -> Basis) -> Basis {
        guard enabled, !recording else { return make(nil) }
        if let known = kept[key] { return known }
        // A workbench meets few grids and K; a runaway caller must not grow memory without bound.
        if kept.count >= 64 { kept.removeAll() }
        let made = make(Tape(recording: false))
        kept[key] = made
        return made
    }
}
