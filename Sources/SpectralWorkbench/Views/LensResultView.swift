import SpectralLens
import SpectralModel
import SpectralScreen

/// What the model says without and with the edits, side by side; then token by token, answer by answer, and about other
/// images.
enum LensResultView {
    static let twinHasNone = "This checkpoint is the attention twin: it has no atoms to edit."

    static func draw(_ state: WorkbenchState, size: ScreenSize, look: Look) -> CellGrid {
        var grid = CellGrid(rows: size.rows, columns: size.columns)
        let inside = PaneFrame(title: title(state.lensScreen), isFocused: state.focus == .result)
            .draw(on: &grid, look: look).inset(rows: 0, columns: 1)
        let lines = lines(state, columns: inside.columns, look: look)
        LensLines.draw(lines, first: state.lensScreen.scroll[.result] ?? 0, in: inside, on: &grid, look: look)
        return grid
    }

    /// How far down the pane can be scrolled.
    static func scrollLimit(_ state: WorkbenchState) -> Int {
        guard let rect = state.layout.place(of: .result) else { return 0 }
        return max(0, lines(state, columns: rect.columns - 4, look: Look()).count - (rect.rows - 2))
    }

    private static func title(_ own: LensScreenState) -> String {
        guard let findings = own.findings else { return "Result" }
        return switch findings.status {
        case .running: "Result: run \(min(findings.runsDone + 1, findings.job.runs)) of \(findings.job.runs)"
        case .stopped: "Result: stopped, Enter goes on"
        case .done, .failed: "Result"
        }
    }

    static func lines(_ state: WorkbenchState, columns: Int, look: Look) -> [StyledLine] {
        guard let findings = state.lensScreen.findings, let baseline = findings.baseline else {
            let (text, style) = explanation(state)
            return LensLines.wrapped(text, columns, style)
        }
        let request = findings.job.request
        let question =
            switch request.task {
            case .ask: request.prompt
            case .caption: "caption"
            case .ground: "find: " + request.prompt
            }
        var lines = LensLines.wrapped(question, columns, Style(.user))
        let turn = state.turns.first { $0.id == findings.job.turn }
        if let k = turn?.otherK(than: state) { lines.append(LensLines.plain("the answer at K \(k)", .warning)) }
        if let warning = turn?.unfamiliarity { lines += LensLines.wrapped("! " + warning, columns, .warning) }
        if case .failed(let line) = findings.status { lines += LensLines.wrapped(line, columns, .bad) }
        lines += findings.parts.map { LensLines.plain(spell($0), .muted) }
        lines.append([])
        func words(_ reading: OutputReading) -> String { spell(reading, of: request, state) }
        lines += outputs(findings, baseline, columns: columns, words: words)
        if let edited = findings.edited {
            lines += tokens(baseline, edited, unit: findings.unit, columns: columns, look: look)
            lines += answers(baseline, edited, columns: columns, look: look)
        }
        return lines + images(findings, columns: columns, words: words)
    }

    private static func explanation(_ state: WorkbenchState) -> (String, Style) {
        if case .failed(let line) = state.lensScreen.findings?.status { return (line, .bad) }
        switch state.checkpoint {
        case .failed(let line): return (line, .bad)
        case .underWay: return ("loading the checkpoint", .muted)
        case .done(let facts): if !facts.hasAtoms { return (twinHasNone, .muted) }
        }
        guard let turn = state.shownTurn else {
            return (
                "Nothing to look into yet: a asks a question about the image, c captions it. The Lens then tries edits of atoms "
                    + "on what the model said.", .muted
            )
        }
        if turn.isUnderWay { return ("The answer is still under way.", .muted) }
        guard turn.status == .done else {
            return ("The answer in view did not come to its end: choose another on the Ask screen, or ask again.", .muted)
        }
        if state.lensScreen.findings != nil { return ("Asking once without edits.", .muted) }
        let answer = turn.answer.map { "The model says: \($0). " } ?? ""
        return (
            answer + "Write an edit (w), or mute an atom (m on the Atoms screen), and see what it says then; b asks about a grey "
                + "image, s about one with its patches shuffled.", .muted
        )
    }

    private static func spell(_ part: LensPart) -> String {
        let actions = part.part.actions.map { action in
            let value = action.action.value.map { " \(Figure.short($0))" } ?? ""
            return action.action.name + value + (action.layer.map { " in layer \($0)" } ?? "")
        }
        let atoms = part.part.atoms, share = Figure.percent(Double(part.energyShare))
        let names =
            atoms.prefix(8).map(String.init).joined(separator: " ") + (atoms.count > 8 ? " and \(atoms.count - 8) more" : "")
        return "\(actions.joined(separator: ", ")) \(part.part.stack.rawValue) \(names): \(share) of the stack's energy"
    }

    /// A box in pixels where the image is known.
    private static func spell(_ reading: OutputReading, of request: TurnRequest, _ state: WorkbenchState) -> String {
        guard let box = reading.box else { return reading.text.isEmpty ? "(no words)" : reading.text }
        guard case .ready(let facts)? = state.images.first(where: { $0.path == request.imagePath })?.status else {
            return "box at " + box.map { Figure.fixed(Double($0), 3) }.joined(separator: ", ")
        }
        return Turn.words(PixelBox(shares: box, imageWidth: facts.width, imageHeight: facts.height))
    }

    // MARK: Parts

    private static func outputs(
        _ findings: LensFindings, _ baseline: OutputReading, columns: Int, words: (OutputReading) -> String
    ) -> [StyledLine] {
        let half = max(1, (columns - 2) / 2), isBox = baseline.box != nil
        func wrap(_ text: String) -> [String] { TextWrap.lines(text, width: half) }
        let left = wrap(words(baseline)), leftFigures = isBox ? [] : wrap("log-probability \(LensLines.figure(baseline.score))")
        guard let edited = findings.edited else {
            let head = findings.job.edits.isEmpty || findings.status != .running ? "baseline" : "baseline; the edits come next"
            var lines = [LensLines.plain(head, .title)]
            lines += left.map { LensLines.plain($0, Style(.answer, .bold)) }
            return lines + leftFigures.map { LensLines.plain($0) }
        }
        let right = wrap(words(edited))
        var figures =
            isBox
            ? ["IoU \(LensLines.figure(edited.score)) with the first"]
            : ["\(LensLines.figure(edited.score)), change \(LensLines.change(edited.change)) \(findings.unit)"]
        if let divergence = edited.divergence { figures.append("KL \(LensLines.figure(divergence)) nats") }
        func beside(_ a: [String], _ b: [String], _ first: Style, _ second: Style) -> [StyledLine] {
            (0..<max(a.count, b.count)).map { i -> StyledLine in
                [(TextWidth.padded(i < a.count ? a[i] : "", to: half + 2), first), (i < b.count ? b[i] : "", second)]
            }
        }
        let verdict = edited.isSame.map { $0 ? "edited: says the same" : "edited: says something else" } ?? "edited"
        let answer = Style(.answer, .bold)
        var lines = beside(["baseline"], [verdict], .title, edited.isSame == false ? Style(.warning, .bold) : .title)
        lines += beside(left, right, answer, answer)
        return lines + beside(leftFigures, figures.flatMap(wrap), .plain, .plain)
    }

    private static func tokens(
        _ baseline: OutputReading, _ edited: OutputReading, unit: String, columns: Int, look: Look
    ) -> [StyledLine] {
        // An answer is one token, and its figures stand above already.
        guard edited.tokens.count > 1 else { return [] }
        let label = min(16, max(8, columns / 4)), most = edited.tokens.map(\.change.magnitude).max() ?? 0
        let barWidth = min(41, columns - label - 28)
        func row(_ cells: [String]) -> String { cells.map { LensLines.cell($0, 9) }.joined() }
        let head = TextWidth.padded("token", to: label) + row(["baseline", "edited", "change"])
        var lines: [StyledLine] = [[], LensLines.plain(head, .muted)]
        for (then, now) in zip(baseline.tokens, edited.tokens) {
            let text = now.text.split { $0 == " " || $0.isNewline }.joined(separator: " ")
            let figures = [then.logProbability, now.logProbability].map(LensLines.figure) + [LensLines.change(now.change)]
            lines.append([
                (TextWidth.padded(text, to: label) + row(figures) + " ", .plain),
                (LensLines.bar(now.change, most: most, width: barWidth, look.glyphs), now.change < 0 ? .warning : .good),
            ])
        }
        lines.append(LensLines.plain("log-probabilities in nats; a full bar is \(LensLines.figure(most))", .muted))
        return lines
    }

    /// The likeliest answers before and after.
    private static func answers(
        _ baseline: OutputReading, _ edited: OutputReading, columns: Int, look: Look
    ) -> [StyledLine] {
        guard !baseline.answers.isEmpty, baseline.answers.count == edited.answers.count else { return [] }
        func best(_ all: [TextCandidate]) -> ArraySlice<Int> {
            all.indices.sorted { (all[$0].probability, $1) > (all[$1].probability, $0) }.prefix(4)
        }
        let leading = best(baseline.answers), shown = leading + best(edited.answers).prefix(2).filter { !leading.contains($0) }
        let label = min(16, max(8, columns / 4)), barWidth = min(20, (columns - label - 18) / 2)
        func share(_ x: Float, _ style: Style) -> StyledLine {
            let bar = barWidth >= 4 ? " " + LensLines.gauge(x, width: barWidth, look.glyphs) : ""
            return [(LensLines.cell(Figure.percent(Double(x)), 8), .plain), (bar, style)]
        }
        let gap = String(repeating: " ", count: barWidth >= 4 ? barWidth + 1 : 0)
        let head = TextWidth.padded("answer", to: label) + LensLines.cell("baseline", 8) + gap + LensLines.cell("edited", 8)
        var lines: [StyledLine] = [[], LensLines.plain(head, .muted)]
        for i in shown {
            var line = LensLines.plain(TextWidth.padded(baseline.answers[i].text, to: label))
            line += share(baseline.answers[i].probability, .accent)
            lines.append(line + share(edited.answers[i].probability, .warning))
        }
        return lines
    }

    private static func images(
        _ findings: LensFindings, columns: Int, words: (OutputReading) -> String
    ) -> [StyledLine] {
        let all = findings.images
        guard !all.isEmpty else { return [] }
        let isBox = all[0].reading.box != nil, unit = isBox ? "IoU" : "nats"
        let head =
            TextWidth.padded("other images", to: 12) + LensLines.cell(unit, 8) + LensLines.cell("change", 8)
            + (isBox ? "" : LensLines.cell("KL", 8)) + "  what it says, without edits"
        var lines: [StyledLine] = [[]]
        let shuffled = all.filter(\.isShuffle).map(\.reading)
        if shuffled.count > 1 {
            let mean = shuffled.reduce(0) { $0 + $1.change } / Float(shuffled.count)
            let changed = isBox ? "" : "it says something else in \(shuffled.count { $0.isSame == false }) of \(shuffled.count), "
            lines += LensLines.wrapped("patches shuffled: \(changed)mean change \(LensLines.change(mean)) \(unit)", columns)
        }
        lines.append(LensLines.plain(head, .muted))
        for test in all {
            let now = test.reading
            let figures =
                LensLines.cell(LensLines.figure(now.score), 8) + LensLines.cell(LensLines.change(now.change), 8)
                + (now.divergence.map { LensLines.cell(LensLines.figure($0), 8) } ?? "")
            let mark = now.isSame.map { $0 ? " (the same)" : " (changed)" } ?? ""
            let text = TextWidth.padded(test.name, to: 12) + figures + "  " + words(now) + mark
            lines.append(LensLines.plain(text, now.isSame == false ? .warning : .plain))
        }
        return lines
    }
}
