// Which atoms an answer leaned on, by exact ablation: every atom is muted in turn and the model asked again.
//
// No gradient stands in for the effect: K is small and the prefix cheap, so the real thing is affordable. Effects do
// not add up: two atoms that stand in for one another each show little, and norms rescale what is left.

import SpectralModel

/// What muting one atom took from the output's score.
public struct AtomEffect: Sendable, Codable, Equatable {
    public let stack: AtomStack
    /// `nil`: muted in all layers of its stack at once.
    public let layer: Int?
    public let atom: Int
    /// Score of the output with the atom less that without it: positive if the atom spoke for the output.
    public let effect: Float

    public var address: AtomAddress { AtomAddress(stack, layer: layer, atom: atom) }
}

/// Atoms ranked by effect on one output.
public struct Attribution: Sendable, Codable, Equatable {
    public let method: String
    /// "nats" of the output's log-probability, or "IoU" for a box.
    public let unit: String
    /// The output's score with all atoms.
    public let baseline: Float
    /// Largest magnitude first.
    public let effects: [AtomEffect]
    /// Whether every atom was measured; `false` after a stop.
    public let isComplete: Bool

    /// The first `count` atoms, largest magnitude first.
    public func top(_ count: Int) -> [AtomEffect] { Array(effects.prefix(count)) }
}

extension AnswerProbe {
    /// Mutes each kept atom of a stack and measures what that takes from the output's score.
    ///
    /// - Parameters:
    ///   - perLayer: mute in one layer at a time (layers times as many runs) instead of in all at once.
    ///   - edits: in force throughout; an atom they already mute has effect 0.
    ///   - shouldStop: asked before every run; the atoms measured so far are returned.
    public func attribution(
        of output: ChosenOutput, stack: AtomStack = .fusion, perLayer: Bool = false, edits: AtomEdits = .none,
        shouldStop: () -> Bool = { false }
    ) -> Attribution {
        let baseline = score(output, edits)
        let layerCount = model.model.atoms(of: stack)?.layers.count ?? 0
        let layers: [Int?] = perLayer ? (0..<layerCount).map { $0 } : [nil]
        var effects: [AtomEffect] = [], isComplete = true
        measuring: for layer in layers {
            for atom in model.model.keptAtoms(of: stack, k: image.k) {
                if shouldStop() {
                    isComplete = false
                    break measuring
                }
                var edited = edits
                edited.apply(.mute, to: AtomAddress(stack, layer: layer, atom: atom))
                effects.append(
                    AtomEffect(stack: stack, layer: layer, atom: atom, effect: baseline - score(output, edited)))
            }
        }
        effects.sort { (abs($0.effect), $1.atom) > (abs($1.effect), $0.atom) }
        return Attribution(
            method: "exact ablation: score with the atom less score with it muted"
                + (perLayer ? " in one layer" : " in all layers of its stack"),
            unit: Self.unit(of: output), baseline: baseline, effects: effects, isComplete: isComplete)
    }
}
