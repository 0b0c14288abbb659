import SpectralLens
import SpectralScreen

/// The same edits on random atoms of equal energy, and where the edit's own effect stands among theirs.
enum LensControlsView {
    static func draw(_ state: WorkbenchState, size: ScreenSize, look: Look) -> CellGrid {
        var grid = CellGrid(rows: size.rows, columns: size.columns)
        let inside = PaneFrame(title: title(state.lensScreen), isFocused: state.focus == .controls)
            .draw(on: &grid, look: look).inset(rows: 0, columns: 1)
        let lines = lines(state, columns: inside.columns, rows: inside.rows, look: look)
        LensLines.draw(lines, first: state.lensScreen.scroll[.controls] ?? 0, in: inside, on: &grid, look: look)
        return grid
    }

    /// How far down the pane can be scrolled.
    static func scrollLimit(_ state: WorkbenchState) -> Int {
        guard let rect = state.layout.place(of: .controls) else { return 0 }
        return max(0, lines(state, columns: rect.columns - 4, rows: rect.rows - 2, look: Look()).count - (rect.rows - 2))
    }

    private static func title(_ own: LensScreenState) -> String {
        guard let findings = own.findings, findings.job.controls > 0 else { return "Controls" }
        let count = findings.controls.count
        return switch findings.status {
        case .running: "Controls: \(count) of \(findings.job.controls)"
        case .stopped: "Controls: stopped at \(count) of \(findings.job.controls)"
        case .done, .failed: "Controls: \(count)"
        }
    }

    static func lines(_ state: WorkbenchState, columns: Int, rows: Int, look: Look) -> [StyledLine] {
        let own = state.lensScreen
        guard let findings = own.findings, let edited = findings.edited, let standing = findings.standing,
            let first = findings.controls.first, let last = findings.controls.last
        else { return LensLines.wrapped(explanation(own), columns, own.findings?.controlsProblem == nil ? .muted : .warning) }
        let all = findings.controls, unit = findings.unit
        let seeds = all.count == 1 ? "seed \(first.seed)" : "seeds \(first.seed) to \(last.seed)"
        func figure(_ x: Float, _ decimals: Int) -> String { Figure.fixed(Double(x), decimals) }
        var lines = LensLines.wrapped((own.isRunning ? "So far: " : "") + verdict(standing, all), columns, .title)
        lines += LensLines.wrapped(
            "change \(LensLines.change(edited.change)) \(unit): percentile \(figure(standing.percentile, 1)), two-sided p "
                + "\(figure(standing.pValue, 3)) (\(all.count) sets give no less than \(figure(standing.smallestPValue, 3)))",
            columns)
        lines += EffectStrip.lines(
            all.map(\.change), edit: edited.change, unit: unit, width: min(columns, 72),
            height: rows >= 18 ? 4 : rows >= 12 ? 2 : 1, look: look)
        lines += energy(findings, seeds: seeds, columns: columns)
        if let problem = findings.controlsProblem { lines += LensLines.wrapped(problem, columns, .warning) }
        lines += LensLines.wrapped(
            "they change it by \(LensLines.change(standing.mean)) on average, sd \(LensLines.figure(standing.standardDeviation)), "
                + "from \(LensLines.change(standing.minimum)) to \(LensLines.change(standing.maximum))", columns)
        if edited.isSame != nil {
            lines += LensLines.wrapped(
                "with \(all.count { $0.isSame == false }) of \(all.count) of them the model says something else", columns)
        }
        return lines + sets(all)
    }

    private static func explanation(_ own: LensScreenState) -> String {
        if let problem = own.findings?.controlsProblem { return problem }
        if own.controls == 0 { return "No random sets are asked for; + asks for some." }
        if own.edits.isEmpty || own.findings == nil {
            return "Here the same edits are made to random atoms of equal energy, so that an effect can be told from noise. "
                + "\(own.controls) sets; + doubles, - halves."
        }
        if case .failed = own.findings?.status { return "No random sets: the edits could not be made." }
        return own.isRunning ? "Random sets come after the edits." : "No random sets yet; Enter goes on."
    }

    private static func verdict(_ standing: EffectStanding, _ all: [LensControl]) -> String {
        if standing.smallestPValue > 0.05 { return "too few random sets to tell" }
        let who = all.allSatisfy(\.isWithinTolerance) ? "random atoms of equal energy" : "random atoms of other energy"
        return standing.pValue <= 0.05 ? "\(who) seldom do as much" : "\(who) do as much: not to be told from noise"
    }

    private static func energy(_ findings: LensFindings, seeds: String, columns: Int) -> [StyledLine] {
        let ratios = findings.controls.flatMap { $0.energyRatios.compactMap { $0 } }, count = findings.controls.count
        let within = findings.controls.count { $0.isWithinTolerance }
        guard let low = ratios.min(), let high = ratios.max() else {
            return LensLines.wrapped("the edited atoms have no energy; \(seeds)", columns)
        }
        let lines = LensLines.wrapped(
            "energy \(Figure.fixed(Double(low), 2)) to \(Figure.fixed(Double(high), 2)) of the edited atoms', \(within) of \(count) "
                + "within \(Figure.fixed(Double(RandomControls.tolerance) * 100, 0))%; \(seeds)", columns)
        guard within < count else { return lines }
        return lines
            + LensLines.wrapped(
                "The match is poor, and no nearer sets were found: where energies differ, effects may for that alone.", columns,
                .warning)
    }

    private static func sets(_ all: [LensControl]) -> [StyledLine] {
        let hasDivergence = all[0].divergence != nil
        let head =
            LensLines.cell("seed", 5) + LensLines.cell("change", 9) + (hasDivergence ? LensLines.cell("KL", 9) : "")
            + "  energy  atoms"
        var lines: [StyledLine] = [[], LensLines.plain(head, .muted)]
        for set in all {
            let ratios = set.energyRatios.map { $0.map { Figure.fixed(Double($0), 2) } ?? "-" }.joined(separator: ", ")
            let atoms = set.atoms.map { $0.map(String.init).joined(separator: " ") }.joined(separator: "; ")
            let text =
                LensLines.cell("\(set.seed)", 5) + LensLines.cell(LensLines.change(set.change), 9)
                + (set.divergence.map { LensLines.cell(LensLines.figure($0), 9) } ?? "")
            lines.append([
                (text + "  ", .plain),
                (TextWidth.padded(ratios, to: max(6, TextWidth.of(ratios))), set.isWithinTolerance ? .plain : .warning),
                ("  " + atoms, .muted),
            ])
        }
        return lines
    }
}
