// How the light and colour of an image spread over frequencies, as a few numbers.

import Foundation
import SpectralKernels

/// The power of an image in each octave of frequencies, and how flat it is between edges.
///
/// Of the pixels a model is given, before any weight: photographs lose power with frequency much alike (Field 1987), while
/// drawings, renderings and noise do not, whatever is on them.
enum PixelSpectrum {
    /// Octaves from one cycle an image to the Nyquist frequency; the last holds the corners beyond it too.
    static func octaves(side: Int) -> Int { max(1, Int(log2(Double(max(side, 2)) / 2))) }

    /// Numbers that `features` gives of a square image.
    static func count(side: Int) -> Int { 3 * octaves(side: side) + 1 }

    /// For luminance and both colour differences (ITU-R BT.601, unscaled): the logarithm of the mean power of a frequency, in
    /// each octave; then the logarithm of the median step of luminance between neighbours over the mean one.
    ///
    /// - Parameter patches: [V, 3 patch^2] as `PatchGrid` cuts them, values in -1...1.
    /// - Returns: [`count`], or `nil` where no transform of that size can be planned.
    static func features(patches: Tensor, gridWidth: Int, gridHeight: Int) -> [Double]? {
        let patch = Int((Double(patches.columns) / 3).squareRoot().rounded())
        let width = gridWidth * patch, height = gridHeight * patch
        guard let plan = try? FourierPlan(.real, shape: [height, width], channels: 3) else { return nil }
        let planes = FloatBuffer(count: plan.fieldCount, zeroed: false)
        patches.values.withValues { values in
            planes.withMutableValues { planes in
                for i in stride(from: 0, to: values.count, by: 3) {
                    let row = i / patches.columns, within = i % patches.columns / 3
                    let y = row / gridWidth * patch + within / patch, x = row % gridWidth * patch + within % patch
                    // Halves: black to white is one.
                    let red = values[i] / 2, green = values[i + 1] / 2, blue = values[i + 2] / 2
                    let light = 0.299 * red + 0.587 * green + 0.114 * blue, place = 3 * (y * width + x)
                    planes[place] = light
                    planes[place + 1] = blue - light
                    planes[place + 2] = red - light
                }
            }
        }
        let spectrum = FloatBuffer(count: plan.spectrumCount, zeroed: false)
        plan.forward(planes, into: spectrum)
        return powers(spectrum, width: width, height: height) + [flatness(planes, width: width, height: height)]
    }

    private static func powers(_ spectrum: FloatBuffer, width: Int, height: Int) -> [Double] {
        let octaves = octaves(side: min(width, height)), half = width / 2 + 1
        var sums = [Double](repeating: 0, count: 3 * octaves), counts = [Double](repeating: 0, count: octaves)
        spectrum.withValues { z in
            for v in 0..<height {
                for u in 0..<half where (u, v) != (0, 0) {
                    let cycles = hypot(Double(u), Double(min(v, height - v)))
                    let octave = min(octaves - 1, Int(log2(cycles)))
                    // The half spectrum leaves out the mirror images of all columns but the first and, of even widths, the last.
                    let weight = u == 0 || 2 * u == width ? 1.0 : 2
                    counts[octave] += weight
                    for c in 0..<3 {
                        let i = 2 * (3 * (v * half + u) + c)
                        sums[c * octaves + octave] += weight * (Double(z[i]) * Double(z[i]) + Double(z[i + 1]) * Double(z[i + 1]))
                    }
                }
            }
        }
        let scale = 1 / pow(Double(width * height), 2)
        // The floor is far under what rounding to bytes leaves in any image that is not of one colour.
        return sums.indices.map { log(sums[$0] * scale / max(1, counts[$0 % octaves]) + 1e-12) }
    }

    /// Low where most neighbours are equal and a few differ much, as in drawings.
    private static func flatness(_ planes: FloatBuffer, width: Int, height: Int) -> Double {
        var steps: [Float] = []
        steps.reserveCapacity(2 * width * height)
        planes.withValues { planes in
            for y in 0..<height {
                for x in 0..<width {
                    let here = planes[3 * (y * width + x)]
                    if x + 1 < width { steps.append(abs(planes[3 * (y * width + x + 1)] - here)) }
                    if y + 1 < height { steps.append(abs(planes[3 * ((y + 1) * width + x)] - here)) }
                }
            }
        }
        guard !steps.isEmpty else { return 0 }
        steps.sort()
        let mean = steps.reduce(0.0) { $0 + Double($1) } / Double(steps.count)
        // A fortieth of what a byte can tell.
        return log((Double(steps[steps.count / 2]) + 1e-4) / (mean + 1e-4))
    }
}
