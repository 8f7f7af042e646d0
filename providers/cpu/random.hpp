// Random numbers by their position in a stream, so that any thread computes any part of it.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <span>

#include "halyard/graph.hpp"
#include "providers/cpu/vector_loop.hpp"

namespace halyard::cpu {

/// Four words, a function of key and position: Philox4x32-10. J. Salmon, M. Moraes, R. Dror, D. Shaw,
/// Parallel Random Numbers: As Easy as 1, 2, 3 (2011).
HALYARD_CPU_INLINE inline std::array<uint32_t, 4> philox(uint64_t key, uint64_t low,
                                                         uint64_t high) {
  uint32_t c0 = static_cast<uint32_t>(low), c1 = static_cast<uint32_t>(low >> 32);
  uint32_t c2 = static_cast<uint32_t>(high), c3 = static_cast<uint32_t>(high >> 32);
  uint32_t k0 = static_cast<uint32_t>(key), k1 = static_cast<uint32_t>(key >> 32);
  for (int round = 0; round < 10; ++round) {
    const uint64_t p = uint64_t{0xD2511F53u} * c0, q = uint64_t{0xCD9E8D57u} * c2;
    c0 = static_cast<uint32_t>(q >> 32) ^ c1 ^ k0;
    c1 = static_cast<uint32_t>(q);
    c2 = static_cast<uint32_t>(p >> 32) ^ c3 ^ k1;
    c3 = static_cast<uint32_t>(p);
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return {c0, c1, c2, c3};
}

/// The numbers of one run of one node.
struct RandomStream {
  uint64_t key = 0, run = 0;

  /// Words 4 first, ... of the stream: as many as fit.
  void fill(int64_t first_block, std::span<uint32_t> words) const;
  /// Number i in [0, 1), of 53 bits.
  double unit(int64_t i) const {
    const auto w = philox(key, static_cast<uint64_t>(i) / 2, run);
    const size_t half = static_cast<size_t>(i) % 2 * 2;
    return unit(w[half], w[half + 1]);
  }
  static double unit(uint32_t high, uint32_t low) {
    return static_cast<double>((uint64_t{high} << 32 | low) >> 11) * 0x1p-53;
  }
};

/// Where a node's numbers come from. With attribute "seed" every run has the same ones; without, a run has
/// its own. Any thread.
class RandomSource {
 public:
  explicit RandomSource(const Node& node);
  RandomStream next() const { return {key_, seeded_ ? 0 : runs_.fetch_add(1)}; }

 private:
  const bool seeded_;
  const uint64_t key_;
  mutable std::atomic<uint64_t> runs_{0};
};

}  // namespace halyard::cpu
