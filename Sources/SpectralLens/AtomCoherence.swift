// How alike a stack's atoms are on its tokens, all pairs: |G_kl| / sqrt(G_kk G_ll) of the closed-form Gram matrix.
//
// Guarantees: values in 0...1, symmetric, 1 on the diagonal; free of amplitude, phase and layer; accurate to single
// precision's rounding of the result (the Gram matrix is in double).

import SpectralKernels
import SpectralModel

/// Two atoms of one stack and how alike they are.
public struct CoherentPair: Sendable, Codable, Equatable {
    /// first < second.
    public let first: Int
    public let second: Int
    public let coherence: Float
}

/// All pairs of a stack's atoms.
public struct AtomCoherence: Sendable, Codable, Equatable {
    public let stack: AtomStack
    /// The tokens it is judged on, in words: "8 x 8 patches and 32 tokens".
    public let tokens: String
    /// [K, K], 0...1.
    public let matrix: LensMatrix
    /// The most alike, largest first, no more than `mostPairs`.
    public let pairs: [CoherentPair]

    public static let mostPairs = 20

    /// - Parameter grid: patches along x and y, and tokens of text.
    public init(_ atoms: StackAtoms, grid: (width: Int, height: Int, text: Int)) {
        let n = atoms.count, gram = atoms.gram(width: grid.width, height: grid.height, text: grid.text)
        var values = [Float](repeating: 1, count: n * n)
        for k in 0..<n {
            for l in k + 1..<max(k + 1, n) {
                let value = Self.coherence(gram, k, l)
                (values[k * n + l], values[l * n + k]) = (value, value)
            }
        }
        stack = atoms.stack
        let patches = "\(grid.width) x \(grid.height) patches", words = "\(grid.text) tokens"
        tokens =
            switch atoms.stack {
            case .vision: patches
            case .text: words
            case .fusion: "\(patches) and \(words)"
            }
        let labels = (0..<n).map(String.init)
        matrix = LensMatrix(
            title: "coherence of \(atoms.stack.rawValue) atoms on \(tokens)", unit: "|<k, l>| / (|k| |l|)", rows: n, columns: n,
            values: values, low: 0, high: 1, rowTitle: "atom", columnTitle: "atom", rowLabels: labels, columnLabels: labels)
        let all = (0..<n).flatMap { k in
            (k + 1..<max(k + 1, n)).map { CoherentPair(first: k, second: $0, coherence: values[k * n + $0]) }
        }
        pairs = Array(
            all.sorted { ($0.coherence, $1.first, $1.second) > ($1.coherence, $0.first, $0.second) }.prefix(Self.mostPairs))
    }

    /// |G_kl| / sqrt(G_kk G_ll).
    static func coherence(_ gram: ComplexMatrix, _ k: Int, _ l: Int) -> Float {
        let n = gram.columns, i = k * n + l, size = (gram.re[i] * gram.re[i] + gram.im[i] * gram.im[i]).squareRoot()
        let scale = (gram.re[k * n + k] * gram.re[l * n + l]).squareRoot()
        return scale > 0 ? Float(min(1, size / scale)) : 0
    }

    /// The atom most like `atom`; `nil` where there is no other.
    public func nearest(to atom: Int) -> Int? {
        guard (0..<matrix.rows).contains(atom) else { return nil }
        return (0..<matrix.columns).filter { $0 != atom }.max { (matrix[atom, $0], $1) < (matrix[atom, $1], $0) }
    }
}

extension LoadedModel {
    /// The coherence of a stack on the training grid and the longest prompt; `nil` for the attention twin.
    public func coherence(of stack: AtomStack) -> AtomCoherence? {
        model.atoms(of: stack).map { AtomCoherence($0, grid: (config.gridSize, config.gridSize, config.maxPrompt)) }
    }
}
