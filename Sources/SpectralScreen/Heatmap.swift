/// A matrix of numbers to be shown as shades, with everything its legend must say.
///
/// What it guarantees: the scale is part of the value and never changes by itself; the fraction of a value is in
/// 0...1 or nil (masked or not finite); merging several values into one cell is counted and named.
public struct Heatmap: Hashable, Sendable {
    /// From value to shade.
    public enum Scale: Hashable, Sendable {
        case linear(minimum: Float, maximum: Float)
        /// Values are magnitudes >= 0, shown as 20 log10(value / reference), from `floor` (negative, in dB) to 0.
        case decibel(floor: Float, reference: Float)
        /// Values are angles in radians; those whose magnitude is under the floor are masked.
        case phase(magnitudeFloor: Float)
        /// Each value by its rank among all.
        case percentile(RankScale)
    }

    /// What one cell shows when it stands for several values.
    public enum Merge: String, Hashable, Sendable {
        case maximum = "max", mean
        /// The value of the largest absolute value (of the largest magnitude for phases).
        case strongest
    }

    public var title: String
    public var unit: String
    public let rows: Int
    public let columns: Int
    /// Row-major, rows x columns. Missing ones read as not finite, superfluous ones are ignored.
    public var values: [Float]
    /// The magnitude behind each value, row-major; empty means that nothing is masked. Read for phases, and for linear
    /// scales and percentiles with a `magnitudeFloor`.
    public var magnitudes: [Float]
    /// Linear scales and percentiles mask values whose magnitude is under this.
    public var magnitudeFloor: Float = 0
    public var rowLabels: [String]
    public var columnLabels: [String]
    public var scale: Scale
    public var merge: Merge

    public init(
        title: String, unit: String = "", rows: Int, columns: Int, values: [Float], scale: Scale,
        magnitudes: [Float] = [], rowLabels: [String] = [], columnLabels: [String] = [], merge: Merge = .maximum
    ) {
        self.title = title
        self.unit = unit
        self.rows = max(0, rows)
        self.columns = max(0, columns)
        self.values = values
        self.magnitudes = magnitudes
        self.rowLabels = rowLabels
        self.columnLabels = columnLabels
        self.scale = scale
        self.merge = merge
    }

    /// The value there; nan where there is none.
    public func value(row: Int, column: Int) -> Float {
        guard row >= 0, row < rows, column >= 0, column < columns else { return .nan }
        let place = row * columns + column
        return place < values.count ? values[place] : .nan
    }

    /// Whether the value there is masked.
    public func isMasked(row: Int, column: Int) -> Bool {
        shade(value: value(row: row, column: column), magnitude: magnitude(row: row, column: column)) == .masked
    }

    func magnitude(row: Int, column: Int) -> Float {
        let place = row * columns + column
        return place < magnitudes.count ? magnitudes[place] : .infinity
    }

    /// A linear scale from the least to the largest finite value; 0 to 1 where there is none.
    public static func linearScale(of values: [Float]) -> Scale {
        let finite = values.lazy.filter(\.isFinite)
        guard let least = finite.min(), let largest = finite.max() else { return .linear(minimum: 0, maximum: 1) }
        return .linear(minimum: least, maximum: largest)
    }

    /// A dB scale with its reference at the largest finite magnitude; a reference of 1 where there is none.
    public static func decibelScale(of values: [Float], floor: Float) -> Scale {
        let largest = values.lazy.filter(\.isFinite).max() ?? 1
        return .decibel(floor: floor, reference: largest > 0 ? largest : 1)
    }
}

/// What becomes of one value on a scale.
enum HeatmapShade: Hashable {
    /// 0...1; for phases the part of a full turn, 0 <= part < 1.
    case fraction(Float)
    case clippedLow, clippedHigh
    case masked, notFinite
}

extension Heatmap {
    static let leastFloor: Float = -1

    func shade(value: Float, magnitude: Float) -> HeatmapShade {
        if value.isNaN { return .notFinite }
        switch scale {
        case .linear(let minimum, let maximum):
            if magnitude < magnitudeFloor { return .masked }
            if value < minimum { return .clippedLow }
            if value > maximum { return .clippedHigh }
            let span = maximum - minimum
            // A flat map has no contrast to show: the middle shade claims neither end.
            guard span > 0, span.isFinite else { return .fraction(0.5) }
            return .fraction((value - minimum) / span)
        case .decibel(let floor, let reference):
            let bound = min(floor, Heatmap.leastFloor)
            let decibels = Float(Figure.decibels(Double(value) / Double(reference)))
            if decibels.isNaN { return .notFinite }
            if decibels < bound { return .clippedLow }
            // One part in 10^5 keeps the reference itself from being called clipped by rounding.
            if decibels > 1e-4 { return .clippedHigh }
            return .fraction(min(1, 1 - decibels / bound))
        case .percentile(let ranks):
            if magnitude < magnitudeFloor { return .masked }
            guard value.isFinite else { return value < 0 ? .clippedLow : .clippedHigh }
            return .fraction(ranks.fraction(value))
        case .phase(let floor):
            guard value.isFinite else { return .notFinite }
            if magnitude.isNaN || magnitude < floor { return .masked }
            let turns = value / (2 * .pi)
            let part = turns - turns.rounded(.down)
            return .fraction(part >= 1 ? 0 : part)
        }
    }

    /// What one cell shows for the values of a block; an empty block gives nan.
    func merged(rows rowRange: Range<Int>, columns columnRange: Range<Int>) -> (value: Float, magnitude: Float) {
        if rowRange.count == 1, columnRange.count == 1 {
            let (row, column) = (rowRange.lowerBound, columnRange.lowerBound)
            return (value(row: row, column: column), magnitude(row: row, column: column))
        }
        var best: (value: Float, magnitude: Float) = (.nan, -.infinity)
        var sum = 0.0
        var count = 0
        var maskedCount = 0
        for row in rowRange {
            for column in columnRange {
                let next = value(row: row, column: column)
                guard next.isFinite else { continue }
                if hasMagnitudeFloor, magnitude(row: row, column: column) < magnitudeFloor {
                    maskedCount += 1
                    continue
                }
                count += 1
                sum += Double(next)
                let rank = rank(next, row, column)
                if count == 1 || rank > best.magnitude { best = (next, rank) }
            }
        }
        if case .phase = scale { return best }
        if count == 0 { return maskedCount > 0 ? (0, -.infinity) : (.nan, .infinity) }
        return (merge == .mean ? Float(sum / Double(count)) : best.value, .infinity)
    }

    private func rank(_ value: Float, _ row: Int, _ column: Int) -> Float {
        if case .phase = scale { return magnitude(row: row, column: column) }
        return merge == .strongest ? value.magnitude : value
    }

    private var hasMagnitudeFloor: Bool {
        switch scale {
        case .linear, .percentile: true
        case .decibel, .phase: false
        }
    }

    /// The merge that is really done: angles cannot be averaged or compared.
    var effectiveMerge: Merge {
        if case .phase = scale { return .strongest }
        return merge
    }

    /// Values (not cells) that the scale does not show as they are.
    var counts: (clipped: Int, masked: Int, notFinite: Int, minimum: Float, maximum: Float) {
        var result = (clipped: 0, masked: 0, notFinite: 0, minimum: Float.infinity, maximum: -Float.infinity)
        for row in 0..<rows {
            for column in 0..<columns {
                let value = value(row: row, column: column)
                switch shade(value: value, magnitude: magnitude(row: row, column: column)) {
                case .fraction: break
                case .clippedLow, .clippedHigh: result.clipped += 1
                case .masked: result.masked += 1
                case .notFinite: result.notFinite += 1
                }
                if value.isFinite {
                    result.minimum = min(result.minimum, value)
                    result.maximum = max(result.maximum, value)
                }
            }
        }
        return result
    }
}
