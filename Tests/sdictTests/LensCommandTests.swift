import Foundation
import SpectralFormats
import Testing

/// `sdict lens` as scripts use it.
@Suite struct LensCommandTests {
    let folder: TemporaryFolder
    let checkpoint: String
    let image: String

    init() throws {
        folder = try TemporaryFolder()
        checkpoint = try TinyCheckpoint.write(to: folder.file("tiny"))
        image = try folder.scene("a.png")
    }

    private func run(_ arguments: String...) throws -> Program.Outcome {
        try Program.run(["lens"] + arguments + ["--checkpoint", checkpoint])
    }

    private func object(_ outcome: Program.Outcome) throws -> [String: Any] {
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.lines.count == 1)
        return try #require(outcome.objects().first)
    }

    private static let reading: Set<String> = ["output", "same", "score", "change", "divergence"]

    @Test func questionJSON() throws {
        let outcome = try run(
            image, "--question", "what shape is the red object?", "--mute", "vision/1", "--scale", "fusion/0/3=0.5", "--controls", "3",
            "--blank", "--shuffles", "2", "--rank", "--seed", "7", "--json")
        let object = try object(outcome)
        #expect(Set(object.keys) == [
            "checkpoint", "image", "task", "prompt", "k", "seed", "unit", "warnings", "baseline", "edits", "edited", "controls",
            "blank", "shuffles", "ranking",
        ])
        #expect(object["task"] as? String == "question" && object["unit"] as? String == "nats" && object["k"] as? Int == 6)
        func reading(_ value: Any?) throws -> [String: Any] { try #require(value as? [String: Any]) }
        let baseline = try reading(object["baseline"]), edited = try reading(object["edited"])
        for one in [baseline, edited, try reading(object["blank"])] {
            #expect(Set(one.keys) == Self.reading.union(["tokens", "answers"]))
            let answers = try #require(one["answers"] as? [[String: Any]])
            #expect(answers.compactMap { $0["answer"] as? String } == SceneVocabulary.answers)
            #expect(abs(answers.compactMap { $0["probability"] as? Double }.reduce(0, +) - 1) < 1e-4)
        }
        let change = try #require(edited["change"] as? Double)
        #expect(change != 0)
        #expect(abs(change - (try #require(edited["score"] as? Double) - (try #require(baseline["score"] as? Double)))) < 1e-5)

        let edits = try #require(object["edits"] as? [[String: Any]])
        #expect(edits.map { $0["stack"] as? String } == ["vision", "fusion"])
        #expect(edits.map { $0["atoms"] as? [Int] } == [[1], [3]])
        let action = try #require((edits[1]["actions"] as? [[String: Any]])?.first)
        #expect(action["action"] as? String == "scale" && action["value"] as? Double == 0.5 && action["layer"] as? Int == 0)

        let controls = try #require(object["controls"] as? [String: Any])
        #expect(Set(controls.keys) == ["requested", "tolerance", "withinTolerance", "standing", "sets"])
        let sets = try #require(controls["sets"] as? [[String: Any]])
        #expect(sets.map { $0["seed"] as? Int } == [7, 8, 9])
        for set in sets {
            #expect(Set(set.keys) == Self.reading.union(["seed", "atoms", "energyRatios"]))
            let atoms = try #require(set["atoms"] as? [[Int]])
            #expect(atoms.map(\.count) == [1, 1] && atoms[0] != [1] && atoms[1] != [3])
        }
        let standing = try #require(controls["standing"] as? [String: Any])
        #expect(standing["effect"] as? Double == change && standing["count"] as? Int == 3)
        let below = sets.count { ($0["change"] as? Double ?? 0) < change }
        #expect(abs(try #require(standing["percentile"] as? Double) - 100 * Double(below) / 3) < 1e-3)

        let ranking = try #require(object["ranking"] as? [[String: Any]])
        #expect(ranking.allSatisfy { Set($0.keys) == Self.reading.union(["atom", "frequency", "energyShare"]) })
        #expect(ranking.count == 6 + 4 + 9, "fusion has the vision atoms and those of text but DC")
        let changes = ranking.compactMap { abs($0["change"] as? Double ?? .nan) }
        #expect(changes == changes.sorted(by: >))
        let alone = try self.object(
            run(image, "--question", "what shape is the red object?", "--mute", "vision/1", "--controls", "0", "--json"))
        let ranked = try #require(ranking.first { $0["atom"] as? String == "vision/1" })
        #expect(try reading(alone["edited"])["change"] as? Double == ranked["change"] as? Double)
        #expect(alone["controls"] == nil && alone["ranking"] == nil)
        // The answer is the one that `ask` gives.
        let asked = try Program.run("ask", image, "what shape is the red object?", "--json", "--checkpoint", checkpoint).objects()[0]
        #expect(baseline["output"] as? String == asked["answer"] as? String)
    }

    /// Scripts are written from the help, so it must name every key there is.
    @Test func helpNamesEveryKey() throws {
        let help = try Program.run("lens", "--help")
        #expect(help.status == 0 && help.errors.isEmpty && help.output.contains("Examples:"))
        let words = Set(help.output.split { !$0.isLetter }.map(String.init))
        func keys(_ value: Any) -> Set<String> {
            if let list = value as? [Any] { return Set(list.flatMap(keys)) }
            guard let object = value as? [String: Any] else { return [] }
            return Set(object.keys).union(object.values.flatMap(keys))
        }
        for task in [["--question", "what?"], ["--phrase", "it"], ["--caption"]] {
            let outcome = try Program.run(
                ["lens", image, "--checkpoint", checkpoint, "--shift", "vision/0/1=1", "--controls", "1", "--blank", "--shuffles", "1",
                    "--rank", "--stack", "text", "--json"] + task)
            let found = keys(try object(outcome))
            #expect(found.count > 25 && found.isSubset(of: words), "\(found.subtracting(words))")
        }
    }

    @Test func theSameSeedGivesTheSameBytes() throws {
        func text(_ seed: String) throws -> String {
            try run(image, "--solo", "vision/0,vision/2", "--controls", "4", "--shuffles", "2", "--seed", seed, "--json").output
        }
        let first = try text("1")
        #expect(try text("1") == first)
        #expect(try text("2") != first)
    }

    @Test func captionsAndBoxes() throws {
        let caption = try object(run(image, "--caption", "--band", "vision:0.1..", "--controls", "0", "--k", "5", "--json"))
        #expect(caption["task"] as? String == "caption" && caption["k"] as? Int == 5)
        let then = try #require(caption["baseline"] as? [String: Any]), now = try #require(caption["edited"] as? [String: Any])
        let tokens = try #require(now["tokens"] as? [[String: Any]])
        #expect(Set(tokens[0].keys) == ["text", "logProbability", "change", "divergence"])
        let texts = tokens.compactMap { $0["text"] as? String }
        #expect(texts.filter { $0 != "<eos>" }.joined().trimmingCharacters(in: .whitespaces) == then["output"] as? String)
        #expect(abs(tokens.compactMap { $0["change"] as? Double }.reduce(0, +) - (try #require(now["change"] as? Double))) < 1e-4)

        let box = try object(run(image, "--phrase", "red circle", "--shift", "fusion:..=1.5", "--controls", "0", "--json"))
        let found = try #require(box["baseline"] as? [String: Any]), moved = try #require(box["edited"] as? [String: Any])
        #expect(box["unit"] as? String == "IoU" && Set(found.keys) == ["output", "score", "change", "box"])
        let plain = try Program.run("ground", image, "red circle", "--json", "--checkpoint", checkpoint).objects()[0]
        for (a, b) in zip(try #require(found["box"] as? [Double]), try #require(plain["box"] as? [Double])) { #expect(abs(a - b) < 0.006) }
        #expect(try #require(moved["score"] as? Double) < 1)
    }

    @Test func textIsForPeople() throws {
        let outcome = try run(
            image, "--question", "is the scene dark?", "--mute", "vision/2", "--controls", "3", "--rank", "--stack", "vision", "--top",
            "2", "--blank", "--shuffles", "1")
        #expect(outcome.status == 0)
        for start in ["baseline", "edited", "grey image", "shuffle 0", "mute: vision 2 (", "answer", "3 random controls", "vision/", "and 4 more"] {
            #expect(outcome.lines.contains { $0.hasPrefix(start) }, "\(start)")
        }
        // Too few atoms are left for controls; without asking for any that is a warning.
        let most = try run(image, "--mute", "vision:..")
        #expect(most.status == 0 && most.errors.contains("no controls of equal size") && most.output.contains("token"))
    }

    @Test func wrongUse() throws {
        for (arguments, expected) in [
            ([], "nothing to look into"), (["--controls", "4"], "nothing to look into"),
            (["--rank", "--controls", "4"], "--controls belongs to an edit"), (["--blank", "--stack", "text"], "--stack belongs to --rank"),
            (["--rank", "--question", "what?", "--phrase", "it"], "exclude each other"), (["--mute", "vision"], "--mute: cannot read"),
            (["--scale", "vision/1"], "--scale: cannot read"), (["--band", "vision:1"], "--band: cannot read"),
            (["--band", "vision/1"], "--band: expected a band"),
            (["--mute", "vision/6"], "choose 0 to 5"), (["--mute", "fusion/1/0"], "no such layer"),
            (["--mute", "vision/4", "--k", "3"], "not in use at K 3"), (["--band", "vision:0.9.."], "no atom in use"),
            (["--mute", "vision:..", "--controls", "4"], "no controls of equal size"), (["--mute", "vision/1", "--k", "7"], "1 to 6"),
            (["--shuffles=-1"], "--shuffles is out of range"), (["--mute", "vision/1", "--controls=-1"], "--controls is out of range"),
            (["--rank", "--top", "0"], "--top is out of range"), (["--mute", "\u{1b}[2J"], "cannot read"),
        ] {
            let outcome = try Program.run(["lens", image, "--checkpoint", checkpoint] + arguments)
            #expect(outcome.status == 2, "\(arguments)")
            #expect(outcome.output.isEmpty && outcome.errors.contains(expected), "\(arguments): \(outcome.errors)")
            #expect(outcome.errors.split(separator: "\n").count == 1 && !outcome.errors.unicodeScalars.contains("\u{1b}"))
        }
    }

    @Test func failures() throws {
        let missing = try run(folder.file("none.png"), "--rank")
        #expect(missing.status == 1 && missing.errors.contains("no such file"))
        let twin = try TinyCheckpoint.write(to: folder.file("twin"), preset: .attention)
        let outcome = try Program.run("lens", image, "--rank", "--checkpoint", twin)
        #expect(outcome.status == 1 && outcome.errors.contains("no atoms") && outcome.output.isEmpty)
    }
}
