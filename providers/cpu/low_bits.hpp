// Elements of less than a byte, and floats of 8 bits and less: as bytes, and as numbers.
#pragma once

#include <cstdint>

#include "providers/cpu/tensor.hpp"

namespace halyard::cpu {

/// Whether several elements share a byte.
inline bool is_packed(uint32_t dtype) { return dtype_bits(dtype) != 0 && dtype_bits(dtype) < 8; }

/// A byte for each of n packed elements: signed integers sign-extended, others as their bits. The first
/// element lies in the lowest bits.
void unpack(int threads, uint32_t dtype, const void* from, int64_t n, uint8_t* to);
/// The inverse: the low bits of n bytes. Bits of the last byte that no element has become 0.
void pack(int threads, uint32_t dtype, const uint8_t* from, int64_t n, void* to);

/// The f8 types and f4e2m1.
bool is_small_float(uint32_t dtype);
/// The value of each code of such a type: 256, of f4e2m1 16. Lives for ever.
const float* small_float_values(uint32_t dtype);

/// The codes of n numbers: nearest, ties to even; f8e8m0 upwards, its magnitude alone. Beyond the largest
/// value: that where `saturate` (f4e2m1 always), else infinity, or NaN where the type has none. The rules
/// are those of ONNX's Cast.
void encode_small_float(uint32_t dtype, bool saturate, const double* from, int64_t n, uint8_t* to);

/// A packed tensor with a byte an element in memory of that kind: of type i8 (i4, i2) or u8 (all others).
/// `memory` has room for count() bytes.
Tensor unpacked(int threads, const Tensor& packed, void* memory);

}  // namespace halyard::cpu
