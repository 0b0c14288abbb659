// Runs a session again and says what differs from what it holds.
//
// Guarantees: text is compared exactly, probabilities and boxes within a stated tolerance; a checkpoint or image that
// is not the recorded one is a difference of its own; a run that cannot be made is reported and the others still are.

import Foundation
import SpectralEngine
import SpectralFormats
import SpectralModel

/// How a session is run again. What is nil stays as each run has it.
public struct ReplaySettings: Sendable {
    /// Folder or bundled name, for all runs.
    public var checkpoint: String?
    public var k: Int?
    public var seed: UInt64?
    /// Largest difference of a probability, and of a box's figure as a share of the image's side, that counts as none.
    /// Evaluating by Fourier transform or densely, and other processors, stay far below the usual one.
    public var tolerance = 1e-3
    public var transform = Transform.automatic

    public init() {}

    /// Whether an error is not a run's but that of a setting, and so of every run.
    func refuses(_ error: EngineError) -> Bool {
        switch error {
        case .kOutOfRange: k != nil
        case .unknownCheckpoint, .nothingBundled: checkpoint != nil
        case .setting, .notANumber: false
        }
    }
}

/// One thing that is not as recorded.
public struct ReplayDifference: Sendable, Hashable, Codable {
    public enum Kind: String, Sendable, Codable {
        case checkpoint, image, text, probability, box
        /// The run has no output to compare with.
        case unrecorded
        /// The run could not be made.
        case failed
    }

    public let kind: Kind
    public let recorded: String
    public let found: String

    /// `text: recorded "red", found "blue"`.
    public var description: String {
        switch kind {
        case .failed: "failed: \(found)"
        case .unrecorded: "not recorded yet: found \(found)"
        default: "\(kind.rawValue): recorded \(recorded), found \(found)"
        }
    }
}

/// A run made again.
public struct ReplayedRun: Sendable {
    public let run: SessionRun
    /// nil where it could not be made. Holds every answer of the checkpoint.
    public let found: SessionOutput?
    public let k: Int?
    public let differences: [ReplayDifference]
    /// Of a probability, or of a box's figure as a share of the image's side; nil where nothing could be compared.
    public let largestDeviation: Double?
}

public struct SessionReplay {
    private let session: Session
    private let settings: ReplaySettings
    private var engines: [String: (engine: Engine, hash: String)] = [:]

    public init(_ session: Session, settings: ReplaySettings = ReplaySettings()) {
        self.session = session
        self.settings = settings
    }

    /// Makes every run again, in order.
    ///
    /// - Parameter onRun: told of each as soon as it is done.
    /// - Throws: `CancellationError`, before the next run; `EngineError` for settings that no run could follow.
    public mutating func play(onRun: (ReplayedRun) -> Void = { _ in }) async throws -> [ReplayedRun] {
        var played: [ReplayedRun] = []
        for run in session.runs {
            try Task.checkCancellation()
            let result = try await play(run)
            onRun(result)
            played.append(result)
        }
        return played
    }

    private mutating func play(_ run: SessionRun) async throws -> ReplayedRun {
        do {
            let (performance, hashes) = try await prepare(run)
            let found = try await performance.output().output
            var (differences, deviation) = Self.compare(
                run.output, found, tolerance: settings.tolerance, width: performance.image.width, height: performance.image.height)
            func check(_ kind: ReplayDifference.Kind, _ recorded: String?, _ now: String) {
                guard let recorded, recorded != now else { return }
                differences.insert(ReplayDifference(kind: kind, recorded: recorded, found: now), at: 0)
            }
            check(.image, run.image.hash, hashes.image)
            check(.checkpoint, run.checkpoint.hash, hashes.checkpoint)
            return ReplayedRun(run: run, found: found, k: performance.k, differences: differences, largestDeviation: deviation)
        } catch let error as CancellationError {
            throw error
        } catch let error as EngineError where settings.refuses(error) {
            throw error
        } catch {
            return ReplayedRun(
                run: run, found: nil, k: nil, differences: [ReplayDifference(kind: .failed, recorded: "", found: "\(error)")],
                largestDeviation: nil)
        }
    }

    /// Makes every run and writes a session that holds what came of them; all else is carried over.
    ///
    /// - Parameters:
    ///   - path: of the new session, which may lie in another folder.
    ///   - atoms: how many leading fusion atoms to measure for each run, 0 for none.
    /// - Throws: what kept a run from being made; the runs before it are in the file.
    public mutating func record(to path: String, atoms: Int = 0, onRun: (SessionRun) -> Void = { _ in }) async throws {
        guard let header = session.header, let first = session.entries.first else { return }
        let file = try SessionFile.create(path, header: header, fields: first.fields)
        for entry in session.entries.dropFirst() {
            try Task.checkCancellation()
            guard case .run(var run) = entry.event else {
                try file.append(entry.event, fields: entry.fields)
                continue
            }
            let (performance, hashes) = try await prepare(run)
            let made = try await performance.output()
            run.output = made.output.trimmed()
            run.milliseconds = (made.milliseconds * 100).rounded() / 100
            run.at = Date.now.formatted(.iso8601)
            run.k = performance.k
            run.seed = performance.seed
            let imagePath = try run.image.imagePath(session: session.path, run: run.id)
            run.image = SessionReference(image: imagePath, session: path, hash: hashes.image)
            run.checkpoint = SessionReference(checkpoint: performance.engine.info.path, session: path, hash: hashes.checkpoint)
            run.atoms = atoms > 0 ? try await performance.atoms(atoms) : nil
            // Only what is written anew is forgotten; members that nobody here knows stay.
            let places: Set<String> = ["bundled", "path", "hash"]
            let kept = entry.fields.without(["output", "atoms"]).changing("image") { $0.without(places) }
                .changing("checkpoint") { $0.without(places) }
            try file.append(.run(run), fields: kept)
            onRun(run)
        }
    }

    private mutating func prepare(
        _ run: SessionRun
    ) async throws -> (performance: SessionPerformance, hashes: (image: String, checkpoint: String)) {
        let (engine, hash) = try await engine(
            settings.checkpoint ?? run.checkpoint.checkpointPath(session: session.path, run: run.id))
        let path = try run.image.imagePath(session: session.path, run: run.id)
        let image = try ImageFile.load(path)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        return (
            SessionPerformance(
                run: run, edit: run.edit.flatMap(session.edit), engine: engine, image: image,
                k: settings.k ?? run.k ?? engine.info.config.visionAtoms, seed: settings.seed ?? run.seed),
            (FNV1a(bytes).hex, hash)
        )
    }

    private mutating func engine(_ name: String) async throws -> (engine: Engine, hash: String) {
        let path = try Bundled.checkpointPath(name)
        if let known = engines[path] { return known }
        let engine = try await Engine(checkpoint: path, transform: settings.transform)
        let made = (engine, try await engine.contentHash())
        engines[path] = made
        return made
    }

    // MARK: Comparing

    /// - Returns: what differs, and the largest deviation of a number that both have.
    static func compare(
        _ recorded: SessionOutput?, _ found: SessionOutput, tolerance: Double, width: Int, height: Int
    ) -> (differences: [ReplayDifference], largestDeviation: Double?) {
        guard let recorded else {
            return ([ReplayDifference(kind: .unrecorded, recorded: "", found: quoted(found.text))], nil)
        }
        if let before = recorded.box, let now = found.box, before.count == 4, now.count == 4 {
            let sides = [width, height, width, height].map(Double.init)
            let deviation = (0..<4).map { abs(before[$0] - now[$0]) / sides[$0] }.max() ?? 0
            guard !(deviation <= tolerance) else { return ([], deviation) }
            return ([ReplayDifference(kind: .box, recorded: recorded.text, found: found.text)], deviation)
        }
        guard recorded.text == found.text else {
            func said(_ output: SessionOutput) -> String {
                guard let first = output.candidates?.first else { return quoted(output.text) }
                return "\(quoted(output.text)) (\(first.probability))"
            }
            return ([ReplayDifference(kind: .text, recorded: said(recorded), found: said(found))], nil)
        }
        var worst: (deviation: Double, recorded: SessionCandidate, found: Float?)?
        for (before, now) in pairs(recorded, found) {
            let deviation = now.map { Double(abs($0 - before.probability)) } ?? .infinity
            // Not `<`: what is no number must not pass for close.
            if worst.map({ !(deviation <= $0.deviation) }) ?? true { worst = (deviation, before, now) }
        }
        guard let worst else { return ([], nil) }
        guard !(worst.deviation <= tolerance) else { return ([], worst.deviation) }
        return (
            [
                ReplayDifference(
                    kind: .probability, recorded: "\(worst.recorded.probability) for \(quoted(worst.recorded.text))",
                    found: worst.found.map { "\($0)" } ?? "none")
            ], worst.deviation
        )
    }

    /// Recorded probabilities and those found in their places; nil where there is no such place any more.
    private static func pairs(_ recorded: SessionOutput, _ found: SessionOutput) -> [(SessionCandidate, Float?)] {
        if let before = recorded.tokens, let now = found.tokens {
            return before.indices.map {
                (before[$0], $0 < now.count && now[$0].text == before[$0].text ? now[$0].probability : nil)
            }
        }
        let now = Dictionary((found.candidates ?? []).map { ($0.text, $0.probability) }, uniquingKeysWith: { first, _ in first })
        return (recorded.candidates ?? []).map { ($0, now[$0.text]) }
    }

    private static func quoted(_ text: String) -> String { "\"\(text)\"" }
}
