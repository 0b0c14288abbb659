// One answer, run once more with every tap open: the raw material of records, alignments and overlays.
//
// A trace is a value: it keeps copies and needs no model, so a screen may look into it from any thread.

import Foundation
import SpectralFormats
import SpectralKernels
import SpectralModel

/// What the model put out, whose score is asked about.
public enum ChosenOutput: Sendable, Equatable {
    /// A row of the answer head.
    case answer(Int)
    /// A text's tokens without `<cls>` and `<eos>`; `ended` if `<eos>` followed.
    case tokens([Int], ended: Bool)
    /// Centre x, centre y, width, height as shares of the image.
    case box([Float])
}

/// A token of question or output.
public struct TraceToken: Sendable, Codable, Equatable {
    public let id: Int
    /// Its text, or for special tokens the name (`<vqa>`).
    public let text: String
    /// Its place t on the text axis.
    public let position: Int
    public let isOutput: Bool
}

/// Everything the atoms took in and gave out during one answer.
public struct AnswerTrace: Sendable {
    public let k: Int
    public let gridWidth: Int
    public let gridHeight: Int
    /// The checkpoint's longest prompt: the text length on which atoms are compared.
    public let longestPrompt: Int
    /// Prompt tokens (the first is the task), then suffix tokens (the first is `<cls>`).
    public let words: [TraceToken]
    public let output: ChosenOutput
    /// Of the output under the trace's edits; see `AnswerProbe.score`.
    public let score: Float
    public let edits: AtomEdits
    public let atoms: [AtomStack: StackAtoms]
    /// Atoms in use, in the order of the rows of tapped spectra.
    public let kept: [AtomStack: [Int]]
    let matrices: [TapPoint: TappedMatrix]

    public var promptCount: Int { words.prefix { !$0.isOutput }.count }

    /// What was tapped there; `nil` where the model computes no such thing.
    public func tapped(_ stack: AtomStack, _ layer: Int, _ kind: TapKind) -> TappedMatrix? {
        matrices[TapPoint(stack, layer: layer, kind)]
    }
}

/// Why a lens cannot look.
public enum LensError: Error, CustomStringConvertible, Equatable {
    case noAtoms(operation: String)
    case noSuchAtom(address: String, expected: String)
    case untrained(UntrainedJob)

    public var description: String {
        switch self {
        case .noAtoms(let operation):
            "\(operation): the checkpoint has preset attention, which has no atoms; choose a gated or paper checkpoint"
        case .noSuchAtom(let address, let expected): "no atom \(address); choose \(expected)"
        case .untrained(let problem): problem.description
        }
    }
}

/// One question about one image, ready to be asked again under edits.
public struct AnswerProbe {
    public let model: LoadedModel
    public let image: SeenImage
    public let task: SpecialToken
    public let prompt: String

    /// - Throws: `LensError.noAtoms` for the attention twin, `.untrained` for a task it was not trained for.
    public init(_ model: LoadedModel, _ image: SeenImage, task: SpecialToken, prompt: String) throws(LensError) {
        guard model.config.preset != .attention else { throw .noAtoms(operation: "looking into an answer") }
        if let job = ModelConfig.Job(task) {
            do { try model.require(job) } catch { throw .untrained(error) }
        }
        self.model = model
        self.image = image
        self.task = task
        self.prompt = prompt
    }

    /// The prefix under edits: stacks that no edit names are not computed again where that is possible.
    func prefix(_ edits: AtomEdits, taps: Taps? = nil) -> ReadPrefix {
        let probe = Probe(edits: edits, taps: taps)
        let touchesVision = taps != nil || edits.factors.keys.contains { $0.stack == .vision }
        let seen = touchesVision ? model.seeAgain(image, probe: probe) : image
        return model.prefix(seen, task: task, prompt: prompt, probe: edits.isEmpty && taps == nil ? nil : probe)
    }

    /// What the model chooses under edits: its best answer, its greedy text, or its box, by task.
    public func choose(_ edits: AtomEdits = .none) -> ChosenOutput {
        let prefix = prefix(edits)
        switch task {
        case .caption:
            let tokens = model.decode(prefix, strategy: .greedy).map(\.id)
            return .tokens(tokens, ended: tokens.count < model.config.maxSuffix - 1)
        case .ground: return .box(model.boxShares(prefix))
        default:
            let p = model.answerProbabilities(prefix)
            return .answer(p.indices.max { p[$0] < p[$1] } ?? 0)
        }
    }

    /// How well the output stands under edits: its log-probability in nats (a text's is the sum over its tokens and,
    /// if it ended, `<eos>`); for a box, the IoU of the edited model's box with it.
    public func score(_ output: ChosenOutput, _ edits: AtomEdits = .none) -> Float {
        score(output, from: prefix(edits))
    }

    /// Unit of `score`.
    public static func unit(of output: ChosenOutput) -> String {
        if case .box = output { "IoU" } else { "nats" }
    }

    func score(_ output: ChosenOutput, from prefix: ReadPrefix) -> Float {
        let tape = Tape(recording: false), cls = SpecialToken.cls.rawValue
        func states(_ ids: [Int]) -> Tensor {
            let layout = SequenceLayout(
                gridWidth: image.gridWidth, gridHeight: image.gridHeight, imageCount: 1, imageOf: [0],
                promptLengths: [prefix.length], suffixLengths: [ids.count])
            return model.model.suffix(tape, ids, memory: prefix.memory, layout: layout)
        }
        switch output {
        case .answer(let index):
            return Self.logSoftmax(model.model.answerLogits(tape, states([cls])), row: 0, index)
        case .tokens(let ids, let ended):
            let targets = ended ? ids + [SpecialToken.eos.rawValue] : ids
            guard !targets.isEmpty else { return 0 }
            let logits = model.model.nextTokenLogits(tape, states([cls] + targets.dropLast()))
            return targets.enumerated().reduce(0) { $0 + Self.logSoftmax(logits, row: $1.offset, $1.element) }
        case .box(let box):
            let now = model.model.boxLogits(tape, states([cls])).values.array.map { 1 / (1 + exp(-$0)) }
            return Self.intersectionOverUnion(now, box)
        }
    }

    /// Runs the answer once with every tap open.
    public func trace(_ output: ChosenOutput, _ edits: AtomEdits = .none) -> AnswerTrace {
        let taps = Taps(), tokenizer = model.tokenizer
        let prefix = prefix(edits, taps: taps)
        let score = score(output, from: prefix)
        func token(_ id: Int, _ position: Int, isOutput: Bool) -> TraceToken {
            let text = tokenizer.isSpecial(id) ? tokenizer.token(of: id) ?? "" : tokenizer.text(of: id)
            return TraceToken(id: id, text: text, position: position, isOutput: isOutput)
        }
        var suffix = [SpecialToken.cls.rawValue]
        if case .tokens(let ids, let ended) = output { suffix += ended ? ids : ids.dropLast() }
        let ids = model.promptTokens(task: task, prompt: prompt)
        let words =
            ids.enumerated().map { token($1, $0, isOutput: false) }
            + suffix.enumerated().map { token($1, prefix.length + $0, isOutput: true) }
        let stacks = AtomStack.allCases
        return AnswerTrace(
            k: image.k, gridWidth: image.gridWidth, gridHeight: image.gridHeight,
            longestPrompt: model.config.maxPrompt, words: words, output: output, score: score, edits: edits,
            atoms: Dictionary(uniqueKeysWithValues: stacks.compactMap { s in model.model.atoms(of: s).map { (s, $0) } }),
            kept: Dictionary(uniqueKeysWithValues: stacks.map { ($0, model.model.keptAtoms(of: $0, k: image.k)) }),
            matrices: taps.matrices)
    }

    private static func logSoftmax(_ logits: Tensor, row: Int, _ index: Int) -> Float {
        logits.values.withValues { x in
            let start = row * logits.columns
            var top = -Double.infinity, sum = 0.0
            for j in 0..<logits.columns { top = max(top, Double(x[start + j])) }
            for j in 0..<logits.columns { sum += exp(Double(x[start + j]) - top) }
            return Float(Double(x[start + index]) - top - log(sum))
        }
    }

    static func intersectionOverUnion(_ a: [Float], _ b: [Float]) -> Float {
        func overlap(_ axis: Int) -> Float {
            max(
                0,
                min(a[axis] + a[axis + 2] / 2, b[axis] + b[axis + 2] / 2)
                    - max(a[axis] - a[axis + 2] / 2, b[axis] - b[axis + 2] / 2))
        }
        let shared = overlap(0) * overlap(1), whole = a[2] * a[3] + b[2] * b[3] - shared
        return whole > 0 ? shared / whole : 0
    }
}
