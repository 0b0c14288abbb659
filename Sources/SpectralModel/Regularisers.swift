// What the paper's regularisers act on.

import SpectralAtoms
import SpectralKernels

extension VisionLanguageModel {
    /// Mean squared part of the vision stack's output that its atoms leave out, added to the loss with `weight`.
    /// `nil` for the attention twin, which has no atoms.
    public func reconstructionLoss(_ tape: Tape, seen: Tensor, layout: SequenceLayout, k: Int, weight: Float) -> Float? {
        visionReconstruction(tape, layout: layout, k: k)?.loss(tape, seen, weight: weight)
    }

    /// Share of each image's energy after the vision stack that the atoms leave out: how unlike them an image is.
    public func reconstructionResidual(_ tape: Tape, seen: Tensor, layout: SequenceLayout, k: Int) -> [Float]? {
        visionReconstruction(tape, layout: layout, k: k)?.residualShare(seen)
    }

    private func visionReconstruction(_ tape: Tape, layout: SequenceLayout, k: Int) -> Reconstruction? {
        guard let mixer = vision.blocks.last?.mixer as? SpectralMixer else { return nil }
        let positions = imageSequences(layout).grid.gridPositions
        let dictionary = mixer.atoms.dictionary(tape, positions, kept: mixer.atoms.bank.kept(k))
        return Reconstruction(dictionary, ridge: 1e-3)
    }

    /// The coefficient matrices C of all layers.
    public var gains: [Tensor] {
        visionGains + text.blocks.compactMap { ($0.mixer as? SpectralMixer)?.atoms.gain }
            + fusion.blocks.compactMap { ($0.mixer as? SpectralFusion)?.atoms.gain }
    }

    /// Those of the vision stack.
    public var visionGains: [Tensor] { vision.blocks.compactMap { ($0.mixer as? SpectralMixer)?.atoms.gain } }
}
