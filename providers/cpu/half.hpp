// The 16-bit floats as storage: every computation is done in f32.
#pragma once

#include <bit>
#include <cstdint>

#include "halyard/abi/plugin.h"
#include "providers/cpu/vector_loop.hpp"

namespace halyard::cpu {

/// IEEE binary16, rounded to nearest even. F. Giesen's branch-light conversions, which vectorise.
struct F16 {
  uint16_t bits = 0;
  F16() = default;
  HALYARD_CPU_INLINE F16(float f)
      : bits(encode(f)) {}  // NOLINT: storage type, converts as float does
  HALYARD_CPU_INLINE operator float() const { return decode(bits); }  // NOLINT

  HALYARD_CPU_INLINE static float decode(uint16_t h) {
    const uint32_t sign = static_cast<uint32_t>(h & 0x8000) << 16;
    const uint32_t rest = static_cast<uint32_t>(h & 0x7fff) << 13;
    const uint32_t normal = rest + 0x38000000u;
    const uint32_t special = rest + 0x70000000u;  // infinity and NaN
    const float small =
        std::bit_cast<float>(rest + 0x38800000u) - std::bit_cast<float>(0x38800000u);
    uint32_t out = rest < 0x00800000u ? std::bit_cast<uint32_t>(small) : normal;
    out = rest >= 0x0f800000u ? special : out;
    return std::bit_cast<float>(out | sign);
  }
  HALYARD_CPU_INLINE static uint16_t encode(float value) {
    const uint32_t all = std::bit_cast<uint32_t>(value);
    const uint32_t sign = all & 0x80000000u, f = all ^ sign;
    const uint32_t special = f > 0x7f800000u ? 0x7e00u : 0x7c00u;
    const float shifted = std::bit_cast<float>(f) + std::bit_cast<float>(0x3f000000u);
    const uint32_t small = std::bit_cast<uint32_t>(shifted) - 0x3f000000u;
    const uint32_t normal = (f + 0xc8000fffu + ((f >> 13) & 1)) >> 13;
    uint32_t out = f < 0x38800000u ? small : normal;
    out = f >= 0x47800000u ? special : out;
    return static_cast<uint16_t>(out | sign >> 16);
  }
};

/// bfloat16, rounded to nearest even.
struct BF16 {
  uint16_t bits = 0;
  BF16() = default;
  HALYARD_CPU_INLINE BF16(float f) : bits(encode(f)) {}  // NOLINT
  HALYARD_CPU_INLINE operator float() const {
    return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16);
  }  // NOLINT

  HALYARD_CPU_INLINE static uint16_t encode(float value) {
    const uint32_t f = std::bit_cast<uint32_t>(value);
    const uint32_t rounded = (f + 0x7fffu + ((f >> 16) & 1)) >> 16;
    return static_cast<uint16_t>((f & 0x7fffffffu) > 0x7f800000u ? (f >> 16 | 0x40u) : rounded);
  }
};

/// The type that a kernel computes in: f32 for the 16-bit floats, else the type itself.
template <class T>
struct ComputeType {
  using type = T;
};
template <>
struct ComputeType<F16> {
  using type = float;
};
template <>
struct ComputeType<BF16> {
  using type = float;
};
template <class T>
using compute_t = typename ComputeType<T>::type;

/// Whole arrays, vectorised for the processor at hand.
void widen(const F16* from, float* to, int64_t n);
void widen(const BF16* from, float* to, int64_t n);
void narrow(const float* from, F16* to, int64_t n);
void narrow(const float* from, BF16* to, int64_t n);

}  // namespace halyard::cpu
