// An elementwise operator that a convolution applies to its own output.
#pragma once

#include <cstdint>
#include <limits>

#include "providers/cpu/kernel.hpp"

namespace halyard::cpu {

struct Activation {
  enum Kind { kNone, kLeaky, kClip };
  Kind kind = kNone;
  float alpha = 0;  // kLeaky: the slope below zero
  float low = -std::numeric_limits<float>::infinity(),
        high = std::numeric_limits<float>::infinity();

  /// Relu, LeakyRelu, or Clip with known bounds; else kind is kNone.
  static Result<Activation> from(const Node& node, CompileContext& context);

  template <class T>
  void apply(T* y, int64_t n) const {
    for (int64_t i = 0; kind == kLeaky && i < n; ++i)
      y[i] = y[i] < 0 ? static_cast<T>(alpha) * y[i] : y[i];
    for (int64_t i = 0; kind == kClip && i < n; ++i) {
      y[i] = y[i] < static_cast<T>(low) ? static_cast<T>(low) : y[i];
      y[i] = y[i] > static_cast<T>(high) ? static_cast<T>(high) : y[i];
    }
  }
};

}  // namespace halyard::cpu
