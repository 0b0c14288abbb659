// Log-magnitude spectra of small fields.
//
// Guarantees: double precision; zero frequency stands at row H/2, column W/2 of a padded H x W (even) spectrum; a real
// field's spectrum is symmetric about it; dB are relative to the largest magnitude and clamped at the stated floor.
// A direct DFT, separable: the fields are a few thousand entries at most.

import Foundation

enum FieldSpectrum {
    static let floor: Float = -60

    /// Hann over n points, centred, with its zeros half a step outside: no point is lost, leakage falls fast.
    static func hann(_ n: Int) -> [Double] {
        (0..<n).map { n == 1 ? 1 : 0.5 * (1 - cos(2 * .pi * (Double($0) + 0.5) / Double(n))) }
    }

    /// |DFT| of `field` [rows, columns] windowed (where asked) and padded with zeros to [height, width], fftshifted.
    static func magnitudes(
        _ field: [Double], rows: Int, columns: Int, height: Int, width: Int, windowed: Bool = true
    ) -> [Double] {
        precondition(field.count == rows * columns && height >= rows && width >= columns, "a spectrum smaller than its field")
        let rowWindow = windowed ? hann(rows) : [Double](repeating: 1, count: rows)
        let columnWindow = windowed ? hann(columns) : [Double](repeating: 1, count: columns)
        let (cosW, sinW) = turns(width), (cosH, sinH) = turns(height)
        // Along x: [rows, width].
        var re = [Double](repeating: 0, count: rows * width), im = re
        for y in 0..<rows {
            for u in 0..<width {
                let f = (u + width - width / 2) % width
                var a = 0.0, b = 0.0
                for x in 0..<columns {
                    let value = field[y * columns + x] * columnWindow[x], j = f * x % width
                    a += value * cosW[j]
                    b -= value * sinW[j]
                }
                re[y * width + u] = a * rowWindow[y]
                im[y * width + u] = b * rowWindow[y]
            }
        }
        // Along y: [height, width].
        var result = [Double](repeating: 0, count: height * width)
        for v in 0..<height {
            let f = (v + height - height / 2) % height
            for u in 0..<width {
                var a = 0.0, b = 0.0
                for y in 0..<rows {
                    let j = f * y % height, p = re[y * width + u], q = im[y * width + u]
                    a += p * cosH[j] + q * sinH[j]
                    b += q * cosH[j] - p * sinH[j]
                }
                result[v * width + u] = (a * a + b * b).squareRoot()
            }
        }
        return result
    }

    /// 20 log10(magnitude / largest), clamped at `floor`; all at the floor where everything is zero.
    static func decibels(_ magnitudes: [Double]) -> [Float] {
        let top = magnitudes.max() ?? 0
        return magnitudes.map { top > 0 && $0 > 0 ? max(floor, Float(20 * log10($0 / top))) : floor }
    }

    /// Labels of the shifted frequencies of an axis, in cycles per step.
    static func axis(_ count: Int) -> [String] {
        (0..<count).map { frequencyLabel(Double($0 - count / 2) / Double(count)) }
    }

    static func matrix(
        _ magnitudes: [Double], height: Int, width: Int, title: String, step: String
    ) -> LensMatrix {
        LensMatrix(
            title: title, unit: "dB under peak", kind: .decibel, rows: height, columns: width,
            values: decibels(magnitudes), magnitudes: magnitudes.map(Float.init), low: floor, high: 0,
            rowTitle: "v, cycles per \(step)", columnTitle: "u, cycles per \(step)", rowLabels: axis(height),
            columnLabels: axis(width))
    }

    private static func turns(_ n: Int) -> (cos: [Double], sin: [Double]) {
        let angles = (0..<n).map { 2 * Double.pi * Double($0) / Double(n) }
        return (angles.map { cos($0) }, angles.map { sin($0) })
    }
}
