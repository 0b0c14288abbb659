// CIDEr-D (Vedantam et al. 2015) as the public caption scorer computes it: runs of 1 to 4 words weighted by how rare they
// are among the images' references, clipped cosines, and a Gaussian of the difference in length.

import Foundation

/// Document frequencies come from the references of the data set at hand, so the same caption scores differently in another.
struct CiderScore {
    private static let sigma = 6.0

    private struct Vector {
        var weights: [NGram: Double] = [:]
        var norms = [Double](repeating: 0, count: NGramCounts.orders)
        /// Runs of two words: the scorer takes these for the length.
        var length = 0.0
    }

    private var frequencies: [NGram: Int] = [:]
    private let logImages: Double

    /// - Parameter references: of each image.
    init(references: [[NGramCounts]]) {
        for image in references {
            for run in Set(image.flatMap(\.counts.keys)) { frequencies[run, default: 0] += 1 }
        }
        logImages = log(Double(max(1, references.count)))
    }

    /// - Returns: 0 to 10.
    func score(_ candidate: NGramCounts, _ references: [NGramCounts]) -> Double {
        let own = vector(candidate)
        let sum = references.reduce(0.0) { $0 + Self.likeness(own, vector($1)) }
        return references.isEmpty ? 0 : 10 * sum / Double(NGramCounts.orders * references.count)
    }

    private func vector(_ counts: NGramCounts) -> Vector {
        var vector = Vector()
        for (run, count) in counts.counts {
            let weight = Double(count) * (logImages - log(Double(max(1, frequencies[run] ?? 0))))
            vector.weights[run] = weight
            vector.norms[run.order - 1] += weight * weight
            if run.order == 2 { vector.length += Double(count) }
        }
        vector.norms = vector.norms.map { $0.squareRoot() }
        return vector
    }

    /// Summed over the orders.
    private static func likeness(_ own: Vector, _ reference: Vector) -> Double {
        var products = [Double](repeating: 0, count: NGramCounts.orders)
        for (run, weight) in own.weights {
            let other = reference.weights[run] ?? 0
            products[run.order - 1] += min(weight, other) * other
        }
        let difference = own.length - reference.length
        let fit = exp(-difference * difference / (2 * sigma * sigma))
        return products.indices.reduce(0.0) { sum, order in
            let norm = own.norms[order] * reference.norms[order]
            return sum + (norm == 0 ? products[order] : products[order] / norm) * fit
        }
    }
}
