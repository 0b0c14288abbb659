import SpectralEngine
import SpectralFormats
@testable import SpectralLens
import SpectralModel
import SpectralScreen
import Testing

@testable import SpectralWorkbench

/// The Lens screen by its state: keys in, edits and requests out.
@Suite struct LensScreenTests {
    private static let request = TurnRequest(imagePath: "/x/a.png", task: .ask, prompt: "what is it", k: nil)

    private func job(_ edits: [(String, String)], turn: Int = 1, controls: Int = RandomControls.usualCount, blank: Bool = false, shuffles: Int = 0) throws -> LensJob {
        LensJob(
            turn: turn, request: Self.request, edits: try edits.map { try LensEdit($0, $1) }, controls: controls, blank: blank,
            shuffles: shuffles)
    }

    /// The Lens over one finished and measured answer.
    private func opened(_ size: ScreenSize = ScreenSize(rows: 40, columns: 120)) throws -> WorkbenchState {
        var state = WorkbenchState.ready(rows: size.rows, columns: size.columns)
        _ = try state.type("what is it<enter>")
        _ = update(&state, .engine(turn: 1, .started(k: 8)))
        _ = update(&state, .engine(turn: 1, .finished(answered("red"))))
        _ = update(&state, .measured(turn: 1, measured()))
        _ = update(&state, .measurementEnded(turn: 1, isComplete: true))
        _ = try state.type("<esc>4")
        #expect(state.focus == .edits)
        return state
    }

    private func reading(_ change: Float, isSame: Bool = true) -> OutputReading {
        OutputReading(
            output: .answer(0), text: isSame ? "red" : "blue", isSame: isSame, score: change - 0.125, change: change, divergence: 0.5,
            tokens: [TokenReading(text: "red", logProbability: change - 0.125, change: change, divergence: 0.5)],
            answers: [TextCandidate(text: "red", probability: 0.75), TextCandidate(text: "blue", probability: 0.25)], box: nil)
    }

    private func control(_ seed: UInt64, _ change: Float, isNear: Bool = true) -> LensControl {
        LensControl(
            seed: seed, atoms: [[Int(seed)]], energyRatios: [isNear ? 1 : 3], isWithinTolerance: isNear, change: change,
            divergence: 0.5, isSame: true)
    }

    private func hear(_ news: [LensNews], id: Int, _ state: inout WorkbenchState) {
        for piece in news { #expect(update(&state, .lens(id, piece)) == []) }
    }

    private func text(_ state: WorkbenchState) -> String {
        ScreenView.draw(state, look: Look(glyphs: .ascii, colors: .mono)).grid.text
    }

    @Test func anEditIsWrittenAndTried() throws {
        var state = try opened()
        #expect(text(state).contains("The model says: red"))
        #expect(try state.type("wmute  vision/3, vision:0.25..<enter>") == [.lens(id: 1, job([("mute", "vision/3,vision:0.25..")]))])
        #expect(state.lensScreen.line == nil && state.lensScreen.isRunning)
        #expect(try state.type("wscale fusion/3=0.5<enter>") == [
            .lens(id: 2, job([("mute", "vision/3,vision:0.25.."), ("scale", "fusion/3=0.5")]))
        ])
        // Rewritten where it stands.
        #expect(try state.type("k<enter><c-u>solo text/1<enter>") == [.lens(id: 3, job([("solo", "text/1"), ("scale", "fusion/3=0.5")]))])
        #expect(try state.type("x") == [.lens(id: 4, job([("scale", "fusion/3=0.5")]))])
        #expect(try state.type("X") == [.stopLens])
        #expect(state.lensScreen.findings == nil)
        #expect(try state.type("x") == [] && state.notice == "there is no edit to remove")
    }

    @Test(arguments: ["mute", "mend vision/3", "mute vision", "scale vision/3", "shift text/2=far", "mute \u{1B}[31m"])
    func whatCannotBeReadIsSaidAndKept(line: String) throws {
        var state = try opened()
        _ = try state.type("w")
        for character in line { _ = update(&state, .key(.character(character))) }
        #expect(update(&state, .key(.enter)) == [])
        #expect(state.lensScreen.line != nil && state.lensScreen.edits == [])
        #expect(text(state).contains("cannot read"))
        #expect(!text(state).contains("\u{1B}"))
        #expect(try state.type("<esc>") == [] && state.lensScreen.line == nil && state.focus == .edits)
    }

    @Test func findingsStandInThePanes() throws {
        var state = try opened()
        _ = try state.type("wmute vision/3<enter>")
        hear([.baseline(reading(0), unit: "nats"), .edited(reading(-0.25, isSame: false), [])], id: 1, &state)
        #expect(text(state).contains("Result: run 3 of 42"))
        #expect(text(state).contains("says something else") && text(state).contains("change -0.250 nats"))
        hear([0.1, -0.2, -0.3, 0].enumerated().map { .control(control(UInt64($0.offset), $0.element)) }, id: 1, &state)
        #expect(text(state).contains("Controls: 4 of 40") && text(state).contains("So far"))
        hear([.ended], id: 1, &state)
        // Below one of four; two of five, the edit among them, lie as far down.
        #expect(state.lensScreen.findings?.standing?.percentile == 25)
        #expect(text(state).contains("percentile 25.0, two-sided p 0.800") && text(state).contains("; seeds 0"))
        #expect(!text(state).contains("match is poor"))
        hear([.control(control(9, 5))], id: 1, &state)
        #expect(state.lensScreen.findings?.controls.count == 4, "what comes after the end is not heard")

        _ = try state.type("+")
        hear([.baseline(reading(0), unit: "nats"), .edited(reading(-0.25), []), .control(control(0, 1, isNear: false)), .ended], id: 2, &state)
        #expect(text(state).contains("match is poor") && text(state).contains("0 of 1 within 5%"))
    }

    @Test func otherImagesAreAskedAbout() throws {
        var state = try opened()
        #expect(try state.type("b") == [.lens(id: 1, job([], controls: 0, blank: true))])
        #expect(try state.type("s") == [.lens(id: 2, job([], controls: 0, blank: true, shuffles: 8))])
        let tests = [reading(-1, isSame: false), reading(-0.5), reading(-2, isSame: false)].enumerated().map {
            LensImageTest(name: $0.offset == 0 ? "grey image" : "shuffle \($0.offset - 1)", isShuffle: $0.offset > 0, reading: $0.element)
        }
        hear([.baseline(reading(0), unit: "nats")] + tests.map { .image($0) }, id: 2, &state)
        #expect(text(state).contains("something else in 1 of 2, mean change -1.250"))
        #expect(text(state).contains("blue (changed)"))
        #expect(try state.type("b") == [.lens(id: 3, job([], controls: 0, shuffles: 8))])
        #expect(try state.type("s") == [.stopLens])
    }

    @Test func controlsAreDoubledAndHalved() throws {
        var state = try opened()
        _ = try state.type("wmute vision/3<enter>")
        #expect(try state.type("+") == [.lens(id: 2, job([("mute", "vision/3")], controls: 80))])
        _ = try state.type("+++++")
        #expect(state.lensScreen.controls == 512)
        _ = try state.type("----------")
        #expect(state.lensScreen.controls == 0 && text(state).contains("No random sets are asked for"))
        _ = try state.type("+")
        #expect(state.lensScreen.controls == 1)
    }

    @Test func escapeStopsAndEnterGoesOn() throws {
        var state = try opened()
        _ = try state.type("wmute vision/3<enter>")
        hear([.baseline(reading(0), unit: "nats")], id: 1, &state)
        #expect(try state.type("<esc>") == [.stopLens])
        hear([.edited(reading(-1), [])], id: 1, &state)
        #expect(state.lensScreen.findings?.edited == nil, "what comes after a stop is not heard")
        #expect(text(state).contains("Result: stopped, Enter goes on"))
        #expect(try state.type("<tab><enter>") == [.lens(id: 2, job([("mute", "vision/3")]))])
        hear([.edited(reading(-1), [])], id: 1, &state)
        #expect(state.lensScreen.findings?.edited == nil, "nor is what came of the one before")
        hear([.failed("vision/3: not in use")], id: 2, &state)
        #expect(text(state).contains("vision/3: not in use"))
        #expect(try state.type("<esc>") == [] && state.focus == .edits)
        #expect(try state.type("<esc>") == [] && state.screen == .ask)
    }

    @Test func editsStayForTheNextAnswer() throws {
        var state = try opened()
        _ = try state.type("wmute vision/3<enter>1ais it red<enter>")
        _ = update(&state, .engine(turn: 2, .finished(answered("no"))))
        let effects = try state.type("<esc>4")
        #expect(effects.contains { if case .lens(_, let job) = $0 { job.turn == 2 && job.edits.count == 1 } else { false } })
    }

    @Test func atomsAreMutedFromOtherScreens() throws {
        var state = try opened()
        // The Ask screen's atom list: its second row is vision/1.
        #expect(try state.type("1<tab><tab>jx").last == .lens(id: 1, job([("mute", "vision/1")])))
        #expect(state.focus == .edits)
        // The ranking holds the same atoms; what is muted is not muted twice.
        #expect(try state.type("<tab><tab><tab>m") == [.lens(id: 2, job([("mute", "vision/1"), ("mute", "fusion/5")]))])
        #expect(try state.type("jm") == [] && state.lensScreen.edits.count == 2)
        #expect(state.notice == "vision/1 is muted already")
        var none = WorkbenchState.ready()
        _ = try none.type("<esc>2m")
        #expect(none.notice == "no atom is chosen yet" && none.screen == .atoms)
    }

    @Test func ranksOnlyWhatIsNotMeasured() throws {
        var state = try opened()
        #expect(try state.type("R") == [] && state.focus == .rank)
        // As in the result: the answer loses 2.5 nats without fusion/5.
        #expect(text(state).contains("fusion/5    -2.500") && text(state).contains("vision/1    +1.000"))
        state.turns[0].measurement.status = .stopped
        #expect(try state.type("R") == [.measure(id: 1, Self.request)])
        #expect(try state.type("<esc>") == [.cancel(id: 1)])
        var none = WorkbenchState.ready()
        _ = try none.type("<esc>4R")
        #expect(none.notice?.contains("no finished answer") == true)
    }

    /// Sizes down to the least and up, with findings of every kind and without.
    @Test(arguments: [(20, 60), (24, 80), (30, 100), (40, 120), (60, 200)]) func everyPaneShows(rows: Int, columns: Int) throws {
        var state = try opened(ScreenSize(rows: rows, columns: columns))
        for isFilled in [false, true] {
            if isFilled {
                _ = try state.type("wmute vision/3<enter>")
                let controls = (0..<32).map { LensNews.control(control($0, Float($0) / 7 - 2)) }
                let part = LensPart(part: EditPart(stack: .vision, actions: [LayerAction(action: .mute, layer: nil)], atoms: [3]), energyShare: 0.25)
                hear([.baseline(reading(0), unit: "nats"), .edited(reading(-1), [part])] + controls + [.ended], id: 1, &state)
            }
            for pane in ScreenID.lens.panes {
                #expect(state.focus == pane && state.layout.place(of: pane) != nil)
                for key in ["G", "j", "<pgup>", "g"] { _ = try state.type(key) }
                let frame = ScreenView.draw(state, look: Look())
                #expect(frame.grid.rows == rows && frame.grid.columns == columns)
                _ = update(&state, .key(.tab))
            }
        }
    }

    @Test func theTwinHasNoAtomsToEdit() throws {
        var state = WorkbenchState(size: ScreenSize(rows: 24, columns: 80))
        _ = update(&state, .checkpointLoaded(CheckpointFacts(name: "twin", preset: "attention", visionAtoms: 3, hasAtoms: false, warnings: [])))
        #expect(try state.type("<esc>4wmute vision/1<enter>b") == [])
        #expect(text(state).contains("attention twin"))
    }
}

/// What bars and strips say, counted by hand.
@Suite struct LensDrawingTests {
    private static let ascii = Look(glyphs: .ascii, colors: .mono)

    @Test func barsGrowFromTheMiddle() {
        #expect(LensLines.bar(-1, most: 2, width: 9, .ascii) == "  ##|    ")
        #expect(LensLines.bar(2, most: 2, width: 9, .ascii) == "    |####")
        #expect(LensLines.bar(0, most: 0, width: 9, .ascii) == "    |    ")
        #expect(LensLines.bar(9, most: 2, width: 2, .ascii) == "")
        #expect(LensLines.gauge(0.5, width: 4, .ascii) == "##..")
    }

    @Test func figuresKeepTheirSign() {
        #expect([0.25, -0.25, 0.0001, -0.0001, 12.34, 0].map { LensLines.change($0) } == ["+0.250", "-0.250", "0.000", "0.000", "+12.3", "0.000"])
    }

    @Test func theStripMarksTheEdit() {
        let lines = EffectStrip.lines([-1, -1, 0.5], edit: 1, unit: "nats", width: 21, height: 2, look: Self.ascii)
            .map { $0.map(\.text).joined() }
        #expect(lines == [
            "@" + String(repeating: " ", count: 20),
            "@" + String(repeating: " ", count: 14) + "@" + String(repeating: " ", count: 5),
            String(repeating: "-", count: 10) + "0" + String(repeating: "-", count: 10),
            String(repeating: " ", count: 11) + "the edit ^",
            "-1.000    +1.000 nats", "the highest column is 2 of 3 random sets",
        ])
        let flat = EffectStrip.lines([0, 0], edit: 0, unit: "IoU", width: 21, height: 1, look: Self.ascii).map { $0.map(\.text).joined() }
        #expect(flat[0] == String(repeating: " ", count: 10) + "@" + String(repeating: " ", count: 10))
        #expect(flat[2] == String(repeating: " ", count: 10) + "^ the edit")
    }
}

/// The runner against the lens asked in one go.
@Suite struct LensRunTests {
    private func play(_ script: String) async throws -> [LensFindings] {
        let options = TinyWorld.shared.options
        return try await OwnThread.run {
            var seen: [LensFindings] = []
            _ = try ScriptedRun.run(
                KeyScript.parse(script), options: options, size: ScreenSize(rows: 40, columns: 120), look: Look()
            ) { state, _ in
                if let findings = state.lensScreen.findings, findings.status != .running { seen.append(findings) }
            }
            return seen
        }
    }

    @Test func theScreenFindsWhatTheLensFinds() async throws {
        let all = try await play("what is it?<enter><wait><esc>4wmute fusion/1,fusion/4<enter>--bs<wait>+<wait>")
        let found = try #require(all.first), more = try #require(all.last)
        let options = TinyWorld.shared.options, image = try ImageFile.load(options.images[0] + "/scene0.png")
        let report = try await Engine(checkpoint: options.checkpoint).withSeen(image) { model, seen in
            try AnswerProbe(model, seen, task: .vqa, prompt: "what is it?").lens(
                LensRequest(edits: [LensEdit("mute", "fusion/1,fusion/4")], controls: 10, blank: true, shuffles: 8, seed: 0))
        }
        #expect(found.status == .done && found.baseline == report.baseline.reading && found.edited == report.edit?.reading)
        #expect(found.parts.map(\.energyShare) == report.edit?.energyShares)
        #expect(found.images.map(\.reading) == [report.blank].compactMap { $0 } + report.shuffles.map(\.reading))
        let results = try #require(report.controls?.results)
        #expect(results.count == 10 && found.controls == results.map { LensControl($0.set, $0.reading) })
        #expect(found.standing == report.controls?.standing)
        #expect(more.controls.count == 20 && Array(more.controls.prefix(10)) == found.controls)
    }

    @Test(arguments: [
        ("mute fusion/99", "fusion/99: no such atom"), ("mute vision:0.9..", "no atom in use has such a frequency"),
        ("mute vision/0,vision/1,vision/2,vision/3", "no controls of equal size"),
    ])
    func whatCannotBeTriedIsSaid(edit: String, line: String) async throws {
        let frame = try await TinyWorld.shared.play(
            "what is it?<enter><wait><esc>4:\(edit)<enter><wait>", rows: 40, columns: 120)
        #expect(frame.grid.text.contains(line), "\(frame.grid.text)")
    }
}
