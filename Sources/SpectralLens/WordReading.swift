// Where the image is read after each output word: what every patch adds in a fusion layer to the state that chooses the next.
//
// Models with salience only: S is then a sum over tokens; a pseudo-inverse has no one patch's part. A word at t reads, channel
// by channel, Re sum_k phi_k(t) g_k M_kc S_kc, with S = sum_n conj(phi_k(n)) u_n, u_n = w_n v_n, M = C2 exp(i B2) (C and B
// where text has no cross gain) and g the word's own steering, 1 where words do not steer. So patch n adds
//     r_nc = u_nc Re sum_k phi_k(t) g_k M_kc conj(phi_k(n)),
// and how much that is, is |r_n| over channels. What the words add, and the gate and norm that follow, are not in it.

import Foundation
import SpectralKernels
import SpectralModel

/// |r_n| of every patch for every output word, in one fusion layer.
public struct WordReading: Sendable, Equatable {
    public let layer: Int
    /// Whether words choose where they read.
    public let isSteered: Bool
    /// Places of the output words among the trace's words.
    public let outputs: Range<Int>
    public let words: [TraceToken]
    public let gridWidth: Int
    public let gridHeight: Int
    /// |r_n|, [outputs, V].
    let magnitudes: [Float]

    /// The largest |r_n| of a word of the output, which `patches` divides by.
    public func largest(word: Int) -> Float? {
        guard outputs.contains(word) else { return nil }
        let v = gridWidth * gridHeight, row = word - outputs.lowerBound
        return magnitudes[row * v..<(row + 1) * v].max()
    }

    /// |r_n| over the largest of the map, grid rows x columns, 0...1.
    ///
    /// - Parameter word: index into `words`; `nil` for the mean over output words.
    /// - Returns: `nil` for a word of the prompt, and for one that does not exist.
    public func patches(word: Int?) -> LensMatrix? {
        guard word.map(outputs.contains) ?? !outputs.isEmpty else { return nil }
        let v = gridWidth * gridHeight
        let rows = word.map { [$0 - outputs.lowerBound] } ?? Array(0..<outputs.count)
        let sums = (0..<v).map { n in rows.reduce(Float(0)) { $0 + magnitudes[$1 * v + n] } }, top = sums.max() ?? 0
        let subject = word.map { "read after \"\(words[$0].text)\"" } ?? "read by the output"
        return LensMatrix(
            title: "\(subject), by patch, fusion layer \(layer)" + (isSteered ? "" : "; words do not steer"),
            unit: "|r| / largest", rows: gridHeight, columns: gridWidth, values: sums.map { top > 0 ? $0 / top : 0 },
            low: 0, high: 1, rowTitle: "patch row", columnTitle: "patch column",
            rowLabels: (0..<gridHeight).map(String.init), columnLabels: (0..<gridWidth).map(String.init))
    }
}

extension AnswerTrace {
    /// What is read of each patch after each output word, in the last fusion layer unless told. Words of the prompt read too,
    /// in all layers but the last, and steer as they do; that is not written down.
    ///
    /// - Returns: `nil` for a layer that does not exist, without salience, and under edits of fusion, which change M.
    public func wordReading(layer: Int? = nil) -> WordReading? {
        let layer = layer ?? defaultLayer
        guard !edits.factors.keys.contains(where: { $0.stack == .fusion }), let tokens = TokenContributions(self, layer: layer),
            let stack = atoms[.fusion], stack.layers[layer].isByAdjoint
        else { return nil }
        let own = stack.layers[layer], gain = own.crossGain ?? own.gain, bias = own.crossBias ?? own.bias
        let (kept, d, v) = (tokens.kept, tokens.width, tokens.imageCount), steering = tapped(.fusion, layer, .steering)
        // Re(z m) = re(z) re(m) - im(z) im(m): one real product [V, 2K'] by [2K', d] for each word.
        var patches: [Float] = []
        for n in 0..<v {
            let row = tokens.imageAtoms[n * kept.count..<(n + 1) * kept.count]
            patches += row.map { Float($0.x) } + row.map { Float(-$0.y) }
        }
        let modulation = kept.map { k in
            (k * d..<(k + 1) * d).map { i in SIMD2(cos(Double(bias[i])), sin(Double(bias[i]))) * Double(gain[i]) }
        }
        let outputs = promptCount..<words.count
        var magnitudes: [Float] = []
        for t in outputs {
            var turned = [Float](repeating: 0, count: 2 * kept.count * d)
            // Of all kept atoms, also those that an output word feeds nothing.
            let conjugates = stack.conjugates(kept, layer: layer, at: place(of: words[t]))
            for (j, k) in kept.enumerated() {
                var atom = SIMD2(conjugates[j].x, -conjugates[j].y)
                if let steering {
                    let row = (t - promptCount) * steering.columns, re = steering.values[row + k]
                    atom = Self.product(atom, SIMD2(Double(re), Double(steering.values[row + steering.columns / 2 + k])))
                }
                for c in 0..<d {
                    let m = Self.product(atom, modulation[j][c])
                    turned[j * d + c] = Float(m.x)
                    turned[(kept.count + j) * d + c] = Float(m.y)
                }
            }
            let mask = matrixProduct(patches, turned, m: v, n: d, k: 2 * kept.count)
            for n in 0..<v {
                var sum: Float = 0
                for i in n * d..<(n + 1) * d { sum += (mask[i] * tokens.image[i]) * (mask[i] * tokens.image[i]) }
                magnitudes.append(sum.squareRoot())
            }
        }
        return WordReading(
            layer: layer, isSteered: steering != nil, outputs: outputs, words: words, gridWidth: gridWidth, gridHeight: gridHeight,
            magnitudes: magnitudes)
    }

    private static func product(_ a: SIMD2<Double>, _ b: SIMD2<Double>) -> SIMD2<Double> {
        SIMD2(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x)
    }
}
