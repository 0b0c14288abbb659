// Operations and state against counts made by hand, against the weights themselves, and against the decoder's memory.

import SpectralFormats
import SpectralKernels
import SpectralModel
import TestSupport
import Testing

@testable import SpectralLens

@Suite struct CostTests {
    /// d 16, V 64, patches of 12 numbers, r 4; K 4 of 7, 3 text atoms, so fusion has 4 + 2; a prompt of 3 tokens.
    @Test func equalsTheCountByHand() throws {
        let costs = ModelCosts(try TinyCheckpoint().config, k: 4)
        let vision = costs.vision
        #expect(vision.projections == 24_576 + 196_608)
        #expect(vision.analysis == 32_768 && vision.synthesis == 32_768)
        #expect(vision.modulation == 768)
        #expect(vision.perceptrons == 524_288)
        #expect(vision.heads == 0 && vision.attention == 0)
        #expect(vision.total == 811_776)

        // One text layer on 3 tokens, a fusion layer on 67 that passes them on, one that does not, then <cls> and head.
        let answer = costs.answer(prompt: 3)
        #expect(answer.projections == 4_608 + 137_216 + 68_608 + 4_096)
        #expect(answer.analysis == 576 + 2 * 25_728 + 768)
        #expect(answer.modulation == 288 + 1_152 + 576 + 1_152)
        #expect(answer.synthesis == 576 + 25_728 + 768)
        #expect(answer.perceptrons == 12_288 + 274_432 + 8_192)
        #expect(answer.heads == 1_344)
        #expect(costs.box(prompt: 3).heads == 1_280)
        #expect(costs.stateBytes(prompt: 3, steps: 1) == 3_072)
        #expect(answer.total == 593_824 && answer.billions == 593_824 / 1e9)
    }

    /// Every weight of a linear map meets every token once: two operations for each.
    @Test(arguments: ModelConfig.Preset.allCases)
    func mapsCostTwoForEachWeightAndToken(preset: ModelConfig.Preset) throws {
        let model = try TinyCheckpoint(preset).load(), costs = ModelCosts(model.config, k: 7), prompt = 5
        func weights(_ prefix: String, _ parts: [String]) -> Int {
            model.parameters.filter { parameter in
                parameter.name.hasPrefix(prefix) && parameter.name.hasSuffix(".weight") && parts.contains { parameter.name.contains($0) }
            }.reduce(0) { $0 + $1.values.count }
        }
        let seeing = weights("patch.", ["patch"]) + weights("vision.", [".mixer."])
        #expect(costs.vision.projections == 2 * 64 * seeing)
        #expect(costs.vision.perceptrons == 2 * 64 * weights("vision.", [".perceptron."]))

        let prefix = costs.prefix(prompt: prompt)
        // What the last layer leaves in memory, by preset.
        let leaving = preset == .attention ? [".key.", ".value."] : [".value.", ".salience."]
        let reading = weights("text.", [".mixer."])
        let fusing = weights("fusion.layers.0.", [".mixer."]) + weights("fusion.layers.1.mixer.", leaving)
        #expect(prefix.projections == 2 * prompt * reading + 2 * (64 + prompt) * fusing)
        let (small, large) = (weights("text.", [".perceptron."]), weights("fusion.layers.0.", [".perceptron."]))
        #expect(prefix.perceptrons == 2 * prompt * small + 2 * (64 + prompt) * large)

        let step = costs.step(prompt: prompt, index: 2)
        #expect(step.projections == 2 * weights("fusion.", [".mixer."]))
        #expect(step.perceptrons == 2 * weights("fusion.", [".perceptron."]))
        let caption = costs.caption(prompt: 1, steps: 3)
        #expect(caption.heads == 3 * 2 * weights("next_token.", ["next_token"]))
        #expect(costs.answer(prompt: 1).heads == 2 * weights("answer.", ["answer"]))
        #expect((prefix.attention > 0) == (preset == .attention) && (prefix.analysis > 0) == (preset != .attention))
    }

    @Test func theTwinPaysForEveryPair() throws {
        let costs = ModelCosts(try TinyCheckpoint(.attention).config, k: 7)
        // Scores and their use: 2 operations for each pair of tokens and channel, twice; 64 and 69 tokens.
        // Two vision layers; one text layer and the fusion layer that passes its tokens on; two layers a step.
        let channels = 2 * 2 * 16
        #expect(costs.vision.attention == 2 * channels * 4096)
        #expect(costs.prefix(prompt: 5).attention == channels * (25 + 4761))
        #expect(costs.step(prompt: 5, index: 0).attention == 2 * channels * 70)
        #expect(costs.step(prompt: 5, index: 3).attention == 2 * channels * 73)
        #expect(costs.step(prompt: 5, index: 3).analysis == 0)
    }

    /// d 16, K 4 of 7 and 3 text atoms, the same DC among both: a state of 3 instead of 6.
    @Test func aStateOfTextAtomsCostsLess() throws {
        let all = ModelCosts(try TinyCheckpoint().config, k: 4), text = ModelCosts(try TinyCheckpoint(suffixState: .text).config, k: 4)
        let step = text.step(prompt: 3, index: 0)
        #expect(step.analysis == 2 * 4 * 3 * 16 && step.modulation == 2 * 6 * 3 * 16 && step.synthesis == 2 * 4 * (6 + 3) * 16)
        #expect(step.projections == all.step(prompt: 3, index: 0).projections && text.prefix(prompt: 3) == all.prefix(prompt: 3))
        // Three masks of 16 channels, told of 2 x 9 numbers; six atoms turned.
        let steered = ModelCosts(try TinyCheckpoint(suffixState: .text, steering: 3).config, k: 4).step(prompt: 3, index: 0)
        #expect(steered.projections - step.projections == 2 * (2 * 3 * (16 + 18) + 6 * 6) && steered.synthesis == step.synthesis)
        #expect(text.stateBytes(prompt: 3, steps: 1) == 2 * (2 * 6 + 2 * 3) * 16 * 4)
    }

    @Test(arguments: [(ModelConfig.Preset.gated, ModelConfig.SuffixState.all), (.gated, .text), (.paper, .all), (.attention, .all)], [2, 7])
    func stateIsWhatTheDecoderCarries(of made: (preset: ModelConfig.Preset, suffix: ModelConfig.SuffixState), k: Int) throws {
        let model = try TinyCheckpoint(made.preset, suffixState: made.suffix).load(), costs = ModelCosts(model.config, k: k)
        let prefix = model.prefix(model.see(testImage(), k: k), task: .vqa, prompt: "what is it"), length = prefix.length
        var memory = prefix.memory
        #expect(memory.bytes == costs.stateBytes(prompt: length, steps: 0))
        for index in 0..<3 {
            _ = model.model.step(
                Tape(recording: false), [SpecialToken.cls.rawValue], t: [length + index], memory: &memory)
        }
        #expect(memory.bytes == costs.stateBytes(prompt: length, steps: 3))
    }
}
