// Products of small matrices that stay near the processor, in vectors of as many numbers as it takes at once. Everything here is
// inlined into functions that are compiled for one kind of processor each.
#pragma once

#include <cstdint>

// Vectors are never handed over: all is inlined.
#pragma GCC diagnostic ignored "-Wpsabi"

#include "exponential.h"

#define MM1_INLINE inline __attribute__((always_inline))

namespace mm1 {

template <int Lanes>
struct Vectors;

#define MM1_VECTORS(LANES)                                                                      \
  template <>                                                                                   \
  struct Vectors<LANES> {                                                                       \
    typedef float Numbers __attribute__((vector_size(4 * LANES)));                              \
    typedef int32_t Whole __attribute__((vector_size(4 * LANES)));                              \
    typedef float Loose __attribute__((vector_size(4 * LANES), aligned(4), may_alias));         \
  };                                                                                            \
  template <>                                                                                   \
  struct WholeOf<Vectors<LANES>::Numbers> {                                                     \
    typedef Vectors<LANES>::Whole Type;                                                         \
    static MM1_INLINE Type Truncate(Vectors<LANES>::Numbers x) { return __builtin_convertvector(x, Type); } \
    static MM1_INLINE Vectors<LANES>::Numbers Widen(Type x) { return __builtin_convertvector(x, Vectors<LANES>::Numbers); } \
  };

MM1_VECTORS(4)
MM1_VECTORS(8)
MM1_VECTORS(16)
#undef MM1_VECTORS

/** A matrix whose element (row, column) lies at `at[row * down + column * along]`. */
struct Matrix {
  const float *at;
  int64_t down, along;
};

/** Rows by vectors of a product, whose sums stay in registers. */
template <int Lanes, int Rows, int Wide>
MM1_INLINE void Tile(const Matrix &a, const float *b, int64_t b_down, float *c, int64_t c_down, int64_t inner, bool add) {
  typedef typename Vectors<Lanes>::Numbers Numbers;
  typedef typename Vectors<Lanes>::Loose Loose;
  Numbers sums[Rows][Wide];
  for (int r = 0; r < Rows; ++r)
    for (int w = 0; w < Wide; ++w)
      sums[r][w] = add ? *reinterpret_cast<const Loose *>(c + r * c_down + w * Lanes) : Numbers{};
  for (int64_t i = 0; i < inner; ++i) {
    Numbers right[Wide];
    for (int w = 0; w < Wide; ++w) right[w] = *reinterpret_cast<const Loose *>(b + i * b_down + w * Lanes);
    for (int r = 0; r < Rows; ++r) {
      const float left = a.at[r * a.down + i * a.along];
      for (int w = 0; w < Wide; ++w) sums[r][w] += left * right[w];
    }
  }
  for (int r = 0; r < Rows; ++r)
    for (int w = 0; w < Wide; ++w) *reinterpret_cast<Loose *>(c + r * c_down + w * Lanes) = sums[r][w];
}

template <int Lanes, int Rows, int Wide>
MM1_INLINE void Panel(Matrix a, const float *b, int64_t b_down, float *c, int64_t c_down, int64_t rows, int64_t inner, bool add) {
  int64_t row = 0;
  for (; row + Rows <= rows; row += Rows, a.at += Rows * a.down)
    Tile<Lanes, Rows, Wide>(a, b, b_down, c + row * c_down, c_down, inner, add);
  for (; row < rows; ++row, a.at += a.down) Tile<Lanes, 1, Wide>(a, b, b_down, c + row * c_down, c_down, inner, add);
}

/**
 * c = a b, or c += a b.
 * @param columns of b and c, whose rows are as long or longer; a multiple of Lanes
 */
template <int Lanes>
MM1_INLINE void Product(const Matrix &a, const float *b, int64_t b_down, float *c, int64_t c_down, int64_t rows, int64_t inner,
                        int64_t columns, bool add) {
  int64_t at = 0;
  // With 16 lanes there are 32 registers, else 16.
  if (Lanes == 16)
    for (; at + 4 * Lanes <= columns; at += 4 * Lanes)
      Panel<Lanes, 4, 4>(a, b + at, b_down, c + at, c_down, rows, inner, add);
  for (; at + 2 * Lanes <= columns; at += 2 * Lanes)
    Panel<Lanes, Lanes == 16 ? 8 : 4, 2>(a, b + at, b_down, c + at, c_down, rows, inner, add);
  for (; at < columns; at += Lanes) Panel<Lanes, 8, 1>(a, b + at, b_down, c + at, c_down, rows, inner, add);
}

}  // namespace mm1
