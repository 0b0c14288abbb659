import Foundation
import Testing

/// What K buys, studies, the report, and jobs a checkpoint was not trained for.
@Suite struct StudyCommandTests {
    let folder: TemporaryFolder
    let checkpoint: String

    init() throws {
        folder = try TemporaryFolder()
        checkpoint = try TinyCheckpoint.write(to: folder.file("tiny"))
    }

    @Test func evalKMeasuresEveryKAndOtherCheckpoints() throws {
        let twin = try TinyCheckpoint.write(to: folder.file("twin"), preset: .attention), table = folder.file("k.md")
        let outcome = try Program.run(
            "eval", "k", "--checkpoint", checkpoint, "--k", "6,2", "--against", twin, "--against", checkpoint + ":3", "--scenes", "4",
            "--json", "--table", table)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let report = try #require(outcome.objects().first), rows = try #require(report["rows"] as? [[String: Any]])
        #expect(rows.compactMap { $0["kind"] as? String } == ["trained", "nested", "attention", "nested"])
        let runs = rows.compactMap { ($0["runs"] as? [[String: Any]])?.first }
        #expect(runs.compactMap { $0["k"] as? Int } == [6, 2, 6, 3])
        let parameters = runs.compactMap { $0["parameters"] as? Int }
        #expect(parameters[1] < parameters[3] && parameters[3] < parameters[0])
        let scores = try #require(runs[0]["scores"] as? [[String: Any]])
        #expect(scores.compactMap { $0["name"] as? String } == ["VQA %", "relations %", "captions right %", "IoU"])
        #expect(try String(contentsOfFile: table, encoding: .utf8).contains("Measured by `sdict eval k --checkpoint tiny --k 6,2"))
        for arguments in [["--k", "7"], ["--k", "6,6"], ["--scenes", "0"], ["--data", "x.tsv"], ["--limit", "3"], ["--against", checkpoint + ":9"]] {
            let wrong = try Program.run(["eval", "k", "--checkpoint", checkpoint] + arguments)
            #expect(wrong.status == 2 && wrong.output.isEmpty && !wrong.errors.isEmpty, "\(arguments): \(wrong.errors)")
        }
    }

    @Test func evalKMeasuresCaptionedImages() throws {
        try folder.scene("0.png")
        try folder.scene("1.png", index: 1)
        let captions = try folder.write("dev.tsv", "image\tcaption\n0.png\ta red circle\n1.png\ta blue ring\n2.png\tgone\n".utf8)
        let outcome = try Program.run(
            "eval", "k", "--checkpoint", checkpoint, "--k", "6,2", "--data", captions, "--images", folder.path, "--json")
        #expect(outcome.errors.components(separatedBy: "2.png").count == 2, "said once: \(outcome.errors)")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let rows = try #require(outcome.objects().first?["rows"] as? [[String: Any]])
        let scores = (rows.first?["runs"] as? [[String: Any]])?.first?["scores"] as? [[String: Any]]
        let names = ["BLEU-4", "ROUGE-L", "CIDEr-D", "next token %", "nats a token", "with another image"]
        #expect(scores?.compactMap { $0["name"] as? String } == names)
    }

    @Test func aStudyTrainsMeasuresAndIsNotMadeTwice() throws {
        let study = try folder.write(
            "s.json",
            """
            {"name": "s", "seeds": [1], "images": 2, "variants": [{"name": "a/b"}, {"name": "paper", "model": {"preset": "paper"}}],
             "config": {"logEvery": 1, "stages": [{"steps": 1, "images": 2, "maxObjects": 1}], "model": {"format": "sdict-vlm",
              "version": 1, "preset": "gated", "width": 16, "visionLayers": 1, "textLayers": 1, "fusionLayers": 1, "visionAtoms": 6,
              "textAtoms": 4, "imageSize": 64, "patchSize": 16, "vocabularySize": 300, "answers": 40, "maxSuffix": 24,
              "maxPrompt": 24, "mlpRatio": 2}}}
            """.utf8)
        let arguments = ["eval", "study", study, "--run", folder.file("runs"), "--json"]
        let first = try Program.run(arguments)
        #expect(first.status == 0 && first.errors.contains("a/b, seed 1"), "\(first.errors)")
        let rows = try #require(first.objects().first?["rows"] as? [[String: Any]])
        #expect(rows.compactMap { $0["name"] as? String } == ["a/b", "paper"])
        let second = try Program.run(arguments)
        #expect(second.output == first.output && second.errors.isEmpty)
        let other = try Program.run(arguments + ["--seeds", "2"])
        #expect(other.status == 0 && other.errors.contains("a/b, seed 2") && !other.errors.contains("seed 1"), "\(other.errors)")
        #expect(try #require(other.objects().first?["command"] as? String).contains("--seeds 2"))
        let one = try Program.run(arguments + ["--variant", "paper"])
        #expect(try #require(one.objects().first?["rows"] as? [[String: Any]]).compactMap { $0["name"] as? String } == ["paper"])
        let none = try Program.run(arguments + ["--variant", "a"])
        #expect(none.status == 2 && none.errors.contains("it has a/b; paper"), "\(none.errors)")
        for list in ["", "2,2", "2,x", "-1"] { #expect(try Program.run(arguments + ["--seeds", list]).status == 2, "\(list)") }
        let unknown = try Program.run("eval", "study", "no-such-study")
        #expect(unknown.status == 1 && unknown.errors.contains("no-such-study"))
    }

    @Test func theReportIsWhatStandsInThePackage() throws {
        let outcome = try Program.run("eval", "report")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let standing = try String(
            contentsOf: package.appendingPathComponent("Sources/SpectralEngine/Bundled/evidence/README.md"), encoding: .utf8)
        #expect(outcome.output == standing, "sdict eval report --folder Sources/SpectralEngine/Bundled/evidence --write renews it")
    }

    @Test func aReportSaysWhatIsNotMeasured() throws {
        try folder.write(
            "report.json",
            """
            {"title": "T", "introduction": "I.", "parts": [{"title": "A", "table": "a.md", "command": "sdict eval k", "picture": "a.png"},
             {"title": "B", "table": "b.md", "command": "sdict eval pointing", "remarks": ["R."]}]}
            """.utf8)
        try folder.write("a.md", "| x |\n".utf8)
        let outcome = try Program.run("eval", "report", "--folder", folder.path)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("| x |") && outcome.output.contains("![A](a.png)") && outcome.output.contains("Measured by `sdict eval k`."))
        #expect(outcome.output.contains("R.\n\nNot measured yet: `sdict eval pointing` does."))
        let written = try Program.run("eval", "report", "--folder", folder.path, "--write")
        #expect(written.status == 0)
        #expect(try String(contentsOfFile: folder.file("README.md"), encoding: .utf8) == outcome.output)
        let missing = try Program.run("eval", "report", "--folder", folder.file("none"))
        #expect(missing.status == 1 && missing.errors.contains("cannot be read"))
    }

    @Test func aJobThatWasNotTrainedIsRefused() throws {
        let captioner = try TinyCheckpoint.write(to: folder.file("captioner"), jobs: [.caption]), image = try folder.scene("a.png")
        #expect(try Program.run("caption", image, "--checkpoint", captioner).status == 0)
        for arguments in [
            ["ask", image, "what is it?"], ["ground", image, "the red circle"],
            ["lens", image, "--question", "what is it?", "--mute", "vision/0"],
        ] {
            let outcome = try Program.run(arguments + ["--checkpoint", captioner])
            #expect(outcome.status == 1 && outcome.output.isEmpty, "\(arguments)")
            #expect(outcome.errors.contains("was not trained to") && outcome.errors.contains("it was to write captions"), "\(outcome.errors)")
        }
        // Side by side every checkpoint does what it can, and what it cannot is said.
        let compared = try Program.run("compare", image, "--k", "6,2", "--question", "what is it?", "--checkpoint", captioner)
        #expect(compared.status == 0 && compared.output.contains("  caption  ") && !compared.output.contains("  answer  "))
        #expect(compared.errors.contains("it was not trained to answer questions, which is left out"), "\(compared.errors)")
        let asker = try TinyCheckpoint.write(to: folder.file("asker"), jobs: [.vqa])
        let asked = try Program.run("compare", image, "--k", "6,2", "--question", "what is it?", "--checkpoint", asker)
        #expect(asked.status == 0 && !asked.output.contains("  caption  ") && asked.output.contains("  answer  "), "\(asked.errors)")
        let nothing = try Program.run("compare", image, "--k", "6,2", "--checkpoint", asker)
        #expect(nothing.status == 1 && nothing.errors.contains("it was to answer questions"), "\(nothing.errors)")
        let measured = try Program.run("eval", "--checkpoint", captioner, "--images", "2", "--quick")
        #expect(measured.status == 0 && measured.output.contains("grounding mean IoU") && !measured.output.contains("0.000"))
        let k = try Program.run("eval", "k", "--checkpoint", captioner, "--scenes", "2")
        #expect(k.status == 1 && k.output.isEmpty && k.errors.contains("was not trained to answer questions"))
        let facts = try Program.run("inspect", captioner)
        #expect(facts.output.contains("write captions") && !facts.output.contains("answer questions"))
    }
}
