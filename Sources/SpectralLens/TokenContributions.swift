// c_n = conj(phi_k(n)) w_n v_n: what token n adds to the spectrum of atom k in a fusion layer.
//
// The value u_n = w_n v_n is real and the same for all atoms; an atom turns it by its phase at the token's place and
// scales it by its amplitude. So c_n is kept as u_n and one complex number for each atom, never as n x K x d.

import Foundation
import SpectralModel

/// Contributions of all image tokens and words of one answer in one fusion layer.
struct TokenContributions {
    let trace: AnswerTrace
    let layer: Int
    /// Kept atoms, in the order used below.
    let kept: [Int]
    let width: Int
    /// u_n of image tokens [V, d] and of words [T, d].
    let image: [Float]
    let words: [Float]
    /// conj(phi_k) at image tokens [V, K'] and at words [T, K'], as (re, im).
    let imageAtoms: [SIMD2<Double>]
    let wordAtoms: [SIMD2<Double>]

    var imageCount: Int { trace.gridWidth * trace.gridHeight }
    var wordCount: Int { trace.words.count }

    /// `nil` where the layer does not exist or was not tapped.
    init?(_ trace: AnswerTrace, layer: Int) {
        guard let stack = trace.atoms[.fusion], stack.layers.indices.contains(layer),
            let image = trace.tapped(.fusion, layer, .imageValues), let prompt = trace.tapped(.fusion, layer, .promptValues)
        else { return nil }
        // A prefix alone has no output yet.
        let suffix = trace.tapped(.fusion, layer, .suffixValues)?.values ?? []
        self.trace = trace
        self.layer = layer
        kept = trace.kept[.fusion] ?? []
        width = image.columns
        self.image = image.values
        words = prompt.values + suffix
        let kept = kept, own = stack.layers[layer]
        imageAtoms = (0..<trace.gridHeight).flatMap { y in
            (0..<trace.gridWidth).flatMap { x in stack.conjugates(kept, layer: layer, at: (Double(x), Double(y), 0)) }
        }
        // A suffix with a state of its own adds nothing to the atoms that state does not hold.
        let silent = kept.map { k in own.suffixGain.map { $0[k] == nil } ?? false }
        let promptCount = trace.promptCount
        wordAtoms = trace.words.enumerated().flatMap { t, word in
            let all = stack.conjugates(kept, layer: layer, at: trace.place(of: word))
            return t < promptCount ? all : zip(all, silent).map { $1 ? .zero : $0 }
        }
    }

    /// Sum of the contributions of some tokens to each atom, [K', d] as (re, im): their spectrum.
    func sum(_ values: [Float], _ atoms: [SIMD2<Double>], tokens: Range<Int>) -> [SIMD2<Double>] {
        var result = [SIMD2<Double>](repeating: .zero, count: kept.count * width)
        for n in tokens {
            for j in kept.indices {
                let phi = atoms[n * kept.count + j]
                for c in 0..<width { result[j * width + c] += phi * Double(values[n * width + c]) }
            }
        }
        return result
    }

    func imageSum() -> [SIMD2<Double>] { sum(image, imageAtoms, tokens: 0..<imageCount) }
    func wordSum(_ range: Range<Int>) -> [SIMD2<Double>] { sum(words, wordAtoms, tokens: range) }
}

extension AnswerTrace {
    /// Where words lie: over the middle of the image.
    func place(of word: TraceToken) -> (x: Double, y: Double, t: Double) {
        (Double(gridWidth - 1) / 2, Double(gridHeight - 1) / 2, Double(word.position))
    }
}

extension StackAtoms {
    /// conj(phi_k) of these fusion atoms at one place, as (re, im).
    func conjugates(_ kept: [Int], layer: Int, at place: (x: Double, y: Double, t: Double)) -> [SIMD2<Double>] {
        let own = layers[layer]
        return kept.map { k in
            let w = frequencies[k].map(Double.init), turns = w[0] * place.x + w[1] * place.y + w[2] * place.t
            let psi = 2 * Double.pi * (turns - turns.rounded()) + Double(own.phase[k])
            return SIMD2(cos(psi), -sin(psi)) * Double(own.amplitude[k])
        }
    }
}

/// The inner product of two complex vectors and their lengths.
struct ComplexAgreement: Equatable, Sendable {
    private(set) var product = SIMD2<Double>.zero
    /// |a|^2 and |b|^2.
    private(set) var first = 0.0
    private(set) var second = 0.0

    init() {}

    init(product: SIMD2<Double>, first: Double, second: Double) {
        (self.product, self.first, self.second) = (product, first, second)
    }

    /// Adds conj(a) b.
    mutating func add(_ a: SIMD2<Double>, _ b: SIMD2<Double>) {
        product += SIMD2(a.x * b.x + a.y * b.y, a.x * b.y - a.y * b.x)
        first += a.x * a.x + a.y * a.y
        second += b.x * b.x + b.y * b.y
    }

    /// |a| |b|.
    var magnitude: Double { (first * second).squareRoot() }
    /// Re <a, b> / (|a| |b|), -1...1; 0 where either is zero.
    var alignment: Double { magnitude > 0 ? min(1, max(-1, product.x / magnitude)) : 0 }
    /// Angle of b against a, -pi...pi.
    var angle: Double { magnitude > 0 ? atan2(product.y, product.x) : 0 }
}
