// Numbers between element types.
#pragma once

#include <limits>

#include "host_tensor.hpp"

namespace halyard::cli {

/// Wide enough for every value of every type that is converted: 64 bits of mantissa.
using Wide = long double;
static_assert(std::numeric_limits<Wide>::digits >= 64);

/// Whether elements of the type can be converted: bool, integers of 8 to 64 bits, f16, bf16, f32,
/// f64.
bool is_numeric(uint32_t dtype);
/// f16, bf16, f32 or f64.
bool is_float(uint32_t dtype);

/// The elements in C order; none of a type that is not numeric.
std::vector<Wide> to_wide(const HostTensor& tensor);
std::vector<double> to_doubles(const HostTensor& tensor);
/// Rounded to nearest even for floats; rounded and held within the range for integers; bool: is it
/// not zero. No bytes for a type that is not numeric.
HostTensor from_wide(const std::vector<Wide>& values, std::vector<int64_t> dims, uint32_t dtype);

/// The tensor in another type, where every value survives; else an error that names both types and
/// the first value that does not. -0 and NaN survive between floats.
Result<HostTensor> convert(const HostTensor& tensor, uint32_t dtype);

}  // namespace halyard::cli
