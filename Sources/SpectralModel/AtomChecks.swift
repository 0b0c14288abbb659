// A checkpoint's atoms, checked once after loading: no image or text can then meet a singular Gram matrix.

import SpectralAtoms
import SpectralKernels

extension VisionLanguageModel {
    /// - Throws: `AtomError` for the first layer whose atoms cannot be used; the attention twin has none.
    public func checkAtoms() throws(AtomError) {
        // The reconstruction residual solves over the same atoms at a ridge of its own (Regularisers).
        let ridge = min(Float(config.ridge), 1e-3)
        for (name, stack) in [("vision", vision), ("text", text)] {
            for (i, block) in stack.blocks.enumerated() {
                guard let mixer = block.mixer as? SpectralMixer else { continue }
                try Gram.check(mixer.atoms.numbers(), ridge: ridge, layer: "\(name).layers.\(i)")
            }
        }
        for (i, block) in fusion.blocks.enumerated() {
            guard let mixer = block.mixer as? SpectralFusion else { continue }
            try Gram.check(mixer.atoms.numbers(), ridge: ridge, layer: "fusion.layers.\(i)")
        }
    }
}

extension LayerAtoms {
    /// The layer's atoms as plain numbers, those of a smaller K with `kept`.
    func numbers(_ kept: [Int]? = nil) -> AtomSet {
        let kept = kept ?? Array(0..<bank.count), frequencies = bank.frequencies.values.array
        let amplitudes = logAmplitude.values.array, phases = phase.values.array
        return AtomSet(
            frequencies: (0..<bank.frequencies.rows).map { axis in kept.map { frequencies[axis * bank.count + $0] } },
            logAmplitude: kept.map { amplitudes[$0] }, phase: kept.map { phases[$0] })
    }
}
