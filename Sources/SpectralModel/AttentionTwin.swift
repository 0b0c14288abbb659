// The attention twin: the same blocks, width, depth and heads with softmax attention in place of the spectral mixer.
// A baseline to measure beside, never a part of the spectral model.

import SpectralFormats
import SpectralKernels

/// Self-attention within each sequence of one modality.
struct AttentionMixer: SelfMixing {
    let query: Linear
    let key: Linear
    let value: Linear
    let out: Linear
    private let headWidth: Int

    init(_ scope: ParameterScope, config: ModelConfig) {
        let d = config.width
        query = Linear(scope.scope("query"), d, d)
        key = Linear(scope.scope("key"), d, d)
        value = Linear(scope.scope("value"), d, d)
        out = Linear(scope.scope("out"), d, d, scale: 0.7)
        headWidth = config.headWidth
    }

    func mix(
        _ tape: Tape, _ h: Tensor, residual: Tensor, tokens: TokenSequences, k: Int, probe: LayerProbe?
    ) -> Tensor {
        let spans = tokens.segments.map { AttentionSpan(queries: $0.rows, keys: $0.rows, causal: false) }
        let mixed = tape.attention(
            q: query(tape, h), k: key(tape, h), v: value(tape, h), spans: spans, headWidth: headWidth)
        return out(tape, mixed, plus: residual)
    }
}

/// Attention over image and prompt in both directions; suffix tokens attend to both and to their past.
struct AttentionFusion: FusionMixing {
    private let projections: AttentionMixer
    private let headWidth: Int

    init(_ scope: ParameterScope, config: ModelConfig) {
        projections = AttentionMixer(scope, config: config)
        headWidth = config.headWidth
    }

    func prefix(
        _ tape: Tape, image: ImageTokens, imageNorm: Tensor, prompt: Tensor, promptNorm: Tensor,
        layout: SequenceLayout, k: Int, continuing: Bool, probe: LayerProbe?
    ) -> (image: Tensor?, prompt: Tensor?, memory: LayerMemory) {
        let v = layout.tokensPerImage
        // Each sequence's image rows, then its prompt rows, out of [image tokens | prompt tokens] stacked.
        var order: [Int] = [], rows: [Range<Int>] = []
        for (n, segment) in layout.promptSegments.enumerated() {
            let start = order.count
            order += (image.blockOf[n] * v)..<(image.blockOf[n] * v + v)
            order += segment.rows.map { imageNorm.rows + $0 }
            rows.append(start..<order.count)
        }
        func packed(_ map: Linear) -> Tensor {
            tape.gather(tape.stacked([map(tape, imageNorm), map(tape, promptNorm)]), order)
        }
        let memory = AttentionMemory(keys: packed(projections.key), values: packed(projections.value), rows: rows)
        guard continuing else { return (nil, nil, .attention(memory)) }

        let mixed = tape.attention(
            q: packed(projections.query), k: memory.keys, v: memory.values,
            spans: rows.map { AttentionSpan(queries: $0, keys: $0, causal: false) }, headWidth: headWidth)
        let residual = tape.gather(tape.stacked([image.tokens, prompt]), order)
        let result = projections.out(tape, mixed, plus: residual)
        return (
            tape.gather(result, rows.flatMap { $0.prefix(v) }), tape.gather(result, rows.flatMap { $0.dropFirst(v) }),
            .attention(memory)
        )
    }

    func suffix(_ tape: Tape, h: Tensor, residual: Tensor, memory: LayerMemory, layout: SequenceLayout, k: Int) -> Tensor {
        attend(tape, h: h, residual: residual, memory: memory, segments: layout.suffixSegments.map(\.rows)).result
    }

    func step(_ tape: Tape, h: Tensor, residual: Tensor, memory: inout LayerMemory, t: [Int], k: Int) -> Tensor {
        let (result, longer) = attend(
            tape, h: h, residual: residual, memory: memory, segments: t.indices.map { $0..<$0 + 1 })
        memory = .attention(longer)
        return result
    }

    private func attend(_ tape: Tape, h: Tensor, residual: Tensor, memory: LayerMemory, segments: [Range<Int>]) -> (
        result: Tensor, memory: AttentionMemory
    ) {
        guard case .attention(let past) = memory else {
            preconditionFailure("an attention layer was given a spectral layer's memory")
        }
        var order: [Int] = [], rows: [Range<Int>] = []
        for (n, segment) in segments.enumerated() {
            let start = order.count
            order += past.rows[n]
            order += segment.map { past.keys.rows + $0 }
            rows.append(start..<order.count)
        }
        let longer = AttentionMemory(
            keys: tape.gather(tape.stacked([past.keys, projections.key(tape, h)]), order),
            values: tape.gather(tape.stacked([past.values, projections.value(tape, h)]), order), rows: rows)
        let spans = zip(segments, rows).map { AttentionSpan(queries: $0, keys: $1, causal: true) }
        let mixed = tape.attention(
            q: projections.query(tape, h), k: longer.keys, v: longer.values, spans: spans, headWidth: headWidth)
        return (projections.out(tape, mixed, plus: residual), longer)
    }
}
