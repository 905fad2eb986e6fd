// Matrices laid out so that they can be multiplied in whole vectors.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace mm1 {

/** The least multiple that is no less. */
inline int64_t Whole(int64_t count, int64_t of) { return (count + of - 1) / of * of; }

/** Room for numbers, kept by its thread from call to call. */
class Room {
 public:
  explicit Room(int64_t count) : numbers_(Kept()) {
    if (static_cast<int64_t>(numbers_.size()) < count + kLine) numbers_.resize(count + kLine);
    next_ = numbers_.data() + (kLine - reinterpret_cast<uintptr_t>(numbers_.data()) / sizeof(float) % kLine) % kLine;
  }
  float *Take(int64_t count) {
    float *taken = next_;
    next_ += count;
    return taken;
  }

 private:
  /** Numbers in a line of the cache. */
  static constexpr int64_t kLine = 16;
  static std::vector<float> &Kept() {
    static thread_local std::vector<float> kept;
    return kept;
  }
  std::vector<float> &numbers_;
  float *next_;
};

/** How long rows of numbers are, one a key: an odd number of the cache's lines, so that one below the other they meet in none. */
inline int64_t RowOfKeys(int64_t keys) { return 16 * (Whole(keys, 16) / 16 | 1); }

/** [count, head] as [head, apart], zeros behind. */
inline void Transpose(const float *from, int64_t count, int64_t head, int64_t apart, float *to) {
  for (int64_t i = 0; i < head; ++i) std::fill(to + i * apart + count, to + (i + 1) * apart, 0.0f);
  for (int64_t row = 0; row < count; row += 16)
    for (int64_t i = 0; i < head; ++i)
      for (int64_t j = row; j < std::min(count, row + 16); ++j) to[i * apart + j] = from[j * head + i];
}

/** [count, head] as [count, wide], zeros behind, each times a factor. */
inline void Widen(const float *from, int64_t count, int64_t head, int64_t wide, float factor, float *to) {
  for (int64_t row = 0; row < count; ++row) {
    for (int64_t i = 0; i < head; ++i) to[row * wide + i] = from[row * head + i] * factor;
    std::fill(to + row * wide + head, to + (row + 1) * wide, 0.0f);
  }
}

}  // namespace mm1
