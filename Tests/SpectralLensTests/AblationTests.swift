// The lens against models whose weights were changed instead, and against sums made here.

import Foundation
import SpectralFormats
import SpectralModel
import TestSupport
import Testing

@testable import SpectralLens

@Suite struct AblationTests {
    private static let question = "what is it"

    private func probe(_ model: LoadedModel, _ task: SpecialToken = .vqa, k: Int? = nil) throws -> AnswerProbe {
        let prompt = task == .vqa ? Self.question : task == .ground ? "it" : ""
        return try AnswerProbe(model, model.see(testImage(), k: k), task: task, prompt: prompt)
    }

    private func edits(_ model: LoadedModel, _ edits: [(String, String)]) throws -> AtomEdits {
        try EditPlan(edits.map { try LensEdit($0, $1) }, population: AtomPopulation(model, k: 7)).edits
    }

    @Test(arguments: [ModelConfig.Preset.gated, .paper])
    func mutingEverythingLeavesZeroSpectra(preset: ModelConfig.Preset) throws {
        let checkpoint = try TinyCheckpoint(preset), model = try checkpoint.load(), ask = try probe(model)
        let all = try edits(model, AtomStack.allCases.map { ("mute", "\($0.rawValue):..") })
        let first = ask.baseline(), muted = ask.read(all, against: first)
        #expect(abs(muted.change) > 1e-4)

        let taps = Taps()
        _ = model.prefix(
            model.see(testImage(), probe: Probe(edits: all, taps: taps)), task: .vqa, prompt: Self.question,
            probe: Probe(edits: all, taps: taps))
        let modulated = taps.matrices.filter { $0.key.kind == .modulated || $0.key.kind == .crossModulated }
        #expect(modulated.count == 2 + 1 + 1 + 2, "two vision layers, one of text, and fusion's image and text readings")
        #expect(modulated.values.allSatisfy { $0.values.allSatisfy { $0 == 0 } })

        // Without fusion no image tells on the answer.
        let other = try AnswerProbe(
            model, model.see(.solid(width: 16, height: 16, red: 250, green: 3, blue: 90)), task: .vqa, prompt: Self.question)
        let elsewhere = other.read(all, against: first)
        #expect(elsewhere.answers == muted.answers)

        for stack in AtomStack.allCases {
            for layer in 0..<(stack == .text ? 1 : 2) {
                for name in ["atoms.gain", "cross_gain"].map({ "\(stack).layers.\(layer).mixer.\($0)" }) where checkpoint.has(name) {
                    checkpoint.change(name) { values, _ in values = values.map { _ in 0 } }
                }
            }
        }
        let zeroed = try probe(checkpoint.load()).baseline().reading.answers
        for (a, b) in zip(zeroed, muted.answers) { #expect(abs(a.probability - b.probability) < 1e-6) }
    }

    @Test(arguments: [SpecialToken.vqa, .caption, .ground])
    func identitiesChangeNothing(task: SpecialToken) throws {
        let model = try TinyCheckpoint().load(), ask = try probe(model, task), first = ask.baseline()
        for (name, text) in [
            ("scale", "vision:..,fusion:..=1"), ("shift", "vision/3,fusion/2=0"), ("shift", "vision/3,fusion/2=\(2 * Float.pi)"),
            ("shift", "vision/3,fusion/2=\(-4 * Float.pi)"),
        ] {
            let reading = ask.read(try edits(model, [(name, text)]), against: first)
            #expect(abs(reading.change) < 1e-6 && (reading.divergence ?? 0) < 1e-6, "\(name) \(text)")
            #expect(reading.isSame != false && reading.text == first.reading.text)
        }
        // A whole turn as a factor, not reduced before.
        var turned = AtomEdits()
        turned.apply(.shiftPhase(2 * .pi), to: AtomAddress(.fusion, atom: 2))
        #expect(abs(ask.read(turned, against: first).change) < 1e-5)
        let half = ask.read(try edits(model, [("shift", "vision:..,fusion:..=3.14159")]), against: first)
        #expect(abs(half.change) > 1e-4, "an edit that is one must show")
    }

    @Test func answersAndDivergencesAreTheModelsOwn() throws {
        let model = try TinyCheckpoint().load(), ask = try probe(model), first = ask.baseline()
        let edits = try edits(model, [("mute", "vision/1,fusion/3"), ("scale", "fusion/0/1=2")])
        func probabilities(_ edits: AtomEdits) -> [Double] {
            let probe = Probe(edits: edits), seen = model.see(testImage(), probe: probe)
            return model.answerProbabilities(model.prefix(seen, task: .vqa, prompt: Self.question, probe: probe)).map(Double.init)
        }
        let p = probabilities(.none), q = probabilities(edits), reading = ask.read(edits, against: first)
        #expect(reading.answers.map(\.text) == model.answers)
        for (now, then) in zip(reading.answers, q) { #expect(abs(Double(now.probability) - then) < 1e-6) }
        let best = p.indices.max { p[$0] < p[$1] }!
        #expect(first.output == .answer(best) && first.reading.text == model.answers[best])
        #expect(abs(Double(reading.change) - (log(q[best]) - log(p[best]))) < 1e-5)
        let divergence = zip(p, q).reduce(0) { $0 + $1.0 * log($1.0 / $1.1) }
        #expect(divergence > 1e-5 && abs(Double(reading.divergence ?? 0) - divergence) < 1e-6)
        #expect(reading.text == model.answers[q.indices.max { q[$0] < q[$1] }!])
        #expect(reading.isSame == (reading.text == first.reading.text))
        #expect(first.reading.change == 0 && first.reading.divergence == 0 && first.reading.isSame == true)
    }

    @Test func textsAreScoredOnTheFirstWords() throws {
        let checkpoint = try TinyCheckpoint(), model = try checkpoint.load(), tell = try probe(model, .caption)
        let first = tell.baseline()
        guard case .tokens(let ids, _) = first.output else { Issue.record("a caption is tokens"); return }
        #expect(!ids.isEmpty && first.reading.tokens.count >= ids.count)
        var changed = 0
        for atom in 0..<9 {
            let edits = AtomEdits.muting([AtomAddress(.fusion, atom: atom)]), reading = tell.read(edits, against: first)
            #expect(abs(reading.score - tell.score(first.output, edits)) < 1e-4)
            #expect(abs(reading.tokens.reduce(0) { $0 + $1.change } - reading.change) < 1e-4)
            #expect(zip(reading.tokens, first.reading.tokens).allSatisfy { abs($0.logProbability - $1.logProbability - $0.change) < 1e-4 })
            let probe = Probe(edits: edits)
            let words = model.decode(model.prefix(model.see(testImage()), task: .caption, prompt: "", probe: probe), strategy: .greedy)
            #expect(reading.text == model.tokenizer.decode(words.map(\.id)).trimmingCharacters(in: .whitespacesAndNewlines))
            #expect(reading.isSame == (words.map(\.id) == ids))
            if reading.isSame == false { changed += 1 }
        }
        #expect(changed > 0, "an edit that changes the words must be among those tried")
    }

    @Test func boxesAreComparedByOverlap() throws {
        let model = try TinyCheckpoint().load(), find = try probe(model, .ground), first = find.baseline()
        #expect(first.unit == "IoU" && abs(first.reading.score - 1) < 1e-5 && first.reading.change == 0)
        let edits = AtomEdits.muting((0..<9).map { AtomAddress(.fusion, atom: $0) }), reading = find.read(edits, against: first)
        #expect(abs(reading.score - find.score(first.output, edits)) < 1e-6 && reading.score < 0.9999)
        #expect(reading.divergence == nil && reading.isSame == nil && reading.tokens.isEmpty && reading.box?.count == 4)
    }

    @Test func blankAndShuffledImages() throws {
        let model = try TinyCheckpoint().load(), ask = try probe(model), first = ask.baseline()
        let blank = try ask.read(.blank, against: first)
        let grey = model.answerProbabilities(model.see([testImage()], k: 7, blank: true), imageOf: [0], questions: [Self.question])[0]
        for (a, b) in zip(blank.answers, grey) { #expect(abs(a.probability - b) < 1e-6) }
        #expect(abs(blank.change) > 1e-5)

        func rows(_ seen: SeenImage) -> [[Float]] {
            let values = seen.patches.values.array
            return (0..<64).map { Array(values[$0 * 12..<($0 + 1) * 12]) }
        }
        let before = rows(ask.image), shuffled = model.see(ask.image, altered: .shuffled(seed: 4)), after = rows(shuffled)
        let order = after.compactMap { before.firstIndex(of: $0) }
        #expect(order.sorted() == Array(0..<64) && order != Array(0..<64))
        #expect(rows(model.see(ask.image, altered: .shuffled(seed: 4))) == after)
        #expect(rows(model.see(ask.image, altered: .shuffled(seed: 5))) != after)

        // The same patches moved as pixels.
        let source = testImage()
        var moved = source
        for (place, from) in order.enumerated() {
            for y in 0..<2 {
                for x in 0..<6 {
                    let to = ((place / 8 * 2 + y) * 16 + place % 8 * 2) * 3 + x
                    moved.pixels[to] = source.pixels[((from / 8 * 2 + y) * 16 + from % 8 * 2) * 3 + x]
                }
            }
        }
        let pixels = try AnswerProbe(model, model.see(moved), task: .vqa, prompt: Self.question).read(.none, against: first)
        #expect(try ask.read(.shuffled(seed: 4), against: first) == pixels)
        #expect(pixels.change != 0)
    }

    @Test func rankingAgreesWithSingleMutes() throws {
        let model = try TinyCheckpoint().load(), ask = try probe(model, k: 5)
        let report = try ask.lens(LensRequest(ranked: AtomStack.allCases))
        #expect(report.ranking.count == 5 + 3 + 7 && Set(report.ranking.map(\.address)).count == 15)
        #expect(zip(report.ranking, report.ranking.dropFirst()).allSatisfy { abs($0.change) >= abs($1.change) })
        #expect(report.edit == nil && report.controls == nil && report.blank == nil && report.shuffles.isEmpty)
        let trace = ask.trace(report.baseline.output)
        for stack in AtomStack.allCases {
            let attribution = ask.attribution(of: report.baseline.output, stack: stack)
            let records = try #require(trace.table(stack)).records
            for effect in attribution.effects {
                let ranked = try #require(report.ranking.first { $0.address == effect.address })
                #expect(abs(ranked.change + effect.effect) < 1e-5)
                #expect(abs(ranked.energyShare - (records[effect.atom].energyShare ?? -1)) < 1e-6)
                #expect(ranked.frequency == records[effect.atom].frequency)
            }
        }
    }

    @Test func theReportHoldsTogether() throws {
        let model = try TinyCheckpoint().load(), ask = try probe(model)
        let mute = try LensEdit("mute", "vision/2,vision/3")
        let request = LensRequest(edits: [mute], controls: 6, blank: true, shuffles: 2, seed: 8)
        var seen: [LensProgress] = []
        let report = try ask.lens(request) { seen.append($0) }
        #expect(seen.map(\.done) == Array(0...11) && seen.allSatisfy { $0.total == 11 })
        #expect(report.k == 7 && report.shuffles.map(\.seed) == [8, 9] && report.blank != nil)

        let edit = try #require(report.edit), controls = try #require(report.controls)
        #expect(edit.reading == ask.read(.muting([2, 3].map { AtomAddress(.vision, atom: $0) }), against: report.baseline))
        // Energies from the taps, as sums made here.
        let taps = Taps(), atoms = try #require(model.model.atoms(of: .vision))
        _ = model.see(testImage(), probe: Probe(taps: taps))
        let shares = (0..<2).map { layer in
            let matrix = taps[.vision, layer, .modulated]!
            let energies = (0..<7).map { k in
                let rows = [k, 7 + k].flatMap { matrix.values[$0 * 16..<($0 + 1) * 16] }
                return rows.reduce(0) { $0 + Double($1) * Double($1) } * pow(Double(atoms.layers[layer].amplitude[k]), 2)
            }
            return energies.map { $0 / energies.reduce(0, +) }
        }
        func energy(_ chosen: [Int]) -> Double { chosen.reduce(0) { $0 + (shares[0][$1] + shares[1][$1]) / 2 } }
        #expect(abs(Double(edit.energyShares[0]) - energy([2, 3])) < 1e-5)
        #expect(controls.results.count == 6 && controls.requested == 6)
        for result in controls.results {
            let chosen = result.set.plan.parts[0].atoms
            #expect(Set(chosen).isDisjoint(with: [2, 3]) && chosen.count == 2)
            #expect(abs(Double(result.set.energyRatios[0] ?? 0) - energy(chosen) / energy([2, 3])) < 1e-4)
            #expect(result.reading == ask.read(.muting(chosen.map { AtomAddress(.vision, atom: $0) }), against: report.baseline))
        }
        #expect(controls.standing == EffectStanding(of: edit.reading.change, among: controls.results.map(\.reading.change)))

        let again = try ask.lens(request)
        #expect(again.controls?.results.map(\.reading) == controls.results.map(\.reading))
        #expect(again.shuffles.map(\.reading) == report.shuffles.map(\.reading))
        #expect(throws: LensEditError.self) { try ask.lens(LensRequest(edits: [LensEdit("mute", "vision/9")])) }
        #expect(throws: LensEditError.self) { try ask.lens(LensRequest(edits: [LensEdit("mute", "vision:..")])) }
        #expect(try ask.lens(LensRequest(edits: [LensEdit("mute", "vision:..")], controls: 0)).controls == nil)
    }

    @Test func aCancelledTaskStopsBetweenRuns() async throws {
        let task = Task {
            let model = try TinyCheckpoint().load()
            var last = 0
            do {
                _ = try probe(model).lens(LensRequest(ranked: [.vision])) { progress in
                    last = progress.done
                    if last == 3 { withUnsafeCurrentTask { $0?.cancel() } }
                }
            } catch is CancellationError { return last }
            return -1
        }
        #expect(try await task.value == 3)
    }
}
