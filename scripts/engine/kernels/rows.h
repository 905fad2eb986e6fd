// Loops over some rows of [rows, width], or over some numbers: what a thread does of a layer. Each is one pass over memory, or two of a
// row that is still near. Gradients of gains and biases are added to what stands there.
#pragma once

#include <cstdint>

namespace mm1 {

constexpr float kQuick = 1.702f;  // OpenAI's CLIP was trained with x s(1.702 x) for a GELU

void LayerNormRows(const float *x, const float *gain, const float *bias, float epsilon, int64_t width, int64_t first, int64_t end, float *y, float *means, float *inverses);
void LayerNormGradRows(const float *dy, const float *x, const float *gain, const float *means, const float *inverses, int64_t width, int64_t first, int64_t end, float *dx, float *dgain, float *dbias);
void RmsNormRows(const float *x, const float *gain, float epsilon, int64_t width, int64_t first, int64_t end, float *y, float *inverses);
void RmsNormGradRows(const float *dy, const float *x, const float *gain, const float *inverses, int64_t width, int64_t first, int64_t end, float *dx, float *dgain);
void CrossEntropyRows(const float *x, const int32_t *targets, int64_t classes, int64_t first, int64_t end, float *losses, float *totals);
void CrossEntropyGradRows(const float *dy, const float *x, const int32_t *targets, const float *totals, int64_t classes, int64_t first, int64_t end, float *dx);
void Logistic(const float *x, float slope, int64_t first, int64_t end, float *y);
void LogisticGrad(const float *dy, const float *x, float slope, int64_t first, int64_t end, float *dx);
void Gelu(const float *x, int64_t first, int64_t end, float *y);
void GeluGrad(const float *dy, const float *x, int64_t first, int64_t end, float *dx);

}  // namespace mm1
