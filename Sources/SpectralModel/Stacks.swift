// The three stacks: vision, text and fusion. A stack is blocks of a mixer and a perceptron over one atom bank.

import SpectralAtoms
import SpectralFormats
import SpectralKernels

/// x + mix(norm(x)), then x + perceptron(norm(x)).
struct SelfBlock {
    let norm: LayerNorm
    let mixer: any SelfMixing
    let perceptron: Perceptron

    func callAsFunction(_ tape: Tape, _ x: Tensor, tokens: TokenSequences, k: Int, probe: LayerProbe?) -> Tensor {
        perceptron(tape, mixer.mix(tape, norm(tape, x), residual: x, tokens: tokens, k: k, probe: probe))
    }
}

/// A stack over one modality.
struct SelfStack {
    private let name: AtomStack
    /// `nil` in the attention twin.
    let bank: AtomBank?
    let blocks: [SelfBlock]

    /// - Parameter start: initial frequencies [D, K]; ignored by the attention twin.
    init(
        _ name: AtomStack, _ scope: ParameterScope, layers: Int, start: [[Float]], visionDerived: Int, modulation: Modulation,
        config: ModelConfig, transform: Transform?
    ) {
        let bank = config.preset == .attention ? nil : AtomBank(scope, start: start, visionDerived: visionDerived)
        self.name = name
        self.bank = bank
        blocks = (0..<layers).map { i in
            let layer = scope.scope("layers").scope("\(i)"), d = config.width
            let norm = LayerNorm(layer.scope("norm"), d)
            let mixer: any SelfMixing =
                bank.map {
                    SpectralMixer(
                        layer.scope("mixer"), bank: $0, config: config, modulation: modulation, transform: transform)
                } ?? AttentionMixer(layer.scope("mixer"), config: config)
            return SelfBlock(
                norm: norm, mixer: mixer,
                perceptron: Perceptron(layer.scope("perceptron"), width: d, ratio: config.mlpRatio))
        }
    }

    func callAsFunction(_ tape: Tape, _ x: Tensor, tokens: TokenSequences, k: Int, probe: Probe?) -> Tensor {
        blocks.enumerated().reduce(x) { x, block in
            block.element(tape, x, tokens: tokens, k: k, probe: probe?.layer(name, block.offset))
        }
    }
}

/// One fusion layer.
struct FusionBlock {
    let norm: LayerNorm
    let mixer: any FusionMixing
    let perceptron: Perceptron
}

/// Image and prompt tokens, then suffix tokens that read what those leave behind.
struct FusionStack {
    let bank: AtomBank?
    let blocks: [FusionBlock]

    init(
        _ scope: ParameterScope, start: [[Float]], visionDerived: Int, modulation: Modulation, config: ModelConfig,
        transform: Transform?
    ) {
        let bank = config.preset == .attention ? nil : AtomBank(scope, start: start, visionDerived: visionDerived)
        self.bank = bank
        blocks = (0..<config.fusionLayers).map { i in
            let layer = scope.scope("layers").scope("\(i)"), d = config.width
            let norm = LayerNorm(layer.scope("norm"), d)
            let mixer: any FusionMixing =
                bank.map {
                    SpectralFusion(
                        layer.scope("mixer"), bank: $0, config: config, modulation: modulation,
                        isLast: i + 1 == config.fusionLayers, transform: transform)
                } ?? AttentionFusion(layer.scope("mixer"), config: config)
            return FusionBlock(
                norm: norm, mixer: mixer,
                perceptron: Perceptron(layer.scope("perceptron"), width: d, ratio: config.mlpRatio))
        }
    }

    /// Runs image and prompt tokens through all layers; the last layer only leaves its memory.
    func prefix(_ tape: Tape, image: Tensor, prompt: Tensor, layout: SequenceLayout, k: Int, probe: Probe?) -> [LayerMemory] {
        var image = ImageTokens(tokens: image, blockOf: layout.imageOf, perSequence: false), prompt = prompt
        var memories: [LayerMemory] = []
        for (i, block) in blocks.enumerated() {
            let result = block.mixer.prefix(
                tape, image: image, imageNorm: block.norm(tape, image.tokens), prompt: prompt,
                promptNorm: block.norm(tape, prompt), layout: layout, k: k, continuing: i + 1 < blocks.count,
                probe: probe?.layer(.fusion, i))
            memories.append(result.memory)
            if let nextImage = result.image, let nextPrompt = result.prompt {
                image = ImageTokens(
                    tokens: block.perceptron(tape, nextImage), blockOf: Array(0..<layout.sequenceCount), perSequence: true)
                prompt = block.perceptron(tape, nextPrompt)
            }
        }
        return memories
    }

    /// All suffix tokens at once, [sum of suffixes, d].
    func suffix(_ tape: Tape, _ s: Tensor, memories: [LayerMemory], layout: SequenceLayout, k: Int) -> Tensor {
        zip(blocks, memories).reduce(s) { s, layer in
            let (block, memory) = layer
            return block.perceptron(
                tape,
                block.mixer.suffix(tape, h: block.norm(tape, s), residual: s, memory: memory, layout: layout, k: k))
        }
    }

    /// One suffix token for each of n sequences, [n, d], at text positions `t`.
    func step(_ tape: Tape, _ s: Tensor, memories: inout [LayerMemory], t: [Int], k: Int) -> Tensor {
        var s = s
        for (i, block) in blocks.enumerated() {
            s = block.perceptron(
                tape,
                block.mixer.step(tape, h: block.norm(tape, s), residual: s, memory: &memories[i], t: t, k: k))
        }
        return s
    }
}
