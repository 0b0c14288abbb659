// Named taps: what a forward pass computed on its way, written down on request.

import SpectralKernels

/// What is tapped in a layer.
public enum TapKind: String, Sendable, CaseIterable {
    /// S before modulation, [2K', d], real rows above imaginary ones.
    case spectrum
    /// S' = S C exp(iB) as image positions read it, [2K', d]; in a self-mixing stack as all tokens read it.
    case modulated
    /// S' as text positions read it, through the cross gain, [2K', d], before a word that steers turns it; fusion only.
    case crossModulated = "cross_modulated"
    /// w_n v_n of the image tokens, [V, d]; fusion only. Preset `paper` has no salience: v_n.
    case imageValues = "image_values"
    /// w_n v_n of the prompt tokens, [T, d]; fusion only.
    case promptValues = "prompt_values"
    /// v_s sigmoid(h W_g) / 8 of the suffix tokens so far, [S, d]; fusion only.
    case suffixValues = "suffix_values"
    /// g of the suffix tokens so far, [S, 2K] over all atoms, kept or not, real parts before imaginary ones; fusion only, and
    /// only where words steer. That of the prompt is not written down.
    case steering
}

/// A place to tap, named like the checkpoint's parameters: `fusion.layers.1.image_values`.
public struct TapPoint: Sendable, Hashable, CustomStringConvertible {
    public let stack: AtomStack
    public let layer: Int
    public let kind: TapKind

    public init(_ stack: AtomStack, layer: Int, _ kind: TapKind) {
        self.stack = stack
        self.layer = layer
        self.kind = kind
    }

    public var description: String { "\(stack.rawValue).layers.\(layer).\(kind.rawValue)" }
}

/// A copy of what was tapped, row-major.
public struct TappedMatrix: Sendable, Equatable {
    public private(set) var rows: Int
    public let columns: Int
    public private(set) var values: [Float]

    mutating func append(_ other: TappedMatrix) {
        rows += other.rows
        values += other.values
    }
}

/// Collects tapped matrices of one sequence (or of one image) in a forward pass.
public final class Taps {
    public private(set) var matrices: [TapPoint: TappedMatrix] = [:]

    public init() {}

    public subscript(_ stack: AtomStack, _ layer: Int, _ kind: TapKind) -> TappedMatrix? {
        matrices[TapPoint(stack, layer: layer, kind)]
    }

    /// What suffix tokens bring arrives one pass after another and is appended; anything else replaces what was there.
    func record(_ value: Tensor, at point: TapPoint) {
        let copy = TappedMatrix(rows: value.rows, columns: value.columns, values: value.values.array)
        if point.kind == .suffixValues || point.kind == .steering, matrices[point] != nil {
            matrices[point]?.append(copy)
        } else {
            matrices[point] = copy
        }
    }
}
