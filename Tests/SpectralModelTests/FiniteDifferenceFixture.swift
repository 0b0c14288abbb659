// A model small enough to differentiate by hand: d 16, 1 + 1 + 2 layers, two images, three ragged sequences.

import SpectralFormats
import SpectralKernels
@testable import SpectralModel

struct TinyModel {
    let config: ModelConfig
    let store: ParameterStore
    let layout: SequenceLayout
    let patches: Tensor
    let prompts: [Int]
    let suffixes: [Int]

    /// - Parameter options: adds the patch perceptron and learned position codes.
    init(
        _ preset: ModelConfig.Preset, options: Bool = false, omits: [ModelConfig.FusionPart]? = nil, k: Int = 5, width: Int = 4,
        height: Int = 4, suffixes lengths: [Int] = [3, 1, 2], suffixState: ModelConfig.SuffixState = .all,
        salienceGroups: Int? = nil, steering: Int? = nil
    ) {
        let config = ModelConfig(
            preset: preset, width: 16, visionLayers: 1, textLayers: 1, fusionLayers: 2, visionAtoms: k, textAtoms: 3,
            imageSize: 8, patchSize: 2, vocabularySize: 12, answers: 5, maxSuffix: 12, maxPrompt: 6, ridge: 0.1,
            headWidth: 8, positionCode: options, patchMLP: options, omits: omits, suffixState: suffixState,
            salienceGroups: salienceGroups, steering: steering)
        self.config = config

        layout = SequenceLayout(
            gridWidth: width, gridHeight: height, imageCount: 2, imageOf: [1, 0, 1], promptLengths: [2, 4, 3],
            suffixLengths: lengths)
        var random = NormalSource(seed: 5, name: "input")
        let pixels = 3 * config.patchSize * config.patchSize
        patches = Tensor(
            rows: 2 * width * height, columns: pixels, (0..<2 * width * height * pixels).map { _ in 0.5 * random.next() })
        prompts = (0..<9).map { ($0 * 5 + 1) % 12 }
        suffixes = (0..<lengths.reduce(0, +)).map { ($0 * 7 + 3) % 12 }

        store = ParameterStore(seed: 3)
        _ = VisionLanguageModel(config: config, store: store, trainable: false)
        // Away from the start, where zero phases and amplitudes would hide a wrong derivative.
        for parameter in store.parameters {
            var noise = NormalSource(seed: 9, name: parameter.name)
            let scale: Float = parameter.name.hasSuffix("frequencies") ? 0.01 : 0.1
            parameter.values.withMutableValues { for i in $0.indices { $0[i] += scale * noise.next() } }
        }
    }

    func model(trainable: Bool) -> VisionLanguageModel {
        VisionLanguageModel(config: config, store: store, trainable: trainable)
    }

    /// What every head says of every suffix token.
    func heads(_ model: VisionLanguageModel, _ tape: Tape, k: Int) -> [Tensor] {
        let image = model.see(tape, patches: patches, layout: layout, k: k)
        let prompt = model.read(tape, prompts: prompts, layout: layout, k: k)
        let memory = model.fuse(tape, image: image, prompt: prompt, layout: layout, k: k)
        let states = model.suffix(tape, suffixes, memory: memory, layout: layout)
        return [model.nextTokenLogits(tape, states), model.answerLogits(tape, states), model.boxLogits(tape, states)]
    }
}
