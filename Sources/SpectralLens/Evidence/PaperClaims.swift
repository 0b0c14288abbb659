// What section 7.5 of the paper says of its atoms, which row of the table tests it, and what the row says.
//
// Of each row two numbers decide, with their 95 % intervals: the excess (how much more the band costs these questions than
// random atoms of like energy do) and the selectivity (how much more it costs these questions than all others).
//     supported       the controls are alike in energy, and both intervals lie above zero;
//     not supported   the excess is at most `margin` with its whole interval, or the selectivity under zero with its.
//                     Resamples of nothing but right answers do not spread, so the interval is taken to reach 3 / n above
//                     the excess at least: with 95 % certainty no more of n questions go wrong where none did (the rule of
//                     three). Without controls of like energy the excess says nothing: then only where muting the band cost
//                     nothing and 3 / n is within the margin;
//     undecided       otherwise.

/// A sentence of the paper and its tests.
public struct PaperClaim: Sendable {
    public let sentence: String
    /// Band and row.
    public let tests: [(band: String, row: String)]

    public static let all = [
        PaperClaim(
            sentence: "near-DC atoms \"dominate whenever the caption describes global attributes\"",
            tests: [("near DC", "tone"), ("near DC", "brighter side")]),
        PaperClaim(
            sentence: "horizontal and vertical streaks show \"selectivity to coarse object boundaries\"",
            tests: [("mid axis", "shape"), ("mid axis", "axis stripes")]),
        PaperClaim(
            sentence: "the diagonal mid band \"fires strongly whenever the image contains oblique structures\"",
            tests: [("mid oblique", "oblique stripes")]),
        PaperClaim(
            sentence: "the same diagonal mid band enables \"frequency-selective counting\"",
            tests: [("mid oblique", "count")]),
        PaperClaim(
            sentence: "a higher-frequency atom \"responds to fine textures\"", tests: [("high", "texture")]),
        PaperClaim(
            sentence: "the same higher-frequency atom responds to \"textual glyphs\"",
            tests: [("high", "digit"), ("high", "glyph")]),
    ]
}

/// What was found about one sentence.
public struct ClaimFinding: Sendable, Codable, Equatable {
    public enum Verdict: String, Sendable, Codable {
        case supported, notSupported = "not supported", undecided
    }

    public struct Test: Sendable, Codable, Equatable {
        public let band: String
        public let effect: ClaimEffect
        public let isMatched: Bool
        public let verdict: Verdict
    }

    public let sentence: String
    public let tests: [Test]

    /// Under this share of right answers more than chance, an effect is none to speak of.
    public static let margin = 0.02

    public static func verdict(_ effect: ClaimEffect, isMatched: Bool) -> Verdict {
        guard let excess = effect.excess, let selectivity = effect.selectivity else { return .undecided }
        if isMatched, excess.low > 0, selectivity.low > 0 { return .supported }
        let ruleOfThree = 3 / Double(max(1, effect.asked))
        // Beside controls of more energy any band looks cheap: without like ones it is judged by itself, by having cost nothing.
        let most = isMatched ? max(excess.high, excess.value + ruleOfThree) : effect.drop > 0 ? .infinity : ruleOfThree
        return most <= margin || selectivity.high < 0 ? .notSupported : .undecided
    }

    /// All tests alike, or else undecided.
    public var verdict: Verdict {
        guard let first = tests.first?.verdict else { return .undecided }
        return tests.allSatisfy { $0.verdict == first } ? first : .undecided
    }

    /// - Parameter effects: of each band, by its name.
    public init(_ claim: PaperClaim, effects: [String: [ClaimEffect]], isMatched: [String: Bool]) {
        sentence = claim.sentence
        tests = claim.tests.compactMap { test in
            guard let effect = effects[test.band]?.first(where: { $0.row == test.row }) else { return nil }
            let matched = isMatched[test.band] ?? false
            return Test(band: test.band, effect: effect, isMatched: matched, verdict: Self.verdict(effect, isMatched: matched))
        }
    }
}
