import SpectralScreen
import Testing

@testable import SpectralWorkbench

/// A checkpoint that was trained for some jobs only is asked for those, and says so of the others.
@Suite struct TaskTests {
    private func ready(_ tasks: [AskTask]) -> WorkbenchState {
        var state = WorkbenchState.ready()
        _ = update(
            &state,
            .checkpointLoaded(
                CheckpointFacts(name: "tiny", preset: "gated", visionAtoms: 8, hasAtoms: true, tasks: tasks, warnings: [])))
        return state
    }

    @Test func thePromptBeginsWithWhatTheCheckpointDoes() throws {
        var state = ready([.caption])
        #expect(state.task == .caption)
        _ = try state.type("<c-t><esc>")
        #expect(state.task == .caption, "there is no other")
        let effects = try state.type("c")
        guard case .answer(_, let request) = effects.last else { throw Unexpected.noRequest }
        #expect(request.task == .caption)
    }

    @Test func otherTasksAreRefusedWithAWord() throws {
        var state = ready([.caption, .ground])
        _ = try state.type("<esc>")
        for keys in ["a", ":ask what is it?<enter>"] {
            let effects = try state.type(keys)
            #expect(state.notice?.contains("writes captions and finds things only") == true, "\(keys): \(state.notice ?? "")")
            #expect(state.task != .ask && !effects.contains { if case .answer = $0 { true } else { false } })
            _ = try state.type("<esc>")
        }
        _ = try state.type("b")
        _ = try state.type("<c-t><c-t>")
        #expect([.caption, .ground].contains(state.task))
    }

    @Test func onlyItsTasksStandOverThePrompt() {
        let size = ScreenSize(rows: 3, columns: 60), look = Look()
        func text(_ state: WorkbenchState) -> String {
            let grid = PromptView.draw(state, size: size, look: look)
            return String((0..<size.columns).map { grid.cell(row: 0, column: $0).character })
        }
        let all = text(.ready()), some = text(ready([.caption]))
        #expect(all.contains("ask") && all.contains("caption") && all.contains("ground"))
        #expect(some.contains("[caption]") && !some.contains("ask") && !some.contains("ground"))
    }

    /// With one task there is nothing to turn to, in the help line and in the invitation.
    @Test func oneTaskOffersNoOther() {
        func screen(_ tasks: [AskTask]) -> String {
            ScreenView.draw(ready(tasks), look: Look(glyphs: .ascii, colors: .mono)).grid.text
        }
        #expect(screen(AskTask.allCases).contains("Ctrl-T task") && screen([.ask, .caption]).contains("Ctrl-T task"))
        for task in AskTask.allCases {
            let one = screen([task])
            #expect(!one.contains("Ctrl-T"), "\(task)")
            #expect(one.contains("nothing"), "\(task)")
        }
    }

    /// The help line offers what the checkpoint was trained for, and nothing that it would refuse.
    @Test func theHelpLineOffersWhatItDoes() throws {
        func line(_ tasks: [AskTask]) throws -> String {
            var state = ready(tasks)
            _ = update(&state, .resize(ScreenSize(rows: 40, columns: 160)))
            _ = try state.type("<esc>")
            return String(ScreenView.draw(state, look: Look(glyphs: .ascii, colors: .mono)).grid.text.split(separator: "\n").last ?? "")
        }
        let all = try line(AskTask.allCases), captions = try line([.caption])
        for offer in ["a ask", "c caption", "b find"] { #expect(all.contains(offer), "\(all)") }
        #expect(captions.contains("c caption") && !captions.contains("a ask") && !captions.contains("b find"), "\(captions)")
    }

    private enum Unexpected: Error { case noRequest }
}
