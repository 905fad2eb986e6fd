// Attention without its scores in memory, float32:
//   Mm1Attention(q, k, v, mask) -> y, most, inverse          Mm1AttentionGrad(dy, q, k, v, mask, y, most, inverse) -> dq, dk, dv
// q is [batch, heads, queries, head], k and v are [batch, heads, keys, head], the mask broadcasts to [batch, heads, queries, keys].
// A row of the batch and a head are one thread's, so that sums come to the same to the last bit.
#include "attention-kernels.h"

#include "attention.h"
#include "call.h"
#include "threads.h"

namespace mm1 {
namespace {

AttentionSizes SizesOf(TF_Tensor *q, TF_Tensor *k, TF_Tensor *mask) {
  const int64_t sizes[] = {TF_Dim(mask, 0), TF_Dim(mask, 1), TF_Dim(mask, 2), TF_Dim(mask, 3)};
  int64_t apart[4], size = 1;
  for (int axis = 3; axis >= 0; --axis) {
    apart[axis] = sizes[axis] == 1 ? 0 : size;
    size *= sizes[axis];
  }
  return {TF_Dim(q, 0), TF_Dim(q, 1), TF_Dim(q, 2), TF_Dim(k, 2), TF_Dim(q, 3), apart[0], apart[1], apart[2], apart[3]};
}

void SplitPairs(const AttentionSizes &sizes, const std::function<void(int, int64_t, int64_t)> &part) {
  Split(sizes.batch * sizes.heads, sizes.queries * sizes.keys, part);
}

void Attention(void *, TF_OpKernelContext *context) {
  Call call(context);
  TF_Tensor *q = call.Input(0), *k = call.Input(1), *v = call.Input(2), *mask = call.Input(3);
  if (!call.ok()) return;
  const AttentionSizes sizes = SizesOf(q, k, mask);
  const std::vector<int64_t> rows = {sizes.batch, sizes.heads, sizes.queries};
  float *y = call.Output(0, Layout(q).shape), *most = call.Output(1, rows), *inverse = call.Output(2, rows);
  if (!call.ok()) return;
  const AttentionInputs inputs = {Numbers(q), Numbers(k), Numbers(v), Numbers(mask)};
  SplitPairs(sizes, [&](int, int64_t first, int64_t end) { Attend(sizes, inputs, first, end, y, most, inverse); });
}

void AttentionGrad(void *, TF_OpKernelContext *context) {
  Call call(context);
  TF_Tensor *dy = call.Input(0), *q = call.Input(1), *k = call.Input(2), *v = call.Input(3), *mask = call.Input(4);
  TF_Tensor *y = call.Input(5), *most = call.Input(6), *inverse = call.Input(7);
  if (!call.ok()) return;
  const AttentionSizes sizes = SizesOf(q, k, mask);
  float *dq = call.Output(0, Layout(q).shape), *dk = call.Output(1, Layout(k).shape), *dv = call.Output(2, Layout(v).shape);
  if (!call.ok()) return;
  const AttentionInputs inputs = {Numbers(q), Numbers(k), Numbers(v), Numbers(mask)};
  SplitPairs(sizes, [&](int, int64_t first, int64_t end) {
    AttendGrad(sizes, inputs, Numbers(dy), Numbers(y), Numbers(most), Numbers(inverse), first, end, dq, dk, dv);
  });
}

}  // namespace

void RegisterAttention() {
  Register("Mm1Attention", {"q: float", "k: float", "v: float", "mask: float"}, {"y: float", "most: float", "inverse: float"},
           nullptr, Nothing, Attention, Leave);
  Register("Mm1AttentionGrad",
           {"dy: float", "q: float", "k: float", "v: float", "mask: float", "y: float", "most: float", "inverse: float"},
           {"dq: float", "dk: float", "dv: float"}, nullptr, Nothing, AttentionGrad, Leave);
}

}  // namespace mm1
