// The twin's attention against a loop over queries, keys and heads.

import Foundation
import SpectralKernels
import TestSupport
import Testing

@Suite struct AttentionTests {
    private static func naive(_ q: [Double], _ k: [Double], _ v: [Double], _ spans: [AttentionSpan], d: Int, c: Int) -> [Double] {
        var y = [Double](repeating: 0, count: q.count)
        for span in spans {
            for (n, query) in span.queries.enumerated() {
                let seen = span.causal ? span.keys.count - span.queries.count + n + 1 : span.keys.count
                let keys = span.keys.prefix(seen)
                for head in 0..<d / c {
                    let channels = head * c..<(head + 1) * c
                    let e = keys.map { key -> Double in
                        var score = 0.0
                        for channel in channels { score += q[query * d + channel] * k[key * d + channel] }
                        return exp(score / Double(c).squareRoot())
                    }
                    let sum = e.reduce(0, +)
                    for (weight, key) in zip(e, keys) {
                        for channel in channels { y[query * d + channel] += weight / sum * v[key * d + channel] }
                    }
                }
            }
        }
        return y
    }

    @Test(arguments: [false, true]) func attention(causal: Bool) {
        let d = 6, c = 3
        let spans = [
            AttentionSpan(queries: 0..<2, keys: 0..<5, causal: causal), AttentionSpan(queries: 2..<2, keys: 5..<6, causal: causal),
            AttentionSpan(queries: 2..<5, keys: 6..<9, causal: causal),
        ]
        // Row 5 of the keys has no query: its gradient must be zero, not what the pool left there.
        checkDerivative([Operand(5, d, scale: 2), Operand(9, d, scale: 2), Operand(9, d)]) {
            $0.attention(q: $1[0], k: $1[1], v: $1[2], spans: spans, headWidth: c)
        } twin: { Self.naive($0[0], $0[1], $0[2], spans, d: d, c: c) }
    }

    /// Blocks of 1, 3 and all queries against scores kept whole, as a tape that records keeps them, and the loop. Every
    /// row's softmax is the same sum; only the order of rounding in the products differs, 2^-24 for each of 40 terms.
    @Test(arguments: [false, true], [1, 3, nil]) func blocksOfQueriesAreExact(causal: Bool, atOnce: Int?) {
        let d = 6, c = 3, spans = [
            AttentionSpan(queries: 0..<7, keys: 0..<40, causal: causal), AttentionSpan(queries: 7..<9, keys: 40..<42, causal: causal),
            AttentionSpan(queries: 9..<9, keys: 42..<43, causal: causal),
        ]
        var random = TestRandom(3)
        let numbers = [9, 43, 43].map { random.values($0 * d).map { 2 * $0 } }
        let tensors = zip([9, 43, 43], numbers).map { Tensor(rows: $0, columns: d, $1) }
        func attend(_ tape: Tape) -> [Float] {
            tape.attention(
                q: tensors[0], k: tensors[1], v: tensors[2], spans: spans, headWidth: c, queriesAtOnce: atOnce
            ).values.array
        }
        let whole = attend(Tape(recording: true, pool: poisonedPool())).map(Double.init)
        let blocks = attend(Tape(recording: false, pool: poisonedPool()))
        expectClose(blocks, whole, 1e-5, "blocks against whole scores")
        let exact = numbers.map { $0.map(Double.init) }
        expectClose(blocks, Self.naive(exact[0], exact[1], exact[2], spans, d: d, c: c), 1e-5, "blocks against the loop")
    }

    @Test func poolsCountWhatIsHeld() {
        let pool = BufferPool()
        var first: FloatBuffer? = FloatBuffer(count: 1024, pool: pool), second: FloatBuffer? = FloatBuffer(count: 64, pool: pool)
        #expect(pool.heldBytes == 4 * 1088 && pool.peakBytes == 4 * 1088)
        first = nil
        #expect(pool.heldBytes == 4 * 64 && pool.peakBytes == 4 * 1088 && pool.reservedBytes == 4 * 1088)
        first = FloatBuffer(count: 1024, pool: pool)
        #expect(pool.peakBytes == 4 * 1088 && pool.reservedBytes == 4 * 1088, "what was given back is used again")
        second = nil
        _ = (first, second)
        #expect(pool.heldBytes == 4 * 1024)
    }
}
