// Atoms that a damaged checkpoint could hold are an error on loading, never a trap in the first forward pass.

import SpectralAtoms
import SpectralFormats
import SpectralKernels
import Testing

@testable import SpectralModel

@Suite struct AtomCheckTests {
    @Test(arguments: [ModelConfig.Preset.gated, .paper, .attention]) func soundModelsPass(preset: ModelConfig.Preset) throws {
        try TinyModel(preset).model(trainable: false).checkAtoms()
    }

    @Test(arguments: [
        ("vision.layers.0.mixer.atoms.log_amplitude", Float(80), "vision.layers.0"),
        ("text.frequencies", .nan, "text.layers.0"),
        ("fusion.layers.1.mixer.atoms.phase", .infinity, "fusion.layers.1"),
    ])
    func damagedModelsAreErrors(parameter: String, value: Float, layer: String) throws {
        let tiny = TinyModel(.gated)
        try #require(tiny.store[parameter]).values.withMutableValues { $0[1] = value }
        let error = #expect(throws: AtomError.self) { try tiny.model(trainable: false).checkAtoms() }
        #expect(try #require(error).description.contains(layer))
    }
}
