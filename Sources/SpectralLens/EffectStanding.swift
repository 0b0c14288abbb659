// Where an effect stands among the effects of controls.

import Foundation

/// An effect against those of random controls. The units are those of the effects.
public struct EffectStanding: Sendable, Codable, Equatable {
    public let effect: Float
    /// How many controls.
    public let count: Int
    /// Percent of the controls with a smaller effect, those with the same effect counted half.
    public let percentile: Float
    /// Two-sided: twice the share of controls, the edit itself counted among them, that lie at the effect or beyond it on
    /// the side where fewer do; at most 1 (Phipson and Smyth 2010, who say why the edit is counted).
    public let pValue: Float
    /// The smallest p-value that so many controls can give, 2 / (n + 1).
    public let smallestPValue: Float
    public let mean: Float
    /// With n - 1 in the denominator; 0 for one control.
    public let standardDeviation: Float
    public let median: Float
    public let minimum: Float
    public let maximum: Float

    /// `nil` without controls.
    public init?(of effect: Float, among controls: [Float]) {
        guard !controls.isEmpty else { return nil }
        let n = controls.count, sorted = controls.sorted()
        let below = controls.count { $0 < effect }, above = controls.count { $0 > effect }, same = n - below - above
        self.effect = effect
        count = n
        percentile = 100 * (Float(below) + Float(same) / 2) / Float(n)
        pValue = min(1, 2 * Float(1 + same + min(below, above)) / Float(n + 1))
        smallestPValue = min(1, 2 / Float(n + 1))
        let average = controls.reduce(0.0) { $0 + Double($1) } / Double(n)
        let squares = controls.reduce(0.0) { $0 + (Double($1) - average) * (Double($1) - average) }
        mean = Float(average)
        standardDeviation = n > 1 ? Float((squares / Double(n - 1)).squareRoot()) : 0
        median = (sorted[(n - 1) / 2] + sorted[n / 2]) / 2
        minimum = sorted[0]
        maximum = sorted[n - 1]
    }
}
