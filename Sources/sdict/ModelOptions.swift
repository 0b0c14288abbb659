import ArgumentParser
import Foundation
import SpectralEngine
import SpectralFormats
import SpectralModel

/// What every command that runs a model takes.
struct ModelOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Checkpoint folder, or the name of a bundled one.", valueName: "dir"))
    var checkpoint = Bundled.defaultCheckpoint

    @Option(help: "Vision atoms to use, 1 to the checkpoint's own (default: all).")
    var k: Int?

    @Flag(help: "Print JSON, one object to a line, instead of text.")
    var json = false

    @Option(help: "Seed of whatever is drawn at random; without sampling nothing is.")
    var seed: UInt64 = 0

    @Option(help: "Analysis and synthesis on image grids: dense, fourier, or automatic (whichever is measured faster).")
    var transform = Transform.automatic

    /// Loads the checkpoint and prints what is odd about it.
    ///
    /// - Throws: `WrongUse` for a `--k` that the checkpoint does not have.
    func engine() async throws -> Engine {
        let engine = try await Engine(checkpoint: Bundled.checkpointPath(checkpoint), transform: transform)
        for warning in engine.info.warnings { Output.warning(warning) }
        let limit = engine.info.config.visionAtoms
        if let k, !(1...limit).contains(k) {
            throw WrongUse(description: "--k is out of range: expected 1 to \(limit), the atoms of this checkpoint, found \(k)")
        }
        return engine
    }
}

extension Engine {
    /// Reads an image and runs a job on it, with warnings to standard error unless they go into JSON.
    func run(_ job: EngineRequest.Job, imagePath: String, options: ModelOptions) throws -> EngineResult {
        let image = try ImageFile.load(imagePath)
        let result: EngineResult
        do { result = try self.result(of: EngineRequest(job, image: image, k: options.k)) } catch let error as EngineError {
            // The only errors of a request are numbers that were given on the command line.
            throw WrongUse(description: error.description)
        }
        if !options.json {
            for warning in result.warnings { Output.warning("\(imagePath.printable): \(warning)") }
        }
        return result
    }
}

extension Transform: ExpressibleByArgument {}
