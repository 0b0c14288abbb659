// News as the runner would give it, made up and at once: what a state machine can be driven with thousands of times.

import TestSupport
@testable import SpectralEngine
import Foundation
import SpectralFormats
@testable import SpectralLens
@testable import SpectralModel
import SpectralScreen

@testable import SpectralWorkbench

/// Turns effects into the actions that follow from them, each effect's in order, different ones in any order.
struct FakeEngine {
    /// Actions that have not come yet, oldest first within each list.
    private var pending: [[Action]] = []
    private var random: Seeded
    private let mayFail: Bool
    private let session: Session?

    init(seed: UInt64, mayFail: Bool = true) {
        random = Seeded(state: seed)
        self.mayFail = mayFail
        session = try? SessionFile.read(Self.tour)
    }

    /// The shipped session that goes through everything.
    static let tour = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("sessions/tour.jsonl").path

    /// The next action of one of the effects under way; nil when nothing is.
    mutating func next() -> Action? {
        guard !pending.isEmpty else { return nil }
        // Often what was asked for last: else a long replay would keep all other news back.
        let isLast = Bool.random(using: &random), place = isLast ? pending.count - 1 : Int.random(in: 0..<pending.count, using: &random)
        let action = pending[place].removeFirst()
        if pending[place].isEmpty { pending.remove(at: place) }
        return action
    }

    /// What follows from an effect. Stops are not heeded: news that comes too late is the harder case.
    mutating func hear(_ effect: Effect) {
        let fails = mayFail && Int.random(in: 0..<8, using: &random) == 0
        let news = fails ? failure(effect) : success(effect)
        if !news.isEmpty { pending.append(news) }
    }

    private func failure(_ effect: Effect) -> [Action] {
        let line = "it failed; try again"
        return switch effect {
        case .answer(let id, _): [.engine(turn: id, .started(k: 8)), .engine(turn: id, .failed(line))]
        case .measure(let id, _): [.measured(turn: id, measured()), .measurementFailed(turn: id, line)]
        case .viewAtom(let request, _): [.atomViewFailed(request, line)]
        case .listAtoms: [.atomsFailed(line)]
        case .detailAtom(let request): [.atomDetailFailed(request, line)]
        case .lens(let id, _): [.lens(id, .failed(line))]
        case .readImage(let path): [.imageRead(path: path, .broken("it is torn"))]
        case .openSession: [.sessionFailed(line)]
        case .replaySession(_, let number): [.replayEnded(number, problem: line)]
        case .compare(.ask(let request)):
            request.columns.map { .compare(.failed(CompareKey(column: $0, subject: request.subject), line)) }
                + [.compare(.ended(request: request.id))]
        case .compare(.open(let text)): [.compare(.notOpened(text, problem: line))]
        case .compare(.search(let order)): [.compare(.searchFailed(search: order.id, problem: line))]
        default: []
        }
    }

    private func success(_ effect: Effect) -> [Action] {
        switch effect {
        case .answer(let id, let request): return answer(id, request)
        case .measure(let id, _):
            return [.measured(turn: id, measured()), .measured(turn: id, measured()), .measurementEnded(turn: id, isComplete: true)]
        case .viewAtom(let request, _):
            let maps = [NamedMap(name: "Spectrum of \(request.address)", map: Self.spectrum(32))]
            let patches = request.address.stack == .fusion ? NamedMap(name: "Patches", map: Self.signed) : nil
            return [.atomViewed(
                AtomView(turn: request.turn, address: request.address, word: request.word, spectra: maps, patches: patches))]
        case .listAtoms: return [.atomsListed(Self.records)]
        case .detailAtom(let request):
            let field = [NamedMap(name: "Spectrum", map: Self.spectrum(32)), NamedMap(name: "Wave", map: Self.signed)]
            let pixels = request.address.stack == .vision ? [NamedMap(name: "Pixel spectrum", map: Self.spectrum(128))] : []
            return [.atomDetailed(AtomMaps(request: request, field: field, pixels: pixels))]
        case .compare(let order): return compare(order)
        case .lens(let id, let job): return lens(job).map { .lens(id, $0) }
        case .listImages: return [.imagesListed(["/x/a.png", "/x/b.png", "/x/c.png", "/x/d.png"], problem: nil)]
        case .readImage(let path):
            let preview = ImagePreview(width: 8, height: 8, pixels: [UInt8](repeating: 128, count: 192))
            return [.imageRead(path: path, .ready(ImageFacts(width: 64, height: 64, preview: preview)))]
        case .save(let request): return [.saved("saved \(request.path)")]
        case .openSession: return session.map { [.sessionOpened($0)] } ?? []
        case .recordSession: return session.map { [.sessionRecording($0)] } ?? []
        case .recordTurn, .annotate: return session.map { [.sessionGrown($0)] } ?? []
        case .replaySession(let session, let number):
            return session.runs.map { .replayed(number, ReplayOutcome(run: $0.id, text: "red", differences: [])) }
                + [.replayEnded(number, problem: nil)]
        default: return []
        }
    }

    private func answer(_ id: Int, _ request: TurnRequest) -> [Action] {
        let output: EngineResult.Output
        var events: [EngineEvent] = [.started(k: request.k ?? 8)]
        switch request.task {
        case .ask: output = answered("red").output
        case .caption:
            let tokens = ["a", " small", " red", " circle"].map { WrittenToken(text: $0, probability: 0.75, alternatives: []) }
            events += tokens.map { .token($0) }
            output = .caption(Captioning(caption: "a small red circle", tokens: tokens, k: 8, milliseconds: 12, isCut: false))
        case .ground: output = .box(Grounding(box: PixelBox(x: 8, y: 9, width: 20, height: 30), k: 8, milliseconds: 12))
        }
        events.append(.finished(EngineResult(output: output, warnings: [], familiarity: nil)))
        return events.map { .engine(turn: id, $0) }
    }

    private func compare(_ order: CompareOrder) -> [Action] {
        switch order {
        case .ask(let request):
            return request.columns.map {
                .compare(.compared(CompareKey(column: $0, subject: request.subject), Self.compared($0)))
            } + [.compare(.ended(request: request.id))]
        case .open(let text):
            return [.compare(.opened(text, CompareColumn(folder: "/y/\(text)", name: text, k: 5, visionAtoms: 8, hasAtoms: true)))]
        case .search(let order):
            let legs = order.legs.filter { !$0.questions.isEmpty }
            let found = legs.last.flatMap { leg in
                leg.images.last.map { CompareSubject(imagePath: $0, question: leg.questions[0]) }
            }
            return legs.indices.map { .compare(.searched(search: order.id, done: $0, isUnreadable: false)) }
                + [.compare(.found(search: order.id, found))]
        case .stop: return []
        }
    }

    private func lens(_ job: LensJob) -> [LensNews] {
        var news: [LensNews] = [.baseline(Self.reading(0), unit: "nats")]
        if !job.edits.isEmpty { news.append(.edited(Self.reading(-0.25), [Self.part])) }
        if job.blank { news.append(.image(LensImageTest(name: "grey image", isShuffle: false, reading: Self.reading(-1)))) }
        news += (0..<job.shuffles).map { .image(LensImageTest(name: "shuffle \($0)", isShuffle: true, reading: Self.reading(-0.5))) }
        news += (0..<min(job.controls, 40)).map { seed in
            .control(
                LensControl(
                    seed: UInt64(seed), atoms: [[seed]], energyRatios: [1], isWithinTolerance: true, change: Float(seed % 7) / 10 - 0.3,
                    divergence: 0.5, isSame: seed % 3 > 0))
        }
        return news + [.ended]
    }

    /// A state in which every screen has something to show: an answer, its atoms, columns, an edit and its findings.
    static func sitting() throws -> WorkbenchState {
        var state = WorkbenchState.ready(), engine = FakeEngine(seed: 5, mayFail: false)
        func settle(_ effects: [Effect]) {
            var effects = effects
            repeat {
                for effect in effects { engine.hear(effect) }
                effects = []
                while let news = engine.next() { effects += update(&state, news) }
            } while !effects.isEmpty
        }
        settle(try state.type("what is it<enter>"))
        for keys in ["<esc>2", "3", "4"] { settle(try state.type(keys)) }
        state.lensScreen.edits = [try LensEdit(line: "mute vision/1")]
        settle(update(&state, .resize(state.size)))
        return state
    }

    // MARK: Values

    static let records: [AtomRecord] = [(AtomStack.vision, 8), (.text, 3), (.fusion, 6)].flatMap { stack, count in
        (0..<count).map { index in
            let frequency: [Float] = stack == .vision ? [Float(index) / 4, 0] : stack == .text ? [Float(index) / 8] : [0, 0.25, Float(index) / 8]
            let use = AtomLayerUse(
                layer: 0, amplitude: 1, phase: 0.5, meanGain: 1, meanCrossGain: nil, energyShare: nil, imagePart: nil)
            return AtomRecord(
                stack: stack, index: index, frequency: frequency, period: index == 0 ? nil : 4 / Float(index),
                periodUnit: stack == .text ? "tokens" : "patches", direction: nil, isInUse: true, layers: [use], energyShare: nil,
                isDead: index == 2, duplicateOf: nil, isNearNyquist: false)
        }
    }

    static func spectrum(_ side: Int) -> Heatmap {
        let values = (0..<side * side).map { 1 / (1 + Float($0 % 97)) }
        return Heatmap(
            title: "|field|; v down, u across, cycles per patch", rows: side, columns: side, values: values,
            scale: Heatmap.decibelScale(of: values, floor: -60), rowLabels: (0..<side).map { "\($0)" },
            columnLabels: (0..<side).map { "\($0)" })
    }

    static let signed = Heatmap(
        title: "wave", unit: "cosine", rows: 8, columns: 8, values: (0..<64).map { Float($0 % 17) / 8 - 1 },
        scale: .linear(minimum: -1, maximum: 1), merge: .strongest)

    static let part = LensPart(
        part: EditPart(stack: .vision, actions: [LayerAction(action: .mute, layer: nil)], atoms: [1]), energyShare: 0.25)

    static func reading(_ change: Float) -> OutputReading {
        OutputReading(
            output: .answer(0), text: change < -0.3 ? "blue" : "red", isSame: change >= -0.3, score: change - 0.125, change: change,
            divergence: 0.5, tokens: [TokenReading(text: "red", logProbability: change - 0.125, change: change, divergence: 0.5)],
            answers: [TextCandidate(text: "red", probability: 0.75), TextCandidate(text: "blue", probability: 0.25)], box: nil)
    }

    /// Atoms at 0, 1, 2... bins of a grid of 8 x 8.
    static func compared(_ column: CompareColumn) -> ComparedColumn {
        let atoms = ColumnAtoms(
            stack: .vision, frequencies: (0..<column.k).map { [Float($0) / 16, 0] }, gridSize: 8, textLength: 12)
        let answer = Answering(
            answer: column.k > 2 ? "red" : "blue", candidates: [TextCandidate(text: "red", probability: 0.75)], k: column.k,
            milliseconds: 12)
        return ComparedColumn(
            column: ComparisonColumn(
                checkpoint: column.name, hash: column.folder ?? "own", preset: .gated, k: column.k, visionAtoms: 8, atoms: [atoms]),
            output: ColumnOutput(
                answer: answer, visionMilliseconds: 1, operations: OperationCount(), stateBytes: 96, reconstructionError: 0.125),
            patches: LensMatrix(
                title: "alignment", unit: "-1...1", rows: 4, columns: 4, values: (0..<16).map { (Float($0 % 5) / 4 - 0.5) * Float(column.k) / 8 },
                magnitudes: [Float](repeating: 1, count: 16), low: -1, high: 1, maskFloor: 0.02))
    }
}
