// Per-token maps: normalisations, activations, gates. The loops are in CElementwise; the derivatives stand above
// each backward half. Shapes: x [n, d] rows of tokens unless said otherwise.

import CElementwise

extension Tape {
    func fillRows(_ y: Tensor, bias: Tensor?, residual: Tensor?) {
        precondition(bias == nil || bias!.count == y.columns, "bias of \(bias!.count) on \(y.columns) columns")
        precondition(residual == nil || residual!.count == y.count, "residual of another shape")
        ce_fill_rows(y.pointer, bias?.pointer, residual?.pointer, y.rows, y.columns)
    }

    /// y = (x - mean) / sqrt(var + 1e-5) * gain + shift over the channels of each row; gain and shift [1, d].
    ///
    /// dx = rstd (g - mean(g) - n mean(g n)) with n the normalised x and g = gain dy.
    public func layerNorm(_ x: Tensor, gain: Tensor, shift: Tensor) -> Tensor {
        let y = tensor(rows: x.rows, columns: x.columns, needsGradient: true)
        let mean = buffer(x.rows), rstd = buffer(x.rows)
        ce_layer_norm(
            y.pointer, mean.pointer, rstd.pointer, x.pointer, gain.pointer, shift.pointer, x.rows, x.columns)
        record(y) { [self] dy in
            let unwanted = x.needsGradient ? nil : buffer(x.count)
            let (dx, keep) = x.needsGradient ? x.gradientSink() : (unwanted!.pointer, false)
            ce_layer_norm_backward(
                dx, gain.clearedGradient(), shift.clearedGradient(), x.pointer, mean.pointer, rstd.pointer,
                gain.pointer, dy.pointer, keep ? 1 : 0, x.rows, x.columns)
        }
        return y
    }

    /// y = silu(gate) * x / rms(x), rms over the channels of each row; without a gate, x / rms(x).
    ///
    /// With r = 1/rms(x), q = silu(gate) dy: dx = r (q - x r^2 mean(q x)); dgate = dy x r silu'(gate).
    public func gatedRMSNorm(gate: Tensor?, _ x: Tensor) -> Tensor {
        let y = tensor(rows: x.rows, columns: x.columns, needsGradient: true)
        let inverseRMS = buffer(x.rows)
        ce_gated_rms(y.pointer, inverseRMS.pointer, gate?.pointer, x.pointer, x.rows, x.columns)
        record(y) { dy in
            let (dx, keepX) = x.gradientSink()
            let sink = gate?.gradientSink()
            ce_gated_rms_backward(
                sink?.pointer, dx, gate?.pointer, x.pointer, inverseRMS.pointer, dy.pointer,
                sink?.keep == true ? 1 : 0, keepX ? 1 : 0, x.rows, x.columns)
        }
        return y
    }

    /// u = scale * w * v, w the softmax of `logits` down the rows of each segment, channel by channel.
    ///
    /// With g = scale v du: dv = scale w du; dlogits = w (g - sum over the segment of w g).
    /// - Parameter segments: row ranges that cover all rows of both operands, in order.
    public func salience(_ v: Tensor, logits: Tensor, segments: [Range<Int>], scale: Float) -> Tensor {
        let d = v.columns
        let u = tensor(rows: v.rows, columns: d, needsGradient: true)
        let w = buffer(v.count)
        for segment in segments where !segment.isEmpty {
            let o = segment.lowerBound * d
            ce_salience(u.pointer + o, w.pointer + o, logits.pointer + o, v.pointer + o, scale, segment.count, d)
        }
        record(u) { [self] du in
            let column = buffer(d)
            let (dl, keepL) = logits.gradientSink(), (dv, keepV) = v.gradientSink()
            for segment in segments where !segment.isEmpty {
                let o = segment.lowerBound * d
                ce_salience_backward(
                    dl + o, dv + o, column.pointer, w.pointer + o, v.pointer + o, du.pointer + o, scale,
                    keepL ? 1 : 0, keepV ? 1 : 0, segment.count, d)
            }
        }
        return u
    }

    /// u = scale * logistic(logits) * v.
    public func logisticGate(_ v: Tensor, logits: Tensor, scale: Float) -> Tensor {
        let u = tensor(rows: v.rows, columns: v.columns, needsGradient: true)
        ce_logistic_gate(u.pointer, logits.pointer, v.pointer, scale, v.count)
        record(u) { du in
            let (dl, keepL) = logits.gradientSink(), (dv, keepV) = v.gradientSink()
            ce_logistic_gate_backward(
                dl, dv, logits.pointer, v.pointer, du.pointer, scale, keepL ? 1 : 0, keepV ? 1 : 0, v.count)
        }
        return u
    }

    /// a x.
    public func scaled(_ x: Tensor, by a: Float) -> Tensor {
        let y = tensor(rows: x.rows, columns: x.columns, needsGradient: x.needsGradient)
        ce_scaled(y.pointer, x.pointer, a, 0, x.count)
        record(y) { addScaled($0, a, to: x) }
        return y
    }

    /// x + y, element by element.
    public func sum(_ x: Tensor, _ y: Tensor) -> Tensor {
        precondition(x.rows == y.rows && x.columns == y.columns, "sum of \(x.rows) x \(x.columns) and \(y.rows) x \(y.columns)")
        let z = tensor(rows: x.rows, columns: x.columns, needsGradient: x.needsGradient || y.needsGradient)
        ce_fill_rows(z.pointer, nil, x.pointer, x.rows, x.columns)
        ce_scaled(z.pointer, y.pointer, 1, 1, y.count)
        record(z) { dz in
            addScaled(dz, 1, to: x)
            y.inheritGradient(dz)
        }
        return z
    }
}

/// dx += a dy, if x wants a gradient.
func addScaled(_ dy: FloatBuffer, _ a: Float, to x: Tensor) {
    guard x.needsGradient else { return }
    let (dx, keep) = x.gradientSink()
    ce_scaled(dx, dy.pointer, a, keep ? 1 : 0, x.count)
}

func addColumnSums(of dy: FloatBuffer, rows: Int, to bias: Tensor) {
    ce_add_column_sums(bias.clearedGradient(), dy.pointer, rows, bias.count)
}
