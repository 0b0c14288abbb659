// Contributions and alignments against a plain double-precision computation from the weights.

import Foundation
import SpectralFormats
import SpectralKernels
import SpectralModel
import TestSupport
import Testing

@testable import SpectralLens

/// Layer norm, linear map and softmax in double precision, as textbooks have them.
private enum Plain {
    static func layerNorm(_ x: [Double], gain: [Double], shift: [Double]) -> [Double] {
        let mean = x.reduce(0, +) / Double(x.count)
        let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count)
        return x.indices.map { (x[$0] - mean) / (variance + 1e-5).squareRoot() * gain[$0] + shift[$0] }
    }

    static func linear(_ x: [Double], _ weight: [[Double]], _ bias: [Double]) -> [Double] {
        bias.indices.map { c in x.indices.reduce(bias[c]) { $0 + x[$1] * weight[$1][c] } }
    }
}

@Suite struct AlignmentTests {
    private let model: LoadedModel
    private let seen: SeenImage
    private let trace: AnswerTrace
    private let question = "what is it"

    init() throws {
        model = try TinyCheckpoint().load()
        seen = model.see(testImage())
        trace = try AnswerProbe(model, seen, task: .vqa, prompt: question).trace(.answer(2))
    }

    /// w_n v_n of the first fusion layer: image tokens, prompt tokens, `<cls>`.
    private func values() -> (image: [[Double]], words: [[Double]]) {
        let layer = "fusion.layers.0."
        func parameter(_ name: String) -> [[Double]] { model.matrix(name) }
        func rows(_ x: Tensor) -> [[Double]] {
            let v = x.values.array.map(Double.init)
            return (0..<x.rows).map { Array(v[$0 * x.columns..<($0 + 1) * x.columns]) }
        }
        func normed(_ x: [[Double]], _ name: String) -> [[Double]] {
            let gain = parameter(name + "gain")[0], shift = parameter(name + "shift")[0]
            return x.map { Plain.layerNorm($0, gain: gain, shift: shift) }
        }
        func mapped(_ x: [[Double]], _ name: String) -> [[Double]] {
            let weight = parameter(name + ".weight"), bias = parameter(name + ".bias")[0]
            return x.map { Plain.linear($0, weight, bias) }
        }
        func salient(_ h: [[Double]]) -> [[Double]] {
            let v = mapped(h, layer + "mixer.value"), logits = mapped(h, layer + "mixer.salience")
            let sums = v[0].indices.map { c in logits.reduce(0) { $0 + exp($1[c]) } }
            return h.indices.map { n in v[n].indices.map { c in 0.5 * exp(logits[n][c]) / sums[c] * v[n][c] } }
        }
        let ids = model.promptTokens(task: .vqa, prompt: question)
        let layout = SequenceLayout(
            gridWidth: 8, gridHeight: 8, imageCount: 1, imageOf: [0], promptLengths: [ids.count], suffixLengths: [1])
        let prompt = rows(model.model.read(Tape(recording: false), prompts: ids, layout: layout, k: 7))
        let image = normed(normed(rows(seen.tokens), "bridge."), layer + "norm.")
        let cls = normed([parameter("words")[SpecialToken.cls.rawValue]], layer + "norm.")
        let v = mapped(cls, layer + "mixer.value")[0], logits = mapped(cls, layer + "mixer.salience")[0]
        let own = v.indices.map { v[$0] / (1 + exp(-logits[$0])) / 8 }
        return (salient(image), salient(normed(prompt, layer + "norm.")) + [own])
    }

    /// conj(phi_k) at a place, as (cosine, sine) parts.
    private func conjugateAtom(_ k: Int, _ place: [Double]) -> (re: Double, im: Double) {
        let w = model.matrix("fusion.frequencies"), atoms = "fusion.layers.0.mixer.atoms."
        let a = exp(model.matrix(atoms + "log_amplitude")[0][k]), theta = model.matrix(atoms + "phase")[0][k]
        let psi = 2 * Double.pi * (0..<3).reduce(0) { $0 + w[$1][k] * place[$1] } + theta
        return (a * cos(psi), -a * sin(psi))
    }

    @Test func alignmentEqualsThePlainFormula() throws {
        let (image, words) = values()
        let alignment = try #require(trace.alignment(layer: 0))
        #expect(alignment.words.count == words.count && alignment.atoms == Array(0..<9))
        #expect(alignment.words.map(\.position) == Array(0..<words.count))
        #expect(alignment.words.first?.text == "<vqa>" && alignment.words.last?.text == "<cls>")
        for k in 0..<9 {
            var re = [Double](repeating: 0, count: 16), im = re
            for n in 0..<64 {
                let phi = conjugateAtom(k, [Double(n % 8), Double(n / 8), 0])
                for c in 0..<16 {
                    re[c] += phi.re * image[n][c]
                    im[c] += phi.im * image[n][c]
                }
            }
            for t in words.indices {
                let phi = conjugateAtom(k, [3.5, 3.5, Double(t)])
                var dot = 0.0, across = 0.0, first = 0.0, second = 0.0
                for c in 0..<16 {
                    let (x, y) = (phi.re * words[t][c], phi.im * words[t][c])
                    dot += re[c] * x + im[c] * y
                    across += re[c] * y - im[c] * x
                    first += re[c] * re[c] + im[c] * im[c]
                    second += x * x + y * y
                }
                let expected = dot / (first * second).squareRoot()
                #expect(abs(Double(alignment.alignment[t, k]) - expected) < 1e-3, "word \(t), atom \(k)")
                let turn = remainder(Double(alignment.angle[t, k]) - atan2(across, dot), 2 * .pi)
                #expect(abs(turn) < 2e-2, "angle of word \(t), atom \(k)")
            }
        }
        #expect(trace.alignment(layer: 2) == nil)
        #expect(trace.defaultLayer == 1 && trace.alignment()?.layer == 1)
    }

    /// One patch and one word share an atom's contribution up to a turn, so the map has a closed form.
    @Test func patchMapsEqualThePlainFormula() throws {
        let (image, words) = values(), t = 1, k = 4
        let map = try #require(trace.patchAlignment(word: t, atom: k, layer: 0))
        #expect(map.alignment.rows == 8 && map.alignment.columns == 8)
        func length(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1 * $1 }.squareRoot() }
        let place = conjugateAtom(k, [3.5, 3.5, Double(t)])
        for n in 0..<64 {
            let phi = conjugateAtom(k, [Double(n % 8), Double(n / 8), 0])
            let turn = (phi.re * place.re + phi.im * place.im)
                / ((phi.re * phi.re + phi.im * phi.im) * (place.re * place.re + place.im * place.im)).squareRoot()
            let along = zip(image[n], words[t]).reduce(0) { $0 + $1.0 * $1.1 } / (length(image[n]) * length(words[t]))
            #expect(abs(Double(map.alignment.values[n]) - turn * along) < 1e-3, "patch \(n)")
        }
        let whole = try #require(trace.patchAlignment(layer: 0))
        #expect(whole.alignment.values.allSatisfy { abs($0) <= 1 } && whole.alignment != map.alignment)
        #expect(trace.patchAlignment(word: 99) == nil && trace.patchAlignment(atom: 99) == nil)
    }

    @Test func aTokenIsAlignedWithItself() throws {
        let tokens = try #require(TokenContributions(trace, layer: 1))
        for t in 0..<tokens.wordCount {
            let word = tokens.wordSum(t..<t + 1)
            var same = ComplexAgreement(), opposite = ComplexAgreement(), quarter = ComplexAgreement()
            for c in word {
                same.add(c, c)
                opposite.add(c, -c)
                quarter.add(c, SIMD2(-c.y, c.x))
            }
            #expect(abs(same.alignment - 1) < 1e-12 && abs(same.angle) < 1e-12)
            #expect(abs(opposite.alignment + 1) < 1e-12)
            #expect(abs(quarter.alignment) < 1e-12 && abs(quarter.angle - .pi / 2) < 1e-12)
        }
    }

    /// Contributions of all tokens add up to the spectrum that the model itself computed.
    @Test func contributionsSumToTheSpectrum() throws {
        for layer in 0..<2 {
            let tokens = try #require(TokenContributions(trace, layer: layer))
            let spectrum = try #require(trace.tapped(.fusion, layer, .spectrum))
            let sum = zip(tokens.imageSum(), tokens.wordSum(0..<trace.promptCount)).map(+)
            for (i, c) in sum.enumerated() {
                #expect(abs(Double(spectrum.values[i]) - c.x) < 1e-4 && abs(Double(spectrum.values[sum.count + i]) - c.y) < 1e-4)
            }
        }
    }

    @Test func overlayIsTheResponseThroughTheGain() throws {
        let (image, _) = values(), k = 3
        let weights: [(atom: Int, weight: Float)] = [(k, 2)]
        let overlay = try #require(trace.overlay(weights, layer: 0))
        let gain = model.matrix("fusion.layers.0.mixer.cross_gain")[k]
        let amplitude = exp(model.matrix("fusion.layers.0.mixer.atoms.log_amplitude")[0][k])
        for n in 0..<64 {
            let square = (0..<16).reduce(0.0) { $0 + gain[$1] * gain[$1] * image[n][$1] * image[n][$1] }
            #expect(abs(Double(overlay.values[n]) - 2 * amplitude * square.squareRoot()) < 1e-4)
        }
        #expect(trace.overlay([(atom: 99, weight: 1)])?.values.allSatisfy { $0 == 0 } == true)
    }
}
