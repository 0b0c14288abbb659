import Foundation

/// Writes scenes as a folder of images and annotation files:
///
/// - `images/NNNNNN.png`, named by scene index
/// - `captions.json`: COCO captions
/// - `grounding.json`: COCO instances whose categories are the referring phrases
/// - `questions.json`, `annotations.json`: VQAv2 questions and their answers
/// - `scenes.json`: the full truth
///
/// Image ids are scene indices; a question's id is `imageId * 1000` plus its place, other ids count from 1.
public enum SceneDataset {
    /// The most scenes one folder takes: image names have six digits.
    public static let mostScenes = 1_000_000

    /// The truth about one image in `scenes.json`.
    struct Truth: Encodable {
        let imageId: Int
        let fileName: String
        let caption: String
        let scene: Scene
        let boxes: [SceneBox]
    }

    /// Draws and writes scenes `0 ..< count` of a split.
    ///
    /// - Parameters:
    ///   - folder: a folder that is empty or does not exist yet; it is made, with the folders above it.
    ///   - encode: turns an image into the bytes of a PNG file. What it throws is passed on.
    ///   - progress: told the number of scenes written so far; by throwing it stops the work.
    /// - Throws: `SceneError` when the folder is not empty, a number is out of range, or a file cannot be written.
    public static func write(
        to folder: URL, count: Int, seed: UInt64, split: SceneSplit, maxObjects: Int = Scene.mostObjects,
        questionsPerScene: Int = 12, encode: (PixelImage) throws -> [UInt8], progress: (Int) throws -> Void = { _ in }
    ) throws {
        guard (1...mostScenes).contains(count) else { throw SceneError.countOutOfRange(found: count) }
        guard (1...Scene.mostObjects).contains(maxObjects) else {
            throw SceneError.objectsOutOfRange(found: maxObjects)
        }
        guard (0...999).contains(questionsPerScene) else {
            throw SceneError.questionsOutOfRange(found: questionsPerScene)
        }
        let images = try prepare(folder)
        var files = try Files(folder: folder, count: count, seed: seed, split: split, maxObjects: maxObjects)
        for index in 0..<count {
            let scene = Scene.draw(split: split, seed: seed, index: index, maxObjects: maxObjects)
            let rendered = scene.render()
            let bytes = try encode(rendered.image)
            try write(bytes, to: images.appendingPathComponent(imageName(index)))
            try files.append(rendered, questions: scene.questions(count: questionsPerScene))
            try progress(index + 1)
        }
        try files.finish()
    }

    static func imageName(_ index: Int) -> String {
        let digits = String(index)
        return String(repeating: "0", count: max(6 - digits.count, 0)) + digits + ".png"
    }

    /// Makes the folder, which is to be new or empty, with one for images in it.
    static func prepare(_ folder: URL) throws(SceneError) -> URL {
        let manager = FileManager.default, images = folder.appendingPathComponent("images", isDirectory: true)
        var isFolder: ObjCBool = false
        if manager.fileExists(atPath: folder.path, isDirectory: &isFolder) {
            let contents = isFolder.boolValue ? try? manager.contentsOfDirectory(atPath: folder.path) : nil
            guard contents?.isEmpty == true else { throw .folderNotEmpty(path: folder.path) }
        }
        do { try AtomicFile.makeFolder(path: images.path) } catch { throw .cannotWrite(path: images.path, reason: error.reason) }
        return images
    }

    static func write(_ bytes: [UInt8], to file: URL) throws(SceneError) {
        do {
            try Data(bytes).write(to: file, options: .atomic)
        } catch {
            throw .cannotWrite(path: file.path, reason: error.localizedDescription)
        }
    }
}

extension SceneDataset {
    /// The annotation files while they are being written.
    private struct Files {
        private let captions: DatasetFile
        private let grounding: DatasetFile
        private let questions: DatasetFile
        private let annotations: DatasetFile
        private let scenes: DatasetFile
        private var phraseNumbers: [String: Int] = [:]
        private var phrases: [String] = []
        private var boxCount = 0

        init(folder: URL, count: Int, seed: UInt64, split: SceneSplit, maxObjects: Int) throws(SceneError) {
            func open(_ name: String) throws(SceneError) -> DatasetFile {
                let file = try DatasetFile(folder.appendingPathComponent(name))
                let about = "generated scenes, split \(split.rawValue), seed \(seed), at most \(maxObjects) objects"
                try file.add("info", DatasetInfo(description: about, version: "1"))
                return file
            }
            captions = try open("captions.json")
            grounding = try open("grounding.json")
            questions = try open("questions.json")
            annotations = try open("annotations.json")
            scenes = try open("scenes.json")
            for file in [captions, grounding] {
                try file.add("licenses", [String]())
                try file.beginList("images")
                for index in 0..<count {
                    try file.append(
                        ImageRecord(
                            id: index, fileName: "images/" + imageName(index), width: Scene.side, height: Scene.side))
                }
                file.endList()
                try file.beginList("annotations")
            }
            for file in [questions, annotations] {
                try file.add("data_type", "scenes")
                try file.add("data_subtype", split.rawValue)
            }
            try questions.add("task_type", "Open-Ended")
            try questions.beginList("questions")
            try annotations.beginList("annotations")
            try scenes.beginList("scenes")
        }

        mutating func append(_ rendered: RenderedScene, questions asked: [SceneQuestion]) throws(SceneError) {
            let scene = rendered.scene
            let id = scene.index
            let caption = scene.caption()
            try captions.append(CaptionRecord(id: id + 1, imageId: id, caption: caption))
            for (phrase, object) in scene.referringPhrases() {
                boxCount += 1
                let area = rendered.mask.count { Int($0) == object + 1 }
                let category = number(of: phrase)
                try grounding.append(
                    BoxRecord(id: boxCount, imageId: id, categoryId: category, box: rendered.boxes[object], area: area))
            }
            for (place, question) in asked.enumerated() {
                let questionId = id * 1000 + place
                try questions.append(QuestionRecord(questionId: questionId, imageId: id, question: question.text))
                try annotations.append(
                    AnswerRecord(
                        questionId: questionId, imageId: id, questionType: question.kind.rawValue,
                        answer: question.answer))
            }
            try scenes.append(
                Truth(
                    imageId: id, fileName: "images/" + imageName(id), caption: caption, scene: scene,
                    boxes: rendered.boxes))
        }

        func finish() throws(SceneError) {
            for file in [captions, grounding, questions, annotations, scenes] { file.endList() }
            let categories = phrases.enumerated().map { CategoryRecord(id: $0 + 1, name: $1) }
            try grounding.add("categories", categories)
            for file in [captions, grounding, questions, annotations, scenes] { try file.finish() }
        }

        private mutating func number(of phrase: String) -> Int {
            if let number = phraseNumbers[phrase] { return number }
            phrases.append(phrase)
            phraseNumbers[phrase] = phrases.count
            return phrases.count
        }
    }
}
