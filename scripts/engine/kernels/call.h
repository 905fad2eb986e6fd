// What a kernel is to TensorFlow: its interface in C, and a call's inputs and outputs.
#pragma once

#include <cstdint>
#include <vector>

#include <tensorflow/c/ops.h>
#include <tensorflow/c/tf_tensor.h>

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

namespace mm1 {

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

  /** Says that an input is not what it should be. */
  void Refuse(const char *why) { TF_SetStatus(status_, TF_INVALID_ARGUMENT, why); }

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

inline const float *Numbers(TF_Tensor *tensor) { return static_cast<const float *>(TF_TensorData(tensor)); }
inline const int32_t *Integers(TF_Tensor *tensor) { return static_cast<const int32_t *>(TF_TensorData(tensor)); }

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

/** Of kernels that are told nothing: there is nothing to make, or to take away. */
inline void *Nothing(TF_OpKernelConstruction *) { return nullptr; }
inline void Leave(void *) {}

/** Shapes are known where a step is recorded: nobody needs them inferred. */
inline void UnknownShapes(TF_ShapeInferenceContext *context, TF_Status *status) {
  TF_ShapeInferenceContextSetUnknownShape(context, status);
}

inline void Register(const char *name, const std::vector<const char *> &inputs, const std::vector<const char *> &outputs,
              const char *attribute, void *(*create)(TF_OpKernelConstruction *),
              void (*compute)(void *, TF_OpKernelContext *), void (*remove)(void *)) {
  TF_OpDefinitionBuilder *op = TF_NewOpDefinitionBuilder(name);
  for (const char *input : inputs) TF_OpDefinitionBuilderAddInput(op, input);
  for (const char *output : outputs) TF_OpDefinitionBuilderAddOutput(op, output);
  if (attribute) TF_OpDefinitionBuilderAddAttr(op, attribute);
  TF_OpDefinitionBuilderSetShapeInferenceFunction(op, UnknownShapes);
  TF_Status *status = TF_NewStatus();
  TF_RegisterOpDefinition(op, status);
  if (TF_GetCode(status) == TF_OK)
    TF_RegisterKernelBuilder(name, TF_NewKernelBuilder(name, "CPU", create, compute, remove), status);
  TF_DeleteStatus(status);
}

}  // namespace mm1
