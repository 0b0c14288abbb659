// Analysis Phi^H X and synthesis Re(Phi S) of equation (3), evaluated densely or by Fourier transform.
//
// Guarantees: both evaluations agree with the sum over tokens to 1e-5 relative, and with each other; analysis and
// synthesis are adjoint, <Phi^H x, s> = <x, Re(Phi s)> over real and imaginary parts; no allocation per call.
//
// Fusion's positions are a plane and a line, not a 3-D grid: each lattice has a transform of its own, spectra add and
// tokens follow one another.

import SpectralKernels

/// How analysis and synthesis are evaluated.
public enum Transform: String, Sendable, CaseIterable {
    /// Two real products of 2K x L x d.
    case dense
    /// Fast Fourier transforms, non-uniform where atoms lie between the bins.
    case fourier
    /// Whichever measured faster for these shapes.
    case automatic
}

/// Analysis and synthesis of d channels over fixed atoms and tokens.
///
/// Holds its scratch: one instance for one thread.
public final class SpectralTransform {
    /// `dense` or `fourier`, never `automatic`.
    public let evaluation: Transform
    public let atomCount: Int
    public let tokenCount: Int
    public let channels: Int
    private let parts: Parts

    /// Bytes that every call writes over: none in the dense evaluation. FFTW's own are not known and not counted.
    public var scratchBytes: Int {
        guard case .fourier(let lattices) = parts else { return 0 }
        return lattices.reduce(0) { $0 + $1.transform.scratchBytes }
    }

    /// Bytes of what atoms and tokens decide once: the dictionary [L, 2K], or the tables of the Fourier evaluation.
    public var tableBytes: Int {
        switch parts {
        case .dense(let a): a.count * MemoryLayout<Float>.stride
        case .fourier(let lattices): lattices.reduce(0) { $0 + $1.transform.tableBytes }
        }
    }

    private enum Parts {
        /// A = [Re Phi | -Im Phi], [L, 2K].
        case dense(FloatBuffer)
        /// One transform for each lattice, with its first token.
        case fourier([(transform: NonUniformTransform, start: Int)])
    }

    /// - Parameters:
    ///   - lattices: the tokens, lattice after lattice.
    ///   - channels: d.
    ///   - planner: remembers what `automatic` measured.
    /// - Throws: `FourierError` when a Fourier evaluation is asked for and cannot be planned.
    public init(
        _ atoms: AtomSet, _ lattices: [TokenLattice], channels: Int, evaluation: Transform = .automatic,
        planner: TransformPlanner = .shared
    ) throws(FourierError) {
        precondition(
            lattices.allSatisfy { $0.extents.count == atoms.dimensions },
            "transform: atoms of \(atoms.dimensions) dimensions on a lattice of others")
        precondition(channels >= 1, "transform: at least one channel")
        atomCount = atoms.count
        tokenCount = lattices.reduce(0) { $0 + $1.count }
        self.channels = channels
        let chosen = evaluation == .automatic ? planner.choice(atoms, lattices, channels: channels) : evaluation
        if chosen == .fourier {
            var start = 0, made: [(transform: NonUniformTransform, start: Int)] = []
            for lattice in lattices {
                made.append((try NonUniformTransform(atoms, lattice, channels: channels), start))
                start += lattice.count
            }
            self.evaluation = .fourier
            parts = .fourier(made)
        } else {
            self.evaluation = .dense
            parts = .dense(Self.dictionary(atoms, lattices))
        }
    }

    private static func dictionary(_ atoms: AtomSet, _ lattices: [TokenLattice]) -> FloatBuffer {
        let tape = Tape(recording: false)
        let positions = Positions(
            dimensions: atoms.dimensions, coordinates: lattices.flatMap { $0.positions.coordinates })
        return tape.atomMatrix(
            frequencies: Tensor(rows: atoms.dimensions, columns: atoms.count, atoms.frequencies.flatMap { $0 }),
            logAmplitude: Tensor(rows: 1, columns: atoms.count, atoms.logAmplitude),
            phase: Tensor(rows: 1, columns: atoms.count, atoms.phase), positions: positions,
            kept: Array(0..<atoms.count)
        ).values
    }

    /// S [2K, d] = Phi^H X, real rows then imaginary rows; x [L, d].
    public func analyse(_ x: FloatBuffer, into s: FloatBuffer) {
        check(x, s)
        switch parts {
        case .dense(let a):
            FourierDense.product(a, x, into: s, m: 2 * atomCount, n: channels, k: tokenCount, transposing: true)
        case .fourier(let lattices):
            for (i, lattice) in lattices.enumerated() {
                lattice.transform.analyse(x, from: lattice.start, into: s, keep: i > 0)
            }
        }
    }

    /// Y [L, d] = Re(Phi S); s [2K, d].
    public func synthesise(_ s: FloatBuffer, into y: FloatBuffer) {
        check(y, s)
        switch parts {
        case .dense(let a):
            FourierDense.product(a, s, into: y, m: tokenCount, n: channels, k: 2 * atomCount, transposing: false)
        case .fourier(let lattices):
            for lattice in lattices { lattice.transform.synthesise(s, into: y, from: lattice.start) }
        }
    }

    /// Phi^H X, [2K, d] from x [L, d].
    public func analyse(x: Tensor) -> Tensor {
        let s = Tensor(rows: 2 * atomCount, columns: channels, FloatBuffer(count: 2 * atomCount * channels, zeroed: false))
        analyse(x.values, into: s.values)
        return s
    }

    /// Re(Phi S), [L, d] from s [2K, d].
    public func synthesise(_ s: Tensor) -> Tensor {
        let y = Tensor(rows: tokenCount, columns: channels, FloatBuffer(count: tokenCount * channels, zeroed: false))
        synthesise(s.values, into: y.values)
        return y
    }

    private func check(_ tokens: FloatBuffer, _ spectrum: FloatBuffer) {
        precondition(
            tokens.count == tokenCount * channels && spectrum.count == 2 * atomCount * channels,
            "transform of \(tokenCount) tokens, \(atomCount) atoms and \(channels) channels met buffers of "
                + "\(tokens.count) and \(spectrum.count)")
    }
}
