import Foundation
import SpectralEngine
import Testing

/// `sdict replay` as a user runs it, and the sessions that come with the project.
@Suite struct ReplayCommandTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    static let shipped = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("sessions").path
    static let names = ((try? FileManager.default.contentsOfDirectory(atPath: shipped)) ?? []).filter { $0.hasSuffix(".jsonl") }.sorted()

    private func tiny() throws -> String {
        try TinyCheckpoint.write(to: folder.file("tiny"))
        try folder.scene("a.png")
        let run = #""event":"run","checkpoint":{"path":"tiny"},"image":{"path":"a.png"}"#
        let plan = [
            #"{"event":"session","version":1,"title":"Tiny \u001b[31m"}"#,
            #"{\#(run),"id":"r1","task":"ask","prompt":"what shape is it?"}"#,
            #"{\#(run),"id":"r2","parent":"r1","task":"caption","k":2}"#,
            #"{"event":"note","id":"n1","about":["r2"],"text":"fewer \u202e atoms"}"#,
        ]
        let path = try folder.write("plan.jsonl", Array((plan.joined(separator: "\n") + "\n").utf8)), made = folder.file("made.jsonl")
        let outcome = try Program.run("replay", path, "--record", made, "--atoms", "2")
        try #require(outcome.status == 0, "\(outcome.errors)")
        return made
    }

    private func isHarmless(_ text: String) -> Bool {
        !text.unicodeScalars.contains { $0 != "\n" && $0 != "\r" && [.control, .format].contains($0.properties.generalCategory) }
    }

    @Test func theSessionsThatShipAreThree() {
        #expect(Self.names == ["ablation.jsonl", "k-comparison.jsonl", "tour.jsonl"])
    }

    /// What they say is what the program still does.
    @Test(arguments: names)
    func shippedSessionsReplayTheSame(_ name: String) throws {
        let outcome = try Program.run("replay", Self.shipped + "/" + name, "--json")
        #expect(outcome.status == 0, "\(name): record it again and read its notes again: \(outcome.output.prefix(2000)) \(outcome.errors)")
        let report = try #require(outcome.objects().first)
        #expect(try #require(report["same"] as? Int) >= 8 && report["different"] as? Int == 0)
    }

    /// With an edit or without: a checkpoint of captions alone would still pick some answer.
    @Test func anUntrainedJobIsNotRecorded() throws {
        try TinyCheckpoint.write(to: folder.file("captioner"), jobs: [.caption])
        try folder.scene("a.png")
        let run = #""event":"run","checkpoint":{"path":"captioner"},"image":{"path":"a.png"},"task":"ask","prompt":"what is it?""#
        for edit in ["", #","edit":"e1""#] {
            let plan = [
                #"{"event":"session","version":1,"title":"T"}"#,
                #"{"event":"edit","id":"e1","changes":[{"action":"mute","atoms":["vision/0"]}]}"#, #"{\#(run),"id":"r1"\#(edit)}"#,
            ]
            let path = try folder.write("plan.jsonl", Array((plan.joined(separator: "\n") + "\n").utf8))
            let outcome = try Program.run("replay", path, "--record", folder.file("made.jsonl"))
            #expect(outcome.status == 1 && outcome.errors.contains("was not trained to answer questions"), "\(outcome.errors)")
            try? FileManager.default.removeItem(atPath: folder.file("made.jsonl"))
        }
    }

    @Test func replayJSON() throws {
        let made = try tiny(), outcome = try Program.run("replay", made, "--json")
        #expect(outcome.status == 0 && outcome.errors.isEmpty && isHarmless(outcome.output))
        let report = try #require(outcome.objects().first)
        #expect(
            Set(report.keys) == ["session", "title", "tolerance", "notices", "runs", "same", "different", "largestDeviation"])
        let runs = try #require(report["runs"] as? [[String: Any]])
        #expect(runs.map { $0["run"] as? String } == ["r1", "r2"] && runs[1]["parent"] as? String == "r1" && runs[1]["k"] as? Int == 2)
        #expect(runs.allSatisfy { $0["same"] as? Bool == true && $0["recorded"] as? String == $0["found"] as? String })
    }

    @Test func aChangedAnswerIsReported() throws {
        let made = try tiny(), text = try String(contentsOfFile: made, encoding: .utf8)
        let answer = try #require(try Program.run("replay", made, "--json").objects().first?["runs"] as? [[String: Any]])[0]["found"] as? String
        let old = "\"text\":\"\(try #require(answer))\"}"
        try #require(text.contains(old))
        try folder.write("made.jsonl", Array(text.replacingOccurrences(of: old, with: "\"text\":\"gr\\u001bey\"}").utf8))
        let outcome = try Program.run("replay", made)
        #expect(outcome.status == 1 && isHarmless(outcome.output))
        #expect(outcome.output.contains("text: recorded \"gr\\u{1b}ey\"") && outcome.output.contains("1 of 2 runs the same, 1 different"))
        let report = try #require(try Program.run("replay", made, "--json").objects().first)
        let runs = try #require(report["runs"] as? [[String: Any]])
        #expect((runs[0]["differences"] as? [[String: Any]])?.map { $0["kind"] as? String } == ["text"])
        #expect(report["different"] as? Int == 1)
    }

    @Test func aTornSessionIsReplayedWithOneNotice() throws {
        let made = try tiny(), bytes = try Data(contentsOf: URL(fileURLWithPath: made))
        try bytes.dropLast(9).write(to: URL(fileURLWithPath: made))
        let outcome = try Program.run("replay", made)
        #expect(outcome.status == 0)
        #expect(outcome.errors.split(separator: "\n").count == 1 && outcome.errors.contains("line 4 was cut short"))
    }

    @Test func exportsByName() throws {
        let made = try tiny()
        for (name, part) in [("s.md", "| r1 |"), ("s.csv", "id,parent,"), ("s.json", "\"event\" : \"run\"")] {
            let outcome = try Program.run("replay", made, "--export", folder.file(name))
            #expect(outcome.status == 0 && outcome.output.isEmpty)
            let text = try String(contentsOfFile: folder.file(name), encoding: .utf8)
            #expect(text.contains(part) && isHarmless(text), "\(name): \(text)")
        }
        #expect(try Program.run("replay", made, "--export", folder.file("no/such/folder.md")).status == 1)
    }

    @Test func overridesAndFailures() throws {
        let made = try tiny()
        #expect(try Program.run("replay", made, "--transform", "dense").status == 0)
        #expect(try Program.run("replay", made, "--k", "1").status == 1)
        let other = try TinyCheckpoint.write(to: folder.file("other"), seed: 2)
        let changed = try Program.run("replay", made, "--checkpoint", other)
        #expect(changed.status == 1 && changed.output.contains("checkpoint: recorded "))
        for (arguments, status) in [
            ([made, "--k", "7"], 2), ([made, "--k", "0"], 2), ([made, "--tolerance", "2"], 2), ([made, "--export", "s.txt"], 2), ([], 2),
            ([made, "--export", "s.md", "--record", "t.jsonl"], 2), ([made, "--atoms", "2"], 2), ([made, "--record", made], 1),
            ([folder.file("none\u{1B}.jsonl")], 1), ([folder.path], 1), ([folder.file("a.png")], 1), ([made, "--checkpoint", "nowhere"], 1),
        ] {
            let outcome = try Program.run(["replay"] + arguments)
            #expect(outcome.status == status, "\(arguments): \(outcome.errors)")
            #expect(!outcome.errors.isEmpty && isHarmless(outcome.errors))
            if status == 1 { #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)") }
        }
    }

    @Test func help() throws {
        let outcome = try Program.run("replay", "--help")
        #expect(outcome.status == 0 && outcome.output.contains("Examples:") && outcome.output.contains("largestDeviation"))
    }
}
