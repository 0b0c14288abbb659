// Phase alignment of image and words, atom by atom.
//
// With contributions c_n = conj(phi_k(n)) w_n v_n:
//     alignment = Re <sum over the image of c, c_t> / (|sum over the image of c| |c_t|), over channels.

import SpectralModel

/// How far the image's contribution to each atom and each word's point the same way, in one fusion layer.
public struct PhaseAlignment: Sendable, Codable, Equatable {
    public let layer: Int
    public let words: [TraceToken]
    /// Columns of both matrices: indices of fusion atoms.
    public let atoms: [Int]
    /// Words x atoms, -1...1; `magnitudes` are |sum c| |c_t| over the largest.
    public let alignment: LensMatrix
    /// Words x atoms, radians: the word's angle against the image's.
    public let angle: LensMatrix
}

/// The same between each patch and one word (or the whole question), laid over the image.
public struct PatchAlignment: Sendable, Codable, Equatable {
    public let layer: Int
    /// Index into the trace's words; `nil` for the whole question.
    public let word: Int?
    /// `nil` for all atoms together.
    public let atom: Int?
    /// Grid rows x columns, -1...1.
    public let alignment: LensMatrix
    /// Grid rows x columns, radians.
    public let angle: LensMatrix
}

extension AnswerTrace {
    /// Relative magnitude under which an alignment or angle is to be masked.
    public static let alignmentFloor: Float = 0.02

    /// The layer looked at unless another is asked for: the last. Its prefix tokens are never written (nothing reads
    /// them), but its contributions are, and they are what `<cls>` reads just before the heads, when words have met
    /// the image. In the first layer image and words know nothing of one another yet.
    public var defaultLayer: Int { max(0, (atoms[.fusion]?.layers.count ?? 1) - 1) }

    /// Words x atoms in one fusion layer, the last unless told; `nil` for a layer that does not exist.
    public func alignment(layer: Int? = nil) -> PhaseAlignment? {
        let layer = layer ?? defaultLayer
        guard let tokens = TokenContributions(self, layer: layer) else { return nil }
        let d = tokens.width, image = tokens.imageSum()
        var agreements: [ComplexAgreement] = []
        for t in words.indices {
            let word = tokens.wordSum(t..<t + 1)
            for j in tokens.kept.indices {
                var agreement = ComplexAgreement()
                for c in j * d..<(j + 1) * d { agreement.add(image[c], word[c]) }
                agreements.append(agreement)
            }
        }
        func matrix(_ title: String, isAngle: Bool) -> LensMatrix {
            Self.matrix(
                agreements, title: title, isAngle: isAngle, rows: words.count, columns: tokens.kept.count,
                rowTitle: "word", columnTitle: "fusion atom", rowLabels: words.map(\.text),
                columnLabels: tokens.kept.map(String.init))
        }
        return PhaseAlignment(
            layer: layer, words: words, atoms: tokens.kept,
            alignment: matrix("phase alignment of image and words, fusion layer \(layer)", isAngle: false),
            angle: matrix("phase angle of words against image, fusion layer \(layer)", isAngle: true))
    }

    /// Patches against one word, or against the sum of the prompt's words.
    ///
    /// - Parameters:
    ///   - word: index into `words`; `nil` for the whole question.
    ///   - atom: a fusion atom; `nil` takes the inner product over channels and all atoms in use.
    /// - Returns: `nil` for a layer, word or atom that does not exist or is not in use.
    public func patchAlignment(word: Int? = nil, atom: Int? = nil, layer: Int? = nil) -> PatchAlignment? {
        let layer = layer ?? defaultLayer
        guard let tokens = TokenContributions(self, layer: layer), word.map(words.indices.contains) ?? true else { return nil }
        let columns = atom.map { a in tokens.kept.indices.filter { tokens.kept[$0] == a } } ?? Array(tokens.kept.indices)
        guard !columns.isEmpty else { return nil }
        let d = tokens.width, target = tokens.wordSum(word.map { $0..<$0 + 1 } ?? 0..<promptCount)
        let agreements = (0..<tokens.imageCount).map { n in
            var agreement = ComplexAgreement()
            for j in columns {
                let phi = tokens.imageAtoms[n * tokens.kept.count + j]
                for c in 0..<d { agreement.add(phi * Double(tokens.image[n * d + c]), target[j * d + c]) }
            }
            return agreement
        }
        let subject = (word.map { "\"\(words[$0].text)\"" } ?? "the question") + (atom.map { ", atom \($0)" } ?? ", all atoms")
        func matrix(_ title: String, isAngle: Bool) -> LensMatrix {
            Self.matrix(
                agreements, title: title, isAngle: isAngle, rows: gridHeight, columns: gridWidth, rowTitle: "patch row",
                columnTitle: "patch column", rowLabels: (0..<gridHeight).map(String.init),
                columnLabels: (0..<gridWidth).map(String.init))
        }
        return PatchAlignment(
            layer: layer, word: word, atom: atom,
            alignment: matrix("phase alignment of patches with \(subject)", isAngle: false),
            angle: matrix("phase angle of \(subject) against patches", isAngle: true))
    }

    /// Where the image fed the atoms: for each patch, the sum over atoms of weight * a_k |G_k * w_n v_n|, G the gain
    /// through which text positions read the atom. This is atom response, not attention: it says what a patch put
    /// into the spectrum, not what was taken out of it. (Without the gain |c_n| would be the same for all atoms.)
    ///
    /// - Parameter weights: atoms and weights, for instance the magnitudes of their effects.
    public func overlay(_ weights: [(atom: Int, weight: Float)], layer: Int? = nil) -> LensMatrix? {
        let layer = layer ?? defaultLayer
        guard let tokens = TokenContributions(self, layer: layer), let own = atoms[.fusion]?.layers[layer] else { return nil }
        let d = tokens.width, gain = own.crossGain ?? own.gain
        let known = weights.filter { tokens.kept.contains($0.atom) }
        let values = (0..<tokens.imageCount).map { n in
            known.reduce(Float(0)) { sum, entry in
                var square = 0.0
                for c in 0..<d {
                    let u = Double(gain[entry.atom * d + c]) * Double(tokens.image[n * d + c])
                    square += u * u
                }
                return sum + entry.weight * own.amplitude[entry.atom] * Float(square.squareRoot())
            }
        }
        return LensMatrix(
            title: "atom response by patch (not attention), fusion layer \(layer)", unit: "weighted |w v|",
            rows: gridHeight, columns: gridWidth, values: values, low: 0, rowTitle: "patch row", columnTitle: "patch column",
            rowLabels: (0..<gridHeight).map(String.init), columnLabels: (0..<gridWidth).map(String.init))
    }

    /// The overlay of an answer's atoms, weighted by the magnitude of their effects.
    public func overlay(_ attribution: Attribution, top: Int = 8, layer: Int? = nil) -> LensMatrix? {
        overlay(
            attribution.effects.filter { $0.stack == .fusion }.prefix(top).map { ($0.atom, abs($0.effect)) }, layer: layer)
    }

    static func matrix(
        _ agreements: [ComplexAgreement], title: String, isAngle: Bool, rows: Int, columns: Int, rowTitle: String,
        columnTitle: String, rowLabels: [String], columnLabels: [String]
    ) -> LensMatrix {
        let top = agreements.map(\.magnitude).max() ?? 0
        let bound: Float = isAngle ? .pi : 1
        return LensMatrix(
            title: title, unit: isAngle ? "radians" : "-1...1", kind: isAngle ? .angle : .linear, rows: rows,
            columns: columns, values: agreements.map { Float(isAngle ? $0.angle : $0.alignment) },
            magnitudes: agreements.map { top > 0 ? Float($0.magnitude / top) : 0 }, low: -bound, high: bound,
            maskFloor: alignmentFloor, rowTitle: rowTitle, columnTitle: columnTitle, rowLabels: rowLabels,
            columnLabels: columnLabels)
    }
}
