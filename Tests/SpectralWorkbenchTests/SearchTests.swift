import Foundation
import SpectralModel
import SpectralScreen
import Testing

@testable import SpectralWorkbench

/// Searching panes and the help: what is found, in what order, and what is marked.
@Suite struct SearchTests {
    private func images(_ names: [String]) throws -> WorkbenchState {
        var state = WorkbenchState.ready(names.map { "/x/" + $0 })
        _ = try state.type("<esc><s-tab>")
        #expect(state.focus == .images)
        return state
    }

    @Test func imagesAreFoundByNameRoundTheEnd() throws {
        var state = try images(["cat.png", "dog.png", "Cat2.png", "bird.png", "scat.png"])
        let effects = try state.type("/cat<enter>")
        #expect(effects.contains(.readImage(path: "/x/Cat2.png")), "the next one, in any case")
        #expect(state.notice == "match 2 of 3 for cat" && state.imageList.selected == 2)
        _ = try state.type("n")
        #expect(state.imageList.selected == 4 && state.notice == "match 3 of 3 for cat")
        _ = try state.type("n")
        #expect(state.imageList.selected == 0 && state.notice == "match 1 of 3 for cat, from the top again")
        _ = try state.type("N")
        #expect(state.imageList.selected == 4 && state.notice == "match 3 of 3 for cat, from the end again")
        // A capital asks for itself.
        _ = try state.type("/Cat<enter>")
        #expect(state.imageList.selected == 2 && state.notice == "match 1 of 1 for Cat")
        _ = try state.type("/zebra<enter>")
        #expect(state.imageList.selected == 2 && state.notice == "nothing here holds zebra")
        _ = try state.type("/dog<esc>")
        #expect(state.imageList.selected == 2 && state.search.pattern.text == "zebra" && state.overlay == nil)
        _ = try state.type("/<enter>")
        #expect(state.notice == "nothing here holds zebra", "an empty line searches for the same again")
    }

    @Test func nothingIsFoundBeforeASearchOrInAMap() throws {
        var state = try images(["a.png"])
        _ = try state.type("n")
        #expect(state.notice == "nothing was searched for yet: / searches")
        state.focus = .spectrum
        _ = try state.type("/x<enter>")
        #expect(state.notice?.hasPrefix("a map holds no words") == true)
    }

    @Test func answersAreFoundByTheirWords() throws {
        var state = WorkbenchState.ready()
        for (turn, words) in [("one", "red"), ("two", "blue"), ("three", "red")].enumerated() {
            _ = try state.type("\(words.0)<enter>")
            _ = update(&state, .engine(turn: turn + 1, .finished(answered(words.1))))
            _ = update(&state, .measurementEnded(turn: turn + 1, isComplete: true))
        }
        _ = try state.type("<esc>/red<enter>")
        #expect(state.shownTurn?.id == 1 && state.notice == "match 1 of 2 for red, from the top again")
        _ = try state.type("n")
        #expect(state.shownTurn?.id == 3)
        _ = try state.type("/two<enter>")
        #expect(state.shownTurn?.id == 2)
    }

    @Test func listsOfAtomsAndEdits() throws {
        var state = try WorkbenchState.answered()
        state.focus = .atoms
        _ = try state.type("/vision<enter>")
        #expect(state.selectedAtom?.address.stack == .vision && state.atomIsChosen)
        _ = try state.type("/fusion<enter>n")
        #expect(state.notice?.hasPrefix("match 1 of 2") == true && state.atomList.selected == 0)
        _ = try state.type(":mute vision/1<enter>:scale text/0=2<enter>/mute<enter>")
        #expect(state.focus == .edits && state.lensScreen.list.selected == 0)
        state.focus = .rank
        _ = try state.type("/vision/1<enter>")
        #expect(state.rankedAtoms[state.lensScreen.rank.selected].address.description == "vision/1")
    }

    @Test func theTableOfAtomsKeepsItsFilterAndStepsThroughRows() throws {
        var state = try WorkbenchState.answered()
        _ = try state.type("2/vision<enter>")
        #expect(state.atomsScreen.filter == "vision" && state.overlay == nil)
        _ = try state.type("nn")
        #expect(state.chosenRecord?.index == 2 && state.notice == "atom 3 of 3")
        _ = try state.type("n")
        #expect(state.chosenRecord?.index == 0 && state.notice == "atom 1 of 3, from the top again")
        _ = try state.type("N")
        #expect(state.chosenRecord?.index == 2 && state.notice == "atom 3 of 3, from the end again")
        _ = try state.type("/none<enter>n")
        #expect(state.notice?.hasPrefix("no atom is listed") == true)
    }

    /// Lines of a pane of text: every match is reached in order and is in view when it is.
    @Test func linesOfTextAreScrolledTo() throws {
        var state = try WorkbenchState.answered(rows: 20, columns: 60)
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("search-\(UUID().uuidString).jsonl").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let file = try SessionFile.create(path, header: SessionHeader(title: "T"))
        let text = (1...60).map { $0 % 10 == 0 ? "line \($0) has the needle" : "line \($0)" }.joined(separator: "\n")
        try file.append(.note(SessionNote(id: "n1", about: nil, text: text)))
        _ = update(&state, .sessionOpened(file.session))
        _ = try state.type("5<tab>/needle<enter>")
        #expect(state.focus == .entry)
        for expected in [10, 20, 30, 40, 50, 60, 10] {
            #expect(state.shown().contains("> line \(expected) has the needle"), "\(expected): \(state.notice ?? "")")
            _ = try state.type("n")
        }
        #expect(state.shown().contains("line 20 has"))
        _ = try state.type("NN")
        #expect(state.shown().contains("line 60 has") && state.notice?.contains("from the end again") == true)
    }

    @Test func matchesAreMarkedUntilEscape() throws {
        var state = try images(["cat.png", "scat.png"])
        func marked(_ glyphs: GlyphSet = .blocks) -> Int {
            let grid = ScreenView.draw(state, look: Look(glyphs: glyphs, colors: .mono)).grid
            return grid.cells.count { $0.style.attributes.contains(.underline) }
        }
        #expect(marked() == 0)
        _ = try state.type("/CAT<enter>")
        #expect(marked() == 0)
        _ = try state.type("/cat<enter>")
        #expect(marked() == 6, "three letters in two names")
        _ = try state.type("<tab>")
        #expect(marked() == 0, "in the pane that was searched alone")
        _ = try state.type("<s-tab><esc>")
        #expect(state.search.pane == nil)
        var grid = CellGrid(rows: 1, columns: 12)
        grid.put("ab漢字AB漢", row: 0, column: 0)
        grid.mark(SearchPattern("b漢"), in: grid.bounds)
        #expect((0..<12).filter { grid.cell(row: 0, column: $0).style.attributes.contains(.underline) } == [1, 2, 3, 7, 8, 9])
    }

    @Test func theHelpIsSearched() throws {
        var state = WorkbenchState.ready(rows: 24, columns: 80)
        _ = try state.type("<esc>?/heatmap<enter>")
        let texts = HelpView.texts(state.size), hits = texts.indices.filter { texts[$0].lowercased().contains("heatmap") }
        #expect(hits.count > 3)
        for (index, hit) in hits.enumerated() {
            guard case .help(let help)? = state.overlay else { Issue.record("no help"); return }
            #expect(help.hit == hit && help.note.hasPrefix("match \(index + 1) of \(hits.count) for heatmap"))
            #expect(hit >= help.firstLine && hit < help.firstLine + HelpView.rows(state.size), "in view")
            #expect(state.shown().contains("match \(index + 1) of"))
            let pointed = state.shown().split(separator: "\n").dropFirst().filter { $0.hasPrefix(">") }
            #expect(pointed.count == 1 && pointed[0].lowercased().contains("heatmap"))
            _ = try state.type("n")
        }
        guard case .help(let help)? = state.overlay else { Issue.record("no help"); return }
        #expect(help.hit == hits[0] && help.note.hasSuffix("from the top again"))
        _ = try state.type("/zebra<enter>")
        #expect(state.shown().contains("nothing here holds zebra"))
        _ = try state.type("/abc<esc>q")
        #expect(state.overlay == nil && !state.isQuitting)
        _ = try state.type("?:k 2<enter>")
        #expect(state.overlay == nil && state.k == 2, "the palette opens from the help too")
    }

    @Test func theHelpHoldsThePalette() throws {
        let texts = HelpView.texts(ScreenSize(rows: 40, columns: 120)).joined(separator: "\n")
        for entry in PaletteEntry.all { #expect(texts.contains(entry.usage), "\(entry.name)") }
    }
}
