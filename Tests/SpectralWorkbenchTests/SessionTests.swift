import Foundation
import SpectralEngine
import SpectralModel
import TestSupport
import Testing

@testable import SpectralWorkbench

/// Sessions as files: what is written stays, what is torn is named, what is wrong is refused.
@Suite struct SessionTests {
    let folder: String

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("sdict-session-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    private func clean() { try? FileManager.default.removeItem(atPath: folder) }
    private func path(_ name: String) -> String { folder + "/" + name }
    private func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path(name)))) }
    private func write(_ name: String, _ bytes: some Sequence<UInt8>) throws { try Data(bytes).write(to: URL(fileURLWithPath: path(name))) }
    private func write(_ name: String, lines: [String]) throws { try write(name, (lines.joined(separator: "\n") + "\n").utf8) }

    private let head = #"{"event":"session","title":"t","version":1}"#
    private func runLine(_ id: String, more: String = "") -> String {
        #"{"event":"run","id":"\#(id)","checkpoint":{"bundled":"c"},"image":{"bundled":"i"},"task":"ask","prompt":"?"\#(more)}"#
    }

    private func sampleRun(_ id: String = "r1", parent: String? = nil) -> SessionRun {
        var random = Seeded(state: 9)
        var run = SessionRun(
            id: id, parent: parent, checkpoint: SessionReference(bundled: "scenes", hash: "00ff"),
            image: SessionReference(path: "../a b/é.png", hash: "1234"), task: .ask, prompt: "what\u{1B}[31m is\n it?", k: 8)
        run.seed = .max
        run.decoding = SessionDecoding(.nucleus(topP: 0.9, temperature: 0.7, seed: 4))
        run.output = SessionOutput(
            text: "a\u{9B}b", candidates: (0..<50).map { SessionCandidate(text: "\($0)", probability: .random(in: 0...1, using: &random)) },
            box: [0.1, 1e-300, 3, .pi], warnings: ["\u{202E}"])
        run.atoms = SessionAtoms(unit: "nats", top: [SessionAtoms.Effect(atom: "fusion/3", effect: -1.234_567_9e-8)])
        return run
    }

    // MARK: Files

    @Test func whatIsAppendedReadsBackEqual() throws {
        defer { clean() }
        let file = try SessionFile.create(path("s.jsonl"), header: SessionHeader(title: "T", about: "A"))
        let edit = SessionEdit(id: "e1", name: "n", changes: [.init(.scale, ["vision/1", "fusion/2/3"], amount: 0.1), .init(.mute, ["text/0"])])
        let note = SessionNote(id: "n1", about: ["r1", "e1"], text: "why")
        try file.append(.run(sampleRun()))
        try file.append(.edit(edit))
        var second = sampleRun("r2", parent: "r1")
        second.edit = "e1"
        try file.append(.run(second))
        try file.append(.note(note))
        let read = try SessionFile.read(path("s.jsonl"))
        #expect(read == file.session)
        #expect(read.header == SessionHeader(title: "T", about: "A"))
        #expect(read.runs == [sampleRun(), second] && read.edits == [edit] && read.notes == [note])
        #expect(read.notices.isEmpty && read.freeID("r") == "r3")
        #expect(try bytes("s.jsonl").allSatisfy { $0 >= 0x20 || $0 == 0x0A }, "no control characters in the file itself")
        #expect(try bytes("s.jsonl").filter { $0 == 0x0A }.count == 5)
    }

    /// Cut anywhere in its last line, a session has all its other lines, one notice, and can be added to.
    @Test func aTornLastLineLosesNothingElse() throws {
        defer { clean() }
        let whole = [head, runLine("r1"), runLine("r2", more: #","parent":"r1""#)]
        let text = whole.joined(separator: "\n") + "\n", start = whole.dropLast().joined(separator: "\n").utf8.count + 1
        for cut in start...text.utf8.count {
            let kept = Array(text.utf8.prefix(cut))
            try write("t.jsonl", kept)
            let read = try SessionFile.read(path("t.jsonl"))
            let isTorn = cut > start && cut < text.utf8.count - 1
            #expect(read.runs.count == (cut >= text.utf8.count - 1 ? 2 : 1))
            #expect(read.notices.count == (isTorn ? 1 : 0), "cut at \(cut)")
            #expect(try bytes("t.jsonl") == kept, "reading changes nothing")
            if isTorn { #expect(read.notices[0].contains("line 3") && read.notices[0].contains("\(cut - start) bytes")) }
            let file = try SessionFile(adding: path("t.jsonl"))
            try file.append(.note(SessionNote(id: "n1", text: "after")))
            let again = try SessionFile.read(path("t.jsonl"))
            #expect(again.notices.isEmpty && again.runs == read.runs && again.notes.map(\.text) == ["after"])
        }
        // Zeros are what a power cut leaves on some file systems.
        try write("z.jsonl", Array((head + "\n").utf8) + [UInt8](repeating: 0, count: 64))
        #expect(try SessionFile.read(path("z.jsonl")).notices.count == 1)
    }

    @Test func twoWritersAndExistingFilesAreRefused() throws {
        defer { clean() }
        let file = try SessionFile.create(path("s.jsonl"), header: SessionHeader(title: "T"))
        #expect(throws: SessionError.inUse(path: path("s.jsonl"))) { _ = try SessionFile(adding: path("s.jsonl")) }
        #expect(throws: SessionError.exists(path: path("s.jsonl"))) {
            _ = try SessionFile.create(path("s.jsonl"), header: SessionHeader(title: "U"))
        }
        #expect(try SessionFile.read(path("s.jsonl")).header?.title == "T")
        let before = try bytes("s.jsonl")
        #expect(throws: SessionError.self) { try file.append(.run(sampleRun("r1", parent: "r0"))) }
        var infinite = sampleRun()
        infinite.milliseconds = .infinity
        #expect(throws: SessionError.self) { try file.append(.run(infinite)) }
        #expect(try bytes("s.jsonl") == before && file.session.runs.isEmpty)
        // Gone, and with another in its place: what is added would be lost.
        try FileManager.default.removeItem(atPath: path("s.jsonl"))
        #expect(throws: SessionError.gone(path: path("s.jsonl"))) { try file.append(.run(sampleRun())) }
        let other = try SessionFile.create(path("s.jsonl"), header: SessionHeader(title: "U"))
        #expect(throws: SessionError.gone(path: path("s.jsonl"))) { try file.append(.run(sampleRun())) }
        try other.append(.run(sampleRun()))
        #expect(try SessionFile.read(path("s.jsonl")).runs.count == 1)
    }

    @Test(arguments: [
        (["{}"], 1), ([#"{"event":"session","title":"t","version":2}"#], 1), (["not json"], 1), (["[1]"], 1),
        ([#"{"event":"note","id":"n1","text":"x"}"#], 1),
    ])
    func filesThatAreNoSessions(_ lines: [String], _ line: Int) throws {
        defer { clean() }
        try write("w.jsonl", lines: lines)
        expectRefusal("w.jsonl", line: line)
    }

    @Test func linesThatMakeNoSense() throws {
        defer { clean() }
        let wrong = [
            head, runLine("r1"), runLine(""), runLine("r2", more: #","parent":"r9""#), runLine("r2", more: #","parent":"r2""#),
            runLine("r2", more: #","edit":"e9""#), runLine("r2", more: #","k":0"#), runLine("r2", more: #","k":"eight""#),
            runLine("r2", more: #","seed":-1"#), runLine("r2", more: #","output":{"text":"x","box":[1,2]}"#),
            #"{"event":"run","id":"r2","checkpoint":{},"image":{"bundled":"i"},"task":"ask"}"#,
            #"{"event":"run","id":"r2","checkpoint":{"bundled":"c"},"image":{"bundled":"i"},"task":"sing"}"#,
            #"{"event":"edit","id":"e1","changes":[]}"#, #"{"event":"edit","id":"e1","changes":[{"action":"mute","atoms":[]}]}"#,
            #"{"event":"edit","id":"e1","changes":[{"action":"mute","atoms":["vision\u001b/1"]}]}"#,
            #"{"event":"edit","id":"e1","changes":[{"action":"scale","atoms":["vision/1"]}]}"#,
            #"{"event":"edit","id":"e1","changes":[{"action":"mute","atoms":["vision/1"],"amount":2}]}"#,
            #"{"event":"note","id":"n1","about":["r7"],"text":"x"}"#, "{\"event\":\"run\u{1B}\"", "\u{FF}", "",
        ]
        for line in wrong {
            try write("w.jsonl", lines: [head, runLine("r1"), line, runLine("r3")])
            expectRefusal("w.jsonl", line: 3)
        }
    }

    private func expectRefusal(_ name: String, line: Int) {
        do {
            _ = try SessionFile.read(path(name))
            Issue.record("read what makes no sense")
        } catch {
            #expect(error.description.contains("line \(line) cannot be read"), "\(error)")
            #expect(!error.description.contains("\n") && !error.description.unicodeScalars.contains { $0.value < 0x20 })
        }
    }

    @Test func thingsThatAreNoFiles() throws {
        defer { clean() }
        #expect(throws: SessionError.self) { try SessionFile.read(folder) }
        #expect(throws: SessionError.self) { try SessionFile.read(path("none\u{1B}.jsonl")) }
        try write("empty.jsonl", [])
        #expect(throws: SessionError.self) { try SessionFile.read(path("empty.jsonl")) }
        #expect(throws: SessionError.self) { try SessionFile(adding: path("empty.jsonl")) }
        #expect(try bytes("empty.jsonl").isEmpty)
    }

    // MARK: Meaning

    @Test func lineageGoesBothWays() throws {
        defer { clean() }
        try write(
            "l.jsonl",
            lines: [head, runLine("a"), runLine("b", more: #","parent":"a""#), runLine("c", more: #","parent":"b""#), runLine("d", more: #","parent":"a""#)])
        let session = try SessionFile.read(path("l.jsonl"))
        #expect(session.ancestors(of: "c").map(\.id) == ["b", "a"] && session.ancestors(of: "a").isEmpty)
        #expect(session.children(of: "a").map(\.id) == ["b", "d"] && session.children(of: "c").isEmpty)
    }

    @Test func editsBecomeTheFactorsTheyName() throws {
        var edits = AtomEdits()
        edits.apply(.mute, to: AtomAddress(.vision, atom: 3))
        edits.apply(.mute, to: AtomAddress(.vision, atom: 1))
        edits.apply(.scale(-0.5), to: AtomAddress(.fusion, layer: 0, atom: 5))
        edits.apply(.shiftPhase(1.25) * .scale(2), to: AtomAddress(.text, atom: 0))
        let written = SessionEdit(id: "e1", edits)
        #expect(written.changes.first == .init(.mute, ["vision/1", "vision/3"]))
        let model = try LoadedModel(path: TinyWorld.shared.options.checkpoint)
        let back = try written.edits(on: model, run: "r1")
        #expect(back.factors.count == edits.factors.count)
        for (address, factor) in edits.factors {
            let found = try #require(back.factors[address])
            #expect(abs(found.re - factor.re) < 1e-6 && abs(found.im - factor.im) < 1e-6)
        }
        let solo = try SessionEdit(id: "e2", changes: [.init(.solo, ["vision/2", "vision/4"])]).edits(on: model, run: "r1")
        #expect(solo == .solo([2, 4], of: .vision, count: 6))
        for address in ["vision/6", "fusion/1/0", "text/99"] {
            #expect(throws: SessionError.self) { try SessionEdit(id: "e3", changes: [.init(.mute, [address])]).edits(on: model, run: "r1") }
        }
    }

    @Test func turnsBecomeRuns() {
        var turn = Turn(id: 1, request: TurnRequest(imagePath: "/x/a.png", task: .ask, prompt: "what?", k: nil))
        func made() -> SessionRun? {
            SessionRun(turn, id: "r1", checkpoint: SessionReference(bundled: "c"), image: SessionReference(path: "a.png"), at: Date(timeIntervalSince1970: 0))
        }
        #expect(made() == nil)
        turn.status = .done
        turn.k = 8
        turn.candidates = [TextCandidate(text: "red", probability: 0.5), TextCandidate(text: "blue", probability: 0.25)]
        turn.measurement = measured().measurement
        let run = made()
        #expect(run?.output?.text == "red" && run?.output?.candidates?.map(\.probability) == [0.5, 0.25] && run?.k == 8)
        #expect(run?.at == "1970-01-01T00:00:00Z")
        #expect(run?.atoms?.top.map(\.atom) == ["fusion/5", "fusion/2"])
    }

    // MARK: Exports

    @Test func exportsLetNothingOutThatATerminalWouldActOn() throws {
        defer { clean() }
        let evil = #"\u001b]0;x\u0007 \u009b31m \u202e |*_`<b>\\ \ud83d\ude00"#
        try write(
            "x.jsonl",
            lines: [
                #"{"event":"session","version":1,"title":"\#(evil)","about":"\#(evil)"}"#,
                #"{"event":"edit","id":"e1","name":"\#(evil)","changes":[{"action":"mute","atoms":["vision/1"]}]}"#,
                #"{"event":"run","id":"\#(evil)","checkpoint":{"bundled":"\#(evil)","hash":"\#(evil)"},"image":{"path":"\#(evil)"},"task":"ask","prompt":"\#(evil)","edit":"e1","output":{"text":"\#(evil)","candidates":[{"text":"\#(evil)","probability":0.5}]}}"#,
                #"{"event":"note","id":"n1","about":["e1"],"text":"\#(evil)\n\#(evil)"}"#, #"{"event":"\#(evil)"}"#,
            ])
        let session = try SessionFile.read(path("x.jsonl"))
        for format in SessionExport.allCases {
            let text = try format.text(of: session)
            for scalar in text.unicodeScalars where scalar != "\n" && scalar != "\r" {
                let isHarmful = [.control, .format, .lineSeparator].contains(scalar.properties.generalCategory)
                #expect(!isHarmful, "\(format) lets U+\(String(scalar.value, radix: 16)) out")
            }
            #expect(text.contains("😀"))
        }
        let json = try JSONSerialization.jsonObject(with: Data(SessionExport.json.text(of: session).utf8)) as? [[String: Any]]
        #expect(json?.count == 5 && (json?[2]["prompt"] as? String)?.contains("\u{1B}]0;x\u{7}") == true)
    }

    @Test func markdownTellsTheStoryInOrder() throws {
        defer { clean() }
        try write(
            "m.jsonl",
            lines: [
                head, #"{"event":"note","id":"n1","text":"First."}"#,
                runLine("r1", more: #","k":4,"output":{"text":"red","candidates":[{"text":"red","probability":0.75}]}"#),
                #"{"event":"edit","id":"e1","name":"no DC","changes":[{"action":"mute","atoms":["vision/0"]}]}"#,
                runLine("r2", more: #","parent":"r1","edit":"e1","output":{"text":"a|b"}"#),
            ])
        let session = try SessionFile.read(path("m.jsonl"))
        #expect(
            try SessionExport.markdown.text(of: session) == """
                # t

                Checkpoint: c

                First.

                | run | from | image | task | prompt | K | edit | output | p |
                | --- | --- | --- | --- | --- | --- | --- | --- | --- |
                | r1 |  | i | ask | ? | 4 |  | red | 0.750 |

                **Edit e1**, no DC: mute vision/0

                | run | from | image | task | prompt | K | edit | output | p |
                | --- | --- | --- | --- | --- | --- | --- | --- | --- |
                | r2 | r1 | i | ask | ? | all | e1 | a\\|b |  |

                """)
        let csv = try SessionExport.csv.text(of: session).components(separatedBy: "\r\n")
        #expect(csv.count == 4 && csv[1].hasPrefix("r1,,,c,,i,,ask,?,4,greedy,0,,,red,0.75,-0.287") && csv[2].contains("e1,mute vision/0,a|b"))
        #expect(SessionExport(fileName: "a.MD") == .markdown && SessionExport(fileName: "a.txt") == nil)
    }
}
