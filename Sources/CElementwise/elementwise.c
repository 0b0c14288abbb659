#include "CElementwise.h"
#include <math.h>
#include <string.h>

#if defined(__x86_64__)
#define WIDE __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define WIDE
#endif
/* Sums may be reordered and products fused: the tolerance of every test allows for it. */
#define RELAXED _Pragma("clang fp reassociate(on) contract(fast)")
#define R restrict
/* Adds to a gradient, or overwrites what may be anything. `keep` does not change in a loop, so the compiler splits it. */
#define PUT(target, keep, value) ((target) = (keep) ? (target) + (value) : (value))

/* exp by 2^n * polynomial on [-ln2/2, ln2/2] (Cephes' coefficients); arguments are clamped to +-87. */
static inline __attribute__((always_inline)) float fast_exp(float x) {
    x = x > 87.0f ? 87.0f : x;
    x = x < -87.0f ? -87.0f : x;
    float n = x * 1.44269504088896341f;
    n = (n + 12582912.0f) - 12582912.0f; /* round to nearest */
    float f = x - n * 0.693359375f;
    f = f + n * 2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * f + 1.3981999507e-3f;
    p = p * f + 8.3334519073e-3f;
    p = p * f + 4.1665795894e-2f;
    p = p * f + 1.6666665459e-1f;
    p = p * f + 5.0000001201e-1f;
    p = p * f * f + f + 1.0f;
    union { int i; float f; } scale;
    scale.i = ((int)n + 127) << 23;
    return p * scale.f;
}
static inline __attribute__((always_inline)) float logistic(float x) { return 1.0f / (1.0f + fast_exp(-x)); }

WIDE void ce_fill_rows(float *R y, const float *R bias, const float *R residual, size_t rows, size_t d) {
    for (size_t r = 0; r < rows; r++, y += d) {
        if (residual) {
            const float *R x = residual + r * d;
            if (bias) for (size_t c = 0; c < d; c++) y[c] = bias[c] + x[c];
            else memcpy(y, x, d * sizeof(float));
        } else if (bias) memcpy(y, bias, d * sizeof(float));
        else memset(y, 0, d * sizeof(float));
    }
}
WIDE void ce_add_column_sums(float *R sum, const float *R x, size_t rows, size_t d) {
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < d; c++) sum[c] += x[r * d + c];
}
WIDE void ce_scaled(float *R y, const float *R x, float a, int keep, size_t n) {
    if (keep) for (size_t i = 0; i < n; i++) y[i] += a * x[i];
    else for (size_t i = 0; i < n; i++) y[i] = a * x[i];
}

WIDE void ce_axpy(double *R y, const double *R x, double a, size_t n) {
    RELAXED
    for (size_t i = 0; i < n; i++) y[i] += a * x[i];
}
WIDE void ce_complex_axpy(double *R yr, double *R yi, const double *R xr, const double *R xi, double ar, double ai, size_t n) {
    RELAXED
    for (size_t i = 0; i < n; i++) {
        yr[i] += ar * xr[i] - ai * xi[i];
        yi[i] += ar * xi[i] + ai * xr[i];
    }
}

WIDE void ce_dropout(float *R y, const float *R x, uint32_t seed, uint32_t below, float scale, int keep, size_t n) {
    for (size_t i = 0; i < n; i++) {
        /* An integer hash of low bias: two rounds of shift and multiply. */
        uint32_t h = (uint32_t)i * 0x9e3779b9u ^ seed;
        h = (h ^ h >> 16) * 0x7feb352du;
        h = (h ^ h >> 15) * 0x846ca68bu;
        h ^= h >> 16;
        PUT(y[i], keep, h >= below ? scale * x[i] : 0.0f);
    }
}

WIDE void ce_multiply(float *R y, const float *R x, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] *= x[i];
}

/* gelu(x) = x logistic(2 s), s = sqrt(2/pi) (x + 0.044715 x^3), since (1 + tanh s) / 2 = logistic(2 s). */
#define GELU_A 1.5957691216057308f
#define GELU_B 0.044715f
WIDE void ce_gelu(float *R y, const float *R x, size_t n) {
    RELAXED
    for (size_t i = 0; i < n; i++) y[i] = x[i] * logistic(GELU_A * (x[i] + GELU_B * x[i] * x[i] * x[i]));
}
WIDE void ce_gelu_and_slope(float *R y, float *R slope, const float *R x, size_t n) {
    RELAXED
    for (size_t i = 0; i < n; i++) {
        const float q = x[i] * x[i];
        const float p = logistic(GELU_A * x[i] * (1.0f + GELU_B * q));
        y[i] = x[i] * p;
        slope[i] = p + x[i] * p * (1.0f - p) * GELU_A * (1.0f + 3.0f * GELU_B * q);
    }
}

WIDE void ce_layer_norm(float *R y, float *R mean, float *R rstd, const float *R x, const float *R gain,
                        const float *R shift, size_t rows, size_t d) {
    RELAXED
    for (size_t r = 0; r < rows; r++, x += d, y += d) {
        float s = 0, q = 0;
        for (size_t c = 0; c < d; c++) s += x[c];
        const float m = s / (float)d;
        for (size_t c = 0; c < d; c++) q += (x[c] - m) * (x[c] - m);
        const float i = 1.0f / sqrtf(q / (float)d + 1e-5f);
        for (size_t c = 0; c < d; c++) y[c] = (x[c] - m) * i * gain[c] + shift[c];
        mean[r] = m;
        rstd[r] = i;
    }
}
WIDE void ce_layer_norm_backward(float *R dx, float *R dgain, float *R dshift, const float *R x, const float *R mean,
                                 const float *R rstd, const float *R gain, const float *R dy, int keep, size_t rows,
                                 size_t d) {
    RELAXED
    for (size_t r = 0; r < rows; r++, x += d, dy += d, dx += d) {
        const float m = mean[r], i = rstd[r];
        float a = 0, b = 0;
        for (size_t c = 0; c < d; c++) {
            const float n = (x[c] - m) * i, g = dy[c] * gain[c];
            a += g;
            b += g * n;
            dgain[c] += dy[c] * n;
            dshift[c] += dy[c];
        }
        a /= (float)d;
        b /= (float)d;
        for (size_t c = 0; c < d; c++) PUT(dx[c], keep, i * (dy[c] * gain[c] - a - (x[c] - m) * i * b));
    }
}

WIDE void ce_gated_rms(float *R y, float *R inv_rms, const float *R u, const float *R x, size_t rows, size_t d) {
    RELAXED
    for (size_t r = 0; r < rows; r++, x += d, y += d) {
        float q = 0;
        for (size_t c = 0; c < d; c++) q += x[c] * x[c];
        const float i = 1.0f / sqrtf(q / (float)d + 1e-6f);
        inv_rms[r] = i;
        if (u) {
            const float *R ur = u + r * d;
            for (size_t c = 0; c < d; c++) y[c] = ur[c] * logistic(ur[c]) * x[c] * i;
        } else for (size_t c = 0; c < d; c++) y[c] = x[c] * i;
    }
}
WIDE void ce_gated_rms_backward(float *R du, float *R dx, const float *R u, const float *R x, const float *R inv_rms,
                                const float *R dy, int keep_u, int keep_x, size_t rows, size_t d) {
    RELAXED
    for (size_t r = 0; r < rows; r++, x += d, dy += d, dx += d) {
        const float i = inv_rms[r];
        float b = 0;
        if (u) {
            const float *R ur = u + r * d;
            float *R dur = du + r * d;
            for (size_t c = 0; c < d; c++) {
                const float p = logistic(ur[c]), g = ur[c] * p;
                PUT(dur[c], keep_u, dy[c] * x[c] * i * p * (1.0f + ur[c] * (1.0f - p)));
                b += dy[c] * g * x[c];
            }
            b *= i * i / (float)d;
            for (size_t c = 0; c < d; c++) PUT(dx[c], keep_x, i * (dy[c] * ur[c] * logistic(ur[c]) - x[c] * b));
        } else {
            for (size_t c = 0; c < d; c++) b += dy[c] * x[c];
            b *= i * i / (float)d;
            for (size_t c = 0; c < d; c++) PUT(dx[c], keep_x, i * (dy[c] - x[c] * b));
        }
    }
}

/* The row loop is outside, so that the inner loop runs along channels; `w`'s first row holds the running maximum and
 * `out`'s first row the running sum until the last pass writes them. */
WIDE void ce_salience(float *R out, float *R w, const float *R logits, const float *R v, float scale, size_t rows,
                      size_t d) {
    RELAXED
    float *R top = w, *R sum = out;
    memcpy(top, logits, d * sizeof(float));
    memset(sum, 0, d * sizeof(float));
    for (size_t r = 1; r < rows; r++)
        for (size_t c = 0; c < d; c++) top[c] = logits[r * d + c] > top[c] ? logits[r * d + c] : top[c];
    for (size_t r = 1; r < rows; r++)
        for (size_t c = 0; c < d; c++) {
            w[r * d + c] = fast_exp(logits[r * d + c] - top[c]);
            sum[c] += w[r * d + c];
        }
    for (size_t c = 0; c < d; c++) {
        const float first = fast_exp(logits[c] - top[c]);
        sum[c] = 1.0f / (sum[c] + first);
        w[c] = first * sum[c];
    }
    for (size_t r = 1; r < rows; r++)
        for (size_t c = 0; c < d; c++) {
            w[r * d + c] *= sum[c];
            out[r * d + c] = scale * w[r * d + c] * v[r * d + c];
        }
    for (size_t c = 0; c < d; c++) out[c] = scale * w[c] * v[c];
}
WIDE void ce_salience_backward(float *R dlogits, float *R dv, float *R column_scratch, const float *R w,
                               const float *R v, const float *R dout, float scale, int keep_logits, int keep_v,
                               size_t rows, size_t d) {
    RELAXED
    memset(column_scratch, 0, d * sizeof(float));
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < d; c++) {
            const size_t i = r * d + c;
            const float g = scale * w[i] * dout[i];
            PUT(dv[i], keep_v, g);
            column_scratch[c] += g * v[i];
        }
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < d; c++) {
            const size_t i = r * d + c;
            PUT(dlogits[i], keep_logits, w[i] * (scale * v[i] * dout[i] - column_scratch[c]));
        }
}

WIDE void ce_logistic_gate(float *R out, const float *R logits, const float *R v, float scale, size_t n) {
    RELAXED
    for (size_t i = 0; i < n; i++) out[i] = scale * logistic(logits[i]) * v[i];
}
WIDE void ce_logistic_gate_backward(float *R dlogits, float *R dv, const float *R logits, const float *R v,
                                    const float *R dout, float scale, int keep_logits, int keep_v, size_t n) {
    RELAXED
    for (size_t i = 0; i < n; i++) {
        const float p = logistic(logits[i]), g = scale * p * dout[i];
        PUT(dv[i], keep_v, g);
        PUT(dlogits[i], keep_logits, g * v[i] * (1.0f - p));
    }
}

WIDE void ce_modulate(float *R out, const float *R s, const float *R m, size_t atoms, size_t d) {
    RELAXED
    const size_t n = atoms * d;
    for (size_t i = 0; i < n; i++) {
        const float sr = s[i], si = s[n + i], mr = m[i], mi = m[n + i];
        out[i] = sr * mr - si * mi;
        out[n + i] = sr * mi + si * mr;
    }
}
WIDE void ce_modulate_backward(float *R ds, float *R dm, const float *R s, const float *R m, const float *R dout,
                               int keep, size_t atoms, size_t d) {
    RELAXED
    const size_t n = atoms * d;
    for (size_t i = 0; i < n; i++) {
        const float sr = s[i], si = s[n + i], mr = m[i], mi = m[n + i], gr = dout[i], gi = dout[n + i];
        PUT(ds[i], keep, mr * gr + mi * gi);
        PUT(ds[n + i], keep, mr * gi - mi * gr);
        dm[i] += sr * gr + si * gi;
        dm[n + i] += sr * gi - si * gr;
    }
}

void ce_steer(float *R out, const float *R a, const float *R g, const size_t *R kept, size_t atoms, size_t all) {
    for (size_t j = 0; j < atoms; j++) {
        const float re = a[j], im = a[atoms + j], fr = g[kept[j]], fi = g[all + kept[j]];
        out[j] = re * fr + im * fi;
        out[atoms + j] = im * fr - re * fi;
    }
}
void ce_steer_backward(float *R da, float *R dg, const float *R a, const float *R g, const float *R dout,
                       const size_t *R kept, size_t atoms, size_t all) {
    for (size_t j = 0; j < atoms; j++) {
        const size_t k = kept[j];
        const float re = a[j], im = a[atoms + j], fr = g[k], fi = g[all + k], dr = dout[j], di = dout[atoms + j];
        da[j] += fr * dr - fi * di;
        da[atoms + j] += fi * dr + fr * di;
        dg[k] += re * dr + im * di;
        dg[all + k] += im * dr - re * di;
    }
}

WIDE void ce_causal(float *R y, const float *R u, const float *R kernel, size_t rows, size_t d) {
    RELAXED
    for (size_t t = 0; t < rows; t++)
        for (size_t s = 0; s <= t; s++)
            for (size_t c = 0; c < d; c++) y[t * d + c] += kernel[(t - s) * d + c] * u[s * d + c];
}
WIDE void ce_causal_backward(float *R du, float *R dkernel, const float *R u, const float *R kernel,
                             const float *R dy, size_t rows, size_t d) {
    RELAXED
    for (size_t t = 0; t < rows; t++)
        for (size_t s = 0; s <= t; s++)
            for (size_t c = 0; c < d; c++) {
                du[s * d + c] += kernel[(t - s) * d + c] * dy[t * d + c];
                dkernel[(t - s) * d + c] += u[s * d + c] * dy[t * d + c];
            }
}

WIDE void ce_row_softmax(float *R x, size_t rows, size_t n) {
    RELAXED
    for (size_t r = 0; r < rows; r++, x += n) {
        float top = x[0], sum = 0;
        for (size_t c = 1; c < n; c++) top = x[c] > top ? x[c] : top;
        for (size_t c = 0; c < n; c++) {
            x[c] = fast_exp(x[c] - top);
            sum += x[c];
        }
        const float i = 1.0f / sum;
        for (size_t c = 0; c < n; c++) x[c] *= i;
    }
}
WIDE void ce_row_softmax_backward(float *dx, const float *p, const float *dp, size_t rows, size_t n) {
    RELAXED
    for (size_t r = 0; r < rows; r++, dx += n, p += n, dp += n) {
        float sum = 0;
        for (size_t c = 0; c < n; c++) sum += p[c] * dp[c];
        for (size_t c = 0; c < n; c++) dx[c] = p[c] * (dp[c] - sum);
    }
}

WIDE void ce_adamw(float *R w, float *R m, float *R v, const float *R g, float clip, float beta1, float beta2,
                   float rate, float root_correction, float epsilon, float decay, size_t n) {
    RELAXED
    for (size_t i = 0; i < n; i++) {
        const float x = clip * g[i];
        m[i] = beta1 * m[i] + (1.0f - beta1) * x;
        v[i] = beta2 * v[i] + (1.0f - beta2) * x * x;
        w[i] = w[i] * (1.0f - decay) - rate * m[i] / (sqrtf(v[i]) * root_correction + epsilon);
    }
}
WIDE void ce_average(float *R average, const float *R x, float decay, size_t n) {
    RELAXED
    for (size_t i = 0; i < n; i++) average[i] = decay * average[i] + (1.0f - decay) * x[i];
}
WIDE double ce_squared_norm(const float *R x, size_t n) {
    RELAXED
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (double)x[i] * (double)x[i];
    return sum;
}
