// Sweeps on answers made up for the purpose, the VQA measure and question files by hand, tables read back.

import Foundation
import SpectralFormats
import Testing

@testable import SpectralLens

@Suite struct SweepTests {
    private func question(_ image: String, _ text: String, _ answers: [String] = []) -> SweepQuestion {
        SweepQuestion(image: image, question: text, answers: answers)
    }

    @Test func figuresAreThoseCountedByHand() async throws {
        let yes = [String](repeating: "yes", count: 10)
        // Image 1 has two questions, image 2 one, image 9 cannot be read; questions of one image need not stand together.
        let questions = [question("1", "p", yes), question("2", "p", yes), question("none", "p", yes), question("1", "q", yes)]
        let first = tableSource([1: ["p": "yes", "q": "no"], 2: ["p": "Yes "]], k: 4, milliseconds: 3)
        let other = tableSource([1: ["p": "yes", "q": "yes"], 2: ["p": "no"]], checkpoint: "b", hash: "2", k: 2)
        let sweep = try await ComparisonSweep.run([first, other], questions: questions, load: numberedImage)
        #expect(sweep.problems.count == 1 && sweep.problems[0].contains("none"))
        let (a, b) = (sweep.rows[0], sweep.rows[1])
        #expect(a.questions == 3 && a.images == 2 && b.questions == 3 && b.images == 2)
        #expect(a.kind == .nested && b.kind == .trained && a.k == 4 && b.k == 2 && b.checkpoint == "b")
        #expect(abs(a.accuracy! - 2.0 / 3) < 1e-12 && abs(b.accuracy! - 2.0 / 3) < 1e-12)
        #expect(a.agreement == 1 && abs(b.agreement - 1.0 / 3) < 1e-12)
        // A quarter for each question of image 1, a half for that of image 2.
        #expect(abs(a.probability - 1.0 / 3) < 1e-12)
        #expect(a.milliseconds == 3.5 && b.milliseconds == 1.5)
        #expect(abs(a.gflops - 4e-6) < 1e-15 && a.stateBytes == 400 && b.stateBytes == 200)
        // By image, not by question: (1 + 2) / 8 / 2.
        #expect(a.reconstructionError == 0.1875)
    }

    @Test func withoutAnswersThereIsNoAccuracy() async throws {
        let sweep = try await ComparisonSweep.run(
            [tableSource([1: ["p": "yes"]])], questions: [question("1", "p")], load: numberedImage)
        #expect(sweep.rows[0].accuracy == nil && sweep.rows[0].agreement == 1)
        await #expect(throws: ComparisonSweep.Failure.self) {
            try await ComparisonSweep.run([tableSource([:])], questions: [question("none", "p")], load: numberedImage)
        }
    }

    @Test func aCancelledSweepStops() async {
        let questions = [question("1", "p"), question("2", "p")]
        let task = Task {
            try await ComparisonSweep.run([tableSource([:])], questions: questions, load: numberedImage) { progress in
                // After the first image.
                #expect(progress.done == 1)
                withUnsafeCurrentTask { $0?.cancel() }
            }
        }
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test func accuracyIsThatOfTheChallenge() {
        func accuracy(_ equal: Int) -> Double? {
            question("", "", [String](repeating: "red", count: equal) + [String](repeating: "blue", count: 10 - equal))
                .accuracy(of: "red")
        }
        // Of ten subsets of nine, those without one of the equal answers have one fewer: e.g. 3 equal, (3 * 2/3 + 7) / 10.
        for (equal, expected) in [(0, 0.0), (1, 0.3), (2, 0.6), (3, 0.9), (4, 1), (10, 1)] {
            #expect(abs(accuracy(equal)! - expected) < 1e-12, "\(equal) equal")
        }
        #expect(question("", "", ["Red "]).accuracy(of: " red") == 1)
        #expect(question("", "", ["red"]).accuracy(of: "blue") == 0)
        #expect(question("", "", []).accuracy(of: "red") == nil)
        // The challenge's normalisation, and its thirds however few the answers: with "blue" set aside one is equal.
        #expect(question("", "", [String](repeating: "2", count: 10)).accuracy(of: "two") == 1)
        #expect(abs(question("", "", ["red", "blue"]).accuracy(of: "red")! - 1.0 / 6) < 1e-12)
    }

    // MARK: Files

    private func folder() throws -> URL {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("sweep-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        return url
    }

    @Test func readsWhatScenesMakeWrites() throws {
        let url = try folder()
        defer { try? FileManager.default.removeItem(at: url) }
        try SceneDataset.write(to: url, count: 2, seed: 3, split: .dev, questionsPerScene: 4) { try ImageFile.encodePNG($0) }
        let records = try QuestionFiles.questions(url.appendingPathComponent("questions.json").path)
        let answers = try QuestionFiles.answers(url.appendingPathComponent("annotations.json").path)
        let images = try QuestionFiles.Images(folder: url.appendingPathComponent("images").path)
        let asked = (0..<2).flatMap { Scene.draw(split: .dev, seed: 3, index: $0).questions(count: 4) }
        #expect(records.map(\.question) == asked.map(\.text))
        #expect(records.map { answers[$0.questionId] ?? [] } == asked.map { [String](repeating: $0.answer, count: 10) })
        #expect(try images.path(of: 1).hasSuffix("/images/000001.png"))
        #expect(throws: QuestionFileError.self) { try images.path(of: 2) }
    }

    @Test func readsTheChallengesOwnNames() throws {
        let url = try folder()
        defer { try? FileManager.default.removeItem(at: url) }
        for name in ["COCO_val2014_000000262148.jpg", "7.png", "a7.webp", "notes.txt", "photo.png"] {
            try Data().write(to: url.appendingPathComponent(name))
        }
        let images = try QuestionFiles.Images(folder: url.path)
        #expect(try images.path(of: 262_148).hasSuffix("/COCO_val2014_000000262148.jpg"))
        #expect { try images.path(of: 7) } throws: { "\($0)".contains("7.png, a7.webp") }

        let file = url.appendingPathComponent("questions.json")
        let text = #"{"info": {}, "questions": [{"question_id": 5, "image_id": 7, "question": "Is it?"}], "license": 1}"#
        try Data(text.utf8).write(to: file)
        #expect(try QuestionFiles.questions(file.path) == [QuestionRecord(questionId: 5, imageId: 7, question: "Is it?")])
    }

    @Test(arguments: [
        ("{", ""), (#"{"questions": [{"question_id": 1, "image_id": 2}]}"#, "questions[0].question"),
        (#"{"questions": [{"question_id": "1", "image_id": 2, "question": "q"}]}"#, "questions[0]"), ("[]", ""),
    ])
    func aBrokenFileIsOneLine(text: String, place: String) throws {
        let url = try folder(), file = url.appendingPathComponent("questions.json")
        defer { try? FileManager.default.removeItem(at: url) }
        try Data(text.utf8).write(to: file)
        #expect { try QuestionFiles.questions(file.path) } throws: { error in
            "\(error)".contains(file.path) && (place.isEmpty || "\(error)".contains(place)) && !"\(error)".contains("\n")
        }
        #expect(throws: QuestionFileError.self) { try QuestionFiles.answers(url.path) }
        #expect(throws: QuestionFileError.self) { try QuestionFiles.answers(file.path + ".none") }
        #expect(throws: QuestionFileError.noFolder(path: file.path)) { try QuestionFiles.Images(folder: file.path) }
    }
}
