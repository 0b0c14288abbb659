// The two-layer perceptron, whose hidden width is several times the model's.
//
// Evaluated a band of rows at a time, so that the hidden activations of a band stay in the processor's second-level
// cache between the two products. Only what enters the GELU is kept for the backward half; its output is cheaper to
// compute again than to bring back from memory.

import CElementwise

/// A linear map's weight [inputs, outputs] and bias [1, outputs].
public struct LinearMap {
    public let weight: Tensor
    public let bias: Tensor

    public init(weight: Tensor, bias: Tensor) {
        precondition(bias.count == weight.columns, "bias of \(bias.count) on \(weight.columns) columns")
        self.weight = weight
        self.bias = bias
    }
}

extension Tape {
    /// Y [n, b] = gelu(X [n, a] W_up [a, h] + b_up) W_down [h, b] + b_down + residual [n, b], GELU in its tanh form.
    ///
    /// With U = X W_up + b_up: dU = (dY W_down^T) gelu'(U), dX = dU W_up^T, dW_up = X^T dU, db_up = column sums of dU,
    /// dW_down = gelu(U)^T dY, db_down = column sums of dY, dresidual = dY.
    public func perceptron(_ x: Tensor, up: LinearMap, down: LinearMap, plus residual: Tensor? = nil) -> Tensor {
        let n = x.rows, a = x.columns, h = up.weight.columns, b = down.weight.columns
        precondition(
            a == up.weight.rows && h == down.weight.rows,
            "perceptron: \(a) columns, weights of \(up.weight.rows) and \(down.weight.rows) rows")
        let y = tensor(rows: n, columns: b, needsGradient: true)
        let band = max(1, Self.bandFloats / h)
        let kept = recording ? buffer(n * h) : nil
        let entering = kept ?? buffer(min(n, band) * h), active = buffer(min(n, band) * h)
        fillRows(y, bias: down.bias, residual: residual)
        for start in stride(from: 0, to: n, by: band) {
            let rows = min(band, n - start), u = entering.pointer + (kept == nil ? 0 : start * h)
            ce_fill_rows(u, up.bias.pointer, nil, rows, h)
            product(x.pointer + start * a, a, up.weight.pointer, h, into: u, h, m: rows, n: h, k: a, keep: true)
            ce_gelu(active.pointer, u, rows * h)
            product(
                active.pointer, h, down.weight.pointer, b, into: y.pointer + start * b, b, m: rows, n: b, k: h, keep: true)
        }
        guard let kept else { return y }
        record(y) { [self] dy in
            let active = buffer(min(n, band) * h), slope = buffer(min(n, band) * h), du = buffer(min(n, band) * h)
            let dx = x.needsGradient ? x.gradientSink() : nil
            let dUp = up.weight.needsGradient ? up.weight.clearedGradient() : nil
            let dDown = down.weight.needsGradient ? down.weight.clearedGradient() : nil
            let dUpBias = up.bias.needsGradient ? up.bias.clearedGradient() : nil
            for start in stride(from: 0, to: n, by: band) {
                let rows = min(band, n - start), dy = dy.pointer + start * b
                ce_gelu_and_slope(active.pointer, slope.pointer, kept.pointer + start * h, rows * h)
                product(dy, b, down.weight.pointer, b, into: du.pointer, h, m: rows, n: h, k: b, transposingB: true)
                ce_multiply(du.pointer, slope.pointer, rows * h)
                if let dDown {
                    product(active.pointer, h, dy, b, into: dDown, b, m: h, n: b, k: rows, transposingA: true, keep: true)
                }
                if let dUp {
                    product(
                        x.pointer + start * a, a, du.pointer, h, into: dUp, h, m: a, n: h, k: rows, transposingA: true,
                        keep: true)
                }
                if let dUpBias { ce_add_column_sums(dUpBias, du.pointer, rows, h) }
                if let dx {
                    product(
                        du.pointer, h, up.weight.pointer, h, into: dx.pointer + start * a, a, m: rows, n: a, k: h,
                        transposingB: true, keep: dx.keep)
                }
            }
            if down.bias.needsGradient { addColumnSums(of: dy, rows: n, to: down.bias) }
            residual?.inheritGradient(dy)
        }
        return y
    }

    /// Floats of one band of hidden activations. The backward half works on three such bands, which together fit a
    /// second-level cache of 1 MiB; larger and smaller bands were measured slower.
    private static let bandFloats = 1 << 16
}
