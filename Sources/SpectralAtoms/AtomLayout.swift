// Where atoms start: a tight frame for images, few and mel-spaced ones for text, their union for fusion; and which
// of them a smaller K keeps.

import Foundation

/// Initial frequencies and the order of atoms in every stack.
public enum AtomLayout {
    /// The half plane of the DFT grid, by rising radius: [2, K] as (u row, v row), cycles per patch. On the grid the
    /// Gram matrix is L times the identity; the other half plane is the conjugate of this one.
    public static func halfPlane(width: Int, height: Int, count: Int) -> [[Float]] {
        var all: [(u: Int, v: Int)] = []
        for v in 0...height / 2 {
            for u in (-(width - 1) / 2)...(width / 2) where v > 0 || u >= 0 {
                // On the Nyquist row (and only there) u and -u are conjugates of each other.
                if v * 2 == height && height > 1 && u < 0 { continue }
                all.append((u, v))
            }
        }
        func radius(_ w: (u: Int, v: Int)) -> Double {
            let x = Double(w.u) / Double(width), y = Double(w.v) / Double(height)
            return x * x + y * y
        }
        let sorted = all.sorted { (radius($0), $0.u, $0.v) < (radius($1), $1.u, $1.v) }.prefix(count)
        return [sorted.map { Float($0.u) / Float(width) }, sorted.map { Float($0.v) / Float(height) }]
    }

    /// From 0 to Nyquist with mel-like spacing (dense near 0): [count] cycles per token.
    public static func melSpaced(_ count: Int) -> [Float] {
        guard count > 1 else { return [Float](repeating: 0, count: count) }
        let top = 0.5 * 6.0
        return (0..<count).map { i in
            Float((pow(1 + top, Double(i) / Double(count - 1)) - 1) / 6)
        }
    }

    /// Vision atoms (u, v, 0) and text atoms (0, 0, f): [3, K_vision + K_text - 1]; the text's DC is the vision's.
    public static func union(vision: [[Float]], text: [Float]) -> [[Float]] {
        let zeros = [Float](repeating: 0, count: vision[0].count), rest = Array(text.dropFirst())
        let none = [Float](repeating: 0, count: rest.count)
        return [vision[0] + none, vision[1] + none, zeros + rest]
    }

    /// Nested K: the first `k` vision-derived atoms and every text-derived one.
    public static func kept(k: Int, vision: Int, total: Int) -> [Int] {
        Array(0..<min(k, vision)) + Array(vision..<max(total, vision))
    }

    /// Gains as sub-bands, [K, d]: equal groups of channels from DC pooling over low pass to all pass, by radius over
    /// Nyquist. White gains would drown the pooled signal.
    public static func bandedGain(frequencies: [[Float]], channels: Int) -> [Float] {
        grouped([0.08, 0.35, 0.8, 1e3].map { scale in { band($0, frequencies, scale: scale) } }, frequencies, channels)
    }

    /// Gain and phase bias, both [K, d], of a stack that starts out seeing its neighbours: three groups of channels are
    /// the bands above, one is all pass, and the others each read the token one to four steps away. A phase bias of
    /// 2 pi w_k . delta shifts the field by delta exactly, which is how the paper restores locality.
    public static func shiftedModulation(frequencies: [[Float]], channels: Int) -> (gain: [Float], bias: [Float]) {
        let plane: [[Float]] = [
            [1, 0], [-1, 0], [0, 1], [0, -1], [1, 1], [1, -1], [-1, 1], [-1, -1], [2, 0], [-2, 0], [0, 2], [0, -2],
        ]
        let line: [[Float]] = [[1], [-1], [2], [-2], [3], [-3], [4], [-4]]
        let shifts = frequencies.count == 1 ? line : plane
        let gains: [(Int) -> Float] =
            [0.08, 0.35, 0.8].map { scale in { band($0, frequencies, scale: scale) } }
            + [Int](0...shifts.count).map { _ in { _ in 1 } }
        let biases: [(Int) -> Float] =
            [Int](0..<4).map { _ in { _ in 0 } }
            + shifts.map { shift in { k in 2 * .pi * zip(frequencies, shift).reduce(0) { $0 + $1.0[k] * $1.1 } } }
        return (grouped(gains, frequencies, channels), grouped(biases, frequencies, channels))
    }

    /// Gain and phase bias, both [K, d], of a running state that starts out telling words apart by how long ago they
    /// came: two groups of channels keep bands from DC up, the others each read one word back to four.
    ///
    /// With f the frequencies, the word l steps back is read by 2 df_k cos(2 pi f_k (n - s) - 2 pi f_k l) summed over k, which
    /// is the integral over 0...1/2 by the trapezoid rule: 1 at n - s = l, and small at lags well below one over the widest
    /// spacing of the frequencies, 17 for 16 mel-spaced ones; further back the rule's ripples begin.
    ///
    /// - Parameter height: of those peaks.
    public static func recallingModulation(frequencies f: [Float], channels: Int, height: Float) -> (gain: [Float], bias: [Float]) {
        let lags: [Float] = [1, 1, 2, 2, 3, 4], last = f.count - 1
        let spacing = f.indices.map { k in (f[min(k + 1, last)] - f[max(k - 1, 0)]) / 2 }
        let gains: [(Int) -> Float] =
            [0.08, 0.35].map { scale in { band($0, [f], scale: scale) } } + lags.map { _ in { 2 * height * spacing[$0] } }
        let biases: [(Int) -> Float] =
            [Int](0..<2).map { _ in { _ in 0 } } + lags.map { lag in { -2 * .pi * f[$0] * lag } }
        return (grouped(gains, [f], channels), grouped(biases, [f], channels))
    }

    private static func band(_ k: Int, _ frequencies: [[Float]], scale: Double) -> Float {
        let radius = frequencies.reduce(0.0) { $0 + Double($1[k]) * Double($1[k]) }.squareRoot() / 0.5
        return Float(exp(-(radius / scale) * (radius / scale)))
    }

    /// [K, d]: channel c of atom k takes the value of its group, groups being equal runs of channels.
    private static func grouped(_ groups: [(Int) -> Float], _ frequencies: [[Float]], _ channels: Int) -> [Float] {
        frequencies[0].indices.flatMap { k in
            let values = groups.map { $0(k) }
            return (0..<channels).map { values[min($0 * groups.count / channels, groups.count - 1)] }
        }
    }
}
