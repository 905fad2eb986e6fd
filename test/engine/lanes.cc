// Attention's kernel as processors other than the one at hand would take it: its own source, asked for a number of lanes.
//   lanes 16|8|4 < numbers > results
// In: nine sizes as AttentionSizes has them, and how many numbers the mask has (int64); then q, k, v, dy and the mask (float32), or, of
// packed sequences, whose mask has none, groups and segments (int32). Out: y, dq, dk and dv.
// Ends with status 3 where the processor cannot.
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "../../scripts/engine/kernels/attention.cc"

namespace {

template <typename Number = float>
std::vector<Number> Read(size_t count) {
  std::vector<Number> numbers(count);
  if (fread(numbers.data(), sizeof(Number), count, stdin) != count) exit(2);
  return numbers;
}

void Write(const std::vector<float> &numbers) {
  if (fwrite(numbers.data(), sizeof(float), numbers.size(), stdout) != numbers.size()) exit(2);
}

template <int Lanes>
void Answer(const mm1::AttentionSizes &sizes, size_t mask_size) {
  const int64_t pairs = sizes.batch * sizes.heads, of_queries = pairs * sizes.queries, of_keys = pairs * sizes.keys;
  const auto q = Read(of_queries * sizes.head), k = Read(of_keys * sizes.head), v = Read(of_keys * sizes.head);
  const auto dy = Read(of_queries * sizes.head), mask = Read(mask_size);
  const size_t packed = mask_size == 0 ? sizes.batch * sizes.keys : 0;
  const auto groups = Read<int32_t>(packed), segments = Read<int32_t>(packed);
  const mm1::AttentionInputs inputs = {q.data(), k.data(), v.data(), mask.data(), packed ? groups.data() : nullptr,
                                       packed ? segments.data() : nullptr};
  std::vector<float> y(q.size()), dq(q.size()), dk(k.size()), dv(v.size()), most(of_queries), inverse(of_queries);
  mm1::Kind<Lanes>::Forward(sizes, inputs, 0, pairs, y.data(), most.data(), inverse.data());
  mm1::Kind<Lanes>::Backward(sizes, inputs, dy.data(), y.data(), most.data(), inverse.data(), 0, pairs, dq.data(), dk.data(),
                             dv.data());
  for (const auto &numbers : {y, dq, dk, dv}) Write(numbers);
}

}  // namespace

int main(int, char **arguments) {
  const int lanes = atoi(arguments[1]);
  if (lanes > mm1::Lanes()) return 3;
  mm1::AttentionSizes sizes;
  int64_t mask_size;
  if (fread(&sizes, sizeof(sizes), 1, stdin) != 1 || fread(&mask_size, sizeof(mask_size), 1, stdin) != 1) return 2;
  if (lanes == 16) Answer<16>(sizes, mask_size);
  if (lanes == 8) Answer<8>(sizes, mask_size);
  if (lanes == 4) Answer<4>(sizes, mask_size);
  return 0;
}
