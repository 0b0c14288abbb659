// All pairs of patches and words against the definition, contribution by contribution in double precision.

import Foundation
import SpectralModel
import TestSupport
import Testing

@testable import SpectralLens

@Suite struct WordPatchTests {
    private let model: LoadedModel
    private let trace: AnswerTrace

    init() throws {
        model = try TinyCheckpoint().load()
        trace = try AnswerProbe(model, model.see(testImage()), task: .vqa, prompt: "what is it").trace(.answer(2))
    }

    private init(model: LoadedModel, trace: AnswerTrace) {
        self.model = model
        self.trace = trace
    }

    private typealias Complex = (re: Double, im: Double)

    /// c_n over all atoms and channels, atom by atom, with the atoms taken from the checkpoint's own parameters.
    ///
    /// - Parameter silent: atoms that the token does not feed.
    private func contribution(_ u: ArraySlice<Float>, at place: [Double], layer: Int, silent: Range<Int> = 0..<0) -> [Complex] {
        let w = model.matrix("fusion.frequencies"), atoms = "fusion.layers.\(layer).mixer.atoms."
        let amplitude = model.matrix(atoms + "log_amplitude")[0].map { exp($0) }, phase = model.matrix(atoms + "phase")[0]
        return phase.indices.flatMap { k in
            let psi = 2 * Double.pi * (0..<3).reduce(0) { $0 + w[$1][k] * place[$1] } + phase[k]
            return u.map { silent.contains(k) ? (0, 0) : (amplitude[k] * cos(psi) * Double($0), -amplitude[k] * sin(psi) * Double($0)) }
        }
    }

    private func alignment(_ a: [Complex], _ b: [Complex]) -> Double {
        var dot = 0.0, first = 0.0, second = 0.0
        for (x, y) in zip(a, b) {
            dot += x.re * y.re + x.im * y.im
            first += x.re * x.re + x.im * x.im
            second += y.re * y.re + y.im * y.im
        }
        return dot / (first * second).squareRoot()
    }

    @Test(arguments: [0, 1]) func allPairsEqualTheDefinition(layer: Int) throws {
        try allPairsEqualTheDefinition(layer, trace, silent: 0..<0)
    }

    /// What the suffix keeps on the text's own atoms, 0, 7 and 8, feeds none of the others.
    @Test(arguments: [0, 1]) func allPairsEqualTheDefinitionOnTextAtoms(layer: Int) throws {
        let model = try TinyCheckpoint(suffixState: .text).load()
        let trace = try AnswerProbe(model, model.see(testImage()), task: .vqa, prompt: "what is it").trace(.answer(2))
        try WordPatchTests(model: model, trace: trace).allPairsEqualTheDefinition(layer, trace, silent: 1..<7)
        let alignment = try #require(trace.alignment(layer: layer)).alignment, columns = alignment.columns
        let last = alignment.magnitudes.suffix(columns)
        #expect(last.enumerated().allSatisfy { ($0.element == 0) == (1..<7).contains($0.offset) }, "<cls> is the last word")
    }

    private func allPairsEqualTheDefinition(_ layer: Int, _ trace: AnswerTrace, silent: Range<Int>) throws {
        func rows(_ kind: TapKind) throws -> [ArraySlice<Float>] {
            let matrix = try #require(trace.tapped(.fusion, layer, kind))
            return (0..<matrix.rows).map { matrix.values[$0 * matrix.columns..<($0 + 1) * matrix.columns] }
        }
        let image = try rows(.imageValues).enumerated().map {
            contribution($1, at: [Double($0 % 8), Double($0 / 8), 0], layer: layer)
        }
        let words = try (rows(.promptValues) + rows(.suffixValues)).enumerated().map {
            contribution($1, at: [3.5, 3.5, Double($0)], layer: layer, silent: $0 < trace.promptCount ? 0..<0 : silent)
        }
        let question = words[0].indices.map { i in
            words.prefix(trace.promptCount).reduce((re: 0.0, im: 0.0)) { ($0.re + $1[i].re, $0.im + $1[i].im) }
        }
        let found = try #require(trace.wordPatches(layer: layer))
        #expect(found.words == trace.words && found.patchCount == 64)
        for n in 0..<64 {
            let column = try #require(found.words(row: n / 8, column: n % 8))
            #expect(column.rows == words.count && column.columns == 1)
            for t in words.indices {
                let expected = alignment(image[n], words[t])
                #expect(abs(Double(column.values[t]) - expected) < 1e-5, "patch \(n), word \(t)")
                #expect(try #require(found.patches(word: t)).values[n] == column.values[t])
            }
            let whole = try #require(found.patches(word: nil))
            #expect(abs(Double(whole.values[n]) - alignment(image[n], question)) < 1e-5, "patch \(n), the question")
        }
    }

    /// The same map by the other road, magnitudes and all.
    @Test func aWordsRowIsItsPatchMap() throws {
        let found = try #require(trace.wordPatches())
        for word in [nil, 0, trace.words.count - 1] {
            let (row, map) = (try #require(found.patches(word: word)), try #require(trace.patchAlignment(word: word)).alignment)
            #expect(row.title == map.title && row.maskFloor == map.maskFloor && row.low == -1 && row.high == 1)
            for (a, b) in zip(row.values + row.magnitudes, map.values + map.magnitudes) { #expect(abs(a - b) < 1e-5) }
        }
    }

    @Test func whatDoesNotExistHasNoAlignment() throws {
        #expect(trace.wordPatches(layer: 2) == nil)
        let found = try #require(trace.wordPatches())
        #expect(found.patches(word: 99) == nil && found.patches(word: -1) == nil)
        #expect(found.words(row: 8, column: 0) == nil && found.words(row: 0, column: -1) == nil)
    }
}
