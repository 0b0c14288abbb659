// Bands, counts, resamples and verdicts of the paper's claims, each against something plainer.

import Foundation
import SpectralFormats
import SpectralModel
import TestSupport
import Testing

@testable import SpectralLens

@Suite struct ClaimTests {
    // MARK: Bands

    @Test func bandsArePartsOfThePlane() {
        func bands(_ u: Float, _ v: Float) -> [String] { ClaimBand.all.filter { $0.contains([u, v]) }.map(\.name) }
        var seen: Set<String> = []
        for i in -60...60 {
            for j in -60...60 {
                let found = bands(Float(i) / 60, Float(j) / 60)
                #expect(found.count == 1, "\(i) \(j)")
                seen.formUnion(found)
            }
        }
        #expect(seen == Set(ClaimBand.all.map(\.name)))
        #expect(bands(0, 0) == ["near DC"] && bands(0.125, 0) == ["low"] && bands(-0.125, 0.125) == ["low"])
        #expect(bands(0.25, 0) == ["mid axis"] && bands(0.125, 0.375) == ["mid axis"] && bands(0, -0.25) == ["mid axis"])
        #expect(bands(0.25, 0.125) == ["mid oblique"] && bands(-0.25, 0.25) == ["mid oblique"] && bands(0.375, 0.25) == ["high"])
        #expect(bands(1, 0.125) == ["low"] && bands(0.75, 0) == ["mid axis"], "a grid cannot tell w from w + 1")
    }

    @Test func everyAtomIsMutedInOneBandAndControlsAreOthers() throws {
        let grid = (0..<34).map { i -> [Float] in
            let u = Float(i % 6) / 8, v = Float(i / 6) / 12
            return [u - 0.25, v]
        }
        let stack = AtomPopulation.Stack(frequencies: grid, kept: Array(0..<34), layers: 1)
        let fusion = AtomPopulation.Stack(frequencies: grid.map { $0 + [0] }, kept: Array(0..<34), layers: 1)
        let population = AtomPopulation(k: 34, stacks: [.vision: stack, .fusion: fusion])
        let shares: [Float] = (0..<34).map { Float($0 + 3) / 700 }
        let energies = AtomEnergies(shares: [.vision: [shares], .fusion: [shares]])
        for includesFusion in [false, true] {
            let plan = ClaimPlan(images: 1, controls: 4, includesFusion: includesFusion)
            let bands = try ClaimMeasurement.prepare(population, energies: energies, plan: plan)
            #expect(bands.flatMap { $0.plan.parts[0].atoms }.sorted() == Array(0..<34))
            for band in bands {
                let stacks: [AtomStack] = includesFusion ? [.vision, .fusion] : [.vision]
                #expect(band.plan.parts.map(\.stack) == stacks)
                let atoms = band.plan.parts[0].atoms
                #expect(atoms.allSatisfy { band.band.contains(grid[$0]) })
                #expect(band.sets.isEmpty == (band.problem != nil) && band.sets.isEmpty == (atoms.count > 17))
                for set in band.sets { #expect(Set(set.plan.parts[0].atoms).isDisjoint(with: atoms)) }
            }
        }
    }

    @Test func patternsAreTheirOwnRows() {
        func rows(_ kind: QuestionKind, _ answer: String) -> [String] {
            let question = SceneQuestion(kind: kind, text: "?", answer: answer)
            return ClaimQuestions.all.filter { $0.contains(question) }.map { $0.name.trimmingCharacters(in: .whitespaces) }
        }
        #expect(rows(.tone, "dark") == ["tone", "all"] && rows(.gradient, "top") == ["brighter side", "all"])
        #expect(rows(.texture, "rising stripes") == ["texture", "stripes 45", "oblique stripes", "all"])
        #expect(rows(.texture, "digit") == ["texture", "glyph", "all"] && rows(.digit, "six") == ["digit", "all"])
        for kind in QuestionKind.allCases { #expect(rows(kind, SceneTexture.dots.word).count == (kind == .texture ? 3 : 2)) }
    }

    // MARK: Counting

    private func tiny() throws -> (path: String, keep: TinyCheckpoint) {
        let checkpoint = try TinyCheckpoint()
        _ = try checkpoint.load()
        return (checkpoint.path, checkpoint)
    }

    /// Answers of a checkpoint that was never trained are all wrong, so what is counted is looked at by another road:
    /// probabilities of single images.
    @Test func mutingInBatchesIsMutingAlone() throws {
        let checkpoint = try TinyCheckpoint(), model = try checkpoint.load()
        let images = (0..<3).map { Scene.draw(split: .dev, seed: 2, index: $0).render().image }
        let muted = AtomEdits.muting([AtomAddress(.vision, atom: 2), AtomAddress(.fusion, atom: 3)])
        let seen = model.see(images, k: 7, edits: muted.only([.vision]))
        let found = model.answerProbabilities(
            seen, imageOf: [0, 1, 2], questions: ["what is it", "is it", "what"], edits: muted.only([.text, .fusion]))
        for (i, question) in ["what is it", "is it", "what"].enumerated() {
            let probe = try AnswerProbe(model, model.see(images[i]), task: .vqa, prompt: question)
            for answer in 0..<5 {
                #expect(abs(probe.score(.answer(answer), muted) - log(found[i][answer])) < 1e-3)
                #expect(abs(probe.score(.answer(answer)) - probe.score(.answer(answer), muted)) > 1e-6, "the edit does something")
            }
        }
        let plain = model.answerProbabilities(model.see(images, k: 7), imageOf: [0], questions: ["what"])
        let none = model.answerProbabilities(model.see(images, k: 7, edits: .none), imageOf: [0], questions: ["what"], edits: .none)
        #expect(plain == none, "muting nothing changes nothing")
    }

    @Test func allBandsOfACheckpointAreCounted() throws {
        let (path, keep) = try tiny()
        defer { withExtendedLifetime(keep) {} }
        let plan = ClaimPlan(images: 11, seed: 3, controls: 2, threads: 2)
        let found = try ClaimMeasurement.run(path: path, transform: .dense, plan: plan)
        let questions = (0..<11).map { Scene.draw(split: .dev, seed: 3, index: $0).questions(count: 10) }
        for (row, rule) in ClaimQuestions.all.enumerated() {
            for image in 0..<11 {
                #expect(Int(found.asked.values[image * found.asked.rows + row]) == questions[image].count { rule.contains($0) })
            }
        }
        #expect(found.bands.flatMap(\.atoms).sorted() == Array(0..<7))
        #expect(abs(found.bands.reduce(0) { $0 + $1.energyShare } - 1) < 1e-4)
        for band in found.bands { #expect(band.controls.count == band.sets.count && band.after.images == 11) }
        // One thread counts what two do.
        let alone = try ClaimMeasurement.run(
            path: path, transform: .dense, plan: ClaimPlan(images: 11, seed: 3, controls: 2, threads: 1))
        #expect(alone.before == found.before && zip(alone.bands, found.bands).allSatisfy { $0.after == $1.after })
    }

    // MARK: Resamples

    private let names = ["a", "b", "all"]

    /// [images, rows] with column 2 the sum of the others.
    private func counts(_ rows: [(Float, Float)]) -> ClaimCounts {
        ClaimCounts(images: rows.count, rows: 3, values: rows.flatMap { [$0.0, $0.1, $0.0 + $0.1] })
    }

    @Test func resamplesAreThoseOfALoopInDoublePrecision() throws {
        var random = Seeded(state: 9)
        let images = 13, sets = 4, resamples = 200
        let asked = counts((0..<images).map { _ in (Float(Int.random(in: 0...3, using: &random)), 2) })
        func right() -> ClaimCounts {
            counts((0..<images).map { i in
                (Float(Int.random(in: 0...Int(asked.values[3 * i]), using: &random)), Float(Int.random(in: 0...2, using: &random)))
            })
        }
        let before = right(), after = right(), controls = (0..<sets).map { _ in right() }
        let bootstrap = ClaimBootstrap(images: images, resamples: resamples, seed: 5)
        let effects = bootstrap.effects(asked: asked, before: before, after: after, controls: controls, names: names)

        // The same draws, one image and one set at a time.
        var draw = SceneRandom(seed: 5), setDraw = SceneRandom(seed: 5 + 0x5E75)
        var excess: [Double] = [], selectivity: [Double] = []
        for _ in 0..<resamples {
            let picked = (0..<images).map { _ in draw.below(images) }, chosen = (0..<sets).map { _ in setDraw.below(sets) }
            func sum(_ counts: ClaimCounts, _ row: Int) -> Double { picked.reduce(0) { $0 + Double(counts.values[3 * $1 + row]) } }
            let n = sum(asked, 0)
            excess.append((chosen.reduce(0) { $0 + sum(controls[$1], 0) / Double(sets) } - sum(after, 0)) / n)
            selectivity.append((sum(before, 0) - sum(after, 0)) / n - (sum(before, 1) - sum(after, 1)) / sum(asked, 1))
        }
        excess.sort()
        selectivity.sort()
        let first = try #require(effects.first)
        // 199 gaps: 0.025 of them end 0.975 of the way from the fifth to the sixth.
        for (found, sorted) in [(try #require(first.excess), excess), (try #require(first.selectivity), selectivity)] {
            #expect(abs(found.low - (sorted[4] + 0.975 * (sorted[5] - sorted[4]))) < 1e-9)
            #expect(abs(found.high - (sorted[194] + 0.025 * (sorted[195] - sorted[194]))) < 1e-9)
        }
        let total = asked.total(0)
        #expect(abs(first.excess!.value - (controls.reduce(0) { $0 + $1.total(0) } / 4 - after.total(0)) / total) < 1e-12)
        #expect(first.asked == Int(total) && first.before == before.total(0) / total && effects.last?.selectivity == nil)
    }

    /// With one question an image, a share's interval is that of a binomial: 1.96 sqrt(p (1 - p) / n) either way.
    @Test func knownIntervals() throws {
        let n = 400, all = counts(Array(repeating: (1, 0), count: n)), none = counts(Array(repeating: (0, 0), count: n))
        let some = counts((0..<n).map { ($0 % 4 == 0 ? 0 : 1, 0) }), bootstrap = ClaimBootstrap(images: n, resamples: 2000, seed: 1)
        func excess(_ after: ClaimCounts) throws -> ClaimEstimate {
            try #require(bootstrap.effects(asked: all, before: all, after: after, controls: [all, all], names: names)[0].excess)
        }
        #expect(try excess(none) == ClaimEstimate(value: 1, low: 1, high: 1))
        #expect(try excess(all) == ClaimEstimate(value: 0, low: 0, high: 0))
        let half = 1.96 * (0.25 * 0.75 / Double(n)).squareRoot(), found = try excess(some)
        #expect(found.value == 0.25 && abs(found.low - 0.25 + half) < 0.1 * half && abs(found.high - 0.25 - half) < 0.1 * half)
        // Sets that differ widen it, though all images are alike.
        let sets = try #require(
            bootstrap.effects(asked: all, before: all, after: all, controls: [all, none], names: names)[0].excess)
        #expect(sets.low == -1 && sets.high == 0)
        #expect(bootstrap.effects(asked: all, before: all, after: some, controls: [], names: names)[0].verdict == .unknown)
    }

    @Test func verdicts() {
        func effect(_ excess: (Double, Double), _ selectivity: (Double, Double), asked: Int = 150) -> ClaimEffect {
            ClaimEffect(
                row: "tone", asked: asked, before: 1, after: 0.9, afterControls: 0.95,
                excess: ClaimEstimate(value: 0, low: excess.0, high: excess.1),
                selectivity: ClaimEstimate(value: 0, low: selectivity.0, high: selectivity.1), standing: nil)
        }
        #expect(effect((0.01, 0.2), (0, 1)).verdict == .more && effect((-0.2, -0.01), (0, 1)).verdict == .less)
        #expect(effect((-0.01, 0.2), (0, 1)).verdict == ClaimEffect.Verdict.none)
        typealias Found = ClaimFinding
        #expect(Found.verdict(effect((0.01, 0.2), (0.1, 0.2)), isMatched: true) == .supported)
        #expect(Found.verdict(effect((0.01, 0.2), (0.1, 0.2)), isMatched: false) == .undecided, "no controls of like energy")
        #expect(Found.verdict(effect((0.01, 0.2), (-0.1, 0.2)), isMatched: true) == .undecided)
        #expect(Found.verdict(effect((0.01, 0.2), (-0.2, -0.1)), isMatched: true) == .notSupported, "it costs all else more")
        #expect(Found.verdict(effect((-0.01, 0.019), (-0.1, 0.1)), isMatched: true) == .notSupported)
        #expect(Found.verdict(effect((0, 0), (-0.1, 0.1), asked: 149), isMatched: true) == .undecided, "too few to tell")
        #expect(Found.verdict(effect((0, 0), (-0.2, -0.1), asked: 20), isMatched: true) == .notSupported)
        func cheap(after: Double, asked: Int = 119) -> ClaimEffect {
            ClaimEffect(
                row: "count", asked: asked, before: 1, after: after, afterControls: 0.94,
                excess: ClaimEstimate(value: -0.06, low: -0.1, high: -0.03), selectivity: ClaimEstimate(value: 0, low: 0, high: 0),
                standing: nil)
        }
        #expect(
            Found.verdict(cheap(after: 1), isMatched: true) == .notSupported, "random atoms cost more than the rule of three allows")
        #expect(Found.verdict(cheap(after: 1, asked: 150), isMatched: false) == .notSupported, "it cost nothing")
        #expect(Found.verdict(cheap(after: 1, asked: 149), isMatched: false) == .undecided, "too few to tell")
        #expect(Found.verdict(cheap(after: 0.95, asked: 150), isMatched: false) == .undecided, "less than unlike controls is not little")
        let bands = Set(ClaimBand.all.map(\.name)), rows = Set(ClaimQuestions.all.map { $0.name.trimmingCharacters(in: .whitespaces) })
        for test in PaperClaim.all.flatMap(\.tests) { #expect(bands.contains(test.band) && rows.contains(test.row)) }
        let claim = PaperClaim(sentence: "s", tests: [("low", "tone"), ("high", "tone")])
        let good = effect((0.01, 0.2), (0.1, 0.2)), bad = effect((0, 0.01), (0, 0))
        func overall(_ low: ClaimEffect, _ high: ClaimEffect) -> Found.Verdict {
            Found(claim, effects: ["low": [low], "high": [high]], isMatched: ["low": true, "high": true]).verdict
        }
        #expect(overall(good, good) == .supported && overall(bad, bad) == .notSupported && overall(good, bad) == .undecided)
    }
}
