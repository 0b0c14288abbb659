// Decoding token by token against recomputing the whole suffix, and what decoding carries along.

import Foundation
import SpectralFormats
import SpectralKernels
import Testing

@testable import SpectralModel

@Suite struct SuffixTests {
    /// Ten steps from a prefix that was told of one suffix token: the text outgrows what its bases were made for.
    @Test(arguments: [ModelConfig.Preset.gated, .paper, .attention], [false, true])
    func stepsEqualTheWholeSuffix(preset: ModelConfig.Preset, options: Bool) {
        stepsEqualTheWholeSuffix(preset, options, .all)
    }

    @Test(arguments: [nil, 3]) func stepsEqualTheWholeSuffixOnTextAtoms(steering: Int?) {
        stepsEqualTheWholeSuffix(.gated, false, .text, steering)
    }

    private func stepsEqualTheWholeSuffix(
        _ preset: ModelConfig.Preset, _ options: Bool, _ state: ModelConfig.SuffixState, _ steering: Int? = nil
    ) {
        let steps = 10, n = 3
        let whole = TinyModel(preset, options: options, suffixes: [steps, steps, steps], suffixState: state, steering: steering)
        let short = TinyModel(preset, options: options, suffixes: [1, 1, 1], suffixState: state, steering: steering)
        let model = whole.model(trainable: false), tape = Tape(recording: false), k = 4
        func prefix(_ tiny: TinyModel) -> PrefixMemory {
            let image = model.see(tape, patches: tiny.patches, layout: tiny.layout, k: k)
            let prompt = model.read(tape, prompts: tiny.prompts, layout: tiny.layout, k: k)
            return model.fuse(tape, image: image, prompt: prompt, layout: tiny.layout, k: k)
        }
        let expected = model.suffix(tape, whole.suffixes, memory: prefix(whole), layout: whole.layout).values.array

        var memory = prefix(short), bytes: [Int] = [], worst: Float = 0
        let d = whole.config.width
        for i in 0..<steps {
            let ids = (0..<n).map { whole.suffixes[$0 * steps + i] }
            let state = model.step(tape, ids, t: short.layout.promptLengths.map { $0 + i }, memory: &memory).values.array
            for sequence in 0..<n {
                for c in 0..<d {
                    let error = abs(state[sequence * d + c] - expected[(sequence * steps + i) * d + c])
                    worst = error.isFinite ? max(worst, error) : .infinity
                }
            }
            bytes.append(memory.layers.reduce(0) { $0 + $1.bytes })
        }
        #expect(worst <= 1e-4)
        if preset == .attention {
            #expect(bytes == bytes.sorted() && bytes[0] < bytes[steps - 1], "keys and values grow with the text")
        } else {
            #expect(bytes.allSatisfy { $0 == bytes[0] }, "the spectral state must not grow: \(bytes)")
        }
    }

    /// A suffix token must not hear of what comes after it.
    @Test(arguments: [
        (ModelConfig.Preset.gated, ModelConfig.SuffixState.all, nil), (.gated, .text, nil), (.gated, .text, 3), (.paper, .all, nil),
        (.attention, .all, nil),
    ] as [(ModelConfig.Preset, ModelConfig.SuffixState, Int?)])
    func suffixIsCausal(of made: (preset: ModelConfig.Preset, suffix: ModelConfig.SuffixState, steering: Int?)) {
        let tiny = TinyModel(made.preset, suffixes: [5, 5, 5], suffixState: made.suffix, steering: made.steering)
        let model = tiny.model(trainable: false)
        let tape = Tape(recording: false), d = tiny.config.width
        let image = model.see(tape, patches: tiny.patches, layout: tiny.layout, k: 5)
        let prompt = model.read(tape, prompts: tiny.prompts, layout: tiny.layout, k: 5)
        let memory = model.fuse(tape, image: image, prompt: prompt, layout: tiny.layout, k: 5)
        let before = model.suffix(tape, tiny.suffixes, memory: memory, layout: tiny.layout).values.array
        var changed = tiny.suffixes
        changed[5 + 3] = (changed[5 + 3] + 1) % 12
        let after = model.suffix(tape, changed, memory: memory, layout: tiny.layout).values.array
        for row in 0..<15 {
            let same = before[row * d..<(row + 1) * d] == after[row * d..<(row + 1) * d]
            #expect(same == !(8...9).contains(row), "row \(row)")
        }
    }

    /// With a state of the text's own atoms what one word tells the next is the same whatever K.
    @Test func imageAtomsTellNoWordsApart() {
        func change(_ state: ModelConfig.SuffixState, k: Int) -> [Float] {
            let tiny = TinyModel(.gated, suffixes: [2, 2, 2], suffixState: state), mixers = tiny.model(trainable: false).fusion.blocks
            guard let mixer = mixers[0].mixer as? SpectralFusion else { return [] }
            let tape = Tape(recording: false), d = tiny.config.width
            let basis = mixer.basis(tape, GridKey(width: 4, height: 4, text: 6), prompts: [], k: k)
            let memory = LayerMemory.spectral(SpectralMemory(
                prefix: Tensor(rows: 3 * basis.modulation.rows, columns: d, [Float](repeating: 0, count: 3 * basis.modulation.rows * d)),
                running: nil, basis: basis, grid: GridKey(width: 4, height: 4, text: 6), probe: nil))
            var random = NormalSource(seed: 2, name: "h")
            let h = Tensor(rows: 6, columns: d, (0..<6 * d).map { _ in random.next() })
            return mixer.suffix(tape, h: h, residual: h, memory: memory, layout: tiny.layout, k: k).values.array
        }
        #expect(change(.text, k: 5) == change(.text, k: 1))
        #expect(change(.all, k: 5) != change(.all, k: 1))
    }

    /// What a steered word reads, channel by channel, is the sum over kept atoms of phi_k(t) g_k(h) S_k: against a loop in
    /// double precision.
    @Test(arguments: [5, 2]) func aSteeredWordReadsTheSumOfItsAtoms(k: Int) throws {
        let tiny = TinyModel(.gated, suffixes: [2, 2, 2], suffixState: .text, steering: 3)
        let mixer = try #require(tiny.model(trainable: false).fusion.blocks[0].mixer as? SpectralFusion)
        let tape = Tape(recording: false), d = tiny.config.width, all = mixer.atoms.bank.count, kept = mixer.atoms.bank.kept(k)
        let grid = GridKey(width: 4, height: 4, text: 6), basis = mixer.basis(tape, grid, prompts: [], k: k)
        var random = NormalSource(seed: 4, name: "steered")
        func noise(_ rows: Int) -> Tensor { Tensor(rows: rows, columns: d, (0..<rows * d).map { _ in random.next() }) }
        let spectra = noise(3 * 2 * kept.count), h = noise(6)
        let read = mixer.reading(tape, basis, spectra, by: h, tiny.layout.suffixSegments, k: k).values.array

        func numbers(_ name: String) throws -> [Double] {
            try #require(tiny.store["fusion.layers.0.mixer." + name]).values.array.map(Double.init)
        }
        let down = try numbers("steering.down"), up = try numbers("steering.up"), bias = try numbers("steering.bias")
        let phase = try numbers("atoms.phase"), logAmplitude = try numbers("atoms.log_amplitude")
        let w = try #require(tiny.store["fusion.frequencies"]).values.array.map(Double.init)
        for (b, segment) in tiny.layout.suffixSegments.enumerated() {
            for row in segment.rows {
                let masks = (0..<3).map { j in (0..<d).reduce(0.0) { $0 + Double(h.values.array[row * d + $1]) * down[$1 * 3 + j] } }
                let t = Double(segment.offset + row - segment.rows.lowerBound)
                for c in 0..<d {
                    let expected = kept.enumerated().reduce(0.0) { sum, atom in
                        let (j, k) = atom
                        func g(_ at: Int) -> Double { bias[at] + (0..<3).reduce(0) { $0 + masks[$1] * up[$1 * 2 * all + at] } }
                        let psi = 2 * Double.pi * (w[k] * 1.5 + w[all + k] * 1.5 + w[2 * all + k] * t) + phase[k]
                        let s = (
                            re: Double(spectra.values.array[(b * 2 * kept.count + j) * d + c]),
                            im: Double(spectra.values.array[((b * 2 + 1) * kept.count + j) * d + c]))
                        let turned = (re: g(k) * s.re - g(all + k) * s.im, im: g(k) * s.im + g(all + k) * s.re)
                        return sum + exp(logAmplitude[k]) * (cos(psi) * turned.re - sin(psi) * turned.im)
                    }
                    #expect(abs(Double(read[row * d + c]) - expected) < 1e-4 * max(1, abs(expected)))
                }
            }
        }
    }

    /// A grid that no parameter knows of: any size at inference, not only the training grid.
    @Test func otherGridsRun() {
        let tiny = TinyModel(.gated, width: 7, height: 3)
        let outputs = tiny.heads(tiny.model(trainable: false), Tape(recording: false), k: 5)
        #expect(outputs.allSatisfy { $0.values.array.allSatisfy(\.isFinite) })
    }
}
