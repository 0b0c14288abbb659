import Foundation
import SpectralFormats
import TestSupport
import Testing

/// Captions and questions in public formats: what is read, and one line for what cannot be.
struct PublicDataTests {
    let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    private static let coco = """
        {"info": {}, "images": [{"id": 9, "file_name": "b.jpg", "width": 3}, {"id": 4, "file_name": "a.jpg"},
                                {"id": 5, "file_name": "c"}],
         "annotations": [{"image_id": 4, "id": 1, "caption": "one"}, {"image_id": 9, "id": 2, "caption": "two"},
                         {"image_id": 4, "id": 3, "caption": "three"}]}
        """

    // MARK: What is read

    @Test func readsCOCO() throws {
        let path = try folder.write("captions.json", Self.coco)
        #expect(try CaptionFormat(of: path) == .coco)
        #expect(
            try CaptionFiles.images(path, format: .coco) == [
                CaptionedImage(id: 9, fileName: "b.jpg", captions: ["two"]),
                CaptionedImage(id: 4, fileName: "a.jpg", captions: ["one", "three"]),
            ], "an image without captions is left out")
    }

    @Test(arguments: [
        "image\tcaption\nb.jpg\ta dog .\na.jpg\tA \"cat\"\tsat\r\nb.jpg\ttwo dogs\n",
        "b.jpg#0\ta dog .\na.jpg#0\tA \"cat\"\tsat\nb.jpg#1\ttwo dogs",
        "\u{FEFF}image\tcaption\r\nb.jpg\ta dog .\r\na.jpg\tA \"cat\"\tsat\r\n\r\nb.jpg\ttwo dogs\r\n",
    ])
    func readsFlickr8k(text: String) throws {
        let path = try folder.write("dev.tsv", text)
        #expect(try CaptionFormat(of: path) == .flickr8k)
        #expect(
            try CaptionFiles.images(path, format: .flickr8k) == [
                CaptionedImage(id: 1, fileName: "b.jpg", captions: ["a dog .", "two dogs"]),
                CaptionedImage(id: 2, fileName: "a.jpg", captions: ["A \"cat\"\tsat"]),
            ])
    }

    @Test func readsEasyVQA() throws {
        let path = try folder.write("q.json", #"[["what shape is it?", "circle", 3], ["is it red?", "no", 0]]"#)
        #expect(try QuestionFormat(of: path) == .easyVQA)
        let questions = try AskedQuestions.read(path, annotations: nil, images: "pictures", format: .easyVQA)
        #expect(
            questions == [
                AskedQuestion(id: 0, image: "pictures/3.png", question: "what shape is it?", answers: ["circle"], kind: "other"),
                AskedQuestion(id: 1, image: "pictures/0.png", question: "is it red?", answers: ["no"], kind: "yes/no"),
            ])
    }

    @Test func readsSortOfCLEVR() throws {
        let path = try folder.write(
            "q.json", #" [ {"image": "0.png", "question": "closest to red?", "answer": "circle", "relational": true}]"#)
        #expect(try QuestionFormat(of: path) == .sortOfCLEVR)
        let questions = try AskedQuestions.read(path, annotations: nil, images: "d/", format: .sortOfCLEVR)
        #expect(
            questions == [
                AskedQuestion(id: 0, image: "d/0.png", question: "closest to red?", answers: ["circle"], kind: "relational")
            ])
    }

    @Test func readsVQAv2() throws {
        try folder.write("COCO_val2014_000000000007.jpg", "")
        let path = try folder.write(
            "questions.json", #"{"questions": [{"question_id": 5, "image_id": 7, "question": "Is it?"}]}"#)
        let annotation = """
            {"question_id": 5, "image_id": 7, "question_type": "is it", "answer_type": "yes/no", "multiple_choice_answer": "yes",
             "answers": [{"answer_id": 1, "answer": "yes", "answer_confidence": "yes"},
                         {"answer_id": 2, "answer": "no", "answer_confidence": "maybe"}]}
            """
        try folder.write("annotations.json", #"{"annotations": [\#(annotation)]}"#)
        #expect(try QuestionFormat(of: path) == .vqav2)
        func read() throws -> [AskedQuestion] {
            try AskedQuestions.read(path, annotations: nil, images: folder.path, format: .vqav2)
        }
        #expect(
            try read() == [
                AskedQuestion(
                    id: 5, image: folder.file("COCO_val2014_000000000007.jpg"), question: "Is it?", answers: ["yes", "no"],
                    kind: "yes/no", type: "is it")
            ])
        try folder.write("annotations.json", #"{"annotations": [\#(annotation), \#(annotation)]}"#)
        expectOneLine("annotations[1].question_id") { _ = try read() }
        try folder.write("annotations.json", #"{"annotations": []}"#)
        expectOneLine("question 5") { _ = try read() }
    }

    // MARK: What is not

    private func expectOneLine(_ place: String, _ work: () throws -> Void) {
        #expect {
            try work()
        } throws: { error in
            let text = "\(error)"
            return text.contains(place) && !text.contains("\n") && !text.contains("\u{1b}") && text.contains("; ")
        }
    }

    @Test(arguments: [
        (#"{"images": [{"id": 1, "file_name": "a"}], "annot"#, "captions.json"), (#"{"images": []}"#, "annotations"),
        (#"{"images": [{"id": "1", "file_name": "a"}], "annotations": []}"#, "images[0].id"),
        (#"{"images": [{"id": 1, "file_name": "a"}, {"id": 1, "file_name": "b"}], "annotations": []}"#, "images[1].id"),
        (#"{"images": [{"id": 1, "file_name": "a"}], "annotations": [{"image_id": 2, "caption": "x"}]}"#, "no image 2"),
        (#"{"images": [{"id": 1, "file_name": "a"}], "annotations": [{"image_id": 1, "caption": 5}]}"#, "[0].caption"),
        (#"{"images": [{"id": 1, "file_name": "a"}], "annotations": []}"#, "no captions"), ("", "captions.json"),
    ])
    func badCOCO(text: String, place: String) throws {
        let path = try folder.write("captions.json", text)
        expectOneLine(place) { _ = try CaptionFiles.images(path, format: .coco) }
    }

    @Test(arguments: [
        ("", "empty"), ("a.jpg\tno header\n", "line 1"), ("image\tcaption\nno tab\n", "line 2"),
        ("image\tcaption\n", "no captions"),
        ("a.jpg#0\tx\na.jpg#0\ty\n", "line 2"), ("a.jpg#0\tx\na.jpg\ty\n", "line 2"), ("\u{1b}[2Jcolumn\n", "line 1"),
    ])
    func badFlickr8k(text: String, place: String) throws {
        let path = try folder.write("dev.tsv", text)
        expectOneLine(place) { _ = try CaptionFiles.images(path, format: .flickr8k) }
    }

    @Test func bytesThatAreNotUTF8() throws {
        let path = try folder.put("dev.tsv", Data("image\tcaption\na.jpg\tcaf".utf8) + Data([0xE9, 0x0A]))
        expectOneLine("line 2") { _ = try CaptionFiles.images(path, format: .flickr8k) }
        let json = try folder.put("q.json", Data(#"[["caf"#.utf8) + Data([0xE9]) + Data(#"", "x", 1]]"#.utf8))
        expectOneLine("q.json") { _ = try AskedQuestions.read(json, annotations: nil, images: "", format: .easyVQA) }
    }

    @Test(arguments: [
        (#"[["q", "a"]]"#, "[0]"), (#"[["q", "a", 1, 2]]"#, "more members"), (#"[["q", "a", "1"]]"#, "[0]"),
        ("[]", "no questions"), (#"[["q""#, "q.json"), ("{}", "q.json"),
    ])
    func badEasyVQA(text: String, place: String) throws {
        let path = try folder.write("q.json", text)
        expectOneLine(place) { _ = try AskedQuestions.read(path, annotations: nil, images: "", format: .easyVQA) }
    }

    @Test func badSortOfCLEVRAndFiles() throws {
        let path = try folder.write("q.json", #"[{"image": "a.png", "question": "q", "answer": "yes"}]"#)
        expectOneLine("relational") { _ = try AskedQuestions.read(path, annotations: nil, images: "", format: .sortOfCLEVR) }
        let odd = try folder.write("odd.json", "7")
        expectOneLine("--format") { _ = try QuestionFormat(of: odd) }
        expectOneLine("no such file") { _ = try CaptionFormat(of: folder.file("none")) }
        expectOneLine("folder") { _ = try CaptionFiles.images(folder.path, format: .coco) }
        expectOneLine("questions[1].question_id") {
            let twice = try folder.write(
                "questions.json",
                #"""
                {"questions": [{"question_id": 5, "image_id": 7, "question": "a"},
                               {"question_id": 5, "image_id": 7, "question": "b"}]}
                """#)
            let scratch = AnswerRecord(questionId: 5, imageId: 7, questionType: "t", answer: "yes")
            let encoder = JSONEncoder()
            encoder.keyEncodingStrategy = .convertToSnakeCase
            try folder.put("annotations.json", encoder.encode(["annotations": [scratch]]))
            _ = try AskedQuestions.read(twice, annotations: nil, images: folder.path, format: .vqav2)
        }
    }

    // MARK: Results

    @Test func resultsAreInTheOfficialForms() throws {
        let captions = folder.file("captions.json"), answers = folder.file("answers.json")
        let made = [CaptionResult(imageId: 3, caption: "a \"b\"/c"), CaptionResult(imageId: 1, caption: "")]
        try ResultFiles.write(made, to: captions)
        try ResultFiles.write([AnswerResult(questionId: 30, answer: "yes")], to: answers)
        func list(_ path: String) throws -> [[String: Any]] {
            try #require(JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: path))) as? [[String: Any]])
        }
        #expect(try list(captions).map { $0["image_id"] as? Int } == [3, 1])
        #expect(try list(captions).map { $0["caption"] as? String } == ["a \"b\"/c", ""])
        #expect(try list(captions).allSatisfy { $0.count == 2 })
        #expect(try list(answers).first?["question_id"] as? Int == 30 && list(answers).first?["answer"] as? String == "yes")
        try ResultFiles.write([AnswerResult](), to: answers)
        #expect(try list(answers).isEmpty)
    }

    @Test func hashesTellFilesApart() throws {
        let a = try folder.write("a", "text"), b = try folder.write("b", "text"), c = try folder.write("c", "other")
        #expect(try ContentHash.file(a) == ContentHash.file(b))
        #expect(try ContentHash.file(a) != ContentHash.file(c))
        #expect(try ContentHash.file(a).count == 16)
    }
}
