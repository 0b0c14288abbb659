// Self-critical sequence training: of the captions that the model itself samples for an image, those that score above the
// others are made likelier and the rest less likely.
//
// Source: Rennie et al., "Self-critical sequence training for image captioning" (2017); the baseline is the mean of the
// image's other samples, as in Luo, "A better variant of self-critical sequence training" (2020).

import SpectralFormats
import SpectralKernels
import SpectralModel

/// A stage's own captions, for the images of one worker's batch.
struct OwnCaptions {
    /// For each image, what people wrote of it.
    var references: [[String]] = []
    /// For each image, where its samples come from.
    var randoms: [SceneRandom] = []
    /// Of at least 2 samples.
    let rewards: CaptionRewards

    var samples: Int { rewards.samples }
}

/// A caption as sampled: what the model reads at each step, and what it chose there.
struct SampledCaption {
    var read = [SpecialToken.cls.rawValue]
    var chosen: [Int] = []

    var isEnded: Bool { chosen.last == SpecialToken.eos.rawValue }
    /// Without the end.
    var tokens: [Int] { isEnded ? chosen.dropLast() : chosen }
}

/// The reward of each sample less the mean of its image's others; [images][samples], as are `rewards`.
func advantages(_ rewards: [[Float]]) -> [[Float]] {
    rewards.map { own in
        let sum = own.reduce(0, +), others = Float(max(1, own.count - 1))
        return own.map { $0 - (sum - $0) / others }
    }
}

/// The place of a draw from a distribution; `unit` lies in 0..<1.
func place(of unit: Float, in p: UnsafeBufferPointer<Float>) -> Int {
    var left = unit * p.reduce(0, +), last = 0
    for i in p.indices where p[i] > 0 {
        last = i
        left -= p[i]
        if left < 0 { break }
    }
    return last
}

extension Worker {
    /// Samples captions of the images of a batch, which have one prefix each, and adds loss = -sum (r - b) log p / n to what
    /// the tape differentiates: r is a sample's reward, b the mean of its image's other samples, p its probability, n the
    /// number of samples.
    ///
    /// - Returns: the mean reward.
    func rewardOwnCaptions(
        _ tape: Tape, _ layout: SequenceLayout, _ own: OwnCaptions, _ reward: CaptionReward, _ prefixes: PrefixMemory,
        share: Float
    ) -> Float {
        let images = layout.imageCount
        precondition(layout.sequenceCount == images, "a prefix for each image")
        let imageOf = (0..<images * own.samples).map { $0 / own.samples }
        let memory = prefixes.selecting(imageOf, tape)
        let captions = sample(own, imageOf, memory, promptLength: layout.longestPrompt)
        let rewards = (0..<images).map { image in
            let ours = captions[image * own.samples..<(image + 1) * own.samples]
            return reward.rewards(
                of: ours.map { ($0.tokens, $0.isEnded) }, references: own.references[image], own.rewards, tokeniser)
        }
        let suffixes = SequenceLayout(
            gridWidth: layout.gridWidth, gridHeight: layout.gridHeight, imageCount: images, imageOf: imageOf,
            promptLengths: imageOf.map { layout.promptLengths[$0] }, suffixLengths: captions.map(\.read.count))
        let states = model.suffix(tape, captions.flatMap(\.read), memory: memory, layout: suffixes)
        let each = zip(advantages(rewards).flatMap { $0 }, captions).flatMap { advantage, caption in
            caption.chosen.map { _ in advantage / Float(captions.count) }
        }
        _ = Losses.crossEntropy(
            tape, model.nextTokenLogits(tape, states), targets: captions.flatMap(\.chosen), rowWeight: each, smoothing: 0,
            weight: share)
        return rewards.reduce(0) { $0 + $1.reduce(0, +) } / Float(captions.count)
    }

    /// Samples from the model's own distribution, to `<eos>` or the longest suffix.
    func sample(_ own: OwnCaptions, _ imageOf: [Int], _ memory: PrefixMemory, promptLength: Int) -> [SampledCaption] {
        var randoms = own.randoms, memory = memory, captions = imageOf.map { _ in SampledCaption() }
        // Captions still being written.
        var open = Array(captions.indices)
        let tape = Tape(recording: false, pool: pool)
        for t in promptLength..<promptLength + model.config.maxSuffix {
            let last = open.map { captions[$0].read[captions[$0].read.count - 1] }
            let logits = model.nextTokenLogits(tape, model.step(tape, last, t: open.map { _ in t }, memory: &memory))
            RowSoftmax.apply(logits.values, rows: logits.rows, columns: logits.columns)
            logits.values.withValues { p in
                for (row, caption) in open.enumerated() {
                    let unit = Float(randoms[imageOf[caption]].unit())
                    captions[caption].chosen.append(
                        place(of: unit, in: UnsafeBufferPointer(rebasing: p[row * logits.columns..<(row + 1) * logits.columns])))
                }
            }
            let going = open.indices.filter { !captions[open[$0]].isEnded }
            guard !going.isEmpty, t + 1 < promptLength + model.config.maxSuffix else { break }
            if going.count < open.count { memory = memory.selecting(going, tape) }
            open = going.map { open[$0] }
            for caption in open { captions[caption].read.append(captions[caption].chosen[captions[caption].chosen.count - 1]) }
        }
        return captions
    }
}
