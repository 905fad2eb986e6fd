// Ops that TensorFlow lacks on a CPU. Here: normalisations, activations and cross-entropy, which read and write memory once or twice
// forward and once backward. In a graph each of their steps would be a pass of its own, and these layers are bound by memory.
//   Mm1LayerNorm(x, gain, bias; epsilon) -> y, mean, inverse          Mm1LayerNormGrad(dy, x, gain, mean, inverse) -> dx, dgain, dbias
//   Mm1RmsNorm(x, gain; epsilon) -> y, inverse                        Mm1RmsNormGrad(dy, x, gain, inverse) -> dx, dgain
//   Mm1Activation(x; kind) -> y                                       Mm1ActivationGrad(dy, x; kind) -> dx
//   Mm1CrossEntropy(x, targets) -> loss, total                        Mm1CrossEntropyGrad(dy, x, targets, total) -> dx
// All are float32, but for targets, which are int32. The last axis is the width; mean, inverse, targets, loss and total have one number a row. kind: 0 silu, 1 quick_gelu, 2 gelu.
// Work is split the same way each time, so that sums come to the same to the last bit.
// Attention is in attention-kernels.cc.
#include "attention-kernels.h"
#include "call.h"
#include "rows.h"
#include "threads.h"

namespace {

using namespace mm1;

struct Settings {
  float epsilon = 0;
  int64_t kind = 0;
};

/** Settings with an attribute in its place, as one of TensorFlow's functions reads it. */
template <typename Value>
Settings *Read(TF_OpKernelConstruction *construction, const char *name, Value Settings::*place,
               void (*get)(TF_OpKernelConstruction *, const char *, Value *, TF_Status *)) {
  auto *settings = new Settings;
  TF_Status *status = TF_NewStatus();
  get(construction, name, &(settings->*place), status);
  if (TF_GetCode(status) != TF_OK) TF_OpKernelConstruction_Failure(construction, status);
  TF_DeleteStatus(status);
  return settings;
}

void *WithEpsilon(TF_OpKernelConstruction *construction) {
  return Read(construction, "epsilon", &Settings::epsilon, TF_OpKernelConstruction_GetAttrFloat);
}
void *WithKind(TF_OpKernelConstruction *construction) {
  return Read(construction, "kind", &Settings::kind, TF_OpKernelConstruction_GetAttrInt64);
}
void Delete(void *settings) { delete static_cast<Settings *>(settings); }

void LayerNorm(void *settings, TF_OpKernelContext *context) {
  Call call(context);
  TF_Tensor *x = call.Input(0), *gain = call.Input(1), *bias = call.Input(2);
  if (!call.ok()) return;
  const Layout at(x);
  float *y = call.Output(0, at.shape), *mean = call.Output(1, {at.rows}), *inverse = call.Output(2, {at.rows});
  if (!call.ok()) return;
  const float epsilon = static_cast<Settings *>(settings)->epsilon;
  Split(at.rows, at.width, [&](int, int64_t first, int64_t end) {
    LayerNormRows(Numbers(x), Numbers(gain), Numbers(bias), epsilon, at.width, first, end, y, mean, inverse);
  });
}

void LayerNormGrad(void *, TF_OpKernelContext *context) {
  Call call(context);
  TF_Tensor *dy = call.Input(0), *x = call.Input(1), *gain = call.Input(2), *mean = call.Input(3), *inverse = call.Input(4);
  if (!call.ok()) return;
  const Layout at(x);
  float *dx = call.Output(0, at.shape), *dgain = call.Output(1, {at.width}), *dbias = call.Output(2, {at.width});
  if (!call.ok()) return;
  RowSums sums(2 * at.width);  // of the gain, then of the bias
  Split(at.rows, at.width, [&](int part, int64_t first, int64_t end) {
    sums.Add(part, first, end, [&](int64_t from, int64_t to, float *few) {
      LayerNormGradRows(Numbers(dy), Numbers(x), Numbers(gain), Numbers(mean), Numbers(inverse), at.width, from, to, dx, few,
                        few + at.width);
    });
  });
  sums.Write(dgain, 0, at.width);
  sums.Write(dbias, at.width, at.width);
}

void RmsNorm(void *settings, TF_OpKernelContext *context) {
  Call call(context);
  TF_Tensor *x = call.Input(0), *gain = call.Input(1);
  if (!call.ok()) return;
  const Layout at(x);
  float *y = call.Output(0, at.shape), *inverse = call.Output(1, {at.rows});
  if (!call.ok()) return;
  const float epsilon = static_cast<Settings *>(settings)->epsilon;
  Split(at.rows, at.width, [&](int, int64_t first, int64_t end) {
    RmsNormRows(Numbers(x), Numbers(gain), epsilon, at.width, first, end, y, inverse);
  });
}

void RmsNormGrad(void *, TF_OpKernelContext *context) {
  Call call(context);
  TF_Tensor *dy = call.Input(0), *x = call.Input(1), *gain = call.Input(2), *inverse = call.Input(3);
  if (!call.ok()) return;
  const Layout at(x);
  float *dx = call.Output(0, at.shape), *dgain = call.Output(1, {at.width});
  if (!call.ok()) return;
  RowSums sums(at.width);
  Split(at.rows, at.width, [&](int part, int64_t first, int64_t end) {
    sums.Add(part, first, end, [&](int64_t from, int64_t to, float *few) {
      RmsNormGradRows(Numbers(dy), Numbers(x), Numbers(gain), Numbers(inverse), at.width, from, to, dx, few);
    });
  });
  sums.Write(dgain, 0, at.width);
}

void Activation(void *settings, TF_OpKernelContext *context) {
  Call call(context);
  TF_Tensor *x = call.Input(0);
  if (!call.ok()) return;
  float *y = call.Output(0, Layout(x).shape);
  if (!call.ok()) return;
  const int64_t kind = static_cast<Settings *>(settings)->kind;
  Split(TF_TensorElementCount(x), 1, [&](int, int64_t first, int64_t end) {
    if (kind == 2) Gelu(Numbers(x), first, end, y);
    else Logistic(Numbers(x), kind == 1 ? kQuick : 1, first, end, y);
  });
}

void ActivationGrad(void *settings, TF_OpKernelContext *context) {
  Call call(context);
  TF_Tensor *dy = call.Input(0), *x = call.Input(1);
  if (!call.ok()) return;
  float *dx = call.Output(0, Layout(x).shape);
  if (!call.ok()) return;
  const int64_t kind = static_cast<Settings *>(settings)->kind;
  Split(TF_TensorElementCount(x), 1, [&](int, int64_t first, int64_t end) {
    if (kind == 2) GeluGrad(Numbers(dy), Numbers(x), first, end, dx);
    else LogisticGrad(Numbers(dy), Numbers(x), kind == 1 ? kQuick : 1, first, end, dx);
  });
}

/** Whether each row's target is one of the classes; refuses the call where one is not. */
bool Known(Call &call, TF_Tensor *targets, const Layout &at) {
  for (int64_t row = 0; row < at.rows; ++row)
    if (Integers(targets)[row] < 0 || Integers(targets)[row] >= at.width) call.Refuse("a target of cross-entropy is none of the classes");
  return call.ok();
}

void CrossEntropy(void *, TF_OpKernelContext *context) {
  Call call(context);
  TF_Tensor *x = call.Input(0), *targets = call.Input(1);
  if (!call.ok()) return;
  const Layout at(x);
  float *loss = call.Output(0, {at.rows}), *total = call.Output(1, {at.rows});
  if (!call.ok() || !Known(call, targets, at)) return;
  Split(at.rows, at.width, [&](int, int64_t first, int64_t end) {
    CrossEntropyRows(Numbers(x), Integers(targets), at.width, first, end, loss, total);
  });
}

void CrossEntropyGrad(void *, TF_OpKernelContext *context) {
  Call call(context);
  TF_Tensor *dy = call.Input(0), *x = call.Input(1), *targets = call.Input(2), *total = call.Input(3);
  if (!call.ok()) return;
  const Layout at(x);
  float *dx = call.Output(0, at.shape);
  if (!call.ok() || !Known(call, targets, at)) return;
  Split(at.rows, at.width, [&](int, int64_t first, int64_t end) {
    CrossEntropyGradRows(Numbers(dy), Numbers(x), Integers(targets), Numbers(total), at.width, first, end, dx);
  });
}

}  // namespace

/** Makes the ops known to TensorFlow: once a process. */
void RegisterMm1Kernels() {
  Register("Mm1LayerNorm", {"x: float", "gain: float", "bias: float"}, {"y: float", "mean: float", "inverse: float"},
           "epsilon: float", WithEpsilon, LayerNorm, Delete);
  Register("Mm1LayerNormGrad", {"dy: float", "x: float", "gain: float", "mean: float", "inverse: float"},
           {"dx: float", "dgain: float", "dbias: float"}, nullptr, Nothing, LayerNormGrad, Leave);
  Register("Mm1RmsNorm", {"x: float", "gain: float"}, {"y: float", "inverse: float"}, "epsilon: float", WithEpsilon, RmsNorm, Delete);
  Register("Mm1RmsNormGrad", {"dy: float", "x: float", "gain: float", "inverse: float"}, {"dx: float", "dgain: float"},
           nullptr, Nothing, RmsNormGrad, Leave);
  Register("Mm1Activation", {"x: float"}, {"y: float"}, "kind: int", WithKind, Activation, Delete);
  Register("Mm1ActivationGrad", {"dy: float", "x: float"}, {"dx: float"}, "kind: int", WithKind, ActivationGrad, Delete);
  Register("Mm1CrossEntropy", {"x: float", "targets: int32"}, {"loss: float", "total: float"}, nullptr, Nothing, CrossEntropy, Leave);
  Register("Mm1CrossEntropyGrad", {"dy: float", "x: float", "targets: int32", "total: float"}, {"dx: float"}, nullptr, Nothing,
           CrossEntropyGrad, Leave);
  RegisterAttention();
}
