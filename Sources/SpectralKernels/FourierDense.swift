// The dense twin of the Fourier evaluation: the same sums as one real product each.

/// Products of a dictionary with one sequence, outside any tape.
public enum FourierDense {
    /// C [m, n] = A B, or A^T B when `transposing`; A is [m, k] or [k, m], B [k, n], all row-major.
    public static func product(
        _ a: FloatBuffer, _ b: FloatBuffer, into c: FloatBuffer, m: Int, n: Int, k: Int, transposing: Bool
    ) {
        precondition(
            a.count == m * k && b.count == k * n && c.count == m * n, "product of \(m) x \(k) by \(k) x \(n): sizes differ")
        SpectralKernels.product(
            a.pointer, transposing ? m : k, b.pointer, n, into: c.pointer, n, m: m, n: n, k: k, transposingA: transposing)
    }
}
