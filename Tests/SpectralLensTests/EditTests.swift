// Edits against the same change made to the weights, and attribution against muted copies of the model.

import Foundation
import SpectralFormats
import SpectralModel
import TestSupport
import Testing

@testable import SpectralLens

@Suite struct EditTests {
    private static let question = "what is it"

    private func probabilities(_ model: LoadedModel, _ edits: AtomEdits = .none, taps: Taps? = nil) -> [Float] {
        let probe = Probe(edits: edits, taps: taps), seen = model.see(testImage(), probe: probe)
        return model.answerProbabilities(model.prefix(seen, task: .vqa, prompt: Self.question, probe: probe))
    }

    private func caption(_ model: LoadedModel, _ edits: AtomEdits = .none) -> [Float] {
        let probe = Probe(edits: edits), seen = model.see(testImage(), probe: probe)
        return model.decode(model.prefix(seen, task: .caption, prompt: "", probe: probe), strategy: .greedy)
            .flatMap { [Float($0.id), $0.probability] }
    }

    @Test(arguments: [ModelConfig.Preset.gated, .paper])
    func editingNothingChangesNothing(preset: ModelConfig.Preset) throws {
        let model = try TinyCheckpoint(preset).load(), seen = model.see(testImage())
        let plain = model.answerProbabilities(model.prefix(seen, task: .vqa, prompt: Self.question))
        #expect(probabilities(model) == plain)
        #expect(probabilities(model, taps: Taps()) == plain)
        var undone = AtomEdits()
        undone.apply(.scale(2), to: AtomAddress(.fusion, atom: 1))
        undone.apply(.scale(0.5), to: AtomAddress(.fusion, atom: 1))
        #expect(undone.isEmpty)
        // Every place of the edit must be one that matters, or the equalities above say little.
        for stack in AtomStack.allCases {
            #expect(probabilities(model, .muting([AtomAddress(stack, atom: 1)])) != plain, "\(stack)")
        }
        // An edit leaves nothing behind in the caches.
        #expect(probabilities(model) == plain)
    }

    @Test(arguments: [ModelConfig.Preset.gated, .paper], ["vision/3", "vision/1/3", "text/1", "fusion/2", "fusion/0/8"])
    func mutingEqualsZeroedRows(preset: ModelConfig.Preset, text: String) throws {
        let checkpoint = try TinyCheckpoint(preset), address = try #require(AtomAddress(text))
        let original = try checkpoint.load()
        let answered = probabilities(original, .muting([address])), written = caption(original, .muting([address]))

        let layers = address.stack == .text ? 1 : 2
        for layer in 0..<layers where address.layer ?? layer == layer {
            let mixer = "\(address.stack).layers.\(layer).mixer."
            for name in [mixer + "atoms.gain", mixer + "cross_gain"] where checkpoint.has(name) {
                checkpoint.set(name, row: address.atom, [Float](repeating: 0, count: 16))
            }
        }
        let zeroed = try checkpoint.load()
        #expect(probabilities(zeroed) == answered)
        #expect(caption(zeroed) == written)
        #expect(probabilities(original) != answered)
    }

    /// In a suffix on text atoms, where atom 7 is the bank's eighth and the state's second, and image atom 3 has no place.
    /// Words that steer read nothing of it either.
    @Test(arguments: [("fusion/7", 1), ("fusion/3", nil), ("fusion/0", 0)] as [(String, Int?)], [nil, 3])
    func mutingEqualsZeroedRowsOfTheSuffixsOwn(of atom: (text: String, row: Int?), steering: Int?) throws {
        let checkpoint = try TinyCheckpoint(suffixState: .text, steering: steering), (text, row) = atom
        for layer in 0..<2 where steering != nil {
            checkpoint.change("fusion.layers.\(layer).mixer.steering.up") { values, _ in
                values = values.indices.map { sin(Float($0)) }
            }
        }
        let address = try #require(AtomAddress(text)), original = try checkpoint.load()
        let written = caption(original, .muting([address]))
        for layer in 0..<2 {
            let mixer = "fusion.layers.\(layer).mixer.", none = [Float](repeating: 0, count: 16)
            for name in ["atoms.gain", "cross_gain"] where checkpoint.has(mixer + name) { checkpoint.set(mixer + name, row: address.atom, none) }
            if let row { checkpoint.set(mixer + "suffix_gain", row: row, none) }
        }
        #expect(caption(try checkpoint.load()) == written)
        #expect(caption(original) != written)
    }

    /// C3 of image atom 3 there is none; of the first text atom, 7, it is the second row.
    @Test func theSuffixsOwnGainIsTold() throws {
        let model = try TinyCheckpoint(suffixState: .text).load(), atoms = try #require(model.model.atoms(of: .fusion))
        let uses = AtomTable(atoms, grid: (8, 8, 4)).records.map(\.layers)
        #expect(uses[3].allSatisfy { $0.meanSuffixGain == nil })
        let row = model.matrix("fusion.layers.1.mixer.suffix_gain")[1]
        let expected = row.reduce(0) { $0 + abs($1) } / Double(row.count)
        #expect(abs(Double(try #require(uses[7][1].meanSuffixGain)) - expected) < 1e-6)
        #expect(uses[7][0].meanCrossGain != nil && uses[7][1].meanCrossGain == nil, "the last layer reads through C")
    }

    @Test func aPhaseShiftIsAPhaseBias() throws {
        let checkpoint = try TinyCheckpoint(), original = try checkpoint.load()
        var edits = AtomEdits()
        edits.apply(.shiftPhase(0.8), to: AtomAddress(.fusion, layer: 0, atom: 3))
        let edited = probabilities(original, edits)
        for name in ["atoms.phase_bias", "cross_phase_bias"] {
            checkpoint.change("fusion.layers.0.mixer." + name) { values, d in for c in 0..<d { values[3 * d + c] += 0.8 } }
        }
        let shifted = probabilities(try checkpoint.load())
        for (a, b) in zip(edited, shifted) { #expect(abs(a - b) < 1e-5) }
        #expect(zip(edited, probabilities(original)).contains { abs($0 - $1) > 1e-5 })
    }

    @Test func scoresAreTheDecodersOwn() throws {
        let model = try TinyCheckpoint().load(), seen = model.see(testImage())
        let ask = try AnswerProbe(model, seen, task: .vqa, prompt: Self.question)
        let p = probabilities(model)
        for i in p.indices { #expect(abs(ask.score(.answer(i)) - log(p[i])) < 1e-5) }

        // Token by token over the running state, against all tokens at once.
        let tell = try AnswerProbe(model, seen, task: .caption, prompt: "")
        let tokens = model.decode(model.prefix(seen, task: .caption, prompt: ""), strategy: .greedy)
        #expect(!tokens.isEmpty)
        let sum = tokens.reduce(0) { $0 + log($1.probability) }
        #expect(abs(tell.score(.tokens(tokens.map(\.id), ended: false)) - sum) < 1e-3)

        let find = try AnswerProbe(model, seen, task: .ground, prompt: "it")
        #expect(abs(find.score(find.choose()) - 1) < 1e-5)
        // Boxes of side 2 shifted by half a side: 2 of 6 units are shared.
        #expect(abs(AnswerProbe.intersectionOverUnion([0, 0, 2, 2], [1, 0, 2, 2]) - 1.0 / 3) < 1e-6)
    }

    @Test func attributionIsWhatAMutedModelLoses() throws {
        let checkpoint = try TinyCheckpoint(), model = try checkpoint.load()
        let probe = try AnswerProbe(model, model.see(testImage()), task: .vqa, prompt: Self.question)
        let output = probe.choose()
        guard case .answer(let index) = output else { Issue.record("a question has an answer"); return }
        let p = probabilities(model)
        #expect(p[index] == p.max())

        let attribution = probe.attribution(of: output)
        #expect(attribution.isComplete && attribution.unit == "nats")
        #expect(Set(attribution.effects.map(\.atom)) == Set(0..<9), "7 vision atoms and 2 of text besides DC")
        #expect(zip(attribution.effects, attribution.effects.dropFirst()).allSatisfy { abs($0.effect) >= abs($1.effect) })
        let first = attribution.effects[0]
        for layer in 0..<2 {
            for name in ["atoms.gain", "cross_gain"] {
                checkpoint.set("fusion.layers.\(layer).mixer.\(name)", row: first.atom, [Float](repeating: 0, count: 16))
            }
        }
        let without = log(probabilities(try checkpoint.load())[index])
        #expect(abs(first.effect - (log(p[index]) - without)) < 1e-5)
        #expect(abs(first.effect) > 1e-4)

        // What is muted already has nothing left to lose.
        let muted = AtomEdits.muting([AtomAddress(.fusion, atom: first.atom)])
        let again = probe.attribution(of: output, edits: muted)
        #expect(again.effects.first { $0.atom == first.atom }?.effect == 0)
        #expect(again.effects.contains { $0.effect != 0 })

        #expect(probe.attribution(of: output, perLayer: true).effects.count == 18)
        #expect(probe.attribution(of: output, stack: .vision).effects.count == 7)
        var calls = 0
        let stopped = probe.attribution(of: output, shouldStop: { calls += 1; return calls > 3 })
        #expect(!stopped.isComplete && stopped.effects.count == 3)
    }

    @Test func addressesReadWhatTheyWrite() {
        for text in ["vision/17", "fusion/2/40", "text/0"] { #expect(AtomAddress(text)?.description == text) }
        for text in ["", "vision", "vision/", "sound/1", "vision/-1", "vision/1/2/3", "fusion/x", "fusion//1"] {
            #expect(AtomAddress(text) == nil, "\(text)")
        }
    }

    @Test func theTwinHasNoAtoms() throws {
        let model = try TinyCheckpoint(.attention).load()
        #expect(throws: LensError.self) { try AnswerProbe(model, model.see(testImage()), task: .vqa, prompt: "it") }
        #expect(model.atomTable(.vision) == nil)
        #expect(throws: LensError.self) { try model.detail(of: .vision, atom: 0) }
    }
}
