/// Sample quantiles, linear between the order statistics (type 7 of Hyndman and Fan 1996).
public enum Quantile {
    /// - Parameters:
    ///   - sorted: ascending.
    ///   - share: 0 for the least, 1 for the greatest.
    /// - Returns: 0 of no values.
    public static func of<Value: BinaryFloatingPoint>(_ sorted: [Value], _ share: Double) -> Value {
        guard let last = sorted.indices.last else { return 0 }
        let place = Double(last) * min(max(share, 0), 1), below = Int(place)
        return sorted[below] + Value(place - Double(below)) * (sorted[min(below + 1, last)] - sorted[below])
    }

    /// The value in the middle, or the mean of the two there; 0 of no values.
    public static func median(_ values: [Double]) -> Double { of(values.sorted(), 0.5) }
}
