// One loop for all that moves elements: transposes, slices, tiles, pads, expansions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "providers/cpu/tensor.hpp"

namespace halyard::cpu {

/// Copies element i0, i1, ... of one array to the same position of another, for all positions in dims.
/// Strides count elements, and may be zero or negative in `from`; no two positions of `to` may be one.
/// element_bytes: 1, 2, 4, 8 or 16. The arrays must not overlap.
void strided_copy(int threads, std::span<const int64_t> dims, size_t element_bytes, void* to,
                  std::span<const int64_t> to_strides, const void* from,
                  std::span<const int64_t> from_strides);

/// Strides of an array of these dims in C order.
Dims strides_of(std::span<const int64_t> dims);

/// Writes the element n times. element_bytes as above.
void fill(int threads, void* to, const void* element, size_t element_bytes, int64_t n);

}  // namespace halyard::cpu
