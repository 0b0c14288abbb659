// Columns against the plain jobs they stand for; agreement and search on outputs made up for the purpose.

import Foundation
import SpectralFormats
import Synchronization
import TestSupport
import Testing

@testable import SpectralLens
@testable import SpectralModel

/// A source that answers from a table: by the red of an image's first pixel, then by question.
func tableSource(
    _ table: [UInt8: [String: String]], checkpoint: String = "a", hash: String = "1", k: Int = 4, milliseconds: Double = 1
) -> ComparisonSource {
    let column = ComparisonColumn(checkpoint: checkpoint, hash: hash, preset: .gated, k: k, visionAtoms: 8, atoms: [])
    return ComparisonSource(column) { image, requests in
        try Task.checkCancellation()
        return requests.map { request in
            let answers = table[image.pixels[0]] ?? [:]
            var operations = OperationCount()
            operations.analysis = 1000 * k
            func answering(_ text: String) -> Answering {
                Answering(
                    answer: text, candidates: [TextCandidate(text: text, probability: 0.25 * Float(image.pixels[0]))], k: k,
                    milliseconds: milliseconds)
            }
            func captioning(_ text: String) -> Captioning {
                Captioning(caption: text, tokens: [], k: k, milliseconds: milliseconds, isCut: false)
            }
            return ColumnOutput(
                caption: request.wantsCaption ? captioning(answers["caption"] ?? "") : nil,
                answer: request.question.map { answering(answers[$0] ?? "?") }, visionMilliseconds: 0.5,
                operations: operations, stateBytes: 100 * k, reconstructionError: 0.125 * Float(image.pixels[0]))
        }
    }
}

/// Images named by a number; anything else cannot be read.
@Sendable func numberedImage(_ path: String) throws -> PixelImage {
    guard let red = UInt8(path) else { throw ImageError.missing(path: path) }
    return PixelImage(width: 1, height: 1, pixels: [red, 0, 0])
}

@Suite struct ComparisonTests {
    @Test(arguments: ModelConfig.Preset.allCases, [7, 3])
    func columnsSayWhatThePlainJobsSay(preset: ModelConfig.Preset, k: Int) throws {
        let model = try TinyCheckpoint(preset).load(), image = testImage(side: 32), question = "what is it"
        let request = ComparisonRequest(question: question, phrase: "it", candidates: 5)
        let output = try model.outputs(image, k: k, requests: [request])[0]
        let seen = model.see(image, k: k), answer = model.answer(seen, question: question)
        #expect(output.answer?.candidates == answer.candidates && output.answer?.candidates.count == 5)
        let caption = model.caption(seen)
        #expect(output.caption?.caption == caption.caption && output.caption?.tokens == caption.tokens)
        #expect(output.box?.box == model.ground(seen, phrase: "it", imageWidth: 32, imageHeight: 32).box)
        #expect(output.reconstructionError == seen.residual && (seen.residual == nil) == (preset == .attention))
        #expect(output.visionMilliseconds > 0 && output.milliseconds > output.visionMilliseconds)

        let costs = ModelCosts(model.config, k: k), prompt = model.promptTokens(task: .vqa, prompt: question).count
        let steps = caption.tokens.count + (caption.isCut ? 0 : 1)
        let expected = costs.vision + costs.answer(prompt: prompt) + costs.caption(prompt: 1, steps: steps)
            + costs.box(prompt: model.promptTokens(task: .ground, prompt: "it").count)
        #expect(output.operations == expected)

        let bare = try model.outputs(image, k: k, requests: [ComparisonRequest(wantsCaption: false, warmsUp: false)])[0]
        #expect(bare.caption == nil && bare.answer == nil && bare.box == nil)
        #expect(bare.operations == costs.vision && bare.stateBytes == 0)
    }

    @Test func aCancelledTaskIsNotAnswered() async {
        let task = Task {
            let model = try TinyCheckpoint().load()
            withUnsafeCurrentTask { $0?.cancel() }
            _ = try model.outputs(testImage(), k: 7, requests: [ComparisonRequest()])
        }
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test func overlapCountsWords() {
        // Shared: a, red, square; 7 and 3 words.
        #expect(abs(ColumnAgreement.overlap("a red circle and a red square", "a red  square") - 0.6) < 1e-12)
        #expect(ColumnAgreement.overlap("a a a", "a") == 0.5)
        #expect(ColumnAgreement.overlap("", "") == 1 && ColumnAgreement.overlap("a", "") == 0)
        #expect(ColumnAgreement.overlap("one two", "two one") == 1)
    }

    @Test func boxesShareTheirIntersection() {
        let box = PixelBox(x: 0, y: 0, width: 4, height: 2)
        // 2 x 1 of 8 + 8 - 2.
        #expect(abs(box.intersectionOverUnion(PixelBox(x: 2, y: 1, width: 4, height: 2)) - 2.0 / 14) < 1e-12)
        #expect(box.intersectionOverUnion(PixelBox(x: 4, y: 0, width: 4, height: 2)) == 0)
        let point = PixelBox(x: 1, y: 1, width: 0, height: 0)
        #expect(point.intersectionOverUnion(point) == 1 && point.intersectionOverUnion(PixelBox(x: 2, y: 2, width: 0, height: 0)) == 0)
    }

    @Test func agreementIsWithTheFirst() async throws {
        let answers: [[UInt8: [String: String]]] = [
            [1: ["q": "red", "caption": "a b"]], [1: ["q": "red", "caption": "a c"]], [1: ["q": "blue", "caption": "a b"]],
        ]
        let sources = [
            tableSource(answers[0]), tableSource(answers[1], k: 2), tableSource(answers[2], checkpoint: "b", hash: "2"),
        ]
        let image = try numberedImage("1")
        let comparison = try await Comparison.run(sources, image: image, requests: [ComparisonRequest(question: "q")])[0]
        #expect(comparison.columns.map(\.kind) == [.nested, .nested, .trained])
        #expect(comparison.columns.map(\.agreement?.sameAnswer) == [nil, true, false])
        #expect(comparison.columns.map(\.agreement?.sameCaption) == [nil, false, true])
        #expect(comparison.columns.map(\.agreement?.captionOverlap) == [nil, 0.5, 1])
        #expect(comparison.columns.allSatisfy { $0.agreement?.boxIoU == nil })
        #expect(comparison.isDisagreement)
        let twice = try await Comparison.run([sources[0], sources[0]], image: image, requests: [ComparisonRequest()])[0]
        #expect(!twice.isDisagreement && twice.columns[1].agreement?.sameAnswer == nil)
    }

    @Test func theSearchFindsDisagreementsInOrder() async throws {
        let first = tableSource([1: ["p": "x", "q": "x"], 2: ["p": "x", "q": "x"], 3: ["p": "x", "q": "x"]])
        let other = tableSource([1: ["p": "x", "q": "x"], 2: ["p": "y", "q": "y"], 3: ["p": "x", "q": "y"]])
        let seen = Reports()
        let search = DisagreementSearch(
            [first, other], images: ["1", "bad", "2", "3"],
            requests: ["p", "q"].map { ComparisonRequest(wantsCaption: false, question: $0) }, load: numberedImage,
            progress: seen.add)
        var found: [String] = []
        for try await place in search { found.append(place.path + (place.request.question ?? "")) }
        #expect(found == ["2p", "2q", "3q"])
        #expect(seen.all.map(\.path) == ["1", "bad", "2", "3"] && seen.all.map(\.done) == [0, 1, 2, 3])
        #expect(seen.all.map { $0.problem != nil } == [false, true, false, false])
        #expect(seen.all.allSatisfy { $0.total == 4 })
    }

    @Test func withoutRequestsTheSearchComparesCaptions() async throws {
        let first = tableSource([1: ["caption": "a"], 2: ["caption": "a"]])
        let other = tableSource([1: ["caption": "a"], 2: ["caption": "b"]])
        var search = DisagreementSearch([first, other], images: ["1", "2"], load: numberedImage).makeAsyncIterator()
        #expect(try await search.next()?.path == "2")
        #expect(try await search.next() == nil && search.done == 2)
    }

    @Test func aCancelledSearchGoesOnWhereItStood() async throws {
        let first = tableSource([1: ["q": "x"], 2: ["q": "x"]]), other = tableSource([1: ["q": "y"], 2: ["q": "y"]])
        let search = DisagreementSearch(
            [first, other], images: ["1", "2"], requests: [ComparisonRequest(wantsCaption: false, question: "q")],
            load: numberedImage)
        let task = Task { () -> (DisagreementSearch.Iterator, Bool) in
            var iterator = search.makeAsyncIterator()
            _ = try await iterator.next()
            withUnsafeCurrentTask { $0?.cancel() }
            do { _ = try await iterator.next() } catch is CancellationError { return (iterator, true) }
            return (iterator, false)
        }
        var (iterator, wasCancelled) = try await task.value
        #expect(wasCancelled && iterator.done == 1)
        #expect(try await iterator.next()?.path == "2")
        #expect(try await iterator.next() == nil)
    }

    private final class Reports: Sendable {
        private let kept = Mutex<[SearchProgress]>([])
        var all: [SearchProgress] { kept.withLock { $0 } }
        @Sendable func add(_ progress: SearchProgress) { kept.withLock { $0.append(progress) } }
    }
}
