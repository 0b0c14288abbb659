// Examples whose images lie on disk: held in memory, at little more than the size they are shown at.

import Foundation
import SpectralFormats

/// Images with captions.
struct CaptionedImages: ExampleSet {
    private let images: [PixelImage]
    let captions: [[String]]
    let paths: [String]
    let answers: [String] = []

    var count: Int? { images.count }
    var texts: [String] { captions.flatMap { $0 } }

    /// - Parameters:
    ///   - side: of the model's images, pixels.
    ///   - heldOut: the images that `holdOut` keeps from training, in place of the others.
    ///   - most: at most so many images, the first.
    init(_ data: TrainingData, side: Int, heldOut: Bool = false, most: Int = .max) throws {
        let all = try CaptionFiles.images(data.file, format: CaptionFormat(of: data.file))
        let kept = all.enumerated().filter { data.trains(place: $0.offset) != heldOut }.map(\.element).prefix(most)
        paths = kept.map { (data.images as NSString).appendingPathComponent($0.fileName) }
        images = try StoredImages.read(paths, side: side, data.augmentation)
        captions = kept.map { $0.captions.map(Self.plain) }
    }

    func example(_ index: Int) -> TrainingExample {
        TrainingExample(image: images[index], captions: captions[index])
    }

    /// Lower case, without the stop at the end: what the measures of captions look at.
    static func plain(_ caption: String) -> String {
        let text = caption.lowercased()
        guard let last = text.lastIndex(where: { !" .\t\r".contains($0) }) else { return text }
        return text[...last].trimmingCharacters(in: .whitespaces)
    }
}

/// Images with questions.
struct QuestionedImages: ExampleSet {
    private let images: [PixelImage]
    private let questions: [[TrainingQuestion]]
    let paths: [String]
    let answers: [String]

    var count: Int? { images.count }
    var texts: [String] { questions.flatMap { $0.map(\.text) } }

    /// - Parameters:
    ///   - side: of the model's images, pixels.
    ///   - heldOut: the images that `holdOut` keeps from training, in place of the others.
    ///   - most: at most so many images, the first by their names.
    init(_ data: TrainingData, side: Int, heldOut: Bool = false, most: Int = .max) throws {
        let all = try AskedQuestions.read(data.file, annotations: nil, images: data.images, format: QuestionFormat(of: data.file))
        let byImage = Dictionary(grouping: all, by: \.image), others = HeldOut.images(of: all, every: data.holdOut)
        let kept = byImage.keys.filter { others.contains($0) == heldOut }.sorted(by: HeldOut.inOrder).prefix(most)
        paths = Array(kept)
        images = try StoredImages.read(paths, side: side, data.augmentation)
        questions = kept.map { path in
            (byImage[path] ?? []).compactMap { asked in
                asked.answers.first.map { TrainingQuestion(text: asked.question, answer: $0) }
            }
        }
        let counts = Dictionary(questions.flatMap { $0 }.map { ($0.answer, 1) }, uniquingKeysWith: +)
        answers = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
    }

    func example(_ index: Int) -> TrainingExample {
        TrainingExample(image: images[index], questions: questions[index])
    }
}

/// Sort-of-CLEVR, drawn without end.
struct SortOfClevrExamples: ExampleSet {
    let seed: UInt64
    let count: Int? = nil
    let paths: [String] = []
    let answers = SortOfClevr.answers

    /// All kinds of questions about every colour come up in so many.
    var texts: [String] { (0..<200).flatMap { SortOfClevr.draw(split: .train, seed: seed, index: $0).questions.map(\.text) } }

    func example(_ index: Int) -> TrainingExample {
        let drawn = SortOfClevr.draw(split: .train, seed: seed, index: index)
        func centre(_ place: Int) -> (Float, Float) {
            (Float(drawn.objects[place].x) / Float(SortOfClevr.side), Float(drawn.objects[place].y) / Float(SortOfClevr.side))
        }
        return TrainingExample(
            image: drawn.render(),
            questions: drawn.questions.map { question in
                let about = [question.named] + [question.related].compactMap { $0 }
                return TrainingQuestion(text: question.text, answer: question.answer, referents: Referents(about.map(centre)))
            })
    }
}

extension TrainingData {
    /// Whether the image at a place, from 0, is trained on.
    func trains(place: Int) -> Bool { !HeldOut.isHeldOut(place: place, every: holdOut) }
}

/// Which images a run keeps from training, and a measurement may ask for.
public enum HeldOut {
    /// Every n-th, by its place from 0; none for n below 1.
    static func isHeldOut(place: Int, every n: Int) -> Bool { n >= 1 && place % n == n - 1 }

    /// By the numbers in their names, so that what is held out does not hang on a file's order.
    static func inOrder(_ a: String, _ b: String) -> Bool { (a.utf8.count, a) < (b.utf8.count, b) }

    /// Paths of the images that `holdOut` n of a training config keeps.
    public static func images(of questions: [AskedQuestion], every n: Int) -> Set<String> {
        let paths = Set(questions.map(\.image)).sorted(by: inOrder)
        return Set(paths.enumerated().filter { isHeldOut(place: $0.offset, every: n) }.map(\.element))
    }
}

enum StoredImages {
    /// Reads images, each once, on all cores.
    ///
    /// - Throws: what the first image that cannot be read throws: training on fewer than were named would go unseen.
    static func read(_ paths: [String], side: Int, _ augmentation: Augmentation) throws -> [PixelImage] {
        // A crop is enlarged; what it could show is kept. Without crops an image is always seen at the model's own size.
        let kept = Int((Double(side) / augmentation.crop.squareRoot()).rounded(.up))
        let found = Slots(paths.count)
        DispatchQueue.concurrentPerform(iterations: paths.count) { i in
            found.set(i, Result {
                let image = try ImageFile.load(paths[i]), longest = max(image.width, image.height)
                guard augmentation.crop < 1 else { return image.resized(width: side, height: side) }
                guard longest > kept else { return image }
                return image.resized(width: max(1, image.width * kept / longest), height: max(1, image.height * kept / longest))
            })
        }
        return try found.values.map { try $0.get() }
    }

    /// A place for each result; each is written by one thread and read when all are done, which makes `@unchecked` true.
    private final class Slots: @unchecked Sendable {
        private let storage: UnsafeMutableBufferPointer<Result<PixelImage, any Error>?>

        init(_ count: Int) {
            storage = .allocate(capacity: count)
            storage.initialize(repeating: nil)
        }

        deinit {
            storage.deinitialize()
            storage.deallocate()
        }

        func set(_ i: Int, _ value: Result<PixelImage, any Error>) { storage[i] = value }

        var values: [Result<PixelImage, any Error>] { storage.compactMap { $0 } }
    }
}
