// What output words read of patches, against loops over atoms in double precision.

import Foundation
import SpectralModel
import TestSupport
import Testing

@testable import SpectralLens

@Suite struct WordReadingTests {
    private func checkpoint(steering: Int?) throws -> TinyCheckpoint {
        let checkpoint = try TinyCheckpoint(suffixState: steering == nil ? .all : .text, steering: steering)
        for layer in 0..<2 where steering != nil {
            checkpoint.change("fusion.layers.\(layer).mixer.steering.up") { values, _ in
                values = values.indices.map { sin(Float($0)) }
            }
        }
        return checkpoint
    }

    private func trace(_ model: LoadedModel, edits: AtomEdits = .none) throws -> AnswerTrace {
        let probe = try AnswerProbe(model, model.see(testImage()), task: .caption, prompt: "")
        return probe.trace(.tokens([7, 9], ended: false), edits)
    }

    @Test(arguments: [nil, 3], [0, 1]) func equalsTheSumOverAtoms(steering: Int?, layer: Int) throws {
        let model = try checkpoint(steering: steering).load(), trace = try trace(model)
        let found = try #require(trace.wordReading(layer: layer)), d = 16, all = 9
        #expect(found.isSteered == (steering != nil) && found.outputs == 1..<3, "<cls> and the first token, which the second was read for")
        let mixer = "fusion.layers.\(layer).mixer.", w = model.matrix("fusion.frequencies")
        // The last layer of a suffix on text atoms reads through C and B.
        let own = steering != nil && layer == 1
        let gain = model.matrix(mixer + (own ? "atoms.gain" : "cross_gain"))
        let bias = model.matrix(mixer + (own ? "atoms.phase_bias" : "cross_phase_bias"))
        let amplitude = model.matrix(mixer + "atoms.log_amplitude")[0].map { exp($0) }
        let values = try #require(trace.tapped(.fusion, layer, .imageValues)), turns = trace.tapped(.fusion, layer, .steering)
        #expect(turns?.rows == (steering == nil ? nil : found.outputs.count) && (turns?.columns ?? 2 * all) == 2 * all)
        for (row, t) in found.outputs.enumerated() {
            var expected: [Double] = []
            for n in 0..<64 {
                var square = 0.0
                for c in 0..<d {
                    // phi_k(t) conj(phi_k(n)): phases of the atom cancel, amplitudes do not.
                    var mask = 0.0
                    for k in 0..<all {
                        let turn = w[0][k] * (3.5 - Double(n % 8)) + w[1][k] * (3.5 - Double(n / 8)) + w[2][k] * Double(t)
                        let at = 2 * Double.pi * turn + bias[k][c], start = row * 2 * all + k
                        let re = turns.map { Double($0.values[start]) } ?? 1, im = turns.map { Double($0.values[start + all]) } ?? 0
                        mask += amplitude[k] * amplitude[k] * gain[k][c] * (re * cos(at) - im * sin(at))
                    }
                    square += mask * Double(values.values[n * d + c]) * mask * Double(values.values[n * d + c])
                }
                expected.append(square.squareRoot())
            }
            let map = try #require(found.patches(word: t)), top = try #require(expected.max())
            #expect(map.rows == 8 && map.columns == 8 && map.low == 0 && map.high == 1)
            for n in 0..<64 { #expect(abs(Double(map.values[n]) - expected[n] / top) < 1e-4, "word \(t), patch \(n)") }
        }
        // Words that steer look elsewhere; those that do not differ by their place in the text alone.
        let (first, second) = (try #require(found.patches(word: 1)), try #require(found.patches(word: 2)))
        #expect(first.values != second.values)
    }

    @Test func whatDoesNotReadHasNoMap() throws {
        let model = try checkpoint(steering: 3).load(), trace = try trace(model), found = try #require(trace.wordReading())
        #expect(found.layer == 1 && found.patches(word: 0) == nil && found.patches(word: 3) == nil)
        #expect(trace.wordReading(layer: 2) == nil)
        #expect(try #require(found.patches(word: nil)).values.max() == 1)
        let muted = try self.trace(model, edits: .muting([AtomAddress(.fusion, atom: 2)]))
        #expect(muted.wordReading() == nil, "edits change what is read through")
        let elsewhere = try self.trace(model, edits: .muting([AtomAddress(.vision, atom: 2)]))
        #expect(elsewhere.wordReading()?.patches(word: 2) != found.patches(word: 2) && elsewhere.wordReading() != nil)
        let paper = try TinyCheckpoint(.paper).load()
        #expect(try self.trace(paper).wordReading() == nil, "a pseudo-inverse has no one patch's part")
    }
}
