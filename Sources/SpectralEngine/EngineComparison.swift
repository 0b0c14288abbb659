// An engine as columns of a comparison.

import SpectralLens
import SpectralModel

extension Engine {
    /// Columns of this engine's checkpoint, one for each K, to be asked alone or beside those of other engines.
    /// Asked, they throw `EngineError.notANumber` where weights overflow, and `CancellationError`.
    ///
    /// - Parameters:
    ///   - checkpoint: what to call it.
    ///   - ks: vision atoms of each column; `nil` for one with all of them.
    /// - Throws: `EngineError.kOutOfRange`; `SafetensorsError` if the weights changed since they were loaded.
    public func comparisonSources(checkpoint: String, ks: [Int]? = nil) throws -> [ComparisonSource] {
        let limit = info.config.visionAtoms, ks = ks ?? [limit]
        for k in ks where !(1...limit).contains(k) { throw EngineError.kOutOfRange(found: k, limit: limit) }
        let hash = try contentHash()
        return ks.map { k in
            let column = withModel { $0.comparisonColumn(checkpoint: checkpoint, hash: hash, k: k) }
            return ComparisonSource(column) { [self] image, requests in
                let outputs: [ColumnOutput]
                do { outputs = try await withModel { try $0.outputs(image, k: k, requests: requests) } } catch var refusal as UntrainedJob {
                    refusal.checkpoint = checkpoint
                    throw refusal
                }
                guard outputs.allSatisfy(\.isFinite) else { throw EngineError.notANumber(checkpoint: info.path) }
                return outputs
            }
        }
    }
}

extension ColumnOutput {
    /// False where the weights overflowed on the way.
    fileprivate var isFinite: Bool {
        let made: [EngineResult.Output?] = [caption.map { .caption($0) }, answer.map { .answer($0) }, box.map { .box($0) }]
        return made.allSatisfy { $0?.isFinite ?? true } && (reconstructionError ?? 0).isFinite
    }
}
