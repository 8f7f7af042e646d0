#include "bytes.hpp"

#include <fmt/format.h>

#include <charconv>
#include <limits>

namespace halyard::cli {
namespace {

constexpr std::string_view kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB"};

}  // namespace

std::optional<uint64_t> parse_bytes(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  const std::string_view unit(end, static_cast<size_t>(text.data() + text.size() - end));
  if (unit.empty()) return number;
  for (size_t i = 0; i < std::size(kUnits); ++i) {
    if (unit != kUnits[i]) continue;
    if (number > std::numeric_limits<uint64_t>::max() >> (10 * i)) return std::nullopt;
    return number << (10 * i);
  }
  return std::nullopt;
}

std::string bytes_text(uint64_t bytes) {
  auto value = static_cast<double>(bytes);
  size_t unit = 0;
  for (; value >= 1024 && unit + 1 < std::size(kUnits); ++unit) value /= 1024;
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", value, kUnits[unit]);
}

}  // namespace halyard::cli
