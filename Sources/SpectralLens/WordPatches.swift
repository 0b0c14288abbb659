// Every patch against every word and against the whole question, over all atoms in use: what a screen needs to follow
// a word to the patches and a patch to the words.
//
// Guarantees: the values are those of `patchAlignment`, by another road. With c_nk = conj(phi_k(n)) u_n and u_n = w_n v_n
// real and the same for all atoms, the sums over atoms and channels part:
//     <c_n, c_t> = (sum_k phi_k(n) conj(phi_k(t))) (u_n . u_t),    |c_n|^2 = (sum_k a_k^2) |u_n|^2,
// the sum being over the atoms that the token feeds,
// so that all pairs cost V T (K' + d), not V T K' d.

/// Phase alignment of each patch with each word, summed over channels and atoms in use, in one fusion layer.
public struct WordPatchAlignment: Sendable, Equatable {
    public let layer: Int
    public let words: [TraceToken]
    public let gridWidth: Int
    public let gridHeight: Int
    /// (T + 1) x V; the last row is the whole question.
    let agreements: [ComplexAgreement]

    public var patchCount: Int { gridWidth * gridHeight }

    /// All patches against one word, grid rows x columns, -1...1; `magnitudes` are |c_n| |c_t| over the largest.
    ///
    /// - Parameter word: index into `words`; `nil` for the whole question.
    /// - Returns: `nil` for a word that does not exist.
    public func patches(word: Int?) -> LensMatrix? {
        guard word.map(words.indices.contains) ?? true else { return nil }
        let row = word ?? words.count
        let subject = word.map { "\"\(words[$0].text)\"" } ?? "the question"
        return AnswerTrace.matrix(
            Array(agreements[row * patchCount..<(row + 1) * patchCount]),
            title: "phase alignment of patches with \(subject), all atoms", isAngle: false, rows: gridHeight,
            columns: gridWidth, rowTitle: "patch row", columnTitle: "patch column",
            rowLabels: (0..<gridHeight).map(String.init), columnLabels: (0..<gridWidth).map(String.init))
    }

    /// One patch against all words, words x 1, -1...1; `magnitudes` are |c_n| |c_t| over the largest.
    ///
    /// - Returns: `nil` for a patch that does not exist.
    public func words(row: Int, column: Int) -> LensMatrix? {
        guard (0..<gridHeight).contains(row), (0..<gridWidth).contains(column) else { return nil }
        let patch = row * gridWidth + column
        return AnswerTrace.matrix(
            words.indices.map { agreements[$0 * patchCount + patch] },
            title: "phase alignment of words with patch \(row), \(column), all atoms", isAngle: false, rows: words.count,
            columns: 1, rowTitle: "word", columnTitle: "patch", rowLabels: words.map(\.text),
            columnLabels: ["\(row), \(column)"])
    }
}

extension AnswerTrace {
    /// Every patch against every word in one fusion layer, the last unless told; `nil` for a layer that does not exist.
    public func wordPatches(layer: Int? = nil) -> WordPatchAlignment? {
        let layer = layer ?? defaultLayer
        guard let tokens = TokenContributions(self, layer: layer) else { return nil }
        let (atoms, d) = (tokens.kept.count, tokens.width)
        func square(_ values: [Float], _ n: Int) -> Double {
            (n * d..<(n + 1) * d).reduce(0) { $0 + Double(values[$1]) * Double(values[$1]) }
        }
        func energy(_ phi: ArraySlice<SIMD2<Double>>) -> Double { phi.reduce(0) { $0 + $1.x * $1.x + $1.y * $1.y } }
        // conj(phi) conj(conj(phi)) = a_k^2 at every place: that of the first patch serves all patches.
        let patchEnergy = energy(tokens.imageAtoms[0..<atoms])
        let patchSquares = (0..<tokens.imageCount).map { patchEnergy * square(tokens.image, $0) }
        var rows: [ComplexAgreement] = []
        var question = [SIMD2<Double>](repeating: .zero, count: tokens.imageCount)
        for t in words.indices {
            let wordSquare = energy(tokens.wordAtoms[t * atoms..<(t + 1) * atoms]) * square(tokens.words, t)
            for n in 0..<tokens.imageCount {
                var turn = SIMD2<Double>.zero, along = 0.0
                for k in 0..<atoms {
                    let (a, b) = (tokens.imageAtoms[n * atoms + k], tokens.wordAtoms[t * atoms + k])
                    turn += SIMD2(a.x * b.x + a.y * b.y, a.x * b.y - a.y * b.x)
                }
                for c in 0..<d { along += Double(tokens.image[n * d + c]) * Double(tokens.words[t * d + c]) }
                let product = turn * along
                if t < promptCount { question[n] += product }
                rows.append(ComplexAgreement(product: product, first: patchSquares[n], second: wordSquare))
            }
        }
        let questionSquare = tokens.wordSum(0..<promptCount).reduce(0.0) { $0 + $1.x * $1.x + $1.y * $1.y }
        for n in 0..<tokens.imageCount {
            rows.append(ComplexAgreement(product: question[n], first: patchSquares[n], second: questionSquare))
        }
        return WordPatchAlignment(
            layer: layer, words: words, gridWidth: gridWidth, gridHeight: gridHeight, agreements: rows)
    }
}
