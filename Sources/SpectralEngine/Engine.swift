// The one owner of a model: takes requests, says what happens as it happens, off every other thread.

import SpectralFormats
import SpectralModel

/// What is known of an engine's checkpoint without asking the engine.
public struct EngineInfo: Sendable {
    /// The checkpoint folder.
    public let path: String
    public let config: ModelConfig
    public let answers: [String]
    public let tokenizer: Tokenizer
    /// Number of floats.
    public let parameterCount: Int
    /// What is odd about the checkpoint, one line each.
    public let warnings: [String]
    /// Whether the engine can tell images unlike the training images.
    public let measuresFamiliarity: Bool
}

/// Owns a model and answers requests one after the other.
///
/// An image is run through the vision stack once for each K and kept, so that the next question about it is quick.
public actor Engine {
    /// How many images (each at one K) are kept.
    static let keptImages = 24

    public nonisolated let info: EngineInfo
    private let model: LoadedModel
    private let familiarity: Familiarity?
    private var seen: [ImageKey: SeenImage] = [:]
    /// Keys of `seen`, the longest unused first.
    private var order: [ImageKey] = []
    private nonisolated let executor = EngineExecutor()

    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Loads a checkpoint.
    ///
    /// - Parameter path: of a checkpoint folder; see `Bundled.checkpointPath` for those that come with the program.
    /// - Throws: `CheckpointError`, `TokenizerError` or `SafetensorsError`, one line each.
    public init(checkpoint path: String, transform: Transform = .automatic) async throws {
        let model = try LoadedModel(path: path, transform: transform)
        let familiarity = try Familiarity.read(folder: path, config: model.config)
        info = EngineInfo(
            path: path, config: model.config, answers: model.answers, tokenizer: model.tokenizer,
            parameterCount: model.parameterCount, warnings: model.warnings, measuresFamiliarity: familiarity != nil)
        self.model = model
        self.familiarity = familiarity
    }

    /// Runs a request and streams what happens. Ending the loop over the stream, or cancelling the task it runs in,
    /// cancels the request before its next token.
    public nonisolated func run(_ request: EngineRequest) -> AsyncStream<EngineEvent> {
        AsyncStream { stream in
            let task = Task {
                do {
                    let result = try await self.perform(request) { stream.yield($0) }
                    stream.yield(.finished(result))
                } catch is CancellationError {
                } catch {
                    stream.yield(.failed("\(error)"))
                }
                stream.finish()
            }
            stream.onTermination = { _ in task.cancel() }
        }
    }

    /// Runs a request to its end.
    ///
    /// - Throws: `EngineError` for a request that makes no sense, `UntrainedJob`, `CancellationError`.
    public func result(of request: EngineRequest) throws -> EngineResult { try perform(request) { _ in } }

    /// Calls `body` with the model, between requests: the way in for analyses that this actor knows nothing of.
    public func withModel<Value: Sendable>(_ body: @Sendable (LoadedModel) throws -> Value) rethrows -> Value {
        LoadedModel.prepareThread()
        return try body(model)
    }

    /// Calls `body` with the model and an image it has seen.
    ///
    /// - Parameter k: vision atoms, 1 to the checkpoint's own; `nil` for all of them.
    /// - Throws: `EngineError.kOutOfRange`, or what `body` throws.
    public func withSeen<Value: Sendable>(
        _ image: PixelImage, k: Int? = nil, _ body: @Sendable (LoadedModel, SeenImage) throws -> Value
    ) throws -> Value {
        LoadedModel.prepareThread()
        return try body(model, see(image, k: checked(k)))
    }

    /// Where an image stands among the training images; `nil` when the checkpoint does not tell.
    public func familiarity(of image: PixelImage) -> FamiliarityReading? {
        LoadedModel.prepareThread()
        return familiarity.map { $0.measure(see(image, k: model.config.visionAtoms)) }
    }

    /// A name for exactly this model: see `CheckpointFolder.contentHash`.
    public func contentHash() throws -> String { try model.folder.contentHash() }

    // MARK: Requests

    private func perform(_ request: EngineRequest, emit: (EngineEvent) -> Void) throws -> EngineResult {
        // The thread may be another each time, and products are set up by thread.
        LoadedModel.prepareThread()
        try Task.checkCancellation()
        let k = try checked(request.k)
        try model.require(request.job.kind)
        try check(request.job)
        emit(.started(k: k))
        var warnings: [String] = []
        func warn(_ line: String) {
            warnings.append(line)
            emit(.warning(line))
        }
        for warning in request.prompt.map(model.promptWarnings) ?? [] { warn(warning.description) }
        let start = ContinuousClock.now
        let image = see(request.image, k: k)
        let vision = LoadedModel.milliseconds(since: start)
        let reading = familiarity(of: request.image)
        if let line = reading?.warning { warn(line) }
        try Task.checkCancellation()

        let output: EngineResult.Output
        switch request.job {
        case .caption(let strategy):
            var made = model.caption(image, strategy: strategy) { token in
                guard !Task.isCancelled else { return false }
                emit(.token(token))
                return true
            }
            try Task.checkCancellation()
            made.milliseconds += vision
            if made.isCut { warn("the caption stops at this checkpoint's longest output, \(made.tokens.count) tokens") }
            output = .caption(made)
        case .ask(let question, let count):
            var made = model.answer(image, question: question, candidates: count)
            made.milliseconds += vision
            emit(.candidates(made.candidates))
            output = .answer(made)
        case .ground(let phrase):
            var made = model.ground(
                image, phrase: phrase, imageWidth: request.image.width, imageHeight: request.image.height)
            made.milliseconds += vision
            emit(.box(made.box))
            output = .box(made)
        }
        guard output.isFinite else { throw EngineError.notANumber(checkpoint: info.path) }
        return EngineResult(output: output, warnings: warnings, familiarity: reading)
    }

    private func checked(_ k: Int?) throws(EngineError) -> Int {
        let limit = model.config.visionAtoms, k = k ?? limit
        guard (1...limit).contains(k) else { throw .kOutOfRange(found: k, limit: limit) }
        return k
    }

    private func check(_ job: EngineRequest.Job) throws(EngineError) {
        func require(_ holds: Bool, _ name: String, _ expected: String, _ found: Any) throws(EngineError) {
            if !holds { throw .setting(name: name, expected: expected, found: "\(found)") }
        }
        switch job {
        case .caption(.greedy), .ground: break
        case .caption(.beam(let width, let penalty)):
            try require((1...64).contains(width), "beam width", "1 to 64", width)
            try require((0...4).contains(penalty), "length penalty", "0 to 4", penalty)
        case .caption(.nucleus(let topP, let temperature, _)):
            try require(topP > 0 && topP <= 1, "top-p", "above 0 and at most 1", topP)
            try require((0...100).contains(temperature), "temperature", "0 to 100", temperature)
        case .ask(_, let candidates):
            try require(candidates >= 1, "candidates", "at least 1", candidates)
        }
    }

    // MARK: Images

    /// Equal for equal images at one K; others share a key once in 2^64.
    private struct ImageKey: Hashable {
        let width: Int
        let height: Int
        let digest: Int
        let k: Int

        init(_ image: PixelImage, k: Int) {
            var hasher = Hasher()
            image.pixels.withUnsafeBytes { hasher.combine(bytes: $0) }
            (width, height, digest, self.k) = (image.width, image.height, hasher.finalize(), k)
        }
    }

    private func see(_ image: PixelImage, k: Int) -> SeenImage {
        let key = ImageKey(image, k: k)
        order.removeAll { $0 == key }
        order.append(key)
        if let known = seen[key] { return known }
        if order.count > Self.keptImages { seen[order.removeFirst()] = nil }
        let made = model.see(image, k: k)
        seen[key] = made
        return made
    }
}
