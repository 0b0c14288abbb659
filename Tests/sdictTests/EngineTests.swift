import SpectralFormats
import SpectralModel
import Testing

@testable import SpectralEngine

@Suite struct EngineTests {
    let folder: TemporaryFolder
    let image = Scene.draw(split: .dev, seed: 5, index: 0).render().image

    init() throws { folder = try TemporaryFolder() }

    private func engine(_ preset: ModelConfig.Preset = .gated) async throws -> Engine {
        try await Engine(checkpoint: TinyCheckpoint.write(to: folder.file("tiny"), preset: preset))
    }

    private func events(_ engine: Engine, _ request: EngineRequest) async -> [EngineEvent] {
        var all: [EngineEvent] = []
        for await event in engine.run(request) { all.append(event) }
        return all
    }

    @Test(arguments: [ModelConfig.Preset.gated, .paper, .attention])
    func captionEvents(_ preset: ModelConfig.Preset) async throws {
        let engine = try await engine(preset)
        let all = await events(engine, EngineRequest(.caption(.greedy), image: image, k: 4))
        #expect(all.first == .started(k: 4))
        guard case .finished(let result) = all.last, case .caption(let made) = result.output else {
            Issue.record("no result at the end of \(all)")
            return
        }
        let streamed = all.compactMap { if case .token(let token) = $0 { token } else { nil } }
        #expect(streamed == made.tokens && made.k == 4)
        #expect(made.tokens.allSatisfy { token in token.alternatives.contains { $0.probability == token.probability } })
        let warned = all.compactMap { if case .warning(let line) = $0 { line } else { nil } }
        #expect(warned == result.warnings)
        #expect(made.isCut == (made.tokens.count == engine.info.config.maxSuffix - 1))
    }

    @Test func answersAndBoxes() async throws {
        let engine = try await engine()
        let asked = await events(engine, EngineRequest(.ask(question: "is the scene dark?", candidates: 3), image: image))
        guard asked.count == 3, case .candidates(let candidates) = asked[1], case .finished(let result) = asked[2],
            case .answer(let made) = result.output
        else {
            Issue.record("unexpected events \(asked)")
            return
        }
        #expect(candidates.count == 3 && candidates == made.candidates && made.answer == candidates[0].text)
        let found = await events(engine, EngineRequest(.ground(phrase: "red circle"), image: image))
        guard found.count == 3, case .box(let box) = found[1], case .finished(let last) = found[2],
            case .box(let grounding) = last.output
        else {
            Issue.record("unexpected events \(found)")
            return
        }
        #expect(box == grounding.box)
    }

    /// The second request runs on the kept image, the third on one seen anew by another engine.
    @Test func keptImagesGiveTheSameAnswers() async throws {
        let engine = try await engine()
        func candidates(_ engine: Engine, k: Int) async throws -> [TextCandidate] {
            let request = EngineRequest(.ask(question: "how many objects are there?"), image: image, k: k)
            guard case .answer(let made) = try await engine.result(of: request).output else { return [] }
            return made.candidates
        }
        let first = try await candidates(engine, k: 5), few = try await candidates(engine, k: 2)
        #expect(try await candidates(engine, k: 5) == first)
        #expect(few != first)
        let other = try await Engine(checkpoint: engine.info.path)
        #expect(try await candidates(other, k: 5) == first)
        // More images than are kept push the first out; it is seen again.
        for index in 0...Engine.keptImages {
            let scene = Scene.draw(split: .dev, seed: 6, index: index).render().image
            _ = try await engine.result(of: EngineRequest(.ground(phrase: "ring"), image: scene))
        }
        #expect(try await candidates(engine, k: 5) == first)
    }

    @Test func cancelling() async throws {
        let engine = try await engine()
        let request = EngineRequest(.caption(.greedy), image: image)
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await engine.result(of: request)
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        // A stream that nobody reads to the end leaves the engine free for the next request.
        for await event in engine.run(request) {
            if case .token = event { break }
        }
        let last = await events(engine, request).last
        guard case .finished = last else {
            Issue.record("expected a result, found \(String(describing: last))")
            return
        }
    }

    @Test func requestsThatMakeNoSense() async throws {
        let engine = try await engine()
        let wrong: [EngineRequest] = [
            EngineRequest(.caption(.greedy), image: image, k: 0), EngineRequest(.caption(.greedy), image: image, k: 7),
            EngineRequest(.caption(.beam(width: 0, lengthPenalty: 1)), image: image),
            EngineRequest(.caption(.nucleus(topP: 0, temperature: 1, seed: 1)), image: image),
            EngineRequest(.caption(.nucleus(topP: 1, temperature: .nan, seed: 1)), image: image),
            EngineRequest(.ask(question: "what?", candidates: 0), image: image),
        ]
        for request in wrong {
            let all = await events(engine, request)
            guard all.count == 1, case .failed(let message) = all[0] else {
                Issue.record("expected a failure, found \(all)")
                return
            }
            #expect(message.contains("out of range") && message.contains("found") && !message.contains("\n"))
        }
        await #expect(throws: EngineError.kOutOfRange(found: 9, limit: TinyCheckpoint.visionAtoms)) {
            try await engine.withSeen(image, k: 9) { _, seen in seen.k }
        }
        await #expect(throws: CheckpointError.self) { try await Engine(checkpoint: folder.file("none")) }
    }

    @Test func analysesRunOnTheModel() async throws {
        let engine = try await engine()
        #expect(await engine.withModel { $0.parameterCount } == engine.info.parameterCount)
        let rows = try await engine.withSeen(image, k: 3) { _, seen in (seen.k, seen.tokens.rows) }
        #expect(rows == (3, 16))
        #expect(await engine.familiarity(of: image) == nil && !engine.info.measuresFamiliarity)
    }

    @Test func bundledNames() throws {
        let path = try TinyCheckpoint.write(to: folder.file("mine"))
        #expect(try Bundled.checkpointPath(path) == path)
        for name in Bundled.checkpoints {
            #expect(try CheckpointFolder(path: Bundled.checkpointPath(name)).config.visionAtoms > 0)
        }
        let error = #expect(throws: EngineError.self) { try Bundled.checkpointPath("no such\u{1b} checkpoint") }
        #expect(error?.description.unicodeScalars.contains("\u{1b}") == false)
        #expect(throws: EngineError.unknownCheckpoint(name: "", bundled: Bundled.checkpoints)) {
            try Bundled.checkpointPath("")
        }
    }
}
