// One atom looked at closely: its field on the patch grid, its footprint in pixels, its line along the text, each with
// its log-magnitude spectrum (the paper's figure 2).

import Foundation
import SpectralFormats
import SpectralKernels
import SpectralModel

/// An RGB picture of real numbers, largest magnitude 1.
public struct PixelFootprint: Sendable, Codable, Equatable {
    public let width: Int
    public let height: Int
    /// [height, width, 3], row-major.
    public let values: [Float]

    /// Grey where the footprint is zero, brighter where it is positive.
    public var image: PixelImage {
        PixelImage(
            width: width, height: height, pixels: values.map { UInt8(min(max(127.5 + 127.5 * $0, 0), 255).rounded()) })
    }
}

/// What one atom looks like in one layer.
public struct AtomDetail: Sendable, Codable, Equatable {
    public let stack: AtomStack
    public let atom: Int
    public let layer: Int
    /// Re a exp(i(2 pi w.p + theta)) on the patch grid, and its spectrum; `nil` for text atoms.
    public let field: LensMatrix?
    public let fieldSpectrum: LensMatrix?
    /// 2 pi w.p + theta on the patch grid, -pi...pi; `nil` for text atoms.
    public let phase: LensMatrix?
    /// The pixels this atom responds to most and their spectrum; vision atoms only, since fusion sees no pixels.
    public let footprint: PixelFootprint?
    public let footprintSpectrum: LensMatrix?
    /// Re a exp(i(2 pi f t + theta)) along the text and the line spectrum, 1 row; `nil` for vision atoms.
    public let line: LensMatrix?
    public let lineSpectrum: LensMatrix?
}

extension LoadedModel {
    /// Looks closely at one atom.
    ///
    /// The pixel footprint is the unit image that moves the atom most: among all images x it maximises the energy
    /// sum over channels of |C_kc sum_n conj(phi_k(n)) (P x_n)_c|^2 that the atom lets through, P the linear path patch
    /// embedding -> norm's centring and gain -> value map of the first vision layer. The maximiser is
    /// F(n, pixel) = cos(2 pi w.p_n + theta) (P^T C_k q)(pixel): the patch embedding transposed times the atom's gains on
    /// the channel pattern q they let through best (the leading singular vector of P^T C_k), laid over the grid with the
    /// atom's phase (on a tight frame any phase is as good). Its sign is arbitrary. What is not linear on that path is
    /// left out, and with a deeper layer's gains it stands for what they would read off the first layer's values.
    /// - Parameter layer: whose amplitude, phase and gain; the first unless told.
    /// - Throws: `LensError` for an atom or layer that does not exist; `FourierError` for an image too large to transform.
    public func detail(of stack: AtomStack, atom: Int, layer: Int = 0) throws -> AtomDetail {
        guard let atoms = model.atoms(of: stack) else { throw LensError.noAtoms(operation: "looking at an atom") }
        guard (0..<atoms.count).contains(atom), atoms.layers.indices.contains(layer) else {
            throw LensError.noSuchAtom(
                address: "\(AtomAddress(stack, layer: layer, atom: atom))",
                expected: "an atom of 0...\(atoms.count - 1) in a layer of 0...\(atoms.layers.count - 1) of \(stack.rawValue)")
        }
        let w = atoms.frequencies[atom].map(Double.init), own = atoms.layers[layer], side = config.gridSize
        let amplitude = Double(own.amplitude[atom]), theta = Double(own.phase[atom])
        let name = "\(AtomAddress(stack, layer: layer, atom: atom))"
        let plane = w.count >= 2 ? PatchField(u: w[0], v: w[1], amplitude: amplitude, theta: theta, side: side) : nil
        let line =
            stack == .vision ? nil : TextLine(f: w[w.count - 1], amplitude: amplitude, theta: theta, length: config.maxPrompt)
        let footprint = stack == .vision ? plane.flatMap { pixelFootprint(of: own, atom: atom, field: $0) } : nil
        return AtomDetail(
            stack: stack, atom: atom, layer: layer, field: plane?.matrix(name), fieldSpectrum: try plane?.spectrum(name),
            phase: plane?.phaseMatrix(name), footprint: footprint,
            footprintSpectrum: try footprint.map { try Self.spectrum(of: $0, name) }, line: line?.matrix(name),
            lineSpectrum: try line?.spectrum(name))
    }

    private func pixelFootprint(of layer: LayerAtomValues, atom: Int, field: PatchField) -> PixelFootprint? {
        guard let path = model.pixelsToValues() else { return nil }
        let d = config.width, p = config.patchSize, side = config.gridSize
        let pattern = Self.leadingPattern(path, gains: Array(layer.gain[atom * d..<(atom + 1) * d]))
        let width = side * p
        var values = [Double](repeating: 0, count: width * width * 3)
        for row in 0..<side {
            for column in 0..<side {
                let wave = cos(field.angle(column, row))
                for y in 0..<p {
                    let from = y * p * 3, to = ((row * p + y) * width + column * p) * 3
                    for j in 0..<3 * p { values[to + j] = wave * pattern[from + j] }
                }
            }
        }
        let top = values.reduce(0) { max($0, abs($1)) }
        return PixelFootprint(width: width, height: width, values: values.map { top > 0 ? Float($0 / top) : 0 })
    }

    /// The leading left singular vector, up to length, of the matrix path [pixels, d] with its columns scaled by
    /// `gains`, by power iteration from a fixed start. Its largest entry is positive.
    static func leadingPattern(_ path: [Float], gains: [Float]) -> [Double] {
        let d = gains.count, pixels = path.count / d
        let scaled = path.indices.map { Double(path[$0]) * Double(gains[$0 % d]) }
        var channels = (0..<d).map { 1 + 0.1 * sin(Double($0)) }, pattern = [Double](repeating: 0, count: pixels)
        for _ in 0..<100 {
            for j in 0..<pixels {
                var sum = 0.0
                for c in 0..<d { sum += scaled[j * d + c] * channels[c] }
                pattern[j] = sum
            }
            var next = [Double](repeating: 0, count: d)
            for j in 0..<pixels { for c in 0..<d { next[c] += scaled[j * d + c] * pattern[j] } }
            let length = next.reduce(0) { $0 + $1 * $1 }.squareRoot()
            guard length > 0 else { break }
            channels = next.map { $0 / length }
        }
        let largest = pattern.max { abs($0) < abs($1) } ?? 0
        return largest < 0 ? pattern.map { -$0 } : pattern
    }

    /// Root of the summed power of the three colours, padded to twice the side.
    private static func spectrum(of footprint: PixelFootprint, _ name: String) throws(FourierError) -> LensMatrix {
        let n = footprint.width, padded = 2 * n
        return FieldSpectrum.matrix(
            try FieldSpectrum.magnitudes(footprint.values, rows: n, columns: n, channels: 3, height: padded, width: padded),
            height: padded, width: padded, title: "log-magnitude spectrum of the pixel footprint of \(name)", step: "pixel")
    }
}

/// An atom's real field on a square grid of patches.
private struct PatchField {
    let u: Double
    let v: Double
    let amplitude: Double
    let theta: Double
    let side: Int

    /// Spectra are padded to this many times the grid.
    static let padding = 8

    func angle(_ x: Int, _ y: Int) -> Double {
        remainder(2 * .pi * (u * Double(x) + v * Double(y)) + theta, 2 * .pi)
    }

    var values: [Float] { (0..<side * side).map { Float(amplitude * cos(angle($0 % side, $0 / side))) } }

    private var labels: [String] { (0..<side).map(String.init) }

    func matrix(_ name: String) -> LensMatrix {
        LensMatrix(
            title: "field of \(name) on the patches", unit: "amplitude", rows: side, columns: side,
            values: values, low: Float(-amplitude), high: Float(amplitude), rowTitle: "patch row",
            columnTitle: "patch column", rowLabels: labels, columnLabels: labels)
    }

    func phaseMatrix(_ name: String) -> LensMatrix {
        LensMatrix(
            title: "phase of \(name) on the patches", unit: "radians", kind: .angle, rows: side, columns: side,
            values: (0..<side * side).map { Float(angle($0 % side, $0 / side)) }, low: -.pi, high: .pi,
            rowTitle: "patch row", columnTitle: "patch column", rowLabels: labels, columnLabels: labels)
    }

    func spectrum(_ name: String) throws(FourierError) -> LensMatrix {
        let n = Self.padding * side
        return FieldSpectrum.matrix(
            try FieldSpectrum.magnitudes(values, rows: side, columns: side, height: n, width: n), height: n, width: n,
            title: "log-magnitude spectrum of the patch field of \(name)", step: "patch")
    }
}

/// An atom's real field along the text.
private struct TextLine {
    let f: Double
    let amplitude: Double
    let theta: Double
    let length: Int

    static let padding = 4

    var values: [Float] { (0..<length).map { Float(amplitude * cos(2 * .pi * f * Double($0) + theta)) } }

    func matrix(_ name: String) -> LensMatrix {
        LensMatrix(
            title: "field of \(name) along the text", unit: "amplitude", rows: 1, columns: length,
            values: values, low: Float(-amplitude), high: Float(amplitude), columnTitle: "token",
            columnLabels: (0..<length).map(String.init))
    }

    /// From 0 to Nyquist; column labels are periods in tokens.
    func spectrum(_ name: String) throws(FourierError) -> LensMatrix {
        let n = Self.padding * length
        let both = try FieldSpectrum.magnitudes(values, rows: 1, columns: length, height: 1, width: n)
        // Of the shifted line, zero frequency on; Nyquist, stored first, closes it.
        let half = Array(both[(n / 2)...]) + [both[0]]
        return LensMatrix(
            title: "line spectrum of \(name)", unit: "dB under peak", kind: .decibel, rows: 1, columns: half.count,
            values: FieldSpectrum.decibels(half), magnitudes: half, low: FieldSpectrum.floor, high: 0,
            columnTitle: "period in tokens (0 to 0.5 cycles per token)",
            columnLabels: half.indices.map { $0 == 0 ? "DC" : frequencyLabel(Double(n) / Double($0)) })
    }
}
