// One output looked at twice: as the model gave it, and as the same model holds it under an edit or on another image.
//
// Guarantees: a text is scored on the tokens of the first output, each given those before it (teacher forcing), so that
// changes are of the same words; log-probabilities and divergences are sums in double precision and always finite.

import Foundation
import SpectralFormats
import SpectralKernels
import SpectralModel

/// How a token of the first output stands now.
public struct TokenReading: Sendable, Equatable {
    /// Its text, or for special tokens the name (`<eos>`).
    public let text: String
    /// nats.
    public let logProbability: Float
    /// Less that of the first output, nats.
    public let change: Float
    /// KL divergence at this place of the distribution now from the first one, nats.
    public let divergence: Float
}

/// What a model says under some condition, and how well its first output stands then.
public struct OutputReading: Sendable, Equatable {
    /// What it says now. A text is greedy.
    public let output: ChosenOutput
    /// The same in words; a box as shares of the image.
    public let text: String
    /// Whether it still says what it said first; `nil` for boxes, which are never quite the same.
    public let isSame: Bool?
    /// Of the first output now: log-probability in nats, or IoU of the box now with the first one.
    public let score: Float
    /// Less the first output's own score.
    public let change: Float
    /// KL divergence from the first distribution, nats: sum p log(p / q), p of the first output. For a text it is summed
    /// over its tokens; `nil` for boxes.
    public let divergence: Float?
    /// For an answer the one token that stands for it; for a text all its tokens and `<eos>` if it ended; none for a box.
    public let tokens: [TokenReading]
    /// For a question the probability of every answer, in the order of the checkpoint's list.
    public let answers: [TextCandidate]
    /// Centre x, centre y, width, height as shares of the image; boxes only.
    public let box: [Float]?
}

/// The first output, against which effects are measured.
public struct LensBaseline: Sendable {
    public let output: ChosenOutput
    public let reading: OutputReading
    /// Log-probabilities: a row for an answer, a row for each token of a text, none for a box.
    let rows: [[Double]]

    /// "nats" or "IoU".
    public var unit: String { AnswerProbe.unit(of: output) }
}

extension AnswerProbe {
    /// Asks once, without edits.
    public func baseline() -> LensBaseline {
        let prefix = prefix(.none), output = choose(.none)
        let rows = logProbabilities(of: output, from: prefix)
        return LensBaseline(output: output, reading: reading(of: output, from: prefix, rows: rows, first: rows), rows: rows)
    }

    /// Asks again under edits.
    public func read(_ edits: AtomEdits, against baseline: LensBaseline) -> OutputReading {
        let prefix = prefix(edits)
        let rows = logProbabilities(of: baseline.output, from: prefix)
        return reading(of: baseline.output, from: prefix, rows: rows, first: baseline.rows)
    }

    /// Asks again about an altered image, without edits.
    public func read(_ alteration: ImageAlteration, against baseline: LensBaseline) throws(LensError) -> OutputReading {
        try AnswerProbe(model, model.see(image, altered: alteration), task: task, prompt: prompt)
            .read(.none, against: baseline)
    }

    private func reading(
        of first: ChosenOutput, from prefix: ReadPrefix, rows: [[Double]], first firstRows: [[Double]]
    ) -> OutputReading {
        let targets = Self.targets(of: first)
        let tokens = targets.indices.map { i in
            let target = targets[i], now = rows[i][target]
            let name: String
            if case .answer = first { name = model.answers[target] } else { name = spelling(of: target) }
            return TokenReading(
                text: name, logProbability: Float(now), change: Float(now - firstRows[i][target]),
                divergence: Float(Self.divergence(of: rows[i], from: firstRows[i])))
        }
        func sum(_ x: KeyPath<TokenReading, Float>) -> Float { tokens.reduce(0) { $0 + $1[keyPath: x] } }
        let output: ChosenOutput, text: String
        var box: [Float]?, answers: [TextCandidate] = [], score = sum(\.logProbability), change = sum(\.change)
        switch first {
        case .answer:
            let best = rows[0].indices.max { rows[0][$0] < rows[0][$1] } ?? 0
            output = .answer(best)
            text = model.answers[best]
            answers = zip(model.answers, rows[0]).map { TextCandidate(text: $0, probability: Float(exp($1))) }
        case .tokens:
            // Greedy words stay what they are where each is still the likeliest after those before it.
            let stays = targets.indices.allSatisfy { i in rows[i].indices.max { rows[i][$0] < rows[i][$1] } == targets[i] }
            let ids = stays ? first.tokenIDs : model.decode(prefix, strategy: .greedy).map(\.id)
            output = stays ? first : .tokens(ids, ended: ids.count < model.config.maxSuffix - 1)
            text = model.tokenizer.decode(ids).trimmingCharacters(in: .whitespacesAndNewlines)
        case .box(let then):
            let now = model.boxShares(prefix)
            output = .box(now)
            text = now.map { "\($0)" }.joined(separator: " ")
            box = now
            score = Self.intersectionOverUnion(now, then)
            change = score - Self.intersectionOverUnion(then, then)
        }
        return OutputReading(
            output: output, text: text, isSame: box == nil ? output == first : nil, score: score, change: change,
            divergence: box == nil ? sum(\.divergence) : nil, tokens: tokens, answers: answers, box: box)
    }

    private func spelling(of id: Int) -> String {
        model.tokenizer.isSpecial(id) ? model.tokenizer.token(of: id) ?? "" : model.tokenizer.text(of: id)
    }

    /// The columns scored, one a row of `logProbabilities`.
    private static func targets(of output: ChosenOutput) -> [Int] {
        switch output {
        case .answer(let index): [index]
        case .tokens(let ids, let ended): ended ? ids + [SpecialToken.eos.rawValue] : ids
        case .box: []
        }
    }

    private func logProbabilities(of output: ChosenOutput, from prefix: ReadPrefix) -> [[Double]] {
        let targets = Self.targets(of: output)
        guard !targets.isEmpty else { return [] }
        let tape = Tape(recording: false)
        let isAnswer = if case .answer = output { true } else { false }
        let ids = [SpecialToken.cls.rawValue] + (isAnswer ? [] : targets.dropLast())
        let layout = SequenceLayout(
            gridWidth: image.gridWidth, gridHeight: image.gridHeight, imageCount: 1, imageOf: [0],
            promptLengths: [prefix.length], suffixLengths: [ids.count])
        let states = model.model.suffix(tape, ids, memory: prefix.memory, layout: layout)
        let logits = isAnswer ? model.model.answerLogits(tape, states) : model.model.nextTokenLogits(tape, states)
        let values = logits.values.array, n = logits.columns
        return targets.indices.map { Self.logSoftmax(values[$0 * n..<($0 + 1) * n]) }
    }

    private static func logSoftmax(_ logits: ArraySlice<Float>) -> [Double] {
        let top = Double(logits.max() ?? 0)
        let sum = logits.reduce(0.0) { $0 + exp(Double($1) - top) }
        return logits.map { Double($0) - top - log(sum) }
    }

    /// sum p log(p / q) of log-probabilities q from p; rounding never makes it negative.
    static func divergence(of q: [Double], from p: [Double]) -> Double {
        max(0, zip(p, q).reduce(0) { $0 + exp($1.0) * ($1.0 - $1.1) })
    }
}

extension ChosenOutput {
    fileprivate var tokenIDs: [Int] { if case .tokens(let ids, _) = self { ids } else { [] } }
}
