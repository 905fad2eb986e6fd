// Attention without its scores in memory, float32:
//   Mm1Attention(q, k, v, mask) -> y, most, inverse          Mm1AttentionGrad(dy, q, k, v, mask, y, most, inverse) -> dq, dk, dv
//   Mm1PackedAttention and Mm1PackedAttentionGrad: the same with (groups, segments) in place of the mask
// q is [batch, heads, queries, head], k and v are [batch, heads, keys, head], the mask broadcasts to [batch, heads, queries, keys];
// groups and segments are [batch, keys], int32: who sees whom is told by them, and no mask has to be made, or read by each layer.
// A row of the batch and a head are one thread's, so that sums come to the same to the last bit.
#include "attention-kernels.h"

#include "attention.h"
#include "call.h"
#include "threads.h"

namespace mm1 {
namespace {

/** What both passes read. */
struct Attended {
  AttentionSizes sizes;
  AttentionInputs inputs;
};

AttentionSizes SizesOf(TF_Tensor *q, TF_Tensor *k) {
  return {TF_Dim(q, 0), TF_Dim(q, 1), TF_Dim(q, 2), TF_Dim(k, 2), TF_Dim(q, 3), 0, 0, 0, 0};
}

Attended WithMask(TF_Tensor *q, TF_Tensor *k, TF_Tensor *v, TF_Tensor *mask) {
  AttentionSizes sizes = SizesOf(q, k);
  int64_t *const apart[] = {&sizes.mask_batch, &sizes.mask_head, &sizes.mask_query, &sizes.mask_key};
  int64_t size = 1;
  for (int axis = 3; axis >= 0; --axis) {
    *apart[axis] = TF_Dim(mask, axis) == 1 ? 0 : size;
    size *= TF_Dim(mask, axis);
  }
  return {sizes, {Numbers(q), Numbers(k), Numbers(v), Numbers(mask), nullptr, nullptr}};
}

/** The queries, keys and values that stand from an input on, and the mask or packed sequences behind them; `next` is the input behind. */
template <bool Packed>
Attended Read(Call &call, int from, int *next) {
  TF_Tensor *q = call.Input(from), *k = call.Input(from + 1), *v = call.Input(from + 2), *mask = call.Input(from + 3);
  TF_Tensor *segments = Packed ? call.Input(from + 4) : nullptr;
  *next = from + (Packed ? 5 : 4);
  if (!call.ok()) return {};
  if (!Packed) return WithMask(q, k, v, mask);
  return {SizesOf(q, k), {Numbers(q), Numbers(k), Numbers(v), nullptr, Integers(mask), Integers(segments)}};
}

void SplitPairs(const AttentionSizes &sizes, const std::function<void(int, int64_t, int64_t)> &part) {
  Split(sizes.batch * sizes.heads, sizes.queries * sizes.keys, part);
}

template <bool Packed>
void Attention(void *, TF_OpKernelContext *context) {
  Call call(context);
  int next;
  const Attended of = Read<Packed>(call, 0, &next);
  if (!call.ok()) return;
  const AttentionSizes &sizes = of.sizes;
  const std::vector<int64_t> rows = {sizes.batch, sizes.heads, sizes.queries};
  float *y = call.Output(0, {sizes.batch, sizes.heads, sizes.queries, sizes.head});
  float *most = call.Output(1, rows), *inverse = call.Output(2, rows);
  if (!call.ok()) return;
  SplitPairs(sizes, [&](int, int64_t first, int64_t end) { Attend(sizes, of.inputs, first, end, y, most, inverse); });
}

template <bool Packed>
void AttentionGrad(void *, TF_OpKernelContext *context) {
  Call call(context);
  TF_Tensor *dy = call.Input(0);
  int next;
  const Attended of = Read<Packed>(call, 1, &next);
  TF_Tensor *y = call.Input(next), *most = call.Input(next + 1), *inverse = call.Input(next + 2);
  if (!call.ok()) return;
  const AttentionSizes &sizes = of.sizes;
  const std::vector<int64_t> of_keys = {sizes.batch, sizes.heads, sizes.keys, sizes.head};
  float *dq = call.Output(0, Layout(y).shape), *dk = call.Output(1, of_keys), *dv = call.Output(2, of_keys);
  if (!call.ok()) return;
  SplitPairs(sizes, [&](int, int64_t first, int64_t end) {
    AttendGrad(sizes, of.inputs, Numbers(dy), Numbers(y), Numbers(most), Numbers(inverse), first, end, dq, dk, dv);
  });
}

template <bool Packed>
void RegisterBoth(const char *name, const char *gradient, const std::vector<const char *> &masks) {
  std::vector<const char *> inputs = {"q: float", "k: float", "v: float"};
  inputs.insert(inputs.end(), masks.begin(), masks.end());
  Register(name, inputs, {"y: float", "most: float", "inverse: float"}, nullptr, Nothing, Attention<Packed>, Leave);
  inputs.insert(inputs.begin(), "dy: float");
  inputs.insert(inputs.end(), {"y: float", "most: float", "inverse: float"});
  Register(gradient, inputs, {"dq: float", "dk: float", "dv: float"}, nullptr, Nothing, AttentionGrad<Packed>, Leave);
}

}  // namespace

void RegisterAttention() {
  RegisterBoth<false>("Mm1Attention", "Mm1AttentionGrad", {"mask: float"});
  RegisterBoth<true>("Mm1PackedAttention", "Mm1PackedAttentionGrad", {"groups: int32", "segments: int32"});
}

}  // namespace mm1
