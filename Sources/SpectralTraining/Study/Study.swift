// Runs that differ in one thing each, over several seeds: what an ablation, or a table of separately trained K, is made of.

import Foundation
import SpectralFormats
import SpectralModel

/// What `sdict eval study` reads.
public struct Study: Sendable {
    /// One way to train, and what a table calls it.
    public struct Variant: Sendable {
        public let name: String
        public var config: TrainingConfig
        /// Vision atoms it is measured at, the most first.
        public let ks: [Int]
    }

    public let name: String
    public let variants: [Variant]
    public let seeds: [UInt64]
    /// Held-out scenes, or captioned images, that each run is measured on.
    public let images: Int

    private struct File: Decodable {
        struct Variant: Decodable {
            let name: String
            let k: [Int]?
        }

        let name: String
        let seeds: [UInt64]
        let images: Int
        let variants: [Variant]
    }

    /// Reads a study: {name, seeds, images, config, variants [{name, k, and any keys of a config}]}. A variant's keys go over
    /// the config's, those of `model` one by one; `k` lists the vision atoms it is measured at besides its own.
    ///
    /// - Throws: `TrainingError.config`.
    public init(path: String) throws {
        func wrong(_ problem: String) -> TrainingError { .config(path: path, problem: problem) }
        let data: Data
        do { data = try Data(contentsOf: URL(fileURLWithPath: path)) } catch { throw wrong(TrainingConfig.unreadable(path)) }
        let file: File
        do { file = try JSONDecoder().decode(File.self, from: data) } catch {
            let (key, problem) = MessageText.decoding(error, of: data, as: File.self)
            throw wrong((key.isEmpty ? "" : "at \(key): ") + problem)
        }
        let object = try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
        guard let base = object["config"] as? [String: Any], let listed = object["variants"] as? [[String: Any]] else {
            throw wrong("config should be a training config, and variants a list of changes to it")
        }
        if let key = object.keys.sorted().first(where: { !["name", "seeds", "images", "config", "variants"].contains($0) }) {
            throw wrong("no setting is called \(MessageText.printable(key, limit: 100))")
        }
        guard !file.variants.isEmpty, !file.seeds.isEmpty, (1...1_000_000).contains(file.images) else {
            throw wrong("expected at least one variant, one seed and one image")
        }
        guard Set(file.variants.map(\.name)).count == file.variants.count else { throw wrong("two variants share a name") }
        name = file.name
        seeds = file.seeds
        images = file.images
        variants = try zip(file.variants, listed).map { variant, keys in
            let changes = keys.filter { !["name", "k"].contains($0.key) }
            let merged = try JSONSerialization.data(withJSONObject: Self.merged(base, changes))
            let config = try TrainingConfig(json: merged, path: "\(path), variant \(variant.name)")
            let own = config.model.visionAtoms
            if let k = variant.k?.first(where: { !(1...own).contains($0) }) {
                throw wrong("variant \(variant.name): k should be 1 to \(own), found \(k)")
            }
            return Variant(name: variant.name, config: config, ks: Set([own] + (variant.k ?? [])).sorted(by: >))
        }
    }

    private static func merged(_ base: [String: Any], _ changes: [String: Any]) -> [String: Any] {
        base.merging(changes) { old, new in
            guard let old = old as? [String: Any], let new = new as? [String: Any] else { return new }
            return merged(old, new)
        }
    }
}

/// What a run of a study came to.
public struct StudyRun: Codable, Sendable, Equatable {
    public var steps: Int
    /// What it was measured on, in words: figures of other data are made anew.
    public var measuredOn: String
    /// Of captions and answers together, mean over the last log line's steps.
    public var loss: Double
    /// One for each K.
    public var figures: [ModelFigures]

    static let fileName = "figures.json"
}

extension Study {
    /// Trains one variant with one seed, or goes on with it, then measures it; a run already measured is only read.
    ///
    /// - Parameters:
    ///   - folder: of this run alone.
    ///   - data: what it is measured on.
    /// - Returns: `nil` when it was told to stop.
    public static func run(
        _ variant: Variant, seed: UInt64, folder: URL, data: FiguresData, progress: (TrainingLogLine) -> Void,
        shouldStop: () -> Bool
    ) throws -> StudyRun? {
        let measured = folder.appendingPathComponent(StudyRun.fileName)
        var config = variant.config
        config.seed = seed
        let training = try TrainingRun(config: config, folder: folder)
        let isDone = training.stepsDone >= training.totalSteps
        if isDone, let found = try? JSONDecoder().decode(StudyRun.self, from: Data(contentsOf: measured)),
            found.figures.map(\.k) == variant.ks, found.measuredOn == data.note
        {
            return found
        }
        try training.train(progress: progress, shouldStop: shouldStop)
        guard training.stepsDone >= training.totalSteps else { return nil }
        let checkpoint = folder.appendingPathComponent("checkpoint").path
        try training.exportCheckpoint(to: checkpoint)
        let model = try LoadedModel(path: checkpoint), last = try training.lastLogLine()
        let run = StudyRun(
            steps: training.totalSteps, measuredOn: data.note, loss: Double(last?.caption ?? 0) + Double(last?.answer ?? 0),
            figures: variant.ks.map { model.figures(data, k: $0) })
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try AtomicFile.write(path: measured.path, encoder.encode(run) + Data("\n".utf8))
        return run
    }
}

extension TrainingRun {
    /// The last whole line of the run's log; `nil` before the first.
    func lastLogLine() throws -> TrainingLogLine? {
        let log = try Data(contentsOf: folder.appendingPathComponent("log.jsonl")), decoder = JSONDecoder()
        return log.split(separator: UInt8(ascii: "\n")).reversed().lazy.compactMap { try? decoder.decode(TrainingLogLine.self, from: $0) }
            .first
    }
}
