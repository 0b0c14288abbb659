// Edits of atoms, applied at the modulation: S' = S * C exp(iB) * f, f one complex factor for an atom in a layer.
//
// Guarantees: no edit leaves every number as it was, bit for bit; muting an atom gives what zeroing its rows of C
// (and, in fusion, of C2 and C3) gives; cached bases are never changed, an edited modulation is a copy of its own.

import Foundation
import SpectralKernels

/// Which dictionary an atom belongs to.
public enum AtomStack: String, Sendable, Codable, CaseIterable {
    case vision, text, fusion
}

/// An atom, in all layers of its stack or in one: `vision/17`, `fusion/2/40`.
public struct AtomAddress: Sendable, Hashable, CustomStringConvertible {
    public var stack: AtomStack
    /// `nil` for all layers.
    public var layer: Int?
    public var atom: Int

    public init(_ stack: AtomStack, layer: Int? = nil, atom: Int) {
        self.stack = stack
        self.layer = layer
        self.atom = atom
    }

    /// Reads what `description` writes; `nil` for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let numbers = parts.dropFirst().compactMap { Int($0) }
        guard let stack = parts.first.flatMap({ AtomStack(rawValue: String($0)) }), numbers.count == parts.count - 1,
            (1...2).contains(numbers.count), numbers.allSatisfy({ $0 >= 0 })
        else { return nil }
        self.init(stack, layer: numbers.count == 2 ? numbers[0] : nil, atom: numbers[numbers.count - 1])
    }

    public var description: String {
        [stack.rawValue, layer.map(String.init), "\(atom)"].compactMap { $0 }.joined(separator: "/")
    }
}

/// A complex factor on an atom's modulation.
public struct AtomFactor: Sendable, Hashable, Codable {
    public var re: Float
    public var im: Float

    public init(re: Float, im: Float) {
        self.re = re
        self.im = im
    }

    public static let one = AtomFactor(re: 1, im: 0)
    public static let mute = AtomFactor(re: 0, im: 0)
    public static func scale(_ factor: Float) -> AtomFactor { AtomFactor(re: factor, im: 0) }
    /// exp(i radians): adds to the atom's phase bias in every channel.
    public static func shiftPhase(_ radians: Float) -> AtomFactor { AtomFactor(re: cos(radians), im: sin(radians)) }

    public static func * (a: AtomFactor, b: AtomFactor) -> AtomFactor {
        AtomFactor(re: a.re * b.re - a.im * b.im, im: a.re * b.im + a.im * b.re)
    }
}

/// Factors for any atoms of any stacks. An atom that is not named is left alone.
public struct AtomEdits: Sendable, Hashable {
    public private(set) var factors: [AtomAddress: AtomFactor] = [:]

    public init() {}

    public static let none = AtomEdits()

    public var isEmpty: Bool { factors.isEmpty }

    /// Multiplies what is already asked of that address.
    public mutating func apply(_ factor: AtomFactor, to address: AtomAddress) {
        let product = (factors[address] ?? .one) * factor
        factors[address] = product == .one ? nil : product
    }

    public static func muting(_ addresses: [AtomAddress]) -> AtomEdits {
        var edits = AtomEdits()
        for address in addresses { edits.apply(.mute, to: address) }
        return edits
    }

    /// Mutes every atom of a stack but these.
    public static func solo(_ atoms: Set<Int>, of stack: AtomStack, count: Int, layer: Int? = nil) -> AtomEdits {
        muting((0..<count).filter { !atoms.contains($0) }.map { AtomAddress(stack, layer: layer, atom: $0) })
    }

    /// Factors of one layer by atom: those of all layers times the layer's own.
    func factors(_ stack: AtomStack, layer: Int) -> [Int: AtomFactor] {
        var result: [Int: AtomFactor] = [:]
        for (address, factor) in factors where address.stack == stack && (address.layer ?? layer) == layer {
            result[address.atom] = (result[address.atom] ?? .one) * factor
        }
        return result
    }
}

/// What a forward pass is asked to change and to write down; `nil` in its place costs nothing.
public struct Probe {
    public var edits: AtomEdits
    public var taps: Taps?

    public init(edits: AtomEdits = .none, taps: Taps? = nil) {
        self.edits = edits
        self.taps = taps
    }

    func layer(_ stack: AtomStack, _ layer: Int) -> LayerProbe? {
        let factors = edits.factors(stack, layer: layer)
        return factors.isEmpty && taps == nil ? nil : LayerProbe(stack: stack, layer: layer, factors: factors, taps: taps)
    }
}

/// A probe at one layer.
struct LayerProbe {
    let stack: AtomStack
    let layer: Int
    let factors: [Int: AtomFactor]
    let taps: Taps?

    /// M * f for the kept atoms, [2K', d]; M itself where nothing is edited.
    func edited(_ modulation: Tensor, _ tape: Tape, kept: [Int]) -> Tensor {
        guard kept.contains(where: { factors[$0] != nil }) else { return modulation }
        let d = modulation.columns
        let chosen = kept.map { factors[$0] ?? .one }
        let rows = chosen.map(\.re) + chosen.map(\.im)
        let matrix = Tensor(rows: rows.count, columns: d, rows.flatMap { [Float](repeating: $0, count: d) })
        return tape.modulate(modulation, by: matrix)
    }

    func record(_ kind: TapKind, _ value: Tensor) { taps?.record(value, at: TapPoint(stack, layer: layer, kind)) }
}
