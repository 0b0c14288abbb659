// Products of one shared matrix with every sequence of a ragged batch: analysis and synthesis are made of these.
//
// A packed tensor holds the tokens of all sequences one after another, without padding; a `Segment` says which rows
// are one sequence and which rows (or columns) of the shared matrix they meet.

import CElementwise

/// One sequence's tokens in a packed tensor.
public struct Segment: Sendable, Equatable {
    /// Its rows in the packed tensor.
    public let rows: Range<Int>
    /// The row of the shared matrix that the first of them meets: its position on the grid or in the text.
    public let offset: Int

    public init(_ rows: Range<Int>, offset: Int = 0) {
        self.rows = rows
        self.offset = offset
    }
}

extension Tape {
    /// S_b [m, d] = A[offset ..< offset + l]^T X_b: analysis by the adjoint. A [L, m]; result [n m, d].
    ///
    /// dX_b = A dS_b; dA[offset ..< offset + l] += X_b dS_b^T.
    public func adjointProduct(_ a: Tensor, _ x: Tensor, _ segments: [Segment]) -> Tensor {
        let m = a.columns, d = x.columns
        let s = tensor(rows: segments.count * m, columns: d, needsGradient: true)
        for (b, segment) in segments.enumerated() {
            precondition(segment.offset + segment.rows.count <= a.rows, "adjointProduct: segment outside")
            SpectralKernels.product(
                a.pointer + segment.offset * m, m, x.pointer + segment.rows.lowerBound * d, d, into: s.pointer + b * m * d,
                d, m: m, n: d, k: segment.rows.count, transposingA: true)
        }
        record(s) { ds in
            let dx = x.needsGradient ? x.gradientSink() : nil, da = a.needsGradient ? a.clearedGradient() : nil
            for (b, segment) in segments.enumerated() {
                let l = segment.rows.count, start = segment.rows.lowerBound * d
                if let dx {
                    SpectralKernels.product(
                        a.pointer + segment.offset * m, m, ds.pointer + b * m * d, d, into: dx.pointer + start, d, m: l,
                        n: d, k: m, keep: dx.keep)
                }
                if let da {
                    SpectralKernels.product(
                        x.pointer + start, d, ds.pointer + b * m * d, d, into: da + segment.offset * m, m, m: l, n: m,
                        k: d, transposingB: true, keep: true)
                }
            }
        }
        return s
    }

    /// S_b [m, d] = P[:, offset ..< offset + l] X_b: analysis by a pseudo-inverse; result [n m, d].
    ///
    /// dX_b = P^T dS_b; dP[:, offset ..< offset + l] += dS_b X_b^T.
    /// - Parameters:
    ///   - inverses: matrices P [m, L] of one m; a ragged batch has one for every length.
    ///   - choice: which of them each segment uses; `nil` for the first.
    public func columnProduct(_ inverses: [Tensor], choice: [Int]? = nil, _ x: Tensor, _ segments: [Segment]) -> Tensor {
        let m = inverses[0].rows, d = x.columns
        let s = tensor(rows: segments.count * m, columns: d, needsGradient: true)
        for (b, segment) in segments.enumerated() {
            let p = inverses[choice?[b] ?? 0]
            precondition(p.rows == m && segment.offset + segment.rows.count <= p.columns, "columnProduct: segment outside")
            SpectralKernels.product(
                p.pointer + segment.offset, p.columns, x.pointer + segment.rows.lowerBound * d, d,
                into: s.pointer + b * m * d, d, m: m, n: d, k: segment.rows.count)
        }
        record(s) { ds in
            let dx = x.needsGradient ? x.gradientSink() : nil
            for (b, segment) in segments.enumerated() {
                let l = segment.rows.count, start = segment.rows.lowerBound * d, p = inverses[choice?[b] ?? 0]
                if let dx {
                    SpectralKernels.product(
                        p.pointer + segment.offset, p.columns, ds.pointer + b * m * d, d, into: dx.pointer + start, d,
                        m: l, n: d, k: m, transposingA: true, keep: dx.keep)
                }
                if p.needsGradient {
                    SpectralKernels.product(
                        ds.pointer + b * m * d, d, x.pointer + start, d, into: p.clearedGradient() + segment.offset,
                        p.columns, m: m, n: l, k: d, transposingB: true, keep: true)
                }
            }
        }
        return s
    }

    /// Y_b [l, d] = A[offset ..< offset + l] S_b: synthesis. A [L, m], S [n m, d]; result has the segments' rows.
    ///
    /// dS_b = A^T dY_b; dA[offset ..< offset + l] += dY_b S_b^T.
    public func rowProduct(_ a: Tensor, _ s: Tensor, _ segments: [Segment]) -> Tensor {
        let m = a.columns, d = s.columns
        precondition(s.rows == segments.count * m, "rowProduct: \(s.rows) rows of spectra for \(segments.count) sequences")
        let y = tensor(rows: segments.last?.rows.upperBound ?? 0, columns: d, needsGradient: true)
        for (b, segment) in segments.enumerated() {
            precondition(segment.offset + segment.rows.count <= a.rows, "rowProduct: segment outside")
            SpectralKernels.product(
                a.pointer + segment.offset * m, m, s.pointer + b * m * d, d,
                into: y.pointer + segment.rows.lowerBound * d, d, m: segment.rows.count, n: d, k: m)
        }
        record(y) { dy in
            let ds = s.needsGradient ? s.gradientSink() : nil, da = a.needsGradient ? a.clearedGradient() : nil
            for (b, segment) in segments.enumerated() {
                let l = segment.rows.count, start = segment.rows.lowerBound * d
                if let ds {
                    SpectralKernels.product(
                        a.pointer + segment.offset * m, m, dy.pointer + start, d, into: ds.pointer + b * m * d, d, m: m,
                        n: d, k: l, transposingA: true, keep: ds.keep)
                }
                if let da {
                    SpectralKernels.product(
                        dy.pointer + start, d, s.pointer + b * m * d, d, into: da + segment.offset * m, m, m: l, n: m,
                        k: d, transposingB: true, keep: true)
                }
            }
        }
        return y
    }

    /// S'_b = S_b * M, complex and element by element; S [n 2K, d] and M [2K, d], real rows then imaginary rows.
    ///
    /// dS = conj(M) dS'; dM = sum over b of conj(S_b) dS'_b.
    public func modulate(_ s: Tensor, by m: Tensor) -> Tensor {
        let d = s.columns, atoms = m.rows / 2, block = m.count
        precondition(m.columns == d && s.count % block == 0, "modulate: \(s.rows) x \(d) by \(m.rows) x \(m.columns)")
        let out = tensor(rows: s.rows, columns: d, needsGradient: true)
        for start in stride(from: 0, to: s.count, by: block) {
            ce_modulate(out.pointer + start, s.pointer + start, m.pointer, atoms, d)
        }
        record(out) { [self] dOut in
            let unwanted = s.needsGradient ? nil : buffer(s.count)
            let (ds, keep) = s.needsGradient ? s.gradientSink() : (unwanted!.pointer, false)
            let scratch = m.needsGradient ? nil : buffer(block)
            let dm = scratch?.pointer ?? m.clearedGradient()
            for start in stride(from: 0, to: s.count, by: block) {
                ce_modulate_backward(
                    ds + start, dm, s.pointer + start, m.pointer, dOut.pointer + start, keep ? 1 : 0, atoms, d)
            }
        }
        return out
    }

    /// Y[t, k] = A[p(t), k] G[t, k], complex, A = [Re Phi | -Im Phi] [L, 2K'] and p(t) a token's place in its segment:
    /// the dictionary's rows as each token of a ragged batch has turned them. Result [n, 2K'], one row a token.
    ///
    /// dA[p(t)] += conj(G) dY; dG += conj(A) dY.
    /// - Parameters:
    ///   - g: [n, 2 all], real parts of every atom's G, then imaginary ones.
    ///   - kept: which of those atoms the columns of A are.
    public func steered(_ a: Tensor, by g: Tensor, kept: [Int], _ segments: [Segment]) -> Tensor {
        let width = a.columns, all = g.columns / 2, atoms = kept.map { UInt($0) }
        precondition(width == 2 * kept.count && kept.allSatisfy { $0 < all }, "steered: \(kept.count) atoms of \(all)")
        let places = segments.flatMap { segment in segment.rows.map { ($0, segment.offset + $0 - segment.rows.lowerBound) } }
        precondition(places.allSatisfy { $0.0 < g.rows && $0.1 < a.rows }, "steered: a segment lies outside")
        let y = tensor(rows: g.rows, columns: width, needsGradient: true)
        for (row, place) in places {
            ce_steer(y.pointer + row * width, a.pointer + place * width, g.pointer + row * 2 * all, atoms, atoms.count, all)
        }
        record(y) { [self] dy in
            let unwanted = a.needsGradient ? nil : buffer(a.count)
            let da = unwanted?.pointer ?? a.clearedGradient(), dg = g.clearedGradient()
            for (row, place) in places {
                ce_steer_backward(
                    da + place * width, dg + row * 2 * all, a.pointer + place * width, g.pointer + row * 2 * all,
                    dy.pointer + row * width, atoms, atoms.count, all)
            }
        }
        return y
    }

    /// y_t + sum over s <= t of kernel[t - s] * u_s within each segment, channel by channel: a causal spectral mix
    /// evaluated by its lag kernel. u and y [n, d]; kernel [>= longest segment, d].
    ///
    /// du_s = sum over t >= s of kernel[t - s] dy_t; dkernel[j] = sum over t of u_{t - j} dy_t.
    public func causalMix(_ u: Tensor, kernel: Tensor, _ segments: [Segment], plus y: Tensor) -> Tensor {
        let d = u.columns
        precondition(segments.allSatisfy { $0.rows.count <= kernel.rows }, "causalMix: a segment outruns the kernel")
        let out = tensor(rows: u.rows, columns: d, needsGradient: true)
        ce_fill_rows(out.pointer, nil, y.pointer, y.rows, d)
        for segment in segments {
            let o = segment.rows.lowerBound * d
            ce_causal(out.pointer + o, u.pointer + o, kernel.pointer, segment.rows.count, d)
        }
        record(out) { dOut in
            let du = u.clearedGradient(), dk = kernel.clearedGradient()
            for segment in segments {
                let o = segment.rows.lowerBound * d
                ce_causal_backward(
                    du + o, dk, u.pointer + o, kernel.pointer, dOut.pointer + o, segment.rows.count, d)
            }
            y.inheritGradient(dOut)
        }
        return out
    }
}
