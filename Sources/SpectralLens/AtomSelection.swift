// Atoms as people point at them: one by its address, or all whose frequency lies in a band.
//
// Guarantees: what `description` writes reads back as the same selection; a selection resolves to atoms in use or to
// an error, never to nothing; frequencies are judged as the grid sees them, where w, -w and w + 1 are one.

import Foundation
import SpectralModel

/// Atoms whose frequency lies in `low`...`high`, both ends included.
public struct FrequencyBand: Sendable, Hashable, CustomStringConvertible {
    /// What a frequency is counted along.
    public enum Axis: String, Sendable, Codable {
        /// The length of (u, v), in cycles per patch.
        case patch
        /// f, in cycles per token.
        case token
    }

    public let stack: AtomStack
    /// `nil` for all layers.
    public let layer: Int?
    public let low: Float
    /// Infinite for an open end.
    public let high: Float
    public let axis: Axis

    /// - Parameter axis: of a fusion band, which counts patches unless told; vision has patches and text has tokens only.
    public init(_ stack: AtomStack, layer: Int? = nil, _ low: Float, _ high: Float, axis: Axis? = nil) {
        self.stack = stack
        self.layer = layer
        self.low = low
        self.high = high
        self.axis = stack == .fusion ? axis ?? .patch : Self.naturalAxis(stack)
    }

    static func naturalAxis(_ stack: AtomStack) -> Axis { stack == .text ? .token : .patch }

    public var description: String {
        let head = [stack.rawValue, layer.map(String.init)].compactMap { $0 }.joined(separator: "/")
        let ends = "\(low == 0 ? "" : "\(low)")..\(high.isFinite ? "\(high)" : "")"
        return "\(head):\(ends)" + (axis == Self.naturalAxis(stack) ? "" : "/\(axis.rawValue)")
    }

    /// The frequency along the axis of an atom with these components, cycles per step; aliases count as one.
    public func frequency(of w: [Float]) -> Float {
        let folded = w.map { abs(remainder($0, 1)) }
        return switch axis {
        case .token: folded[folded.count - 1]
        case .patch: (folded[0] * folded[0] + folded[1] * folded[1]).squareRoot()
        }
    }

    public func contains(_ w: [Float]) -> Bool {
        let found = frequency(of: w)
        return found >= low && found <= high
    }
}

/// An atom or a band.
public enum AtomSelection: Sendable, Hashable, CustomStringConvertible {
    case atom(AtomAddress)
    case band(FrequencyBand)

    public static let spelling = "an atom such as vision/17 or fusion/2/40, or a band such as vision:0.25..0.5"

    public var description: String {
        switch self {
        case .atom(let address): address.description
        case .band(let band): band.description
        }
    }

    /// Reads `vision/17`, `fusion/2/40` (layer 2), `vision:0.25..0.5`, `fusion/2:..0.1`, `fusion:0.1..0.3/token`.
    /// An end left out is open.
    ///
    /// - Throws: `LensEditError.unreadable`.
    public init(_ text: String) throws(LensEditError) {
        if let address = AtomAddress(text) {
            self = .atom(address)
        } else if let band = Self.band(text) {
            self = .band(band)
        } else {
            throw .unreadable(text: text, expected: Self.spelling)
        }
    }

    private static func band(_ text: String) -> FrequencyBand? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        let head = parts[0].split(separator: "/", omittingEmptySubsequences: false)
        let tail = parts[1].split(separator: "/", omittingEmptySubsequences: false)
        guard let stack = AtomStack(rawValue: String(head[0])), head.count <= 2, (1...2).contains(tail.count) else { return nil }
        var layer: Int?
        if head.count == 2 {
            guard let number = Int(head[1]), number >= 0 else { return nil }
            layer = number
        }
        let ends = String(tail[0]).components(separatedBy: "..")
        guard ends.count == 2, let low = ends[0].isEmpty ? 0 : Float(ends[0]),
            let high = ends[1].isEmpty ? .infinity : Float(ends[1]), low.isFinite, low >= 0, high >= low,
            high.isFinite || ends[1].isEmpty
        else { return nil }
        var axis: FrequencyBand.Axis?
        if tail.count == 2 {
            guard let named = FrequencyBand.Axis(rawValue: String(tail[1])) else { return nil }
            guard stack == .fusion || named == FrequencyBand.naturalAxis(stack) else { return nil }
            axis = named
        }
        return FrequencyBand(stack, layer: layer, low, high, axis: axis)
    }

    /// The atoms in use at K that are meant, ascending.
    ///
    /// - Throws: `LensEditError` for a layer or atom that does not exist or is not in use, and for an empty band.
    func atoms(in population: AtomPopulation) throws(LensEditError) -> (stack: AtomStack, layer: Int?, atoms: [Int]) {
        switch self {
        case .atom(let address):
            let own = try population.stack(address.stack, layer: address.layer, for: self)
            guard own.frequencies.indices.contains(address.atom) else {
                throw .noSuchAtom(selection: description, atoms: own.frequencies.count)
            }
            guard own.kept.contains(address.atom) else { throw .notInUse(selection: description, k: population.k) }
            return (address.stack, address.layer, [address.atom])
        case .band(let band):
            let own = try population.stack(band.stack, layer: band.layer, for: self)
            let inside = own.kept.filter { band.contains(own.frequencies[$0]) }
            guard !inside.isEmpty else {
                let all = own.kept.map { band.frequency(of: own.frequencies[$0]) }
                throw .emptyBand(
                    band: description, lowest: all.min() ?? 0, highest: all.max() ?? 0, unit: band.axis.rawValue)
            }
            return (band.stack, band.layer, inside)
        }
    }
}

/// The atoms a model has and those it uses at one K.
public struct AtomPopulation: Sendable {
    struct Stack: Sendable {
        /// [K][D], cycles per step.
        let frequencies: [[Float]]
        let kept: [Int]
        let layers: Int
    }

    public let k: Int
    let stacks: [AtomStack: Stack]

    init(k: Int, stacks: [AtomStack: Stack]) {
        self.k = k
        self.stacks = stacks
    }

    /// - Parameter k: vision atoms in use.
    public init(_ model: LoadedModel, k: Int) {
        var stacks: [AtomStack: Stack] = [:]
        for stack in AtomStack.allCases {
            guard let atoms = model.model.atoms(of: stack) else { continue }
            stacks[stack] = Stack(
                frequencies: atoms.frequencies, kept: model.model.keptAtoms(of: stack, k: k), layers: atoms.layers.count)
        }
        self.init(k: k, stacks: stacks)
    }

    fileprivate func stack(_ stack: AtomStack, layer: Int?, for selection: AtomSelection) throws(LensEditError) -> Stack {
        guard let own = stacks[stack] else { throw .noSuchAtom(selection: selection.description, atoms: 0) }
        if let layer, !(0..<own.layers).contains(layer) {
            throw .noSuchLayer(selection: selection.description, layers: own.layers)
        }
        return own
    }
}
