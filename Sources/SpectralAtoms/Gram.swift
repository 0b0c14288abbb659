// The Gram matrix in closed form: on a lattice it is a product of Dirichlet kernels, one for each axis.
//
//     (Phi^H Phi)_jk = a_j a_k exp(i (theta_k - theta_j + 2 pi delta . origin)) product over axes of D_N(delta_axis)
//     D_N(delta) = sum over n < N of exp(2 pi i delta n) = exp(i pi delta (N - 1)) sin(pi N delta) / sin(pi delta)
//
// with delta = w_k - w_j. Guarantees: double precision, O(K^2) and free of the number of tokens; accurate to rounding
// for every delta, near zero and at whole cycles included.

import Foundation
import SpectralKernels

/// Atoms as numbers, outside any tape.
public struct AtomSet: Sendable, Equatable {
    /// [D][K], cycles per token step.
    public let frequencies: [[Float]]
    /// [K].
    public let logAmplitude: [Float]
    /// [K], radians.
    public let phase: [Float]

    public var count: Int { logAmplitude.count }
    public var dimensions: Int { frequencies.count }

    /// - Parameters:
    ///   - logAmplitude: `nil` for amplitudes of 1.
    ///   - phase: `nil` for zero.
    public init(frequencies: [[Float]], logAmplitude: [Float]? = nil, phase: [Float]? = nil) {
        let count = frequencies.first?.count ?? 0, zeros = [Float](repeating: 0, count: count)
        precondition(
            frequencies.allSatisfy { $0.count == count } && (logAmplitude ?? zeros).count == count
                && (phase ?? zeros).count == count, "atoms: as many frequencies, amplitudes and phases as atoms")
        self.frequencies = frequencies
        self.logAmplitude = logAmplitude ?? zeros
        self.phase = phase ?? zeros
    }
}

/// Tokens at `origin + (n_0, n_1, ...)`, n_j < extents[j], the first axis fastest.
///
/// An image is one lattice, [width, height]; a text is one, [length]. Fusion's positions are no lattice but two: the
/// image plane [width, height, 1] and the text line [1, 1, length] through its centre. Sums over tokens (spectra,
/// Gram matrices) are sums over the lattices.
public struct TokenLattice: Sendable, Hashable {
    public let extents: [Int]
    public let origin: [Float]

    public var count: Int { extents.reduce(1, *) }

    /// - Parameter origin: `nil` for zero.
    public init(_ extents: [Int], origin: [Float]? = nil) {
        precondition(!extents.isEmpty && extents.allSatisfy { $0 >= 1 }, "a lattice has at least one token")
        precondition(origin == nil || origin!.count == extents.count, "an origin of as many dimensions as extents")
        self.extents = extents
        self.origin = origin ?? [Float](repeating: 0, count: extents.count)
    }

    /// Image and text of fusion: a plane and a line.
    public static func fusion(width: Int, height: Int, text: Int) -> [TokenLattice] {
        let plane = TokenLattice([width, height, 1])
        guard text > 0 else { return [plane] }
        return [plane, TokenLattice([1, 1, text], origin: [Float(width - 1) / 2, Float(height - 1) / 2, 0])]
    }

    /// The same tokens one by one.
    public var positions: Positions {
        var coordinates: [Float] = []
        coordinates.reserveCapacity(count * extents.count)
        for index in 0..<count {
            var rest = index
            for (axis, extent) in extents.enumerated() {
                coordinates.append(origin[axis] + Float(rest % extent))
                rest /= extent
            }
        }
        return Positions(dimensions: extents.count, coordinates: coordinates)
    }
}

/// Phi^H Phi without Phi.
public enum Gram {
    /// [K, K] over the tokens of all lattices.
    public static func matrix(_ atoms: AtomSet, _ lattices: [TokenLattice]) -> ComplexMatrix {
        precondition(
            lattices.allSatisfy { $0.extents.count == atoms.dimensions },
            "Gram: atoms of \(atoms.dimensions) dimensions on a lattice of others")
        let n = atoms.count
        var gram = ComplexMatrix(rows: n, columns: n)
        for j in 0..<n {
            for k in j..<n {
                let scale = exp(Double(atoms.logAmplitude[j]) + Double(atoms.logAmplitude[k]))
                let turn = Double(atoms.phase[k]) - Double(atoms.phase[j])
                var re = 0.0, im = 0.0
                for lattice in lattices {
                    var magnitude = scale, halfTurns = 0.0
                    for axis in 0..<atoms.dimensions {
                        let delta = Double(atoms.frequencies[axis][k]) - Double(atoms.frequencies[axis][j])
                        let kernel = dirichlet(delta, lattice.extents[axis])
                        magnitude *= kernel.magnitude
                        halfTurns += kernel.halfTurns + 2 * delta * Double(lattice.origin[axis])
                    }
                    let angle = turn + .pi * halfTurns.remainder(dividingBy: 2)
                    re += magnitude * cos(angle)
                    im += magnitude * sin(angle)
                }
                gram.re[j * n + k] = re
                gram.im[j * n + k] = j == k ? 0 : im
                gram.re[k * n + j] = re
                gram.im[k * n + j] = j == k ? 0 : -im
            }
        }
        return gram
    }

    /// D_N(delta) = magnitude exp(i pi halfTurns), magnitude of either sign.
    static func dirichlet(_ delta: Double, _ extent: Int) -> (magnitude: Double, halfTurns: Double) {
        // Whole cycles change nothing at integer n. What is left is exact and within 1/2, so that the denominator
        // vanishes at zero only, where numerator and denominator go to zero with the ratio N.
        let near = delta.remainder(dividingBy: 1), n = Double(extent)
        guard near != 0 else { return (n, 0) }
        let ratio = sin(.pi * (n * near).remainder(dividingBy: 2)) / sin(.pi * near)
        return (ratio, near * (n - 1))
    }
}
