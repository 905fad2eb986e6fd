// Scores of a few queries at a time: which keys they see, what they score, and the weights that come of it.
#pragma once

#include <algorithm>

#include "arrange.h"
#include "attention.h"
#include "products.h"

namespace mm1 {

/** At most this a mask says: not that key. */
constexpr float kBarred = -5e8f;
/** Below this e^x counts for nothing. */
constexpr float kNothing = -60;
/** Score of places behind the last key. */
constexpr float kNoKey = -1e30f;

/** Keys that some queries see, as a whole, from the first to the one behind the last. */
struct Seen {
  int64_t first, end;
};

/** Queries at a time. */
constexpr int64_t kQueries = 32;

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
                       const float *mask, float *scores) {
  Product<Lanes>({q, wide, 1}, kt + few.from, apart, scores + few.from, apart, few.count, sizes.head, few.to - few.from, false);
  for (int64_t i = 0; i < few.count; ++i) {
    float *row = scores + i * apart;
    const float *own = mask + (few.first + i) * sizes.mask_query;
    if (sizes.mask_key == 0)
      for (int64_t j = few.from; j < few.from + few.keys; ++j) row[j] += own[0];
    else
      for (int64_t j = few.from; j < few.from + few.keys; ++j) row[j] += own[j];
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

/** The keys that each `kQueries` queries see of a row of the batch and a head, by their mask. */
inline std::vector<Seen> SeenKeys(const AttentionSizes &sizes, const float *mask) {
  std::vector<Seen> blocks;
  for (int64_t start = 0; start < sizes.queries; start += kQueries) {
    Seen seen = {sizes.keys, 0};
    for (int64_t query = start; query < std::min(sizes.queries, start + kQueries); ++query) {
      const float *row = mask + query * sizes.mask_query;
      int64_t first = 0, end = sizes.keys;
      if (sizes.mask_key != 0) {
        while (first < end && row[first] <= kBarred) ++first;
        // One that sees no key is as good as one that sees all: its mask cancels out.
        if (first == end) first = 0;
        else
          while (row[end - 1] <= kBarred) --end;
      }
      seen.first = std::min(seen.first, first);
      seen.end = std::max(seen.end, end);
    }
    blocks.push_back(seen);
  }
  return blocks;
}

/** What queries of one pair after the other see: asked once where heads share a mask. */
class SeenByPair {
 public:
  SeenByPair(const AttentionSizes &sizes, const float *mask) : sizes_(sizes), mask_(mask) {}
  const float *MaskOf(int64_t pair) const {
    return mask_ + pair / sizes_.heads * sizes_.mask_batch + pair % sizes_.heads * sizes_.mask_head;
  }
  const std::vector<Seen> &Of(int64_t pair) {
    const float *mask = MaskOf(pair);
    if (mask != known_) seen_ = SeenKeys(sizes_, mask);
    known_ = mask;
    return seen_;
  }

 private:
  const AttentionSizes &sizes_;
  const float *mask_, *known_ = nullptr;
  std::vector<Seen> seen_;
};

}  // namespace mm1
