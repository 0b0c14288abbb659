// The whole model's gradient against differences of its own forward pass, parameter by parameter.

import SpectralFormats
import SpectralKernels
import Testing

@testable import SpectralModel

@Suite struct FiniteDifferenceTests {
    /// Along each parameter's own gradient g the loss must rise by |g| per unit of length; along one random direction
    /// through all parameters together by the product of both.
    ///
    /// The stencil is of fourth order with step h = 0.02: the loss, a sum of some hundred outputs of rounding 1e-6, is
    /// uncertain by 1e-5, which the stencil makes 1e-3; truncation is h^4 f'''''/30, smaller still. A frequency counts
    /// 2 pi t fold at token t, so its step is a fifth of that.
    ///
    /// Two kinds of parameter have no say, and the test holds them to it: an atom's phase cancels between analysis and
    /// synthesis, pinv(Phi e^{i theta}) = e^{-i theta} pinv(Phi), for modulation is diagonal; and a key bias shifts all
    /// scores of a query alike.
    @Test(arguments: [
        (ModelConfig.Preset.gated, false, 5), (.paper, false, 5), (.attention, false, 5), (.gated, true, 3), (.paper, true, 2),
    ])
    func gradient(preset: ModelConfig.Preset, options: Bool, k: Int) throws {
        try check(TinyModel(preset, options: options), k: k)
    }

    /// What an ablation leaves is differentiated as well.
    @Test(arguments: [[.salience], [.crossGain], [.salience, .crossGain]] as [[ModelConfig.FusionPart]])
    func gradientWithout(parts: [ModelConfig.FusionPart]) throws {
        let tiny = TinyModel(.gated, omits: parts), names = tiny.store.parameters.map(\.name)
        #expect(names.contains { $0.contains("salience") } == !parts.contains(.salience))
        #expect(names.contains { $0.contains("cross_gain") } == !parts.contains(.crossGain))
        // pinv over the whole prefix bends the loss more along a frequency: half the step leaves a sixteenth of the
        // truncation, and gradients of 15 are far above what rounding then adds.
        try check(tiny, k: 3, frequencyStep: 0.002)
    }

    /// So is a suffix that keeps its words on the text's own atoms.
    @Test(arguments: [5, 2]) func gradientWithAStateOfTextAtoms(k: Int) throws {
        let tiny = TinyModel(.gated, suffixState: .text)
        #expect(tiny.store.parameters.count { $0.name.contains("suffix_") } == 4)
        try check(tiny, k: k)
    }

    /// And salience whose masks several channels share: it weighs those alike, whatever it was told apart.
    @Test(arguments: [1, 4]) func gradientOfSharedSalience(groups: Int) throws {
        let tiny = TinyModel(.gated, salienceGroups: groups)
        #expect(tiny.store["fusion.layers.0.mixer.salience.weight"]?.columns == groups)
        try check(tiny, k: 3)
    }

    /// And words that choose how they read the image's atoms.
    @Test(arguments: [5, 2]) func gradientOfSteering(k: Int) throws {
        let tiny = TinyModel(.gated, suffixState: .text, steering: 3)
        #expect(tiny.store.parameters.count { $0.name.contains("steering") } == 2 * 3)
        try check(tiny, k: k)
    }

    private func check(_ tiny: TinyModel, k: Int, frequencyStep: Float = 0.004) throws {
        let preset = tiny.config.preset, model = tiny.model(trainable: true)
        let tape = Tape(recording: true)
        let outputs = tiny.heads(model, tape, k: k)
        let weights = outputs.enumerated().map { n, output -> [Float] in
            var random = NormalSource(seed: 21, name: "weights \(n)")
            return (0..<output.count).map { _ in 0.2 * random.next() }
        }
        for (output, weight) in zip(outputs, weights) {
            output.addToGradient { for i in $0.indices { $0[i] += weight[i] } }
        }
        tape.backward()

        let still = Tape(recording: false)
        func loss() -> Double {
            zip(tiny.heads(model, still, k: k), weights).reduce(0) { sum, pair in
                sum + zip(pair.0.values.array, pair.1).reduce(0) { $0 + Double($1.0) * Double($1.1) }
            }
        }
        func slope(_ directions: [(values: FloatBuffer, direction: [Float])], step h: Float = 0.02) -> Double {
            let start = directions.map { $0.values.array }
            func at(_ h: Float) -> Double {
                for (n, line) in directions.enumerated() {
                    line.values.withMutableValues { for i in $0.indices { $0[i] = start[n][i] + h * line.direction[i] } }
                }
                return loss()
            }
            defer { _ = at(0) }
            return (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / Double(12 * h)
        }

        var all: [(values: FloatBuffer, direction: [Float])] = [], along = 0.0
        var unused: [String] = []
        for (parameter, tensor) in zip(tiny.store.parameters, model.replica.tensors) {
            let gradient = try #require(tensor.gradient, "\(parameter.name) received no gradient").array
            let norm = gradient.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
            if norm < 1e-4 {
                unused.append(parameter.name)
                continue
            }
            let measured = slope(
                [(parameter.values, gradient.map { $0 / Float(norm) })],
                step: parameter.name.hasSuffix("frequencies") ? frequencyStep : 0.02)
            #expect(abs(measured - norm) <= 5e-3 * norm + 2e-3, "\(parameter.name): \(measured), gradient \(norm)")

            var random = NormalSource(seed: 33, name: parameter.name)
            let size: Float = parameter.name.hasSuffix("frequencies") ? 0.005 : 0.05
            let direction = gradient.map { _ in size * random.next() }
            all.append((parameter.values, direction))
            along += zip(gradient, direction).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        }
        let measured = slope(all)
        #expect(abs(measured - along) <= 1e-2 * abs(along) + 1e-2, "all parameters: \(measured), gradient \(along)")
        let powerless = preset == .attention ? "key.bias" : "atoms.phase"
        #expect(unused == tiny.store.parameters.map(\.name).filter { $0.hasSuffix(powerless) })
    }
}
