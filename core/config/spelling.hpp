// Which of several names was probably meant.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace halyard::core::config {

/// Insertions, deletions, replacements and swaps of neighbours that turn one text into the other, letters
/// compared without case.
size_t edit_distance(std::string_view a, std::string_view b);

/// The nearest of the names, if it is within a third of the length; else empty. The first of equals.
std::string_view closest(std::string_view word, std::span<const std::string_view> names);

/// `did you mean "x"?`, else `known are: a, b`; empty where there are no names.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> names,
                         std::string_view known_are = "known are");

}  // namespace halyard::core::config
