import Foundation
import Testing

@testable import SpectralFormats

@Suite("Scenes: the data set on disk")
struct SceneDatasetTests {
    private func withFolder(_ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("scenes-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder)
    }

    private func json(_ folder: URL, _ name: String) throws -> [String: Any] {
        let data = try Data(contentsOf: folder.appendingPathComponent(name))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    @Test("images, captions, questions, answers, boxes and truth agree with the scenes")
    func contents() throws {
        try withFolder { (folder: URL) throws in
            var steps: [Int] = []
            try SceneDataset.write(
                to: folder, count: 12, seed: 30, split: .dev, questionsPerScene: 5, encode: { $0.pixels },
                progress: { steps.append($0) })
            #expect(steps == Array(1...12))
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
            #expect(
                names == [
                    "annotations.json", "captions.json", "grounding.json", "images", "questions.json", "scenes.json",
                ])

            let captions = try json(folder, "captions.json")
            let images = try #require(captions["images"] as? [[String: Any]])
            #expect(images.count == 12)
            #expect(images[3]["file_name"] as? String == "images/000003.png")
            #expect(images[3]["width"] as? Int == 64 && images[3]["height"] as? Int == 64)
            #expect(captions["licenses"] is [Any] && captions["info"] is [String: Any])
            let texts = try #require(captions["annotations"] as? [[String: Any]])
            #expect(texts.count == 12)

            let questions = try #require(try json(folder, "questions.json")["questions"] as? [[String: Any]])
            let answers = try #require(try json(folder, "annotations.json")["annotations"] as? [[String: Any]])
            #expect(questions.count == 60 && answers.count == 60)
            #expect(Set(questions.compactMap { $0["question_id"] as? Int }).count == 60)
            for (question, answer) in zip(questions, answers) {
                #expect(question["question_id"] as? Int == answer["question_id"] as? Int)
                let scene = Scene.draw(split: .dev, seed: 30, index: try #require(question["image_id"] as? Int))
                let found = SceneOracle(scene: scene).answer(try #require(question["question"] as? String))
                #expect(found == answer["multiple_choice_answer"] as? String)
                let given = try #require(answer["answers"] as? [[String: Any]])
                #expect(given.count == 10 && given.allSatisfy { $0["answer"] as? String == found })
                #expect(given.map { $0["answer_id"] as? Int } == (1...10).map { $0 })
                let type =
                    ["yes", "no"].contains(found)
                    ? "yes/no" : SceneOracle.numbers.contains(found ?? "") ? "number" : "other"
                #expect(answer["answer_type"] as? String == type)
                #expect(QuestionKind(rawValue: answer["question_type"] as? String ?? "") != nil)
            }

            let grounding = try json(folder, "grounding.json")
            let categories = try #require(grounding["categories"] as? [[String: Any]])
            let boxes = try #require(grounding["annotations"] as? [[String: Any]])
            #expect(!boxes.isEmpty)
            for box in boxes {
                let scene = Scene.draw(split: .dev, seed: 30, index: try #require(box["image_id"] as? Int))
                let category = try #require(categories.first { $0["id"] as? Int == box["category_id"] as? Int })
                let words = try #require(category["name"] as? String).split(separator: " ").dropFirst().map(String.init)
                let named = try #require(SceneOracle(scene: scene).matching(words))
                #expect(named.count == 1)
                let truth = scene.render().boxes[try #require(scene.objects.firstIndex(of: named[0]))]
                #expect(box["bbox"] as? [Int] == [truth.x, truth.y, truth.width, truth.height])
            }

            let truths = try #require(try json(folder, "scenes.json")["scenes"] as? [[String: Any]])
            for (index, truth) in truths.enumerated() {
                let scene = Scene.draw(split: .dev, seed: 30, index: index)
                #expect(truth["caption"] as? String == scene.caption())
                #expect(texts[index]["caption"] as? String == scene.caption())
                let stored = try #require(truth["scene"] as? [String: Any])
                let objects = try #require(stored["objects"] as? [[String: Any]])
                #expect(objects.map { $0["colour"] as? String } == scene.objects.map(\.colour.word))
                let image = try Data(
                    contentsOf: folder.appendingPathComponent(String(format: "images/%06d.png", index)))
                #expect(Array(image) == scene.render().image.pixels)
            }
        }
    }

    @Test("a scene survives encoding")
    func coding() throws {
        let scene = Scene.draw(split: .heldout, seed: 31, index: 4)
        #expect(try JSONDecoder().decode(Scene.self, from: JSONEncoder().encode(scene)) == scene)
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([SceneColour].self, from: Data(#"["mauve"]"#.utf8))
        }
    }

    @Test("a folder that is not empty, a file in the way and numbers out of range are refused")
    func refusals() throws {
        func write(_ folder: URL, count: Int = 1, maxObjects: Int = 4) throws {
            try SceneDataset.write(
                to: folder, count: count, seed: 1, split: .train, maxObjects: maxObjects, encode: { $0.pixels })
        }
        try withFolder { (folder: URL) throws in
            try write(folder)
            let before = try Data(contentsOf: folder.appendingPathComponent("captions.json"))
            #expect(throws: SceneError.folderNotEmpty(path: folder.path)) { try write(folder, count: 2) }
            let after = try Data(contentsOf: folder.appendingPathComponent("captions.json"))
            #expect(after == before)
            let file = folder.appendingPathComponent("scenes.json")
            #expect(throws: SceneError.folderNotEmpty(path: file.path)) { try write(file) }
            let below = file.appendingPathComponent("inner")
            #expect(throws: SceneError.self) { try write(below) }
        }
        try withFolder { (folder: URL) throws in
            #expect(throws: SceneError.countOutOfRange(found: 0)) { try write(folder, count: 0) }
            #expect(throws: SceneError.objectsOutOfRange(found: 5)) { try write(folder, maxObjects: 5) }
            #expect(!FileManager.default.fileExists(atPath: folder.path))
        }
        let error = SceneError.cannotWrite(path: "a\u{1B}[2Jb\nc", reason: "no room").description
        #expect(!error.contains("\u{1B}") && !error.contains("\n"))
    }

    @Test("work that is stopped leaves no annotation file")
    func stopped() throws {
        struct Stop: Error {}
        try withFolder { (folder: URL) throws in
            #expect(throws: Stop.self) {
                try SceneDataset.write(
                    to: folder, count: 5, seed: 1, split: .train, encode: { $0.pixels },
                    progress: { if $0 == 3 { throw Stop() } })
            }
            let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(left == ["images"])
        }
    }
}
