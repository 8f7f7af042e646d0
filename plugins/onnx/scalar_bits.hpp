// One number as the bytes of an element.
#pragma once

#include <cstdint>
#include <string>

namespace halyard::onnx {

/// For bool, the integer types and f64 f32 f16 bf16, rounded to nearest even; no bytes for other types.
std::string scalar_bits(uint32_t dtype, double value);

}  // namespace halyard::onnx
