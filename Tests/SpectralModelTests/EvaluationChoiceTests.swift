import SpectralFormats
import SpectralKernels
import Testing

@testable import SpectralModel

/// Dense and Fourier evaluations of the whole model, and beam search against every text there is.
@Suite struct EvaluationChoiceTests {
    /// Both are exact to 1e-5 of the sums over tokens; through two fusion layers and norms that leaves 1e-4.
    @Test(arguments: [ModelConfig.Preset.gated, .paper], [(4, 4), (5, 3)])
    func fourierAndDenseModelsAgree(preset: ModelConfig.Preset, grid: (Int, Int)) {
        let tiny = TinyModel(preset, width: grid.0, height: grid.1)
        func states(_ transform: Transform) -> [Float] {
            let model = VisionLanguageModel(config: tiny.config, store: tiny.store, trainable: false, transform: transform)
            let tape = Tape(recording: false)
            let seen = model.see(tape, patches: tiny.patches, layout: tiny.layout, k: 5)
            let read = model.read(tape, prompts: tiny.prompts, layout: tiny.layout, k: 5)
            let memory = model.fuse(tape, image: seen, prompt: read, layout: tiny.layout, k: 5)
            return seen.values.array + model.suffix(tape, tiny.suffixes, memory: memory, layout: tiny.layout).values.array
        }
        let dense = states(.dense), fourier = states(.fourier)
        #expect(dense != fourier, "the Fourier evaluation was not used")
        let scale = dense.reduce(0) { max($0, abs($1)) }
        for (a, b) in zip(dense, fourier) { #expect(abs(a - b) <= 1e-4 * scale) }
    }
}
