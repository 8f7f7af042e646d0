// How a reduction goes over its operand.
#pragma once

#include <cstdint>

#include "providers/cpu/tensor.hpp"

namespace halyard::cpu {

/// The dims of a tensor in two lists, those that stay and those that are reduced, each in order, with
/// their strides; neighbours of one list that lie together are merged, dims of size 1 left out.
struct ReduceWalk {
  Dims kept, kept_strides, reduced, reduced_strides;

  /// is_reduced: one flag a dim.
  ReduceWalk(std::span<const int64_t> dims, std::span<const bool> is_reduced) {
    int64_t stride = 1;
    bool last_was_reduced = false;
    for (size_t i = dims.size(); i-- > 0; stride *= dims[i]) {
      if (dims[i] == 1) continue;
      Dims &sizes = is_reduced[i] ? reduced : kept,
           &strides = is_reduced[i] ? reduced_strides : kept_strides;
      if (!sizes.empty() && last_was_reduced == is_reduced[i]) {
        sizes.front() *= dims[i];
      } else {
        sizes.insert(sizes.begin(), dims[i]);
        strides.insert(strides.begin(), stride);
      }
      last_was_reduced = is_reduced[i];
    }
  }

  int64_t results() const { return count_of(kept); }
  /// Elements that make one result.
  int64_t depth() const { return count_of(reduced); }
  /// The innermost dim is one that stays, or nothing is reduced.
  bool ends_kept() const { return reduced.empty() || (!kept.empty() && kept_strides.back() == 1); }

  static int64_t offset(int64_t at, const Dims& sizes, const Dims& strides, size_t count) {
    int64_t out = 0;
    for (size_t d = count; d-- > 0; at /= sizes[d]) out += at % sizes[d] * strides[d];
    return out;
  }
};

}  // namespace halyard::cpu
