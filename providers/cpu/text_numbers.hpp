// Numbers as text, for casts from and to strings.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "providers/cpu/tensor.hpp"

namespace halyard::cpu {

/// Writes the number that the text stands for as element i of `to` (a number or bool): plain and
/// scientific forms, and INF, +INF, -INF, NaN, true, false in any case. False where it is none.
bool parse_number(std::string_view text, const Tensor& to, int64_t i);

/// Element i of `from`: the shortest form that reads back as the same.
std::string number_text(const Tensor& from, int64_t i);

}  // namespace halyard::cpu
