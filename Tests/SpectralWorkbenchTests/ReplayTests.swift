import Foundation
import SpectralEngine
import SpectralFormats
import SpectralModel
import Testing

@testable import SpectralWorkbench

/// Sessions run again, on a checkpoint that was never trained.
@Suite struct ReplayTests {
    let folder: String

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("sdict-replay-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder + "/in", withIntermediateDirectories: true)
        for name in ["tiny", "images"] {
            try FileManager.default.copyItem(atPath: TinyWorld.shared.path + "/" + name, toPath: folder + "/" + name)
        }
    }

    private func clean() { try? FileManager.default.removeItem(atPath: folder) }

    /// A plan of one run for each task, one of them edited, with members that nobody knows.
    private func plan() throws -> String {
        let common = #""checkpoint":{"path":"../tiny"},"image":{"path":"../images/scene0.png","from":"afar"}"#
        let lines = [
            #"{"event":"session","version":1,"title":"plan","colour":"green"}"#,
            #"{"event":"run","id":"r1",\#(common),"task":"ask","prompt":"what color is the circle?","mood":[1,2.5,null,true]}"#,
            #"{"event":"run","id":"r2","parent":"r1",\#(common),"task":"caption","k":3}"#,
            #"{"event":"run","id":"r3",\#(common),"task":"ground","prompt":"red circle"}"#,
            #"{"event":"edit","id":"e1","changes":[{"action":"mute","atoms":["vision/0","fusion/0"]}],"why":"to see"}"#,
            #"{"event":"run","id":"r4","parent":"r1",\#(common),"task":"ask","prompt":"what color is the circle?","edit":"e1"}"#,
            #"{"event":"run","id":"r5","parent":"r2",\#(common),"task":"caption","decoding":{"strategy":"nucleus","topP":0.9,"temperature":1},"seed":18446744073709551615,"edit":"e1"}"#,
            #"{"event":"bookmark","at":7}"#, #"{"event":"note","id":"n1","about":["r4"],"text":"muted"}"#,
        ]
        let path = folder + "/in/plan.jsonl"
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    private func recorded() async throws -> Session {
        var replay = SessionReplay(try SessionFile.read(plan()))
        let path = folder + "/in/made.jsonl"
        try await replay.record(to: path, atoms: 2)
        return try SessionFile.read(path)
    }

    private func play(_ session: Session, _ change: (inout ReplaySettings) -> Void = { _ in }) async throws -> [ReplayedRun] {
        var settings = ReplaySettings()
        change(&settings)
        var replay = SessionReplay(session, settings: settings)
        return try await replay.play()
    }

    /// The session with its text changed.
    private func rewritten(_ session: Session, _ old: String, _ new: String) throws -> Session {
        let text = try String(contentsOfFile: session.path, encoding: .utf8), path = folder + "/in/changed.jsonl"
        try #require(text.contains(old), "\(old)")
        try Data(text.replacingOccurrences(of: old, with: new).utf8).write(to: URL(fileURLWithPath: path))
        return try SessionFile.read(path)
    }

    @Test func aRecordedSessionReplaysTheSameAndKeepsWhatNobodyKnows() async throws {
        defer { clean() }
        let session = try await recorded()
        let played = try await play(session)
        #expect(played.map(\.run.id) == ["r1", "r2", "r3", "r4", "r5"])
        #expect(played.allSatisfy { $0.differences.isEmpty && $0.largestDeviation == 0 })
        // The same again after a move of everything together.
        try FileManager.default.moveItem(atPath: folder + "/in", toPath: folder + "/elsewhere")
        #expect(try await play(SessionFile.read(folder + "/elsewhere/made.jsonl")).allSatisfy(\.differences.isEmpty))
        // And after recording it again in another folder, on a checkpoint of another name.
        try FileManager.default.copyItem(atPath: folder + "/tiny", toPath: folder + "/twin")
        var settings = ReplaySettings()
        settings.checkpoint = folder + "/twin"
        var again = SessionReplay(try SessionFile.read(folder + "/elsewhere/made.jsonl"), settings: settings)
        try await again.record(to: folder + "/again.jsonl")
        let second = try SessionFile.read(folder + "/again.jsonl")
        #expect(second.runs[0].image.path == "images/scene0.png" && second.runs[0].checkpoint.path == "twin")
        #expect(second.runs.map(\.output) == session.runs.map(\.output) && second.runs[0].atoms == nil)
        #expect(try await play(second).allSatisfy(\.differences.isEmpty))

        let fields = session.entries.map(\.fields)
        #expect(fields[0]["colour"] == .text("green") && fields[1]["mood"] == .list([.whole(1), .number(2.5), .null, .bool(true)]))
        #expect(fields[1]["image"]?["from"] == .text("afar") && fields[4]["why"] == .text("to see") && fields[7]["at"] == .whole(7))
        #expect(session.run("r5")?.seed == .max && session.notes.first?.text == "muted")
        let first = try #require(session.run("r1"))
        #expect(first.k == 6 && first.output?.candidates?.count == 5 && first.atoms?.top.count == 2 && first.image.hash?.count == 16)
        #expect(session.run("r5")?.atoms == nil)
        #expect(session.run("r4")?.output != first.output, "an edit that changes nothing would prove nothing")
    }

    /// What the session holds is what the engine says when asked plainly.
    @Test func recordedAnswersAreTheEngines() async throws {
        defer { clean() }
        let session = try await recorded()
        let engine = try await Engine(checkpoint: folder + "/tiny"), image = try ImageFile.load(folder + "/images/scene0.png")
        let answer = try await engine.result(of: EngineRequest(.ask(question: "what color is the circle?"), image: image))
        #expect(session.run("r1")?.output == SessionOutput(answer))
        let caption = try await engine.result(of: EngineRequest(.caption(.greedy), image: image, k: 3))
        #expect(session.run("r2")?.output == SessionOutput(caption))
        // Muting through the session is muting through the probe.
        let edited = try await engine.withSeen(image) { model, seen in
            let probe = Probe(edits: .muting([AtomAddress(.vision, atom: 0), AtomAddress(.fusion, atom: 0)]))
            let prefix = model.prefix(model.seeAgain(seen, probe: probe), task: .vqa, prompt: "what color is the circle?", probe: probe)
            return model.answerProbabilities(prefix).max()
        }
        #expect(session.run("r4")?.output?.candidates?.first?.probability == edited)
        #expect(try await engine.contentHash() == session.run("r1")?.checkpoint.hash)
    }

    @Test func whatChangedIsNamed() async throws {
        defer { clean() }
        let session = try await recorded()
        func kinds(_ session: Session, _ change: (inout ReplaySettings) -> Void = { _ in }) async throws -> [[ReplayDifference.Kind]] {
            try await play(session, change).map { $0.differences.map(\.kind) }
        }
        let none: [ReplayDifference.Kind] = []
        let answer = try #require(session.run("r1")?.output?.candidates?.first)
        let caption = try SessionJSON.text(#require(session.run("r2")?.output?.text))
        let changed = try await kinds(rewritten(session, "\"text\":\(caption)", "\"text\":\"another caption\""))
        #expect(changed[1] == [.text] && changed[0] == none)

        let nudged = try rewritten(session, "\"probability\":\(answer.probability)", "\"probability\":\(answer.probability / 2)")
        #expect(try await kinds(nudged)[0] == [.probability])
        #expect(try await kinds(nudged) { $0.tolerance = 1 }[0] == none)

        let box = try #require(session.run("r3")?.output?.box)
        let moved = try await kinds(rewritten(session, "[\(box[0]),", "[\(box[0] + 1),"))
        #expect(moved == [none, none, [.box], none, none])

        let hash = try #require(session.run("r1")?.checkpoint.hash)
        #expect(try await kinds(rewritten(session, hash, "0123456789abcdef"))[2] == [.checkpoint])
        #expect(try await kinds(session) { $0.k = 1 }[0] != none)
        #expect(try await kinds(SessionFile.read(plan())) == [[.unrecorded], [.unrecorded], [.unrecorded], [.unrecorded], [.unrecorded]])
    }

    @Test func changedAndMissingFilesAreNamedAndOtherRunsGoOn() async throws {
        defer { clean() }
        let session = try rewritten(try await recorded(), "\"id\":\"r2\",\"image\":{\"from\":\"afar\",\"hash\"", "\"id\":\"r2\",\"image\":{\"from\":\"afar\",\"bundled\":\"none\",\"hash\"")
        let played = try await play(session)
        #expect(played.map { $0.differences.map(\.kind) } == [[], [.failed], [], [], []])
        let image = URL(fileURLWithPath: folder + "/images/scene0.png")
        try (try Data(contentsOf: image) + Data([0])).write(to: image)
        #expect(try await play(session)[0].differences.map(\.kind) == [.image])
        try FileManager.default.removeItem(at: image)
        let gone = try await play(session)
        #expect(gone.allSatisfy { $0.differences.map(\.kind) == [.failed] && $0.found == nil })
        #expect(gone[0].differences[0].description.contains("scene0.png"))
        await #expect(throws: EngineError.self) { _ = try await play(session) { $0.checkpoint = "nowhere" } }
    }

    @Test func numbersThatAreNoneDoNotPassForClose() {
        func output(_ p: Float) -> SessionOutput { SessionOutput(candidates: [SessionCandidate(text: "a", probability: p)]) }
        func kinds(_ a: SessionOutput?, _ b: SessionOutput) -> [ReplayDifference.Kind] {
            SessionReplay.compare(a, b, tolerance: 0.01, width: 64, height: 32).differences.map(\.kind)
        }
        #expect(kinds(output(0.5), output(0.5095)).isEmpty)
        #expect(kinds(output(0.5), output(0.52)) == [.probability])
        #expect(kinds(output(0.5), output(.nan)) == [.probability])
        #expect(kinds(nil, output(0.5)) == [.unrecorded])
        let box = SessionOutput(text: "", box: [1, 2, 3, 4])
        #expect(kinds(box, SessionOutput(text: "other", box: [1.6, 2.3, 3, 4])).isEmpty)
        #expect(kinds(box, SessionOutput(text: "", box: [1, 2.4, 3, 4])) == [.box])
        #expect(kinds(box, SessionOutput(text: "", box: [.nan, 2, 3, 4])) == [.box])
        let shorter = SessionOutput(tokens: [SessionCandidate(text: "a", probability: 1)], rest: "b")
        #expect(kinds(SessionOutput(tokens: [SessionCandidate(text: "a", probability: 1), SessionCandidate(text: "b", probability: 1)]), shorter) == [.probability])
    }

    @Test func referencesAreNamesForWhatIsBundledAndRelativeForTheRest() {
        let images = Bundled.images
        if let first = images.first {
            let reference = SessionReference(image: first, session: "/somewhere/s.jsonl")
            #expect(reference.bundled == first.split(separator: "/").last.map(String.init) && reference.path == nil)
        }
        #expect(SessionReference(image: folder + "/images/scene0.png", session: folder + "/in/s.jsonl").path == "../images/scene0.png")
        #expect(SessionReference(checkpoint: folder + "/tiny", session: folder + "/s.jsonl").path == "tiny")
        #expect(SessionReference(image: "/elsewhere/a.png", session: folder + "/s.jsonl").path == "/elsewhere/a.png")
    }
}
