import SpectralEngine
import SpectralFormats
import Testing

@testable import SpectralModel

@Suite struct PromptTests {
    let model: LoadedModel
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        model = try LoadedModel(path: TinyCheckpoint.write(to: folder.file("tiny")))
    }

    @Test(arguments: ["", "   ", "?!", "\n"])
    func empty(_ prompt: String) { #expect(model.promptWarnings(prompt) == [.empty]) }

    @Test(arguments: ["你好吗", "qzx", "Żółw", "これは何ですか"])
    func foreign(_ prompt: String) { #expect(model.promptWarnings(prompt).last == .noKnownWord) }

    @Test func someWords() {
        #expect(model.promptWarnings("what colour is the qxyzw?") == [.unknownWords(["qxyzw"])])
        #expect(PromptWarning.unknownWords(["a\u{1b}b"]).description.contains("\"a\\u{1b}b\""))
    }

    @Test func longerThanTheModelReads() {
        // Ten colours and a task token fit 12 places, a dozen do not.
        #expect(model.promptWarnings(Array(repeating: "red", count: 11).joined(separator: " ")) == [])
        let long = Array(repeating: "red", count: 12).joined(separator: " ")
        #expect(model.promptWarnings(long) == [.tooLong(tokens: 12, limit: 11)])
    }

    /// None of what the model was trained to read may be called unknown.
    @Test func trainingPromptsAreKnown() {
        for index in 0..<60 {
            let scene = Scene.draw(split: .train, seed: 3, index: index)
            for prompt in scene.questions(count: 12).map(\.text) + scene.referringPhrases().map(\.phrase) {
                for warning in model.promptWarnings(prompt) {
                    if case .tooLong = warning { continue }
                    Issue.record("\(prompt): \(warning)")
                }
            }
        }
    }

    /// A checkpoint that took its tokenizer from another knows the words of its own training, and no others.
    @Test func wordsOfALaterTrainingAreKnown() throws {
        let later = try LoadedModel(path: Bundled.checkpointPath("sort-of-clevr"))
        for index in 0..<30 {
            for question in SortOfClevr.draw(split: .dev, seed: 1, index: index).questions {
                #expect(later.promptWarnings(question.text) == [], "\(question.text)")
            }
        }
        #expect(later.promptWarnings("What is the SHAPE of the ring?") == [.unknownWords(["ring"])])
    }

    @Test func boxesStayInsideTheImage() {
        #expect(
            PixelBox(shares: [0.5, 0.25, 0.5, 0.5], imageWidth: 200, imageHeight: 100)
                == PixelBox(x: 50, y: 0, width: 100, height: 50))
        #expect(
            PixelBox(shares: [0, 1, 0.5, 1], imageWidth: 80, imageHeight: 10)
                == PixelBox(x: 0, y: 5, width: 20, height: 5))
    }
}
