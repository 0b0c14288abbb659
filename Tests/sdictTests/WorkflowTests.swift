import Foundation
import SpectralFormats
import Testing

/// Training, measuring and looking at atoms from the command line, on models too small to learn anything.
@Suite struct WorkflowTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// A model too small to learn anything, as a config has it.
    static let model = """
        {"format": "sdict-vlm", "version": 1, "preset": "gated", "width": 16,
         "visionLayers": 1, "textLayers": 1, "fusionLayers": 1, "visionAtoms": 5, "textAtoms": 4, "imageSize": 64,
         "patchSize": 16, "vocabularySize": 300, "answers": 1, "maxSuffix": 48, "maxPrompt": 32, "ridge": 0.1}
        """

    private static let config = """
        {"name": "tiny", "logEvery": 1, "model": \(model),
         "stages": [{"name": "see", "steps": 1, "images": 2, "captions": 0, "questions": 0, "groundings": 0},
                    {"name": "all", "steps": 2, "images": 2, "questions": 2, "background": 1, "referents": 1,
                     "shiftsText": true, "kindWeights": {"relation": 5, "color": 0}}]}
        """

    private func config(_ text: String = config) throws -> String { try folder.write("train.json", Array(text.utf8)) }

    @Test func trainingStopsResumesAndLeavesACheckpoint() throws {
        let run = folder.file("run"), config = try config()
        let first = try Program.run("train", config, "--run", run, "--until", "2")
        #expect(first.status == 0, "\(first.errors)")
        #expect(first.output.contains("ETA"))
        let second = try Program.run("train", config, "--run", run)
        #expect(second.status == 0, "\(second.errors)")
        #expect(second.output.contains("resuming at step 2 of 3"))
        let log = try String(contentsOfFile: run + "/log.jsonl", encoding: .utf8)
        #expect(log.split(separator: "\n").count == 3)

        let measured = try Program.run("eval", "--quick", "--images", "2", "--json", "--checkpoint", run + "/checkpoint")
        let report = try #require(measured.objects().first)
        #expect(Set(["command", "hash", "columns", "trainedSteps"]).isSubset(of: report.keys))
        #expect(report["trainedSteps"] as? String == "3")
    }

    @Test func evaluationWritesItsFileAndRenewsTheCard() throws {
        let checkpoint = try TinyCheckpoint.write(to: folder.file("tiny"))
        let rival = try TinyCheckpoint.write(to: folder.file("rival"), seed: 2, preset: .attention)
        try folder.write("tiny/README.md", Array("before\n<!-- measured: begin -->\nold\n<!-- measured: end -->\nafter\n".utf8))
        let outcome = try Program.run("eval", "--images", "2", "--write", "--against", rival, "--checkpoint", checkpoint)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let card = try String(contentsOfFile: checkpoint + "/README.md", encoding: .utf8)
        #expect(card.hasPrefix("before\n") && card.hasSuffix("after\n") && !card.contains("old"))
        #expect(card.contains("| rival, unseen |") && card.contains("| VQA overall |"))
        let file = try Data(contentsOf: URL(fileURLWithPath: checkpoint + "/eval.json"))
        let report = try #require(try JSONSerialization.jsonObject(with: file) as? [String: Any])
        #expect((report["columns"] as? [[String: Any]])?.count == 6)
    }

    @Test func aRunStartsFromACheckpointWithAnotherSeedAndSaysSoInJSON() throws {
        let first = folder.file("first"), config = try config()
        #expect(try Program.run("train", config, "--run", first, "--k", "3", "--seed", "9").status == 0)
        let more = try Program.run(
            "train", config, "--run", folder.file("more"), "--k", "3", "--json", "--until", "0", "--checkpoint", first + "/checkpoint")
        #expect(more.status == 0, "\(more.errors)")
        let end = try #require(try more.objects().last)
        #expect(end["step"] as? Int == 0 && end["steps"] as? Int == 3)
        // Nothing was trained, so the weights are those it started from, but for their rounding to half precision.
        func weights(_ path: String) throws -> [UInt8] {
            let file = try SafetensorsFile(path: path + "/model.safetensors")
            return try file.names.sorted().flatMap { name in
                try file.floats(name, shape: #require(file.shape(of: name))).flatMap { withUnsafeBytes(of: $0.bitPattern, Array.init) }
            }
        }
        #expect(try weights(first + "/checkpoint") == weights(folder.file("more/checkpoint")))
        // Its model has K 3, which is another than the config's.
        let other = try Program.run("train", config, "--run", folder.file("other"), "--checkpoint", first + "/checkpoint")
        #expect(other.status == 1 && other.errors.split(separator: "\n").count == 1, "\(other.errors)")
    }

    @Test func benchmarksTakeACheckpointAndK() throws {
        let checkpoint = try TinyCheckpoint.write(to: folder.file("tiny"))
        let steps = try Program.run("bench", "train", "--steps", "1", "--json", "--checkpoint", checkpoint, "--k", "2", "--seed", "3")
        #expect(steps.status == 0, "\(steps.errors)")
        let figures = try #require(try steps.objects().first)
        #expect(figures["k"] as? Int == 2 && (figures["seconds"] as? [Double])?.count == 1)
        #expect(try Program.run("bench", "train", "--checkpoint", checkpoint, "--k", "7").status == 2)
        let grids = try Program.run("bench", "transform", "--grids", "4", "--json", "--checkpoint", checkpoint)
        #expect(grids.status == 0, "\(grids.errors)")
        #expect(try grids.objects().first?["tokens"] as? Int == 16)
    }

    @Test func scenesSayInJSONWhatWasWritten() throws {
        let made = try Program.run("scenes", "make", folder.file("made"), "--count", "2", "--seed", "4", "--json", "--checkpoint", "scenes", "--k", "8")
        #expect(made.status == 0, "\(made.errors)")
        let facts = try #require(try made.objects().first)
        #expect(facts["count"] as? Int == 2)
        for key in ["images", "captions", "questions", "annotations", "grounding", "scenes"] {
            #expect(FileManager.default.fileExists(atPath: facts[key] as? String ?? ""), "\(key)")
        }
    }

    @Test(arguments: [
        #""stages": []"#, #""logEvery": 0"#, #""workers": 0"#, #""stages": [{"steps": -1}]"#,
        #""stages": [{"kindWeights": {"tone": 0, "gradient": 0}}]"#, #""stages": [{"kindWeights": {"smell": 1}}]"#,
        #""stages": [{"imgaes": 3}]"#, #""sed": 1"#, #""weights": {"captoin": 1}"#,
    ])
    func aConfigThatCannotTrainIsOneLine(_ wrong: String) throws {
        let outcome = try Program.run("train", try config("{\(wrong)}"), "--run", folder.file("run"))
        #expect(outcome.status == 1)
        #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
    }

    @Test func atomsSayWhatTheyAreAndWhatTheyDid() throws {
        let checkpoint = try TinyCheckpoint.write(to: folder.file("tiny")), image = try folder.scene("a.png")
        let table = try Program.run("atoms", "--json", "--checkpoint", checkpoint)
        #expect(table.status == 0, "\(table.errors)")
        #expect(try !table.objects().isEmpty)
        let asked = try Program.run(
            "atoms", "--checkpoint", checkpoint, "--image", image, "--question", "what color is the circle?")
        #expect(asked.status == 0, "\(asked.errors)")
        #expect(asked.output.contains("effect"))
        let missing = try Program.run("atoms", "--atom", "99", "--checkpoint", checkpoint)
        #expect(missing.status == 2)
    }

    @Test func aFullDiskEndsTheProgramWithoutATrap() throws {
        let full = "/dev/full"
        guard FileManager.default.fileExists(atPath: full) else { return }
        let tests = try #require(Bundle.main.executableURL), process = Process()
        process.executableURL = tests.deletingLastPathComponent().appendingPathComponent("sdict")
        process.arguments = ["--help"]
        process.standardOutput = FileHandle(forWritingAtPath: full)
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationReason == .exit && process.terminationStatus == 1)
    }
}
