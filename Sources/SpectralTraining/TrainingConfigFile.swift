// A config from a file: every key of it must mean something.

import Foundation
import SpectralFormats

extension TrainingConfig {
    /// Reads a config.
    ///
    /// - Throws: `TrainingError.config` for what cannot be read, is not JSON, or has a key that means nothing here: a
    ///   mistyped key would otherwise leave a run of hours at a default.
    public init(path: String) throws {
        let data: Data
        do { data = try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
            throw TrainingError.config(path: path, problem: TrainingConfig.unreadable(path))
        }
        try self.init(json: data, path: path)
    }

    /// Why a file could not be read, as far as can be told.
    static func unreadable(_ path: String) -> String {
        FileManager.default.fileExists(atPath: path) ? "the file cannot be read" : "there is no such file"
    }

    /// Reads the bytes of a config; `path` is for messages only.
    ///
    /// - Throws: `TrainingError.config` likewise.
    init(json data: Data, path: String) throws {
        do { self = try JSONDecoder().decode(TrainingConfig.self, from: data) } catch {
            let (key, problem) = MessageText.decoding(error, of: data, as: TrainingConfig.self)
            throw TrainingError.config(path: path, problem: (key.isEmpty ? "" : "at \(key): ") + problem)
        }
        if let key = try Self.unknownKey(in: data) {
            throw TrainingError.config(path: path, problem: "no setting is called \(MessageText.printable(key, limit: 100))")
        }
    }

    /// The first key of a config, by its dotted path, that a config with everything set does not have.
    private static func unknownKey(in data: Data) throws -> String? {
        var full = TrainingConfig(), stage = TrainingStage()
        (stage.kindWeights, stage.background, stage.referents, stage.shiftsText) = ([:], 0, 0, true)
        (stage.dropout, stage.reward, stage.augmentation, stage.wordNoise) = (0, CaptionRewards(), Augmentation(), 0)
        full.stages = [stage]
        full.data = TrainingData(kind: .captions)
        (full.model.jobs, full.model.omits) = (ModelConfig.Job.allCases, ModelConfig.FusionPart.allCases)
        (full.model.salienceGroups, full.model.steering) = (1, 1)
        let known = try JSONSerialization.jsonObject(with: JSONEncoder().encode(full))
        return try UnknownKeys.paths(in: JSONSerialization.jsonObject(with: data), known: known).first
    }
}
