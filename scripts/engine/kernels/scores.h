// Scores of a few queries at a time, and the weights that come of them.
#pragma once

#include <algorithm>

#include "arrange.h"
#include "mask.h"

namespace mm1 {

/** Below this e^x counts for nothing. */
constexpr float kNothing = -60;
/** Score of places behind the last key. */
constexpr float kNoKey = -1e30f;

/** Of some queries: where they are, which keys they see in whole vectors, and how many of these there are. */
struct Few {
  int64_t first, count, from, to, keys;
};

template <int Lanes>
MM1_INLINE Few FewOf(const AttentionSizes &sizes, const std::vector<Seen> &seen, int64_t block) {
  const int64_t first = block * kQueries, from = seen[block].first / Lanes * Lanes, to = Whole(seen[block].end, Lanes);
  return {first, std::min(kQueries, sizes.queries - first), from, to, std::min(to, sizes.keys) - from};
}

/** Scores of some queries, with their mask. @param q times the scale, its rows `wide` apart @param kt [head, apart] */
template <int Lanes>
MM1_INLINE void Scores(const AttentionSizes &sizes, const Few &few, const float *q, int64_t wide, const float *kt, int64_t apart,
                       const Mask &mask, float *scores) {
  Product<Lanes>({q, wide, 1}, kt + few.from, apart, scores + few.from, apart, few.count, sizes.head, few.to - few.from, false);
  for (int64_t i = 0; i < few.count; ++i) {
    float *row = scores + i * apart;
    mask.AddTo(row, few.first + i, few.from, few.from + few.keys);
    std::fill(row + few.from + few.keys, row + few.to, kNoKey);
  }
}

/** e^(score - most) in the scores' place, each times a factor; their sum. */
template <int Lanes>
MM1_INLINE float Weigh(float *row, const Few &few, float most, float factor) {
  typedef typename Vectors<Lanes>::Numbers Numbers;
  typedef typename Vectors<Lanes>::Loose Loose;
  const Numbers none{};
  Numbers sums{};
  for (int64_t j = few.from; j < few.to; j += Lanes) {
    const Numbers below = *reinterpret_cast<Loose *>(row + j) - most;
    Numbers weights = below;
    Exponentiate(weights);
    weights = below < kNothing ? none : weights * factor;
    *reinterpret_cast<Loose *>(row + j) = weights;
    sums += weights;
  }
  float sum = 0;
  for (int lane = 0; lane < Lanes; ++lane) sum += sums[lane];
  return sum;
}

template <int Lanes>
MM1_INLINE float Greatest(const float *row, const Few &few) {
  typedef typename Vectors<Lanes>::Numbers Numbers;
  typedef typename Vectors<Lanes>::Loose Loose;
  Numbers most = Numbers{} + kNoKey;
  for (int64_t j = few.from; j < few.to; j += Lanes) {
    const Numbers at = *reinterpret_cast<const Loose *>(row + j);
    most = at > most ? at : most;
  }
  float greatest = kNoKey;
  for (int lane = 0; lane < Lanes; ++lane) greatest = std::max(greatest, static_cast<float>(most[lane]));
  return greatest;
}

}  // namespace mm1
