/// Numbers as short text, without the locale. Zero-sized signs and exponents are kept out of columns that must align.
public enum Figure {
    /// `decimals` digits after the point, rounded half away from zero: `fixed(1.25, 1)` is "1.3".
    public static func fixed(_ value: Double, _ decimals: Int) -> String {
        guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
        let digits = min(max(decimals, 0), 9)
        let scale = power(of: digits)
        let scaled = (value.magnitude * scale).rounded()
        guard scaled < 1e15 else { return scientific(value) }
        let whole = Int64(scaled)
        let sign = value < 0 && whole != 0 ? "-" : ""
        guard digits > 0 else { return "\(sign)\(whole)" }
        let unit = Int64(scale)
        let fraction = String(whole % unit)
        return "\(sign)\(whole / unit)." + String(repeating: "0", count: digits - fraction.count) + fraction
    }

    /// About three significant digits: "0.001", "12.3", "1.23e6"; whole numbers
    /// under 100,000 in full.
    public static func short(_ number: some BinaryFloatingPoint) -> String {
        let value = Double(number)
        guard value.isFinite, value != 0 else { return value == 0 ? "0" : fixed(value, 0) }
        let size = value.magnitude
        if size >= 1e5 || size < 1e-3 { return scientific(value) }
        if value == value.rounded() { return fixed(value, 0) }
        return fixed(value, size >= 99.95 ? 0 : size >= 9.995 ? 1 : size >= 0.9995 ? 2 : 3)
    }

    /// A probability as a percentage: "97.3%", "<0.1%".
    public static func percent(_ probability: Double) -> String {
        if probability > 0, probability < 0.0005 { return "<0.1%" }
        return fixed(probability * 100, probability >= 0.9995 ? 0 : 1) + "%"
    }

    private static func scientific(_ value: Double) -> String {
        var mantissa = value
        var exponent = 0
        while mantissa.magnitude >= 9.995 {
            mantissa /= 10
            exponent += 1
        }
        while mantissa.magnitude < 0.9995, mantissa != 0, exponent > -400 {
            mantissa *= 10
            exponent -= 1
        }
        return fixed(mantissa, 2) + "e\(exponent)"
    }

    private static func power(of digits: Int) -> Double {
        var result = 1.0
        for _ in 0..<digits { result *= 10 }
        return result
    }

    /// 20 log10 of a positive value, in decibels; -infinity for zero and below, nan for nan.
    ///
    /// The significand m in [1, 2) is brought within a factor sqrt 2 of 1, then
    /// log m = 2 artanh((m - 1) / (m + 1)), summed until the terms fall below 1e-16 (|argument| <= 0.172: 10 terms).
    public static func decibels(_ value: Double) -> Double {
        if value.isNaN { return .nan }
        guard value > 0 else { return -.infinity }
        guard value.isFinite else { return .infinity }
        var exponent = Double(value.exponent)
        var significand = value.significand
        if significand > 1.414_213_562_373_095 {
            significand /= 2
            exponent += 1
        }
        let argument = (significand - 1) / (significand + 1)
        let square = argument * argument
        var sum = 0.0
        var term = argument
        for index in 0..<11 {
            sum += term / Double(2 * index + 1)
            term *= square
        }
        let naturalLog = 2 * sum + exponent * 0.693_147_180_559_945_3
        return naturalLog * 8.685_889_638_065_037
    }
}
