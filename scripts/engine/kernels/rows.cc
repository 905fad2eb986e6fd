#include "rows.h"

#include <cmath>

#include "exponential.h"

// Each for what the processor at hand has. Sums may be taken in another order, as vectors take them; of norms, and of what is largest, on the
// word that all are numbers.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#if __GNUC__ >= 12
#define TARGETS target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")
#else
#define TARGETS target_clones("avx512f", "avx2", "default")
#endif
#define SUMS __attribute__((TARGETS, optimize("O3,fast-math")))
#define EACH __attribute__((TARGETS, optimize("O3,no-math-errno,no-trapping-math")))
#define TOTALS __attribute__((TARGETS, optimize("O3,no-math-errno,no-trapping-math,no-signed-zeros,associative-math")))
#else
#define SUMS
#define EACH
#define TOTALS
#endif

namespace mm1 {

SUMS void LayerNormRows(const float *x, const float *gain, const float *bias, float epsilon, int64_t width, int64_t first,
                        int64_t end, float *y, float *means, float *inverses) {
  for (int64_t row = first; row < end; ++row) {
    const float *in = x + row * width;
    float *out = y + row * width;
    float sum = 0;
    for (int64_t i = 0; i < width; ++i) sum += in[i];
    const float mean = sum / width;
    float square = 0;
    for (int64_t i = 0; i < width; ++i) square += (in[i] - mean) * (in[i] - mean);
    const float inverse = 1 / std::sqrt(square / width + epsilon);
    for (int64_t i = 0; i < width; ++i) out[i] = (in[i] - mean) * inverse * gain[i] + bias[i];
    means[row] = mean;
    inverses[row] = inverse;
  }
}

SUMS void LayerNormGradRows(const float *dy, const float *x, const float *gain, const float *means, const float *inverses,
                            int64_t width, int64_t first, int64_t end, float *dx, float *dgain, float *dbias) {
  for (int64_t row = first; row < end; ++row) {
    const float *d = dy + row * width;
    const float *in = x + row * width;
    float *out = dx + row * width;
    const float mean = means[row], inverse = inverses[row];
    float sum = 0, along = 0;
    for (int64_t i = 0; i < width; ++i) {
      const float normal = (in[i] - mean) * inverse, dn = d[i] * gain[i];
      sum += dn;
      along += dn * normal;
      dgain[i] += d[i] * normal;
      dbias[i] += d[i];
    }
    sum /= width;
    along /= width;
    for (int64_t i = 0; i < width; ++i)
      out[i] = (d[i] * gain[i] - sum - (in[i] - mean) * inverse * along) * inverse;
  }
}

SUMS void RmsNormRows(const float *x, const float *gain, float epsilon, int64_t width, int64_t first, int64_t end, float *y,
                      float *inverses) {
  for (int64_t row = first; row < end; ++row) {
    const float *in = x + row * width;
    float *out = y + row * width;
    float square = 0;
    for (int64_t i = 0; i < width; ++i) square += in[i] * in[i];
    const float inverse = 1 / std::sqrt(square / width + epsilon);
    for (int64_t i = 0; i < width; ++i) out[i] = in[i] * inverse * gain[i];
    inverses[row] = inverse;
  }
}

SUMS void RmsNormGradRows(const float *dy, const float *x, const float *gain, const float *inverses, int64_t width,
                          int64_t first, int64_t end, float *dx, float *dgain) {
  for (int64_t row = first; row < end; ++row) {
    const float *d = dy + row * width;
    const float *in = x + row * width;
    float *out = dx + row * width;
    const float inverse = inverses[row];
    float along = 0;
    for (int64_t i = 0; i < width; ++i) {
      const float normal = in[i] * inverse;
      along += d[i] * gain[i] * normal;
      dgain[i] += d[i] * normal;
    }
    along /= width;
    for (int64_t i = 0; i < width; ++i) out[i] = (d[i] * gain[i] - in[i] * inverse * along) * inverse;
  }
}

namespace {

inline __attribute__((always_inline)) float Exp(float x) {
  Exponentiate(x);
  return x;
}

}  // namespace

/** The largest number; any, where one is none. */
SUMS static float Largest(const float *x, int64_t count) {
  float most = x[0];
  for (int64_t i = 1; i < count; ++i) most = x[i] > most ? x[i] : most;
  return most;
}

/** Sum of e^(x - most): no number where an x is none. */
TOTALS static float SumOfExponentials(const float *x, float most, int64_t count) {
  float sum = 0;
  for (int64_t i = 0; i < count; ++i) sum += Exp(x[i] - most);
  return sum;
}

void CrossEntropyRows(const float *x, const int32_t *targets, int64_t classes, int64_t first, int64_t end, float *losses,
                      float *totals) {
  for (int64_t row = first; row < end; ++row) {
    const float *in = x + row * classes;
    const float most = Largest(in, classes);
    totals[row] = std::log(SumOfExponentials(in, most, classes)) + most;
    losses[row] = totals[row] - in[targets[row]];
  }
}

EACH void CrossEntropyGradRows(const float *dy, const float *x, const int32_t *targets, const float *totals, int64_t classes,
                               int64_t first, int64_t end, float *dx) {
  for (int64_t row = first; row < end; ++row) {
    const float *in = x + row * classes;
    float *out = dx + row * classes;
    const float d = dy[row], total = totals[row];
    for (int64_t i = 0; i < classes; ++i) out[i] = d * Exp(in[i] - total);
    out[targets[row]] -= d;
  }
}

constexpr float kRootHalf = 0.70710678f;
constexpr float kDensity = 0.39894228f;  // of the standard normal distribution at 0

namespace {

/** The error function within 1.5e-7 (Abramowitz and Stegun, 1964, formula 7.1.26). @param square e^(-x^2) */
inline __attribute__((always_inline)) float Erf(float x, float square) {
  const float t = 1 / (1 + 0.3275911f * (x < 0 ? -x : x));
  const float tail =
      ((((1.061405429f * t - 1.453152027f) * t + 1.421413741f) * t - 0.284496736f) * t + 0.254829592f) * t * square;
  return x < 0 ? tail - 1 : 1 - tail;
}

}  // namespace

EACH void Logistic(const float *x, float slope, int64_t first, int64_t end, float *y) {
  for (int64_t i = first; i < end; ++i) y[i] = x[i] / (1 + Exp(-slope * x[i]));
}

EACH void LogisticGrad(const float *dy, const float *x, float slope, int64_t first, int64_t end, float *dx) {
  for (int64_t i = first; i < end; ++i) {
    const float s = 1 / (1 + Exp(-slope * x[i]));
    dx[i] = dy[i] * s * (1 + slope * x[i] * (1 - s));
  }
}

EACH void Gelu(const float *x, int64_t first, int64_t end, float *y) {
  for (int64_t i = first; i < end; ++i)
    y[i] = 0.5f * x[i] * (1 + Erf(x[i] * kRootHalf, Exp(-0.5f * x[i] * x[i])));
}

EACH void GeluGrad(const float *dy, const float *x, int64_t first, int64_t end, float *dx) {
  for (int64_t i = first; i < end; ++i) {
    const float square = Exp(-0.5f * x[i] * x[i]);
    dx[i] = dy[i] * (0.5f * (1 + Erf(x[i] * kRootHalf, square)) + x[i] * kDensity * square);
  }
}

}  // namespace mm1
