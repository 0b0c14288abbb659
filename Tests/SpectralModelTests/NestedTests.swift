// Nested K: the first k atoms of a checkpoint are a model of their own.

import SpectralFormats
import SpectralKernels
import Testing

@testable import SpectralModel

@Suite struct NestedTests {
    /// A model of K atoms run at k says what a model of k atoms says that holds the same numbers.
    @Test(
        arguments: [
            (ModelConfig.Preset.gated, ModelConfig.SuffixState.all, nil), (.gated, .text, nil), (.gated, .text, 3), (.paper, .all, nil),
        ] as [(ModelConfig.Preset, ModelConfig.SuffixState, Int?)], [1, 3, 5])
    func truncationEqualsASmallerModel(
        of model: (preset: ModelConfig.Preset, suffix: ModelConfig.SuffixState, steering: Int?), k: Int
    ) throws {
        let large = TinyModel(model.preset, suffixState: model.suffix, steering: model.steering)
        var config = large.config
        config.visionAtoms = k
        let store = ParameterStore(seed: 77)
        let small = VisionLanguageModel(config: config, store: store, trainable: false)
        for parameter in store.parameters {
            let source = try #require(large.store[parameter.name])
            let values = source.values.array
            // Whatever has one row or column per atom keeps the first k vision atoms and all text atoms.
            let keptRows = Self.kept(source.rows, parameter.rows, k: k, K: large.config.visionAtoms)
            var keptColumns = Self.kept(source.columns, parameter.columns, k: k, K: large.config.visionAtoms)
            if parameter.name.contains("steering"), source.columns != parameter.columns {
                // Real parts of all atoms, then imaginary ones.
                let half = source.columns / 2, atoms = Self.kept(half, parameter.columns / 2, k: k, K: large.config.visionAtoms)
                keptColumns = atoms + atoms.map { $0 + half }
            }
            parameter.values.withMutableValues { target in
                for (i, r) in keptRows.enumerated() {
                    for (j, c) in keptColumns.enumerated() {
                        target[i * parameter.columns + j] = values[r * source.columns + c]
                    }
                }
            }
        }
        let tape = Tape(recording: false)
        let nested = large.heads(large.model(trainable: false), tape, k: k)
        let truncated = large.heads(small, tape, k: k)
        // To the bit, but where the product that tells words' turns is as wide as all atoms: another width, another order of
        // summing, by a few units of 6e-8 in some dozen terms.
        let tolerance: Float = model.steering == nil ? 0 : 1e-5
        for (a, b) in zip(nested, truncated) {
            #expect(a.count == b.count && zip(a.values.array, b.values.array).allSatisfy { abs($0 - $1) <= tolerance })
        }
    }

    private static func kept(_ whole: Int, _ part: Int, k: Int, K: Int) -> [Int] {
        whole == part ? Array(0..<whole) : Array(0..<k) + Array(K..<whole)
    }

    /// A K beyond the checkpoint's own is the checkpoint's own.
    @Test func moreThanAllIsAll() {
        let tiny = TinyModel(.gated), model = tiny.model(trainable: false), tape = Tape(recording: false)
        let all = tiny.heads(model, tape, k: 5), more = tiny.heads(model, tape, k: 500)
        for (a, b) in zip(all, more) { #expect(a.values.array == b.values.array) }
    }
}
