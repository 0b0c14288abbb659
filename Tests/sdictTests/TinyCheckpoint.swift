import Foundation
import SpectralFormats
import SpectralKernels
import SpectralModel

/// A folder of its own that is gone when the test is.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("sdict-tests-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }

    @discardableResult
    func write(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
        return file(name)
    }

    /// A PNG of a scene, stretched to the size given.
    @discardableResult
    func scene(_ name: String, index: Int = 0, width: Int = 64, height: Int = 64) throws -> String {
        let image = Scene.draw(split: .dev, seed: 5, index: index).render().image
        return try write(name, ImageFile.encodePNG(image.resized(width: width, height: height)))
    }
}

/// A checkpoint that was never trained: its answers mean nothing, but everything about them can be checked.
enum TinyCheckpoint {
    static let visionAtoms = 6

    static let tokenizer = try! Tokenizer.train(
        texts: SceneVocabulary.sampleTexts(scenes: 150), vocabularySize: 512, normalization: [.lowercase])

    @discardableResult
    /// - Parameters:
    ///   - perceptronScale: multiplies the weights of every perceptron's two maps.
    ///   - jobs: what it counts as trained for.
    static func write(
        to path: String, seed: UInt64 = 1, preset: ModelConfig.Preset = .gated, perceptronScale: Float = 1,
        jobs: [ModelConfig.Job]? = nil
    ) throws -> String {
        let config = ModelConfig(
            preset: preset, width: 16, visionLayers: 1, textLayers: 1, fusionLayers: 1, visionAtoms: visionAtoms,
            textAtoms: 4, imageSize: 64, patchSize: 16, vocabularySize: tokenizer.vocabularySize,
            answers: SceneVocabulary.answers.count, maxSuffix: 12, maxPrompt: 12, mlpRatio: 2, headWidth: 8,
            jobs: jobs)
        let store = ParameterStore(seed: seed)
        _ = VisionLanguageModel(config: config, store: store, trainable: false)
        try CheckpointFolder.write(
            path: path, config: config, tokenizer: tokenizer, answers: SceneVocabulary.answers,
            tensors: store.parameters.map { parameter in
                let isScaled = parameter.name.hasSuffix("up.weight") || parameter.name.hasSuffix("down.weight")
                let values = parameter.values.array.map { isScaled ? $0 * perceptronScale : $0 }
                return (parameter.name, [parameter.rows, parameter.columns], .f32, values)
            })
        return path
    }
}
