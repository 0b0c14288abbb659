// Moving rows: embedding lookups, selections and concatenations. Backward of a gather is the scattered sum.

import CElementwise

extension Tape {
    /// y[i] = x[index[i]], whole blocks of `block` rows at a time: y [index.count * block, d].
    ///
    /// dx[index[i]] += dy[i].
    public func gather(_ x: Tensor, _ index: [Int], block: Int = 1) -> Tensor {
        let width = block * x.columns
        precondition(index.allSatisfy { $0 >= 0 && ($0 + 1) * width <= x.count }, "gather: an index lies outside")
        let y = tensor(rows: index.count * block, columns: x.columns, needsGradient: x.needsGradient)
        for (i, source) in index.enumerated() {
            (y.pointer + i * width).update(from: x.pointer + source * width, count: width)
        }
        record(y) { dy in
            let dx = x.clearedGradient()
            for (i, source) in index.enumerated() { ce_scaled(dx + source * width, dy.pointer + i * width, 1, 1, width) }
        }
        return y
    }

    /// z[i] = x[xIndex[i]] + y[i], in blocks of `block` rows: adds a shared spectrum to each sequence's own.
    public func sum(gathering x: Tensor, _ xIndex: [Int], block: Int, _ y: Tensor) -> Tensor {
        let width = block * x.columns
        precondition(y.count == xIndex.count * width, "sum(gathering:): \(y.rows) rows for \(xIndex.count) blocks")
        precondition(xIndex.allSatisfy { $0 >= 0 && ($0 + 1) * width <= x.count }, "sum(gathering:): block outside")
        let z = tensor(rows: y.rows, columns: y.columns, needsGradient: true)
        for (i, source) in xIndex.enumerated() {
            ce_fill_rows(z.pointer + i * width, nil, y.pointer + i * width, 1, width)
            ce_scaled(z.pointer + i * width, x.pointer + source * width, 1, 1, width)
        }
        record(z) { dz in
            if x.needsGradient {
                let dx = x.clearedGradient()
                for (i, source) in xIndex.enumerated() {
                    ce_scaled(dx + source * width, dz.pointer + i * width, 1, 1, width)
                }
            }
            y.inheritGradient(dz)
        }
        return z
    }

    /// Rows `range` of x, as a copy.
    public func rows(_ x: Tensor, _ range: Range<Int>) -> Tensor {
        precondition(range.lowerBound >= 0 && range.upperBound <= x.rows, "rows \(range) of \(x.rows)")
        let y = tensor(rows: range.count, columns: x.columns, needsGradient: x.needsGradient)
        y.pointer.update(from: x.pointer + range.lowerBound * x.columns, count: y.count)
        record(y) { dy in
            ce_scaled(x.clearedGradient() + range.lowerBound * x.columns, dy.pointer, 1, 1, y.count)
        }
        return y
    }

    /// Means of every `group` rows: y [n / group, d] of x [n, d].
    ///
    /// dx[i] += dy[i / group] / group.
    public func groupMeans(_ x: Tensor, group: Int) -> Tensor {
        precondition(group > 0 && x.rows % group == 0, "groupMeans: \(x.rows) rows in groups of \(group)")
        let d = x.columns, share = 1 / Float(group)
        let y = tensor(rows: x.rows / group, columns: d, needsGradient: x.needsGradient)
        for i in 0..<x.rows { ce_scaled(y.pointer + i / group * d, x.pointer + i * d, share, i % group == 0 ? 0 : 1, d) }
        record(y) { dy in
            let dx = x.clearedGradient()
            for i in 0..<x.rows { ce_scaled(dx + i * d, dy.pointer + i / group * d, share, 1, d) }
        }
        return y
    }

    /// The rows of several tensors, one after another.
    public func stacked(_ parts: [Tensor]) -> Tensor {
        let columns = parts[0].columns
        let y = tensor(
            rows: parts.reduce(0) { $0 + $1.rows }, columns: columns,
            needsGradient: parts.contains { $0.needsGradient })
        var offset = 0
        for part in parts {
            precondition(part.columns == columns, "stacked: \(part.columns) columns among \(columns)")
            (y.pointer + offset).update(from: part.pointer, count: part.count)
            offset += part.count
        }
        record(y) { dy in
            var offset = 0
            for part in parts {
                if part.needsGradient {
                    let (dx, keep) = part.gradientSink()
                    ce_scaled(dx, dy.pointer + offset, 1, keep ? 1 : 0, part.count)
                }
                offset += part.count
            }
        }
        return y
    }
}
