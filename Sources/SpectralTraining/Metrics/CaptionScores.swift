// How near captions come to what people wrote: all the metrics of the public caption scorer that need no other program.

/// Scores of a caption, or of a corpus of them.
public struct CaptionScores: Codable, Sendable, Equatable {
    /// BLEU-1 to BLEU-4, 0 to 1 each.
    public var bleu: [Double]
    /// 0 to 1.
    public var rougeL: Double
    /// Of exact matches and stems only, 0 to 1.
    public var meteor: Double
    /// 0 to 10.
    public var ciderD: Double

    public init(bleu: [Double], rougeL: Double, meteor: Double, ciderD: Double) {
        self.bleu = bleu
        self.rougeL = rougeL
        self.meteor = meteor
        self.ciderD = ciderD
    }
}

/// One image's captions: the model's, and people's.
public struct ScoredCaption: Sendable {
    public var candidate: String
    /// At least one.
    public var references: [String]

    public init(candidate: String, references: [String]) {
        self.candidate = candidate
        self.references = references
    }
}

extension CaptionScores {
    /// Mean CIDEr-D of each caption given to all images.
    ///
    /// - Parameter references: of each image.
    static func ciderD(ofEach captions: [String], references: [[String]]) -> [Double] {
        let tokeniser = CaptionTokeniser()
        var numbers = WordNumbers()
        let runs = references.map { $0.map { NGramCounts(numbers(tokeniser.tokens($0))) } }, cider = CiderScore(references: runs)
        return captions.map { caption in
            let own = NGramCounts(numbers(tokeniser.tokens(caption)))
            return runs.reduce(0) { $0 + cider.score(own, $1) } / Double(max(1, runs.count))
        }
    }

    /// Scores a corpus as `pycocoevalcap` does: BLEU and METEOR from counts over the whole of it, ROUGE-L and CIDEr-D as means.
    ///
    /// Equal to it to 1e-4 (and METEOR to `meteor-1.5.jar -norm -l en -m "exact stem"`), but where `CaptionTokeniser` says that
    /// tokens differ. METEOR as published also matches synonyms and paraphrases, and is higher.
    ///
    /// - Returns: of the corpus, and of each image in order.
    public static func score(_ captions: [ScoredCaption]) -> (corpus: CaptionScores, images: [CaptionScores]) {
        let tokeniser = CaptionTokeniser(), meteor = MeteorScore()
        var numbers = WordNumbers()
        let candidates = captions.map { tokeniser.tokens($0.candidate) }
        let references = captions.map { $0.references.map(tokeniser.tokens) }
        let candidateRuns = candidates.map { NGramCounts(numbers($0)) }
        let referenceRuns = references.map { $0.map { NGramCounts(numbers($0)) } }
        let bleu = BleuScore.score(candidateRuns, referenceRuns), cider = CiderScore(references: referenceRuns)
        var sum = MeteorCounts()
        let images = captions.indices.map { i in
            let counts = meteor.counts(candidates[i], references[i])
            sum += counts
            return CaptionScores(
                bleu: bleu.images[i], rougeL: RougeScore.score(candidates[i], references[i]), meteor: counts.score,
                ciderD: cider.score(candidateRuns[i], referenceRuns[i]))
        }
        let count = Double(max(1, images.count))
        return (
            CaptionScores(
                bleu: bleu.corpus, rougeL: images.reduce(0) { $0 + $1.rougeL } / count, meteor: sum.score,
                ciderD: images.reduce(0) { $0 + $1.ciderD } / count), images
        )
    }
}
