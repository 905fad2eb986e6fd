// Ops that TensorFlow lacks on a CPU: normalisations and activations that read and write memory once forward and once backward. In a
// graph each of their steps would be a pass of its own, and these layers are bound by memory.
//   Mm1LayerNorm(x, gain, bias; epsilon) -> y, mean, inverse          Mm1LayerNormGrad(dy, x, gain, mean, inverse) -> dx, dgain, dbias
//   Mm1RmsNorm(x, gain; epsilon) -> y, inverse                        Mm1RmsNormGrad(dy, x, gain, inverse) -> dx, dgain
//   Mm1Activation(x; kind) -> y                                       Mm1ActivationGrad(dy, x; kind) -> dx
// All are float32. The last axis is the width; mean and inverse have one number a row. kind: 0 silu, 1 quick_gelu, 2 gelu.
// Work is split the same way each time, so that sums come to the same to the last bit.
#include <tensorflow/c/ops.h>
#include <tensorflow/c/tf_tensor.h>

#include "rows.h"
#include "threads.h"

// Of TensorFlow's C interface for kernels, whose header (tensorflow/c/kernels.h) includes others that a wheel's headers for C do not need.
extern "C" {
typedef struct TF_KernelBuilder TF_KernelBuilder;
typedef struct TF_OpKernelConstruction TF_OpKernelConstruction;
typedef struct TF_OpKernelContext TF_OpKernelContext;
TF_KernelBuilder *TF_NewKernelBuilder(const char *op, const char *device, void *(*create)(TF_OpKernelConstruction *),
                                      void (*compute)(void *, TF_OpKernelContext *), void (*remove)(void *));
void TF_RegisterKernelBuilder(const char *name, TF_KernelBuilder *builder, TF_Status *status);
void TF_OpKernelConstruction_GetAttrFloat(TF_OpKernelConstruction *construction, const char *name, float *value,
                                          TF_Status *status);
void TF_OpKernelConstruction_GetAttrInt64(TF_OpKernelConstruction *construction, const char *name, int64_t *value,
                                          TF_Status *status);
void TF_OpKernelConstruction_Failure(TF_OpKernelConstruction *construction, TF_Status *status);
void TF_OpKernelContext_Failure(TF_OpKernelContext *context, TF_Status *status);
void TF_GetInput(TF_OpKernelContext *context, int index, TF_Tensor **tensor, TF_Status *status);
TF_Tensor *TF_AllocateOutput(TF_OpKernelContext *context, int index, TF_DataType type, const int64_t *dims, int rank,
                             size_t bytes, TF_Status *status);
}

namespace {

using namespace mm1;

/** A kernel's inputs and outputs while it computes. */
class Call {
 public:
  explicit Call(TF_OpKernelContext *context) : context_(context), status_(TF_NewStatus()) {}
  ~Call() {
    if (TF_GetCode(status_) != TF_OK) TF_OpKernelContext_Failure(context_, status_);
    for (TF_Tensor *tensor : tensors_) TF_DeleteTensor(tensor);
    TF_DeleteStatus(status_);
  }

  bool ok() const { return TF_GetCode(status_) == TF_OK; }

  TF_Tensor *Input(int index) {
    TF_Tensor *tensor = nullptr;
    TF_GetInput(context_, index, &tensor, status_);
    if (tensor) tensors_.push_back(tensor);
    return ok() ? tensor : nullptr;
  }

  /** The numbers of a new output. */
  float *Output(int index, const std::vector<int64_t> &shape) {
    int64_t count = 1;
    for (const int64_t size : shape) count *= size;
    TF_Tensor *tensor = TF_AllocateOutput(context_, index, TF_FLOAT, shape.data(), static_cast<int>(shape.size()),
                                          count * sizeof(float), status_);
    if (tensor) tensors_.push_back(tensor);
    return ok() ? static_cast<float *>(TF_TensorData(tensor)) : nullptr;
  }

 private:
  TF_OpKernelContext *context_;
  TF_Status *status_;
  std::vector<TF_Tensor *> tensors_;
};

const float *Numbers(TF_Tensor *tensor) { return static_cast<const float *>(TF_TensorData(tensor)); }

/** Shape of a tensor, its rows and its width. */
struct Layout {
  explicit Layout(TF_Tensor *tensor) {
    for (int i = 0; i < TF_NumDims(tensor); ++i) shape.push_back(TF_Dim(tensor, i));
    width = shape.empty() ? 1 : shape.back();
    rows = width == 0 ? 0 : TF_TensorElementCount(tensor) / width;
  }
  std::vector<int64_t> shape;
  int64_t width, rows;
};

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
void *WithNothing(TF_OpKernelConstruction *) { return new Settings; }
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

/** Shapes are known where a step is recorded: nobody needs them inferred. */
void UnknownShapes(TF_ShapeInferenceContext *context, TF_Status *status) {
  TF_ShapeInferenceContextSetUnknownShape(context, status);
}

void Register(const char *name, const std::vector<const char *> &inputs, const std::vector<const char *> &outputs,
              const char *attribute, void *(*create)(TF_OpKernelConstruction *),
              void (*compute)(void *, TF_OpKernelContext *)) {
  TF_OpDefinitionBuilder *op = TF_NewOpDefinitionBuilder(name);
  for (const char *input : inputs) TF_OpDefinitionBuilderAddInput(op, input);
  for (const char *output : outputs) TF_OpDefinitionBuilderAddOutput(op, output);
  if (attribute) TF_OpDefinitionBuilderAddAttr(op, attribute);
  TF_OpDefinitionBuilderSetShapeInferenceFunction(op, UnknownShapes);
  TF_Status *status = TF_NewStatus();
  TF_RegisterOpDefinition(op, status);
  if (TF_GetCode(status) == TF_OK)
    TF_RegisterKernelBuilder(name, TF_NewKernelBuilder(name, "CPU", create, compute, Delete), status);
  TF_DeleteStatus(status);
}

}  // namespace

/** Makes the ops known to TensorFlow: once a process. */
void RegisterMm1Kernels() {
  Register("Mm1LayerNorm", {"x: float", "gain: float", "bias: float"}, {"y: float", "mean: float", "inverse: float"},
           "epsilon: float", WithEpsilon, LayerNorm);
  Register("Mm1LayerNormGrad", {"dy: float", "x: float", "gain: float", "mean: float", "inverse: float"},
           {"dx: float", "dgain: float", "dbias: float"}, nullptr, WithNothing, LayerNormGrad);
  Register("Mm1RmsNorm", {"x: float", "gain: float"}, {"y: float", "inverse: float"}, "epsilon: float", WithEpsilon, RmsNorm);
  Register("Mm1RmsNormGrad", {"dy: float", "x: float", "gain: float", "inverse: float"}, {"dx: float", "dgain: float"},
           nullptr, WithNothing, RmsNormGrad);
  Register("Mm1Activation", {"x: float"}, {"y: float"}, "kind: int", WithKind, Activation);
  Register("Mm1ActivationGrad", {"dy: float", "x: float"}, {"dx: float"}, "kind: int", WithKind, ActivationGrad);
}
