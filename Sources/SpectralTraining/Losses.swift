// The terms of the objective (cross-entropy, answer, box, reconstruction, sparsity), each with its derivative.
//
// Every function adds `weight` times its term to what the tape's backward pass differentiates and returns the plain
// term, so that a log shows figures free of weights.

import Foundation
import SpectralKernels

enum Losses {
    /// Cross-entropy with label smoothing, sum over rows of rowWeight * H(target, softmax(logits)); logits [n, c].
    ///
    /// With q the smoothed target, p the softmax: loss = sum w (-sum q log p); dlogits = w (p - q).
    /// - Parameters:
    ///   - columns: which columns of `logits` this distribution spans.
    ///   - rowWeight: one for each row; rows of weight 0 cost nothing.
    static func crossEntropy(
        _ tape: Tape, _ logits: Tensor, columns: Range<Int>? = nil, targets: [Int], rowWeight: [Float], smoothing: Float,
        weight: Float
    ) -> (loss: Float, correct: Float) {
        let width = logits.columns, columns = columns ?? 0..<width, c = columns.count
        precondition(targets.count == logits.rows && rowWeight.count == logits.rows, "a target and a weight for each row")
        precondition(zip(targets, rowWeight).allSatisfy { $1 == 0 || (0..<c).contains($0) }, "targets within the columns")
        var total: Float = 0, correct: Float = 0
        let p = FloatBuffer(count: logits.rows * c, pool: tape.pool, zeroed: false)
        p.withMutableValues { p in
            logits.values.withValues { x in
                for r in 0..<logits.rows where rowWeight[r] != 0 {
                    let row = r * width + columns.lowerBound
                    for j in 0..<c { p[r * c + j] = x[row + j] }
                }
            }
        }
        RowSoftmax.apply(p, rows: logits.rows, columns: c, skipping: { rowWeight[$0] == 0 })
        p.withValues { p in
            logits.values.withValues { x in
                for r in 0..<logits.rows where rowWeight[r] != 0 {
                    let row = r * width + columns.lowerBound
                    var best = 0, plain: Float = 0
                    for j in 0..<c {
                        if x[row + j] > x[row + best] { best = j }
                        plain += x[row + j]
                    }
                    // log p_j = x_j - z for every j, with z the logarithm of the sum.
                    let hit = log(max(p[r * c + targets[r]], .leastNormalMagnitude))
                    let mean = plain / Float(c) - (x[row + targets[r]] - hit)
                    total -= rowWeight[r] * ((1 - smoothing) * hit + smoothing * mean)
                    if best == targets[r] { correct += rowWeight[r] }
                }
            }
        }
        tape.recordLoss {
            guard logits.needsGradient else { return }
            logits.addToGradient { dx in
                p.withValues { p in
                    for r in 0..<logits.rows where rowWeight[r] != 0 {
                        let scale = weight * rowWeight[r], row = r * width + columns.lowerBound
                        for j in 0..<c { dx[row + j] += scale * (p[r * c + j] - smoothing / Float(c)) }
                        dx[row + targets[r]] -= scale * (1 - smoothing)
                    }
                }
            }
        }
        return (total, correct)
    }

    /// Mean over rows of H(target, softmax(logits)), the target being evenly spread over a set of columns; logits [n, c].
    ///
    /// With q the target, p the softmax: loss = -sum q log p / n; dlogits = w (p - q) / n. Rows with an empty set count not.
    static func setCrossEntropy(_ tape: Tape, _ logits: Tensor, targets: [[Int]], weight: Float) -> Float {
        precondition(targets.count == logits.rows, "a set for each row")
        precondition(targets.joined().allSatisfy { (0..<logits.columns).contains($0) }, "targets within the columns")
        let c = logits.columns, asked = max(1, targets.count { !$0.isEmpty })
        let p = FloatBuffer(count: logits.count, pool: tape.pool, zeroed: false)
        p.withMutableValues { p in logits.values.withValues { x in for i in 0..<logits.count { p[i] = x[i] } } }
        RowSoftmax.apply(p, rows: logits.rows, columns: c, skipping: { targets[$0].isEmpty })
        var total: Float = 0
        p.withValues { p in
            for (r, set) in targets.enumerated() {
                for word in set { total -= log(max(p[r * c + word], .leastNormalMagnitude)) / Float(set.count * asked) }
            }
        }
        tape.recordLoss {
            guard logits.needsGradient else { return }
            logits.addToGradient { dx in
                p.withValues { p in
                    for (r, set) in targets.enumerated() where !set.isEmpty {
                        for j in 0..<c { dx[r * c + j] += weight / Float(asked) * p[r * c + j] }
                        for word in set { dx[r * c + word] -= weight / Float(asked * set.count) }
                    }
                }
            }
        }
        return total
    }

    /// L1 + (1 - GIoU) of boxes, summed over rows; logits [n, 4] become centre x, y, width, height by the logistic.
    ///
    /// The derivative of GIoU is taken by the chain rule through the corners (Rezatofighi et al. 2019).
    static func box(_ tape: Tape, _ logits: Tensor, targets: [BoxTarget], rowWeight: Float, weight: Float) -> (
        loss: Float, iou: Float
    ) {
        var total: Float = 0, iouSum: Float = 0
        var gradient = [Float](repeating: 0, count: logits.count)
        logits.values.withValues { x in
            for r in 0..<logits.rows {
                let p = (0..<4).map { 1 / (1 + exp(-x[r * 4 + $0])) }
                let t = targets[r].values
                let (giou, iou, d) = generalisedIoU(p, t)
                total += rowWeight * (zip(p, t).reduce(0) { $0 + abs($1.0 - $1.1) } + 1 - giou)
                iouSum += rowWeight * iou
                for j in 0..<4 {
                    let dl: Float = p[j] > t[j] ? 1 : (p[j] < t[j] ? -1 : 0)
                    gradient[r * 4 + j] = weight * rowWeight * (dl - d[j]) * p[j] * (1 - p[j])
                }
            }
        }
        tape.recordLoss { logits.addToGradient { dx in for i in gradient.indices { dx[i] += gradient[i] } } }
        return (total, iouSum)
    }

    /// GIoU of two boxes (cx, cy, w, h), the IoU, and dGIoU with respect to the first.
    static func generalisedIoU(_ p: [Float], _ t: [Float]) -> (giou: Float, iou: Float, gradient: [Float]) {
        // Along one axis: overlap and hull as functions of centre c and extent w of p, with their derivatives.
        func axis(_ c: Float, _ w: Float, _ tc: Float, _ tw: Float) -> (
            o: Float, oc: Float, ow: Float, h: Float, hc: Float, hw: Float
        ) {
            let lo = c - w / 2, hi = c + w / 2, tlo = tc - tw / 2, thi = tc + tw / 2
            let left = max(lo, tlo), right = min(hi, thi), raw = right - left
            // d lo/dc = 1, d lo/dw = -1/2; d hi/dc = 1, d hi/dw = 1/2
            let dl: Float = lo > tlo ? 1 : 0, dr: Float = hi < thi ? 1 : 0
            let inside = raw > 0
            let hull = max(hi, thi) - min(lo, tlo)
            let dh: Float = hi > thi ? 1 : 0, dk: Float = lo < tlo ? 1 : 0
            return (
                inside ? raw : 0, inside ? dr - dl : 0, inside ? (dr + dl) / 2 : 0,
                hull, dh - dk, (dh + dk) / 2
            )
        }
        let x = axis(p[0], p[2], t[0], t[2]), y = axis(p[1], p[3], t[1], t[3])
        let overlap = x.o * y.o, area = p[2] * p[3] + t[2] * t[3], union = max(area - overlap, 1e-9)
        let hull = max(x.h * y.h, 1e-9)
        let iou = overlap / union
        let giou = iou - (hull - union) / hull
        func derivative(_ dOverlap: Float, _ dArea: Float, _ dHull: Float) -> Float {
            let dUnion = dArea - dOverlap
            return (dOverlap * union - overlap * dUnion) / (union * union) + (dUnion * hull - union * dHull) / (hull * hull)
        }
        return (
            giou, iou,
            [
                derivative(x.oc * y.o, 0, x.hc * y.h), derivative(y.oc * x.o, 0, y.hc * x.h),
                derivative(x.ow * y.o, p[3], x.hw * y.h), derivative(y.ow * x.o, p[2], y.hw * x.h),
            ]
        )
    }

    /// Sum over rows of rowWeight |x - target|, target [n, width] against columns of x.
    static func absolute(
        _ tape: Tape, _ x: Tensor, columns: Range<Int>, targets: [Float], rowWeight: [Float], weight: Float
    ) -> Float {
        var total: Float = 0
        var gradient = [Float](repeating: 0, count: targets.count)
        x.values.withValues { values in
            for r in 0..<x.rows where rowWeight[r] != 0 {
                for j in 0..<columns.count {
                    let i = r * columns.count + j, difference = values[r * x.columns + columns.lowerBound + j] - targets[i]
                    total += rowWeight[r] * abs(difference)
                    gradient[i] = difference > 0 ? weight * rowWeight[r] : (difference < 0 ? -weight * rowWeight[r] : 0)
                }
            }
        }
        tape.recordLoss {
            x.addToGradient { dx in
                for r in 0..<x.rows where rowWeight[r] != 0 {
                    for j in 0..<columns.count {
                        dx[r * x.columns + columns.lowerBound + j] += gradient[r * columns.count + j]
                    }
                }
            }
        }
        return total
    }

    /// Mean |C| of a gain matrix: the paper's sparsity penalty.
    static func sparsity(_ tape: Tape, _ gain: Tensor, weight: Float) -> Float {
        let scale = weight / Float(gain.count)
        tape.recordLoss {
            gain.values.withValues { c in gain.addToGradient { d in for i in d.indices { d[i] += c[i] > 0 ? scale : -scale } } }
        }
        return gain.values.withValues { $0.reduce(0) { $0 + abs($1) } } / Float(gain.count)
    }
}

/// Centre x, centre y, width, height as shares of the image.
struct BoxTarget: Sendable, Equatable {
    let values: [Float]

    init(x: Float, y: Float, width: Float, height: Float, side: Float) {
        values = [(x + width / 2) / side, (y + height / 2) / side, width / side, height / side]
    }
}
