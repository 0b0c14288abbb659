// Read-only copies of what the atoms are, for lenses and screens.

import Foundation
import SpectralKernels

/// A stack's atoms as plain numbers.
public struct StackAtoms: Sendable {
    public let stack: AtomStack
    /// [K][D], cycles per token step.
    public let frequencies: [[Float]]
    /// How many come first that nested K may cut.
    public let visionDerived: Int
    public let layers: [LayerAtomValues]

    public var count: Int { frequencies.count }
}

/// One layer's own part of its stack's atoms.
public struct LayerAtomValues: Sendable {
    /// [K], a_k > 0.
    public let amplitude: [Float]
    /// [K], radians.
    public let phase: [Float]
    /// C and B, [K, d] each.
    public let gain: [Float]
    public let bias: [Float]
    /// C2 and B2, [K, d] each, where text positions read through their own.
    public let crossGain: [Float]?
    public let crossBias: [Float]?

    /// Whether the layer analyses by the adjoint, weighed by salience, and not by a pseudo-inverse; fusion only.
    public let isByAdjoint: Bool

    /// C3, [d] for each atom on which the suffix keeps its words, where it has a modulation of its own.
    public let suffixGain: [Int: [Float]]?

    init(
        _ atoms: LayerAtoms, crossGain: Tensor? = nil, crossBias: Tensor? = nil, suffix: SuffixModulation? = nil,
        isByAdjoint: Bool = false
    ) {
        amplitude = atoms.logAmplitude.values.array.map { exp($0) }
        phase = atoms.phase.values.array
        gain = atoms.gain.values.array
        bias = atoms.bias.values.array
        self.crossGain = crossGain?.values.array
        self.crossBias = crossBias?.values.array
        self.isByAdjoint = isByAdjoint
        suffixGain = suffix.map { own in
            let values = own.gain.values.array, d = own.gain.columns
            return Dictionary(uniqueKeysWithValues: own.atoms.enumerated().map { ($1, Array(values[$0 * d..<($0 + 1) * d])) })
        }
    }
}

extension VisionLanguageModel {
    /// `nil` for the attention twin, which has no atoms.
    public func atoms(of stack: AtomStack) -> StackAtoms? {
        let bank: AtomBank?, layers: [LayerAtomValues]
        switch stack {
        case .vision, .text:
            let own = stack == .vision ? vision : text
            bank = own.bank
            layers = own.blocks.compactMap { ($0.mixer as? SpectralMixer).map { LayerAtomValues($0.atoms) } }
        case .fusion:
            bank = fusion.bank
            layers = fusion.blocks.compactMap {
                ($0.mixer as? SpectralFusion).map {
                    LayerAtomValues(
                        $0.atoms, crossGain: $0.crossGain, crossBias: $0.crossBias, suffix: $0.ownSuffix,
                        isByAdjoint: $0.salience != nil)
                }
            }
        }
        guard let bank else { return nil }
        let w = bank.frequencies.values.array, dimensions = bank.frequencies.rows, n = bank.count
        return StackAtoms(
            stack: stack, frequencies: (0..<n).map { k in (0..<dimensions).map { w[$0 * n + k] } },
            visionDerived: bank.visionDerived, layers: layers)
    }

    /// The atoms a smaller K keeps, in the order of the rows of a tapped spectrum.
    public func keptAtoms(of stack: AtomStack, k: Int) -> [Int] {
        let bank = switch stack {
        case .vision: vision.bank
        case .text: text.bank
        case .fusion: fusion.bank
        }
        return bank?.kept(k) ?? []
    }

    /// The linear path from the pixels of a patch to the values the first vision layer analyses, [3 patch^2, d]:
    /// patch embedding, the norm's centring and gain, value map. What is not linear on that path (the norm's division, the patch
    /// perceptron of some configs) is left out. `nil` for the attention twin.
    public func pixelsToValues() -> [Float]? {
        guard let block = vision.blocks.first, let mixer = block.mixer as? SpectralMixer else { return nil }
        let d = config.width, gain = block.norm.gain.values.array
        var embedding = patch.weight.values.array
        for row in 0..<patch.weight.rows {
            var mean: Float = 0
            for c in 0..<d { mean += embedding[row * d + c] / Float(d) }
            for c in 0..<d { embedding[row * d + c] = (embedding[row * d + c] - mean) * gain[c] }
        }
        return matrixProduct(embedding, mixer.value.weight.values.array, m: patch.weight.rows, n: d, k: d)
    }
}
