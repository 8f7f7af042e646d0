// Outputs of strings.
#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "providers/cpu/kernel.hpp"

namespace halyard::cpu {

/// A string output, whose texts come from text(0) to text(count - 1). The views must live until the
/// call returns.
Status write_strings(Context& context, uint32_t output, std::span<const int64_t> dims,
                     const std::function<std::string_view(int64_t)>& text);

}  // namespace halyard::cpu
