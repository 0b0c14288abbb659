/* Elementwise maps and their derivatives on row-major float arrays.
 *
 * Why C: these loops need the widest vectors the processor has, chosen at run time (`target_clones`), which swiftc
 * cannot do per function. Every map has a naive twin in the tests. Guarantees: exp and logistic are within
 * 4e-7 relative of the exact value on the finite range; no map allocates, none keeps state.
 *
 * Shapes: [rows, d] unless said otherwise. `keep` != 0 adds to the destination gradient, 0 overwrites it.
 */
#ifndef C_ELEMENTWISE_H
#define C_ELEMENTWISE_H
#include <stddef.h>
#include <stdint.h>

/* y = bias on every row (bias may be NULL: zero), or y = bias + residual. */
void ce_fill_rows(float *y, const float *bias, const float *residual, size_t rows, size_t d);
/* sum[c] += over rows of x[r, c]. */
void ce_add_column_sums(float *sum, const float *x, size_t rows, size_t d);
/* y = a x (keep 0) or y += a x (keep 1), n elements. */
void ce_scaled(float *y, const float *x, float a, int keep, size_t n);

/* y += a x in double precision, n elements, and the same of complex numbers whose real and imaginary parts lie apart. */
void ce_axpy(double *y, const double *x, double a, size_t n);
void ce_complex_axpy(double *yr, double *yi, const double *xr, const double *xi, double ar, double ai, size_t n);

/* Dropout: y = scale x (or y += scale x) where a hash of seed and index, uniform over 2^32, is at least `below`; elsewhere 0.
 * The same seed masks the same elements, so that a backward half needs no mask kept. n < 2^32. */
void ce_dropout(float *y, const float *x, uint32_t seed, uint32_t below, float scale, int keep, size_t n);

/* y *= x, n elements. */
void ce_multiply(float *y, const float *x, size_t n);

/* GELU in its tanh form, and its derivative beside it. */
void ce_gelu(float *y, const float *x, size_t n);
void ce_gelu_and_slope(float *y, float *slope, const float *x, size_t n);

/* y = (x - mean) rstd gain + shift; mean and rstd are [rows]. */
void ce_layer_norm(float *y, float *mean, float *rstd, const float *x, const float *gain, const float *shift,
                   size_t rows, size_t d);
void ce_layer_norm_backward(float *dx, float *dgain, float *dshift, const float *x, const float *mean,
                            const float *rstd, const float *gain, const float *dy, int keep, size_t rows, size_t d);

/* y = silu(u) * x / rms(x) (u may be NULL: no gate); inv_rms is [rows]. */
void ce_gated_rms(float *y, float *inv_rms, const float *u, const float *x, size_t rows, size_t d);
void ce_gated_rms_backward(float *du, float *dx, const float *u, const float *x, const float *inv_rms,
                           const float *dy, int keep_u, int keep_x, size_t rows, size_t d);

/* Per column softmax of logits over the rows, times v, times scale; w keeps the softmax. */
void ce_salience(float *out, float *w, const float *logits, const float *v, float scale, size_t rows, size_t d);
void ce_salience_backward(float *dlogits, float *dv, float *column_scratch, const float *w, const float *v,
                          const float *dout, float scale, int keep_logits, int keep_v, size_t rows, size_t d);

/* out = scale * logistic(logits) * v. */
void ce_logistic_gate(float *out, const float *logits, const float *v, float scale, size_t n);
void ce_logistic_gate_backward(float *dlogits, float *dv, const float *logits, const float *v, const float *dout,
                               float scale, int keep_logits, int keep_v, size_t n);

/* Complex product with the modulation m, for one spectrum: s, m and out are [2K, d], real rows then imaginary rows. */
void ce_modulate(float *out, const float *s, const float *m, size_t atoms, size_t d);
/* ds = conj(m) dout; dm += conj(s) dout. */
void ce_modulate_backward(float *ds, float *dm, const float *s, const float *m, const float *dout, int keep,
                          size_t atoms, size_t d);

/* One row of a dictionary [Re Phi | -Im Phi], 2K, times g atom by atom: g has re and im of all n atoms, of which `kept`
   says which the row has. */
void ce_steer(float *out, const float *a, const float *g, const size_t *kept, size_t atoms, size_t all);
/* da += conj(g) dout; dg += conj(a) dout, as the layout has it. */
void ce_steer_backward(float *da, float *dg, const float *a, const float *g, const float *dout, const size_t *kept,
                       size_t atoms, size_t all);

/* y[t] += sum over s <= t of kernel[t - s] u[s], channel by channel; rows tokens, kernel [>= rows, d]. */
void ce_causal(float *y, const float *u, const float *kernel, size_t rows, size_t d);
void ce_causal_backward(float *du, float *dkernel, const float *u, const float *kernel, const float *dy, size_t rows,
                        size_t d);

/* Row softmax in place over n columns. */
void ce_row_softmax(float *x, size_t rows, size_t n);
/* dx = p (dp - sum p dp) for one matrix of row softmaxes p; may run in place (dx == dp). */
void ce_row_softmax_backward(float *dx, const float *p, const float *dp, size_t rows, size_t n);

/* One AdamW step on n values; the bias corrections of m and v are in `rate` and `root_correction`. */
void ce_adamw(float *w, float *m, float *v, const float *g, float clip, float beta1, float beta2, float rate,
              float root_correction, float epsilon, float decay, size_t n);
/* average = decay average + (1 - decay) x. */
void ce_average(float *average, const float *x, float decay, size_t n);
double ce_squared_norm(const float *x, size_t n);
#endif
