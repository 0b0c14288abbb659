// Atoms of two columns paired by frequency, so that the same wave can be looked at in both.
//
// Guarantees: one to one; nearest pairs first, so no pair could be exchanged for a nearer one whose two atoms are both
// free; no pair farther than the tolerance; the same atoms in the same order for the same frequencies. A real field
// cannot tell w from -w, nor a grid w from w + 1: both count as the same frequency.
//
// Distance is in bins of the first column's grid, the largest over axes: cycles over the width or height of the image,
// whatever the size of its patches, and cycles over the longest prompt.

import SpectralFormats
import SpectralModel

/// The atoms that one column uses of a stack.
public struct ColumnAtoms: Sendable, Codable, Equatable {
    public let stack: AtomStack
    /// Their indices in the checkpoint's stack.
    public let atoms: [Int]
    /// [atoms][D], cycles per token step.
    public let frequencies: [[Float]]
    /// Patches along one side of the image.
    public let gridSize: Int
    /// Tokens of the longest prompt.
    public let textLength: Int

    /// - Parameter atoms: `nil` numbers them from 0.
    public init(stack: AtomStack, atoms: [Int]? = nil, frequencies: [[Float]], gridSize: Int, textLength: Int) {
        let indices = atoms ?? Array(frequencies.indices)
        precondition(indices.count == frequencies.count, "\(indices.count) atoms with \(frequencies.count) frequencies")
        self.stack = stack
        self.atoms = indices
        self.frequencies = frequencies
        self.gridSize = gridSize
        self.textLength = textLength
    }

    /// What each axis of a frequency runs along: `true` for the image.
    var runsAlongImage: [Bool] {
        switch stack {
        case .vision: [true, true]
        case .text: [false]
        case .fusion: [true, true, false]
        }
    }
}

/// The atoms of two columns, paired.
public struct AtomMatching: Sendable, Codable, Equatable {
    /// An atom of the first column and one of the other.
    public struct Pair: Sendable, Codable, Equatable {
        public let first: Int
        public let other: Int
        /// Distance of the frequencies in bins.
        public let bins: Float
        /// Whether the other's frequency is nearer to minus the first's.
        public let isConjugate: Bool

        public init(first: Int, other: Int, bins: Float, isConjugate: Bool) {
            self.first = first
            self.other = other
            self.bins = bins
            self.isConjugate = isConjugate
        }
    }

    /// Half a bin, as where the atoms table calls two atoms duplicates: frequencies farther apart are told apart by
    /// the grid.
    public static let usualTolerance: Float = 0.5

    public let stack: AtomStack
    /// In bins of the first column's grid.
    public let tolerance: Float
    /// In the order of the first column's atoms.
    public let pairs: [Pair]
    /// Atoms without a partner.
    public let onlyFirst: [Int]
    public let onlyOther: [Int]

    /// Pairs the atoms of one stack. Cost O(K K').
    public init(_ first: ColumnAtoms, _ other: ColumnAtoms, tolerance: Float = usualTolerance) {
        precondition(first.stack == other.stack, "atoms of \(first.stack) with atoms of \(other.stack)")
        stack = first.stack
        self.tolerance = tolerance
        var near: [(Pair, row: Int, column: Int)] = []
        for (row, atom) in first.atoms.enumerated() {
            for (column, partner) in other.atoms.enumerated() {
                let plain = Self.distance(first, row, other, column, sign: 1)
                let mirrored = Self.distance(first, row, other, column, sign: -1)
                let bins = min(plain, mirrored)
                guard bins <= tolerance else { continue }
                near.append((Pair(first: atom, other: partner, bins: bins, isConjugate: mirrored < plain), row, column))
            }
        }
        // Among equals the atoms nearest in index: duplicates within a checkpoint then pair with themselves.
        func rank(_ pair: Pair) -> (Float, Int, Int, Int) {
            (pair.bins, abs(pair.first - pair.other), pair.first, pair.other)
        }
        near.sort { rank($0.0) < rank($1.0) }
        var freeRows = [Bool](repeating: true, count: first.atoms.count)
        var freeColumns = [Bool](repeating: true, count: other.atoms.count)
        var pairs: [Pair] = []
        for (pair, row, column) in near where freeRows[row] && freeColumns[column] {
            pairs.append(pair)
            freeRows[row] = false
            freeColumns[column] = false
        }
        self.pairs = pairs.sorted { $0.first < $1.first }
        onlyFirst = first.atoms.indices.filter { freeRows[$0] }.map { first.atoms[$0] }
        onlyOther = other.atoms.indices.filter { freeColumns[$0] }.map { other.atoms[$0] }
    }

    /// Largest over axes of |w_first - sign w_other| in bins of the first column's grid.
    private static func distance(_ a: ColumnAtoms, _ row: Int, _ b: ColumnAtoms, _ column: Int, sign: Float) -> Float {
        var largest: Float = 0
        for (axis, isImage) in a.runsAlongImage.enumerated() {
            // The same wave on the same image has fewer cycles a patch where there are more patches.
            let scale = isImage ? Float(b.gridSize) / Float(a.gridSize) : 1
            let own = remainder(a.frequencies[row][axis], 1)
            let its = sign * scale * remainder(b.frequencies[column][axis], 1)
            // Grids of different size do not share their aliases.
            let difference = scale == 1 ? remainder(own - its, 1) : own - its
            largest = max(largest, abs(difference) * Float(isImage ? a.gridSize : a.textLength))
        }
        return largest
    }

    private static func remainder(_ x: Float, _ y: Float) -> Float { x.remainder(dividingBy: y) }
}
