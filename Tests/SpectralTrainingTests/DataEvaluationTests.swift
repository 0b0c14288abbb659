import Foundation
import SpectralFormats
import SpectralModel
import TestSupport
import Testing

@testable import SpectralTraining

/// Running a model over a data set: batches, images that cannot be read, stopping and going on.
struct DataEvaluationTests {
    let folder: ScratchFolder
    let tiny: TinyCheckpoint
    let model: LoadedModel

    init() throws {
        folder = try ScratchFolder()
        tiny = try TinyCheckpoint()
        model = try tiny.load()
        for index in 0..<20 where index != 5 {
            let image = Scene.draw(split: .dev, seed: 2, index: index).render().image
            try folder.put("\(index).png", Data(ImageFile.encodePNG(image)))
        }
        try folder.write("5.png", "no image")
    }

    private var images: [(id: Int, path: String)] { (0..<20).map { (100 + $0, folder.file("\($0).png")) } }

    private var questions: [AskedQuestion] {
        (0..<60).map {
            AskedQuestion(
                id: $0, image: folder.file("\($0 / 3).png"), question: "what is it", answers: ["answer \($0 % 3)"],
                kind: "k\($0 % 2)")
        }
    }

    private func settings(k: Int = 7, holdOut: Int? = nil) -> OutputSettings {
        OutputSettings(task: "vqa", checkpoint: "c", k: k, decoding: "answers", data: "d", format: "f", images: "i", holdOut: holdOut)
    }

    @Test func baselinesAreTheMostFittingAndTheNearest() {
        func grey(_ level: Int) -> PixelImage {
            let shade = UInt8(level)
            return .solid(width: 40, height: 30, red: shade, green: shade, blue: shade)
        }
        let training = (0..<30).map { i in
            CaptionedImage(
                id: i, fileName: "\(i).png",
                captions: i % 3 == 0 ? ["a red dog runs \(i)", "other \(i)"] : ["a white cat sits on a mat", "the cat number \(i)"])
        }
        let baselines = CaptionBaselines(training: training)
        #expect(baselines.constant() == "a white cat sits on a mat", "two in three images have it")
        let found = baselines.nearest(
            to: [grey(34), nil, grey(200)], among: training.indices.map { $0 == 3 ? nil : grey($0 * 8) })
        // Of 34 the nearest is 4 (32), of 200 it is 25.
        #expect(found == ["a white cat sits on a mat", "", "a white cat sits on a mat"])
        let other = baselines.nearest(to: [grey(26)], among: training.indices.map { $0 == 3 ? nil : grey($0 * 8) })
        #expect(other == ["a white cat sits on a mat"], "the third cannot be read: of 26 the fourth is next")
        #expect(baselines.nearest(to: [grey(73)], among: training.indices.map { grey($0 * 8) }) == ["a red dog runs 9"])
    }

    /// CIDEr-D of one caption for all is what the whole scorer says of it.
    @Test func aConstantIsScoredAsTheScorerDoes() {
        let references = [["a dog runs", "the dog is running fast"], ["two cats sleep"], ["a man on a horse", "a dog and a man"]]
        let captions = ["a dog runs fast", "a man", "zebra"]
        let found = CaptionScores.ciderD(ofEach: captions, references: references)
        for (caption, score) in zip(captions, found) {
            let whole = CaptionScores.score(references.map { ScoredCaption(candidate: caption, references: $0) }).corpus.ciderD
            #expect(abs(score - whole) < 1e-12)
        }
        #expect(found[0] > 0 && found[2] == 0)
    }

    @Test func captionsAreThoseOfEachImageAlone() throws {
        var outputs: [ModelOutput] = [], warnings: [String] = []
        try model.writeCaptions(of: images, OutputPlan(k: 7), unreadable: { warnings.append($0) }) {
            outputs += $0
            return true
        }
        #expect(outputs.map(\.id) == images.map(\.id))
        #expect(warnings.count == 1 && warnings[0].contains("5.png") && !warnings[0].contains("\n"))
        #expect(outputs.filter(\.isUnreadable) == [ModelOutput(id: 105, text: "", isUnreadable: true)])
        for index in [0, 4, 6, 19] {
            let alone = model.caption(model.see(try ImageFile.load(images[index].path), k: 7)).caption
            #expect(outputs[index].text == alone)
        }
        var searched: [ModelOutput] = []
        try model.writeCaptions(of: [images[3]], OutputPlan(k: 7, strategy: .beam(width: 2, lengthPenalty: 1)), unreadable: { _ in }) {
            searched += $0
            return true
        }
        let seen = model.see(try ImageFile.load(images[3].path), k: 7)
        #expect(searched[0].text == model.caption(seen, strategy: .beam(width: 2, lengthPenalty: 1)).caption)
    }

    @Test func answersAreThoseOfEachQuestionAlone() throws {
        var outputs: [ModelOutput] = []
        try model.giveAnswers(to: questions, OutputPlan(k: 7), unreadable: { _ in }) {
            outputs += $0
            return true
        }
        #expect(outputs.map(\.id) == questions.map(\.id))
        #expect(outputs.filter(\.isUnreadable).map(\.id) == [15, 16, 17])
        for index in [0, 14, 18, 59] {
            let seen = model.see(try ImageFile.load(questions[index].image), k: 7)
            #expect(outputs[index].text == model.answer(seen, question: "what is it").answer)
        }
        // Without seeing, one question has one answer.
        var blank: Set<String> = []
        try model.giveAnswers(to: questions, OutputPlan(k: 7, blank: true), unreadable: { _ in }) {
            blank.formUnion($0.filter { !$0.isUnreadable }.map(\.text))
            return true
        }
        #expect(blank.count == 1)
    }

    @Test func aRunThatStoppedGoesOnToTheSameOutputs() throws {
        func run(_ path: String, stopAfter batches: Int = .max) throws -> [ModelOutput] {
            let journal = try OutputJournal(path: path, settings: settings())
            var done = 0
            try model.giveAnswers(to: Array(questions[journal.outputs.count...]), OutputPlan(k: 7), unreadable: { _ in }) {
                try journal.append($0)
                done += 1
                return done < batches
            }
            return journal.outputs
        }
        let whole = try run(folder.file("whole")), part = try run(folder.file("part"), stopAfter: 1)
        #expect(whole.count == 60 && (1..<60).contains(part.count))
        // The system went down while a line was written.
        let file = URL(fileURLWithPath: folder.file("part"))
        try (Data(contentsOf: file) + Data(#"{"id":48,"te"#.utf8)).write(to: file)
        #expect(try OutputJournal(path: file.path, settings: settings()).outputs == part)
        #expect(try run(file.path) == whole)
        #expect(try Data(contentsOf: file) == Data(contentsOf: URL(fileURLWithPath: folder.file("whole"))))
    }

    @Test func otherSettingsAreRefused() throws {
        let path = folder.file("results.partial")
        let journal = try OutputJournal(path: path, settings: settings())
        try journal.append([ModelOutput(id: 1, text: "yes")])
        #expect {
            try OutputJournal(path: path, settings: settings(k: 3))
        } throws: {
            "\($0)".contains("expected k 7, found k 3") && "\($0)".contains("delete it") && !"\($0)".contains("\n")
        }
        #expect {
            try OutputJournal(path: path, settings: settings(holdOut: 10))
        } throws: {
            "\($0)".contains("expected hold-out none, found hold-out 10")
        }
        try folder.write("strange", "hello\nworld\n")
        #expect(throws: OutputJournalError.notAJournal(path: folder.file("strange"))) {
            try OutputJournal(path: folder.file("strange"), settings: settings())
        }
        #expect(throws: OutputJournalError.self) { try OutputJournal(path: folder.file("no/such/place"), settings: settings()) }
        journal.remove()
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func scoresByKindAndWhatCannotBeKnown() {
        let asked = [
            AskedQuestion(id: 0, image: "", question: "", answers: ["two"], kind: "number", type: "how many"),
            AskedQuestion(id: 1, image: "", question: "", answers: ["red"], kind: "other"),
            AskedQuestion(id: 2, image: "", question: "", answers: ["blue"], kind: "other"),
        ]
        let scores = AnswerScores(asked, answers: ["2", "red", ""], rules: .single)
        #expect(scores.overall.asked == 3 && abs(scores.overall.accuracy - 2.0 / 3) < 1e-12)
        #expect(scores.kinds["number"]?.accuracy == 1 && scores.kinds["other"]?.accuracy == 0.5)
        #expect(scores.types == ["how many": AnswerScores.Group(asked: 1, accuracy: 1)])
        #expect(AnswerScores.unanswerable(asked, answers: ["2", "red", "green"]) == 1)
        #expect(!AnswerScores.areNormalised(asked) && AnswerScores.areNormalised(Array(asked[1...])))
    }

    /// Alternating differences of 0.3 and -0.1: mean 0.1, deviation 0.2 sqrt(40 / 39) over 40 images.
    @Test func differencesHaveTheIntervalOfTheirImages() throws {
        let b = (0..<40).map { Double($0) / 7 }, a = b.enumerated().map { $1 + ($0 % 2 == 0 ? 0.3 : -0.1) }
        let found = try #require(PairedDifference(a, less: b)), reach = 1.96 * 0.2 * (40.0 / 39).squareRoot() / 40.squareRoot()
        #expect(abs(found.mean - 0.1) < 1e-12 && abs(found.low - (0.1 - reach)) < 1e-12 && abs(found.high - (0.1 + reach)) < 1e-12)
        #expect(PairedDifference(b, less: b)?.low == 0 && PairedDifference(Array(a.prefix(29)), less: Array(b.prefix(29))) == nil)
        let scores = CaptionScores(bleu: [0.5, 0.25, 0.1, 0], rougeL: 0.3, meteor: 0.2, ciderD: 1.5)
        func report(_ difference: PairedDifference?) -> CaptionReport {
            CaptionReport(
                command: "c", data: MeasuredData(name: "d", format: "coco", images: 40, unreadable: 0), decoding: "greedy",
                columns: [
                    .init(model: MeasuredModel(baseline: "one"), scores: scores, differentCaptions: 3),
                    .init(model: MeasuredModel(baseline: "two"), scores: scores, ciderDifference: difference, differentCaptions: 40),
                ])
        }
        #expect(report(found).table.contains(["CIDEr-D less that of one", "-", "+0.1000 (+0.0372 to +0.1628)"]))
        #expect(report(found).notes.contains { $0.contains("95 %") } && !report(nil).notes.contains { $0.contains("95 %") })
        #expect(!report(nil).table.contains { $0[0].hasPrefix("CIDEr-D less") })
        #expect(report(nil).table.last == ["different captions", "3", "40"])
    }

    /// Of five people three are most; two are neither most nor nobody.
    @Test func wordsAreCountedWherePeopleSayThem() {
        func image(_ candidate: String, dogs: Int) -> ScoredCaption {
            ScoredCaption(candidate: candidate, references: (0..<5).map { $0 < dogs ? "A Dog, running." : "an animal runs" })
        }
        let captions = [
            image("a dog", dogs: 5), image("a cat", dogs: 3), image("the hound runs", dogs: 3), image("a dog", dogs: 2),
            image("a dog sits", dogs: 0), image("dogs sit", dogs: 0), image("a hot-dog", dogs: 0),
        ]
        let uses = WordUse.counted(["dog", "dog/hound", "fish"], in: captions), dog = uses[0], either = uses[1]
        #expect(dog.named == 3 && dog.saidOfNamed == 1 && dog.unnamed == 3 && dog.saidOfUnnamed == 1)
        #expect(either.words == "dog/hound" && either.saidOfNamed == 2 && either.saidOfUnnamed == 1)
        let column = CaptionReport.Column(
            model: MeasuredModel(baseline: "one"), scores: CaptionScores.score(captions).corpus, differentCaptions: 7,
            words: [dog, uses[2]])
        let table = CaptionReport(
            command: "c", data: MeasuredData(name: "d", format: "coco", images: 7, unreadable: 0), decoding: "greedy",
            columns: [column]).table
        #expect(table.suffix(4) == [
            ["says dog, of the 3 images where most people do", "33 %"], ["says dog, of the 3 where nobody does", "33 %"],
            ["says fish, of the 0 images where most people do", "-"], ["says fish, of the 7 where nobody does", "0 %"],
        ])
    }

    @Test func tablesSayWhatIsLeftOut() {
        let column = MeasuredModel(title: "a|b", hash: "h", trainedSteps: nil, parameters: 5, k: 2)
        let scores = CaptionScores(bleu: [0.5, 0.25, 0.1, 0], rougeL: 0.3, meteor: 0.2, ciderD: 1.5)
        let captions = CaptionReport(
            command: "sdict eval caption", data: MeasuredData(name: "d", format: "coco", images: 4, unreadable: 1),
            decoding: "greedy", columns: [.init(model: column, scores: scores, differentCaptions: 2)])
        #expect(captions.table.contains(["BLEU-2", "0.2500"]) && captions.table.contains(["CIDEr-D", "1.5000"]))
        #expect(captions.notes.contains { $0.contains("1 of 4 images could not be read") })
        #expect(captions.notes.contains { $0.contains("paraphrases") })
        #expect(captions.markdown.contains("a\\|b") && captions.markdown.contains("Measured by `sdict eval caption`."))
        let right = AnswerScores(questions, answers: questions.map { $0.answers[0] }, rules: .single)
        let answers = AnswerReport(
            command: "c", data: captions.data, questions: 3, unanswerable: 2, columns: [.init(model: column, scores: right)])
        #expect(answers.table.contains(["accuracy", "100.00 %"]) && answers.table.contains(["  k0 (30)", "100.00 %"]))
        #expect(answers.notes.contains { $0.contains("2 of 3 questions") })
    }
}
