// Several tensors read as one shape, by the rules of numpy.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "halyard/status.hpp"
#include "providers/cpu/tensor.hpp"

namespace halyard::cpu {

/// The dims that tensors of these dims have together; fails where they do not fit.
Result<Dims> broadcast_dims(std::span<const Tensor* const> operands);

/// How to walk up to three operands along a common shape. Immutable once made.
class Broadcast {
 public:
  static constexpr size_t kMost = 3;
  /// Along dims, which every operand must fit (broadcast_dims).
  Broadcast(std::span<const Tensor* const> operands, std::span<const int64_t> dims);

  /// The operand's step within a run: 0 or 1.
  int64_t step(size_t operand) const { return strides_[operand].back(); }

  /// How long the longest runs are.
  int64_t run() const { return loop_.back(); }
  /// The operand repeats after run() elements of the result.
  bool repeats(size_t operand) const;
  /// Writes elements [begin, end) of the operand, as the result has them, one after the other.
  void gather(size_t operand, const void* from, size_t element_bytes, int64_t begin, int64_t end,
              void* to) const;

  /// Calls f(at, n, offsets) for runs that cover elements [begin, end) of the result: n elements from
  /// `at` on, for which operand k starts at its element offsets[k] and goes on by step(k).
  template <class F>
  void for_each_run(int64_t begin, int64_t end, const F& f) const {
    const size_t last = loop_.size() - 1;
    const int64_t run = loop_[last];
    if (begin >= end) return;
    Position position(*this, begin);
    const int64_t skipped = begin % run, first = std::min(run - skipped, end - begin);
    std::array<int64_t, kMost> offsets = position.offsets;
    for (size_t k = 0; k < kMost; ++k) offsets[k] += skipped * strides_[k][last];
    f(begin, first, offsets);
    for (int64_t at = begin + first; at < end; at += run) {
      position.advance(*this);
      f(at, std::min(run, end - at), position.offsets);
    }
  }

 private:
  /// A run: its index in every dim but the last, and where it starts in each operand.
  struct Position {
    Dims index;
    std::array<int64_t, kMost> offsets{};

    Position(const Broadcast& b, int64_t at) : index(b.loop_.size()) {
      at /= b.loop_.back();
      for (size_t d = index.size() - 1; d-- > 0; at /= b.loop_[d]) {
        index[d] = at % b.loop_[d];
        for (size_t k = 0; k < kMost; ++k) offsets[k] += index[d] * b.strides_[k][d];
      }
    }
    void advance(const Broadcast& b) {
      for (size_t d = index.size() - 1; d-- > 0;) {
        for (size_t k = 0; k < kMost; ++k) offsets[k] += b.strides_[k][d];
        if (++index[d] < b.loop_[d]) return;
        for (size_t k = 0; k < kMost; ++k) offsets[k] -= b.strides_[k][d] * b.loop_[d];
        index[d] = 0;
      }
    }
  };

  Dims loop_;  // the result's dims, those merged that all operands walk alike; never empty
  std::array<Dims, kMost> strides_;
};

}  // namespace halyard::cpu
