// Other scales than a heatmap's own: from the same values to other shades.
//
// What it guarantees: values, masks and readouts stay what they were; maps that share a scale give equal values equal
// shades; what cannot be shown on a scale keeps its own.

/// Values by rank. Signed values are ranked by magnitude and keep their side of the middle.
public struct RankScale: Hashable, Sendable {
    /// Ascending, finite: the values or, when signed, their magnitudes.
    public let sorted: [Float]
    public let isSigned: Bool

    public init(of values: [Float], isSigned: Bool = false) {
        sorted = values.lazy.filter(\.isFinite).map { isSigned ? $0.magnitude : $0 }.sorted()
        self.isSigned = isSigned
    }

    /// The share of the others that lie below, 0...1: 0 for the least, 1 for the largest, equal ones in the middle of
    /// their ranks; 0.5 where there are no two.
    public func rank(_ value: Float) -> Float {
        guard sorted.count > 1 else { return 0.5 }
        let wanted = isSigned ? value.magnitude : value
        let below = count { $0 < wanted }, notAbove = count { $0 <= wanted }
        return min(1, max(0, Float(below + notAbove - 1) / Float(2 * (sorted.count - 1))))
    }

    /// The value of which a share of the others lies below, by linear interpolation between neighbours in rank; nan
    /// where there are no values.
    public func quantile(_ share: Double) -> Float {
        guard let last = sorted.indices.last else { return .nan }
        let place = Double(last) * min(max(share, 0), 1), below = Int(place)
        return sorted[below] + (sorted[min(below + 1, last)] - sorted[below]) * Float(place - Double(below))
    }

    /// From 0 to 1; nothing at all is in the middle of a signed scale.
    func fraction(_ value: Float) -> Float {
        guard isSigned else { return rank(value) }
        return value == 0 ? 0.5 : value < 0 ? 0.5 - rank(value) / 2 : 0.5 + rank(value) / 2
    }

    /// How many leading values fulfil what holds for a beginning of them.
    private func count(_ isBefore: (Float) -> Bool) -> Int {
        var low = 0, high = sorted.count
        while low < high {
            let middle = (low + high) / 2
            if isBefore(sorted[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// A scale asked for.
public enum ScaleChoice: String, Hashable, Sendable, CaseIterable {
    /// The one the map came with.
    case own, linear, percentile

    public var next: ScaleChoice {
        let all = Self.allCases
        return all[(all.firstIndex(of: self)! + 1) % all.count]
    }
}

extension Heatmap {
    /// What the values are, by the scale the map came with.
    public enum Nature: String, Hashable, Sendable {
        case magnitudes, signed, plain, angles
    }

    public var nature: Nature {
        switch scale {
        case .decibel: .magnitudes
        case .linear(let minimum, let maximum): minimum < 0 && maximum > 0 ? .signed : .plain
        case .phase: .angles
        case .percentile(let ranks): ranks.isSigned ? .signed : .plain
        }
    }

    /// The map on another scale: linear from zero for magnitudes, even about zero for signed values, from the least to
    /// the largest for others; or by rank. Angles go round and keep their own.
    ///
    /// - Parameters:
    ///   - floor: of a dB scale, in dB; nil for the map's own.
    ///   - others: maps whose values count too, so that all of them have the same scale.
    public func scaled(_ choice: ScaleChoice, floor: Float? = nil, sharedWith others: [Heatmap] = []) -> Heatmap {
        var copy = self
        switch (choice, scale) {
        case (_, .phase): break
        case (.own, .decibel(_, let reference)): if let floor { copy.scale = .decibel(floor: floor, reference: reference) }
        case (.own, _): break
        case (.percentile, _):
            copy.scale = .percentile(RankScale(of: pooled(others), isSigned: nature == .signed))
        case (.linear, _):
            let values = pooled(others)
            switch nature {
            case .magnitudes: copy.scale = .linear(minimum: 0, maximum: values.max() ?? 1)
            case .signed:
                let most = values.lazy.map(\.magnitude).max() ?? 1
                copy.scale = .linear(minimum: -most, maximum: most)
            case .plain, .angles: copy.scale = Heatmap.linearScale(of: values)
            }
        }
        return copy
    }

    /// Finite values that are not masked.
    private func pooled(_ others: [Heatmap]) -> [Float] {
        ([self] + others).flatMap { map in
            map.values.prefix(map.rows * map.columns).enumerated().compactMap { place, value -> Float? in
                let isWeak = place < map.magnitudes.count && map.magnitudes[place] < map.magnitudeFloor
                return value.isFinite && !isWeak ? value : nil
            }
        }
    }

    /// The scale in words, for a line about it: `dB from -60`, `linear, -1 to 1`, `percentile`.
    public var scaleName: String {
        switch scale {
        case .linear(let minimum, let maximum): "linear, \(Figure.short(minimum)) to \(Figure.short(maximum))"
        case .decibel(let floor, let reference):
            "dB, floor \(Figure.short(min(floor, Heatmap.leastFloor))), 0 dB = \(Figure.short(reference))"
        case .phase: "angles, one turn"
        case .percentile(let ranks): ranks.isSigned ? "percentile of the magnitude" : "percentile"
        }
    }
}
