// Text in messages: names from a file, which may be long or broken, and dims.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace halyard::onnx {

bool is_utf8(std::string_view text);

/// The text in double quotes, control characters as '?', cut to 120 bytes.
std::string quote(std::string_view text);

/// "[1,3,224,224]"
std::string dims_text(std::span<const int64_t> dims);

}  // namespace halyard::onnx
