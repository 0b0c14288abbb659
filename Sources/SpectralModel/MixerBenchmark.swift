// One layer's token mixing on its own: what it costs in time and memory as the number of tokens grows.
//
// Measured is what lies between the values and the mixed tokens: analysis, modulation and synthesis by the spectral
// mixer, softmax(Q K^T / sqrt(c)) V by the twin. The linear maps around them (values, gates, queries, keys, outputs: three
// or four products of L x d x d in either) are left out, for they are the same straight line in both.
//
// Memory is what the mixing's owners say they hold: the pool of its tape at its highest, the output included and what
// comes in (V, or Q, K and V) not, and the scratch of the Fourier transforms. oneDNN's and FFTW's own is not known.

import SpectralAtoms
import SpectralFormats
import SpectralKernels

/// What mixes.
public enum MixerCase: Sendable, Hashable {
    /// The spectral mixer on a square grid, by dense products or by Fourier transform.
    case spectral(Transform, k: Int)
    /// The twin's attention as it runs without training: exact, a block of queries at a time.
    case attention
    /// The twin's attention as training runs it: all heads' scores, L x L each, are kept for the backward half.
    case attentionKept
    /// One more suffix token, read after L image tokens, in a fusion layer with all its projections.
    case spectralStep(k: Int)
    case attentionStep

    /// Of a series of points.
    public var name: String {
        switch self {
        case .spectral(let transform, _): "spectral \(transform.rawValue)"
        case .attention: "attention"
        case .attentionKept: "attention, scores kept"
        case .spectralStep: "spectral step"
        case .attentionStep: "attention step"
        }
    }

    public var k: Int? {
        switch self {
        case .spectral(_, let k), .spectralStep(let k): k
        case .attention, .attentionKept, .attentionStep: nil
        }
    }

    /// Of time in the number of tokens, as counted: what a point is expected to take, given the one before.
    var expectedExponent: Double {
        switch self {
        case .attention, .attentionKept: 2
        case .spectral, .attentionStep: 1
        case .spectralStep: 0
        }
    }
}

/// A mixer with its inputs, ready to run.
public struct PreparedMixer {
    /// Runs once; whatever it makes comes from this pool and goes back to it.
    let run: (BufferPool) -> Void
    /// Bytes that every run writes over and that belong to no pool.
    let scratchBytes: Int
    /// Bytes made once for weights and grid: dictionary and pseudo-inverse, or the tables of the Fourier transforms.
    public let basisBytes: Int
    /// Bytes of state carried from token to token, of a step.
    public let stateBytes: Int?
    /// Mixes the inputs once, [L, d], for comparing evaluations; a step's output is [1, d].
    public let output: () -> [Float]
}

/// Makes mixers of one width on square grids.
public struct MixerBenchmark {
    /// Channels d.
    public let width: Int
    /// Channels c of a head of the twin.
    public let headWidth: Int
    public let seed: UInt64
    /// Prompt tokens between the image and the suffix of a step.
    private static let promptTokens = 14

    /// - Parameter width: a multiple of `headWidth`.
    public init(width: Int = 128, headWidth: Int = 32, seed: UInt64 = 1) {
        precondition(width > 0 && width % headWidth == 0, "heads of \(headWidth) channels do not divide a width of \(width)")
        self.width = width
        self.headWidth = headWidth
        self.seed = seed
    }

    /// Bytes that the case is going to need at least, basis and inputs included.
    public func leastBytes(_ mixer: MixerCase, tokens: Int) -> Int {
        let field = tokens * width * MemoryLayout<Float>.stride
        return switch mixer {
        // Dictionary and inverse, and while those are made three complex copies in double precision.
        case .spectral(.dense, let k): 3 * field + tokens * k * (2 * 8 + 3 * 16)
        case .spectral: 4 * field
        case .attention: 4 * field
        case .attentionKept: 4 * field + width / headWidth * tokens * tokens * MemoryLayout<Float>.stride
        case .spectralStep(let k): 8 * k * width * MemoryLayout<Float>.stride
        case .attentionStep: 6 * field
        }
    }

    /// The frequencies of K atoms as a model trained on the smallest grid that has so many would hold them: on that grid's
    /// half plane, moved off it by thousandths of a cycle, [2][K].
    func frequencies(_ k: Int) -> [[Float]] {
        var random = SceneRandom(seed: seed), side = 2
        while side * side / 2 + 2 < k { side += 2 }
        return AtomLayout.halfPlane(width: side, height: side, count: k).map { axis in
            axis.map { $0 + 0.001 * Float(random.below(9) - 4) }
        }
    }

    /// - Parameter side: of the grid; L is its square.
    /// - Throws: `FourierError` where a Fourier transform of this size cannot be planned.
    public func prepare(_ mixer: MixerCase, side: Int) throws -> PreparedMixer {
        switch mixer {
        case .spectral(let transform, let k): try spectral(transform, k: k, side: side)
        case .attention, .attentionKept: attention(keepsScores: mixer == .attentionKept, tokens: side * side)
        case .spectralStep(let k): step(k: k, side: side)
        case .attentionStep: attentionStep(tokens: side * side)
        }
    }

    // MARK: Parts

    /// Uniform in -1...1, [rows, d].
    private func numbers(_ rows: Int, _ salt: UInt64) -> Tensor {
        var random = SceneRandom(seed: seed &+ salt &* 0x9E37_79B9)
        return Tensor(rows: rows, columns: width, (0..<rows * width).map { _ in Float(random.below(2001) - 1000) / 1000 })
    }

    private func spectral(_ transform: Transform, k: Int, side: Int) throws -> PreparedMixer {
        let frequencies = frequencies(k), atoms = AtomSet(frequencies: frequencies), lattice = TokenLattice([side, side])
        let ridge: Float = 1e-3, d = width, length = side * side
        var gram = Gram.matrix(atoms, [lattice])
        let modulation = numbers(2 * k, 1), values = numbers(length, 2), none = Tensor(rows: 0, columns: 0, [])
        let basis: SelfBasis, bytes: Int, scratch: Int
        if transform == .dense {
            let tape = Tape(recording: false)
            let dictionary = tape.atomMatrix(
                frequencies: Tensor(rows: 2, columns: k, frequencies.flatMap { $0 }),
                logAmplitude: Tensor(rows: 1, columns: k, atoms.logAmplitude), phase: nil,
                positions: .grid(width: side, height: side), kept: Array(0..<k))
            let inverse = tape.pseudoInverse(dictionary, ridge: ridge, gram: gram)
            basis = SelfBasis(dictionary: dictionary, inverses: [inverse], modulation: modulation, fourier: nil)
            (bytes, scratch) = ((dictionary.count + inverse.count) * MemoryLayout<Float>.stride, 0)
        } else {
            gram.addToDiagonal(Double(ridge) * Double(length))
            // Asked of the transform itself first, whose error says why there is none.
            _ = try SpectralTransform(atoms, [lattice], channels: d, evaluation: .fourier)
            guard let inverse = gram.inverseOfHermitian(),
                let grid = GridTransform(atoms, width: side, height: side, channels: d, evaluation: .fourier)
            else { preconditionFailure("a ridge of \(ridge) leaves the Gram matrix of \(k) atoms singular") }
            let analysis = FourierAnalysis(transform: grid, solve: inverse)
            basis = SelfBasis(dictionary: none, inverses: [], modulation: modulation, fourier: analysis)
            (bytes, scratch) = (analysis.tableBytes, grid.scratchBytes)
        }
        let tokens = TokenSequences(
            grid: GridKey(width: side, height: side, text: 0), segments: [Segment(0..<length)], lengths: [length], choice: [0])
        func mixed(_ pool: BufferPool) -> Tensor {
            basis.mix(Tape(recording: false, pool: pool), values, tokens, modulation: modulation)
        }
        return PreparedMixer(
            run: { _ = mixed($0) }, scratchBytes: scratch, basisBytes: bytes, stateBytes: nil,
            output: { mixed(BufferPool()).values.array })
    }

    private func attention(keepsScores: Bool, tokens: Int) -> PreparedMixer {
        let q = numbers(tokens, 3), k = numbers(tokens, 4), v = numbers(tokens, 5), c = headWidth
        func mixed(_ pool: BufferPool) -> Tensor {
            let tape = Tape(recording: keepsScores, pool: pool)
            let y = tape.attention(
                q: q, k: k, v: v, spans: [AttentionSpan(queries: 0..<tokens, keys: 0..<tokens, causal: false)], headWidth: c)
            // No gradient has come: nothing is computed, the tape only lets go of the scores.
            tape.backward()
            return y
        }
        return PreparedMixer(
            run: { _ = mixed($0) }, scratchBytes: 0, basisBytes: 0, stateBytes: nil,
            output: { mixed(BufferPool()).values.array })
    }

    private func config(_ preset: ModelConfig.Preset, k: Int) -> ModelConfig {
        ModelConfig(preset: preset, width: width, visionAtoms: k, vocabularySize: 1, answers: 1, headWidth: headWidth)
    }

    private func step(k: Int, side: Int) -> PreparedMixer {
        let config = config(.gated, k: k), scope = ParameterScope(Replica(ParameterStore(seed: seed), trainable: false))
        let start = AtomLayout.union(vision: frequencies(k), text: AtomLayout.melSpaced(config.textAtoms))
        let bank = AtomBank(scope, start: start, visionDerived: k)
        let gain = AtomLayout.bandedGain(frequencies: start, channels: width)
        let mixer = SpectralFusion(
            scope.scope("mixer"), bank: bank, config: config, modulation: (gain, gain.map { _ in 0 }), transform: .dense)
        let tape = Tape(recording: false), kept = bank.kept(k), t = Self.promptTokens + 1
        // A step reads the image through its spectrum alone: no image position is needed, however many there were.
        let text = mixer.atoms.dictionary(tape, .text(t + 1, centredOn: side, side), kept: kept)
        let modulation = mixer.atoms.modulation(tape, kept: kept)
        let basis = FusionBasis(
            image: Tensor(rows: 0, columns: 0, []), text: text, inverses: [], modulation: modulation, crossModulation: nil,
            suffixText: text, suffixModulation: modulation, fourier: nil)
        let memory = SpectralMemory(
            prefix: numbers(2 * kept.count, 6), running: numbers(2 * kept.count, 7), basis: basis,
            grid: GridKey(width: side, height: side, text: t + 1), probe: nil)
        return step(mixer, .spectral(memory), k: k)
    }

    private func attentionStep(tokens: Int) -> PreparedMixer {
        let scope = ParameterScope(Replica(ParameterStore(seed: seed), trainable: false)), length = tokens + Self.promptTokens
        let mixer = AttentionFusion(scope.scope("mixer"), config: config(.attention, k: 1))
        let memory = AttentionMemory(keys: numbers(length, 8), values: numbers(length, 9), rows: [0..<length])
        return step(mixer, .attention(memory), k: 1)
    }

    /// The memory itself counts as held: it is what is carried from token to token.
    private func step(_ mixer: any FusionMixing, _ memory: LayerMemory, k: Int) -> PreparedMixer {
        let h = numbers(1, 10), residual = numbers(1, 11)
        func mixed(_ pool: BufferPool) -> Tensor {
            var own = memory
            return mixer.step(
                Tape(recording: false, pool: pool), h: h, residual: residual, memory: &own, t: [Self.promptTokens + 1], k: k)
        }
        return PreparedMixer(
            run: { _ = mixed($0) }, scratchBytes: memory.bytes, basisBytes: 0, stateBytes: memory.bytes,
            output: { mixed(BufferPool()).values.array })
    }
}
