// Asking columns: on one model, and over several wherever they live.

import SpectralFormats
import SpectralKernels
import SpectralModel

/// A column that can be asked, on whatever owns its model.
public struct ComparisonSource: Sendable {
    public let column: ComparisonColumn
    /// One output for each of the requests. Throws `CancellationError` once its task is cancelled.
    public let ask: @Sendable (_ image: PixelImage, _ requests: [ComparisonRequest]) async throws -> [ColumnOutput]

    public init(
        _ column: ComparisonColumn,
        ask: @escaping @Sendable (_ image: PixelImage, _ requests: [ComparisonRequest]) async throws -> [ColumnOutput]
    ) {
        self.column = column
        self.ask = ask
    }
}

extension Comparison {
    /// Asks every column the same, one column after the other: times would mean little if they ran together.
    ///
    /// - Returns: a comparison for each of the requests.
    /// - Throws: `CancellationError`, or what a source throws.
    public static func run(
        _ sources: [ComparisonSource], image: PixelImage, requests: [ComparisonRequest]
    ) async throws -> [Comparison] {
        var outputs: [[ColumnOutput]] = []
        for source in sources {
            try Task.checkCancellation()
            outputs.append(try await source.ask(image, requests))
        }
        return requests.indices.map { i in Comparison(sources.map(\.column), outputs: outputs.map { $0[i] }) }
    }
}

extension LoadedModel {
    /// What this model is as a column.
    ///
    /// - Parameters:
    ///   - hash: `CheckpointFolder.contentHash`, which reads all weights and need not be made for every K.
    ///   - k: vision atoms, 1 to the checkpoint's own.
    public func comparisonColumn(checkpoint: String, hash: String, k: Int) -> ComparisonColumn {
        ComparisonColumn(
            checkpoint: checkpoint, hash: hash, preset: config.preset, k: k, visionAtoms: config.visionAtoms,
            atoms: AtomStack.allCases.compactMap { stack in
                model.atoms(of: stack).map { atoms in
                    let kept = model.keptAtoms(of: stack, k: k)
                    return ColumnAtoms(
                        stack: stack, atoms: kept, frequencies: kept.map { atoms.frequencies[$0] },
                        gridSize: config.gridSize, textLength: config.maxPrompt)
                }
            })
    }

    /// Sees an image at one K and does of what is asked that which it was trained for.
    ///
    /// - Returns: an output for each of the requests, without what other checkpoints do.
    /// - Throws: `UntrainedJob` where nothing would be left of a request; `CancellationError`, before the next request or token.
    public func outputs(_ image: PixelImage, k: Int, requests: [ComparisonRequest]) throws -> [ColumnOutput] {
        try Task.checkCancellation()
        let seen = see(image, k: k), vision = visionMilliseconds(seen), costs = ModelCosts(config, k: seen.k)
        return try requests.map { request in
            try output(request, seen, size: (image.width, image.height), vision: vision, costs)
        }
    }

    /// The vision stack alone, on what it has just seen: neither resizing nor the residual is timed.
    private func visionMilliseconds(_ seen: SeenImage) -> Double {
        let layout = SequenceLayout(
            gridWidth: seen.gridWidth, gridHeight: seen.gridHeight, imageCount: 1, imageOf: [], promptLengths: [],
            suffixLengths: [])
        let start = ContinuousClock.now
        _ = model.see(Tape(recording: false), patches: seen.patches, layout: layout, k: seen.k)
        return Self.milliseconds(since: start)
    }

    private func output(
        _ request: ComparisonRequest, _ seen: SeenImage, size: (width: Int, height: Int), vision: Double, _ costs: ModelCosts
    ) throws -> ColumnOutput {
        var operations = costs.vision, bytes = 0
        func begin(_ task: SpecialToken, _ prompt: String) throws -> Int {
            try Task.checkCancellation()
            if request.warmsUp { _ = prefix(seen, task: task, prompt: prompt) }
            return promptTokens(task: task, prompt: prompt).count
        }
        func add(_ count: OperationCount, prompt: Int, steps: Int) {
            operations = operations + count
            bytes = max(bytes, costs.stateBytes(prompt: prompt, steps: steps))
        }
        let jobs = request.jobs
        if let first = jobs.first, !jobs.contains(where: config.does) { try require(first) }
        var captioning: Captioning?, answering: Answering?, grounding: Grounding?
        if request.wantsCaption, config.does(.caption) {
            let prompt = try begin(.caption, "")
            let made = caption(seen) { _ in !Task.isCancelled }
            try Task.checkCancellation()
            let steps = made.tokens.count + (made.isCut ? 0 : 1)
            add(costs.caption(prompt: prompt, steps: steps), prompt: prompt, steps: steps)
            captioning = made
        }
        if let question = request.question, config.does(.vqa) {
            let prompt = try begin(.vqa, question)
            answering = answer(seen, question: question, candidates: request.candidates)
            add(costs.answer(prompt: prompt), prompt: prompt, steps: 1)
        }
        if let phrase = request.phrase, config.does(.ground) {
            let prompt = try begin(.ground, phrase)
            grounding = ground(seen, phrase: phrase, imageWidth: size.width, imageHeight: size.height)
            add(costs.box(prompt: prompt), prompt: prompt, steps: 1)
        }
        return ColumnOutput(
            caption: captioning, answer: answering, box: grounding, visionMilliseconds: vision, operations: operations,
            stateBytes: bytes, reconstructionError: seen.residual)
    }
}
