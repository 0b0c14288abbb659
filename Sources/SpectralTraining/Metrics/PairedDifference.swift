// Whether two checkpoints differ by more than the choice of images makes them.

/// Mean of a - b over images that both were measured on, and its 95 % interval: mean -+ 1.96 s / sqrt(n), s being the
/// deviation of the differences (n - 1). It speaks of other images, not of other runs of training.
public struct PairedDifference: Codable, Sendable, Equatable {
    public let mean: Double
    public let low: Double
    public let high: Double

    /// Fewer images than this say nothing of a deviation.
    static let leastImages = 30

    /// - Returns: `nil` for fewer than 30 images.
    public init?(_ a: [Double], less b: [Double]) {
        precondition(a.count == b.count, "\(a.count) and \(b.count) images are not the same")
        guard a.count >= Self.leastImages else { return nil }
        let n = Double(a.count), differences = zip(a, b).map { $0 - $1 }, mean = differences.reduce(0, +) / n
        let variance = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1)
        let reach = 1.96 * (variance / n).squareRoot()
        (self.mean, low, high) = (mean, mean - reach, mean + reach)
    }
}
