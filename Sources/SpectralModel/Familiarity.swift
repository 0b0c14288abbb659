// How unlike the training images an image is, as a number and its place among theirs.

import Foundation
import SpectralFormats
import SpectralKernels

/// Where an image stands among the training images.
public struct FamiliarityReading: Sendable, Equatable {
    /// Mahalanobis distance of the image's mean vision token from those of training images, divided by the square root
    /// of the number of channels: about 1 for most of them.
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
///
/// Of a pooled feature's mean and covariance, the distance of Lee et al. 2018. The covariance is of one half of the
/// images and the quantiles of the other, which it has not seen. The atoms' reconstruction residual, measured too,
/// tells photographs from scenes hardly better than chance, and so it is not used.
public struct Familiarity: Codable, Sendable, Equatable {
    public static let fileName = "familiarity.json"
    /// Quantiles at 0, 1, ... 100 percent.
    static let quantileCount = 101

    /// Training images in the half that gave the quantiles.
    public let images: Int
    /// Vision atoms they were measured with; the checkpoint's K.
    public let k: Int
    /// Mean over images of the mean token, [d].
    let centre: [Double]
    /// Inverse covariance of the mean token: its lower triangle row by row, [d (d + 1) / 2].
    let precision: [Double]
    /// `quantileCount` distances that never fall.
    let quantiles: [Double]

    /// - Parameter seen: at the checkpoint's full K.
    public func measure(_ seen: SeenImage) -> FamiliarityReading {
        precondition(seen.k == k, "familiarity is measured at full K")
        let distance = Self.distance(Self.feature(seen), centre: centre, precision: precision)
        return FamiliarityReading(
            distance: distance, percentile: Self.percentile(of: distance, among: quantiles), images: images,
            isUnfamiliar: distance > quantiles[Self.quantileCount - 1])
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
        var halves: [[[Double]]] = [[], []], count = 0
        for image in images {
            halves[count % 2].append(Self.feature(model.see(image)))
            count += 1
            progress(count)
        }
        precondition(count >= 4, "too few images to measure")
        guard halves.joined().joined().allSatisfy(\.isFinite), let (centre, precision) = Self.moments(halves[0]) else {
            throw .mismatch(
                path: model.folder.weights.path, expected: "weights that make finite tokens of training images",
                found: "tokens that are not numbers")
        }
        self.images = halves[1].count
        self.k = model.config.visionAtoms
        self.centre = centre
        self.precision = precision
        quantiles = Self.quantiles(halves[1].map { Self.distance($0, centre: centre, precision: precision) })
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
            let (key, problem) = MessageText.decoding(error)
            throw .mismatch(
                path: path, expected: "statistics of training images", found: key.isEmpty ? problem : "\(problem) at \(key)")
        }
        func require(_ holds: Bool, _ expected: String, _ found: String) throws(CheckpointError) {
            if !holds { throw .mismatch(path: path, expected: expected, found: found) }
        }
        try require(read.k == config.visionAtoms, "k \(config.visionAtoms)", "\(read.k)")
        let d = config.width
        try require(read.images > 0, "images above 0", "\(read.images)")
        try require(read.centre.count == d, "\(d) values of centre", "\(read.centre.count)")
        try require(
            read.precision.count == d * (d + 1) / 2, "\(d * (d + 1) / 2) values of precision", "\(read.precision.count)")
        try require(
            read.quantiles.count == quantileCount && zip(read.quantiles, read.quantiles.dropFirst()).allSatisfy { $0 <= $1 },
            "\(quantileCount) quantiles that never fall", "\(read.quantiles.count) others")
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

    /// Mean token, [d].
    private static func feature(_ seen: SeenImage) -> [Double] {
        let rows = seen.tokens.rows, columns = seen.tokens.columns
        var sums = [Double](repeating: 0, count: columns)
        seen.tokens.values.withValues { v in
            for row in 0..<rows {
                for c in 0..<columns { sums[c] += Double(v[row * columns + c]) }
            }
        }
        return sums.map { $0 / Double(rows) }
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
