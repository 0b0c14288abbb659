// The use of a checkpoint's atoms over many images: one image is one unit of the engine's work, so that a question asked
// meanwhile waits for no more than one of them.

import Foundation
import SpectralFormats
import SpectralLens
import SpectralModel

/// How far a survey has come.
public struct UsageProgress: Sendable {
    /// Images looked at, this one included.
    public let done: Int
    public let total: Int
    /// Of those looked at, images that do not count.
    public let unreadable: Int
    public let path: String
    /// Why the image does not count, one line; `nil` for one that does.
    public let problem: String?
    /// What is known so far; now and then, and not with every image.
    public let usage: FolderUsage?
}

/// Measures images, or remembers what was measured.
public struct UsageSurvey: Sendable {
    private let engine: Engine
    private let cache: UsageCache
    private let k: Int
    /// New images after which the cache is written, so that little is lost when the program is stopped.
    private static let savedEvery = 64

    /// - Parameter k: vision atoms, 1 to the checkpoint's own; `nil` for all of them.
    public init(_ engine: Engine, cache: UsageCache, k: Int? = nil) {
        self.engine = engine
        self.cache = cache
        self.k = k ?? engine.info.config.visionAtoms
    }

    /// Measures images in order. Cancelled, it ends after the image it is at, with what it has.
    ///
    /// - Parameter progress: told of every image after it was looked at; images that cannot be read are passed over.
    /// - Throws: `LensError.noAtoms` for the attention twin; `SafetensorsError` if the weights changed since they were
    ///   loaded; `EngineError.notANumber` where they overflow.
    public func run(_ paths: [String], progress: @Sendable (UsageProgress) -> Void = { _ in }) async throws -> FolderUsage {
        let k = k, hash = try await engine.contentHash()
        let (kept, records) = try await engine.withModel { model in
            let stacks: [AtomStack] = [.vision, .fusion], tables = stacks.compactMap { model.atomTable($0) }
            guard tables.count == stacks.count else { throw LensError.noAtoms(operation: "measuring the use of atoms") }
            return (
                Dictionary(uniqueKeysWithValues: stacks.map { ($0, model.model.keptAtoms(of: $0, k: k)) }),
                tables.flatMap(\.records)
            )
        }
        let shape = UsageShape(
            vision: kept[.vision]?.count ?? 0, fusion: kept[.fusion]?.count ?? 0, fusionLayers: engine.info.config.fusionLayers)
        var measured: [(path: String, usage: ImageUsage)] = [], fresh = 0
        func usage() -> FolderUsage { FolderUsage(measured, k: k, kept: kept, records: records) }
        defer { cache.save(checkpoint: hash) }
        for (place, path) in paths.enumerated() {
            if Task.isCancelled { break }
            var problem: String?
            // Before the image is read: if it changes meanwhile, what is kept belongs to no file any more.
            let key = UsageCache.Key(path, k: k)
            if let key, let known = cache.usage(key, checkpoint: hash, shape: shape) {
                measured.append((path, known))
            } else {
                do {
                    let image = try ImageFile.load(path), made = try await measure(image)
                    measured.append((path, made))
                    if let key { cache.keep(made, key, checkpoint: hash) }
                    fresh += 1
                    if fresh % Self.savedEvery == 0 { cache.save(checkpoint: hash) }
                } catch let error as ImageError { problem = "\(error)" }
            }
            let n = measured.count
            let isDue = problem == nil && n < paths.count && (n.nonzeroBitCount == 1 || n % Self.savedEvery == 0)
            progress(
                UsageProgress(
                    done: place + 1, total: paths.count, unreadable: place + 1 - n, path: path, problem: problem,
                    usage: isDue ? usage() : nil))
        }
        return usage()
    }

    private func measure(_ image: PixelImage) async throws -> ImageUsage {
        let k = k, name = engine.info.path
        return try await engine.withModel { model in
            guard let made = try model.usage(of: image, k: k) else { throw EngineError.notANumber(checkpoint: name) }
            return made
        }
    }
}
