import ArgumentParser
import Foundation
import SpectralEngine
import SpectralFormats
import SpectralModel

/// What every command that runs a model takes.
struct ModelOptions: ParsableArguments {
    @Option(
        name: .customLong("checkpoint"),
        help: ArgumentHelp(
            "Checkpoint folder, or the name of a bundled one (default: the config's, else \(Bundled.defaultCheckpoint)).",
            valueName: "dir"), completion: .directory)
    var namedCheckpoint: String?

    @Option(parsing: .unconditional, help: "Vision atoms to use, 1 to the checkpoint's own (default: all).")
    var k: Int?

    @Flag(help: "Print JSON, one object to a line, instead of text.")
    var json = false

    @Option(parsing: .unconditional, help: "Seed of whatever is drawn at random; without sampling nothing is.")
    var seed: UInt64 = 0

    @Option(help: "Analysis and synthesis on image grids: dense, fourier, or automatic (whichever is measured faster).")
    var transform = Transform.automatic

    @OptionGroup var config: ConfigOptions

    /// The command line's, else the config's.
    var checkpoint: String { namedCheckpoint ?? config.settings.checkpoint }

    /// Loads the checkpoint and prints what is odd about it.
    ///
    /// - Throws: `WrongUse` for a `--k` that the checkpoint does not have.
    func engine() async throws -> Engine {
        let engine = try await Engine(checkpoint: Bundled.checkpointPath(checkpoint), transform: transform)
        for warning in engine.info.warnings { Output.warning(warning) }
        try Self.check(k: k, of: engine.info.config)
        return engine
    }

    /// - Throws: `WrongUse` for a K that the checkpoint does not have.
    static func check(k: Int?, of config: ModelConfig) throws {
        if k != nil, config.preset == .attention {
            throw WrongUse(description: "--k: an attention model has no atoms; leave it out")
        }
        guard let k, !(1...config.visionAtoms).contains(k) else { return }
        throw WrongUse(description: "--\(EngineError.kOutOfRange(found: k, limit: config.visionAtoms))")
    }
}

extension Engine {
    /// Reads an image and runs a job on it, with warnings to standard error unless they go into JSON.
    func run(_ job: EngineRequest.Job, imagePath: String, options: ModelOptions) throws -> EngineResult {
        let image = try ImageFile.load(imagePath)
        let result: EngineResult
        do { result = try self.result(of: EngineRequest(job, image: image, k: options.k)) } catch let error as EngineError {
            // All others are about numbers that were given on the command line.
            if case .notANumber = error { throw error }
            throw WrongUse(description: error.description)
        }
        if !options.json {
            for warning in result.warnings { Output.warning("\(imagePath.printable): \(warning)") }
        }
        return result
    }
}

extension Transform: ExpressibleByArgument {}

extension CheckpointFolder {
    /// What to say before it is asked about scenes: nothing where it knows the answers.
    var sceneWarnings: [String] {
        let all = SceneVocabulary.answers, missing = Set(all).subtracting(answers).count
        guard config.does(.vqa), missing > 0 else { return [] }
        return ["the checkpoint lists \(all.count - missing) of the \(all.count) answers that scenes ask for; it cannot give the others"]
    }
}
