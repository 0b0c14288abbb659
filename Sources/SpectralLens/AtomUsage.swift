// What one image makes of the atoms: how the energy of vision and fusion is shared out, before any question.
//
// Guarantees: the same energies as a trace of the image with the caption prompt (AtomTable), to the bit; shares of a layer
// sum to 1 over the atoms in use. Text atoms are left out: a caption's prompt is the same one token for every image, so
// that their shares would be too. For the same reason fusion is measured with that prompt: what varies is the image.

import SpectralFormats
import SpectralModel

/// How the energy a_k^2 |S'_k|^2 of a stack is shared out among its atoms in use, [K'] each, in their order.
public struct EnergyShares: Sendable, Equatable {
    /// Mean over layers; sums to 1.
    public var mean: [Float]
    /// Largest of the layers: what tells whether an atom is dead.
    public var largest: [Float]
}

/// What one image makes of the atoms.
public struct ImageUsage: Sendable, Equatable {
    public let vision: EnergyShares
    public let fusion: EnergyShares
    /// [layers][K'] of fusion: |S_image|^2 / (|S_image|^2 + |S_prompt|^2), the image's part of what feeds an atom.
    public let imageParts: [[Float]]

    public init(vision: EnergyShares, fusion: EnergyShares, imageParts: [[Float]]) {
        (self.vision, self.fusion, self.imageParts) = (vision, fusion, imageParts)
    }

    public func shares(of stack: AtomStack) -> EnergyShares? {
        switch stack {
        case .vision: vision
        case .fusion: fusion
        case .text: nil
        }
    }

    /// All numbers in a row, for keeping.
    public var values: [Float] { vision.mean + vision.largest + fusion.mean + fusion.largest + imageParts.flatMap { $0 } }

    /// Reads what `values` gives; `nil` unless there are as many as these atoms in use and layers make, all in 0...1.
    public init?(values: [Float], vision: Int, fusion: Int, fusionLayers: Int) {
        guard values.count == 2 * vision + (2 + fusionLayers) * fusion, values.allSatisfy({ $0 >= 0 && $0 <= 1 }) else {
            return nil
        }
        var rest = values[...]
        func take(_ count: Int) -> [Float] {
            defer { rest = rest.dropFirst(count) }
            return Array(rest.prefix(count))
        }
        self.vision = EnergyShares(mean: take(vision), largest: take(vision))
        self.fusion = EnergyShares(mean: take(fusion), largest: take(fusion))
        imageParts = (0..<fusionLayers).map { _ in take(fusion) }
    }
}

extension LoadedModel {
    /// Runs the image and the caption prompt through the stacks, with every tap open.
    ///
    /// - Parameter k: vision atoms to use; clamped to what the checkpoint has.
    /// - Returns: `nil` where the weights overflow on this image.
    /// - Throws: `LensError.noAtoms` for the attention twin.
    public func usage(of image: PixelImage, k: Int? = nil) throws(LensError) -> ImageUsage? {
        guard config.preset != .attention else { throw .noAtoms(operation: "measuring the use of atoms") }
        let taps = Taps(), probe = Probe(taps: taps), seen = see(image, k: k, probe: probe)
        _ = prefix(seen, task: .caption, prompt: "", probe: probe)
        let words = promptTokens(task: .caption, prompt: "").enumerated().map {
            TraceToken(id: $1, text: "", position: $0, isOutput: false)
        }
        let stacks: [AtomStack] = [.vision, .fusion]
        let trace = AnswerTrace(
            k: seen.k, gridWidth: seen.gridWidth, gridHeight: seen.gridHeight, longestPrompt: config.maxPrompt, words: words,
            output: .tokens([], ended: false), score: 0, edits: .none,
            atoms: Dictionary(uniqueKeysWithValues: stacks.compactMap { s in model.atoms(of: s).map { (s, $0) } }),
            kept: Dictionary(uniqueKeysWithValues: stacks.map { ($0, model.keptAtoms(of: $0, k: seen.k)) }),
            matrices: taps.matrices)
        guard trace.matrices.values.allSatisfy({ $0.values.allSatisfy(\.isFinite) }),
            let vision = Self.shares(trace, .vision), let fusion = Self.shares(trace, .fusion), let atoms = trace.atoms[.fusion]
        else { return nil }
        let parts = atoms.layers.indices.compactMap { AtomTable.imageParts(trace, atoms, layer: $0) }
        return ImageUsage(vision: vision, fusion: fusion, imageParts: parts)
    }

    private static func shares(_ trace: AnswerTrace, _ stack: AtomStack) -> EnergyShares? {
        guard let atoms = trace.atoms[stack] else { return nil }
        let layers = atoms.layers.indices.compactMap { AtomTable.energyShares(trace, atoms, layer: $0) }
        guard let first = layers.first, layers.joined().allSatisfy(\.isFinite) else { return nil }
        return EnergyShares(
            mean: first.indices.map { k in SpectralLens.mean(layers.map { $0[k] }) },
            largest: first.indices.map { k in layers.reduce(0) { max($0, $1[k]) } })
    }
}
