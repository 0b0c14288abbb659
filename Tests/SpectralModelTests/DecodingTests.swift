// Decoding against what it should find: every text there is, and the distribution that sampling should follow.

import Foundation
import SpectralFormats
import TestSupport
import Testing

@testable import SpectralModel

@Suite struct DecodingTests {
    private let model: LoadedModel
    private let prefix: ReadPrefix

    /// Room for two tokens: few enough texts to look at all of them.
    init() throws { try self.init(.all) }

    private init(_ suffixState: ModelConfig.SuffixState) throws {
        model = try TinyCheckpoint(maxSuffix: 3, suffixState: suffixState).load()
        prefix = model.prefix(model.see(testImage(), k: 7), task: .caption, prompt: "")
    }

    /// log-probability of every text of up to two tokens, by walking the whole tree.
    private func everyText() -> [[Int]: Double] {
        let eos = SpecialToken.eos.rawValue
        var memory = prefix.memory, found: [[Int]: Double] = [:]
        let first = model.nextProbabilities([SpecialToken.cls.rawValue], t: [prefix.length], memory: &memory)[0]
        let others = first.indices.filter { $0 != eos }
        found[[]] = log(Double(first[eos]))
        var branches = memory.selecting(others.map { _ in 0 })
        let second = model.nextProbabilities(others, t: others.map { _ in prefix.length + 1 }, memory: &branches)
        for (id, p) in zip(others, second) {
            for next in p.indices {
                found[next == eos ? [id] : [id, next]] = log(Double(first[id])) + log(Double(p[next]))
            }
        }
        return found
    }

    @Test(arguments: [Float(0), 0.7, 1]) func wideBeamFindsTheBestOfAllTexts(penalty: Float) throws {
        let texts = everyText()
        #expect(abs(texts.values.reduce(0) { $0 + exp($1) } - 1) < 1e-3, "the tree holds all texts")
        func score(_ ids: [Int]) -> Double { texts[ids]! / pow(Double(max(1, ids.count)), Double(penalty)) }
        let best = try #require(texts.keys.map(score).max())
        let found = model.decode(prefix, strategy: .beam(width: 64, lengthPenalty: penalty)).map(\.id)
        // Probabilities are floats: texts this close are equally good.
        #expect(score(found) >= best - 1e-4, "found \(found) at \(score(found)), best \(best)")
    }

    /// Hypotheses keep their own running states, which hold fewer atoms than the prefix.
    @Test func wideBeamFindsTheBestOfAllTextsOnTextAtoms() throws {
        try DecodingTests(.text).wideBeamFindsTheBestOfAllTexts(penalty: 0.7)
    }

    /// Against sorting everything, with many equal values.
    @Test(arguments: [0, 1, 5, 60]) func theLikeliestAreTheFirstOfAllSorted(count: Int) {
        var random = Seeded(state: 4)
        for size in [0, 1, 7, 50] {
            let p = (0..<size).map { _ in Float(Int.random(in: 0..<9, using: &random)) }
            let sorted = p.indices.sorted { (p[$0], $1) > (p[$1], $0) }
            #expect(LoadedModel.likeliest(p, count) == Array(sorted.prefix(count)))
        }
    }

    /// A beam of one keeps the likeliest token each time, which is what greedy decoding is, to the end of the longer.
    @Test func greedyTakesTheLikeliestTokenEachTime() {
        let texts = everyText(), eos = SpecialToken.eos.rawValue
        var memory = prefix.memory, expected: [Int] = [], last = SpecialToken.cls.rawValue
        for i in 0..<2 {
            let p = model.nextProbabilities([last], t: [prefix.length + i], memory: &memory)[0]
            last = p.indices.max { p[$0] < p[$1] }!
            if last == eos { break }
            expected.append(last)
        }
        let greedy = model.decode(prefix, strategy: .greedy)
        #expect(greedy.map(\.id) == expected)
        let product = greedy.reduce(0) { $0 + log(Double($1.probability)) }
        if expected.count == 2 { #expect(abs(product - texts[expected]!) < 1e-4) }
    }

    /// Of 0.4, 0.3, 0.2, 0.1 the first three hold 0.75 of the probability; two would not.
    @Test func nucleusDrawsFromTheSmallestSetThatHoldsTheMass() {
        let p: [Float] = [0.2, 0.4, 0.1, 0.3], draws = 20_000
        func frequencies(topP: Float, temperature: Float) -> [Double] {
            var random = SceneRandom(seed: 9), counts = [Double](repeating: 0, count: p.count)
            for _ in 0..<draws {
                counts[LoadedModel.nucleus(p, topP: topP, temperature: temperature, using: &random)] += 1
            }
            return counts.map { $0 / Double(draws) }
        }
        // Five standard deviations of a frequency: 5 sqrt(0.25 / 20000) = 0.018.
        func expectNear(_ found: [Double], _ exact: [Double]) {
            for (a, b) in zip(found, exact) { #expect(b == 0 ? a == 0 : abs(a - b) < 0.018, "\(found) for \(exact)") }
        }
        expectNear(frequencies(topP: 0.75, temperature: 1), [0.2 / 0.9, 0.4 / 0.9, 0, 0.3 / 0.9])
        expectNear(frequencies(topP: 1, temperature: 1), [0.2, 0.4, 0.1, 0.3])
        // Temperature 1/2 squares the odds: 4, 16, 1, 9 of 30.
        expectNear(frequencies(topP: 1, temperature: 0.5), [4.0 / 30, 16.0 / 30, 1.0 / 30, 9.0 / 30])
        expectNear(frequencies(topP: 0.3, temperature: 1), [0, 1, 0, 0])
        expectNear(frequencies(topP: 1, temperature: 0), [0, 1, 0, 0])
    }

    @Test func nucleusRepeatsItselfBySeed() {
        func text(_ seed: UInt64) -> [Int] {
            model.decode(prefix, strategy: .nucleus(topP: 1, temperature: 1, seed: seed)).map(\.id)
        }
        #expect(text(4) == text(4))
        #expect(Set((0..<8).map { text($0) }).count > 1)
    }
}
