// From sums of products back to 8 bits.
#pragma once

#include <cstdint>

#include "providers/cpu/tensor.hpp"
#include "providers/cpu/vector_loop.hpp"

namespace halyard::cpu {

/// Writes elements [at, at + n) of an i8 or u8 tensor: sums * scale, rounded to nearest even, plus the zero
/// point, held within the type.
inline void requantize(const int32_t* sums, int64_t n, float scale, int32_t zero, const Tensor& y,
                       int64_t at) {
  const bool negative = y.dtype == HY_DTYPE_I8;
  const float low = negative ? -128.0f : 0.0f, high = low + 255.0f;
  const auto offset = static_cast<float>(zero);
  auto* to = y.as<uint8_t>() + at;
  vector_loop(n, [=](int64_t i) HALYARD_CPU_INLINE {
    const float v = __builtin_nearbyintf(static_cast<float>(sums[i]) * scale) + offset;
    const float held = v >= low ? v : low;
    to[i] = static_cast<uint8_t>(static_cast<int32_t>(held <= high ? held : high));
  });
}

}  // namespace halyard::cpu
