// A stack's atoms as a table: what each one is, and what it carried in one answer.

import Foundation
import SpectralKernels
import SpectralModel

/// Where the flags of a record begin. Every table that shows flags states these.
public struct AtomThresholds: Sendable, Codable, Equatable {
    /// Dead: less than this part of an equal share of the energy in every layer.
    public var deadPartOfEqualShare: Float = 0.01
    /// Duplicate: another atom's frequency (or its conjugate's) within this many bins of the grid in every direction ...
    public var duplicateBins: Float = 0.5
    /// ... and coherence on the grid above this.
    public var duplicateCoherence: Float = 0.95
    /// Near Nyquist: a component of the frequency at or above this, in cycles per token (Nyquist is 0.5).
    public var nearNyquist: Float = 0.45
    /// Raster: within this many bins of where a raster artefact would sit.
    public var rasterBins: Float = 0.5

    public init() {}

    public var description: String {
        "dead: under \(deadPartOfEqualShare) of an equal energy share in every layer; duplicate: within \(duplicateBins) "
            + "bins and coherence above \(duplicateCoherence); near Nyquist: \(nearNyquist) cycles per token or more; "
            + rasterRule
    }

    /// Where raster artefacts sit, in words.
    public var rasterRule: String {
        "raster: u or v within \(rasterBins) bins of the grid's Nyquist (0.5 cycles per patch), or t within \(rasterBins) bins "
            + "of 1 / patches in a row, the period of patches read row by row"
    }

    /// The axes ("u", "v", "t") along which a frequency lies where a raster artefact would.
    ///
    /// A bin is 1 / N cycles on an axis of N tokens. Patches are cut on a raster of period 1, whose artefacts alias to the
    /// patch grid's Nyquist; patches read row by row repeat every `width` tokens.
    public func rasterAxes(_ frequency: [Float], _ stack: AtomStack, grid: (width: Int, height: Int, text: Int)) -> [String] {
        func isNear(_ w: Float, _ place: Float, _ length: Int) -> Bool {
            abs(abs(remainder(w, 1)) - place) * Float(length) <= rasterBins + 1e-5
        }
        var axes: [String] = []
        if stack != .text, frequency.count >= 2 {
            if isNear(frequency[0], 0.5, grid.width) { axes.append("u") }
            if isNear(frequency[1], 0.5, grid.height) { axes.append("v") }
        }
        if stack != .vision, let t = frequency.last, isNear(t, 1 / Float(max(1, grid.width)), grid.text) { axes.append("t") }
        return axes
    }
}

/// An atom in one layer.
public struct AtomLayerUse: Sendable, Codable, Equatable {
    public let layer: Int
    /// a_k.
    public let amplitude: Float
    /// theta_k, radians, -pi...pi.
    public let phase: Float
    /// Mean over channels of |C|, and of |C2| where text reads through its own gain.
    public let meanGain: Float
    public let meanCrossGain: Float?
    /// Mean over channels of |C3| where the output so far is kept on this atom through a gain of its own.
    public var meanSuffixGain: Float?
    /// Share of the energy a_k^2 |S'_k|^2 of all atoms, as text positions read it in fusion; `nil` without an answer.
    public let energyShare: Float?
    /// In fusion: the image's part |S_image|^2 / (|S_image|^2 + |S_prompt|^2) of what fed the atom.
    public let imagePart: Float?
}

/// One atom of a stack.
public struct AtomRecord: Sendable, Codable, Equatable {
    public let stack: AtomStack
    public let index: Int
    /// (u, v), (t) or (u, v, t), cycles per token.
    public let frequency: [Float]
    /// 1 / |w| in patches or tokens; `nil` for DC.
    public let period: Float?
    /// "patches" or "tokens", by what its frequency runs along.
    public let periodUnit: String
    /// Direction of the wave on the image, degrees from the x axis, 0 ..< 180; `nil` without one.
    public let direction: Float?
    /// Whether this answer's K used it.
    public let isInUse: Bool
    public let layers: [AtomLayerUse]
    /// Mean of the layers' energy shares; `nil` without an answer.
    public let energyShare: Float?
    /// Of one answer, or of a folder where one was measured; `nil` for neither, and for an atom that keeps the output's words.
    public var isDead: Bool?
    /// The atom of which this one is a duplicate (its most coherent neighbour over the threshold).
    public let duplicateOf: Int?
    public let isNearNyquist: Bool
    /// "u", "v", "t": where it lies at a raster artefact's frequency. See `AtomThresholds.rasterRule`.
    public var rasterAxes: [String] = []

    /// Mean over layers.
    public var amplitude: Float { mean(layers.map(\.amplitude)) }
    public var meanGain: Float { mean(layers.map(\.meanGain)) }

    /// "dead", "duplicate of 12", "near Nyquist", "raster u v", joined; empty for none.
    public var status: String {
        [flags, rasterAxes.isEmpty ? "" : "raster \(rasterAxes.joined(separator: " "))"].filter { !$0.isEmpty }.joined(
            separator: ", ")
    }

    /// The same without what the frequency's place on the raster says.
    public var flags: String {
        [isDead == true ? "dead" : nil, duplicateOf.map { "duplicate of \($0)" }, isNearNyquist ? "near Nyquist" : nil]
            .compactMap { $0 }.joined(separator: ", ")
    }
}

func mean(_ x: [Float]) -> Float { x.isEmpty ? 0 : x.reduce(0, +) / Float(x.count) }

/// Makes records of a stack.
public struct AtomTable: Sendable {
    public let records: [AtomRecord]
    public let thresholds: AtomThresholds

    /// - Parameters:
    ///   - grid: patches along x and y and text length on which coherence is judged.
    ///   - trace: an answer, for energies; `nil` leaves them out.
    public init(
        _ atoms: StackAtoms, grid: (width: Int, height: Int, text: Int), trace: AnswerTrace? = nil,
        thresholds: AtomThresholds = AtomThresholds()
    ) {
        self.thresholds = thresholds
        let sizes =
            switch atoms.stack {
            case .vision: [grid.width, grid.height]
            case .text: [grid.text]
            case .fusion: [grid.width, grid.height, grid.text]
            }
        let gram = atoms.gram(width: grid.width, height: grid.height, text: grid.text, mirrored: true)
        let kept = trace?.kept[atoms.stack] ?? Array(0..<atoms.count)
        let shares = atoms.layers.indices.map { layer in trace.flatMap { Self.energyShares($0, atoms, layer: layer) } }
        let parts = atoms.layers.indices.map { layer in trace.flatMap { Self.imageParts($0, atoms, layer: layer) } }
        let d = atoms.layers.first.map { $0.gain.count / max(1, atoms.count) } ?? 0
        func meanMagnitude(_ values: [Float], _ k: Int) -> Float { mean(values[k * d..<(k + 1) * d].map { abs($0) }) }
        records = (0..<atoms.count).map { k in
            let w = atoms.frequencies[k], row = kept.firstIndex(of: k)
            let uses = atoms.layers.enumerated().map { i, layer in
                AtomLayerUse(
                    layer: i, amplitude: layer.amplitude[k], phase: remainder(layer.phase[k], 2 * .pi),
                    meanGain: meanMagnitude(layer.gain, k), meanCrossGain: layer.crossGain.map { meanMagnitude($0, k) },
                    meanSuffixGain: layer.suffixGain?[k].map { mean($0.map { abs($0) }) },
                    energyShare: row.flatMap { row in shares[i].map { $0[row] } },
                    imagePart: row.flatMap { row in parts[i].map { $0[row] } })
            }
            let known = uses.compactMap(\.energyShare)
            let small = thresholds.deadPartOfEqualShare / Float(max(1, kept.count))
            let length = w.reduce(0) { $0 + $1 * $1 }.squareRoot()
            let isTime = atoms.stack == .text || (w.count == 3 && abs(w[2]) > max(abs(w[0]), abs(w[1])))
            let plane = w.count >= 2 ? (w[0] * w[0] + w[1] * w[1]).squareRoot() : 0
            return AtomRecord(
                stack: atoms.stack, index: k, frequency: w, period: length > Self.dc ? 1 / length : nil,
                periodUnit: isTime ? "tokens" : "patches",
                direction: plane > Self.dc ? Self.direction(w[0], w[1]) : nil, isInUse: row != nil, layers: uses,
                energyShare: known.isEmpty ? nil : mean(known),
                // The shares are of what image and prompt leave: they say nothing of an atom that keeps the output's words.
                isDead: known.isEmpty || uses.contains { $0.meanSuffixGain != nil } ? nil : known.allSatisfy { $0 < small },
                duplicateOf: Self.duplicate(of: k, in: atoms.frequencies, sizes: sizes, gram: gram, thresholds),
                isNearNyquist: w.contains { abs(remainder($0, 1)) >= thresholds.nearNyquist },
                rasterAxes: thresholds.rasterAxes(w, atoms.stack, grid: grid))
        }
    }

    /// Frequencies below this count as zero: no wave of that period fits any grid.
    static let dc: Float = 1e-3

    private static func direction(_ u: Float, _ v: Float) -> Float {
        let degrees = atan2(v, u) * 180 / .pi
        return (degrees + 360).truncatingRemainder(dividingBy: 180)
    }

    /// The atom most like `k` of those that are as good as the same.
    /// - Parameters:
    ///   - gram: of the atoms and their conjugates: a real field cannot tell w from -w.
    ///   - sizes: of the grid, along each axis of the frequencies.
    private static func duplicate(
        of k: Int, in frequencies: [[Float]], sizes: [Int], gram: ComplexMatrix, _ thresholds: AtomThresholds
    ) -> Int? {
        let n = frequencies.count
        var best: (atom: Int, coherence: Float)?
        for j in frequencies.indices where j != k {
            for (sign, column) in [(Float(1), j), (-1, n + j)] {
                // Nor can a grid tell w from w + 1.
                let difference = zip(frequencies[k], frequencies[j]).map { remainder($0 - sign * $1, 1) }
                let bins = zip(difference, sizes).map { abs($0) * Float($1) }.max() ?? 0
                guard bins <= thresholds.duplicateBins else { continue }
                let coherence = AtomCoherence.coherence(gram, k, column)
                if coherence > thresholds.duplicateCoherence, coherence > best?.coherence ?? -1 { best = (j, coherence) }
            }
        }
        return best?.atom
    }

    /// a_k^2 |S'_k|^2 of the kept atoms over their sum.
    static func energyShares(_ trace: AnswerTrace, _ atoms: StackAtoms, layer: Int) -> [Float]? {
        guard let spectrum = trace.tapped(atoms.stack, layer, atoms.stack == .fusion ? .crossModulated : .modulated),
            let kept = trace.kept[atoms.stack]
        else { return nil }
        let energies = kept.indices.map { j in
            let a = Double(atoms.layers[layer].amplitude[kept[j]])
            return a * a * energy(spectrum, row: j) + a * a * energy(spectrum, row: kept.count + j)
        }
        let sum = energies.reduce(0, +)
        return energies.map { sum > 0 ? Float($0 / sum) : 0 }
    }

    /// By kept atom; `nil` where the stack or layer was not tapped.
    static func imageParts(_ trace: AnswerTrace, _ atoms: StackAtoms, layer: Int) -> [Float]? {
        guard atoms.stack == .fusion, let tokens = TokenContributions(trace, layer: layer) else { return nil }
        let image = tokens.imageSum(), prompt = tokens.wordSum(0..<trace.promptCount), d = tokens.width
        return tokens.kept.indices.map { j in
            func energy(_ x: [SIMD2<Double>]) -> Double { x[j * d..<(j + 1) * d].reduce(0) { $0 + ($1 * $1).sum() } }
            let whole = energy(image) + energy(prompt)
            return whole > 0 ? Float(energy(image) / whole) : 0
        }
    }

    private static func energy(_ matrix: TappedMatrix, row: Int) -> Double {
        matrix.values[row * matrix.columns..<(row + 1) * matrix.columns].reduce(0) { $0 + Double($1) * Double($1) }
    }
}

extension AnswerTrace {
    /// The table of a stack with this answer's energies; `nil` if the model has no such atoms.
    public func table(_ stack: AtomStack, thresholds: AtomThresholds = AtomThresholds()) -> AtomTable? {
        atoms[stack].map {
            AtomTable($0, grid: (gridWidth, gridHeight, longestPrompt), trace: self, thresholds: thresholds)
        }
    }
}

extension LoadedModel {
    /// The table of a stack without an answer, on the training grid and the longest prompt; `nil` without atoms.
    public func atomTable(_ stack: AtomStack, thresholds: AtomThresholds = AtomThresholds()) -> AtomTable? {
        model.atoms(of: stack).map {
            AtomTable($0, grid: (config.gridSize, config.gridSize, config.maxPrompt), thresholds: thresholds)
        }
    }
}
