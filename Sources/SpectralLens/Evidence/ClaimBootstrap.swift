// How sure an effect is: scenes are drawn anew, and control sets with them.
//
// Efron's percentile interval. A resample takes as many images as there are, with replacement, and as many control sets as
// there are, with replacement: the interval then speaks of other scenes and of other random sets, not of these twenty.
// Counts are sums over images with whole weights, which single precision holds exactly up to 2^24: one matrix product
// of [resamples, images] by [images, rows] for each edit.

import SpectralFormats
import SpectralKernels
import SpectralModel

/// A number with its 95 % interval.
public struct ClaimEstimate: Sendable, Codable, Equatable {
    public let value: Double
    public let low: Double
    public let high: Double
}

/// Resamples of images and sets, the same for all rows and bands.
public struct ClaimBootstrap: Sendable {
    public let images: Int
    public let resamples: Int
    private let seed: UInt64
    /// How often each resample has each image, [resamples, images].
    private let weights: [Float]

    public init(images: Int, resamples: Int, seed: UInt64) {
        self.images = images
        self.resamples = resamples
        self.seed = seed
        var random = SceneRandom(seed: seed), weights = [Float](repeating: 0, count: resamples * images)
        for r in 0..<resamples {
            for _ in 0..<images { weights[r * images + random.below(images)] += 1 }
        }
        self.weights = weights
    }

    /// How often each resample has each of `count` sets, [resamples][sets].
    func setWeights(_ count: Int) -> [[Double]] {
        var random = SceneRandom(seed: seed &+ 0x5E75)
        return (0..<resamples).map { _ in
            var weights = [Double](repeating: 0, count: count)
            for _ in 0..<count { weights[random.below(count)] += 1 }
            return weights
        }
    }

    /// Counts of every resample, [resamples, rows].
    func resampled(_ counts: ClaimCounts) -> ClaimCounts {
        ClaimCounts(
            images: resamples, rows: counts.rows,
            values: matrixProduct(weights, counts.values, m: resamples, n: counts.rows, k: images))
    }

    /// The middle 95 of 100 of the values that are numbers; `nil` without any.
    static func interval(_ value: Double, _ resampled: [Double]) -> ClaimEstimate? {
        let sorted = resampled.filter(\.isFinite).sorted()
        guard !sorted.isEmpty, value.isFinite else { return nil }
        return ClaimEstimate(value: value, low: Quantile.of(sorted, 0.025), high: Quantile.of(sorted, 0.975))
    }
}

/// What muting a band did to one row of questions. Shares of 1.
public struct ClaimEffect: Sendable, Codable, Equatable {
    public enum Verdict: String, Sendable, Codable {
        case more = "more than chance"
        case less = "less than chance"
        case none = "no difference shown"
        case unknown = "no controls"
    }

    public let row: String
    public let asked: Int
    public let before: Double
    public let after: Double
    /// Mean over control sets; `nil` without any.
    public let afterControls: Double?
    /// How much more the band costs than random sets do on average: `afterControls - after`.
    public let excess: ClaimEstimate?
    /// How much more the band costs this row than all other questions.
    public let selectivity: ClaimEstimate?
    /// Of the band's drop among those of the sets.
    public let standing: EffectStanding?

    public var drop: Double { before - after }
    public var controlDrop: Double? { afterControls.map { before - $0 } }

    /// By whether zero lies outside the interval of `excess`.
    public var verdict: Verdict {
        guard let excess else { return .unknown }
        return excess.low > 0 ? .more : excess.high < 0 ? .less : .none
    }
}

extension ClaimBootstrap {
    /// Effects of one band, one for each row that was asked anything, in the order of rows.
    ///
    /// - Parameter names: of the rows; the last is all questions.
    public func effects(
        asked: ClaimCounts, before: ClaimCounts, after: ClaimCounts, controls: [ClaimCounts], names: [String]
    ) -> [ClaimEffect] {
        let all = names.count - 1, sets = Double(controls.count)
        let n = resampled(asked), b = resampled(before), a = resampled(after), c = controls.map(resampled)
        let drawn = controls.isEmpty ? [] : setWeights(controls.count)
        func at(_ counts: ClaimCounts, _ r: Int, _ row: Int) -> Double { Double(counts.values[r * counts.rows + row]) }
        return names.indices.compactMap { row in
            let total = asked.total(row), rest = asked.total(all) - total
            guard total > 0 else { return nil }
            let own = before.total(row) - after.total(row), others = before.total(all) - after.total(all) - own
            let reached = controls.map { $0.total(row) }
            let mean = controls.isEmpty ? nil : reached.reduce(0, +) / sets / total
            let excess = mean.flatMap { mean in
                Self.interval(
                    mean - after.total(row) / total,
                    (0..<resamples).map { r in
                        let kept = c.indices.reduce(0.0) { $0 + drawn[r][$1] * at(c[$1], r, row) } / sets
                        return (kept - at(a, r, row)) / at(n, r, row)
                    })
            }
            let selectivity = rest == 0 ? nil : Self.interval(
                own / total - others / rest,
                (0..<resamples).map { r in
                    let own = at(b, r, row) - at(a, r, row), others = at(b, r, all) - at(a, r, all) - own
                    return own / at(n, r, row) - others / (at(n, r, all) - at(n, r, row))
                })
            return ClaimEffect(
                row: names[row].trimmingLeadingBlanks, asked: Int(total), before: before.total(row) / total,
                after: after.total(row) / total, afterControls: mean, excess: excess, selectivity: selectivity,
                standing: EffectStanding(
                    of: Float(own / total), among: reached.map { Float((before.total(row) - $0) / total) }))
        }
    }
}

extension String {
    fileprivate var trimmingLeadingBlanks: String { String(drop { $0 == " " }) }
}
