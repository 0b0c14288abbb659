// How well a model foretells the words that people wrote: every token of every caption, given the image and those before it.

import SpectralFormats
import SpectralKernels
import SpectralModel

/// Sums over all captions, their ends included.
struct CaptionLikelihood {
    var tokens = 0
    /// -log p, nats.
    var surprise = 0.0
    /// Tokens that were the likeliest.
    var right = 0.0

    var nats: Double { surprise / Double(max(1, tokens)) }
    var share: Double { right / Double(max(1, tokens)) }
}

extension LoadedModel {
    /// Teacher forcing over the captions of images; an image that cannot be read is left out.
    ///
    /// - Parameters:
    ///   - paths: one for each image.
    ///   - k: vision atoms.
    func likelihood(of images: [CaptionedImage], paths: [String], k: Int) -> CaptionLikelihood {
        var sum = CaptionLikelihood()
        let side = config.imageSize, pool = BufferPool()
        for (image, path) in zip(images, paths) {
            guard let picture = try? ImageFile.load(path) else { continue }
            var builder = BatchBuilder(config)
            builder.add(picture.resized(width: side, height: side))
            for caption in image.captions { builder.addCaption(tokenizer.encode(CaptionedImages.plain(caption))) }
            let batch = builder.batch(), tape = Tape(recording: false, pool: pool)
            let seen = model.see(tape, patches: batch.input.patches, layout: batch.input.layout, k: k)
            let states = model.suffixStates(tape, batch.input, model.fuse(tape, batch.input, seen: seen, k: k))
            let (loss, right) = Losses.crossEntropy(
                tape, model.nextTokenLogits(tape, tape.gather(states, batch.captionRows)), targets: batch.captionTargets,
                rowWeight: batch.captionRows.map { _ in 1 }, smoothing: 0, weight: 0)
            sum.tokens += batch.captionTargets.count
            sum.surprise += Double(loss)
            sum.right += Double(right)
        }
        return sum
    }
}
