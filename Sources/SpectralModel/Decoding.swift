// Words out: greedy, beam and nucleus decoding over the running state, and the two single-step answers.

import Foundation
import SpectralFormats
import SpectralKernels

/// How words are chosen.
public enum DecodingStrategy: Sendable, Equatable {
    case greedy
    /// The best of `width` hypotheses by log-probability / length^`lengthPenalty`.
    case beam(width: Int, lengthPenalty: Float)
    /// From the smallest set of words that holds `topP` of the probability (Holtzman et al. 2020).
    case nucleus(topP: Float, temperature: Float, seed: UInt64)
}

/// A word and how likely it was.
public struct DecodedToken: Sendable, Equatable {
    public let id: Int
    public let probability: Float
    /// The likeliest tokens at this place, best first.
    public let alternatives: [Candidate]

    public struct Candidate: Sendable, Equatable {
        public let id: Int
        public let probability: Float
    }
}

/// Probabilities of a row of logits, in double precision sums.
func softmax(_ logits: [Float]) -> [Float] {
    let top = logits.max() ?? 0
    let e = logits.map { exp($0 - top) }
    let sum = e.reduce(0.0) { $0 + Double($1) }
    return e.map { Float(Double($0) / sum) }
}

func logistic(_ x: Float) -> Float { 1 / (1 + exp(-x)) }

extension LoadedModel {
    /// Writes a text after the prefix, token by token, to `<eos>` or the checkpoint's longest suffix.
    ///
    /// - Parameters:
    ///   - onToken: called with each token as it is chosen (with `beam`, once the best hypothesis is known); returning
    ///     `false` stops.
    public func decode(
        _ prefix: ReadPrefix, strategy: DecodingStrategy, onToken: (DecodedToken) -> Bool = { _ in true }
    ) -> [DecodedToken] {
        switch strategy {
        case .greedy: return sample(prefix, onToken: onToken) { p in p.indices.max { p[$0] < p[$1] }! }
        case .nucleus(let topP, let temperature, let seed):
            var random = SceneRandom(seed: seed)
            return sample(prefix, onToken: onToken) { p in
                Self.nucleus(p, topP: topP, temperature: temperature, using: &random)
            }
        case .beam(let width, let lengthPenalty):
            let tokens = beam(prefix, width: max(1, width), lengthPenalty: lengthPenalty)
            for (i, token) in tokens.enumerated() where !onToken(token) { return Array(tokens.prefix(i + 1)) }
            return tokens
        }
    }

    private func sample(
        _ prefix: ReadPrefix, onToken: (DecodedToken) -> Bool, choose: ([Float]) -> Int
    ) -> [DecodedToken] {
        var memory = prefix.memory, last = SpecialToken.cls.rawValue, tokens: [DecodedToken] = []
        for i in 0..<config.maxSuffix - 1 {
            let p = nextProbabilities([last], t: [prefix.length + i], memory: &memory)[0]
            last = choose(p)
            if last == SpecialToken.eos.rawValue { break }
            let token = Self.token(last, p, Self.likeliest(p, Self.alternatives))
            tokens.append(token)
            if !onToken(token) { break }
        }
        return tokens
    }

    static func nucleus(_ p: [Float], topP: Float, temperature: Float, using random: inout SceneRandom) -> Int {
        let sharp = temperature > 0 ? softmax(p.map { log(max($0, 1e-30)) / temperature }) : p
        let order = sharp.indices.sorted { (sharp[$0], $1) > (sharp[$1], $0) }
        guard temperature > 0 else { return order[0] }
        var mass: Float = 0, kept: [Int] = []
        for id in order {
            kept.append(id)
            mass += sharp[id]
            if mass >= topP { break }
        }
        var point = Float(random.unit()) * mass
        for id in kept {
            point -= sharp[id]
            if point < 0 { return id }
        }
        return kept[kept.count - 1]
    }

    private struct Hypothesis {
        var tokens: [DecodedToken] = []
        var logProbability: Float = 0
        var ended = false

        func score(_ penalty: Float) -> Float { logProbability / pow(Float(max(1, tokens.count)), penalty) }
    }

    private func beam(_ prefix: ReadPrefix, width: Int, lengthPenalty: Float) -> [DecodedToken] {
        var live = [Hypothesis()], ended: [Hypothesis] = [], memory = prefix.memory
        for i in 0..<config.maxSuffix - 1 where !live.isEmpty && !Task.isCancelled {
            let ids = live.map { $0.tokens.last?.id ?? SpecialToken.cls.rawValue }
            let p = nextProbabilities(ids, t: live.map { _ in prefix.length + i }, memory: &memory)
            var grown: [(parent: Int, hypothesis: Hypothesis)] = []
            for (parent, hypothesis) in live.enumerated() {
                let likeliest = Self.likeliest(p[parent], max(width + 1, Self.alternatives))
                for id in likeliest.prefix(width + 1) {
                    var next = hypothesis
                    next.logProbability += log(max(p[parent][id], 1e-30))
                    next.ended = id == SpecialToken.eos.rawValue
                    if !next.ended { next.tokens.append(Self.token(id, p[parent], likeliest)) }
                    grown.append((parent, next))
                }
            }
            grown.sort { $0.hypothesis.score(lengthPenalty) > $1.hypothesis.score(lengthPenalty) }
            ended += grown.prefix(2 * width).map(\.hypothesis).filter(\.ended)
            let kept = grown.filter { !$0.hypothesis.ended }.prefix(width)
            live = kept.map(\.hypothesis)
            memory = memory.selecting(kept.map(\.parent))
            let best = ended.map { $0.score(lengthPenalty) }.max() ?? -.infinity
            if ended.count >= width, live.allSatisfy({ $0.score(lengthPenalty) <= best }) { break }
        }
        return (ended + live).max { $0.score(lengthPenalty) < $1.score(lengthPenalty) }?.tokens ?? []
    }

    /// Distribution of the next token after each of `ids`, [n][vocabulary].
    func nextProbabilities(_ ids: [Int], t: [Int], memory: inout PrefixMemory) -> [[Float]] {
        let tape = Tape(recording: false)
        let logits = model.nextTokenLogits(tape, model.step(tape, ids, t: t, memory: &memory))
        return rows(logits).map(softmax)
    }

    /// Distribution over `answers`, read from `<cls>`.
    public func answerProbabilities(_ prefix: ReadPrefix) -> [Float] {
        softmax(rows(model.answerLogits(Tape(recording: false), clsState(prefix)))[0])
    }

    /// Centre x, centre y, width and height as shares of the image, read from `<cls>`.
    public func boxShares(_ prefix: ReadPrefix) -> [Float] {
        rows(model.boxLogits(Tape(recording: false), clsState(prefix)))[0].map(logistic)
    }

    private func clsState(_ prefix: ReadPrefix) -> Tensor {
        var memory = prefix.memory
        return model.step(Tape(recording: false), [SpecialToken.cls.rawValue], t: [prefix.length], memory: &memory)
    }

    func rows(_ x: Tensor) -> [[Float]] {
        x.values.withValues { v in (0..<x.rows).map { Array(v[$0 * x.columns..<($0 + 1) * x.columns]) } }
    }

    /// How many tokens a `DecodedToken` tells of.
    private static let alternatives = 5

    private static func token(_ id: Int, _ p: [Float], _ likeliest: [Int]) -> DecodedToken {
        DecodedToken(
            id: id, probability: p[id],
            alternatives: likeliest.prefix(alternatives).map { DecodedToken.Candidate(id: $0, probability: p[$0]) })
    }

    /// The places of the greatest values, the greatest first and of equal ones the first, in one pass over all.
    static func likeliest(_ p: [Float], _ count: Int) -> [Int] {
        var best: [Int] = []
        best.reserveCapacity(count + 1)
        for id in p.indices {
            if best.count == count, best.isEmpty || p[id] <= p[best[count - 1]] { continue }
            let place = best.firstIndex { p[$0] < p[id] } ?? best.count
            best.insert(id, at: place)
            if best.count > count { best.removeLast() }
        }
        return best
    }
}

extension LoadedModel {
    /// Bytes of state after the first word of a caption, with `k` vision atoms. Depends on shapes alone.
    public func decodingStateBytes(k: Int) -> Int {
        let side = config.imageSize
        let blank = PixelImage(width: side, height: side, pixels: [UInt8](repeating: 0, count: side * side * 3))
        let prefix = prefix(see(blank, k: k), task: .caption, prompt: "")
        var memory = prefix.memory
        _ = nextProbabilities([SpecialToken.cls.rawValue], t: [prefix.length], memory: &memory)
        return memory.bytes
    }
}

extension PrefixMemory {
    /// Bytes of state that decoding carries from token to token.
    public var bytes: Int { layers.reduce(0) { $0 + $1.bytes } }

    /// The memories of these sequences, in this order: how a beam keeps and copies hypotheses, and how several suffixes
    /// go on from one prefix.
    public func selecting(_ sequences: [Int], _ tape: Tape = Tape(recording: false)) -> PrefixMemory {
        PrefixMemory(layers: layers.map { $0.selecting(sequences, tape) }, k: k)
    }
}

extension LayerMemory {
    func selecting(_ sequences: [Int], _ tape: Tape) -> LayerMemory {
        switch self {
        case .spectral(var memory):
            let block = memory.basis.modulation.rows
            memory.prefix = tape.gather(memory.prefix, sequences, block: block)
            let ownBlock = memory.basis.suffixModulation.rows
            memory.running = memory.running.map { tape.gather($0, sequences, block: ownBlock) }
            return .spectral(memory)
        case .attention(let memory):
            var order: [Int] = [], rows: [Range<Int>] = []
            for sequence in sequences {
                rows.append(order.count..<order.count + memory.rows[sequence].count)
                order += memory.rows[sequence]
            }
            return .attention(
                AttentionMemory(keys: tape.gather(memory.keys, order), values: tape.gather(memory.values, order), rows: rows))
        }
    }
}
