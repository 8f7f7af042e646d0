// From one number type to another, as Cast does.
#pragma once

#include <cstdint>

namespace halyard::cpu {

/// Converts n elements. The arrays may not overlap unless they are one and the types equally large.
using ConvertLoop = void (*)(const void* from, void* to, int64_t n);

/// Between f64, f32, f16, bf16, i8..i64, u8..u64 and bool; null for any other type. Floats round to
/// nearest even, once. Floats to integers: towards zero, out of range to the nearest bound, NaN to 0.
/// Integers to smaller ones: the low bits. To bool: whether it is not zero.
ConvertLoop convert_loop(uint32_t from, uint32_t to);

}  // namespace halyard::cpu
