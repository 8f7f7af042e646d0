// The contents of small constants.
#pragma once

#include <optional>
#include <vector>

#include "core/opset/infer.hpp"

namespace halyard::core {

/// Of an i32, i64 or bool constant of rank 0 or 1; nothing for others and where the bytes cannot be had.
KnownInts read_ints(const ConstantData& constant, const ConstantReader& read);

/// Of an f32 or f64 constant of at most kMaxKnownInts elements.
std::optional<std::vector<double>> read_floats(const ConstantData& constant,
                                               const ConstantReader& read);

}  // namespace halyard::core
