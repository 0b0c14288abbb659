// Softmax attention, for the baseline twin only: nothing in the spectral model comes here.
//
// With a tape that records, all heads' scores are kept for the backward half: heads x n x m floats. Without one they
// are computed for some queries at a time and forgotten; every row is still softmaxed whole, so the result is the same
// sum, and what is held grows with m alone.

import CElementwise

/// One sequence's queries and the keys they may look at.
public struct AttentionSpan: Sendable {
    public let queries: Range<Int>
    public let keys: Range<Int>
    /// With `causal`, the last `queries.count` keys are the queries' own tokens and each sees only its past and itself.
    public let causal: Bool

    public init(queries: Range<Int>, keys: Range<Int>, causal: Bool) {
        self.queries = queries
        self.keys = keys
        self.causal = causal
    }

    func visible(_ query: Int) -> Int { causal ? keys.count - queries.count + query + 1 : keys.count }
}

extension Tape {
    /// softmax(Q K^T / sqrt(c)) V for each span and head of c channels; q [n, d], k and v [m, d].
    ///
    /// - Parameter queriesAtOnce: how many queries' scores a tape that does not record holds at a time; `nil` for what
    ///   2^18 scores are (1 MiB, which stays in the cache between the two products), and at least 32, so that the keys
    ///   are not read for a handful of queries only.
    ///
    /// With P the softmax: dV = P^T dY; dP = dY V^T; dS = P (dP - sum P dP); dQ = dS K / sqrt(c); dK = dS^T Q / sqrt(c).
    public func attention(
        q: Tensor, k: Tensor, v: Tensor, spans: [AttentionSpan], headWidth c: Int, queriesAtOnce: Int? = nil
    ) -> Tensor {
        let d = q.columns, heads = d / c, scale = 1 / Float(c).squareRoot()
        precondition(heads * c == d, "heads of \(c) channels do not divide a width of \(d)")
        let y = tensor(rows: q.rows, columns: d, needsGradient: true)
        guard y.needsGradient else {
            attend(q, k, v, spans, headWidth: c, queriesAtOnce: queriesAtOnce, into: y)
            return y
        }
        let weights = buffer(spans.reduce(0) { $0 + heads * $1.queries.count * $1.keys.count })
        var at = 0
        for span in spans {
            let n = span.queries.count, m = span.keys.count
            for head in 0..<heads {
                let p = weights.pointer + at
                let qo = span.queries.lowerBound * d + head * c, ko = span.keys.lowerBound * d + head * c
                SpectralKernels.product(
                    q.pointer + qo, d, k.pointer + ko, d, into: p, m, m: n, n: m, k: c, transposingB: true, alpha: scale)
                for row in 0..<n {
                    let seen = span.visible(row)
                    ce_row_softmax(p + row * m, 1, seen)
                    for hidden in seen..<max(seen, m) { p[row * m + hidden] = 0 }
                }
                SpectralKernels.product(p, m, v.pointer + ko, d, into: y.pointer + qo, d, m: n, n: c, k: m)
                at += n * m
            }
        }
        record(y) { [self] dy in
            let dq = q.clearedGradient(), dk = k.clearedGradient(), dv = v.clearedGradient()
            let scratch = buffer(spans.map { $0.queries.count * $0.keys.count }.max() ?? 0)
            var at = 0
            for span in spans {
                let n = span.queries.count, m = span.keys.count
                for head in 0..<heads {
                    let p = weights.pointer + at, ds = scratch.pointer
                    let qo = span.queries.lowerBound * d + head * c, ko = span.keys.lowerBound * d + head * c
                    SpectralKernels.product(
                        p, m, dy.pointer + qo, d, into: dv + ko, d, m: m, n: c, k: n, transposingA: true, keep: true)
                    SpectralKernels.product(
                        dy.pointer + qo, d, v.pointer + ko, d, into: ds, m, m: n, n: m, k: c, transposingB: true)
                    ce_row_softmax_backward(ds, p, ds, n, m)
                    SpectralKernels.product(
                        ds, m, k.pointer + ko, d, into: dq + qo, d, m: n, n: c, k: m, alpha: scale, keep: true)
                    SpectralKernels.product(
                        ds, m, q.pointer + qo, d, into: dk + ko, d, m: m, n: c, k: n, transposingA: true, alpha: scale,
                        keep: true)
                    at += n * m
                }
            }
        }
        return y
    }

    /// The forward half, a block of queries at a time.
    private func attend(
        _ q: Tensor, _ k: Tensor, _ v: Tensor, _ spans: [AttentionSpan], headWidth c: Int, queriesAtOnce: Int?,
        into y: Tensor
    ) {
        let d = q.columns, scale = 1 / Float(c).squareRoot()
        func rows(_ span: AttentionSpan) -> Int {
            min(max(1, span.queries.count), queriesAtOnce ?? max(32, (1 << 18) / max(1, span.keys.count)))
        }
        let scores = buffer(spans.map { rows($0) * $0.keys.count }.max() ?? 0), p = scores.pointer
        defer { withExtendedLifetime(scores) {} }
        for span in spans {
            let n = span.queries.count, m = span.keys.count, block = rows(span)
            for head in 0..<d / c {
                let ko = span.keys.lowerBound * d + head * c
                for first in stride(from: 0, to: n, by: block) {
                    let count = min(block, n - first), qo = (span.queries.lowerBound + first) * d + head * c
                    SpectralKernels.product(
                        q.pointer + qo, d, k.pointer + ko, d, into: p, m, m: count, n: m, k: c, transposingB: true,
                        alpha: scale)
                    for row in 0..<count {
                        let seen = span.visible(first + row)
                        ce_row_softmax(p + row * m, 1, seen)
                        for hidden in seen..<max(seen, m) { p[row * m + hidden] = 0 }
                    }
                    SpectralKernels.product(p, m, v.pointer + ko, d, into: y.pointer + qo, d, m: count, n: c, k: m)
                }
            }
        }
    }
}

/// Softmax over the columns of each row, in place.
public enum RowSoftmax {
    /// - Parameter skipping: rows to leave as they are.
    public static func apply(_ x: FloatBuffer, rows: Int, columns: Int, skipping: (Int) -> Bool = { _ in false }) {
        precondition(x.count >= rows * columns, "RowSoftmax: \(x.count) values for \(rows) x \(columns)")
        for row in 0..<rows where !skipping(row) { ce_row_softmax(x.pointer + row * columns, 1, columns) }
    }
}
