// Making a run: the same calls that answered it the first time, with edits of atoms where it has them.

import Foundation
import SpectralEngine
import SpectralFormats
import SpectralLens
import SpectralModel

/// A run about to be made, with everything it depends on at hand.
struct SessionPerformance {
    let run: SessionRun
    let edit: SessionEdit?
    let engine: Engine
    let image: PixelImage
    /// Vision atoms.
    let k: Int
    let seed: UInt64

    /// Answers a session keeps of a question.
    static let keptCandidates = 5

    private var isEdited: Bool { !(edit?.changes.isEmpty ?? true) }

    /// What came of it, with every answer the checkpoint has among the candidates.
    ///
    /// - Throws: `SessionError`, `EngineError`, `LensError`, `CancellationError`.
    func output() async throws -> (output: SessionOutput, milliseconds: Double) {
        guard isEdited else {
            let result = try await engine.result(of: EngineRequest(job, image: image, k: k))
            return (SessionOutput(result), result.milliseconds)
        }
        let start = ContinuousClock.now
        let output = try await engine.withSeen(image, k: k) { model, seen in try edited(model, seen) }
        return (output, LoadedModel.milliseconds(since: start))
    }

    private var job: EngineRequest.Job {
        switch run.task {
        case .ask: .ask(question: run.prompt, candidates: max(1, engine.info.answers.count))
        case .caption: .caption(run.decoding.strategy(seed: seed))
        case .ground: .ground(phrase: run.prompt)
        }
    }

    private func edited(_ model: LoadedModel, _ seen: SeenImage) throws -> SessionOutput {
        guard let edit else { throw LensError.noAtoms(operation: "editing atoms") }
        try model.require(job.kind)
        let probe = Probe(edits: try edit.edits(on: model, run: run.id))
        let prompt = run.task.takesWords ? run.prompt : ""
        let prefix = model.prefix(
            model.seeAgain(seen, probe: probe), task: run.task.token, prompt: prompt, probe: probe)
        switch run.task {
        case .ask:
            let p = model.answerProbabilities(prefix)
            let order = p.indices.sorted { (p[$0], $1) > (p[$1], $0) }
            return SessionOutput(candidates: order.map { SessionCandidate(text: model.answers[$0], probability: p[$0]) })
        case .caption:
            var stream = TokenTextStream(model.tokenizer), tokens: [SessionCandidate] = []
            _ = model.decode(prefix, strategy: run.decoding.strategy(seed: seed)) { token in
                tokens.append(SessionCandidate(text: stream.push(token.id), probability: token.probability))
                return !Task.isCancelled
            }
            try Task.checkCancellation()
            return SessionOutput(tokens: tokens, rest: stream.finish())
        case .ground:
            return SessionOutput(
                box: PixelBox(shares: model.boxShares(prefix), imageWidth: image.width, imageHeight: image.height))
        }
    }

    /// The fusion atoms whose muting takes most from the output; nil where words were drawn or searched for, and the
    /// output is not the model's own choice.
    func atoms(_ count: Int) async throws -> SessionAtoms? {
        guard run.task != .caption || run.decoding.strategy == .greedy else { return nil }
        return try await engine.withSeen(image, k: k) { model, seen in
            let edits = try edit?.edits(on: model, run: run.id) ?? .none
            let probe = try AnswerProbe(model, seen, task: run.task.token, prompt: run.task.takesWords ? run.prompt : "")
            let output = probe.choose(edits)
            let effects = probe.attribution(of: output, edits: edits) { Task.isCancelled }
            try Task.checkCancellation()
            return SessionAtoms(
                unit: effects.unit,
                top: effects.top(count).map { SessionAtoms.Effect(atom: "\($0.address)", effect: $0.effect) })
        }
    }
}

extension SessionOutput {
    init(candidates: [SessionCandidate]) {
        self.init(text: candidates.first?.text ?? "", candidates: candidates)
    }

    /// - Parameter rest: text that follows the last token.
    init(tokens: [SessionCandidate], rest: String = "") {
        let text = tokens.map(\.text).joined() + rest
        self.init(text: text.trimmingCharacters(in: .whitespacesAndNewlines), tokens: tokens)
    }

    init(box: PixelBox) {
        let sides = [box.x, box.y, box.width, box.height]
        self.init(text: sides.map { String(format: "%.1f", $0) }.joined(separator: " "), box: sides)
    }

    /// What an engine made of a request.
    public init(_ result: EngineResult) {
        switch result.output {
        case .caption(let made):
            self.init(tokens: made.tokens.map { SessionCandidate(text: $0.text, probability: $0.probability) })
            text = made.caption
        case .answer(let made):
            self.init(candidates: made.candidates.map { SessionCandidate(text: $0.text, probability: $0.probability) })
        case .box(let made): self.init(box: made.box)
        }
        warnings = result.warnings.isEmpty ? nil : result.warnings
    }

    /// With as many candidates as a session keeps.
    func trimmed() -> SessionOutput {
        var copy = self
        copy.candidates = candidates.map { Array($0.prefix(SessionPerformance.keptCandidates)) }
        return copy
    }
}

extension SessionRun {
    /// A finished exchange of the workbench, ready to be appended.
    ///
    /// - Returns: nil while it has no output.
    public init?(
        _ turn: Turn, id: String, parent: String? = nil, checkpoint: SessionReference, image: SessionReference,
        at date: Date = .now
    ) {
        guard turn.status == .done, let text = turn.answer else { return nil }
        self.init(
            id: id, parent: parent, checkpoint: checkpoint, image: image, task: turn.request.task,
            prompt: turn.request.prompt, k: turn.k)
        var output = SessionOutput(text: text)
        switch turn.request.task {
        case .ask:
            output = SessionOutput(candidates: turn.candidates.map { SessionCandidate(text: $0.text, probability: $0.probability) })
        case .caption:
            output = SessionOutput(tokens: turn.tokens.map { SessionCandidate(text: $0.text, probability: $0.probability) })
            output.text = text
        case .ground: if let box = turn.box { output = SessionOutput(box: box) }
        }
        output.warnings = turn.warnings.isEmpty ? nil : turn.warnings
        self.output = output.trimmed()
        milliseconds = turn.milliseconds
        at = date.formatted(.iso8601)
        let fusion = turn.measurement.atoms.filter { $0.address.stack == .fusion }
        if !fusion.isEmpty {
            atoms = SessionAtoms(
                unit: turn.measurement.unit,
                top: fusion.prefix(SessionPerformance.keptCandidates).map {
                    SessionAtoms.Effect(atom: "\($0.address)", effect: $0.effect)
                })
        }
    }
}
