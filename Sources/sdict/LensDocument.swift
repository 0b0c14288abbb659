import Foundation
import SpectralLens
import SpectralModel

/// What `sdict lens` prints, as text or as JSON.
struct LensDocument {
    let checkpoint: String
    let image: String
    let imageWidth: Int
    let imageHeight: Int
    /// "question", "phrase" or "caption".
    let task: String
    let prompt: String
    let warnings: [String]
    let report: LensReport
    /// How many atoms of the ranking to print.
    let top: Int

    private var baseline: OutputReading { report.baseline.reading }
    private var unit: String { report.baseline.unit }

    // MARK: Text

    var lines: [String] {
        [prompt.isEmpty ? task : "\(task): \(prompt.printable)", ""] + conditionLines + editLines + tokenLines + answerLines
            + controlLines + rankingLines
    }

    private var conditionLines: [String] {
        var rows = [("baseline", baseline)]
        if let edited = report.edit?.reading { rows.append(("edited", edited)) }
        if let blank = report.blank { rows.append(("grey image", blank)) }
        rows += report.shuffles.map { ("shuffle \($0.seed)", $0.reading) }
        let figures = TextTable.aligned(
            [["", unit, "change", "KL"]]
                + rows.map { name, reading in
                    let isFirst = name == "baseline"
                    return [
                        name, Self.figure(reading.score), isFirst ? "" : Self.change(reading.change),
                        isFirst ? "" : reading.divergence.map(Self.figure) ?? "",
                    ]
                })
        return zip(figures, ["output"] + rows.map { spell($0.1) }).map { $0 + "  " + $1 }
    }

    private var editLines: [String] {
        guard let edit = report.edit else { return [] }
        return [""]
            + zip(edit.plan.parts, edit.energyShares).map { part, share in
                let actions = part.actions.map { action in
                    let value = action.action.value.map { " \($0)" } ?? ""
                    return action.action.name + value + (action.layer.map { " in layer \($0)" } ?? "")
                }
                let atoms = part.atoms.map(String.init).joined(separator: " ")
                return "\(actions.joined(separator: ", ")): \(part.stack.rawValue) \(atoms) "
                    + String(format: "(%.1f%% of the stack's energy)", 100 * share)
            }
    }

    private var tokenLines: [String] {
        guard case .tokens = report.baseline.output, let edited = report.edit?.reading else { return [] }
        let rows = zip(baseline.tokens, edited.tokens).map { then, now in
            [
                then.text.trimmingCharacters(in: .whitespaces).printable, Self.figure(then.logProbability),
                Self.figure(now.logProbability), Self.change(now.change), Self.figure(now.divergence),
            ]
        }
        return [""] + TextTable.aligned([["token", "baseline", "edited", "change", "KL"]] + rows)
    }

    private var answerLines: [String] {
        guard !baseline.answers.isEmpty, let edited = report.edit?.reading.answers else { return [] }
        func best(_ answers: [TextCandidate]) -> ArraySlice<Int> {
            answers.indices.sorted { (answers[$0].probability, $1) > (answers[$1].probability, $0) }.prefix(5)
        }
        let leading = best(baseline.answers)
        let rows = (leading + best(edited).filter { !leading.contains($0) }).map { i in
            let then = baseline.answers[i].probability, now = edited[i].probability
            return [
                baseline.answers[i].text.printable, Self.percent(then), Self.percent(now),
                String(format: "%+.1f%%", abs(now - then) < 0.0005 ? 0 : 100 * (now - then)),
            ]
        }
        return [""] + TextTable.aligned([["answer", "baseline", "edited", "change"]] + rows)
    }

    private var controlLines: [String] {
        guard let edit = report.edit, let controls = report.controls else { return [] }
        guard let standing = controls.standing, let first = controls.results.first, let last = controls.results.last else {
            return ["", "no controls: no other set of that size exists"]
        }
        let n = controls.results.count
        let ratios = controls.results.flatMap { $0.set.energyRatios.compactMap { $0 } }
        var lines = [
            "",
            "\(n) random controls of \(controls.requested) asked for, seeds \(first.set.seed) to \(last.set.seed)",
            ratios.isEmpty
                ? "energy: the edited atoms have none"
                : String(
                    format: "energy: %.2f to %.2f of the edited atoms'; %d of %d within %.0f%%", ratios.min() ?? 0,
                    ratios.max() ?? 0, controls.withinTolerance, n, 100 * RandomControls.tolerance),
        ]
        if controls.withinTolerance < n {
            lines.append("  no nearer sets were found: where energies differ, so may effects, whatever the frequency")
        }
        lines += [
            String(
                format: "the edit's change %@ %@ stands at percentile %.1f; two-sided p %.3f (the least possible is %.3f)",
                Self.change(standing.effect), unit, standing.percentile, standing.pValue, standing.smallestPValue),
            String(
                format: "controls: mean %@, sd %@, median %@, from %@ to %@", Self.change(standing.mean),
                Self.figure(standing.standardDeviation), Self.change(standing.median), Self.change(standing.minimum),
                Self.change(standing.maximum)),
        ]
        if baseline.isSame != nil {
            lines.append("output changed in \(controls.results.count { $0.reading.isSame == false }) of \(n)")
        }
        struct Row {
            let cells: [String], words: String, change: Float
        }
        var rows = controls.results.map { result in
            let atoms = result.set.plan.parts.map { $0.atoms.map(String.init).joined(separator: " ") }
            let ratio = result.set.energyRatios.map { $0.map { String(format: "%.2f", $0) } ?? "-" }
            return Row(
                cells: [
                    "\(result.set.seed)", ratio.joined(separator: ", "), Self.change(result.reading.change),
                    result.reading.divergence.map(Self.figure) ?? "",
                ],
                words: "\(spell(result.reading))  [\(atoms.joined(separator: "; "))]", change: result.reading.change)
        }
        rows.append(
            Row(
                cells: [
                    "edit", edit.plan.parts.map { _ in "1.00" }.joined(separator: ", "), Self.change(edit.reading.change),
                    edit.reading.divergence.map(Self.figure) ?? "",
                ],
                words: spell(edit.reading), change: edit.reading.change))
        rows.sort { $0.change < $1.change }
        let figures = TextTable.aligned([["seed", "energy", "change", "KL"]] + rows.map(\.cells))
        return lines + [""] + zip(figures, ["output  [atoms]"] + rows.map(\.words)).map { $0 + "  " + $1 }
    }

    private var rankingLines: [String] {
        guard !report.ranking.isEmpty else { return [] }
        let shown = report.ranking.prefix(top)
        let figures = TextTable.aligned(
            [["atom", "frequency", "energy", "change", "KL"]]
                + shown.map { ranked in
                    let frequency = ranked.frequency.map { String(format: "%.3f", abs($0) < 0.0005 ? 0 : $0) }
                    return [
                        "\(ranked.address)", frequency.joined(separator: " "), Self.percent(ranked.energyShare),
                        Self.change(ranked.change), ranked.reading.divergence.map(Self.figure) ?? "",
                    ]
                })
        let rest = report.ranking.count - shown.count
        return ["", "change in \(unit) with one atom muted, largest first; frequency in cycles per patch or token"]
            + zip(figures, ["output"] + shown.map { spell($0.reading) }).map { $0 + "  " + $1 }
            + (rest > 0 ? ["and \(rest) more; --top says how many to print"] : [])
    }

    /// The output on one line, boxes in pixels.
    private func spell(_ reading: OutputReading) -> String {
        guard let box = pixels(reading) else { return reading.text.printable }
        return box.map { String(format: "%.1f", $0) }.joined(separator: " ")
    }

    private func pixels(_ reading: OutputReading) -> [Double]? {
        reading.box.map {
            let box = PixelBox(shares: $0, imageWidth: imageWidth, imageHeight: imageHeight)
            return [box.x, box.y, box.width, box.height]
        }
    }

    private static func figure(_ x: Float) -> String { String(format: "%.4f", x) }
    private static func change(_ x: Float) -> String { String(format: "%+.4f", abs(x) < 0.00005 ? 0 : x) }
    private static func percent(_ x: Float) -> String { String(format: "%.1f%%", 100 * x) }
}

extension LensDocument: Encodable {
    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    func encode(to encoder: any Encoder) throws {
        var file = encoder.container(keyedBy: Name.self)
        func put(_ value: some Encodable, _ key: String) throws { try file.encode(value, forKey: Name(stringValue: key)) }
        try put(checkpoint, "checkpoint")
        try put(image, "image")
        try put(task, "task")
        try put(prompt, "prompt")
        try put(report.k, "k")
        try put(report.request.seed, "seed")
        try put(unit, "unit")
        try put(warnings, "warnings")
        try put(Reading(self, baseline), "baseline")
        if let edit = report.edit {
            try put(zip(edit.plan.parts, edit.energyShares).map(Part.init), "edits")
            try put(Reading(self, edit.reading), "edited")
        }
        if let controls = report.controls { try put(Controls(self, controls), "controls") }
        if let blank = report.blank { try put(Reading(self, blank), "blank") }
        if report.request.shuffles > 0 {
            try put(report.shuffles.map { Reading(self, $0.reading, seed: $0.seed) }, "shuffles")
        }
        if !report.request.ranked.isEmpty { try put(report.ranking.map { Ranked(self, $0) }, "ranking") }
    }

    private struct Reading: Encodable {
        struct Token: Encodable {
            let text: String, logProbability: Float, change: Float, divergence: Float
        }
        struct Answer: Encodable {
            let answer: String, probability: Float
        }
        let seed: UInt64?
        let output: String
        let same: Bool?
        let score: Float
        let change: Float
        let divergence: Float?
        let tokens: [Token]?
        let answers: [Answer]?
        let box: [Double]?

        /// - Parameter brief: without tokens and answers, of which controls would have too many.
        init(_ document: LensDocument, _ reading: OutputReading, seed: UInt64? = nil, brief: Bool = false) {
            self.seed = seed
            output = document.spell(reading)
            same = reading.isSame
            score = reading.score
            change = reading.change
            divergence = reading.divergence
            tokens =
                brief || reading.tokens.isEmpty
                ? nil
                : reading.tokens.map {
                    Token(text: $0.text, logProbability: $0.logProbability, change: $0.change, divergence: $0.divergence)
                }
            answers =
                brief || reading.answers.isEmpty
                ? nil : reading.answers.map { Answer(answer: $0.text, probability: $0.probability) }
            box = document.pixels(reading)
        }
    }

    private struct Part: Encodable {
        struct Action: Encodable {
            let action: String, value: Float?, layer: Int?
        }
        let stack: AtomStack
        let atoms: [Int]
        let actions: [Action]
        let energyShare: Float

        init(_ part: EditPart, energyShare: Float) {
            stack = part.stack
            atoms = part.atoms
            actions = part.actions.map { Action(action: $0.action.name, value: $0.action.value, layer: $0.layer) }
            self.energyShare = energyShare
        }
    }

    private struct Controls: Encodable {
        struct Set: Encodable {
            let atoms: [[Int]]
            let energyRatios: [Float?]
            let reading: Reading

            enum CodingKeys: CodingKey { case atoms, energyRatios }

            func encode(to encoder: any Encoder) throws {
                try reading.encode(to: encoder)
                var own = encoder.container(keyedBy: CodingKeys.self)
                try own.encode(atoms, forKey: .atoms)
                try own.encode(energyRatios, forKey: .energyRatios)
            }
        }
        let requested: Int
        let tolerance: Float
        let withinTolerance: Int
        let standing: EffectStanding?
        let sets: [Set]

        init(_ document: LensDocument, _ controls: ControlResults) {
            requested = controls.requested
            tolerance = RandomControls.tolerance
            withinTolerance = controls.withinTolerance
            standing = controls.standing
            sets = controls.results.map {
                Set(
                    atoms: $0.set.plan.parts.map(\.atoms), energyRatios: $0.set.energyRatios,
                    reading: Reading(document, $0.reading, seed: $0.set.seed, brief: true))
            }
        }
    }

    private struct Ranked: Encodable {
        let ranked: RankedAtom
        let reading: Reading

        enum CodingKeys: CodingKey { case atom, frequency, energyShare }

        init(_ document: LensDocument, _ ranked: RankedAtom) {
            self.ranked = ranked
            reading = Reading(document, ranked.reading, brief: true)
        }

        func encode(to encoder: any Encoder) throws {
            try reading.encode(to: encoder)
            var own = encoder.container(keyedBy: CodingKeys.self)
            try own.encode(ranked.address.description, forKey: .atom)
            try own.encode(ranked.frequency, forKey: .frequency)
            try own.encode(ranked.energyShare, forKey: .energyShare)
        }
    }
}
