import Foundation
import SpectralEngine
import SpectralFormats
@testable import SpectralLens
@testable import SpectralModel
import SpectralScreen
import Testing

@testable import SpectralWorkbench

/// The Compare screen by its state: keys and news in, requests and screens out.
@Suite struct CompareScreenTests {
    private static func column(_ k: Int, folder: String? = nil) -> CompareColumn {
        CompareColumn(folder: folder, name: folder == nil ? "tiny" : "other", k: k, visionAtoms: 8, hasAtoms: true)
    }

    private func subject(_ image: String = "/x/a.png", _ question: CompareQuestion = .caption) -> CompareSubject {
        CompareSubject(imagePath: image, question: question)
    }

    private func ask(_ id: Int, _ subject: CompareSubject, _ columns: [CompareColumn]) -> Effect {
        .compare(.ask(CompareRequest(id: id, subject: subject, columns: columns)))
    }

    /// What a column with atoms at 0, 1, 2... bins made, on a grid of 8 x 8.
    private func result(_ column: CompareColumn, answer: String = "red", patch: Float = 0.5) -> ComparedColumn {
        let frequencies = (0..<column.k).map { [Float($0) / 16, 0] }
        return ComparedColumn(
            column: ComparisonColumn(
                checkpoint: column.name, hash: column.folder ?? "own", preset: .gated, k: column.k, visionAtoms: 8,
                atoms: [ColumnAtoms(stack: .vision, frequencies: frequencies, gridSize: 8, textLength: 12)]),
            output: ColumnOutput(
                answer: Answering(
                    answer: answer, candidates: [TextCandidate(text: answer, probability: 0.75)], k: column.k, milliseconds: 12),
                visionMilliseconds: 1, operations: OperationCount(), stateBytes: 96, reconstructionError: 0.125),
            patches: LensMatrix(
                title: "alignment", unit: "-1...1", rows: 2, columns: 2, values: [0.25, patch, 0, -0.5],
                magnitudes: [1, 1, 0.001, 1], low: -1, high: 1, maskFloor: 0.02))
    }

    /// The screen opened on the first image, its columns asked.
    private func opened(_ size: ScreenSize = ScreenSize(rows: 40, columns: 120)) throws -> WorkbenchState {
        var state = WorkbenchState.ready(rows: size.rows, columns: size.columns)
        let columns = [8, 4, 2].map { Self.column($0) }
        #expect(try state.type("<esc>3") == [ask(1, subject(), columns)])
        for (column, answer) in zip(columns, ["red", "red", "blue"]) {
            let key = CompareKey(column: column, subject: subject())
            let made = result(column, answer: answer, patch: Float(column.k) / 16)
            #expect(update(&state, .compare(.compared(key, made))) == [])
        }
        #expect(state.compareScreen.isBusy)
        #expect(update(&state, .compare(.ended(request: 1))) == [])
        #expect(!state.compareScreen.isBusy)
        return state
    }

    private func text(_ state: WorkbenchState) -> String {
        ScreenView.draw(state, look: Look(glyphs: .ascii, colors: .mono)).grid.text
    }

    @Test func showsWhatTheColumnsMadeAndHowTheyAgree() throws {
        let state = try opened(), screen = text(state)
        #expect(state.agreement(Self.column(4))?.sameAnswer == true)
        #expect(state.agreement(Self.column(2))?.sameAnswer == false)
        #expect(state.agreement(Self.column(8)) == nil)
        for part in ["K 8 first", "K 4 nested", "K 2 nested", "same answer", "other answer", "75.0%", "13 ", "96 ", "0.125"] {
            #expect(screen.contains(part), "\(part)")
        }
        var scripted = state
        scripted.showsTimes = false
        #expect(!text(scripted).contains("milliseconds"))
    }

    @Test func aChangedColumnAloneIsAskedAndTakenKAreSkipped() throws {
        var state = try opened()
        // From 8 down: 4 and 2 are columns already.
        #expect(try state.type("[") == [ask(2, subject(), [Self.column(1)])])
        #expect(state.compareScreen.columns.map(\.k) == [1, 4, 2])
        #expect(try state.type("l{") == [.compare(.stop), ask(3, subject(), [Self.column(1), Self.column(3)])])
        #expect(try state.type("}") == [.compare(.stop), ask(4, subject(), [Self.column(1)])], "what K 4 made is known")
        _ = try state.type("]")
        #expect(state.compareScreen.columns.map(\.k) == [1, 8, 2])
        _ = try state.type("]")
        #expect(state.compareScreen.columns.map(\.k) == [1, 8, 2])
        #expect(state.notice?.contains("no other K that way") == true)
    }

    @Test func columnsAreAddedAndRemoved() throws {
        var state = try opened()
        #expect(try state.type("+x3<bs><bs>3<enter>") == [ask(2, subject(), [Self.column(3)])], "letters are text")
        #expect(try state.type("+").isEmpty && state.compareScreen.line == nil)
        #expect(state.notice?.contains("4 columns already") == true)
        #expect(try state.type("x") == [.compare(.stop)])
        #expect(state.compareScreen.columns.map(\.k) == [8, 4, 2] && state.compareScreen.chosen == 2)
        #expect(try state.type("+9<enter>") == [] && state.notice?.contains("1 to 8") == true)
        #expect(try state.type("+4<enter>") == [] && state.notice?.contains("a column already") == true)

        #expect(try state.type("+") == [])
        _ = update(&state, .paste("/y/other:5"))
        #expect(try state.type("<enter>") == [.compare(.open("/y/other:5"))])
        #expect(update(&state, .compare(.notOpened("elsewhere", problem: "not this one"))) == [])
        let other = Self.column(5, folder: "/y/other")
        #expect(update(&state, .compare(.opened("/y/other:5", other))) == [ask(3, subject(), [other])])
        _ = update(&state, .compare(.compared(CompareKey(column: other, subject: subject()), result(other))))
        #expect(text(state).contains("K 5 trained"))
        _ = try state.type("xxx")
        #expect(state.compareScreen.columns.count == 2 && state.notice?.contains("two columns") == true)

        #expect(try state.type("+/no<enter>") == [.compare(.open("/no"))])
        _ = update(&state, .compare(.notOpened("/no", problem: "found nothing of that name")))
        #expect(text(state).contains("found nothing of that name"))
    }

    @Test func escapeStopsAndEnterAsksAgain() throws {
        var state = WorkbenchState.ready()
        let columns = [8, 4, 2].map { Self.column($0) }
        #expect(try state.type("<esc>3") == [ask(1, subject(), columns)])
        #expect(try state.type("<esc>") == [.compare(.stop)])
        #expect(state.screen == .compare && !state.compareScreen.isBusy)
        #expect(try state.type("jk") == [], "it stays stopped")
        #expect(text(state).contains("stopped"))
        #expect(try state.type("<enter>") == [ask(2, subject(), columns)])
        #expect(update(&state, .compare(.ended(request: 1))) == [])
        #expect(state.compareScreen.isBusy, "the end of what was stopped ends nothing else")
        let failed = CompareKey(column: columns[0], subject: subject())
        #expect(update(&state, .compare(.failed(failed, "the weights overflow"))) == [])
        #expect(text(state).contains("the weights"))
        _ = update(&state, .compare(.ended(request: 2)))
        #expect(try state.type("<esc>") == [.compare(.stop)], "the other two are asked again, and stopped")
        #expect(try state.type("<esc>") == [] && state.screen == .ask)
    }

    @Test func followsTheQuestionInView() throws {
        var state = try opened()
        _ = try state.type("1awhat is it<enter>")
        _ = update(&state, .engine(turn: 1, .finished(answered("red"))))
        let question = CompareQuestion(task: .ask, prompt: "what is it")
        #expect(try state.type("<esc>3") == [ask(2, subject("/x/a.png", question), [8, 4, 2].map { Self.column($0) })])
    }

    @Test func looksForTheNextDisagreementAndGoesThere() throws {
        var state = try opened()
        #expect(try state.type("f").last == .compare(.search(DisagreementOrder(
            id: 2, columns: [8, 4, 2].map { Self.column($0) },
            legs: [DisagreementOrder.Leg(images: ["/x/b.png", "/x/c.png"], questions: [.caption])]))))
        _ = update(&state, .compare(.searched(search: 2, done: 1, isUnreadable: true)))
        #expect(text(state).contains("image 2 of 2"))
        let effects = update(&state, .compare(.found(search: 2, subject("/x/c.png"))))
        #expect(effects.last == ask(3, subject("/x/c.png"), [8, 4, 2].map { Self.column($0) }))
        #expect(state.selectedImage?.path == "/x/c.png" && state.notice?.contains("disagree on c.png") == true)

        // With questions asked, those are looked for: the rest of them here, all elsewhere, then the ones before.
        _ = try state.type("1aone<enter>")
        _ = update(&state, .engine(turn: 1, .finished(answered("red"))))
        _ = try state.type("two<enter>")
        _ = update(&state, .engine(turn: 2, .finished(answered("red"))))
        let (one, two) = (CompareQuestion(task: .ask, prompt: "one"), CompareQuestion(task: .ask, prompt: "two"))
        guard case .compare(.search(let order))? = try state.type("<esc>3f").last else {
            Issue.record("no search")
            return
        }
        #expect(order.legs == [
            DisagreementOrder.Leg(images: ["/x/a.png", "/x/b.png"], questions: [one, two]),
            DisagreementOrder.Leg(images: ["/x/c.png"], questions: [one]),
        ])
        // Elsewhere nothing moves until the screen is seen again.
        _ = try state.type("1")
        #expect(update(&state, .compare(.found(search: order.id, subject("/x/a.png", two)))) == [])
        #expect(state.selectedImage?.path == "/x/c.png")
        let moved = try state.type("3")
        #expect(moved.last == ask(order.id + 1, subject("/x/a.png", two), [8, 4, 2].map { Self.column($0) }))
        #expect(state.selectedImage?.path == "/x/a.png" && state.compareSubject == subject("/x/a.png", two))

        _ = try state.type("<esc>f")
        _ = update(&state, .compare(.found(search: state.compareScreen.search?.id ?? 0, nil)))
        #expect(state.notice?.contains("agree on all else") == true)
    }

    @Test func pairsAtomsAndListsTheRest() throws {
        var state = try opened()
        // Atoms at 0, 0.5, 1 ... bins: the smaller columns have the first ones exactly.
        #expect(state.compareScreen.matches.count == 8)
        #expect(state.compareScreen.matches.prefix(2).allSatisfy { !$0.isUnmatched })
        #expect(state.compareScreen.matches[2].partners.map { $0?.atom } == [2, nil])
        #expect(text(state).contains("K 4: 4 paired, 4 exactly; 4 lost, 0 new"))
        _ = try state.type("x+8<enter>hx")
        // Now K 4 is first and K 8 has four atoms that it lacks.
        #expect(state.compareScreen.columns.map(\.k) == [4, 8])
        #expect(state.compareScreen.matches.filter { $0.first == nil }.map { $0.partners[0]?.atom } == [4, 5, 6, 7])
    }

    @Test func mapsShareScaleAndCursorAndShowDifferences() throws {
        var state = try opened()
        _ = try state.type("<tab>")
        #expect(state.focus == .maps && state.comparisonMapCursor == MapCursor(row: 0, column: 1), "the first map's peak")
        _ = try state.type("jjl")
        #expect(state.comparisonMapCursor == MapCursor(row: 1, column: 1))
        #expect(text(state).components(separatedBy: "row 1 col 1: -0.5").count == 4, "the same cell in three maps")
        _ = try state.type("dG")
        // 4/16 and 2/16 less 8/16; the masked patch is masked in the difference too.
        let screen = text(state)
        #expect(screen.contains("row 0 col 1: -0.25") && screen.contains("row 0 col 1: -0.375"))
        #expect(screen.components(separatedBy: "-0.500").count == 3, "both differences on the one scale")
        let (a, b) = (try #require(result(Self.column(8)).patches), try #require(result(Self.column(4), patch: 0).patches))
        let difference = try #require(CompareMapsView.difference(a, b, title: "", scale: 1))
        #expect(difference.values == [0, -0.5, 0, 0] && difference.isMasked(row: 1, column: 0))
        #expect(!difference.isMasked(row: 0, column: 0))
    }

    @Test func theChosenMapIsSavedAsItIsShown() throws {
        var state = try opened()
        func saved(_ keys: String) throws -> SaveRequest? {
            if case .save(let request)? = try state.type(keys).last { request } else { nil }
        }
        let own = try #require(try saved("<tab>oe<enter>"))
        #expect(own.path == "alignment-of-tiny-k-4.svg" && own.facts.contains(ExportFact("image", "a.png")))
        guard case .map(let map, let row, let column) = own.content else { Issue.record("no map"); return }
        #expect(map.values == [0.25, 0.25, 0, -0.5] && map.unit == "cosine" && (row, column) == (0, 1))
        let less = try #require(try saved("de<enter>"))
        #expect(less.path == "alignment-of-tiny-k-4-less-tiny-k-8.svg")
        guard case .map(let difference, _, _) = less.content else { Issue.record("no map"); return }
        #expect(difference.values == [0, -0.25, 0, 0])
    }

    @Test(arguments: [(4, 0, 4, [0, 1, 2, 3]), (4, 0, 2, [0, 1]), (4, 3, 2, [0, 3]), (4, 2, 3, [0, 1, 2]), (3, 2, 1, [2])])
    func asManyMapsAsFit(count: Int, chosen: Int, room: Int, expected: [Int]) {
        #expect(CompareMapsView.shown(count: count, chosen: chosen, room: room) == expected)
    }

    @Test func theTwinHasOneColumnAndSaysWhatIsMissing() throws {
        var state = WorkbenchState.ready()
        _ = update(&state, .checkpointLoaded(CheckpointFacts(name: "twin", preset: "attention", visionAtoms: 8, hasAtoms: false, warnings: [])))
        #expect(try state.type("<esc>3").count == 1)
        #expect(state.compareScreen.columns.count == 1)
        _ = try state.type("[")
        #expect(state.notice?.contains("attention twin") == true)
        #expect(text(state).contains("+ adds another"))
    }

    /// Sizes down to the least and up: every pane that has the focus is drawn, and none without a word.
    @Test(arguments: [(20, 60), (24, 80), (30, 76), (24, 120), (40, 120), (60, 200)]) func everyPaneShows(rows: Int, columns: Int) throws {
        var state = try opened(ScreenSize(rows: rows, columns: columns))
        var empty = WorkbenchState(size: ScreenSize(rows: rows, columns: columns))
        _ = try empty.type("<esc>3")
        for pane in ScreenID.compare.panes {
            #expect(state.layout.place(of: pane) != nil || state.focus != pane)
            #expect(text(state).contains(["K 8", "[cosine]", "vision/0"][ScreenID.compare.panes.firstIndex(of: state.focus)!]))
            #expect(text(empty).contains(["Reading the checkpoint", "patches align", "paired by frequency"][ScreenID.compare.panes.firstIndex(of: empty.focus)!]))
            _ = try state.type("<tab>")
            _ = try empty.type("<tab>")
        }
        #expect(state.focus == .figures)
    }
}

/// The screen over the real runner and engine.
@Suite struct CompareRunTests {
    @Test func asksAnotherCheckpoint() async throws {
        let other = TinyWorld.shared.path + "/other-\(UUID().uuidString)"
        try TinyWorld.writeCheckpoint(to: other, seed: 9)
        let frame = try await TinyWorld.shared.play("<esc>3<wait>+<paste:\(other):2><enter><wait>", rows: 40, columns: 120)
        #expect(frame.grid.text.contains("K 2 trained"))
        #expect(frame.grid.text.contains("K 3 nested"))
        let missing = try await TinyWorld.shared.play("<esc>3<wait>+nowhere<enter><wait>", rows: 40, columns: 120)
        #expect(missing.grid.text.contains("cannot open checkpoint nowhere"))
    }

    /// The search stands where asking every image at every K says that it should.
    @Test func findsTheNextDisagreement() async throws {
        let world = TinyWorld.shared, engine = try await Engine(checkpoint: world.options.checkpoint)
        var expected: String?
        for name in ["scene1.png", "scene2.png"] where expected == nil {
            let image = try ImageFile.load("\(world.options.images[0])/\(name)")
            var answers: Set<String> = []
            for k in [6, 3, 1] {
                let result = try await engine.result(of: EngineRequest(.ask(question: "how many?"), image: image, k: k))
                if case .answer(let made) = result.output { answers.insert(made.answer) }
            }
            if answers.count > 1 { expected = name }
        }
        let frame = try await world.play("how many?<enter><wait><esc>3<wait>f<wait>", rows: 40, columns: 120)
        #expect(frame.grid.text.contains(expected.map { "disagree on \($0)" } ?? "agree on all else: 3 images; 1 could not be read"))
        if let expected { #expect(frame.grid.text.contains("\(expected): how many?")) }
    }
}
