// Attention of some pairs of a batch's row and a head: what a thread does of it. Scores are made for a few queries at a time and never
// written to memory; the backward pass makes them again (Dao et al., 2022, section 3.1, whose two statistics of a row are kept here too).
#pragma once

#include <cstdint>

namespace mm1 {

/** Sizes of queries [batch, heads, queries, head], of keys and values [batch, heads, keys, head], and where a mask has its numbers. */
struct AttentionSizes {
  int64_t batch, heads, queries, keys, head;
  /** How far apart the mask's numbers are along each of its axes; 0 where it has one for all. */
  int64_t mask_batch, mask_head, mask_query, mask_key;
};

/**
 * What goes in, as the sizes say: with a mask, or with the packed sequences that say who sees whom (queries are the keys then).
 * A query sees what came before it in its group: what has its segment, and what is shared.
 */
struct AttentionInputs {
  const float *q, *k, *v, *mask;
  /** Of each key, [batch, keys]; null where there is a mask. */
  const int32_t *groups, *segments;
};

/**
 * softmax(q k' / sqrt(head) + mask) v of pairs first to end - 1.
 * @param most the greatest score of each query, [batch, heads, queries]
 * @param inverse 1 over the sum of e^(score - most), [batch, heads, queries]
 */
void Attend(const AttentionSizes &sizes, const AttentionInputs &inputs, int64_t first, int64_t end, float *y, float *most,
            float *inverse);

/** Gradients of the same; the mask has none. */
void AttendGrad(const AttentionSizes &sizes, const AttentionInputs &inputs, const float *dy, const float *y, const float *most,
                const float *inverse, int64_t first, int64_t end, float *dq, float *dk, float *dv);

}  // namespace mm1
