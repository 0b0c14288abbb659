// Lens jobs on the engine: one run of the model at a time, so that a question asked meanwhile is answered in between.
// What has been run once is kept and not run again.

import SpectralEngine
import SpectralFormats
import SpectralLens
import SpectralModel
import Synchronization

/// What was read of the answers looked into last.
final class LensMemory: Sendable {
    enum Condition: Hashable, Sendable {
        case edits(AtomEdits)
        case image(ImageAlteration)
    }

    /// Equal for equal questions about equal images; others share one once in 2^64.
    struct Subject: Hashable, Sendable {
        private let request: TurnRequest
        private let width: Int
        private let height: Int
        private let digest: Int

        init(_ request: TurnRequest, _ image: PixelImage) {
            var hasher = Hasher()
            image.pixels.withUnsafeBytes { hasher.combine(bytes: $0) }
            (self.request, width, height, digest) = (request, image.width, image.height, hasher.finalize())
        }
    }

    struct Entry: Sendable {
        let subject: Subject
        var baseline: LensBaseline?
        var energies: AtomEnergies?
        var readings: [Condition: OutputReading] = [:]
    }

    private static let keptSubjects = 4
    /// Of one subject; a reading of a question holds every answer's probability.
    private static let keptReadings = 2048

    private let entries = Mutex<[Entry]>([])

    func recall<Value: Sendable>(_ subject: Subject, _ value: (Entry) -> Value?) -> Value? {
        entries.withLock { $0.first { $0.subject == subject }.flatMap(value) }
    }

    func change(_ subject: Subject, _ change: (inout Entry) -> Void) {
        entries.withLock { entries in
            let place = entries.firstIndex { $0.subject == subject }
            var entry = place.map { entries.remove(at: $0) } ?? Entry(subject: subject)
            change(&entry)
            if entry.readings.count > Self.keptReadings { entry.readings = [:] }
            entries.append(entry)
            if entries.count > Self.keptSubjects { entries.removeFirst() }
        }
    }
}

extension Runner {
    func lens(_ id: Int, _ job: LensJob) async {
        let mailbox = mailbox
        guard let engine else { return mailbox.post(.lens(id, .failed("there is no checkpoint"))) }
        do {
            let image = try ImageFile.load(job.request.imagePath)
            try await LensRun(engine, lensMemory, job, image).perform { mailbox.post(.lens(id, $0)) }
            mailbox.post(.lens(id, .ended))
        } catch is CancellationError {
            // The state has turned to something else already.
        } catch { mailbox.post(.lens(id, .failed(ImageCatalogue.line(error, about: job.request.imagePath)))) }
    }
}

private struct LensRun: Sendable {
    private let engine: Engine
    private let memory: LensMemory
    private let job: LensJob
    private let image: PixelImage
    private let subject: LensMemory.Subject

    init(_ engine: Engine, _ memory: LensMemory, _ job: LensJob, _ image: PixelImage) {
        (self.engine, self.memory, self.job, self.image) = (engine, memory, job, image)
        subject = LensMemory.Subject(job.request, image)
    }

    func perform(_ post: @Sendable (LensNews) -> Void) async throws {
        let k = job.request.k ?? engine.info.config.visionAtoms, edits = job.edits
        // Before anything runs: it is here that edits turn out to mean nothing.
        let plan = edits.isEmpty
            ? nil : try await engine.withModel { try EditPlan(edits, population: AtomPopulation($0, k: k)) }
        let first = try await baseline()
        post(.baseline(first.reading, unit: first.unit))
        if let plan {
            let energies = try await self.energies(first), edited = try await reading(.edits(plan.edits), first)
            post(.edited(edited, plan.parts.map { LensPart(part: $0, energyShare: energies.share($0)) }))
        }
        if job.blank {
            let now = try await reading(.image(.blank), first)
            post(.image(LensImageTest(name: "grey image", isShuffle: false, reading: now)))
        }
        for i in 0..<job.shuffles {
            let seed = LensJob.seed &+ UInt64(i), now = try await reading(.image(.shuffled(seed: seed)), first)
            post(.image(LensImageTest(name: "shuffle \(seed)", isShuffle: true, reading: now)))
        }
        if let plan, job.controls > 0 { try await control(plan, first, post) }
    }

    private func control(_ plan: EditPlan, _ first: LensBaseline, _ post: @Sendable (LensNews) -> Void) async throws {
        if let problem = plan.controlsProblem { return post(.noMoreControls(problem.description)) }
        let source = try RandomControls(plan, energies: await energies(first))
        // Asking for more gives the same ones first. Drawing many takes a while, during which no stop would be heeded.
        var done = 0, wanted = min(8, job.controls)
        while true {
            let sets = source.draw(wanted, seed: LensJob.seed)
            for set in sets.dropFirst(done) {
                post(.control(LensControl(set, try await reading(.edits(set.plan.edits), first))))
            }
            done = sets.count
            if done < wanted { return post(.noMoreControls("no more than \(done) such sets exist")) }
            if done >= job.controls { return }
            wanted = min(job.controls, 2 * wanted)
        }
    }

    // MARK: One run each

    private func baseline() async throws -> LensBaseline {
        if let known = memory.recall(subject, \.baseline) { return known }
        let made = try await once { $0.baseline() }
        memory.change(subject) { $0.baseline = made }
        return made
    }

    private func energies(_ first: LensBaseline) async throws -> AtomEnergies {
        if let known = memory.recall(subject, \.energies) { return known }
        let made = try await once { AtomEnergies($0.trace(first.output)) }
        memory.change(subject) { $0.energies = made }
        return made
    }

    private func reading(_ condition: LensMemory.Condition, _ first: LensBaseline) async throws -> OutputReading {
        if let known = memory.recall(subject, { $0.readings[condition] }) { return known }
        let made = try await once { probe in
            switch condition {
            case .edits(let edits): probe.read(edits, against: first)
            case .image(let alteration): try probe.read(alteration, against: first)
            }
        }
        memory.change(subject) { $0.readings[condition] = made }
        return made
    }

    private func once<Value: Sendable>(_ body: @Sendable (AnswerProbe) throws -> Value) async throws -> Value {
        let request = job.request
        return try await engine.withSeen(image, k: request.k) { model, seen in
            // Asked here, not before: the engine may have been busy for long.
            try Task.checkCancellation()
            return try body(AnswerProbe(model, seen, task: request.task.token, prompt: request.prompt))
        }
    }
}

extension LensControl {
    init(_ set: ControlSet, _ reading: OutputReading) {
        self.init(
            seed: set.seed, atoms: set.plan.parts.map(\.atoms), energyRatios: set.energyRatios,
            isWithinTolerance: set.isWithinTolerance, change: reading.change, divergence: reading.divergence,
            isSame: reading.isSame)
    }
}
