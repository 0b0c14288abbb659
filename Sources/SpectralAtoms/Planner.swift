// Which evaluation is faster here: measured once for each shape, then remembered.

import SpectralKernels
import Synchronization

/// Picks dense or Fourier evaluation by running both.
///
/// Results differ between the two in the last bits, and a measurement depends on the machine and the moment: ask for
/// `dense` or `fourier` where two runs must agree exactly.
public final class TransformPlanner: Sendable {
    public static let shared = TransformPlanner()

    private struct Shape: Hashable {
        let atoms: Int
        let lattices: [TokenLattice]
        let channels: Int
        /// A plain transform costs far less than a non-uniform one.
        let isOnGrid: Bool
    }

    private let known = Mutex<[Shape: Transform]>([:])

    public init() {}

    /// How many shapes have been measured.
    public var measuredShapes: Int { known.withLock(\.count) }

    /// `dense` or `fourier`; dense where no Fourier transform can be planned.
    public func choice(_ atoms: AtomSet, _ lattices: [TokenLattice], channels: Int) -> Transform {
        let shape = Shape(
            atoms: atoms.count, lattices: lattices, channels: channels,
            isOnGrid: lattices.allSatisfy { NonUniformTransform.isOnGrid(atoms, $0) })
        if let remembered = known.withLock({ $0[shape] }) { return remembered }
        // Measured outside the lock: two threads may measure the same shape, the first answer stays.
        let dense = cost(atoms, lattices, channels, .dense), fourier = cost(atoms, lattices, channels, .fourier)
        let faster: Transform = if let dense, let fourier, fourier < dense { .fourier } else { .dense }
        return known.withLock { known in
            if let remembered = known[shape] { return remembered }
            // Grids come from images that users choose: the memory of them is bounded.
            if known.count >= 256 { known.removeAll() }
            known[shape] = faster
            return faster
        }
    }

    /// The best of four runs of analysis and synthesis, the first of which warms up; `nil` if it cannot run.
    private func cost(_ atoms: AtomSet, _ lattices: [TokenLattice], _ channels: Int, _ evaluation: Transform) -> Duration? {
        guard
            let transform = try? SpectralTransform(atoms, lattices, channels: channels, evaluation: evaluation, planner: self)
        else { return nil }
        let x = FloatBuffer(count: transform.tokenCount * channels)
        let s = FloatBuffer(count: 2 * transform.atomCount * channels)
        let clock = ContinuousClock()
        return (0..<4).map { _ in
            clock.measure {
                transform.analyse(x, into: s)
                transform.synthesise(s, into: x)
            }
        }.min()
    }
}
