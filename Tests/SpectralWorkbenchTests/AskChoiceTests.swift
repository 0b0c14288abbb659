@testable import SpectralLens
@testable import SpectralModel
import SpectralScreen
import TestSupport
import Testing

@testable import SpectralWorkbench

/// Words and patches chosen on the Ask screen, from every pane that can choose them.
@Suite struct AskChoiceTests {
    private static let ascii = Look(glyphs: .ascii, colors: .mono)

    /// The measurement of `measured()` with its lens values: 4 words, 2 fusion atoms, a grid of 2 x 2 patches.
    ///
    /// Agreements are written as a product with lengths of 1, so that the product is the cosine.
    private static func phased() -> MeasurementPart {
        var measurement = measured().measurement
        let words = measurement.words.enumerated().map { TraceToken(id: $0, text: $1, position: $0, isOutput: $0 == 3) }
        let cosines: [Float] = [0.1, 0.2, -0.9, 0.3, 0.4, 0.5, 0, -0.1]
        let matrix = LensMatrix(
            title: "", unit: "-1...1", rows: 4, columns: 2, values: cosines,
            magnitudes: [1, 1, 0.1, 0.5, 1, 1, 1, 0.01], low: -1, high: 1, maskFloor: 0.02)
        measurement.phase = PhaseAlignment(layer: 0, words: words, atoms: [5, 2], alignment: matrix, angle: matrix)
        measurement.patchWords = WordPatchAlignment(
            layer: 0, words: words, gridWidth: 2, gridHeight: 2,
            agreements: (0..<20).map { ComplexAgreement(product: SIMD2(Double($0) / 20, 0), first: 1, second: 1) })
        measurement.reading = WordReading(
            layer: 0, isSteered: true, outputs: 3..<4, words: words, gridWidth: 2, gridHeight: 2, magnitudes: [1, 2, 4, 3])
        return MeasurementPart(measurement)
    }

    private func withAnswer(rows: Int = 40, columns: Int = 120) throws -> WorkbenchState {
        var state = WorkbenchState.ready(rows: rows, columns: columns)
        let preview = ImagePreview(width: 4, height: 4, pixels: [UInt8](repeating: 200, count: 48))
        _ = update(&state, .imageRead(path: "/x/a.png", .ready(ImageFacts(width: 64, height: 64, preview: preview))))
        _ = try state.type("What is it?<enter>")
        _ = update(&state, .engine(turn: 1, .started(k: 8)))
        _ = update(&state, .engine(turn: 1, .finished(answered("red"))))
        _ = update(&state, .measured(turn: 1, Self.phased()))
        _ = update(&state, .measurementEnded(turn: 1, isComplete: true))
        return state
    }

    private func text(_ state: WorkbenchState) -> String { ScreenView.draw(state, look: Self.ascii).grid.text }

    @Test func aWordOfTheQuestionIsFollowedEverywhere() throws {
        var state = try withAnswer()
        #expect(state.shownAtoms.map(\.effect) == [2.5, -1, 0.5], "by effect")
        #expect(state.shownOverlay == nil)
        let effects = try state.type("<esc>l")
        #expect(state.focus == .conversation && state.chosenWord == 1)
        // The look at the selected atom is now about the word, and the atom has stayed.
        #expect(effects == [.viewAtom(AtomViewRequest(turn: 1, address: AtomAddress(.fusion, atom: 5), word: 1), state.turns[0].request)])
        #expect(state.shownAlignmentCursor == MapCursor(row: 1, column: 0))
        // Cosine times magnitude: 0.09 in atom 5, 0.15 in atom 2; then what is not in fusion.
        #expect(state.shownAtoms.map(\.effect) == [0.5, 2.5, -1])
        #expect(state.selectedAtom?.address == AtomAddress(.fusion, atom: 5) && state.atomList.selected == 1)
        // Patches 4 to 7 of the made-up matrix are word 1's.
        #expect(state.shownOverlay?.values == [0.2, 0.25, 0.3, 0.35])
        let shown = text(state)
        for part in ["[What] is it?", "Atoms by alignment with \"what\"", "align", "+0.30", "-0.90", "with \"what\"", "max 0.35, patch 1,1", "atom response, not attention"] {
            #expect(shown.contains(part), "\(part)\n\(shown)")
        }
        _ = try state.type("ll")
        #expect(state.chosenWord == 3 && text(state).contains("[red]"), "the answer is read where the words end")
        let masked = text(state).split(separator: "\n").first { $0.contains("fusion/2") }
        #expect(masked?.contains("weak") == true, "a masked alignment is not given as a figure")
        _ = try state.type("l")
        #expect(state.chosenWord == 3, "there is no word after the last")
        _ = try state.type("<esc>")
        #expect(state.chosenWord == nil && state.shownOverlay == nil && state.focus == .conversation)
        #expect(state.shownAtoms.map(\.effect) == [2.5, -1, 0.5] && state.selectedAtom?.address == AtomAddress(.fusion, atom: 5))
    }

    @Test func theAlignmentPaneChoosesTheSameWord() throws {
        var state = try withAnswer()
        state.focus = .alignment
        _ = try state.type("j")
        #expect(state.chosenWord == 2 && text(state).contains("What [is] it?"))
        _ = try state.type("k")
        #expect(state.chosenWord == 1)
        state.focus = .conversation
        _ = try state.type("hh")
        #expect(state.chosenWord == 0 && text(state).contains("[<vqa>] What is it?"), "the token that says the task is a word too")
        #expect(state.shownAlignmentCursor?.row == 0)
    }

    @Test func aPatchIsFollowedByTheWords() throws {
        var state = try withAnswer()
        state.focus = .alignment
        _ = try state.type("mm")
        #expect(state.alignmentMode == .patches && state.chosenPatch == nil)
        // The cursor stands on the peak, 1, 1, until it is moved.
        _ = try state.type("h")
        #expect(state.chosenPatch == MapCursor(row: 1, column: 0))
        #expect(state.wordsOfPatch?.values == [0.1, 0.3, 0.5, 0.7])
        let shown = text(state)
        for part in ["cosine of each word with patch 1,0", "0.10  0.30 0.50 0.70", "patch 1,0, all atoms: it 0.70, is 0.50"] {
            #expect(shown.contains(part), "\(part)\n\(shown)")
        }
        // Another atom is another map of the same patches: the choice stays.
        state.focus = .atoms
        _ = try state.type("j")
        #expect(state.chosenPatch == MapCursor(row: 1, column: 0))
        state.focus = .alignment
        _ = try state.type("<esc>")
        #expect(state.chosenPatch == nil && state.focus == .alignment)
        #expect(!text(state).contains("patch 1,0"))
    }

    /// The word of the answer reads; those of the question do not.
    @Test func whatAWordReadsIsAMapOfPatches() throws {
        var state = try withAnswer()
        state.focus = .alignment
        _ = try state.type("mmm")
        #expect(state.alignmentMode == .reading && state.shownAlignment?.map.values == [0.25, 0.5, 1, 0.75])
        #expect(text(state).contains("Read of the image by the output"))
        _ = try state.type("k")
        #expect(state.chosenPatch == MapCursor(row: 0, column: 0), "the cursor stood on the peak, 1, 0")
        state.chooseWord(3)
        #expect(state.shownAlignment?.map.values == [0.25, 0.5, 1, 0.75])
        state.chooseWord(1)
        #expect(state.shownAlignment == nil && text(state).contains("words of the output alone"))
        _ = try state.type("m")
        #expect(state.alignmentMode == .words)
    }

    @Test func theMapOfPatchesNeedsNoFusionAtom() throws {
        var state = try withAnswer()
        state.focus = .atoms
        _ = try state.type("jmm")
        #expect(state.selectedAtom?.address.stack == .vision)
        #expect(state.shownAlignment?.name == "Patches and the question, all fusion atoms")
        #expect(state.shownAlignment?.map.values == [0.8, 0.85, 0.9, 0.95])
    }

    @Test func theOverlayIsTakenOffAndPutOn() throws {
        var state = try withAnswer()
        _ = try state.type("<esc>v")
        #expect(state.shownOverlay?.values == [0.8, 0.85, 0.9, 0.95], "without a word it is about the question")
        #expect(text(state).contains("with the question"))
        _ = try state.type("v")
        #expect(state.shownOverlay == nil)
        _ = try state.type("l")
        #expect(state.shownOverlay == nil, "it was taken off by hand")
        _ = try state.type("v")
        #expect(state.shownOverlay != nil)
        var unmeasured = WorkbenchState.ready()
        #expect(try unmeasured.type("<esc>v") == [])
        #expect(unmeasured.notice?.contains("next answer") == true)
    }

    @Test func aChoiceDoesNotOutliveItsTurn() throws {
        var state = try withAnswer()
        _ = try state.type("<esc>l")
        state.patchCursor = MapCursor(row: 0, column: 1)
        _ = try state.type("cx")
        #expect(state.shownTurn?.id == 2 && state.chosenWord == nil && state.choice.patch == nil)
        _ = try state.type("<esc>k")
        #expect(state.shownTurn?.id == 1 && state.chosenWord == nil)
    }

    @Test func aCaptionsTokenShowsItsAlternatives() throws {
        var state = WorkbenchState.ready()
        #expect(try state.type("<esc>l") == [])
        #expect(state.notice?.contains("nothing has been asked") == true)
        _ = try state.type("c")
        _ = update(&state, .engine(turn: 1, .started(k: 8)))
        let others = [TextCandidate(text: " blue", probability: 0.6), TextCandidate(text: " red", probability: 0.3)]
        for (text, p) in [(" a", Float(0.9)), (" red", 0.3)] {
            _ = update(&state, .engine(turn: 1, .token(WrittenToken(text: text, probability: p, alternatives: others))))
        }
        _ = try state.type("ll")
        #expect(state.chosenWord == 3 && state.alignedWord == nil, "known before anything is measured")
        let shown = text(state)
        for part in ["[red]", "likeliest where \"red\" stands", "blue", "60.0%", "30.0%"] { #expect(shown.contains(part), "\(part)\n\(shown)") }
        _ = try state.type("hh")
        #expect(state.chosenWord == 1 && text(state).contains("[<cls>]"))
        _ = try state.type("h")
        #expect(text(state).contains("[<caption>]"))
    }

    @Test func theChosenTurnAndWordAreInViewOnASmallScreen() throws {
        var state = WorkbenchState.ready(rows: 20, columns: 60)
        state.focus = .conversation
        for index in 1...9 {
            _ = try state.type("aquestion number \(index)<enter>")
            _ = update(&state, .engine(turn: index, .finished(answered("red"))))
            state.focus = .conversation
        }
        for index in (1...9).reversed() {
            #expect(state.shownTurn?.id == index)
            #expect(text(state).contains("> question number \(index)"), "\(text(state))")
            _ = try state.type("k")
        }
        // From the first turn the later ones can be paged to, and no further than the end.
        _ = try state.type("<pgdn><pgdn><pgdn><pgdn><pgdn><pgdn><pgdn><pgdn>")
        #expect(text(state).contains("question number 9"))
        _ = try state.type("<pgup><pgup><pgup><pgup><pgup><pgup><pgup><pgup>")
        #expect(text(state).contains("question number 1"))
    }

    @Test func aLongCaptionKeepsItsChosenTokenInView() throws {
        var state = WorkbenchState.ready(rows: 20, columns: 60)
        _ = try state.type("<esc>c")
        for index in 0..<90 {
            let token = WrittenToken(text: " w\(index)", probability: 0.5, alternatives: [TextCandidate(text: " w", probability: 0.5)])
            _ = update(&state, .engine(turn: 1, .token(token)))
        }
        for index in 0..<90 {
            _ = try state.type("l")
            #expect(text(state).contains("[w\(index)]"), "\(index)\n\(text(state))")
        }
    }

    @Test func aBoxHasItsFigures() throws {
        var state = WorkbenchState.ready()
        let preview = ImagePreview(width: 8, height: 8, pixels: [UInt8](repeating: 0, count: 192))
        _ = update(&state, .imageRead(path: "/x/a.png", .ready(ImageFacts(width: 200, height: 100, preview: preview))))
        _ = try state.type("<esc>bred circle<enter>")
        _ = update(&state, .engine(turn: 1, .box(PixelBox(x: 50, y: 10, width: 100, height: 20))))
        let shown = text(state)
        #expect(shown.contains("box at 50.0, 10.0, 100 x 20.0 pixels") && shown.contains("50.0% x 20.0% of the image, centre"))
        #expect(shown.contains("50.0%, 20.0%"))
        // On 22 x 11 cells the box covers columns 5 to 16 and rows 1 to 3: an edge of 26 cells on the picture.
        for look in [Self.ascii, Look(colors: .mono), Look()] {
            let pane = PreviewView.draw(state, size: ScreenSize(rows: 13, columns: 24), look: look)
            let edge = pane.cells.filter { $0.style.background == .role(.highlight) }
            #expect(edge.count == 26 && edge.count { $0.character == look.glyphs.horizontal } == 20, "\(pane.text)")
        }
    }

    @Test func theHeaderKeepsTheCheckpointsName() {
        let facts = CheckpointFacts(name: "attention-scenes", preset: "attention", visionAtoms: 34, hasAtoms: true, warnings: [])
        let forms = [60, 40, 30, 25, 20, 17, 5].map { HeaderText.checkpoint(facts, k: 8, columns: $0) }
        #expect(forms == [
            "attention-scenes  attention  K 8 of 34", "attention-scenes  attention  K 8 of 34", "attention-scenes  K 8 of 34",
            "attention-scenes  K 8/34", "attention-scenes K8", "attention-scenes", "attention-scenes",
        ])
    }
}

/// Text in several styles against the plain wrapping of the same text.
@Suite struct WordFlowTests {
    @Test func oneStyleBreaksAsPlainTextDoes() {
        var random = Seeded(state: 12)
        for _ in 0..<300 {
            let words = (0..<Int.random(in: 1...12, using: &random)).map { _ in
                String((0..<Int.random(in: 1...9, using: &random)).map { _ in "ab漢é\u{1B}".randomElement(using: &random)! })
            }
            let width = Int.random(in: 2...14, using: &random), text = words.joined(separator: " ")
            let found = WordFlow.lines([(text, .accent)], width: width).map { $0.map(\.text).joined() }
            #expect(found == TextWrap.lines(text, width: width), "\(width): \(text.debugDescription)")
        }
    }

    @Test func stylesStayWithTheirWordsAndGluedOnesTogether() {
        let lines = WordFlow.lines([("what is ", .plain), ("[it]", .accent), ("? no", .plain)], width: 8)
        #expect(lines.map { $0.map(\.text) } == [["what is"], ["[it]", "? no"]])
        #expect(lines[1].map(\.style) == [.accent, .plain])
        #expect(WordFlow.lines([("x", .plain)], width: 0).isEmpty)
    }
}
