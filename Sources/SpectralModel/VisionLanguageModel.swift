// SDict-VLM: patches and words in, next words, answers and boxes out.

import SpectralAtoms
import SpectralFormats
import SpectralKernels

/// Initial gain and phase bias, [K, d] each.
typealias Modulation = (gain: [Float], bias: [Float])

/// Images and sequences of one forward pass.
public struct ModelInput {
    public let layout: SequenceLayout
    /// Images and prompts as fusion reads them: those of `layout`, or each once where several sequences have the same.
    public let prefixes: SequenceLayout
    /// For each sequence of `layout`, its prefix; `nil` where each has its own.
    public let prefixOf: [Int]?
    /// [B V, 3 patch^2], values -1...1; a patch is its rows of RGB pixels.
    public let patches: Tensor
    /// Token ids of all prompts of `prefixes`, packed.
    public let prompts: [Int]
    /// Token ids of all suffixes, packed; each begins with `<cls>`.
    public let suffixes: [Int]

    public init(
        layout: SequenceLayout, prefixes: (layout: SequenceLayout, of: [Int])? = nil, patches: Tensor, prompts: [Int],
        suffixes: [Int]
    ) {
        self.layout = layout
        (self.prefixes, prefixOf) = (prefixes?.layout ?? layout, prefixes?.of)
        self.patches = patches
        self.prompts = prompts
        self.suffixes = suffixes
    }
}

/// One replica of the model over a parameter store.
public final class VisionLanguageModel {
    public let config: ModelConfig
    /// Parameters with this replica's gradients.
    public let replica: Replica
    let patch: Linear
    let patchPerceptron: Perceptron?
    /// [V, d] and [T, d]; `nil` where place comes from phase alone.
    let imageCode: Tensor?
    let textCode: Tensor?
    let words: Tensor
    let vision: SelfStack
    /// Between vision and fusion: the vision stack's residual stream grows far beyond the size of a word's embedding,
    /// and what fusion adds to an image token would hardly turn it.
    let bridge: LayerNorm
    let text: SelfStack
    let fusion: FusionStack
    let norm: LayerNorm
    let nextToken: Head
    let answer: Head
    let box: Head

    /// - Parameters:
    ///   - store: holds the values; whatever it lacks is initialised.
    ///   - trainable: whether tapes record through this replica. One that is not keeps what depends on weights and
    ///     grid alone between calls, so its weights must not change.
    ///   - transform: how a replica that is not trainable evaluates analysis and synthesis on image grids.
    public init(config: ModelConfig, store: ParameterStore, trainable: Bool, transform: Transform = .automatic) {
        self.config = config
        replica = Replica(store, trainable: trainable)
        let scope = ParameterScope(replica), d = config.width
        let side = config.imageSize / config.patchSize
        patch = Linear(scope.scope("patch"), 3 * config.patchSize * config.patchSize, d)
        patchPerceptron = config.patchMLP
            ? Perceptron(scope.scope("patch_perceptron"), width: d, ratio: config.mlpRatio) : nil
        imageCode = config.positionCode ? scope.tensor("image_code", side * side, d, .vector, .normal(0.02)) : nil
        textCode = config.positionCode
            ? scope.tensor("text_code", config.maxPrompt + config.maxSuffix, d, .vector, .normal(0.02)) : nil
        words = scope.tensor("words", config.vocabularySize, d, .vector, .normal(0.5))

        let visionStart = AtomLayout.halfPlane(width: side, height: side, count: config.visionAtoms)
        let textStart = AtomLayout.melSpaced(config.textAtoms)
        let fusionStart = AtomLayout.union(vision: visionStart, text: textStart)
        func banded(_ start: [[Float]]) -> Modulation {
            let gain = AtomLayout.bandedGain(frequencies: start, channels: d)
            return (gain, gain.map { _ in 0 })
        }
        vision = SelfStack(
            .vision, scope.scope("vision"), layers: config.visionLayers, start: visionStart, visionDerived: config.visionAtoms,
            modulation: AtomLayout.shiftedModulation(frequencies: visionStart, channels: d), config: config,
            transform: trainable ? nil : transform)
        bridge = LayerNorm(scope.scope("bridge"), d)
        text = SelfStack(
            .text, scope.scope("text"), layers: config.textLayers, start: [textStart], visionDerived: 0,
            modulation: banded([textStart]), config: config, transform: trainable ? nil : transform)
        fusion = FusionStack(
            scope.scope("fusion"), start: fusionStart, visionDerived: config.visionAtoms,
            modulation: banded(fusionStart), config: config, transform: trainable ? nil : transform)
        norm = LayerNorm(scope.scope("norm"), d)
        nextToken = Head(scope.scope("next_token"), width: d, outputs: config.vocabularySize)
        answer = Head(scope.scope("answer"), width: d, outputs: config.answers)
        box = Head(scope.scope("box"), width: d, outputs: 4)
    }

    /// Gain and phase bias, [text atoms, d], of a text layer that reads its neighbouring words.
    public static func shiftedText(_ config: ModelConfig) -> (gain: [Float], bias: [Float]) {
        AtomLayout.shiftedModulation(
            frequencies: [AtomLayout.melSpaced(config.textAtoms)], channels: config.width)
    }

    // MARK: Stacks

    /// Image tokens after the vision stack, [B V, d].
    public func see(_ tape: Tape, patches: Tensor, layout: SequenceLayout, k: Int, probe: Probe? = nil) -> Tensor {
        var x = patch(tape, patches)
        if let imageCode {
            precondition(layout.tokensPerImage == imageCode.rows, "a learned 2-D code fixes the grid")
            x = tape.sum(x, tape.gather(imageCode, Array(repeating: 0, count: layout.imageCount), block: imageCode.rows))
        }
        if let patchPerceptron { x = patchPerceptron(tape, x) }
        return vision(tape, x, tokens: imageSequences(layout), k: k, probe: probe)
    }

    /// Prompt tokens after the text stack, [sum of prompts, d].
    public func read(_ tape: Tape, prompts: [Int], layout: SequenceLayout, k: Int, probe: Probe? = nil) -> Tensor {
        text(tape, embed(tape, prompts, layout.promptSegments), tokens: promptSequences(layout), k: k, probe: probe)
    }

    /// Runs the prefix; the result continues with `suffix` or `step`, under the same probe.
    public func fuse(
        _ tape: Tape, image: Tensor, prompt: Tensor, layout: SequenceLayout, k: Int, probe: Probe? = nil
    ) -> PrefixMemory {
        PrefixMemory(
            layers: fusion.prefix(
                tape, image: bridge(tape, image), prompt: prompt, layout: layout, k: k, probe: probe), k: k)
    }

    /// Final states of all suffix tokens, [sum of suffixes, d].
    public func suffix(_ tape: Tape, _ ids: [Int], memory: PrefixMemory, layout: SequenceLayout) -> Tensor {
        norm(
            tape,
            fusion.suffix(
                tape, embed(tape, ids, layout.suffixSegments), memories: memory.layers, layout: layout, k: memory.k))
    }

    /// Final state of one more suffix token for each of n sequences, [n, d]. `t` counts on from the prompt's length.
    public func step(_ tape: Tape, _ ids: [Int], t: [Int], memory: inout PrefixMemory) -> Tensor {
        let segments = t.enumerated().map { Segment($0.offset..<$0.offset + 1, offset: $0.element) }
        return norm(
            tape, fusion.step(tape, embed(tape, ids, segments), memories: &memory.layers, t: t, k: memory.k))
    }

    /// Runs the prefixes of an input whose images have been seen.
    public func fuse(_ tape: Tape, _ input: ModelInput, seen: Tensor, k: Int) -> PrefixMemory {
        let prompt = read(tape, prompts: input.prompts, layout: input.prefixes, k: k)
        return fuse(tape, image: seen, prompt: prompt, layout: input.prefixes, k: k)
    }

    /// Final states of all suffix tokens of an input whose prefixes have been run, [sum of suffixes, d].
    public func suffixStates(_ tape: Tape, _ input: ModelInput, _ memory: PrefixMemory) -> Tensor {
        let own = input.prefixOf.map { memory.selecting($0, tape) } ?? memory
        return suffix(tape, input.suffixes, memory: own, layout: input.layout)
    }

    // MARK: Heads, each on chosen rows of final states

    /// [n, vocabulary].
    public func nextTokenLogits(_ tape: Tape, _ states: Tensor) -> Tensor { nextToken(tape, states) }
    /// [n, answers].
    public func answerLogits(_ tape: Tape, _ states: Tensor) -> Tensor { answer(tape, states) }
    /// [n, 4]: centre x, centre y, width, height before the logistic that puts them in 0...1 of the image.
    public func boxLogits(_ tape: Tape, _ states: Tensor) -> Tensor { box(tape, states) }

    // MARK: Details

    private func embed(_ tape: Tape, _ ids: [Int], _ segments: [Segment]) -> Tensor {
        let x = tape.gather(words, ids)
        guard let textCode else { return x }
        let places = segments.flatMap { s in s.rows.indices.map { min(s.offset + $0 - s.rows.lowerBound, textCode.rows - 1) } }
        return tape.sum(x, tape.gather(textCode, places))
    }

    func imageSequences(_ layout: SequenceLayout) -> TokenSequences {
        TokenSequences(
            grid: GridKey(width: layout.gridWidth, height: layout.gridHeight, text: 0),
            segments: layout.imageSegments(layout.imageCount), lengths: [layout.tokensPerImage],
            choice: Array(repeating: 0, count: layout.imageCount))
    }

    private func promptSequences(_ layout: SequenceLayout) -> TokenSequences {
        TokenSequences(
            grid: GridKey(width: 0, height: 0, text: layout.longestPrompt), segments: layout.promptSegments,
            lengths: layout.distinctLengths, choice: layout.lengthChoice)
    }
}

/// All fusion layers' memories after a prefix.
public struct PrefixMemory {
    var layers: [LayerMemory]
    let k: Int
}

/// An image, a task and a prompt that fusion has read: what an output is decoded from.
public struct ReadPrefix {
    public let memory: PrefixMemory
    /// Tokens of the prompt, its task token included: the position t of the suffix's first token.
    public let length: Int
}
