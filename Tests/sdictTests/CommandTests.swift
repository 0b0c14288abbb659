import Foundation
import SpectralFormats
import Testing

/// What scripts rely on: JSON keys, statuses, where text goes.
@Suite struct CommandTests {
    let folder: TemporaryFolder
    let checkpoint: String

    init() throws {
        folder = try TemporaryFolder()
        checkpoint = try TinyCheckpoint.write(to: folder.file("tiny"))
    }

    private func run(_ arguments: String...) throws -> Program.Outcome {
        try Program.run(arguments + ["--checkpoint", checkpoint])
    }

    @Test func aCommandThatThereIsNotIsNamed() throws {
        let outcome = try Program.run("frobnicate"), helped = try Program.run("help", "frobnicate")
        #expect(helped.status == 2 && helped.errors == outcome.errors && helped.output.isEmpty)
        #expect(try Program.run("help", "caption").output == Program.run("caption", "--help").output)
        #expect(outcome.status == 2 && outcome.output.isEmpty)
        #expect(outcome.errors.contains("frobnicate") && outcome.errors.contains("caption"))
        #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
        #expect(!outcome.errors.contains("--images"))
    }

    @Test func aPathInACommandsPlaceIsToldHowToOpen() throws {
        let image = try folder.write("a.png", Data("not read".utf8)), outcome = try Program.run(image)
        #expect(outcome.status == 2 && outcome.errors.contains("or open it with sdict --images \(image)"))
        #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
    }

    @Test(arguments: ["0", "-1", "7"]) func aKThatTheCheckpointDoesNotHave(k: String) throws {
        let image = try folder.scene("a.png")
        for command in [["ask", image, "what is it?"], ["inspect"], ["atoms"], ["eval", "--images", "1"], ["workbench", "--script", "q"]] {
            let outcome = try Program.run(command + ["--checkpoint", checkpoint, "--k", k])
            #expect(outcome.status == 2, "\(command[0])")
            #expect(outcome.errors.contains("expected 1 to 6") && outcome.errors.contains("found \(k)"), "\(outcome.errors)")
            #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
        }
    }

    @Test func weightsThatOverflowAreSaid() throws {
        let wild = try TinyCheckpoint.write(to: folder.file("wild"), perceptronScale: 1e25), image = try folder.scene("a.png")
        for command in [["ask", image, "what is it?"], ["caption", image], ["ground", image, "circle"]] {
            let outcome = try Program.run(command + ["--json", "--checkpoint", wild])
            #expect(outcome.status == 1 && outcome.output.isEmpty, "\(command[0])")
            #expect(outcome.errors.contains("not a number"), "\(outcome.errors)")
        }
        let measured = try Program.run("inspect", wild, "--write-familiarity", "100")
        #expect(measured.status == 1 && measured.errors.contains("not numbers"), "\(measured.errors)")
    }

    // MARK: Results

    @Test func captionJSON() throws {
        let first = try folder.scene("a.png"), second = try folder.scene("b.png", index: 1)
        let outcome = try run("caption", "--json", "--k", "3", first, second)
        #expect(outcome.status == 0)
        let objects = try outcome.objects()
        #expect(objects.map { $0["image"] as? String } == [first, second])
        for object in objects {
            #expect(Set(object.keys) == ["image", "caption", "tokens", "k", "milliseconds", "warnings"])
            #expect(object["k"] as? Int == 3)
            #expect(try #require(object["milliseconds"] as? Double) > 0)
            let tokens = try #require(object["tokens"] as? [[String: Any]])
            #expect(tokens.allSatisfy { Set($0.keys) == ["text", "probability"] })
            #expect(tokens.allSatisfy { (0...1).contains($0["probability"] as? Double ?? -1) })
            let text = tokens.compactMap { $0["text"] as? String }.joined()
            #expect(try #require(object["caption"] as? String).hasPrefix(text.trimmingCharacters(in: .whitespaces)))
        }
    }

    @Test func askJSON() throws {
        let image = try folder.scene("a.png")
        let outcome = try run("ask", "--json", "--candidates", "60", image, "what shape is the red object?")
        #expect(outcome.status == 0)
        let object = try #require(outcome.objects().first)
        #expect(Set(object.keys) == ["image", "answer", "candidates", "k", "milliseconds", "warnings"])
        #expect(object["k"] as? Int == TinyCheckpoint.visionAtoms)
        let candidates = try #require(object["candidates"] as? [[String: Any]])
        #expect(candidates.allSatisfy { Set($0.keys) == ["answer", "probability"] })
        #expect(Set(candidates.compactMap { $0["answer"] as? String }) == Set(SceneVocabulary.answers))
        let p = candidates.compactMap { $0["probability"] as? Double }
        #expect(p == p.sorted(by: >))
        #expect(abs(p.reduce(0, +) - 1) < 1e-4)
        #expect(object["answer"] as? String == candidates[0]["answer"] as? String)
    }

    @Test func groundJSONIsInPixelsOfTheImageGiven() throws {
        let small = try folder.scene("small.png"), wide = try folder.scene("wide.png", width: 640, height: 320)
        func box(_ path: String) throws -> [Double] {
            let outcome = try run("ground", "--json", path, "red circle")
            #expect(outcome.status == 0)
            let object = try #require(outcome.objects().first)
            #expect(Set(object.keys) == ["image", "box", "k", "milliseconds", "warnings"])
            return try #require(object["box"] as? [Double])
        }
        let a = try box(small), b = try box(wide)
        #expect(b[0] >= 0 && b[1] >= 0 && b[2] > 64 && b[0] + b[2] <= 640.01 && b[1] + b[3] <= 320.01)
        // The stretched image shrinks back to nearly the same pixels, so shares of the image nearly agree.
        for (share, other) in zip(zip(a, [64.0, 64, 64, 64]), zip(b, [640.0, 320, 640, 320])) {
            #expect(abs(share.0 / share.1 - other.0 / other.1) < 0.05)
        }
    }

    @Test func textOutput() throws {
        let image = try folder.scene("a.png")
        let box = try run("ground", image, "red circle")
        #expect(box.lines.count == 1 && box.lines[0].split(separator: " ").compactMap { Double($0) }.count == 4)
        let answer = try run("ask", image, "is the scene dark?")
        #expect(answer.lines.count == 6 && SceneVocabulary.answers.contains(answer.lines[0]))
        #expect(answer.lines.dropFirst().allSatisfy { $0.hasPrefix("  0.") })
    }

    @Test func seeds() throws {
        let image = try folder.scene("a.png")
        func text(_ seed: Int) throws -> String {
            try run("caption", "--top-p", "1", "--temperature", "1", "--seed", "\(seed)", image).output
        }
        let first = try text(3)
        #expect(try text(3) == first)
        // An untrained model holds all words nearly equally likely.
        #expect(try text(4) != first)
    }

    @Test func promptsThatCannotBeUnderstood() throws {
        let image = try folder.scene("a.png")
        let foreign = try run("ask", "--json", image, "你好吗")
        #expect(foreign.status == 0)
        let warnings = try #require(foreign.objects().first?["warnings"] as? [String])
        #expect(warnings.count == 1 && warnings[0].contains("no word"))
        let empty = try run("ask", image, "")
        #expect(empty.status == 0 && empty.errors.contains("no words"))
    }

    // MARK: Failures

    @Test func oneBadImageAmongSeveral() throws {
        let first = try folder.scene("a.png"), second = try folder.scene("b.png")
        let bad = try folder.write("bad.png", [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 1, 2, 3])
        let missing = folder.file("none\u{1b}[31m.png")
        let outcome = try run("caption", "--json", first, bad, missing, second)
        #expect(outcome.status == 1)
        #expect(try outcome.objects().map { $0["image"] as? String } == [first, second])
        #expect(outcome.errors.contains("bad.png") && outcome.errors.contains("no such file"))
        #expect(!outcome.errors.unicodeScalars.contains("\u{1b}"))
    }

    @Test func badCheckpoints() throws {
        let image = try folder.scene("a.png")
        let none = try Program.run("caption", image, "--checkpoint", folder.file("none"))
        #expect(none.status == 1 && none.errors.contains("cannot open checkpoint"))
        let weights = checkpoint + "/" + CheckpointFolder.weightsName
        let whole = try Data(contentsOf: URL(fileURLWithPath: weights))
        try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: weights))
        let cut = try run("caption", image)
        #expect(cut.status == 1 && cut.output.isEmpty)
        #expect(cut.errors.contains(CheckpointFolder.weightsName))
        #expect(cut.errors.split(separator: "\n").count == 1)
    }

    @Test func wrongUse() throws {
        let image = try folder.scene("a.png")
        for k in ["0", "7", "-1"] {
            let outcome = try run("ground", "--k=\(k)", image, "red circle")
            #expect(outcome.status == 2)
            #expect(outcome.errors.contains("1 to \(TinyCheckpoint.visionAtoms)"))
        }
        for arguments in [
            ["caption"], ["ask", image], ["nonsense"], ["caption", image, "--k", "many"], ["caption", image, "--beam", "0"],
            ["caption", image, "--beam", "2", "--top-p", "0.5"], ["caption", image, "--length-penalty", "1"],
            ["caption", image, "--top-p", "0"], ["ask", image, "what?", "--candidates", "0"], ["scenes", "make"],
            ["scenes", "make", folder.file("out"), "--count", "0"],
            ["scenes", "make", folder.file("out"), "--count", "1", "--max-objects", "5"],
            ["scenes", "make", folder.file("out"), "--count", "1", "--split", "test"], ["\u{1b}[2J"],
        ] {
            let outcome = try Program.run(arguments)
            #expect(outcome.status == 2, "\(arguments)")
            #expect(outcome.output.isEmpty && !outcome.errors.isEmpty)
            #expect(!outcome.errors.unicodeScalars.contains("\u{1b}"))
        }
    }

    @Test func help() throws {
        for command in [[], ["caption"], ["ask"], ["ground"], ["inspect"], ["scenes", "make"]] {
            let outcome = try Program.run(command + ["--help"])
            #expect(outcome.status == 0 && outcome.errors.isEmpty)
            #expect(outcome.output.contains("Examples:") && outcome.output.contains("USAGE: sdict"))
        }
    }

    // MARK: Other commands

    @Test func scenesMake() throws {
        let out = folder.file("out")
        let made = try Program.run("scenes", "make", out, "--count", "3", "--seed", "9", "--split", "heldout")
        #expect(made.status == 0 && made.errors.contains("3 of 3"))
        let image = try ImageFile.load(out + "/images/000002.png")
        #expect(image == Scene.draw(split: .heldout, seed: 9, index: 2).render().image)
        let again = try Program.run("scenes", "make", out, "--count", "3")
        #expect(again.status == 1 && again.errors.contains("not an empty folder"))
    }

    @Test func sortOfClevrMakeTrainAndInspect() throws {
        let out = folder.file("clevr"), config = folder.file("clevr.json")
        let made = try Program.run("scenes", "make", out, "--kind", "sort-of-clevr", "--count", "100", "--seed", "4", "--json")
        #expect(made.status == 0)
        let named = try #require(made.objects().first)
        #expect(named["questions"] as? String == out + "/questions.json" && named["captions"] == nil)
        #expect(try ImageFile.load(out + "/images/000099.png") == SortOfClevr.draw(split: .dev, seed: 4, index: 99).render())
        #expect(try Program.run("scenes", "make", out, "--kind", "sort-of-clevr", "--count", "1", "--max-objects", "2").status == 2)

        try Data(
            #"""
            {"name": "clevr", "data": {"kind": "sort-of-clevr"}, "stages": [{"steps": 2, "images": 2, "captions": 0,
             "questions": 3, "groundings": 0}], "model": {"format": "sdict-vlm", "version": 1, "preset": "gated", "width": 32,
             "visionLayers": 1, "textLayers": 1, "fusionLayers": 1, "visionAtoms": 6, "textAtoms": 4, "imageSize": 75,
             "patchSize": 15, "vocabularySize": 300, "answers": 1, "maxSuffix": 4, "maxPrompt": 24, "ridge": 0.1}}
            """#.utf8
        ).write(to: URL(fileURLWithPath: config))
        let run = folder.file("run"), trained = try Program.run("train", config, "--run", run)
        #expect(trained.status == 0 && trained.output.contains("step 2 of 2"), "\(trained.errors)")
        let asked = try Program.run(
            "ask", out + "/images/000000.png", "is the red object on the left?", "--checkpoint", run + "/checkpoint", "--json")
        #expect(SortOfClevr.answers.contains(try #require(asked.objects().first?["answer"] as? String)))

        let familiar = try Program.run(
            "inspect", run + "/checkpoint", "--write-familiarity", "100", "--images", out + "/images", "--json")
        #expect(familiar.status == 0, "\(familiar.errors)")
        #expect(try #require(familiar.objects().first)["familiarity"] is [String: Any])
        let few = try Program.run("inspect", run + "/checkpoint", "--write-familiarity", "101", "--images", out + "/images")
        #expect(few.status == 2 && few.errors.contains("expected 101 or more, found 100"))
        #expect(try Program.run("inspect", run + "/checkpoint", "--images", out).status == 2)
        let scenes = folder.file("scenes.json")
        try Data(#"{"name": "scenes"}"#.utf8).write(to: URL(fileURLWithPath: scenes))
        let refused = try Program.run("train", scenes, "--data", out + "/questions.json")
        #expect(refused.status == 2 && refused.errors.contains("draws scenes"))
    }

    @Test func inspect() throws {
        func report(_ path: String) throws -> [String: Any] {
            let outcome = try Program.run("inspect", path, "--json")
            #expect(outcome.status == 0)
            return try #require(outcome.objects().first)
        }
        try Data(#"{"vqa": {"overall": 0.5}}"#.utf8).write(
            to: URL(fileURLWithPath: checkpoint + "/" + CheckpointFolder.evaluationName))
        let object = try report(checkpoint), other = try report(TinyCheckpoint.write(to: folder.file("other"), seed: 2))
        #expect(object["hash"] as? String != other["hash"] as? String)
        let modules = try #require(object["modules"] as? [[String: Any]])
        #expect(modules.compactMap { $0["parameters"] as? Int }.reduce(0, +) == object["parameters"] as? Int)
        // Of what the weights file holds, all but the header is four bytes a parameter.
        let weights = try SafetensorsFile(path: checkpoint + "/" + CheckpointFolder.weightsName)
        let floats = try weights.names.reduce(0) { try $0 + #require(weights.shape(of: $1)).reduce(1, *) }
        #expect(object["parameters"] as? Int == floats)
        #expect(object["familiarity"] is NSNull && other["evaluation"] is NSNull)
        let text = try Program.run("inspect", checkpoint)
        #expect(text.lines.contains { $0.hasPrefix("  vqa.overall") && $0.hasSuffix("0.5") })
        // Of several columns its own, to four digits; of the others how many figures there are.
        let columns = [["bleu": 0.123456, "asked": 2000], ["bleu": 0.25, "asked": 2000]]
        try JSONSerialization.data(withJSONObject: ["columns": columns, "command": "sdict eval"] as [String: Any]).write(
            to: URL(fileURLWithPath: checkpoint + "/" + CheckpointFolder.evaluationName))
        let short = try Program.run("inspect", checkpoint).lines
        #expect(short.contains { $0.hasPrefix("  command") && $0.hasSuffix("sdict eval") })
        #expect(short.contains { $0.hasPrefix("  columns.0.bleu") && $0.hasSuffix(" 0.1235") })
        #expect(short.contains { $0.hasPrefix("  columns.0.asked") && $0.hasSuffix(" 2000") })
        #expect(!short.contains { $0.contains("columns.1") })
        #expect(short.contains("  and 2 figures of other columns, which --json prints"))
    }

    /// Each weight between the two, to what half a number is stored with; refusals leave no folder.
    @Test func blend() throws {
        let other = try TinyCheckpoint.write(to: folder.file("other"), seed: 2), out = folder.file("between")
        let made = try Program.run("blend", checkpoint, other, "--share", "0.25", "--out", out)
        #expect(made.status == 0 && made.lines.count == 1 && made.output.hasSuffix(out + "\n"), "\(made.errors)")
        let (a, b, c) = (try CheckpointFolder(path: checkpoint), try CheckpointFolder(path: other), try CheckpointFolder(path: out))
        #expect(made.output.hasPrefix(try c.contentHash()) && c.weights.names == b.weights.names)
        for name in c.weights.names {
            let shape = try #require(c.weights.shape(of: name))
            #expect(c.weights.dtype(of: name) == b.weights.dtype(of: name))
            let (x, y) = (try a.weights.floats(name, shape: shape), try b.weights.floats(name, shape: shape))
            for (i, z) in try c.weights.floats(name, shape: shape).enumerated() {
                #expect(abs(z - (0.25 * x[i] + 0.75 * y[i])) <= max(abs(z), 1) / 1024, "\(name)")
            }
        }
        #expect(c.weights.metadata["blend"] == "0.25 of \(try a.contentHash()), the rest of \(try b.contentHash())")
        #expect(try Program.run("inspect", out).lines.contains { $0.hasPrefix("  blend") && $0.contains("0.25 of ") })
        #expect(try Program.run("caption", folder.scene("a.png"), "--checkpoint", out).status == 0)
        let again = try Program.run("blend", checkpoint, other, "--share", "0.5", "--out", out)
        #expect(again.status == 1 && again.errors.contains("there is something already"))
        let foreign = try Program.run("blend", checkpoint, "easy-vqa", "--share", "0.5", "--out", folder.file("none"))
        #expect(foreign.status == 1 && foreign.errors.contains("they differ in config.json; name two checkpoints of one run"))
        let all = try Program.run("blend", checkpoint, other, "--share", "1", "--out", folder.file("none"))
        #expect(all.status == 2 && all.errors.contains("above 0 and below 1"))
        #expect(!FileManager.default.fileExists(atPath: folder.file("none")))
    }

    @Test func writeFamiliarity() throws {
        let image = try folder.scene("a.png")
        #expect(try Program.run("inspect", checkpoint, "--write-familiarity", "100").status == 0)
        // Bundled ones are everybody's.
        for named in [[], ["photos"]] {
            let refused = try Program.run(["inspect", "--write-familiarity", "100"] + named)
            #expect(refused.status == 2 && refused.errors.contains("this one is bundled"), "\(refused.errors)")
        }
        let noise = PixelImage(
            width: 64, height: 64, pixels: (0..<64 * 64 * 3).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) })
        let strange = try folder.write("noise.png", ImageFile.encodePNG(noise))
        let outcome = try run("caption", "--json", image, strange)
        let warnings = try outcome.objects().map { $0["warnings"] as? [String] ?? [] }
        #expect(!warnings[0].contains { $0.contains("unlike") })
        #expect(warnings[1].contains { $0.hasPrefix("unlike the training images: ") && $0.contains("percentile") })
        // The reading is of all atoms, however many answer.
        let few = try run("caption", "--json", "--k", "2", image)
        #expect(try few.objects()[0]["warnings"] as? [String] == warnings[0])
    }
}
