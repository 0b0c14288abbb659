// Analysis and synthesis on an image grid by Fourier transform, where that was measured to be faster or asked for.

import SpectralAtoms
import SpectralKernels

// Whoever loads a model says how its transforms are evaluated, and needs no other word of SpectralAtoms for it.
@_exported import enum SpectralAtoms.Transform

/// Phi^H X and Re(Phi S) over the sequences of a batch, all on one image grid.
final class GridTransform {
    private let transform: SpectralTransform

    /// `nil` where the dense products are to be used: asked for, measured faster, or no transform can be planned.
    ///
    /// - Parameter atoms: of two dimensions, or of three with every token at t = 0.
    init?(_ atoms: AtomSet, width: Int, height: Int, channels: Int, evaluation: Transform?) {
        guard let evaluation, evaluation != .dense else { return nil }
        let lattice = [TokenLattice(atoms.dimensions == 2 ? [width, height] : [width, height, 1])]
        guard
            let made = try? SpectralTransform(atoms, lattice, channels: channels, evaluation: evaluation),
            made.evaluation == .fourier
        else { return nil }
        transform = made
    }

    /// Bytes written over by every call, and bytes of tables made once.
    var scratchBytes: Int { transform.scratchBytes }
    var tableBytes: Int { transform.tableBytes }

    /// Phi^H X_b: [n 2K, d] from the segments' rows of x.
    func analyse(_ tape: Tape, _ x: Tensor, _ segments: [Segment]) -> Tensor {
        if segments.map(\.rows) == [0..<x.rows] {
            // One image, as at a screen: nothing to cut out or to put together.
            let s = tape.tensor(rows: 2 * transform.atomCount, columns: x.columns, needsGradient: false)
            transform.analyse(x.values, into: s.values)
            return s
        }
        return tape.stacked(segments.map { transform.analyse(x: tape.rows(x, $0.rows)) })
    }

    /// Re(Phi S_b): [n L, d] from [n 2K, d].
    func synthesise(_ tape: Tape, _ s: Tensor) -> Tensor {
        let block = 2 * transform.atomCount
        if s.rows == block {
            let y = tape.tensor(rows: transform.tokenCount, columns: s.columns, needsGradient: false)
            transform.synthesise(s.values, into: y.values)
            return y
        }
        return tape.stacked(
            stride(from: 0, to: s.rows, by: block).map { transform.synthesise(tape.rows(s, $0..<$0 + block)) })
    }
}
