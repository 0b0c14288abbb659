// A random model small enough to compute by hand, written to a folder of its own and loaded as any checkpoint is.

import Foundation
import SpectralFormats
import SpectralModel

/// d 16, 2 + 1 + 2 layers, an 8 x 8 grid of 2 x 2 patches.
public final class TinyCheckpoint {
    public let path: String
    public let config: ModelConfig
    private let tokenizer: Tokenizer
    private var parameters: [(name: String, shape: [Int], values: [Float])]

    /// Frequencies lie on the grid exactly; amplitudes and phases are away from their start.
    /// - Parameter maxSuffix: the longest output, with its leading and closing tokens.
    /// - Parameter jobs: what it counts as trained for.
    public init(
        _ preset: ModelConfig.Preset = .gated, maxSuffix: Int = 6, jobs: [ModelConfig.Job]? = nil,
        suffixState: ModelConfig.SuffixState = .all, steering: Int? = nil
    ) throws {
        tokenizer = try Tokenizer.train(texts: ["what is it"], vocabularySize: 256 + SpecialToken.allCases.count)
        config = ModelConfig(
            preset: preset, width: 16, visionLayers: 2, textLayers: 1, fusionLayers: 2, visionAtoms: 7, textAtoms: 3,
            imageSize: 16, patchSize: 2, vocabularySize: tokenizer.vocabularySize, answers: 5, maxSuffix: maxSuffix, maxPrompt: 16,
            headWidth: 8, jobs: jobs, suffixState: suffixState, steering: steering)
        let store = ParameterStore(seed: 11)
        _ = VisionLanguageModel(config: config, store: store, trainable: false)
        parameters = store.parameters.map { parameter in
            var values = parameter.values.array
            if parameter.name.hasSuffix("log_amplitude") { values = values.indices.map { 0.1 * sin(Float($0)) } }
            if parameter.name.hasSuffix("atoms.phase") { values = values.indices.map { 0.7 * Float($0) - 2 } }
            return (parameter.name, [parameter.rows, parameter.columns], values)
        }
        path = FileManager.default.temporaryDirectory.appendingPathComponent("lens-\(UUID().uuidString)").path
        guard preset != .attention else { return }
        set("vision.frequencies", row: 0, [0, 0.25, 0, 0.25, 0.375, 0.5, 0.25])
        set("vision.frequencies", row: 1, [0, 0, 0.25, 0.25, -0.25, 0.125, 0.002])
        set("text.frequencies", row: 0, [0, 0.25, 0.46])
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Changes one parameter of the next `load`.
    public func change(_ name: String, _ body: (inout [Float], _ columns: Int) -> Void) {
        guard let i = parameters.firstIndex(where: { $0.name == name }) else { preconditionFailure("no parameter \(name)") }
        body(&parameters[i].values, parameters[i].shape[1])
    }

    public func set(_ name: String, row: Int, _ values: [Float]) {
        change(name) { $0.replaceSubrange(row * $1..<(row + 1) * $1, with: values) }
    }

    public func has(_ name: String) -> Bool { parameters.contains { $0.name == name } }

    public func load() throws -> LoadedModel {
        try CheckpointFolder.write(
            path: path, config: config, tokenizer: tokenizer, answers: (0..<5).map { "answer \($0)" },
            tensors: parameters.map { ($0.name, $0.shape, .f32, $0.values) })
        return try LoadedModel(path: path)
    }
}

extension LoadedModel {
    /// A parameter as double-precision rows.
    public func matrix(_ name: String) -> [[Double]] {
        guard let parameter = parameters.first(where: { $0.name == name }) else { preconditionFailure("no parameter \(name)") }
        let values = parameter.values.array.map(Double.init), columns = parameter.columns
        return (0..<parameter.rows).map { Array(values[$0 * columns..<($0 + 1) * columns]) }
    }
}

/// The same image in every run, busy enough to excite all atoms.
public func testImage(side: Int = 16) -> PixelImage {
    var state: UInt32 = 7
    let pixels = (0..<side * side * 3).map { _ -> UInt8 in
        state = state &* 1_664_525 &+ 1_013_904_223
        return UInt8(state >> 24)
    }
    return PixelImage(width: side, height: side, pixels: pixels)
}
