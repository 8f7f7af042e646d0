#include "providers/cpu/random.hpp"

#include <unistd.h>

#include <bit>
#include <chrono>

namespace halyard::cpu {

namespace {

/// The seed is a float: equal seeds are equal keys, and no two others are.
uint64_t key_of(double seed) { return std::bit_cast<uint64_t>(seed == 0 ? 0.0 : seed); }

/// A key that no other node has.
uint64_t fresh_key() {
  static std::atomic<uint64_t> made{0};
  uint64_t key = 0;
  if (getentropy(&key, sizeof key) != 0) {  // a system without: the time, and which one this is
    const auto now = std::chrono::system_clock::now().time_since_epoch().count();
    const auto w = philox(static_cast<uint64_t>(now), made.fetch_add(1), 0);
    key = uint64_t{w[1]} << 32 | w[0];
  }
  return key;
}

}  // namespace

void RandomStream::fill(int64_t first_block, std::span<uint32_t> words) const {
  const uint64_t k = key, high = run;
  const auto base = static_cast<uint64_t>(first_block);
  uint32_t* const out = words.data();
  vector_loop(static_cast<int64_t>(words.size() / 4), [=](int64_t i) HALYARD_CPU_INLINE {
    const auto w = philox(k, base + static_cast<uint64_t>(i), high);
    for (int64_t j = 0; j < 4; ++j) out[4 * i + j] = w[static_cast<size_t>(j)];
  });
}

RandomSource::RandomSource(const Node& node)
    : seeded_(node.has_attribute("seed")),
      key_(seeded_ ? key_of(node.attr_float("seed")) : fresh_key()) {}

}  // namespace halyard::cpu
