// How unlike the training images an image is, as a number and its place among theirs.

import Foundation
import SpectralFormats

/// What distinguishes an image after the vision stack.
public enum FamiliarityStatistic: String, Codable, Sendable, CaseIterable, CodingKeyRepresentable {
    /// Share of the tokens' energy that the vision atoms leave out, 0 to 1.
    case residual
    /// Root mean square, over channels, of how many standard deviations the mean and the spread of an image's tokens
    /// lie from those of training images: a Mahalanobis distance with a diagonal covariance, about 1 for most.
    case distance
}

/// Where an image stands among the training images.
public struct FamiliarityReading: Sendable, Equatable {
    public let statistic: FamiliarityStatistic
    public let value: Double
    /// Share of the training images measured whose value is below this one, in percent, 0 to 100.
    public let percentile: Double
    /// How many training images were measured.
    public let images: Int
    /// Above all of them.
    public let isUnfamiliar: Bool

    /// `residual 0.41, above the 99.9th percentile of training images`.
    public var summary: String {
        "\(statistic.rawValue) \(String(format: "%.3g", value)), above \(place)"
    }

    /// The line that warns of answers to be doubted; `nil` for an image like those trained on.
    public var warning: String? {
        isUnfamiliar ? "unlike the training images: \(summary); answers are guesses" : nil
    }

    private var place: String {
        // N images show nothing beyond their N-th part.
        guard percentile < 100 else {
            let resolved = 100 * (1 - 1 / Double(max(images, 1)))
            return "the \(Self.trimmed(resolved))th percentile of training images"
        }
        return String(format: "%.1f %% of training images", percentile)
    }

    private static func trimmed(_ value: Double) -> String {
        let text = String(format: "%.2f", value)
        return text.hasSuffix("0") ? String(text.dropLast()) : text
    }
}

/// Statistics of training images, measured once at full K and kept in the checkpoint's `familiarity.json`.
public struct Familiarity: Codable, Sendable, Equatable {
    public static let fileName = "familiarity.json"
    /// Quantiles at 0, 1, ... 100 percent.
    static let quantileCount = 101

    /// Training images measured.
    public let images: Int
    /// Vision atoms they were measured with; the checkpoint's K.
    public let k: Int
    /// Mean over training images of each feature: token means, then token standard deviations, [2 d].
    let centre: [Float]
    /// Standard deviation over training images of each feature, [2 d].
    let spread: [Float]
    /// By statistic, `quantileCount` values that never fall.
    let quantiles: [FamiliarityStatistic: [Double]]

    /// The reading of the statistic by which the image stands out most.
    ///
    /// - Parameter seen: at the checkpoint's full K.
    public func measure(_ seen: SeenImage) -> FamiliarityReading {
        precondition(seen.k == k, "familiarity is measured at full K")
        let values = Self.values(seen, centre: centre, spread: spread)
        let readings = FamiliarityStatistic.allCases.compactMap { statistic -> FamiliarityReading? in
            guard let value = values[statistic], let among = quantiles[statistic] else { return nil }
            return FamiliarityReading(
                statistic: statistic, value: value, percentile: Self.percentile(of: value, among: among),
                images: images, isUnfamiliar: value > among[among.count - 1])
        }
        // Above all training images, the one furthest above counts.
        func excess(_ reading: FamiliarityReading) -> Double {
            guard reading.isUnfamiliar, let among = quantiles[reading.statistic] else { return reading.percentile }
            let middle = among[among.count / 2], top = among[among.count - 1]
            return 100 + (reading.value - top) / max(top - middle, .leastNormalMagnitude)
        }
        return readings.max { excess($0) < excess($1) }!
    }

    /// Measures images of the training distribution.
    ///
    /// - Parameters:
    ///   - images: at least 2.
    ///   - progress: told the number of images seen so far.
    public init(
        of images: some Sequence<PixelImage>, on model: LoadedModel, progress: (Int) -> Void = { _ in }
    ) {
        var features: [[Float]] = [], residuals: [Double] = []
        for image in images {
            let seen = model.see(image)
            features.append(Self.features(seen))
            if let residual = seen.residual { residuals.append(Double(residual)) }
            progress(features.count)
        }
        precondition(features.count >= 2, "one image has no spread")
        let n = Double(features.count)
        var centre: [Float] = [], spread: [Float] = []
        for j in features[0].indices {
            let mean = features.reduce(0.0) { $0 + Double($1[j]) } / n
            let variance = features.reduce(0.0) { $0 + (Double($1[j]) - mean) * (Double($1[j]) - mean) } / n
            centre.append(Float(mean))
            spread.append(Float(max(variance.squareRoot(), 1e-6)))
        }
        var quantiles = [
            FamiliarityStatistic.distance: Self.quantiles(
                features.map { Self.distance($0, centre: centre, spread: spread) })
        ]
        if !residuals.isEmpty { quantiles[.residual] = Self.quantiles(residuals) }
        self.images = features.count
        self.k = model.config.visionAtoms
        self.centre = centre
        self.spread = spread
        self.quantiles = quantiles
    }

    // MARK: File

    /// The statistics of a checkpoint folder; `nil` where none were written.
    ///
    /// - Throws: `CheckpointError` for a file that cannot be read or does not belong to the config.
    public static func read(folder: String, config: ModelConfig) throws(CheckpointError) -> Familiarity? {
        let file = URL(fileURLWithPath: folder).appendingPathComponent(fileName), path = folder + "/" + fileName
        guard FileManager.default.fileExists(atPath: file.path) else { return nil }
        let read: Familiarity
        do { read = try JSONDecoder().decode(Familiarity.self, from: Data(contentsOf: file)) } catch {
            throw .mismatch(path: path, expected: "statistics of training images", found: "\(error)")
        }
        func require(_ holds: Bool, _ expected: String, _ found: String) throws(CheckpointError) {
            if !holds { throw .mismatch(path: path, expected: expected, found: found) }
        }
        try require(read.k == config.visionAtoms, "k \(config.visionAtoms)", "\(read.k)")
        for (name, values) in [("centre", read.centre), ("spread", read.spread)] {
            try require(values.count == 2 * config.width, "\(2 * config.width) values of \(name)", "\(values.count)")
        }
        try require(read.spread.allSatisfy { $0 > 0 }, "a spread above 0", "one that is not")
        try require(read.quantiles[.distance] != nil, "quantiles of distance", "none")
        for (statistic, values) in read.quantiles {
            try require(
                values.count == quantileCount && zip(values, values.dropFirst()).allSatisfy { $0 <= $1 },
                "\(quantileCount) quantiles of \(statistic.rawValue) that never fall", "\(values.count) others")
        }
        return read
    }

    /// Writes the statistics into a checkpoint folder.
    public func write(folder: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        try AtomicFile.write(path: folder + "/" + Self.fileName, encoder.encode(self) + Data("\n".utf8))
    }

    // MARK: Numbers

    /// `quantileCount` quantiles with linear interpolation between order statistics (Hyndman and Fan 1996, type 7).
    static func quantiles(_ values: [Double]) -> [Double] {
        let sorted = values.sorted()
        return (0..<quantileCount).map { i in
            let place = Double(i) / Double(quantileCount - 1) * Double(sorted.count - 1)
            let below = Int(place), share = place - Double(below)
            return sorted[below] + (below + 1 < sorted.count ? share * (sorted[below + 1] - sorted[below]) : 0)
        }
    }

    /// The inverse of `quantiles`: 0 below the least, 100 above the greatest, linear between neighbours.
    static func percentile(of value: Double, among quantiles: [Double]) -> Double {
        let step = 100 / Double(quantiles.count - 1)
        guard value > quantiles[0] else { return 0 }
        guard let above = quantiles.firstIndex(where: { $0 >= value }) else { return 100 }
        let low = quantiles[above - 1], high = quantiles[above]
        return (Double(above - 1) + (value - low) / (high - low)) * step
    }

    private static func values(
        _ seen: SeenImage, centre: [Float], spread: [Float]
    ) -> [FamiliarityStatistic: Double] {
        var values = [FamiliarityStatistic.distance: distance(features(seen), centre: centre, spread: spread)]
        if let residual = seen.residual { values[.residual] = Double(residual) }
        return values
    }

    /// Mean, then standard deviation over tokens of each channel, [2 d].
    private static func features(_ seen: SeenImage) -> [Float] {
        let rows = seen.tokens.rows, columns = seen.tokens.columns
        var sums = [Double](repeating: 0, count: columns), squares = sums
        seen.tokens.values.withValues { v in
            for row in 0..<rows {
                for c in 0..<columns {
                    let x = Double(v[row * columns + c])
                    sums[c] += x
                    squares[c] += x * x
                }
            }
        }
        let n = Double(rows)
        return sums.map { Float($0 / n) }
            + zip(sums, squares).map { Float(max(0, $1 / n - $0 / n * $0 / n).squareRoot()) }
    }

    static func distance(_ features: [Float], centre: [Float], spread: [Float]) -> Double {
        var sum = 0.0
        for j in features.indices {
            let z = Double((features[j] - centre[j]) / spread[j])
            sum += z * z
        }
        return (sum / Double(features.count)).squareRoot()
    }
}
