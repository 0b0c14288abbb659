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
}
