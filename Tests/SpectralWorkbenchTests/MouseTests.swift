import SpectralModel
import SpectralScreen
import Testing

@testable import SpectralWorkbench

/// The mouse by its state: what a click finds is what is drawn there.
@Suite struct MouseTests {
    private static let look = Look(glyphs: .ascii, colors: .mono)

    /// Where a text is drawn first.
    private func place(of text: String, _ state: WorkbenchState) throws -> (row: Int, column: Int) {
        let grid = ScreenView.draw(state, look: Self.look).grid
        for row in 0..<grid.rows {
            // Cells, not characters: none of these screens holds a wide one.
            let line = String((0..<grid.columns).map { grid.cell(row: row, column: $0).character })
            if let found = line.range(of: text) { return (row, line.distance(from: line.startIndex, to: found.lowerBound)) }
        }
        throw Missing(text: text, screen: grid.text)
    }
    private struct Missing: Error { let text: String, screen: String }

    private func click(_ text: String, _ state: inout WorkbenchState) throws -> [Effect] {
        let at = try place(of: text, state)
        return update(&state, .mouse(.press, row: at.row, column: at.column))
    }

    private func answered(rows: Int = 40, columns: Int = 120) throws -> WorkbenchState {
        var state = try WorkbenchState.answered(rows: rows, columns: columns)
        _ = try state.type("M")
        #expect(state.usesMouse && state.notice?.hasPrefix("the mouse is on") == true)
        return state
    }

    @Test func offItDoesNothing() throws {
        var state = try WorkbenchState.answered()
        let before = state
        #expect(try click("b.png", &state) == [] && state == before)
        _ = state.run(line: "mouse")
        #expect(try click("b.png", &state).contains(.readImage(path: "/x/b.png")))
        _ = try state.type("M")
        #expect(!state.usesMouse)
        _ = try state.type("aM")
        #expect(!state.usesMouse && state.prompt.text == "M", "in the prompt line it is a letter")
    }

    @Test(arguments: [(24, 80), (40, 120), (60, 200)]) func aClickChoosesTheRowUnderIt(rows: Int, columns: Int) throws {
        var state = try answered(rows: rows, columns: columns)
        #expect(try click("c.png", &state).contains(.readImage(path: "/x/c.png")))
        #expect(state.focus == .images && state.selectedImage?.name == "c.png")
        _ = try click("a.png", &state)
        if state.layout.place(of: .atoms) == nil { _ = try state.type("<tab><tab><tab>") }
        _ = try click("vision/1", &state)
        #expect(state.focus == .atoms && state.selectedAtom?.address == AtomAddress(.vision, atom: 1))
        _ = try click("fusion/2", &state)
        #expect(state.selectedAtom?.address == AtomAddress(.fusion, atom: 2))
        // The head of the table is no row.
        _ = try click("nats ", &state)
        #expect(state.selectedAtom?.address == AtomAddress(.fusion, atom: 2))
        _ = try click("2 Atoms", &state)
        #expect(state.screen == .atoms)
        _ = try click("text/0", &state)
        #expect(state.chosenRecord?.stack == .text && state.focus == .table)
        _ = state.run(line: "mute vision/1")
        _ = state.run(line: "scale text/0=2")
        _ = try click("mute vision/1", &state)
        #expect(state.focus == .edits && state.lensScreen.list.selected == 0)
    }

    @Test func aClickChoosesATurnAndThePromptLine() throws {
        var state = try answered()
        _ = try state.type("asecond question<enter>")
        _ = update(&state, .engine(turn: 2, .finished(SpectralWorkbenchTests.answered("blue"))))
        _ = update(&state, .measurementEnded(turn: 2, isComplete: true))
        #expect(state.shownTurn?.id == 2 && state.focus == .prompt)
        _ = try click("what is it", &state)
        #expect(state.shownTurn?.id == 1 && state.focus == .conversation)
        _ = try click("second question", &state)
        #expect(state.shownTurn?.id == 2)
        let below = try #require(state.layout.place(of: .conversation))
        _ = update(&state, .mouse(.press, row: below.endRow - 2, column: below.column + 3))
        #expect(state.shownTurn?.id == 2, "an empty line is no turn")
        _ = try click("a question about", &state)
        #expect(state.focus == .prompt)
    }

    /// Every cell of a map: the click finds the value whose cell is drawn there, as the geometry's own cells tell.
    @Test func aClickChoosesTheCellOfAHeatmap() throws {
        var state = try answered()
        let map = Heatmap(
            title: "spectrum", rows: 5, columns: 7, values: (0..<35).map { Float($0) }, scale: .linear(minimum: 0, maximum: 34),
            rowLabels: (0..<5).map { "r\($0)" }, columnLabels: (0..<7).map { "c\($0)" })
        _ = update(&state, .atomViewed(AtomView(
            turn: 1, address: AtomAddress(.fusion, atom: 5), word: nil, spectra: [NamedMap(name: "Spectrum", map: map)], patches: nil)))
        let place = try #require(state.layout.place(of: .spectrum))
        let inside = Rect(row: place.row + 1, column: place.column + 2, rows: place.rows - 2, columns: place.columns - 4)
        var scratch = CellGrid(rows: 40, columns: 120)
        let geometry = scratch.draw(map, in: inside, look: Self.look)
        for row in 0..<5 {
            for column in 0..<7 {
                let cell = geometry.cell(row: row, column: column)
                _ = update(&state, .mouse(.press, row: cell.row, column: cell.column))
                #expect(state.focus == .spectrum && state.shownSpectrumCursor == MapCursor(row: row, column: column))
                _ = update(&state, .mouse(.press, row: cell.endRow - 1, column: cell.endColumn - 1))
                #expect(state.shownSpectrumCursor == MapCursor(row: row, column: column))
            }
        }
        _ = update(&state, .mouse(.press, row: place.row + 1, column: place.column + 2))
        #expect(state.shownSpectrumCursor == MapCursor(row: 4, column: 6), "the title is no cell")
    }

    @Test func theWheelScrollsThePaneUnderIt() throws {
        var state = try answered(rows: 20, columns: 60)
        _ = update(&state, .imagesListed((0..<40).map { "/x/i\($0).png" }, problem: nil))
        state.focus = .images
        _ = update(&state, .refresh)
        _ = update(&state, .mouse(.wheelDown, row: 5, column: 5))
        #expect(state.imageList.selected == 3)
        for _ in 0..<20 { _ = update(&state, .mouse(.wheelDown, row: 5, column: 5)) }
        #expect(state.imageList.selected == 39)
        _ = update(&state, .mouse(.wheelUp, row: 5, column: 5))
        #expect(state.imageList.selected == 36)

        // The focus stays where it is.
        var wide = try answered()
        _ = try wide.type("2")
        let table = try #require(wide.layout.place(of: .table))
        wide.focus = .field
        _ = update(&wide, .mouse(.wheelDown, row: table.row + 2, column: table.column + 2))
        #expect(wide.focus == .field && wide.atomsScreen.list.selected == 3)
        _ = try wide.type("?")
        _ = update(&wide, .mouse(.wheelDown, row: 5, column: 5))
        guard case .help(let help)? = wide.overlay else { Issue.record("no help"); return }
        #expect(help.firstLine == 3)
        #expect(update(&wide, .mouse(.press, row: 0, column: 20)) == [] && wide.screen == .atoms)
    }

    /// Anywhere on the screen, and off it, nothing goes wrong and nothing is asked of the engine that was not.
    @Test(arguments: [(20, 60), (24, 80), (40, 120)]) func anyPlaceIsSafe(rows: Int, columns: Int) throws {
        for screen in 1...5 {
            var state = try answered(rows: rows, columns: columns)
            _ = try state.type("\(screen)")
            for row in stride(from: 0, through: rows + 2, by: 3) {
                for column in stride(from: 0, through: columns + 4, by: 11) {
                    for action in MouseAction.allCases {
                        _ = update(&state, .mouse(action, row: row, column: column))
                        #expect(!state.isQuitting && state.layout.place(of: state.focus) != nil)
                    }
                }
            }
        }
    }

    @Test func scriptsHaveAMouse() async throws {
        let frame = try await TinyWorld.shared.play("<esc>M<click:3,3><wait><click:0,20><wait>", rows: 24, columns: 80)
        #expect(frame.grid.text.contains("[2 Atoms]"))
        let chosen = try await TinyWorld.shared.play("<esc>M<click:3,3><wait>", rows: 24, columns: 80)
        #expect(chosen.grid.text.contains("Images 2/4") && chosen.grid.text.contains("Answers about scene1.png"))
        let scrolled = try await TinyWorld.shared.play("<esc>M<wheel:down,3,3><wait>", rows: 24, columns: 80)
        #expect(scrolled.grid.text.contains("Images 4/4"))
    }
}
