// Log-magnitude spectra of small fields.
//
// Guarantees: zero frequency stands at row H/2, column W/2 of an H x W spectrum; a real field's spectrum is symmetric
// about it; dB are relative to the largest magnitude and clamped at the stated floor, far above single precision's
// rounding.

import Foundation
import SpectralKernels

enum FieldSpectrum {
    static let floor: Float = -60

    /// Hann over n points, centred, with its zeros half a step outside: no point is lost, leakage falls fast.
    static func hann(_ n: Int) -> [Float] {
        (0..<n).map { n == 1 ? 1 : Float(0.5 * (1 - cos(2 * .pi * (Double($0) + 0.5) / Double(n)))) }
    }

    /// |DFT| of a real field [rows, columns, channels], windowed and padded with zeros to [height, width], fftshifted;
    /// over several channels the root of their summed power.
    ///
    /// - Throws: `FourierError` for a spectrum too large to plan.
    static func magnitudes(
        _ field: [Float], rows: Int, columns: Int, channels: Int = 1, height: Int, width: Int
    ) throws(FourierError) -> [Float] {
        precondition(
            field.count == rows * columns * channels && height >= rows && width >= columns, "a spectrum smaller than its field")
        let plan = try FourierPlan(.real, shape: [height, width], channels: channels)
        let padded = FloatBuffer(count: plan.fieldCount), half = FloatBuffer(count: plan.spectrumCount, zeroed: false)
        let rowWindow = hann(rows), columnWindow = hann(columns)
        padded.withMutableValues { x in
            for row in 0..<rows {
                for column in 0..<columns {
                    let weight = rowWindow[row] * columnWindow[column]
                    for c in 0..<channels {
                        x[(row * width + column) * channels + c] = weight * field[(row * columns + column) * channels + c]
                    }
                }
            }
        }
        plan.forward(padded, into: half)
        let stored = width / 2 + 1
        return half.withValues { z in
            (0..<height * width).map { i in
                var v = (i / width + height - height / 2) % height, u = (i % width + width - width / 2) % width
                // Only half of a real field's spectrum is stored; the rest is its mirror.
                if u >= stored { (u, v) = (width - u, (height - v) % height) }
                var power: Float = 0
                for j in (v * stored + u) * channels..<(v * stored + u + 1) * channels {
                    power += z[2 * j] * z[2 * j] + z[2 * j + 1] * z[2 * j + 1]
                }
                return power.squareRoot()
            }
        }
    }

    /// 20 log10(magnitude / largest), clamped at `floor`; all at the floor where everything is zero.
    static func decibels(_ magnitudes: [Float]) -> [Float] {
        let top = magnitudes.max() ?? 0
        return magnitudes.map { top > 0 && $0 > 0 ? max(floor, 20 * log10($0 / top)) : floor }
    }

    /// Labels of the shifted frequencies of an axis, in cycles per step.
    static func axis(_ count: Int) -> [String] {
        (0..<count).map { frequencyLabel(Double($0 - count / 2) / Double(count)) }
    }

    static func matrix(
        _ magnitudes: [Float], height: Int, width: Int, title: String, step: String
    ) -> LensMatrix {
        LensMatrix(
            title: title, unit: "dB under peak", kind: .decibel, rows: height, columns: width,
            values: decibels(magnitudes), magnitudes: magnitudes, low: floor, high: 0,
            rowTitle: "v, cycles per \(step)", columnTitle: "u, cycles per \(step)", rowLabels: axis(height),
            columnLabels: axis(width))
    }
}
