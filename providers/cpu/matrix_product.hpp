// A product of two matrices of any numeric type, in C order.
#pragma once

#include <cstdint>

#include "halyard/status.hpp"
#include "providers/cpu/kernel.hpp"

namespace halyard::cpu {

/// c[m, n] = op(a) op(b), contiguous; op transposes where said. Any of m, n, k may be 0.
struct ProductShape {
  int64_t m = 0, n = 0, k = 0;
  bool transpose_a = false, transpose_b = false;
};

/// f32 products, one a batch: a_offsets[i] and b_offsets[i] are the elements where its operands begin, and
/// the results lie one after the other.
Status multiply_f32(int threads, const ProductShape& shape, const Dims& a_offsets, const float* a,
                    const Dims& b_offsets, const float* b, float* c);

/// The same of f64 or integers, which wrap around. Sums are those of the type, in order.
Status multiply_reference(int threads, uint32_t dtype, const ProductShape& shape,
                          const Dims& a_offsets, const void* a, const Dims& b_offsets,
                          const void* b, void* c);

}  // namespace halyard::cpu
