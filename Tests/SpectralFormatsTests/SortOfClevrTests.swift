import Foundation
import SpectralFormats
import TestSupport
import Testing

/// Every answer worked out again, from the pixels and the words alone.
@Suite struct SortOfClevrTests {
    private struct Seen {
        var x = 0.0, y = 0.0
        var isSquare = false
    }

    /// Objects by the colour of their pixels: the middle of all, and a square where all 11 x 11 are painted.
    private func look(_ image: PixelImage) throws -> [String: Seen] {
        let paint: [[UInt8]: String] = [
            [255, 0, 0]: "red", [0, 255, 0]: "green", [0, 0, 255]: "blue", [255, 156, 0]: "orange", [128, 128, 128]: "gray",
            [255, 255, 0]: "yellow",
        ]
        var places: [String: [(Int, Int)]] = [:]
        for y in 0..<75 {
            for x in 0..<75 {
                let pixel = Array(image.pixels[(y * 75 + x) * 3..<(y * 75 + x) * 3 + 3])
                if pixel == [255, 255, 255] { continue }
                places[try #require(paint[pixel]), default: []].append((x, y))
            }
        }
        return places.mapValues { all in
            Seen(
                x: Double(all.reduce(0) { $0 + $1.0 }) / Double(all.count), y: Double(all.reduce(0) { $0 + $1.1 }) / Double(all.count),
                isSquare: all.count == 121)
        }
    }

    private func answer(_ question: String, _ seen: [String: Seen]) throws -> String {
        let words = question.dropLast().split(separator: " ").map(String.init)
        let colour = try #require(words.first { seen[$0] != nil }), own = try #require(seen[colour])
        func shape(_ object: Seen) -> String { object.isSquare ? "square" : "circle" }
        func distance(_ other: Seen) -> Double { hypot(other.x - own.x, other.y - own.y) }
        let others = seen.filter { $0.key != colour }.values.sorted { distance($0) < distance($1) }
        if question.hasPrefix("is") { return question.contains("left") ? (own.x < 37.5 ? "yes" : "no") : (own.y < 37.5 ? "yes" : "no") }
        if question.hasPrefix("how many") { return "\(seen.values.count { $0.isSquare == own.isSquare })" }
        if question.contains("closest") { return shape(try #require(others.first)) }
        if question.contains("furthest") { return shape(try #require(others.last)) }
        return shape(own)
    }

    @Test func answersAreTrueOfThePixels() throws {
        var kinds: [String: Int] = [:], answers: Set<String> = []
        for index in 0..<60 {
            let drawn = SortOfClevr.draw(split: .dev, seed: 3, index: index), seen = try look(drawn.render())
            #expect(Set(seen.keys) == Set(SortOfClevr.colours), "all six are there, none hidden")
            #expect(drawn.questions.map(\.isRelational) == Array(repeating: false, count: 10) + Array(repeating: true, count: 10))
            for question in drawn.questions {
                #expect(try answer(question.text, seen) == question.answer, "\(index): \(question.text)")
                kinds[question.text.split(separator: " ").prefix(3).joined(separator: " "), default: 0] += 1
                answers.insert(question.answer)
                #expect(question.text.contains(SortOfClevr.colours[question.named]))
                if let related = question.related {
                    #expect((drawn.objects[related].isSquare ? "square" : "circle") == question.answer && related != question.named)
                }
                #expect((question.related != nil) == (question.text.contains("closest") || question.text.contains("furthest")))
            }
        }
        #expect(answers.isSubset(of: SortOfClevr.answers) && answers.count == 10, "all answers come up")
        #expect(kinds.keys.count >= 3)
    }

    @Test func thePictureIsAFunctionOfSplitSeedAndIndex() {
        let one = SortOfClevr.draw(split: .train, seed: 1, index: 4)
        #expect(SortOfClevr.draw(split: .train, seed: 1, index: 4) == one)
        for other in [
            SortOfClevr.draw(split: .dev, seed: 1, index: 4), .draw(split: .train, seed: 2, index: 4),
            .draw(split: .train, seed: 1, index: 5),
        ] { #expect(other.objects != one.objects) }
    }

    @Test func theFolderReadsBack() throws {
        let folder = try ScratchFolder(), out = URL(fileURLWithPath: folder.file("clevr"))
        try SortOfClevrDataset.write(to: out, count: 3, seed: 2, split: .dev, encode: { try ImageFile.encodePNG($0) })
        let path = out.appendingPathComponent("questions.json").path, images = out.appendingPathComponent("images").path
        #expect(try QuestionFormat(of: path) == .sortOfCLEVR)
        let read = try AskedQuestions.read(path, annotations: nil, images: images, format: .sortOfCLEVR)
        let drawn = (0..<3).map { SortOfClevr.draw(split: .dev, seed: 2, index: $0) }
        #expect(read.map(\.question) == drawn.flatMap { $0.questions.map(\.text) })
        #expect(read.map(\.answers) == drawn.flatMap { $0.questions.map { [$0.answer] } })
        #expect(read.map(\.kind) == drawn.flatMap { $0.questions.map { $0.isRelational ? "relational" : "non-relational" } })
        #expect(try ImageFile.load(read[25].image) == drawn[1].render())
        #expect(throws: SceneError.self) {
            try SortOfClevrDataset.write(to: out, count: 1, seed: 2, split: .dev, encode: { try ImageFile.encodePNG($0) })
        }
    }
}
