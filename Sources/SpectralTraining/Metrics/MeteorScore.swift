// METEOR 1.5 for English (Denkowski and Lavie 2014) with two of its four modules: words that are equal, and words of equal
// stem. Synonyms (WordNet) and paraphrases are left out, so scores are lower than the full metric's.

import Foundation

/// Counts that scores are made of; those of a corpus are the sums of its images'.
struct MeteorCounts {
    /// Of the candidate and of the reference: words that carry content, and function words.
    private(set) var content = SIMD2<Double>.zero, function = SIMD2<Double>.zero
    /// Matched words of each kind, exact ones and those that share a stem.
    private(set) var exactContent = SIMD2<Double>.zero, exactFunction = SIMD2<Double>.zero
    private(set) var stemContent = SIMD2<Double>.zero, stemFunction = SIMD2<Double>.zero
    private(set) var chunks = 0.0

    // Parameters of the ranking task for English, and the modules' weights.
    private static let alpha = 0.85, beta = 0.2, gamma = 0.6, delta = 0.75, stemWeight = 0.6

    /// Words that METEOR counts as function words: those with more than a thousandth of the text they were counted on.
    private static let functionWords = Set(
        """
        the , . to of and a in that for " is on 's it with was as said at he by be from have has are his but an this not i \
        will \u{2019} they ) -rrb- ( -lrb- who their had we which were been more or s its would about new one after you : also up \
        when there than $ all out her people she year two - can if last first \u{201C} over other \u{201D} into some what so -- no \
        time years could ? 't \u{2014} '
        """.split(separator: " ").map(String.init))

    init() {}

    init(_ own: [String], _ other: [String], _ alignment: MeteorAlignment) {
        for (side, words) in [own, other].enumerated() {
            let functions = words.count { Self.functionWords.contains($0) }
            function[side] = Double(functions)
            content[side] = Double(words.count - functions)
        }
        for match in alignment.matches {
            for (side, word) in [own[match.own], other[match.other]].enumerated() {
                switch (match.isExact, Self.functionWords.contains(word)) {
                case (true, true): exactFunction[side] += 1
                case (true, false): exactContent[side] += 1
                case (false, true): stemFunction[side] += 1
                case (false, false): stemContent[side] += 1
                }
            }
        }
        chunks = Double(alignment.chunks)
    }

    static func += (sum: inout MeteorCounts, more: MeteorCounts) {
        sum.content += more.content
        sum.function += more.function
        sum.exactContent += more.exactContent
        sum.exactFunction += more.exactFunction
        sum.stemContent += more.stemContent
        sum.stemFunction += more.stemFunction
        // As the jar has it: a caption that is the reference word for word adds no break.
        sum.chunks += more.isWhole ? 0 : more.chunks
    }

    private var matchedWords: SIMD2<Double> { exactContent + exactFunction + stemContent + stemFunction }

    /// The two captions are one run of matches.
    private var isWhole: Bool { matchedWords == content + function && chunks == 1 }

    /// 0 to 1: the weighted mean of precision and recall, less a penalty for matches that are scattered.
    var score: Double {
        let matched =
            Self.delta * (exactContent + Self.stemWeight * stemContent)
            + (1 - Self.delta) * (exactFunction + Self.stemWeight * stemFunction)
        let lengths = Self.delta * content + (1 - Self.delta) * function
        guard matched[0] > 0, matched[1] > 0 else { return 0 }
        let precision = matched[0] / lengths[0], recall = matched[1] / lengths[1]
        let mean = 1 / ((1 - Self.alpha) / precision + Self.alpha / recall)
        let scatter = isWhole ? 0 : chunks / ((matchedWords[0] + matchedWords[1]) / 2)
        return max(0, mean * (1 - Self.gamma * pow(scatter, Self.beta)))
    }
}

/// Finds the counts of captions. One owner calls it, one call at a time.
final class MeteorScore {
    private let stemmer = Stemmer()
    private var stems: [String: String] = [:]

    /// Counts against the reference that scores best, of equals the first.
    ///
    /// - Parameters: tokens of the public scorer's tokeniser.
    func counts(_ candidate: [String], _ references: [[String]]) -> MeteorCounts {
        let own = MeteorWords.words(candidate)
        var best: MeteorCounts?
        for reference in references {
            let other = MeteorWords.words(reference)
            let counts = MeteorCounts(own, other, MeteorAlignment(own, other, stem: stem))
            if best.map({ counts.score > $0.score }) ?? true { best = counts }
        }
        return best ?? MeteorCounts()
    }

    private func stem(_ word: String) -> String {
        if let known = stems[word] { return known }
        let stem = stemmer.stem(word)
        stems[word] = stem
        return stem
    }
}
