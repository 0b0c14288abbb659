// An image after the vision stack: computed once, asked about often.

import SpectralFormats
import SpectralKernels

/// Image tokens [V, d] of one image at one K.
public struct SeenImage {
    public let tokens: Tensor
    /// What the vision stack was given, [V, 3 patch^2]: enough to see again under other edits.
    public let patches: Tensor
    public let gridWidth: Int
    public let gridHeight: Int
    public let k: Int
    /// Share of the tokens' energy that the vision atoms leave out; `nil` for the attention twin.
    public let residual: Float?
}

extension LoadedModel {
    /// Resizes the image to the checkpoint's size and runs the vision stack.
    ///
    /// - Parameter k: vision atoms to use; clamped to what the checkpoint has.
    public func see(_ image: PixelImage, k: Int? = nil, probe: Probe? = nil) -> SeenImage {
        let k = min(max(1, k ?? config.visionAtoms), config.visionAtoms)
        let side = config.imageSize, grid = side / config.patchSize
        let fitted = image.width == side && image.height == side ? image : image.resized(width: side, height: side)
        var patches: [Float] = []
        PatchGrid.append(fitted, patch: config.patchSize, to: &patches)
        let rows = Tensor(rows: grid * grid, columns: patches.count / (grid * grid), patches)
        return see(patches: rows, gridWidth: grid, gridHeight: grid, k: k, probe: probe)
    }

    /// Runs the vision stack again on an image already cut into patches, under edits or with taps.
    public func seeAgain(_ image: SeenImage, probe: Probe?) -> SeenImage {
        see(patches: image.patches, gridWidth: image.gridWidth, gridHeight: image.gridHeight, k: image.k, probe: probe)
    }

    func see(patches: Tensor, gridWidth: Int, gridHeight: Int, k: Int, probe: Probe?) -> SeenImage {
        let layout = SequenceLayout(
            gridWidth: gridWidth, gridHeight: gridHeight, imageCount: 1, imageOf: [], promptLengths: [], suffixLengths: [])
        let tape = Tape(recording: false)
        let seen = model.see(tape, patches: patches, layout: layout, k: k, probe: probe)
        return SeenImage(
            tokens: seen, patches: patches, gridWidth: gridWidth, gridHeight: gridHeight, k: k,
            residual: model.reconstructionResidual(tape, seen: seen, layout: layout, k: k)?.first)
    }

    /// What stands before the answer: the image, the task and the prompt's words.
    ///
    public func prefix(_ image: SeenImage, task: SpecialToken, prompt: String, probe: Probe? = nil) -> ReadPrefix {
        let ids = promptTokens(task: task, prompt: prompt)
        let layout = SequenceLayout(
            gridWidth: image.gridWidth, gridHeight: image.gridHeight, imageCount: 1, imageOf: [0],
            promptLengths: [ids.count], suffixLengths: [config.maxSuffix])
        let tape = Tape(recording: false)
        let words = model.read(tape, prompts: ids, layout: layout, k: image.k, probe: probe)
        let memory = model.fuse(
            tape, image: image.tokens, prompt: words, layout: layout, k: image.k, probe: probe)
        return ReadPrefix(memory: memory, length: ids.count)
    }

    /// The prompt as the model reads it: the task token, then the words, cut to the checkpoint's longest prompt.
    public func promptTokens(task: SpecialToken, prompt: String) -> [Int] {
        Array(([task.rawValue] + tokenizer.encode(prompt)).prefix(config.maxPrompt))
    }
}
