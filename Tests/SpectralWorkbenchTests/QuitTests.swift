import SpectralLens
import SpectralScreen
import Testing

@testable import SpectralWorkbench

/// Quitting asks where it would lose what somebody asked for.
@Suite struct QuitTests {
    /// The same on the least screen, where it takes two lines.
    @Test func theQuestionIsWholeOnNarrowScreens() throws {
        var state = WorkbenchState.ready(rows: 20, columns: 60)
        state.compareScreen.search = CompareScreenState.Search(id: 1, total: 2, images: 2, questions: 1)
        _ = try state.type("<esc>q")
        let text = ScreenView.draw(state, look: Look(glyphs: .ascii, colors: .mono)).grid.text
        #expect(text.contains("A search for disagreements is under way.") && text.contains("y / n"), "\(text)")
    }

    private func asks(_ what: String, _ change: (inout WorkbenchState) -> Void) throws {
        var state = WorkbenchState.ready()
        _ = try state.type("<esc>")
        change(&state)
        _ = try state.type("q")
        #expect(state.overlay == .quitQuestion && !state.isQuitting, "\(what)")
        let text = ScreenView.draw(state, look: Look(glyphs: .ascii, colors: .mono)).grid.text
        #expect(text.contains("\(what). Quit all the same?  y / n"))
        _ = try state.type("nqy")
        #expect(state.isQuitting)
    }

    @Test func forWorkUnderWay() throws {
        try asks("A replay is under way") { $0.sessionsScreen.replay = .underWay }
        try asks("A search for disagreements is under way") {
            $0.compareScreen.search = CompareScreenState.Search(id: 1, total: 2, images: 2, questions: 1)
        }
        try asks("Edits are being tried") { state in
            let request = TurnRequest(imagePath: "/x/a.png", task: .ask, prompt: "what", k: nil)
            let job = LensJob(turn: 1, request: request, edits: [], controls: 1, blank: true, shuffles: 0)
            state.lensScreen.findings = LensFindings(id: 1, job: job)
        }
    }

    @Test func notForWhatScreensDoByThemselves() throws {
        var state = WorkbenchState.ready()
        _ = try state.type("one<enter>")
        _ = update(&state, .engine(turn: 1, .finished(answered("red"))))
        #expect(state.measuring != nil)
        _ = try state.type("<esc>q")
        #expect(state.isQuitting)
    }
}
