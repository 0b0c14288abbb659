// What a caption that the model sampled is worth.

import SpectralFormats

/// Rewards captions by CIDEr-D (`CiderScore`), with the rarity of words counted over all images trained on, and by BLEU-4,
/// with the end of a caption as one more word: without it a caption that breaks off ("a man in a") would lose nothing.
struct CaptionReward: Sendable {
    let tokenizer: Tokenizer
    private let numbers: WordNumbers
    private let cider: CiderScore

    private static let end = "<eos>"

    /// - Parameters:
    ///   - tokenizer: the model's.
    ///   - references: people's captions of each image.
    init(tokenizer: Tokenizer, references: [[String]]) {
        self.tokenizer = tokenizer
        let tokeniser = CaptionTokeniser()
        var numbers = WordNumbers()
        cider = CiderScore(references: references.map { $0.map { NGramCounts(numbers(tokeniser.tokens($0) + [Self.end])) } })
        self.numbers = numbers
    }

    /// Rewards of captions of one image.
    ///
    /// - Parameters:
    ///   - captions: tokens of the model's vocabulary, and whether the caption was ended.
    ///   - tokeniser: the calling thread's.
    func rewards(
        of captions: [(tokens: [Int], isEnded: Bool)], references: [String], _ weights: CaptionRewards,
        _ tokeniser: CaptionTokeniser
    ) -> [Float] {
        // Words that no caption trained on has get numbers of their own here, which nothing else sees.
        var numbers = numbers
        func runs(_ text: String, isEnded: Bool) -> NGramCounts {
            NGramCounts(numbers(tokeniser.tokens(text) + (isEnded ? [Self.end] : [])))
        }
        let people = references.map { runs($0, isEnded: true) }
        return captions.map { caption in
            let own = runs(tokenizer.decode(caption.tokens, skipSpecial: true), isEnded: caption.isEnded)
            var reward = weights.ciderD * cider.score(own, people)
            if weights.bleu4 > 0 { reward += weights.bleu4 * BleuScore.score([own], [people]).images[0][NGramCounts.orders - 1] }
            return Float(reward)
        }
    }
}
