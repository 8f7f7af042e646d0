#include "core/config/spelling.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <vector>

namespace halyard::core::config {
namespace {

constexpr size_t kLongestCompared = 64;

char lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

}  // namespace

// Optimal string alignment (Boytsov 2011, section 2.2): three rows are enough.
size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
          lower(a[i - 2]) == lower(b[j - 1]))
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

std::string_view closest(std::string_view word, std::span<const std::string_view> names) {
  std::string_view best;
  if (word.empty() || word.size() > kLongestCompared) return best;
  // At most a third is wrong, and something is right.
  size_t least = std::max<size_t>(1, std::min<size_t>(word.size() / 3, 4)) + 1;
  least = std::min(least, word.size());
  for (const std::string_view name : names)
    if (const size_t d = edit_distance(word, name); d < least) {
      least = d;
      best = name;
    }
  return best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> names,
                         std::string_view known_are) {
  if (const std::string_view near = closest(word, names); !near.empty())
    return fmt::format("did you mean \"{}\"?", near);
  return names.empty() ? std::string() : fmt::format("{}: {}", known_are, fmt::join(names, ", "));
}

}  // namespace halyard::core::config
