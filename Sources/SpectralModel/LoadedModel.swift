// A checkpoint folder made into a model ready to answer.

import SpectralAtoms
import SpectralFormats
import SpectralKernels

/// A model with its tokenizer and answers. Not thread-safe: one owner calls it, one call at a time.
public final class LoadedModel {
    public let folder: CheckpointFolder
    public let model: VisionLanguageModel
    /// What is odd about the checkpoint but no error, one line each.
    public let warnings: [String]
    private let store: ParameterStore

    public var config: ModelConfig { folder.config }
    public var tokenizer: Tokenizer { folder.tokenizer }
    public var answers: [String] { folder.answers }
    public var parameterCount: Int { store.count }
    /// Every parameter by name, for inspection.
    public var parameters: [Parameter] { store.parameters }

    /// - Throws: `CheckpointError`, `TokenizerError`, `SafetensorsError` or `AtomError` for whatever does not fit.
    public init(path: String, transform: Transform = .automatic) throws {
        let folder = try CheckpointFolder(path: path), store = ParameterStore()
        // Before anything is allocated for a config that asks for more than the weights can hold.
        let least = folder.config.leastWeightBytes, found = folder.weights.byteCount
        guard found >= least else {
            throw CheckpointError.mismatch(
                path: folder.weights.path, expected: "at least \(least) bytes", found: "\(found)")
        }
        model = VisionLanguageModel(config: folder.config, store: store, trainable: false, transform: transform)
        let odd = try folder.requireTensors(store.parameters.map { ($0.name, [$0.rows, $0.columns]) })
        for parameter in store.parameters {
            try parameter.values.withMutableValues {
                try folder.weights.read(parameter.name, shape: [parameter.rows, parameter.columns], into: $0)
            }
        }
        try model.checkAtoms()
        self.folder = folder
        self.store = store
        warnings = folder.warnings + odd
        useOneThreadForProducts()
    }
}
