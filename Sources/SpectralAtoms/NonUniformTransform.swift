// Phi^H X and Re(Phi S) over one lattice by FFT.
//
// Guarantees: exact to single precision (relative error 1e-5 at most, 1e-6 in practice) for any extents from 1 up, prime ones
// included, and any frequencies. Atoms that all lie on the lattice's own Fourier grid take a plain real FFT; if one
// does not, all are interpolated from a grid of twice the extent (FFT, then eight bins along each axis). Cost
// O(L log L + 8^D K) for each channel, against O(K L) for the dense product.

import Foundation
import SpectralKernels

/// One lattice's share of a transform. Scratch is held between calls, so one instance serves one thread.
final class NonUniformTransform {
    private let plan: FourierPlan
    private let footprint: FourierFootprint
    private let padding: FourierPadding
    private let turns: FloatBuffer
    private let field: FloatBuffer
    private let spectrum: FloatBuffer
    private let scratch: FloatBuffer
    private let blocks: [ChannelBlock]
    /// Whether the atoms lie on the lattice's own Fourier grid.
    let isOnGrid: Bool

    /// Of the padded field, its spectrum and one row, which every call writes over.
    var scratchBytes: Int { (field.count + spectrum.count + scratch.count) * MemoryLayout<Float>.stride }
    /// Of what atoms and lattice decide once.
    var tableBytes: Int { footprint.byteCount + padding.byteCount + turns.count * MemoryLayout<Float>.stride }

    /// Largest distance from a bin, in bins, at which an atom still counts as on it: 2 pi times this is the phase
    /// error at the far end of an axis.
    private static let onGridDistance = 3e-7

    /// Channels transformed together: rows long enough for wide vectors, grids short enough for the cache.
    private static let channelsAtOnce = 16

    /// Whether every atom lies on one of the lattice's own frequencies, so that a plain transform does.
    static func isOnGrid(_ atoms: AtomSet, _ lattice: TokenLattice) -> Bool {
        lattice.extents.indices.allSatisfy { axis in
            lattice.extents[axis] == 1
                || atoms.frequencies[axis].allSatisfy { w in
                    let place = Double(w) * Double(lattice.extents[axis])
                    return abs(place - place.rounded()) <= onGridDistance
                }
        }
    }

    init(_ atoms: AtomSet, _ lattice: TokenLattice, channels: Int) throws(FourierError) {
        blocks = ChannelBlock.cover(channels, atMost: Self.channelsAtOnce)
        // An axis of one token has nothing to transform; FFTW wants the fastest axis last.
        let long = lattice.extents.indices.filter { lattice.extents[$0] > 1 }
        let axes = long.isEmpty ? [0] : [Int](long.reversed())
        let extents = axes.map { lattice.extents[$0] }

        let onGrid = Self.isOnGrid(atoms, lattice)
        isOnGrid = onGrid
        let windows = extents.map(KaiserBessel.init)
        let bins = onGrid ? extents : windows.map(\.bins)
        let centres = onGrid ? extents.map { _ in 0 } : windows.map(\.centre)
        plan = try FourierPlan(.real, shape: bins, channels: blocks[0].stride)

        var footprint = FourierFootprint(shape: bins), turns: [Float] = []
        for k in 0..<atoms.count {
            footprint.add(
                axes.indices.map { i in
                    let w = Double(atoms.frequencies[axes[i]][k])
                    return onGrid ? [(Int((w * Double(extents[i])).rounded()), 1)] : windows[i].footprint(w)
                })
            // Tokens are counted from the centre; analysis turns back to where phases are counted from.
            var cycles = 0.0
            for axis in lattice.extents.indices {
                cycles += Double(atoms.frequencies[axis][k]) * Double(lattice.origin[axis])
            }
            for (i, axis) in axes.enumerated() { cycles += Double(atoms.frequencies[axis][k]) * Double(centres[i]) }
            let psi = 2 * .pi * cycles.remainder(dividingBy: 1) + Double(atoms.phase[k])
            let amplitude = exp(Double(atoms.logAmplitude[k]))
            turns += [Float(amplitude * cos(psi)), Float(-amplitude * sin(psi))]
        }
        self.footprint = footprint
        self.turns = FloatBuffer(turns)

        var rows: [Int] = [], factors: [Float] = []
        for index in 0..<lattice.count {
            // Mixed radix, slowest axis first, as the plan's rows are counted.
            var stride = lattice.count, rest = index, row = 0, factor = 1.0
            for i in axes.indices {
                stride /= extents[i]
                let n = rest / stride - centres[i]
                rest %= stride
                row = row * bins[i] + (n + bins[i]) % bins[i]
                if !onGrid { factor /= windows[i].attenuation(n) }
            }
            rows.append(row)
            factors.append(Float(factor))
        }
        padding = FourierPadding(rows: rows, factors: factors)
        field = FloatBuffer(count: plan.fieldCount)
        spectrum = FloatBuffer(count: plan.spectrumCount)
        scratch = FloatBuffer(count: 4 * blocks[0].stride)
    }

    /// S [2K, d] = Phi^H X, or S += Phi^H X with `keep`; X are the rows of `x` from `start` on.
    func analyse(_ x: FloatBuffer, from start: Int, into s: FloatBuffer, keep: Bool) {
        for block in blocks {
            padding.embed(x, from: start, into: field, block)
            plan.forward(field, into: spectrum)
            footprint.collect(spectrum, turns: turns, into: s, block, scratch: scratch, keep: keep)
        }
    }

    /// Y = Re(Phi S), written to the rows of `y` from `start` on.
    func synthesise(_ s: FloatBuffer, into y: FloatBuffer, from start: Int) {
        for block in blocks {
            spectrum.clear()
            footprint.spread(s, turns: turns, into: spectrum, block, scratch: scratch)
            plan.inverse(spectrum, into: field)
            padding.extract(field, into: y, from: start, block)
        }
    }
}
