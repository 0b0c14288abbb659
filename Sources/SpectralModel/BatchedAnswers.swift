// Many images and questions in one pass: what evaluation needs.

import SpectralFormats
import SpectralKernels

/// Image tokens of several images, [B V, d].
public struct SeenBatch {
    public let tokens: Tensor
    public let count: Int
    public let grid: Int
    public let k: Int
}

extension LoadedModel {
    /// The vision stack on several images, each resized to the checkpoint's size.
    ///
    /// - Parameters:
    ///   - blank: shows mid-grey instead.
    ///   - edits: of vision atoms; those of other stacks wait for `answerProbabilities`.
    public func see(_ images: [PixelImage], k: Int, blank: Bool = false, edits: AtomEdits = .none) -> SeenBatch {
        let side = config.imageSize, grid = side / config.patchSize
        var patches: [Float] = []
        for image in images {
            let fitted = image.width == side && image.height == side ? image : image.resized(width: side, height: side)
            PatchGrid.append(fitted, patch: config.patchSize, to: &patches)
        }
        if blank { patches = [Float](repeating: 0, count: patches.count) }
        let layout = SequenceLayout(
            gridWidth: grid, gridHeight: grid, imageCount: images.count, imageOf: [], promptLengths: [], suffixLengths: [])
        let rows = images.count * grid * grid
        let seen = model.see(
            Tape(recording: false), patches: Tensor(rows: rows, columns: patches.count / rows, patches), layout: layout, k: k,
            probe: edits.isEmpty ? nil : Probe(edits: edits))
        return SeenBatch(tokens: seen, count: images.count, grid: grid, k: k)
    }

    /// Distributions over `answers`, [questions][answers].
    ///
    /// - Parameter edits: of text and fusion atoms; those of vision atoms belong to `see`.
    public func answerProbabilities(
        _ seen: SeenBatch, imageOf: [Int], questions: [String], edits: AtomEdits = .none
    ) -> [[Float]] {
        let states = clsStates(seen, task: .vqa, imageOf: imageOf, prompts: questions, edits: edits)
        return rows(model.answerLogits(Tape(recording: false), states)).map(softmax)
    }

    /// Centre x, centre y, width, height as shares of the image, for each phrase.
    public func boxShares(_ seen: SeenBatch, imageOf: [Int], phrases: [String]) -> [[Float]] {
        let states = clsStates(seen, task: .ground, imageOf: imageOf, prompts: phrases)
        return rows(model.boxLogits(Tape(recording: false), states)).map { $0.map(logistic) }
    }

    /// Greedy captions of the first `count` images.
    public func greedyCaptions(_ seen: SeenBatch, count: Int) -> [String] {
        var (memory, lengths) = prefix(seen, task: .caption, imageOf: Array(0..<count), prompts: Array(repeating: "", count: count))
        var last = Array(repeating: SpecialToken.cls.rawValue, count: count), written = [[Int]](repeating: [], count: count)
        var open = Array(repeating: true, count: count)
        for i in 0..<config.maxSuffix - 1 where open.contains(true) {
            let p = nextProbabilities(last, t: lengths.map { $0 + i }, memory: &memory)
            for n in 0..<count where open[n] {
                last[n] = p[n].indices.max { p[n][$0] < p[n][$1] }!
                open[n] = last[n] != SpecialToken.eos.rawValue
                if open[n] { written[n].append(last[n]) }
            }
        }
        return written.map { tokenizer.decode($0, skipSpecial: true) }
    }

    private func clsStates(
        _ seen: SeenBatch, task: SpecialToken, imageOf: [Int], prompts: [String], edits: AtomEdits = .none
    ) -> Tensor {
        var (memory, lengths) = prefix(seen, task: task, imageOf: imageOf, prompts: prompts, edits: edits)
        return model.step(
            Tape(recording: false), prompts.map { _ in SpecialToken.cls.rawValue }, t: lengths, memory: &memory)
    }

    private func prefix(
        _ seen: SeenBatch, task: SpecialToken, imageOf: [Int], prompts: [String], edits: AtomEdits = .none
    ) -> (PrefixMemory, [Int]) {
        let probe = edits.isEmpty ? nil : Probe(edits: edits)
        let ids = prompts.map { promptTokens(task: task, prompt: $0) }
        let layout = SequenceLayout(
            gridWidth: seen.grid, gridHeight: seen.grid, imageCount: seen.count, imageOf: imageOf,
            promptLengths: ids.map(\.count), suffixLengths: ids.map { _ in config.maxSuffix })
        let tape = Tape(recording: false)
        let words = model.read(tape, prompts: ids.flatMap { $0 }, layout: layout, k: seen.k, probe: probe)
        return (model.fuse(tape, image: seen.tokens, prompt: words, layout: layout, k: seen.k, probe: probe), ids.map(\.count))
    }
}
