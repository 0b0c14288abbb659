import Foundation
import SpectralLens
import SpectralScreen

/// What `sdict eval claims` found: its JSON, its tables, its sentences, its plot.
struct ClaimsReport: Encodable {
    struct Controls: Encodable {
        let requested: Int
        let drawn: Int
        /// Sets with the band's energy, within a factor of `ClaimBandCounts.likeness`.
        let alike: Int
        let seeds: [UInt64]
        /// Of each set, the energy of its vision atoms (and fusion atoms) over the band's.
        let energyRatios: [[Float?]]
        let problem: String?
    }

    struct Band: Encodable {
        let name: String
        let edges: String
        let atoms: [Int]
        let energyShare: Float
        let controls: Controls
        let isMatched: Bool
        let effects: [ClaimEffect]
    }

    struct Finding: Encodable {
        let sentence: String
        let verdict: ClaimFinding.Verdict
        let tests: [ClaimFinding.Test]
        let text: String
    }

    let checkpoint: String
    let hash: String
    let images: Int
    let seed: UInt64
    let k: Int
    let stacks: [String]
    let resamples: Int
    let bands: [Band]
    let findings: [Finding]

    init(_ found: ClaimMeasurement, resamples: Int, checkpoint: String, hash: String) {
        self.checkpoint = checkpoint
        self.hash = hash
        images = found.plan.images
        seed = found.plan.seed
        k = found.k
        stacks = found.plan.includesFusion ? ["vision", "fusion"] : ["vision"]
        self.resamples = resamples
        let bootstrap = ClaimBootstrap(images: images, resamples: resamples, seed: seed)
        let bands = found.bands.map { band in
            Band(
                name: band.band.name, edges: band.band.edges, atoms: band.atoms, energyShare: band.energyShare,
                controls: Controls(
                    requested: found.plan.controls, drawn: band.sets.count, alike: band.alike, seeds: band.sets.map(\.seed),
                    energyRatios: band.sets.map(\.energyRatios), problem: band.problem),
                isMatched: band.isMatched,
                effects: bootstrap.effects(
                    asked: found.asked, before: found.before, after: band.after, controls: band.controls,
                    names: ClaimQuestions.all.map(\.name)))
        }
        self.bands = bands
        findings = PaperClaim.all.map { claim in
            let finding = ClaimFinding(
                claim, effects: Dictionary(uniqueKeysWithValues: bands.map { ($0.name, $0.effects) }),
                isMatched: Dictionary(uniqueKeysWithValues: bands.map { ($0.name, $0.isMatched) }))
            return Finding(
                sentence: finding.sentence, verdict: finding.verdict, tests: finding.tests, text: Self.text(of: finding))
        }
    }

    // MARK: Words

    var title: String { "What muting a frequency band costs, against random atoms of like energy" }

    private var conditions: String {
        "\(checkpoint), \(images) held-out scenes, seed \(seed), K \(k), muted in: \(stacks.joined(separator: " and ")), "
            + "\(resamples) resamples"
    }

    private static func percent(_ share: Double?) -> String { share.map { String(format: "%.1f", 100 * $0) } ?? "-" }

    private static func points(_ share: Double?) -> String { share.map { String(format: "%+.1f", 100 * $0) } ?? "-" }

    private static func interval(_ estimate: ClaimEstimate?) -> String {
        estimate.map { "\(points($0.low)) to \(points($0.high))" } ?? "-"
    }

    /// What is said of a band's controls.
    private static func standing(_ band: Band) -> String {
        if let problem = band.controls.problem { return problem }
        guard band.controls.drawn > 0 else { return "no controls were asked for" }
        let ratios = band.controls.energyRatios.flatMap { $0 }.compactMap { $0 }
        var text = "\(band.controls.drawn) random sets"
        if band.controls.drawn < band.controls.requested { text += " (no more exist)" }
        if let first = band.controls.seeds.first, let last = band.controls.seeds.last { text += ", seeds \(first) to \(last)" }
        if let low = ratios.min(), let high = ratios.max() {
            text += String(format: ", with %.2f to %.2f of the band's energy", low, high)
        }
        return text + (band.isMatched ? "" : ": no controls of like energy exist, effects may differ for that alone")
    }

    private static func atoms(_ band: Band) -> String { "\(band.atoms.count) atom" + (band.atoms.count == 1 ? "" : "s") }

    private static func heading(_ band: Band) -> String {
        "\(band.name): \(band.edges); \(atoms(band)), "
            + String(format: "%.1f %% of the vision stack's energy", 100 * band.energyShare)
    }

    private static let columns = [
        "questions", "n", "before %", "muted %", "random %", "drop", "random drop", "excess", "95 %", "verdict",
    ]

    private static func cells(_ effect: ClaimEffect, isMatched: Bool) -> [String] {
        [
            effect.row, "\(effect.asked)", percent(effect.before), percent(effect.after), percent(effect.afterControls),
            percent(effect.drop), percent(effect.controlDrop), points(effect.excess?.value), interval(effect.excess),
            effect.verdict.rawValue + (isMatched || effect.excess == nil ? "" : ", energies unlike"),
        ]
    }

    /// A sentence from the numbers.
    private static func text(of finding: ClaimFinding) -> String {
        let tests = finding.tests.map { test -> String in
            let effect = test.effect
            let random = effect.afterControls.map { "\(percent($0)) % with random atoms muted" } ?? "without controls"
            return "\(test.band) on \(effect.row) (n \(effect.asked)): \(percent(effect.before)) % right before, "
                + "\(percent(effect.after)) % muted, \(random); excess \(points(effect.excess?.value)) points "
                + "(\(interval(effect.excess))), against all other questions \(points(effect.selectivity?.value)) "
                + "(\(interval(effect.selectivity)))" + (test.isMatched ? "" : ", no controls of like energy")
                + ": \(test.verdict.rawValue)"
        }
        let verdict = finding.verdict.rawValue.capitalizedFirst
        return "The paper: \(finding.sentence). \(verdict). " + tests.joined(separator: "; ") + "."
    }

    private var counts: String {
        let all = bands.flatMap { band in band.effects.map { (band, $0) } }.filter { $0.1.excess != nil }
        let more = all.count { $0.1.verdict == .more }, less = all.count { $0.1.verdict == .less }
        return "\(all.count) intervals: \(more) more than chance, \(less) less, \(all.count - more - less) show no difference; "
            + "by luck alone about \(Int((Double(all.count) / 20).rounded())) would miss zero."
    }

    var lines: [String] {
        var lines = [title, conditions, ""]
        for band in bands {
            lines += [Self.heading(band), Self.standing(band)]
            lines += TextTable.aligned([Self.columns] + band.effects.map { Self.cells($0, isMatched: band.isMatched) }) + [""]
        }
        return lines + [counts, ""] + findings.map(\.text)
    }

    var markdown: String {
        var blocks = ["# \(title)", conditions + "."]
        for band in bands {
            blocks.append("## \(band.name)\n\n\(Self.heading(band)). \(Self.standing(band)).")
            let rows = band.effects.map { Self.cells($0, isMatched: band.isMatched) }
            blocks.append(ExportTable(header: Self.columns, rows: rows).markdown { (1...8).contains($0) })
        }
        blocks += ["## What the paper says", counts] + findings.map { "- \($0.text)" }
        return blocks.joined(separator: "\n\n") + "\n"
    }

    // MARK: Plot

    var picture: ExportPicture {
        let rows = bands.first?.effects.map(\.row) ?? []
        let chart = IntervalChart(
            title: title, unit: "excess: points of right answers that the band costs over random atoms, with 95 % intervals",
            rows: rows,
            panels: bands.map { band in
                IntervalChart.Panel(
                    "\(band.name), \(Self.atoms(band))",
                    rows.map { row in
                        let effect = band.effects.first { $0.row == row }
                        guard let effect, let excess = effect.excess else { return nil }
                        let sense: IntervalChart.Sense =
                            switch effect.verdict {
                            case .none, .unknown: .unclear
                            case .more: band.isMatched ? .above : .unmatched
                            case .less: band.isMatched ? .below : .unmatched
                            }
                        return .init(value: 100 * excess.value, low: 100 * excess.low, high: 100 * excess.high, sense: sense)
                    })
            },
            legend: [
                "more than chance", "less than chance", "no difference shown",
                "a difference, but no controls of like energy exist",
            ])
        return ExportPicture(chart, captions: [conditions])
    }
}

extension String {
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
