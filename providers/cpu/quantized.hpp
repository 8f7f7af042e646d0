// Quantised tensors: numbers of any type as f32, and which scale belongs to which element.
#pragma once

#include <cstdint>

#include "providers/cpu/kernel.hpp"

namespace halyard::cpu {

/// The elements of any numeric tensor as f32, of low types too: its own memory, or scratch.
Result<const float*> read_as_f32(Context& context, const Tensor& tensor);

/// Scales and zero points of a tensor: one, one an index of the axis, or one a block along it.
struct ScaleMap {
  int64_t outer = 1, length = 1, inner = 1;  // the tensor, seen from the axis
  int64_t block = 0;                         // 0: not by blocks
  bool single = true;

  static Result<ScaleMap> make(const Tensor& x, const Tensor& scale, const Tensor* zero_point,
                               int64_t axis, int64_t block_size);

  /// f(at, n, parameter, step): n elements from `at` on, whose parameters begin there and go on by step.
  template <class F>
  void for_each_run(const F& f) const {
    if (single) return f(int64_t{0}, outer * length * inner, int64_t{0}, int64_t{0});
    const int64_t blocks = block > 0 ? (length + block - 1) / block : 0;
    for (int64_t o = 0; o < outer; ++o)
      for (int64_t a = 0; a < length; ++a) {
        const int64_t at = (o * length + a) * inner;
        if (block > 0)
          f(at, inner, (o * blocks + a / block) * inner, int64_t{1});
        else
          f(at, inner, a, int64_t{0});
      }
  }
};

}  // namespace halyard::cpu
