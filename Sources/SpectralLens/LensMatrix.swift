// The numbers a lens hands out: plain matrices that say what they are, for screens, JSON and tests alike.

/// A matrix of numbers with everything a legend must say.
public struct LensMatrix: Sendable, Codable, Equatable {
    /// How the values are to be read.
    public enum Kind: String, Sendable, Codable {
        /// Plain values between `low` and `high`.
        case linear
        /// dB under the largest magnitude, clamped at `low`, the floor; `magnitudes` holds the unclamped linear values.
        case decibel
        /// Radians in -pi...pi; entries whose magnitude (1 for the largest) is under `maskFloor` mean little.
        case angle
    }

    public var title: String
    public var unit: String
    public var kind: Kind
    public var rows: Int
    public var columns: Int
    /// Row-major.
    public var values: [Float]
    /// Linear magnitudes of the same entries where the kind has them, else empty.
    public var magnitudes: [Float]
    /// Ends of the scale. They belong to the kind, not to the values, where that makes maps comparable.
    public var low: Float
    public var high: Float
    /// Relative magnitude under which an entry is to be masked.
    public var maskFloor: Float?
    public var rowTitle: String
    public var columnTitle: String
    public var rowLabels: [String]
    public var columnLabels: [String]

    public init(
        title: String, unit: String, kind: Kind = .linear, rows: Int, columns: Int, values: [Float],
        magnitudes: [Float] = [], low: Float? = nil, high: Float? = nil, maskFloor: Float? = nil, rowTitle: String = "",
        columnTitle: String = "", rowLabels: [String] = [], columnLabels: [String] = []
    ) {
        precondition(values.count == rows * columns, "\(values.count) values cannot be \(rows) x \(columns)")
        self.title = title
        self.unit = unit
        self.kind = kind
        self.rows = rows
        self.columns = columns
        self.values = values
        self.magnitudes = magnitudes
        self.low = low ?? values.min() ?? 0
        self.high = high ?? values.max() ?? 0
        self.maskFloor = maskFloor
        self.rowTitle = rowTitle
        self.columnTitle = columnTitle
        self.rowLabels = rowLabels
        self.columnLabels = columnLabels
    }

    public subscript(row: Int, column: Int) -> Float { values[row * columns + column] }

    /// Row and column of the largest value.
    public var peak: (row: Int, column: Int) {
        guard let i = values.indices.max(by: { values[$0] < values[$1] }) else { return (0, 0) }
        return (i / columns, i % columns)
    }
}

/// A frequency as a label: three decimals, cycles per token.
func frequencyLabel(_ w: Double) -> String {
    let thousandths = Int((abs(w) * 1000).rounded())
    let digits = String(thousandths % 1000)
    let text = "\(thousandths / 1000)." + String(repeating: "0", count: 3 - digits.count) + digits
    return w < 0 && thousandths > 0 ? "-" + text : text
}
