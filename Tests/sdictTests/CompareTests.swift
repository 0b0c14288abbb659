import Foundation
import SpectralEngine
import SpectralFormats
import SpectralLens
import Testing

/// `sdict compare` as a user runs it: columns, disagreements, sweeps, wrong use.
@Suite struct CompareTests {
    let folder: TemporaryFolder
    let checkpoint: String

    init() throws {
        folder = try TemporaryFolder()
        checkpoint = try TinyCheckpoint.write(to: folder.file("tiny"))
    }

    /// Dense, as two runs may differ in their last bits where transforms are picked by their speed.
    private func compare(_ arguments: String...) throws -> Program.Outcome {
        try Program.run(["compare", "--checkpoint", checkpoint, "--transform", "dense"] + arguments)
    }

    // MARK: One image

    @Test func columnsAnswerAsAskDoes() throws {
        let image = try folder.scene("a.png"), question = "what shape is the red object?"
        let twin = try TinyCheckpoint.write(to: folder.file("twin"), seed: 2, preset: .attention)
        let outcome = try compare(
            image, "--json", "--k", "6,2", "--against", checkpoint + ":3", "--against", twin, "--question", question, "--phrase",
            "red circle")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let object = try #require(outcome.objects().first)
        #expect(Set(object.keys) == ["image", "question", "phrase", "warnings", "columns"])
        let columns = try #require(object["columns"] as? [[String: Any]])
        #expect(columns.map { $0["k"] as? Int } == [6, 2, 3, 6])
        #expect(columns.map { $0["kind"] as? String } == ["nested", "nested", "nested", "trained"])
        let everywhere: Set = [
            "checkpoint", "hash", "preset", "kind", "k", "visionAtoms", "caption", "tokens", "answer", "candidates", "box",
            "milliseconds", "visionMilliseconds", "gflops", "operations", "stateBytes",
        ]
        #expect(Set(columns[0].keys) == everywhere.union(["reconstructionError"]))
        #expect(Set(columns[1].keys) == everywhere.union(["reconstructionError", "agreement", "matching"]))
        #expect(Set(columns[3].keys) == everywhere.union(["agreement", "matching"]))
        let matching = try #require(columns[1]["matching"] as? [[String: Any]])
        #expect(matching.map { $0["stack"] as? String } == ["vision", "text", "fusion"])
        #expect(matching[0]["onlyFirst"] as? [Int] == [2, 3, 4, 5])
        #expect((columns[3]["matching"] as? [Any])?.isEmpty == true)
        // Fewer atoms cost less, and a prefix and a running spectrum of (k + 3) complex rows of 16 floats remain.
        let gflops = columns.compactMap { $0["gflops"] as? Double }
        #expect(gflops[1] < gflops[2] && gflops[2] < gflops[0])
        let rowBytes = 2 * 2 * 16 * 4, stateBytes = columns.prefix(3).compactMap { $0["stateBytes"] as? Int }
        #expect(stateBytes == [9 * rowBytes, 5 * rowBytes, 6 * rowBytes])

        for (column, k) in zip(columns, ["6", "2", "3"]) {
            let asked = try Program.run(
                "ask", "--json", "--checkpoint", checkpoint, "--transform", "dense", "--k", k, image, question)
            let answer = try #require(asked.objects().first)
            #expect(column["answer"] as? String == answer["answer"] as? String)
            #expect(column["candidates"] as? [NSDictionary] == answer["candidates"] as? [NSDictionary])
        }
        let found = try Program.run(
            "ground", "--json", "--checkpoint", checkpoint, "--transform", "dense", image, "red circle")
        #expect(columns[0]["box"] as? [Double] == (try found.objects()[0]["box"] as? [Double]))
    }

    @Test func theTableNamesEveryColumn() throws {
        let image = try folder.scene("a.png"), other = try TinyCheckpoint.write(to: folder.file("other"), seed: 2)
        let outcome = try compare(image, "--k", "6,2", "--against", other)
        #expect(outcome.status == 0, "\(outcome.errors)")
        for label in ["tiny K 6 of 6, nested", "tiny K 2 of 6, nested", "other K 6 of 6, trained"] {
            #expect(outcome.lines.contains(label), "\(label)")
        }
        for row in ["milliseconds", "GFLOPs", "state bytes", "reconstruction error", "same caption"] {
            #expect(outcome.lines.contains { $0.hasPrefix(row) }, "\(row)")
        }
        #expect(!outcome.output.contains("same answer"), "nothing was asked")
        #expect(outcome.output.contains("vision: 2 paired, 2 of them exactly; only in tiny K 6: 2-5"))
    }

    // MARK: A folder

    @Test func disagreementsAreThoseOfTheColumns() throws {
        let images = folder.file("images")
        try FileManager.default.createDirectory(atPath: images, withIntermediateDirectories: true)
        for index in 0..<4 { try folder.scene("images/\(index).png", index: index) }
        let question = "how many objects are there?"
        let outcome = try compare("--disagree", images, "--json", "--k", "6,1", "--question", question)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let found = Set(try outcome.objects().compactMap { $0["image"] as? String })
        var expected: Set<String> = []
        for index in 0..<4 {
            let path = images + "/\(index).png"
            let answers = try ["6", "1"].map { k in
                try Program.run("ask", "--json", "--checkpoint", checkpoint, "--k", k, path, question).objects()[0]["answer"] as? String
            }
            if answers[0] != answers[1] { expected.insert(path) }
        }
        #expect(found == expected)

        try folder.write("images/broken.png", [1, 2, 3])
        let broken = try compare("--disagree", images, "--k", "6,5", "--question", question)
        #expect(broken.status == 1 && broken.errors.contains("broken.png"))
    }

    // MARK: A sweep

    /// At all of its atoms the bundled checkpoint says in a sweep what it says when asked.
    @Test func aSweepAsksThePlainQuestions() async throws {
        let scenes = folder.file("scenes")
        #expect(try Program.run("scenes", "make", scenes, "--count", "3", "--seed", "21").status == 0)
        let outcome = try Program.run(
            "compare", "--sweep", scenes + "/questions.json", "--images", scenes + "/images", "--k", "34,2", "--limit", "30",
            "--json", "--transform", "dense")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let rows = try #require(outcome.objects().first?["rows"] as? [[String: Any]])
        #expect(rows.map { $0["k"] as? Int } == [34, 2] && rows.allSatisfy { $0["questions"] as? Int == 30 })

        let engine = try await Engine(checkpoint: Bundled.checkpointPath(), transform: .dense)
        var right = 0.0, same = 0.0, probability = [0.0, 0.0]
        for index in 0..<3 {
            let scene = Scene.draw(split: .dev, seed: 21, index: index), image = scene.render().image
            for question in scene.questions(count: 12).prefix(30 - 12 * index) {
                var said: [String] = []
                for (i, k) in [34, 2].enumerated() {
                    let result = try await engine.result(of: EngineRequest(.ask(question: question.text), image: image, k: k))
                    guard case .answer(let made) = result.output else { return }
                    said.append(made.answer)
                    probability[i] += Double(made.candidates[0].probability)
                }
                right += said[0] == question.answer ? 1 : 0
                same += said[0] == said[1] ? 1 : 0
            }
        }
        #expect(rows[0]["accuracy"] as? Double == right / 30 && rows[0]["agreement"] as? Double == 1)
        #expect(rows[1]["agreement"] as? Double == same / 30)
        for (row, sum) in zip(rows, probability) {
            #expect(abs(try #require(row["probability"] as? Double) - sum / 30) < 1e-5)
        }
        #expect(right / 30 > 0.8, "questions that are not answered would show little")
    }

    @Test(arguments: ["text", "csv", "markdown"])
    func sweepsAreWrittenAsTables(format: String) throws {
        let scenes = folder.file("scenes"), output = folder.file("sweep")
        #expect(try Program.run("scenes", "make", scenes, "--count", "1").status == 0)
        let sweep = scenes + "/questions.json"
        let printed = try compare("--sweep", sweep, "--k", "6,3", "--limit", "2", "--format", format)
        #expect(printed.status == 0, "\(printed.errors)")
        // People's answers are found beside the questions, and not written over.
        for read in ["questions.json", "annotations.json"] {
            let wrong = try compare("--sweep", sweep, "--k", "6,3", "--limit", "2", "--output", scenes + "/" + read)
            #expect(wrong.status == 2 && wrong.errors.contains("would overwrite what is read"), "\(wrong.errors)")
        }
        let saved = try compare("--sweep", sweep, "--k", "6,3", "--limit", "2", "--format", format, "--output", output)
        #expect(saved.status == 0 && saved.output.isEmpty)
        // Both runs say the same but for the times.
        let separator: Character = ["csv": ",", "markdown": "|"][format] ?? " "
        func cells(_ text: String) -> [[Substring]] {
            text.split(whereSeparator: \.isNewline).map { $0.split(separator: separator) }
        }
        let a = cells(printed.output), b = cells(try String(contentsOfFile: output, encoding: .utf8))
        #expect(a.count == (format == "markdown" ? 4 : 3) && a.map(\.count) == b.map(\.count))
        #expect(a[0] == b[0])
        for (x, y) in zip(a.dropFirst(), b.dropFirst()) { #expect(zip(x, y).count { $0 != $1 } <= 1) }
        if format == "csv" { #expect(printed.output.unicodeScalars.count { $0 == "\r" } == 3 && printed.output.hasSuffix("\r\n")) }

        try FileManager.default.removeItem(atPath: scenes + "/annotations.json")
        let blind = try compare("--sweep", sweep, "--k", "6,3", "--limit", "1", "--json")
        #expect(blind.status == 0 && blind.errors.contains("accuracy is left out"))
        let rows = try #require(blind.objects().first?["rows"] as? [[String: Any]])
        #expect(rows.allSatisfy { $0["accuracy"] == nil })
    }

    // MARK: Wrong use

    @Test func wrongUse() throws {
        let image = try folder.scene("a.png")
        let two = ["--k", "6,3"], range = "1 to \(TinyCheckpoint.visionAtoms)"
        let wrong: [([String], String)] = [
            ([image], "nothing to compare"), ([image, "--k", "6"], "2 to 4 columns"),
            ([image, "--k", "6,5,4,3,2"], "2 to 4 columns"), ([image, "--k", "7,6"], range), ([image, "--k", "6,0"], range),
            ([image, "--k", "-1,2"], range), ([image, "--k", "6,,2"], "whole numbers"), ([image, "--k", "6,6"], "twice"),
            ([image, "--against", checkpoint], "two columns"),
            ([image, "--against", checkpoint + ":9"], "--against is out of range"), (two, "expected one of"),
            ([image, "--sweep", "q.json"] + two, "expected one of"), ([image, "--format", "csv"] + two, "belongs to --sweep"),
            (["--sweep", "q.json", "--question", "q"] + two, "leave out"),
            ([image, "--question", "a", "--question", "b"] + two, "one at a time"),
            ([image, "--candidates", "0"] + two, "at least 1"),
            (["--sweep", "q.json", "--json", "--format", "csv"] + two, "contradict"),
            (["--disagree", ".", "--limit", "0"] + two, "at least 1"),
        ]
        for (arguments, says) in wrong {
            let outcome = try Program.run(["compare", "--checkpoint", checkpoint] + arguments)
            #expect(outcome.status == 2 && outcome.output.isEmpty, "\(arguments): \(outcome.errors)")
            #expect(outcome.errors.hasPrefix("Error: ") && outcome.errors.contains(says), "\(arguments): \(outcome.errors)")
            #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
        }
        // The attention twin has no K to compare.
        let twin = try Program.run("compare", image, "--checkpoint", "scenes-attention", "--k", "34,8")
        #expect(twin.status == 2 && twin.errors.contains("scenes-attention has no atoms"), "\(twin.errors)")
    }

    @Test func whatIsNotThere() throws {
        let image = try folder.scene("a.png"), none = folder.file("none\u{1b}[2J"), scenes = folder.file("scenes")
        #expect(try Program.run("scenes", "make", scenes, "--count", "1").status == 0)
        for arguments in [
            [none, "--k", "6,3"], ["--disagree", none, "--k", "6,3"], ["--sweep", none, "--k", "6,3"], [image, "--against", none],
            ["--sweep", scenes + "/questions.json", "--images", none, "--k", "6,3"],
            ["--sweep", scenes + "/questions.json", "--annotations", none, "--k", "6,3"],
            ["--sweep", scenes + "/questions.json", "--images", folder.path, "--k", "6,3"],
            ["--sweep", scenes + "/captions.json", "--k", "6,3"],
            ["--sweep", scenes + "/questions.json", "--k", "6,3", "--output", none + "/sweep.csv"],
        ] {
            let outcome = try Program.run(["compare", "--checkpoint", checkpoint] + arguments)
            #expect(outcome.status == 1 && outcome.output.isEmpty, "\(arguments)")
            #expect(outcome.errors.split(separator: "\n").count { $0.hasPrefix("Error: ") } == 1, "\(outcome.errors)")
            #expect(!outcome.errors.unicodeScalars.contains("\u{1b}"))
        }
    }

    @Test func help() throws {
        let outcome = try Program.run("compare", "--help")
        #expect(outcome.status == 0 && outcome.output.contains("Examples:") && outcome.output.contains("reconstructionError"))
    }
}
