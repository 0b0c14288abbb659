// The AdamW update (Loshchilov and Hutter 2019) on one buffer.

import CElementwise

public enum AdamW {
    /// w = w (1 - rate decay) - rate mhat / (sqrt(vhat) + 1e-8), moments updated in place.
    /// - Parameters:
    ///   - clip: factor on the gradient, from the global norm.
    ///   - step: 1 for the first update.
    public static func update(
        _ w: FloatBuffer, m: FloatBuffer, v: FloatBuffer, gradient: FloatBuffer, clip: Float, rate: Float,
        beta1: Float, beta2: Float, decay: Float, step: Int
    ) {
        precondition(w.count == m.count && w.count == v.count && w.count == gradient.count, "AdamW: sizes differ")
        let power1 = power(beta1, step), power2 = power(beta2, step)
        ce_adamw(
            w.pointer, m.pointer, v.pointer, gradient.pointer, clip, beta1, beta2, rate / (1 - power1),
            1 / (1 - power2).squareRoot(), 1e-8, rate * decay, w.count)
    }

    /// By squaring, in a fixed order: a resumed run sees the very same corrections.
    private static func power(_ base: Float, _ exponent: Int) -> Float {
        var result = 1.0, square = Double(base), n = exponent
        while n > 0 {
            if n & 1 == 1 { result *= square }
            square *= square
            n >>= 1
        }
        return Float(result)
    }

    /// Sum of squares, in double precision.
    public static func squaredNorm(_ x: FloatBuffer) -> Double { ce_squared_norm(x.pointer, x.count) }

    /// y += a x.
    public static func add(_ x: FloatBuffer, times a: Float, to y: FloatBuffer) {
        precondition(x.count == y.count, "add: sizes differ")
        ce_scaled(y.pointer, x.pointer, a, 1, x.count)
    }

    /// average = decay average + (1 - decay) x.
    public static func average(_ x: FloatBuffer, into average: FloatBuffer, decay: Float) {
        ce_average(average.pointer, x.pointer, decay, x.count)
    }
}
