import Foundation
import SpectralEngine
import SpectralModel
import SpectralScreen
import Testing

@testable import SpectralWorkbench

/// The Sessions screen by its state, and recording by the real file.
@Suite struct SessionsScreenTests {
    private static func run(_ id: String, parent: String? = nil, prompt: String) -> SessionRun {
        var run = SessionRun(
            id: id, parent: parent, checkpoint: SessionReference(bundled: "scenes"), image: SessionReference(path: "scene0.png"),
            task: .ask, prompt: prompt, k: 2)
        run.output = SessionOutput(candidates: [SessionCandidate(text: "red", probability: 0.75)])
        return run
    }

    private func session() throws -> (folder: String, session: Session) {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sessions-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let file = try SessionFile.create(folder + "/a.jsonl", header: SessionHeader(title: "Colours"))
        try file.append(.run(Self.run("r1", prompt: "what color is it?")))
        try file.append(.run(Self.run("r2", parent: "r1", prompt: "what colour is it?")))
        try file.append(.note(SessionNote(id: "n1", about: ["r2"], text: "Spelling does not matter.")))
        return (folder, file.session)
    }

    private func opened() throws -> WorkbenchState {
        let made = try session()
        defer { try? FileManager.default.removeItem(atPath: made.folder) }
        var state = WorkbenchState.ready(rows: 40, columns: 120)
        _ = update(&state, .key(.escape))
        _ = update(&state, .key(.character("5")))
        #expect(state.screen == .sessions)
        _ = update(&state, .sessionOpened(made.session))
        return state
    }

    private func text(_ state: WorkbenchState) -> String { ScreenView.draw(state, look: Look()).grid.text }

    @Test func showsRunsWithTheirLineageAndNotes() throws {
        var state = try opened()
        #expect(text(state).contains("Colours: 2 runs"))
        #expect(text(state).contains("  r2 K 2 what colour is it?: red"), "a run stands in from its parent")
        _ = update(&state, .key(.down))
        #expect(text(state).contains("from r1") && text(state).contains("Spelling does not matter."))
        _ = update(&state, .key(.up))
        #expect(text(state).contains("led to r2"))
    }

    @Test func theSessionsThereAreAreChosenFrom() throws {
        var state = try opened()
        let own = try #require(state.sessionsScreen.session)
        #expect(update(&state, .key(.character("x"))) == [.listSessions], "what there is may have changed")
        #expect(state.sessionsScreen.session == nil && state.sessionsScreen.chosen == nil)
        let choices = [("sessions/tour.jsonl", "Tour"), ("sessions/b.jsonl", "Bands")].map {
            SessionChoice(path: $0.0, title: $0.1, about: "About \($0.1).", runs: 3)
        }
        #expect(update(&state, .sessionsListed(choices)) == [])
        #expect(text(state).contains("▸ tour: Tour") && text(state).contains("3 runs") && text(state).contains("About Tour."))
        _ = update(&state, .key(.down))
        #expect(text(state).contains("About Bands."))
        #expect(update(&state, .key(.enter)) == [.openSession("sessions/b.jsonl")])
        _ = update(&state, .sessionOpened(own))
        #expect(state.sessionsScreen.list.selected == 0 && text(state).contains("Colours: 2 runs"))
        _ = update(&state, .key(.character("x")))
        #expect(update(&state, .sessionsListed([])) == [], "an empty folder is not looked at over and over")
        #expect(text(state).contains("No sessions in this folder"))
    }

    @Test func aLineOpensRecordsAndAnnotates() throws {
        var state = try opened()
        func write(_ key: Character, _ words: String) -> [Effect] {
            _ = update(&state, .key(.character(key)))
            _ = update(&state, .key(.control("u")))
            _ = update(&state, .paste(words))
            return update(&state, .key(.enter))
        }
        #expect(write("o", "b.jsonl") == [.openSession("b.jsonl")])
        #expect(write("w", "mine.jsonl") == [.recordSession("mine.jsonl")])
        _ = update(&state, .key(.character("A")))
        #expect(state.notice?.contains("press w") == true && state.sessionsScreen.writing == nil)
        _ = update(&state, .sessionRecording(try #require(state.sessionsScreen.session)))
        #expect(write("A", "looks right") == [.annotate("looks right", about: ["r1"])])
    }

    @Test func replaysAndSaysWhatDiffers() throws {
        var state = try opened()
        let session = try #require(state.sessionsScreen.session)
        #expect(update(&state, .key(.character("R"))) == [.replaySession(session, number: state.sessionsScreen.replayNumber)])
        let number = state.sessionsScreen.replayNumber
        _ = update(&state, .replayed(number, ReplayOutcome(run: "r1", text: "red", differences: [])))
        let difference = ReplayDifference(kind: .text, recorded: "red", found: "blue")
        _ = update(&state, .replayed(number, ReplayOutcome(run: "r2", text: "blue", differences: [difference])))
        _ = update(&state, .replayed(number - 1, ReplayOutcome(run: "r1", text: "green", differences: [difference])))
        #expect(text(state).contains("replayed 2 of 2, 1 different"))
        _ = update(&state, .replayEnded(number, problem: nil))
        #expect(text(state).contains("1 of 2 runs the same"))
        _ = update(&state, .key(.down))
        #expect(text(state).contains("blue"))
    }

    @Test func escapeStopsAReplayBeforeItLeaves() throws {
        var state = try opened()
        _ = update(&state, .key(.character("R")))
        #expect(update(&state, .key(.escape)) == [.cancelReplay])
        #expect(state.screen == .sessions && state.sessionsScreen.replay == .stopped)
        _ = update(&state, .key(.escape))
        #expect(state.screen == .ask)
    }

    @Test func aRunIsAskedAgainWithItsK() throws {
        var state = try opened()
        _ = update(&state, .imagesListed(["/x/other.png", "/x/scene0.png"], problem: nil))
        _ = update(&state, .key(.enter))
        #expect(state.screen == .ask && state.focus == .prompt && state.prompt.text == "what color is it?" && state.k == 2)
        #expect(state.selectedImage?.name == "scene0.png")
    }

    /// Answers of the real engine go to the file, each run with the one it was asked again from.
    @Test func aSittingIsRecorded() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sitting-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        _ = try await TinyWorld.shared.play(
            "<esc>5w<c-u>\(folder)/s.jsonl<enter><wait>1awhat is it?<enter><wait><esc><s-tab><tab><enter><c-u>how many?<enter><wait>",
            rows: 40, columns: 120)
        let recorded = try SessionFile.read(folder + "/s.jsonl")
        #expect(recorded.runs.map(\.prompt) == ["what is it?", "how many?"])
        #expect(recorded.runs[1].parent == recorded.runs[0].id)
        #expect(recorded.runs.allSatisfy { $0.checkpoint.hash != nil && $0.image.hash != nil && $0.output != nil })
        var replay = SessionReplay(recorded)
        let played = try await replay.play()
        #expect(played.allSatisfy { $0.differences.isEmpty }, "\(played.flatMap(\.differences))")
    }
}
