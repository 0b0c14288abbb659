// Matrix products, through oneDNN's `sgemm`.
//
// Guarantees: row-major operands with explicit leading dimensions; `keep` adds to the result, otherwise it is
// overwritten (beta 0: the old contents may be anything); single-threaded per calling thread after `useOneThread`.

import CDNNL

/// Confines oneDNN's products to the calling thread. Parallelism is over halves of the batch, one worker thread each.
public func useOneThreadForProducts() { omp_set_num_threads(1) }

/// C [m, n] = alpha op(A) [m, k] op(B) [k, n] (+ C).
@inline(__always)
func product(
    _ a: UnsafePointer<Float>, _ aStride: Int, _ b: UnsafePointer<Float>, _ bStride: Int,
    into c: UnsafeMutablePointer<Float>, _ cStride: Int, m: Int, n: Int, k: Int,
    transposingA: Bool = false, transposingB: Bool = false, alpha: Float = 1, keep: Bool = false
) {
    guard m > 0, n > 0 else { return }
    guard k > 0 else {
        // oneDNN leaves C as it found it, even at beta 0: an empty sequence's spectrum would be what the pool held.
        if !keep { for row in 0..<m { (c + row * cStride).update(repeating: 0, count: n) } }
        return
    }
    let plain = CChar(UInt8(ascii: "N")), flipped = CChar(UInt8(ascii: "T"))
    let status = dnnl_sgemm(
        transposingA ? flipped : plain, transposingB ? flipped : plain, Int64(m), Int64(n), Int64(k), alpha,
        a, Int64(aStride), b, Int64(bStride), keep ? 1 : 0, c, Int64(cStride))
    precondition(status == dnnl_success, "oneDNN refused a product of \(m) x \(k) by \(k) x \(n) (status \(status))")
}

extension Tape {
    /// Y [n, b] = X [n, a] W [a, b] + bias [b] + residual [n, b].
    ///
    /// Backward: dX = dY W^T, dW = X^T dY, dbias = column sums of dY, dresidual = dY.
    public func linear(_ x: Tensor, _ weight: Tensor, _ bias: Tensor? = nil, plus residual: Tensor? = nil) -> Tensor {
        precondition(x.columns == weight.rows, "linear: \(x.columns) columns meet a weight of \(weight.rows) rows")
        let n = x.rows, a = x.columns, b = weight.columns
        let y = tensor(
            rows: n, columns: b,
            needsGradient: x.needsGradient || weight.needsGradient || residual?.needsGradient == true)
        let prefilled = bias != nil || residual != nil
        if prefilled { fillRows(y, bias: bias, residual: residual) }
        product(x.pointer, a, weight.pointer, b, into: y.pointer, b, m: n, n: b, k: a, keep: prefilled)
        record(y) { dy in
            if x.needsGradient {
                let (dx, keep) = x.gradientSink()
                product(dy.pointer, b, weight.pointer, b, into: dx, a, m: n, n: a, k: b, transposingB: true, keep: keep)
            }
            if weight.needsGradient {
                let (dw, keep) = weight.gradientSink()
                product(x.pointer, a, dy.pointer, b, into: dw, b, m: a, n: b, k: n, transposingA: true, keep: keep)
            }
            if let bias, bias.needsGradient { addColumnSums(of: dy, rows: n, to: bias) }
            residual?.inheritGradient(dy)
        }
        return y
    }
}

/// Plain products for modules above, outside any tape: result [m, n] = a [m, k] b [k, n], row-major arrays.
public func matrixProduct(_ a: [Float], _ b: [Float], m: Int, n: Int, k: Int) -> [Float] {
    precondition(
        a.count == m * k && b.count == k * n, "matrixProduct: \(a.count) and \(b.count) floats for \(m) x \(k) by \(k) x \(n)")
    return [Float](unsafeUninitializedCapacity: m * n) { result, count in
        a.withUnsafeBufferPointer { a in
            b.withUnsafeBufferPointer { b in
                if let a = a.baseAddress, let b = b.baseAddress, let c = result.baseAddress {
                    product(a, k, b, n, into: c, n, m: m, n: n, k: k)
                }
            }
        }
        count = m * n
    }
}
