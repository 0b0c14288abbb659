// Equation (2): atoms, and the matrices they make on a set of positions.
//
// phi_k(p) = a_k exp(i (2 pi w_k . p + theta_k)), w_k in cycles per token step, a_k stored as its logarithm.
//
// Layout: a complex dictionary Phi [L, K] is kept as the real matrix A = [Re Phi | -Im Phi], [L, 2K], and a complex
// spectrum S [K, d] as its real rows above its imaginary rows, [2K, d]. Then analysis by the adjoint is
// Phi^H x = A^T x for real x, and synthesis is Re(Phi S) = A S: one real product each.

import Foundation
import SpectralKernels

/// Positions of tokens, [count, dimensions]: (x, y) in vision, (t) in text, (x, y, t) in fusion.
public struct Positions: Sendable, Equatable {
    public let dimensions: Int
    public let coordinates: [Float]
    public var count: Int { coordinates.count / dimensions }

    public init(dimensions: Int, coordinates: [Float]) {
        precondition(coordinates.count % dimensions == 0, "coordinates do not fill whole positions")
        self.dimensions = dimensions
        self.coordinates = coordinates
    }

    /// (x, y) or, with `dimensions` 3, (x, y, 0) over a width x height grid, row by row.
    public static func grid(width: Int, height: Int, dimensions: Int = 2) -> Positions {
        var c: [Float] = []
        for y in 0..<height {
            for x in 0..<width { c += [Float(x), Float(y)] + [Float](repeating: 0, count: dimensions - 2) }
        }
        return Positions(dimensions: dimensions, coordinates: c)
    }

    /// t = 0, 1, ... in one dimension.
    public static func text(_ count: Int) -> Positions {
        Positions(dimensions: 1, coordinates: (0..<count).map(Float.init))
    }

    /// (centre, centre, t): words stand at the middle of the image's grid.
    public static func text(_ count: Int, centredOn width: Int, _ height: Int) -> Positions {
        let x = Float(width - 1) / 2, y = Float(height - 1) / 2
        return Positions(dimensions: 3, coordinates: (0..<count).flatMap { [x, y, Float($0)] })
    }
}

extension Tape {
    /// A = [Re Phi | -Im Phi] of the kept atoms on `positions`: [L, 2 kept.count].
    ///
    /// With psi the phase of an entry: dpsi = dA_re A_im' - dA_im' A_re; dw = 2 pi p dpsi; dtheta = dpsi;
    /// dlog a = power (dA_re A_re + dA_im' A_im').
    /// - Parameters:
    ///   - frequencies: [D, K], cycles per token step.
    ///   - logAmplitude: [1, K].
    ///   - phase: [1, K] radians; `nil` for zero.
    ///   - kept: indices of the atoms to use (nested K).
    ///   - amplitudePower: 2 gives phi(t) conj(phi(s)) as a function of the lag t - s, with `phase` nil.
    public func atomMatrix(
        frequencies: Tensor, logAmplitude: Tensor, phase: Tensor?, positions: Positions, kept: [Int],
        amplitudePower: Float = 1
    ) -> Tensor {
        let dimensions = positions.dimensions, n = kept.count, length = positions.count, all = frequencies.columns
        precondition(frequencies.rows == dimensions, "atoms of \(frequencies.rows) dimensions on \(dimensions)-D positions")
        let matrix = tensor(rows: length, columns: 2 * n, needsGradient: true)
        frequencies.values.withValues { w in logAmplitude.values.withValues { logA in
            matrix.values.withMutableValues { a in
                for (j, k) in kept.enumerated() {
                    let amplitude = exp(Double(amplitudePower * logA[k]))
                    let theta = phase.map { p in Double(p.values.withValues { $0[k] }) } ?? 0
                    for l in 0..<length {
                        var turns = 0.0
                        for axis in 0..<dimensions {
                            turns += Double(w[axis * all + k]) * Double(positions.coordinates[l * dimensions + axis])
                        }
                        let psi = 2 * Double.pi * (turns - turns.rounded()) + theta
                        a[l * 2 * n + j] = Float(amplitude * cos(psi))
                        a[l * 2 * n + n + j] = Float(-amplitude * sin(psi))
                    }
                }
            }
        } }
        record(matrix) { gradient in
            var dLog = [Float](repeating: 0, count: n), dTheta = dLog
            var dFrequency = [Float](repeating: 0, count: n * dimensions)
            gradient.withValues { g in matrix.values.withValues { a in
                for l in 0..<length {
                    for j in 0..<n {
                        let re = l * 2 * n + j, im = re + n
                        let dPsi = g[re] * a[im] - g[im] * a[re]
                        dLog[j] += amplitudePower * (g[re] * a[re] + g[im] * a[im])
                        dTheta[j] += dPsi
                        for axis in 0..<dimensions {
                            dFrequency[axis * n + j] += 2 * .pi * positions.coordinates[l * dimensions + axis] * dPsi
                        }
                    }
                }
            } }
            if logAmplitude.needsGradient { logAmplitude.addToGradient { for (j, k) in kept.enumerated() { $0[k] += dLog[j] } } }
            if let phase, phase.needsGradient { phase.addToGradient { for (j, k) in kept.enumerated() { $0[k] += dTheta[j] } } }
            if frequencies.needsGradient {
                frequencies.addToGradient {
                    for axis in 0..<dimensions {
                        for (j, k) in kept.enumerated() { $0[axis * all + k] += dFrequency[axis * n + j] }
                    }
                }
            }
        }
        return matrix
    }

    /// M = C exp(i B) of the kept atoms, [2 kept.count, d]: gain C (the paper's coefficient matrix) and phase bias B,
    /// both [K, d].
    ///
    /// dC = dM_re cos B + dM_im sin B; dB = C (dM_im cos B - dM_re sin B).
    public func modulation(gain: Tensor, bias: Tensor, kept: [Int]) -> Tensor {
        let d = gain.columns, n = kept.count
        let result = tensor(rows: 2 * n, columns: d, needsGradient: true)
        gain.values.withValues { c in bias.values.withValues { b in
            result.values.withMutableValues { m in
                for (j, k) in kept.enumerated() {
                    for channel in 0..<d {
                        let i = k * d + channel
                        m[j * d + channel] = c[i] * cos(b[i])
                        m[(n + j) * d + channel] = c[i] * sin(b[i])
                    }
                }
            }
        } }
        record(result) { gradient in
            gradient.withValues { g in result.values.withValues { m in gain.values.withValues { c in bias.values.withValues { b in
                if gain.needsGradient {
                    gain.addToGradient { dc in
                        for (j, k) in kept.enumerated() {
                            for channel in 0..<d {
                                let i = k * d + channel, re = j * d + channel, im = (n + j) * d + channel
                                dc[i] += g[re] * cos(b[i]) + g[im] * sin(b[i])
                            }
                        }
                    }
                }
                if bias.needsGradient {
                    bias.addToGradient { db in
                        for (j, k) in kept.enumerated() {
                            for channel in 0..<d {
                                let i = k * d + channel, re = j * d + channel, im = (n + j) * d + channel
                                db[i] += g[im] * m[re] - g[re] * m[im]
                            }
                        }
                    }
                }
            } } } }
        }
        return result
    }
}
