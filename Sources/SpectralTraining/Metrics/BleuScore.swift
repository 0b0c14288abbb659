// BLEU-1 to BLEU-4 (Papineni et al. 2002), with the smoothing and the lengths of the public caption scorer.

import Foundation

/// Scores of a corpus and of each of its images; a list has a place for each order of run, 1 to 4.
enum BleuScore {
    /// - Parameters:
    ///   - candidates: one for each image.
    ///   - references: of each image, at least one.
    /// - Returns: each 0 to 1, [order]; and of each image, [image][order].
    static func score(_ candidates: [NGramCounts], _ references: [[NGramCounts]]) -> (corpus: [Double], images: [[Double]]) {
        let none = [Int](repeating: 0, count: NGramCounts.orders)
        var right = none, made = none, length = 0, wanted = 0
        var images: [[Double]] = []
        for (candidate, references) in zip(candidates, references) {
            var most: [NGram: Int] = [:]
            for reference in references { most.merge(reference.counts, uniquingKeysWith: max) }
            var own = none
            for (run, count) in candidate.counts { own[run.order - 1] += min(count, most[run] ?? 0) }
            let runs = (1...NGramCounts.orders).map { max(0, candidate.length - $0 + 1) }
            // The reference nearest in length, of two the shorter.
            let nearest = references.map(\.length).min { a, b in
                (abs(a - candidate.length), a) < (abs(b - candidate.length), b)
            } ?? 0
            images.append(means(own, runs, candidate.length, nearest))
            for place in 0..<NGramCounts.orders {
                right[place] += own[place]
                made[place] += runs[place]
            }
            length += candidate.length
            wanted += nearest
        }
        return (means(right, made, length, wanted), images)
    }

    /// exp(1 - wanted / length) (1 if longer) times the geometric mean of the precisions up to each order.
    private static func means(_ right: [Int], _ made: [Int], _ length: Int, _ wanted: Int) -> [Double] {
        // The scorer's own constants: they keep what is empty at 0.
        let small = 1e-9, tiny = 1e-15
        let ratio = (Double(length) + tiny) / (Double(wanted) + small)
        var product = 1.0
        return (0..<NGramCounts.orders).map { place in
            product *= (Double(right[place]) + tiny) / (Double(made[place]) + small)
            return pow(product, 1 / Double(place + 1)) * (ratio < 1 ? exp(1 - 1 / ratio) : 1)
        }
    }
}
