#include "attention.h"

// A product and the sum that it is added to are rounded once, where the processor can.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3,fp-contract=fast")
#endif

#include <cmath>
#include <cstring>

#include "scores.h"

namespace mm1 {
namespace {

template <int Lanes>
MM1_INLINE void AttendIn(const AttentionSizes &sizes, const AttentionInputs &inputs, int64_t first, int64_t end, float *y,
                         float *most, float *inverse) {
  const int64_t head = sizes.head, wide = Whole(head, Lanes), apart = RowOfKeys(sizes.keys);
  const float scale = 1 / std::sqrt(static_cast<float>(head));
  Room room(head * apart + sizes.keys * wide + kQueries * (2 * wide + apart));
  float *kt = room.Take(head * apart), *padded = room.Take(sizes.keys * wide);
  float *few_q = room.Take(kQueries * wide), *few_y = room.Take(kQueries * wide), *scores = room.Take(kQueries * apart);
  Mask mask(sizes, inputs);
  for (int64_t pair = first; pair < end; ++pair) {
    const float *q = inputs.q + pair * sizes.queries * head, *v = inputs.v + pair * sizes.keys * head;
    Transpose(inputs.k + pair * sizes.keys * head, sizes.keys, head, apart, kt);
    if (wide != head) Widen(v, sizes.keys, head, wide, 1, padded);
    const float *values = wide == head ? v : padded;
    const std::vector<Seen> &keys = mask.Go(pair);
    for (int64_t block = 0; block < static_cast<int64_t>(keys.size()); ++block) {
      const Few few = FewOf<Lanes>(sizes, keys, block);
      Widen(q + few.first * head, few.count, head, wide, scale, few_q);
      Scores<Lanes>(sizes, few, few_q, wide, kt, apart, mask, scores);
      for (int64_t i = 0; i < few.count; ++i) {
        const int64_t row = pair * sizes.queries + few.first + i;
        most[row] = Greatest<Lanes>(scores + i * apart, few);
        inverse[row] = 1 / Weigh<Lanes>(scores + i * apart, few, most[row], 1);
      }
      Product<Lanes>({scores + few.from, apart, 1}, values + few.from * wide, wide, few_y, wide, few.count, few.keys, wide, false);
      for (int64_t i = 0; i < few.count; ++i) {
        const int64_t row = pair * sizes.queries + few.first + i;
        for (int64_t at = 0; at < head; ++at) y[row * head + at] = few_y[i * wide + at] * inverse[row];
      }
    }
  }
}

template <int Lanes>
MM1_INLINE void AttendGradIn(const AttentionSizes &sizes, const AttentionInputs &inputs, const float *dy, const float *y,
                             const float *most, const float *inverse, int64_t first, int64_t end, float *dq, float *dk,
                             float *dv) {
  typedef typename Vectors<Lanes>::Numbers Numbers;
  typedef typename Vectors<Lanes>::Loose Loose;
  const int64_t head = sizes.head, wide = Whole(head, Lanes), apart = RowOfKeys(sizes.keys);
  const float scale = 1 / std::sqrt(static_cast<float>(head));
  Room room(2 * head * apart + 3 * sizes.keys * wide + kQueries * (3 * wide + 2 * apart));
  float *kt = room.Take(head * apart), *vt = room.Take(head * apart), *padded = room.Take(sizes.keys * wide);
  float *sum_k = room.Take(sizes.keys * wide), *sum_v = room.Take(sizes.keys * wide);
  float *few_q = room.Take(kQueries * wide), *few_dy = room.Take(kQueries * wide), *few_dq = room.Take(kQueries * wide);
  float *weights = room.Take(kQueries * apart), *slopes = room.Take(kQueries * apart);
  Mask mask(sizes, inputs);
  for (int64_t pair = first; pair < end; ++pair) {
    const int64_t at_q = pair * sizes.queries * head, at_k = pair * sizes.keys * head;
    Transpose(inputs.k + at_k, sizes.keys, head, apart, kt);
    Transpose(inputs.v + at_k, sizes.keys, head, apart, vt);
    if (wide != head) Widen(inputs.k + at_k, sizes.keys, head, wide, 1, padded);
    const float *keys_of = wide == head ? inputs.k + at_k : padded;
    std::fill(sum_k, sum_k + sizes.keys * wide, 0.0f);
    std::fill(sum_v, sum_v + sizes.keys * wide, 0.0f);
    const std::vector<Seen> &keys = mask.Go(pair);
    for (int64_t block = 0; block < static_cast<int64_t>(keys.size()); ++block) {
      const Few few = FewOf<Lanes>(sizes, keys, block);
      Widen(inputs.q + at_q + few.first * head, few.count, head, wide, scale, few_q);
      Widen(dy + at_q + few.first * head, few.count, head, wide, 1, few_dy);
      Scores<Lanes>(sizes, few, few_q, wide, kt, apart, mask, weights);
      Product<Lanes>({few_dy, wide, 1}, vt + few.from, apart, slopes + few.from, apart, few.count, head, few.to - few.from, false);
      for (int64_t i = 0; i < few.count; ++i) {
        const int64_t row = pair * sizes.queries + few.first + i;
        float *weight = weights + i * apart, *slope = slopes + i * apart;
        Weigh<Lanes>(weight, few, most[row], inverse[row]);
        float mean = 0;
        for (int64_t at = 0; at < head; ++at) mean += dy[row * head + at] * y[row * head + at];
        for (int64_t j = few.from; j < few.to; j += Lanes) {
          const Numbers before = *reinterpret_cast<Loose *>(slope + j);
          *reinterpret_cast<Loose *>(slope + j) = *reinterpret_cast<Loose *>(weight + j) * (before - mean);
        }
      }
      const float *few_weights = weights + few.from, *few_slopes = slopes + few.from;
      Product<Lanes>({few_slopes, apart, 1}, keys_of + few.from * wide, wide, few_dq, wide, few.count, few.keys, wide, false);
      for (int64_t i = 0; i < few.count; ++i)
        for (int64_t at = 0; at < head; ++at) dq[at_q + (few.first + i) * head + at] = few_dq[i * wide + at] * scale;
      Product<Lanes>({few_slopes, 1, apart}, few_q, wide, sum_k + few.from * wide, wide, few.keys, few.count, wide, true);
      Product<Lanes>({few_weights, 1, apart}, few_dy, wide, sum_v + few.from * wide, wide, few.keys, few.count, wide, true);
    }
    for (int64_t key = 0; key < sizes.keys; ++key) {
      std::memcpy(dk + at_k + key * head, sum_k + key * wide, head * sizeof(float));
      std::memcpy(dv + at_k + key * head, sum_v + key * wide, head * sizeof(float));
    }
  }
}

// Each for what the processor at hand has.
#if defined(__x86_64__)
#define MM1_KINDS(KIND) \
  KIND(16, __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")))) KIND(8, __attribute__((target("avx2,fma")))) KIND(4, )
int Lanes() {
  static const int lanes = __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") ? 16
                           : __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")      ? 8
                                                                                                  : 4;
  return lanes;
}
#else
#define MM1_KINDS(KIND) KIND(16, ) KIND(8, ) KIND(4, )
int Lanes() { return 4; }
#endif

template <int Lanes>
struct Kind;
#define MM1_KIND(LANES, TARGET)                                                                                              \
  template <>                                                                                                                \
  struct Kind<LANES> {                                                                                                       \
    TARGET static void Forward(const AttentionSizes &sizes, const AttentionInputs &inputs, int64_t first, int64_t end,       \
                               float *y, float *most, float *inverse) {                                                      \
      AttendIn<LANES>(sizes, inputs, first, end, y, most, inverse);                                                          \
    }                                                                                                                        \
    TARGET static void Backward(const AttentionSizes &sizes, const AttentionInputs &inputs, const float *dy, const float *y, \
                                const float *most, const float *inverse, int64_t first, int64_t end, float *dq, float *dk,   \
                                float *dv) {                                                                                 \
      AttendGradIn<LANES>(sizes, inputs, dy, y, most, inverse, first, end, dq, dk, dv);                                      \
    }                                                                                                                        \
  };
MM1_KINDS(MM1_KIND)

}  // namespace

void Attend(const AttentionSizes &sizes, const AttentionInputs &inputs, int64_t first, int64_t end, float *y, float *most,
            float *inverse) {
  const auto forward = Lanes() == 16 ? Kind<16>::Forward : Lanes() == 8 ? Kind<8>::Forward : Kind<4>::Forward;
  forward(sizes, inputs, first, end, y, most, inverse);
}

void AttendGrad(const AttentionSizes &sizes, const AttentionInputs &inputs, const float *dy, const float *y, const float *most,
                const float *inverse, int64_t first, int64_t end, float *dq, float *dk, float *dv) {
  const auto backward = Lanes() == 16 ? Kind<16>::Backward : Lanes() == 8 ? Kind<8>::Backward : Kind<4>::Backward;
  backward(sizes, inputs, dy, y, most, inverse, first, end, dq, dk, dv);
}

}  // namespace mm1
