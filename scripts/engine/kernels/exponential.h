// e^x without a call, of one number or of a vector of them.
#pragma once

#include <cstdint>
#include <cstring>

namespace mm1 {

/** The whole numbers that a number or a vector of numbers is rounded to, and whose bits it has. */
template <typename Numbers>
struct WholeOf;
template <>
struct WholeOf<float> {
  typedef int32_t Type;
  static inline __attribute__((always_inline)) Type Truncate(float x) { return static_cast<int32_t>(x); }
  static inline __attribute__((always_inline)) float Widen(int32_t x) { return static_cast<float>(x); }
};

/** e^x to the last digit but one, of -60 to 88: what lies outside is taken to be the nearer of them (Cephes, expf). */
template <typename Numbers>
inline __attribute__((always_inline)) void Exponentiate(Numbers &x) {
  typedef WholeOf<Numbers> Whole;
  const Numbers none{};
  x = x > 88.0f ? none + 88.0f : x;
  x = x < -60.0f ? none - 60.0f : x;
  const typename Whole::Type whole = Whole::Truncate(x * 1.44269504f + (x < 0.0f ? none - 0.5f : none + 0.5f));
  const Numbers turns = Whole::Widen(whole);
  const Numbers rest = x - turns * 0.693359375f + turns * 2.12194440e-4f;
  Numbers sum = rest * 1.9875691500e-4f + 1.3981999507e-3f;
  sum = sum * rest + 8.3334519073e-3f;
  sum = sum * rest + 4.1665795894e-2f;
  sum = sum * rest + 1.6666665459e-1f;
  sum = sum * rest + 5.0000001201e-1f;
  sum = sum * rest * rest + rest + 1.0f;
  const typename Whole::Type bits = (whole + 127) << 23;  // of 2^whole
  Numbers power;
  std::memcpy(&power, &bits, sizeof power);
  x = sum * power;
}

}  // namespace mm1
