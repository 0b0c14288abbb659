import Foundation
import SpectralFormats
import SpectralTraining
import Testing

/// `sdict eval caption` and `vqa` as a user runs them, on generated scenes.
@Suite struct EvalDataTests {
    let folder: TemporaryFolder
    let scenes: String
    let out: String

    init() throws {
        folder = try TemporaryFolder()
        scenes = folder.file("scenes")
        out = folder.file("results.json")
        #expect(try Program.run("scenes", "make", scenes, "--count", "6", "--seed", "11").status == 0)
    }

    private func list(_ path: String) throws -> [[String: Any]] {
        try #require(JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: path))) as? [[String: Any]])
    }

    private func eval(_ task: String, _ data: String, _ more: String...) throws -> Program.Outcome {
        try Program.run(["eval", task, "--data", scenes + "/" + data, "--images", scenes + "/images", "--out", out] + more)
    }

    @Test func captionsOfTheBundledCheckpoint() throws {
        let table = folder.file("table.md")
        let outcome = try eval("caption", "captions.json", "--json", "--table", table)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let report = try #require(try outcome.objects().first)
        #expect(Set(report.keys) == ["command", "data", "decoding", "columns"])
        let column = try #require((report["columns"] as? [[String: Any]])?.first)
        let scores = try #require(column["scores"] as? [String: Any])
        // It was trained on such captions.
        #expect(try #require((scores["bleu"] as? [Double])?.first) > 0.6)
        #expect(try #require(scores["ciderD"] as? Double) > 1)
        let results = try list(out)
        #expect(results.map { $0["image_id"] as? Int } == [0, 1, 2, 3, 4, 5])
        #expect(results.allSatisfy { ($0["caption"] as? String)?.isEmpty == false && $0.count == 2 })
        #expect(!FileManager.default.fileExists(atPath: out + ".partial"))
        #expect(outcome.errors.contains("6 of 6 images"))
        #expect(try String(contentsOfFile: table, encoding: .utf8).contains("| METEOR (exact, stem) |"))

        let flickr = try folder.write("dev.tsv", Array("image\tcaption\n000002.png\ta scene\n000002.png\tanother\n".utf8))
        let other = try Program.run(
            "eval", "caption", "--data", flickr, "--images", scenes + "/images", "--out", out, "--beam", "2", "--report",
            "markdown")
        #expect(other.status == 0 && other.output.contains("--format flickr8k --beam 2") && other.output.contains("| beam 2 |"))
        #expect(try list(out).map { $0["image_id"] as? Int } == [1])

        let shorter = try Program.run(
            "eval", "caption", "--data", flickr, "--images", scenes + "/images", "--out", out, "--beam", "2",
            "--length-penalty", "0.5", "--report", "markdown")
        #expect(shorter.status == 0 && shorter.output.contains("--beam 2 --length-penalty 0.5"))
        #expect(shorter.output.contains("| beam 2, length penalty 0.5 |"))
    }

    @Test func baselinesStandBeside() throws {
        let outcome = try eval("caption", "captions.json", "--json", "--baselines", scenes + "/captions.json")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let report = try #require(try outcome.objects().first), columns = try #require(report["columns"] as? [[String: Any]])
        #expect(columns.compactMap { ($0["model"] as? [String: Any])?["title"] as? String } == ["scenes-any-k", "constant", "nearest"])
        let nearest = try #require(columns[2]["scores"] as? [String: Any])
        // Its own image is among those it is compared with.
        #expect((nearest["bleu"] as? [Double])?.allSatisfy { $0 > 0.999 } == true)
        #expect((report["constant"] as? String)?.isEmpty == false)
        #expect(try eval("caption", "captions.json", "--baseline-images", scenes).status == 2)
    }

    /// What is read must not be written over: people's captions and answers are the dearer.
    @Test func resultsDoNotReplaceTheData() throws {
        let truth = try Data(contentsOf: URL(fileURLWithPath: scenes + "/captions.json"))
        for (task, file, replaced) in [
            ("caption", "captions.json", "captions.json"), ("vqa", "questions.json", "questions.json"),
            ("vqa", "questions.json", "annotations.json"),
        ] {
            for option in ["--out", "--table"] {
                let wrong = try Program.run(
                    ["eval", task, "--data", "\(scenes)/\(file)", "--images", scenes + "/images", option, "\(scenes)/./\(replaced)"]
                        + (option == "--out" ? [] : ["--out", out]))
                #expect(wrong.status == 2 && wrong.errors.contains("\(option) ") && wrong.errors.contains("would overwrite what is read"))
            }
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: scenes + "/captions.json")) == truth)
    }

    @Test func wordsAreCountedInCaptions() throws {
        for list in ["", "dog,", "hot dog", "/"] {
            #expect(try eval("caption", "captions.json", "--words", list).status == 2, "\(list)")
        }
        let outcome = try eval(
            "caption", "captions.json", "--limit", "4", "--json", "--words", "Red, circle/square", "--checkpoint", "scenes")
        let report = try #require(try outcome.objects().first)
        let words = (report["columns"] as? [[String: Any]])?.first?["words"] as? [[String: Any]]
        #expect(words?.compactMap { $0["words"] as? String } == ["red", "circle/square"], "\(outcome.errors)")
        #expect(words?.allSatisfy { ($0["named"] as? Int ?? 9) + ($0["unnamed"] as? Int ?? 9) <= 4 } == true)
        #expect((report["command"] as? String)?.contains("--words red,circle/square ") == true)
    }

    @Test func answersOfTheBundledCheckpoint() throws {
        let outcome = try eval(
            "vqa", "questions.json", "--blank", "--json", "--limit", "50", "--checkpoint", "scenes", "--against", "scenes-paper",
            "--against", "scenes:2")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let report = try #require(try outcome.objects().first)
        #expect(Set(report.keys) == ["command", "data", "questions", "unanswerable", "columns"])
        #expect(report["questions"] as? Int == 50 && report["unanswerable"] as? Int == 0)
        let columns = try #require(report["columns"] as? [[String: Any]])
        var found: [String: Double] = [:]
        for column in columns {
            let title = try #require((column["model"] as? [String: Any])?["title"] as? String)
            let overall = (column["scores"] as? [String: Any])?["overall"] as? [String: Any]
            found[title] = overall?["accuracy"] as? Double
        }
        #expect(found.count == 12, "\(found.keys)")
        let few = columns.compactMap { $0["model"] as? [String: Any] }.filter { $0["title"] as? String == "scenes:2, both" }
        #expect(few.map { $0["k"] as? Int } == [2] && found["scenes:2, both"] ?? 1 < found["scenes, both"] ?? 0)
        let wrongs = [
            ("scenes:35", "--against is out of range: expected 1 to 34, the atoms of scenes, found 35"),
            ("scenes-attention:5", "has no atoms"), ("scenes:34", "is measured already, at K 34"),
        ]
        for (rival, problem) in wrongs {
            let wrong = try eval("vqa", "questions.json", "--checkpoint", "scenes", "--against", rival)
            #expect(wrong.status == 2 && wrong.errors.contains(problem), "\(wrong.errors)")
        }
        #expect(try #require(found["scenes, both"]) > 0.9)
        #expect(try #require(found["scenes, blank, both"]) < 0.7)
        #expect(try list(out).count == 50)
        #expect(try list(out).allSatisfy { $0["question_id"] is Int && $0["answer"] is String && $0.count == 2 })
    }

    @Test func easyVQAAndSortOfCLEVRAreTold() throws {
        let checkpoint = try TinyCheckpoint.write(to: folder.file("tiny"))
        for index in 0..<2 { try folder.scene("\(index).png", index: index) }
        func run(_ data: String) throws -> Program.Outcome {
            try Program.run(["eval", "vqa", "--data", data, "--images", folder.path, "--out", out, "--checkpoint", checkpoint])
        }
        let rowsOfEasyVQA = #"[["what shape?", "circle", 1], ["is it a zebra?", "zebra", 0]]"#
        let easy = try run(folder.write("easy.json", Array(rowsOfEasyVQA.utf8)))
        #expect(easy.status == 0, "\(easy.errors)")
        #expect(easy.output.contains("1 of 2 questions have answers that the checkpoint's list does not hold"))
        let rows = #"""
            [{"image": "0.png", "question": "what?", "answer": "red", "relational": true},
             {"image": "none\u001b.png", "question": "what?", "answer": "red", "relational": false}]
            """#
        let clevr = try run(folder.write("clevr.json", Array(rows.utf8)))
        #expect(clevr.status == 1, "an image is missing")
        #expect(clevr.output.contains("non-relational (1)") && clevr.output.contains("  relational (1)"))
        #expect(clevr.output.contains("1 of 2 images could not be read"))
        #expect(clevr.errors.contains("Warning: ") && !clevr.errors.unicodeScalars.contains("\u{1b}"))
        #expect(try list(out).map { $0["answer"] as? String }.last == "")
    }

    @Test func goesOnWhereItStoppedAndRefusesOtherSettings() throws {
        let checkpoint = try TinyCheckpoint.write(to: folder.file("tiny")), partial = out + ".partial"
        // What an interrupted run leaves, with a caption that no model would write.
        let settings = OutputSettings(
            task: "caption", checkpoint: try CheckpointFolder(path: checkpoint).contentHash(), k: TinyCheckpoint.visionAtoms,
            decoding: "greedy", data: try ContentHash.file(scenes + "/captions.json"), format: "coco", images: scenes + "/images")
        let journal = try OutputJournal(path: partial, settings: settings)
        try journal.append([ModelOutput(id: 0, text: "kept from before")])
        let other = try eval("caption", "captions.json", "--checkpoint", checkpoint, "--k", "2")
        #expect(other.status == 1 && other.output.isEmpty && other.errors.split(separator: "\n").count == 1, "\(other.errors)")
        #expect(other.errors.contains("expected k 6, found k 2") && other.errors.contains("delete it"))
        let more = try eval("caption", "captions.json", "--checkpoint", checkpoint)
        #expect(more.status == 0 && more.errors.contains("going on after 1 of 6 images"), "\(more.errors)")
        #expect(try list(out).first?["caption"] as? String == "kept from before")
        #expect(try list(out).count == 6 && !FileManager.default.fileExists(atPath: partial))
    }

    @Test func whatMakesNoSenseIsOneLine() throws {
        let image = folder.file("nowhere")
        for arguments in [
            ["caption", "--data", scenes + "/captions.json", "--images", image, "--out", out],
            ["vqa", "--data", scenes + "/questions.json", "--images", image, "--out", out],
            ["vqa", "--data", scenes + "/questions.json", "--annotations", image, "--images", scenes + "/images", "--out", out],
            ["caption", "--data", scenes + "/questions.json", "--images", scenes + "/images", "--out", out],
            ["caption", "--data", scenes + "/captions.json", "--images", scenes + "/images", "--out", image + "/results.json"],
        ] {
            let outcome = try Program.run(["eval"] + arguments)
            #expect(outcome.status == 1 && outcome.output.isEmpty, "\(arguments)")
            #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
        }
        #expect(try eval("caption", "captions.json", "--beam", "0").status == 2)
        #expect(try eval("caption", "captions.json", "--length-penalty", "1").status == 2)
        #expect(try eval("caption", "captions.json", "--beam", "2", "--length-penalty", "9").status == 2)
        #expect(try eval("vqa", "questions.json", "--limit", "0").status == 2)
        #expect(try eval("vqa", "questions.json", "--format", "coco").status == 2)
        #expect(try eval("caption", "captions.json", "--k", "99").status == 2)
        for task in ["caption", "vqa"] {
            let help = try Program.run("eval", task, "--help")
            #expect(help.status == 0 && help.output.contains("Examples:") && help.output.contains("USAGE: sdict eval \(task)"))
        }
        #expect(try Program.run("eval", "--help").output.contains("scenes (default)"))
    }
}
