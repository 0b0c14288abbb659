// How unlike the training images an image is, as a number and its place among theirs.

import Foundation
import SpectralFormats
import SpectralKernels

/// Where an image stands among the training images.
public struct FamiliarityReading: Sendable, Equatable {
    /// Mahalanobis distance of the image from training images, by the mean of its vision tokens, their spread or its pixels'
    /// spectrum, whichever is the strangest, divided by the square root of how many numbers that has: about 1 for most of them.
    public let distance: Double
    /// Share of the training images measured that lie nearer, in percent, 0 to 100.
    public let percentile: Double
    /// How many training images were measured.
    public let images: Int
    /// Above all of them.
    public let isUnfamiliar: Bool

    /// `distance 3.41, above the 99.9th percentile of training images`.
    public var summary: String { String(format: "distance %.2f, above ", distance) + place }

    /// The line that warns of answers to be doubted; `nil` for an image like those trained on.
    public var warning: String? {
        isUnfamiliar ? "\(Self.warningBegins): \(summary); answers are guesses" : nil
    }

    /// What that line begins with, and no other.
    public static let warningBegins = "unlike the training images"

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
///
/// Of a feature's mean and covariance, the distance of Lee et al. 2018, for three features: the mean token, the spread of the
/// tokens about it, and how the pixels' power falls with frequency, which tells drawings from photographs where tokens, which
/// differ much from one photograph to the next, do not. The covariance is of one half of the images and the quantiles of the
/// other, which it has not seen. The atoms' reconstruction residual, measured too, tells photographs from scenes hardly better
/// than chance, and so it is not used.
public struct Familiarity: Codable, Sendable, Equatable {
    /// One feature of training images.
    struct Statistics: Codable, Sendable, Equatable {
        /// Mean over images, [n].
        let centre: [Double]
        /// Inverse covariance: its lower triangle row by row, [n (n + 1) / 2].
        let precision: [Double]
        /// `quantileCount` distances that never fall.
        let quantiles: [Double]
    }

    public static let fileName = "familiarity.json"
    /// Quantiles at 0, 1, ... 100 percent.
    static let quantileCount = 101

    /// Training images in the half that gave the quantiles.
    public let images: Int
    /// Vision atoms they were measured with; the checkpoint's K.
    public let k: Int
    /// Of the mean token, n = d. In the file its keys stand beside the others: so they did before there was a second feature.
    let mean: Statistics
    /// Of the logarithm of the tokens' deviation in each channel, n = d; `nil` in files written before it was measured.
    let spread: Statistics?
    /// Of `PixelSpectrum`; `nil` in files written before it was measured.
    let pixels: Statistics?

    private enum CodingKeys: String, CodingKey { case images, k, spread, pixels }

    public init(from decoder: any Decoder) throws {
        let file = try decoder.container(keyedBy: CodingKeys.self)
        images = try file.decode(Int.self, forKey: .images)
        k = try file.decode(Int.self, forKey: .k)
        mean = try Statistics(from: decoder)
        spread = try file.decodeIfPresent(Statistics.self, forKey: .spread)
        pixels = try file.decodeIfPresent(Statistics.self, forKey: .pixels)
    }

    public func encode(to encoder: any Encoder) throws {
        try mean.encode(to: encoder)
        var file = encoder.container(keyedBy: CodingKeys.self)
        try file.encode(images, forKey: .images)
        try file.encode(k, forKey: .k)
        try file.encodeIfPresent(spread, forKey: .spread)
        try file.encodeIfPresent(pixels, forKey: .pixels)
    }

    /// - Parameter seen: at the checkpoint's full K.
    public func measure(_ seen: SeenImage) -> FamiliarityReading {
        precondition(seen.k == k, "familiarity is measured at full K")
        let features = Self.features(seen)
        let all = zip([mean, spread, pixels], features)
        let readings = all.compactMap { known, feature -> (share: Double, reading: FamiliarityReading)? in
            guard let known, let feature else { return nil }
            let distance = Self.distance(feature, centre: known.centre, precision: known.precision)
            let furthest = known.quantiles[Self.quantileCount - 1]
            let reading = FamiliarityReading(
                distance: distance, percentile: Self.percentile(of: distance, among: known.quantiles), images: images,
                isUnfamiliar: distance > furthest)
            return (distance / furthest, reading)
        }
        // The strangest one: beyond all training images by how far.
        return readings.max { ($0.reading.percentile, $0.share) < ($1.reading.percentile, $1.share) }!.reading
    }

    /// Measures images of the training distribution.
    ///
    /// - Parameters:
    ///   - images: at least 4; several times d for a covariance worth its name.
    ///   - progress: told the number of images seen so far.
    /// - Throws: `CheckpointError.mismatch` for weights that make no finite tokens of these images.
    public init(
        of images: some Sequence<PixelImage>, on model: LoadedModel, progress: (Int) -> Void = { _ in }
    ) throws(CheckpointError) {
        // By half, then by feature.
        var halves: [[[[Double]]]] = [[[], [], []], [[], [], []]], count = 0
        for image in images {
            for (place, feature) in Self.features(model.see(image)).enumerated() {
                if let feature { halves[count % 2][place].append(feature) }
            }
            count += 1
            progress(count)
        }
        precondition(count >= 4, "too few images to measure")
        func statistics(_ place: Int) -> Statistics? {
            let isMade = halves.allSatisfy { !$0[place].isEmpty && $0[place].joined().allSatisfy(\.isFinite) }
            guard isMade, let known = Self.moments(halves[0][place]) else { return nil }
            let distances = halves[1][place].map { Self.distance($0, centre: known.centre, precision: known.precision) }
            return Statistics(centre: known.centre, precision: known.precision, quantiles: Self.quantiles(distances))
        }
        guard let mean = statistics(0), let spread = statistics(1) else {
            throw .mismatch(
                path: model.folder.weights.path, expected: "weights that make finite tokens of training images",
                found: "tokens that are not numbers")
        }
        self.images = halves[1][0].count
        self.pixels = statistics(2)
        self.k = model.config.visionAtoms
        self.mean = mean
        self.spread = spread
    }

    // MARK: File

    /// The statistics of a checkpoint folder; `nil` where none were written.
    ///
    /// - Throws: `CheckpointError` for a file that cannot be read or does not belong to the config.
    public static func read(folder: String, config: ModelConfig) throws(CheckpointError) -> Familiarity? {
        let file = URL(fileURLWithPath: folder).appendingPathComponent(fileName), path = folder + "/" + fileName
        guard FileManager.default.fileExists(atPath: file.path) else { return nil }
        let read: Familiarity, data: Data
        do { data = try Data(contentsOf: file) } catch { throw .unreadable(path: path, reason: "the system refused to read it") }
        do { read = try JSONDecoder().decode(Familiarity.self, from: data) } catch {
            let (key, problem) = MessageText.decoding(error, of: data, as: Familiarity.self)
            throw .mismatch(
                path: path, expected: "statistics of training images", found: key.isEmpty ? problem : "\(problem) at \(key)")
        }
        func require(_ holds: Bool, _ expected: String, _ found: String) throws(CheckpointError) {
            if !holds { throw .mismatch(path: path, expected: expected, found: found) }
        }
        try require(read.k == config.visionAtoms, "k \(config.visionAtoms)", "\(read.k)")
        try require(read.images > 0, "images above 0", "\(read.images)")
        for (statistics, n) in [
            (read.mean, config.width), (read.spread, config.width), (read.pixels, PixelSpectrum.count(side: config.imageSize)),
        ] {
            guard let statistics else { continue }
            let (centre, precision, quantiles) = (statistics.centre.count, statistics.precision.count, statistics.quantiles)
            try require(centre == n, "\(n) values of centre", "\(centre)")
            try require(precision == n * (n + 1) / 2, "\(n * (n + 1) / 2) values of precision", "\(precision)")
            try require(
                quantiles.count == quantileCount && zip(quantiles, quantiles.dropFirst()).allSatisfy { $0 <= $1 },
                "\(quantileCount) quantiles that never fall", "\(quantiles.count) others")
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

    static func quantiles(_ values: [Double]) -> [Double] {
        let sorted = values.sorted()
        return (0..<quantileCount).map { Quantile.of(sorted, Double($0) / Double(quantileCount - 1)) }
    }

    /// The inverse of `quantiles`: 0 below the least, 100 above the greatest, linear between neighbours.
    static func percentile(of value: Double, among quantiles: [Double]) -> Double {
        let step = 100 / Double(quantiles.count - 1)
        guard value > quantiles[0] else { return 0 }
        guard let above = quantiles.firstIndex(where: { $0 >= value }) else { return 100 }
        let low = quantiles[above - 1], high = quantiles[above]
        return (Double(above - 1) + (value - low) / (high - low)) * step
    }

    /// Mean token, logarithm of the tokens' deviation from it, [d] each, and the pixels' spectrum.
    private static func features(_ seen: SeenImage) -> [[Double]?] {
        let rows = Double(seen.tokens.rows), columns = seen.tokens.columns
        var sums = [Double](repeating: 0, count: columns), squares = sums
        seen.tokens.values.withValues { v in
            for i in v.indices {
                sums[i % columns] += Double(v[i])
                squares[i % columns] += Double(v[i]) * Double(v[i])
            }
        }
        let means = sums.map { $0 / rows }
        // The floor is far under what any image leaves in a channel that is in use.
        let spreads = zip(squares, means).map { log(max(1e-6, $0 / rows - $1 * $1)) / 2 }
        let pixels = PixelSpectrum.features(patches: seen.patches, gridWidth: seen.gridWidth, gridHeight: seen.gridHeight)
        return [means, spreads, pixels]
    }

    /// Mean [d] and inverse covariance (lower triangle) of features, after a thousandth of the mean variance is added to
    /// each: directions in which training images hardly differ would otherwise decide alone.
    /// `nil` where numbers too large for a covariance leave nothing to invert.
    static func moments(_ features: [[Double]]) -> (centre: [Double], precision: [Double])? {
        let n = Double(features.count), d = features[0].count
        var centre = [Double](repeating: 0, count: d)
        for feature in features { for j in 0..<d { centre[j] += feature[j] / n } }
        var covariance = RealMatrix(rows: d, columns: d, values: [Double](repeating: 0, count: d * d))
        for feature in features {
            for i in 0..<d {
                let z = (feature[i] - centre[i]) / n
                for j in 0..<d { covariance.values[i * d + j] += z * (feature[j] - centre[j]) }
            }
        }
        let trace = (0..<d).reduce(0) { $0 + covariance.values[$1 * d + $1] }
        // Images that are all the same have no covariance: any positive one serves.
        covariance.addToDiagonal(max(1e-3 * trace / Double(d), 1e-12))
        guard let inverse = covariance.inverseOfSymmetric() else { return nil }
        return (centre, (0..<d).flatMap { i in (0...i).map { inverse.values[i * d + $0] } })
    }

    /// `sqrt((f - centre)^T precision (f - centre) / d)`.
    static func distance(_ feature: [Double], centre: [Double], precision: [Double]) -> Double {
        let z = zip(feature, centre).map { $0 - $1 }
        var sum = 0.0, place = 0
        for i in z.indices {
            var row = 0.0
            for j in 0..<i {
                row += precision[place] * z[j]
                place += 1
            }
            sum += z[i] * (2 * row + precision[place] * z[i])
            place += 1
        }
        return (max(0, sum) / Double(z.count)).squareRoot()
    }
}
