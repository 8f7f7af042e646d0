// Sizes in bytes as people write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace halyard::cli {

/// "512MiB", "4GiB", "1000": bytes, or nothing.
std::optional<uint64_t> parse_bytes(std::string_view text);
/// "1.5 MiB"; below 1 KiB "17 B".
std::string bytes_text(uint64_t bytes);

}  // namespace halyard::cli
