// Does what the workbench wants done, off the thread that owns the state, and reports back as actions.

import Foundation
import SpectralEngine
import SpectralFormats
import SpectralLens
import SpectralModel
import Synchronization

/// Runs effects. Every effect sends its last action before it counts as ended.
public final class Runner: Sendable {
    enum Job: Hashable {
        case answer(Int), measure(Int), view, detail, lens, replay
        case compare, openColumn, searchColumns
        case usage, coherence
        case load, listImages, openImages, readImage, completePath, listAtoms, save
        case listSessions, openSession, recordSession, recordTurn, annotate
    }
    private struct Table {
        var tasks: [Job: (number: Int, task: Task<Void, Never>)] = [:]
        var started = 0
        var active = 0
        var engine: Engine?
        var traces: [(turn: Int, trace: AnswerTrace)] = []
    }
    /// Traces hold every tapped matrix of an answer, a few megabytes each.
    private static let keptTraces = 6
    /// Files whose first bytes are looked at when a folder is listed.
    private static let mostGlances = 2000

    private let options: WorkbenchOptions
    let mailbox: Mailbox
    let columnEngines = ColumnEngines()
    let lensMemory = LensMemory()
    let recorder = SessionRecorder()
    let usageCache: UsageCache
    private let table = Mutex(Table())

    public init(options: WorkbenchOptions, mailbox: Mailbox) {
        self.options = options
        self.mailbox = mailbox
        usageCache = UsageCache(folder: options.cacheFolder, warn: Self.log)
    }

    /// Whether nothing runs; what has run has then posted all its actions.
    public var isIdle: Bool { table.withLock { $0.active == 0 } }

    public func run(_ effect: Effect) {
        switch effect {
        case .loadCheckpoint: start(.load) { await $0.load() }
        case .listImages: start(.listImages) { $0.list() }
        case .readImage(let path):
            start(.readImage) { $0.mailbox.post(.imageRead(path: path, ImageCatalogue.read(path))) }
        case .openImages(let sources, let known): start(.openImages) { $0.open(images: sources, known: known) }
        case .completePath(let query): start(.completePath) { $0.complete(query) }
        case .answer(let id, let request): start(.answer(id)) { await $0.answer(id, request) }
        case .measure(let id, let request): start(.measure(id)) { await $0.measure(id, request) }
        case .viewAtom(let view, let request): start(.view) { await $0.view(view, request) }
        case .listAtoms: start(.listAtoms) { await $0.listAtoms() }
        case .detailAtom(let request): start(.detail) { await $0.detail(request) }
        case .measureUsage(let number, let paths, let k): start(.usage) { await $0.measureUsage(number, paths, k: k) }
        case .stopUsage: cancel([.usage])
        case .findCoherence(let stack): start(.coherence) { await $0.coherence(of: stack) }
        case .compare(let order): run(compare: order)
        case .lens(let id, let job): start(.lens) { await $0.lens(id, job) }
        case .stopLens: table.withLock { $0.tasks[.lens]?.task.cancel() }
        case .listSessions: start(.listSessions) { $0.listSessions() }
        case .openSession(let path): start(.openSession) { $0.open(session: PathCompletion.expanded(path)) }
        case .recordSession(let path): start(.recordSession) { $0.record(to: PathCompletion.expanded(path)) }
        case .recordTurn(let turn): start(.recordTurn) { await $0.record(turn) }
        case .annotate(let text, let about): start(.annotate) { $0.annotate(text, about: about) }
        case .replaySession(let session, let number): start(.replay) { await $0.replay(session, number: number) }
        case .cancelReplay: table.withLock { $0.tasks[.replay]?.task.cancel() }
        case .save(let request): start(.save) { await $0.save(request) }
        case .cancel(let id):
            table.withLock { table in
                for job in [Job.answer(id), .measure(id)] { table.tasks[job]?.task.cancel() }
            }
        case .redraw: break
        }
    }

    /// Stops everything.
    public func cancelAll() { table.withLock { for entry in $0.tasks.values { entry.task.cancel() } } }

    func cancel(_ jobs: [Job]) { table.withLock { table in for job in jobs { table.tasks[job]?.task.cancel() } } }

    func start(_ job: Job, _ body: @escaping @Sendable (Runner) async -> Void) {
        table.withLock { table in
            table.started += 1
            table.active += 1
            let number = table.started
            // Only the last look at an atom or at edits is wanted.
            if job == .view || job == .detail || job == .lens { table.tasks[job]?.task.cancel() }
            let task = Task {
                await body(self)
                self.end(job, number)
            }
            table.tasks[job] = (number, task)
        }
    }

    private func end(_ job: Job, _ number: Int) {
        table.withLock { table in
            if table.tasks[job]?.number == number { table.tasks[job] = nil }
            table.active -= 1
        }
        mailbox.ring()
    }

    // MARK: Files

    private func load() async {
        do {
            let path = try Bundled.checkpointPath(options.checkpoint)
            let engine = try await Engine(checkpoint: path)
            table.withLock { $0.engine = engine }
            let info = engine.info
            let name = info.path.split(separator: "/").last.map(String.init) ?? info.path
            mailbox.post(
                .checkpointLoaded(
                    CheckpointFacts(
                        name: name, preset: info.config.preset.rawValue, visionAtoms: info.config.visionAtoms,
                        hasAtoms: info.config.preset != .attention,
                        tasks: AskTask.allCases.filter { task in
                            ModelConfig.Job(task.token).map(info.config.does) ?? false
                        }, warnings: info.warnings)))
        } catch { mailbox.post(.checkpointFailed("\(error)")) }
    }

    private func list() {
        let (paths, problem) = ImageCatalogue.list(options.images)
        mailbox.post(.imagesListed(paths, problem: problem))
        glance(at: paths)
    }

    func glance(at paths: [String]) {
        for path in paths.prefix(Self.mostGlances) {
            if let problem = ImageCatalogue.problem(with: path) { mailbox.post(.imageRead(path: path, .broken(problem))) }
        }
    }

    // MARK: The engine

    var engine: Engine? { table.withLock { $0.engine } }

    private func answer(_ id: Int, _ request: TurnRequest) async {
        guard let engine else { return mailbox.post(.engine(turn: id, .failed("there is no checkpoint"))) }
        do {
            let image = try ImageFile.load(request.imagePath)
            let job: EngineRequest.Job = switch request.task {
            case .ask: .ask(question: request.prompt)
            case .caption: .caption(.greedy)
            case .ground: .ground(phrase: request.prompt)
            }
            for await event in engine.run(EngineRequest(job, image: image, k: request.k)) {
                mailbox.post(.engine(turn: id, event))
            }
        } catch {
            mailbox.post(.engine(turn: id, .failed(problem(error, about: request.imagePath))))
        }
    }

    private func measure(_ id: Int, _ request: TurnRequest) async {
        guard let engine else { return mailbox.post(.measurementEnded(turn: id, isComplete: false)) }
        do {
            let image = try ImageFile.load(request.imagePath)
            let (output, trace) = try await look(engine, image, request)
            keep(trace, turn: id)
            var measured = MeasuredAtoms(trace: trace)
            mailbox.post(.measured(turn: id, MeasurementPart(measured.measurement)))
            for stack in MeasuredAtoms.order {
                // A stack at a time, so that a look at an atom gets its turn in between.
                let attribution = try await engine.withSeen(image, k: request.k) { model, seen in
                    let probe = try AnswerProbe(model, seen, task: request.task.token, prompt: request.prompt)
                    return probe.attribution(of: output, stack: stack) { Task.isCancelled }
                }
                guard attribution.isComplete else {
                    return mailbox.post(.measurementEnded(turn: id, isComplete: false))
                }
                measured.add(attribution, of: stack)
                mailbox.post(.measured(turn: id, MeasurementPart(measured.measurement)))
            }
            mailbox.post(.measurementEnded(turn: id, isComplete: true))
        } catch { mailbox.post(.measurementFailed(turn: id, problem(error, about: request.imagePath))) }
    }

    /// The error in one line; an image that has gone or changed since it was listed is marked in the list as well.
    private func problem(_ error: any Error, about path: String) -> String {
        let line = ImageCatalogue.line(error, about: path)
        if error is ImageError { mailbox.post(.imageRead(path: path, .broken(line))) }
        return line
    }

    private func look(
        _ engine: Engine, _ image: PixelImage, _ request: TurnRequest
    ) async throws -> (output: ChosenOutput, trace: AnswerTrace) {
        try await engine.withSeen(image, k: request.k) { model, seen in
            let probe = try AnswerProbe(model, seen, task: request.task.token, prompt: request.prompt)
            let output = probe.choose()
            return (output, probe.trace(output))
        }
    }

    private func keep(_ trace: AnswerTrace, turn: Int) {
        table.withLock { table in
            table.traces.removeAll { $0.turn == turn }
            table.traces.append((turn, trace))
            if table.traces.count > Self.keptTraces { table.traces.removeFirst() }
        }
    }

    private func view(_ view: AtomViewRequest, _ request: TurnRequest) async {
        guard let engine, !Task.isCancelled else { return }
        do {
            let known = table.withLock { $0.traces.first { $0.turn == view.turn }?.trace }
            let trace: AnswerTrace
            if let known {
                trace = known
            } else {
                trace = try await look(engine, ImageFile.load(request.imagePath), request).trace
                keep(trace, turn: view.turn)
            }
            guard !Task.isCancelled else { return }
            let (stack, atom) = (view.address.stack, view.address.atom)
            let detail = try await engine.withModel { try $0.detail(of: stack, atom: atom) }
            guard !Task.isCancelled else { return }
            mailbox.post(.atomViewed(AtomView(view, detail: detail, trace: trace)))
        } catch { mailbox.post(.atomViewFailed(view, problem(error, about: request.imagePath))) }
    }
}

extension Runner {
    private func listAtoms() async {
        guard let engine else { return mailbox.post(.atomsFailed("there is no checkpoint")) }
        let records = await engine.withModel { model in AtomStack.allCases.flatMap { model.atomTable($0)?.records ?? [] } }
        mailbox.post(.atomsListed(records))
    }

    private func detail(_ request: AtomMapsRequest) async {
        guard let engine, !Task.isCancelled else { return }
        do {
            let detail = try await engine.withModel {
                try $0.detail(of: request.address.stack, atom: request.address.atom, layer: request.layer)
            }
            mailbox.post(.atomDetailed(AtomMaps(request, detail: detail, config: engine.info.config)))
        } catch { mailbox.post(.atomDetailFailed(request, "\(error)")) }
    }
}

extension AskTask {
    /// The token that tells the model what is wanted.
    var token: SpecialToken {
        switch self {
        case .ask: .vqa
        case .caption: .caption
        case .ground: .ground
        }
    }
}
