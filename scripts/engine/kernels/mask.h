// Who may see whom: as numbers that are added to scores, or as sequences into which examples are packed.
#pragma once

#include <algorithm>
#include <vector>

#include "attention.h"
#include "products.h"

namespace mm1 {

/** At most this a mask says: not that key. */
constexpr float kBarred = -5e8f;
/** What is added to the score of a key that a packed query may not see. */
constexpr float kForbidden = -1e9f;
/** Segment of what all examples of a group see (src/data/packing.ts). */
constexpr int32_t kShared = 0;

/** Keys that some queries see, as a whole, from the first to the one behind the last. */
struct Seen {
  int64_t first, end;
};

/** Queries at a time. */
constexpr int64_t kQueries = 32;

/** The mask of one pair after the other of a row of the batch and a head. */
class Mask {
 public:
  Mask(const AttentionSizes &sizes, const AttentionInputs &inputs) : sizes_(sizes), inputs_(inputs) {}

  /** Goes to a pair. @returns the keys that each `kQueries` of its queries see: looked for once where heads share a mask */
  const std::vector<Seen> &Go(int64_t pair) {
    const int64_t row = pair / sizes_.heads;
    const int64_t at = inputs_.groups ? row * sizes_.keys : row * sizes_.mask_batch + pair % sizes_.heads * sizes_.mask_head;
    if (at == at_ && !blocks_.empty()) return blocks_;
    at_ = at;
    blocks_.clear();
    Seen before{};
    for (int64_t start = 0; start < sizes_.queries; start += kQueries) {
      Seen seen = {sizes_.keys, 0};
      for (int64_t query = start; query < std::min(sizes_.queries, start + kQueries); ++query) {
        before = inputs_.groups ? SeenInPack(query, before) : SeenByNumbers(query);
        seen.first = std::min(seen.first, before.first);
        seen.end = std::max(seen.end, before.end);
      }
      blocks_.push_back(seen);
    }
    return blocks_;
  }

  /** Adds to a query's scores of some keys. @param row score of key 0 */
  MM1_INLINE void AddTo(float *row, int64_t query, int64_t from, int64_t end) const {
    if (inputs_.groups) {
      const int32_t *groups = inputs_.groups + at_, *segments = inputs_.segments + at_;
      const int32_t group = groups[query], segment = segments[query];
      const int64_t later = std::min(end, query + 1);
      for (int64_t j = from; j < later; ++j) {
        const bool seen = (groups[j] == group) & ((segments[j] == segment) | (segments[j] == kShared));
        row[j] += seen ? 0.0f : kForbidden;
      }
      for (int64_t j = later; j < end; ++j) row[j] += kForbidden;
      return;
    }
    const float *own = inputs_.mask + at_ + query * sizes_.mask_query;
    if (sizes_.mask_key == 0)
      for (int64_t j = from; j < end; ++j) row[j] += own[0];
    else
      for (int64_t j = from; j < end; ++j) row[j] += own[j];
  }

 private:
  Seen SeenByNumbers(int64_t query) const {
    const float *row = inputs_.mask + at_ + query * sizes_.mask_query;
    int64_t first = 0, end = sizes_.keys;
    if (sizes_.mask_key == 0) return {first, end};
    while (first < end && row[first] <= kBarred) ++first;
    // One that sees no key is as good as one that sees all: its mask cancels out.
    if (first == end) return {0, end};
    while (row[end - 1] <= kBarred) --end;
    return {first, end};
  }

  /** @param before what the query before sees: the same where it is of the same example, and no later key than itself */
  Seen SeenInPack(int64_t query, Seen before) const {
    const int32_t *groups = inputs_.groups + at_, *segments = inputs_.segments + at_;
    const int32_t group = groups[query], segment = segments[query];
    if (query > 0 && groups[query - 1] == group && segments[query - 1] == segment) return {before.first, query + 1};
    int64_t first = 0;
    while (first < query && (groups[first] != group || (segments[first] != segment && segments[first] != kShared))) ++first;
    return {first, query + 1};
  }

  const AttentionSizes &sizes_;
  const AttentionInputs &inputs_;
  int64_t at_ = 0;
  std::vector<Seen> blocks_;
};

}  // namespace mm1
