// Exact products of 8-bit numbers: their differences from zero points as i16, sums as i32.
#pragma once

#include <cstdint>

#include "providers/cpu/tensor.hpp"

namespace halyard::cpu {

/// c[i * step + j] = sum over k of a[i, k] * b[j, k], wrapping around. a [m, k], b [n, k], contiguous.
void multiply_i16(int threads, int64_t m, int64_t n, int64_t k, const int16_t* a, const int16_t* b,
                  int32_t* c, int64_t step);

/// Elements of an i8 or u8 tensor from `first` on, `stride` apart, less a zero point.
void shift_to_i16(const Tensor& t, int64_t first, int64_t stride, int32_t zero, int64_t n,
                  int16_t* to);

/// Element i of an i8 or u8 tensor; 0 of null. A single element stands for all.
inline int32_t byte_at(const Tensor* t, int64_t i) {
  if (t == nullptr) return 0;
  if (t->count() == 1) i = 0;
  return t->dtype == HY_DTYPE_I8 ? t->as<const int8_t>()[i] : t->as<const uint8_t>()[i];
}

}  // namespace halyard::cpu
