// One layer's view of its stack's atoms.
//
// Frequencies are shared by all layers of a stack, so an atom is one thing to browse; amplitude, phase, gain C and
// phase bias B belong to a layer.

import SpectralAtoms
import SpectralKernels

/// A stack's frequencies and where they start.
struct AtomBank {
    /// [D, K], cycles per token step.
    let frequencies: Tensor
    let start: [[Float]]
    /// How many atoms come from the vision grid (nested K cuts only these).
    let visionDerived: Int

    var count: Int { frequencies.columns }

    init(_ scope: ParameterScope, start: [[Float]], visionDerived: Int, noise: Float = 0.002) {
        self.start = start
        self.visionDerived = visionDerived
        frequencies = scope.tensor(
            "frequencies", start.count, start[0].count, .atom, .values(start.flatMap { $0 }, noise: noise))
    }

    func kept(_ k: Int) -> [Int] { AtomLayout.kept(k: k, vision: visionDerived, total: count) }
}

/// Amplitude, phase, gain and phase bias of one layer, with the stack's frequencies.
struct LayerAtoms {
    let bank: AtomBank
    let logAmplitude: Tensor
    let phase: Tensor
    let gain: Tensor
    let bias: Tensor

    /// - Parameters:
    ///   - modulation: where gain and phase bias start, [K, d] each.
    ///   - frozenBias: keeps the phase bias at its start (the paper's ablation).
    init(
        _ scope: ParameterScope, bank: AtomBank, width: Int, modulation: (gain: [Float], bias: [Float]), frozenBias: Bool
    ) {
        self.bank = bank
        let n = bank.count
        logAmplitude = scope.tensor("log_amplitude", 1, n, .atom, .zeros)
        phase = scope.tensor("phase", 1, n, .atom, .zeros)
        gain = scope.tensor("gain", n, width, .vector, .values(modulation.gain, noise: 0.05))
        bias = scope.tensor(
            "phase_bias", n, width, frozenBias ? .frozen : .vector, .values(modulation.bias, noise: frozenBias ? 0 : 0.05))
    }

    /// A = [Re Phi | -Im Phi] on these positions, [L, 2K'].
    func dictionary(_ tape: Tape, _ positions: Positions, kept: [Int]) -> Tensor {
        tape.atomMatrix(
            frequencies: bank.frequencies, logAmplitude: logAmplitude, phase: phase, positions: positions, kept: kept)
    }

    /// M = C exp(i B), [2K', d].
    func modulation(_ tape: Tape, kept: [Int]) -> Tensor { tape.modulation(gain: gain, bias: bias, kept: kept) }
}
