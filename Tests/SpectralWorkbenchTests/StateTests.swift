@testable import SpectralModel
import SpectralScreen
import Testing

@testable import SpectralWorkbench

/// Action in, state and effects out.
@Suite struct StateTests {
    private func request(_ prompt: String, task: AskTask = .ask, image: String = "/x/a.png", k: Int? = nil) -> TurnRequest {
        TurnRequest(imagePath: image, task: task, prompt: prompt, k: k)
    }

    /// A state with one finished and measured answer about the first image.
    private func withAnswer() throws -> WorkbenchState {
        var state = WorkbenchState.ready()
        _ = try state.type("what is it<enter>")
        _ = update(&state, .engine(turn: 1, .started(k: 8)))
        _ = update(&state, .engine(turn: 1, .finished(answered("red"))))
        _ = update(&state, .measured(turn: 1, measured()))
        _ = update(&state, .measurementEnded(turn: 1, isComplete: true))
        return state
    }

    @Test func listingReadsTheSelectedImageAndItsNeighbour() {
        var state = WorkbenchState(size: ScreenSize(rows: 24, columns: 80))
        let effects = update(&state, .imagesListed(["/x/a.png", "/x/b.png", "/x/c.png"], problem: nil))
        #expect(effects == [.readImage(path: "/x/a.png"), .readImage(path: "/x/b.png")])
        #expect(state.selectedImage?.name == "a.png")
        #expect(!state.isListing)
    }

    @Test func enterAsksAndTheAnswerIsMeasured() throws {
        var state = WorkbenchState.ready()
        #expect(try state.type("what  is it?<enter>") == [.answer(id: 1, request("what is it?"))])
        #expect(state.prompt.isEmpty)
        #expect(state.shownTurn?.status == .waiting)
        #expect(update(&state, .engine(turn: 1, .started(k: 8))) == [])
        #expect(state.shownTurn?.status == .running)
        #expect(update(&state, .engine(turn: 1, .finished(answered("red")))) == [.measure(id: 1, request("what is it?"))])
        #expect(state.shownTurn?.answer == "red")
        #expect(state.shownTurn?.warnings == ["unlike the training images: far away"])
        let looked = update(&state, .measured(turn: 1, measured()))
        let first = AtomViewRequest(turn: 1, address: AtomAddress(.fusion, atom: 5), word: nil)
        #expect(looked == [.viewAtom(first, request("what is it?"))])
        #expect(update(&state, .measurementEnded(turn: 1, isComplete: true)) == [])
        #expect(state.shownTurn?.measurement.status == .done)
    }

    @Test func tokensStreamIntoACaption() throws {
        var state = WorkbenchState.ready()
        #expect(try state.type("<esc>c") == [.answer(id: 1, request("", task: .caption))])
        _ = update(&state, .engine(turn: 1, .started(k: 8)))
        for text in ["a", " red", " circle"] {
            _ = update(&state, .engine(turn: 1, .token(WrittenToken(text: text, probability: 0.5, alternatives: []))))
        }
        #expect(state.shownTurn?.answer == "a red circle")
        #expect(state.isBusy)
    }

    @Test func whatCannotBeAskedIsRefusedWithAReason() throws {
        var loading = WorkbenchState(size: ScreenSize(rows: 40, columns: 120))
        #expect(try loading.type("hello<enter>") == [])
        #expect(loading.notice?.contains("still loading") == true)
        #expect(loading.prompt.text == "hello", "what was typed is kept")

        var empty = WorkbenchState.ready()
        #expect(try empty.type("  <enter>") == [])
        #expect(empty.notice?.contains("write a question") == true)

        var none = WorkbenchState.ready([])
        #expect(try none.type("hello<enter>") == [])
        #expect(none.notice?.contains("no image") == true)

        var broken = WorkbenchState.ready()
        _ = update(&broken, .imageRead(path: "/x/a.png", .broken("/x/a.png: it is gone")))
        #expect(try broken.type("hello<enter>") == [])
        #expect(broken.notice == "/x/a.png: it is gone")

        var busy = WorkbenchState.ready()
        _ = try busy.type("one<enter>")
        #expect(try busy.type("two<enter>") == [])
        #expect(busy.turns.count == 1)
    }

    @Test func escapeStopsAnAnswerAndLateEventsAreIgnored() throws {
        var state = WorkbenchState.ready()
        _ = try state.type("what is it<enter>")
        #expect(try state.type("<esc>") == [.cancel(id: 1)])
        #expect(state.shownTurn?.status == .cancelled)
        #expect(update(&state, .engine(turn: 1, .finished(answered("red")))) == [])
        #expect(state.shownTurn?.status == .cancelled)
        #expect(state.shownTurn?.candidates.isEmpty == true)
        #expect(state.focus == .prompt, "the first Esc stops, the second leaves")
        #expect(try state.type("<esc>") == [])
        #expect(state.focus == .conversation)
    }

    @Test func escapeLeavesThePromptWhileMeasuringGoesOn() throws {
        var state = WorkbenchState.ready()
        _ = try state.type("one<enter>")
        _ = update(&state, .engine(turn: 1, .finished(answered("red"))))
        #expect(try state.type("<esc>") == [])
        #expect(state.focus == .conversation)
        #expect(state.measuring?.id == 1)
        #expect(try state.type("<esc>") == [.cancel(id: 1)])
        #expect(state.measuring == nil)
        #expect(state.shownTurn?.measurement.status == .stopped)
    }

    @Test func askingAgainStopsMeasuring() throws {
        var state = WorkbenchState.ready()
        _ = try state.type("one<enter>")
        _ = update(&state, .engine(turn: 1, .finished(answered("red"))))
        #expect(try state.type("two<enter>") == [.cancel(id: 1), .answer(id: 2, request("two"))])
        #expect(state.turns[0].measurement.status == .stopped)
        #expect(update(&state, .measured(turn: 1, measured())) == [])
        #expect(state.turns[0].measurement.atoms.isEmpty)
        _ = update(&state, .engine(turn: 2, .finished(answered("blue"))))
        _ = update(&state, .measurementEnded(turn: 2, isComplete: true))
        // Looked at again, the first is measured after all.
        #expect(try state.type("<esc>k") == [.measure(id: 1, request("one"))])
        #expect(state.shownTurn?.id == 1)
    }

    @Test func quittingAsksOnlyWhileAnAnswerIsUnderWay() throws {
        var idle = WorkbenchState.ready()
        _ = try idle.type("<esc>q")
        #expect(idle.isQuitting)

        var busy = WorkbenchState.ready()
        _ = try busy.type("one<enter><tab>q")
        #expect(!busy.isQuitting)
        #expect(busy.overlay == .quitQuestion)
        _ = try busy.type("xn")
        #expect(busy.overlay == nil)
        #expect(!busy.isQuitting)
        #expect(try busy.type("qy") == [.cancel(id: 1)])
        #expect(busy.isQuitting)
    }

    @Test func selectingAnAtomLooksAtItAndStaleLooksAreDropped() throws {
        var state = try withAnswer()
        let effects = try state.type("<tab>j")
        let second = AtomViewRequest(turn: 1, address: AtomAddress(.vision, atom: 1), word: nil)
        #expect(effects == [.viewAtom(second, request("what is it"))])
        let map = NamedMap(name: "s", map: Heatmap(title: "s", rows: 1, columns: 1, values: [1], scale: .linear(minimum: 0, maximum: 1)))
        let stale = AtomView(turn: 1, address: AtomAddress(.fusion, atom: 5), word: nil, spectra: [map], patches: nil)
        _ = update(&state, .atomViewed(stale))
        #expect(state.atomView == nil)
        _ = update(&state, .atomViewed(AtomView(turn: 1, address: second.address, word: nil, spectra: [map], patches: nil)))
        #expect(state.shownSpectrum?.name == "s")
    }

    @Test func theAlignmentCursorFollowsAtomsAndChoosesWordsAndAtoms() throws {
        var state = try withAnswer()
        // The strongest word of the selected atom: |-0.9| in column 0.
        #expect(state.shownAlignmentCursor == MapCursor(row: 1, column: 0))
        state.focus = .alignment
        let effects = try state.type("j")
        #expect(state.alignmentCursor == MapCursor(row: 2, column: 0))
        let asked = AtomViewRequest(turn: 1, address: AtomAddress(.fusion, atom: 5), word: 2)
        #expect(effects == [.viewAtom(asked, request("what is it"))])
        _ = try state.type("l<enter>")
        #expect(state.selectedAtom?.address == AtomAddress(.fusion, atom: 2))
        state.focus = .atoms
        _ = try state.type("g")
        #expect(state.alignmentCursor?.column == 0)
    }

    @Test func aReadPartKeepsTheChosenAtomSelected() throws {
        var state = WorkbenchState.ready()
        _ = try state.type("one<enter>")
        _ = update(&state, .engine(turn: 1, .finished(answered("red"))))
        _ = update(&state, .measured(turn: 1, measured()))
        _ = try state.type("<tab>jj")
        #expect(state.selectedAtom?.address == AtomAddress(.fusion, atom: 2))
        var more = measured().measurement
        more.atoms.swapAt(0, 2)
        more.atoms.swapAt(1, 0)
        _ = update(&state, .measured(turn: 1, MeasurementPart(more)))
        #expect(state.selectedAtom?.address == AtomAddress(.fusion, atom: 2))
    }

    @Test func oneImagesAnswersAreNotAnothers() throws {
        var state = try withAnswer()
        state.focus = .images
        let effects = try state.type("j")
        #expect(effects.contains(.readImage(path: "/x/b.png")))
        #expect(state.conversation.isEmpty)
        #expect(state.shownView == nil)
        _ = try state.type("k")
        #expect(state.shownTurn?.id == 1)
    }

    @Test func reAskingPutsTheQuestionBack() throws {
        var state = try withAnswer()
        _ = try state.type("<esc><enter>")
        #expect(state.focus == .prompt)
        #expect(state.prompt.text == "what is it")
        _ = try state.type("?<enter>")
        _ = try state.type("<esc><up><up>")
        #expect(state.turns.map(\.request.prompt) == ["what is it", "what is it?"])
    }

    @Test func promptHistoryGoesBackAndForth() throws {
        var state = WorkbenchState.ready()
        for word in ["one", "two"] {
            _ = try state.type(word + "<enter><esc>")
        }
        _ = try state.type("<up>")
        #expect(state.prompt.text == "two")
        _ = try state.type("<up><up>")
        #expect(state.prompt.text == "one")
        _ = try state.type("<down><down>")
        #expect(state.prompt.isEmpty)
    }

    @Test func kIsHalvedAndDoubledWithinItsRange() throws {
        var state = WorkbenchState.ready()
        _ = try state.type("<esc>[")
        #expect(state.k == 4)
        _ = try state.type("[[[[")
        #expect(state.k == 1)
        _ = try state.type("]]]]]")
        #expect(state.k == nil)
        _ = try state.type("[c")
        #expect(state.turns.last?.request.k == 4)
    }

    @Test func tooSmallAScreenTakesOnlyQuit() throws {
        var state = WorkbenchState.ready()
        _ = update(&state, .resize(ScreenSize(rows: 10, columns: 50)))
        #expect(try state.type("abc<enter>") == [])
        #expect(state.prompt.isEmpty)
        _ = update(&state, .resize(ScreenSize(rows: 20, columns: 60)))
        _ = try state.type("abc")
        #expect(state.prompt.text == "abc")
        _ = update(&state, .resize(ScreenSize(rows: 10, columns: 50)))
        _ = try state.type("q")
        #expect(state.isQuitting)
    }

    @Test func aVanishedFileStaysInTheListAsBroken() throws {
        var state = WorkbenchState.ready()
        let line = "/x/b.png: there is no such file"
        _ = update(&state, .imageRead(path: "/x/b.png", .broken(line)))
        state.focus = .images
        _ = try state.type("j")
        let text = ScreenView.draw(state, look: Look(glyphs: .ascii, colors: .mono)).grid.text
        #expect(text.contains("b.png"))
        #expect(text.contains("bad"))
        #expect(text.contains("no such file"))
        // Read again it may be whole.
        _ = try state.type("r")
        _ = update(&state, .imagesListed(["/x/a.png", "/x/b.png"], problem: nil))
        #expect(state.selectedImage?.path == "/x/b.png")
        #expect(state.selectedImage?.status == .unread)
    }

    @Test func pastedTextIsOneLine() {
        var state = WorkbenchState.ready()
        _ = update(&state, .paste("two\nlines\u{1B}[31m"))
        #expect(!state.prompt.text.contains("\n"))
        #expect(!state.prompt.text.contains("\u{1B}"))
        #expect(state.turns.isEmpty)
    }
}
