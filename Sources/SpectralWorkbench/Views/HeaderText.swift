import SpectralScreen

/// What the right of the header says of the checkpoint.
enum HeaderText {
    /// The longest form that fits: the preset goes first, then words; the name is kept to the last.
    static func checkpoint(_ facts: CheckpointFacts, k: Int?, columns: Int) -> String {
        // The attention twin's K means nothing.
        guard facts.hasAtoms else {
            return ["\(facts.name)  \(facts.preset)", facts.name].first { TextWidth.of($0) <= columns } ?? facts.name
        }
        let now = k ?? facts.visionAtoms
        let forms = [
            "\(facts.name)  \(facts.preset)  K \(now) of \(facts.visionAtoms)", "\(facts.name)  K \(now) of \(facts.visionAtoms)",
            "\(facts.name)  K \(now)/\(facts.visionAtoms)", "\(facts.name) K\(now)", facts.name,
        ]
        return forms.first { TextWidth.of($0) <= columns } ?? facts.name
    }
}
