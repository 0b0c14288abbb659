import SpectralScreen
import Testing

@testable import SpectralWorkbench

@Suite struct LayoutTests {
    /// Every size in range, every focus: panes lie on the screen, apart from each other, and the focus is in view.
    @Test func panesNeverOverlapAndTheFocusIsInView() {
        for rows in stride(from: 20, through: 60, by: 1) {
            for columns in stride(from: 60, through: 204, by: 3) {
                for focus in Pane.allCases {
                    let layout = ScreenLayout(
                        size: ScreenSize(rows: rows, columns: columns), focus: focus, showsAtoms: [.atoms, .spectrum, .alignment].contains(focus),
                        showsAlignment: focus == .alignment)
                    let places = Pane.allCases.compactMap { layout.place(of: $0) }
                        + [layout.header, layout.footer] + (layout.preview.map { [$0] } ?? [])
                    let area = places.reduce(0) { $0 + $1.rows * $1.columns }
                    let screen = Rect(rows: rows, columns: columns)
                    let isInside = places.allSatisfy { $0.intersection(screen) == $0 && !$0.isEmpty }
                    var isApart = true
                    for i in places.indices {
                        for j in places.indices where j > i && !places[i].intersection(places[j]).isEmpty { isApart = false }
                    }
                    let isFull = area == rows * columns
                    if !isInside || !isApart || !isFull || layout.place(of: focus) == nil {
                        Issue.record("\(columns)x\(rows), focus \(focus): inside \(isInside), apart \(isApart), full \(isFull)")
                        return
                    }
                }
            }
        }
    }

    @Test func panesGiveWayInTheStatedOrder() {
        func shown(_ columns: Int, _ rows: Int, _ focus: Pane) -> Set<Pane> {
            let layout = ScreenLayout(
                size: ScreenSize(rows: rows, columns: columns), focus: focus, showsAtoms: false, showsAlignment: false)
            return Set(Pane.allCases.filter { layout.place(of: $0) != nil })
        }
        #expect(shown(120, 40, .prompt) == Set(ScreenID.ask.panes))
        #expect(shown(112, 40, .prompt) == Set(ScreenID.ask.panes))
        #expect(shown(111, 40, .prompt) == [.images, .conversation, .prompt])
        #expect(shown(80, 24, .prompt) == [.images, .conversation, .prompt])
        #expect(shown(80, 24, .atoms) == [.images, .atoms, .spectrum])
        #expect(shown(75, 24, .prompt) == [.conversation, .prompt])
        #expect(shown(60, 20, .images) == [.images])
        #expect(shown(120, 33, .prompt) == [.images, .conversation, .prompt, .atoms, .spectrum])
        #expect(shown(120, 34, .prompt) == Set(ScreenID.ask.panes))
    }
}

@Suite struct KeyMapTests {
    /// A binding whose keys all mean something else in its own place would be a lie on the help screen.
    @Test func everyBindingWorksSomewhere() {
        for binding in KeyMap.bindings {
            for key in binding.keys {
                let works = Pane.allCases.contains { binding.works(in: $0) && KeyMap.command(for: key, in: $0) == binding.command }
                #expect(works, "\(KeyMap.name(of: key)): \(binding.help)")
            }
        }
    }

    @Test func helpShowsEveryBinding() {
        let shown = KeyMap.sections.flatMap { $0.lines.map(\.help) }
        #expect(shown.sorted() == KeyMap.bindings.map(\.help).sorted())
    }

    @Test func helpScrollsToItsEnd() throws {
        var state = WorkbenchState.ready(rows: 24, columns: 80)
        _ = try state.type("<esc>?")
        func text() -> String { ScreenView.draw(state, look: Look(glyphs: .ascii, colors: .mono)).grid.text }
        #expect(text().contains("next pane"))
        _ = try state.type("G")
        #expect(text().contains("atom response, not attention"))
        #expect(text().contains("Tab shows what is hidden"))
        _ = try state.type("<esc>")
        #expect(state.overlay == nil)
    }

    @Test func helpAndQuitAreAlwaysInView() {
        for focus in Pane.allCases {
            var state = WorkbenchState.ready(rows: 20, columns: 60)
            state.focus = focus
            let footer = ScreenView.draw(state, look: Look(glyphs: .ascii, colors: .mono)).grid.lineText(19)
            #expect(footer.contains("help"), "\(focus): \(footer)")
            #expect(footer.hasSuffix("quit"), "\(focus): \(footer)")
        }
    }
}
