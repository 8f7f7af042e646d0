// The equation of Einsum, taken apart: "bij,bjk->bik". Source: ONNX operators, Einsum.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "halyard/status.hpp"

namespace halyard {

/// A label an axis: letters are 0..51 (A to Z, a to z), the axes of "..." 52 and up, counted from the
/// last one back, so that operands of different ranks share them as broadcasting does.
struct EinsumLabels {
  std::vector<std::vector<int>> inputs;
  std::vector<int> output;  // no label twice
};

namespace detail {

inline constexpr int kEinsumLetters = 52;

struct EinsumTerm {
  std::vector<int> before, after;  // letters on both sides of "..."
  bool ellipsis = false;

  int64_t letters() const { return static_cast<int64_t>(before.size() + after.size()); }
  std::vector<int> labels(int64_t free_axes) const {
    std::vector<int> out = before;
    for (int64_t i = free_axes; i-- > 0;) out.push_back(kEinsumLetters + static_cast<int>(i));
    out.insert(out.end(), after.begin(), after.end());
    return out;
  }
};

inline Result<EinsumTerm> read_einsum_term(std::string_view text) {
  EinsumTerm term;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == ' ') continue;
    if (text.substr(i, 3) == "..." && !term.ellipsis) {
      term.ellipsis = true;
      i += 2;
      continue;
    }
    const bool upper = c >= 'A' && c <= 'Z', lower = c >= 'a' && c <= 'z';
    if (!upper && !lower)
      return invalid_model("a term of the equation, \"" + std::string(text) + "\", holds '" +
                           std::string(1, c) + "'; it has letters and at most one \"...\"");
    (term.ellipsis ? term.after : term.before).push_back(upper ? c - 'A' : c - 'a' + 26);
  }
  return term;
}

}  // namespace detail

/// ranks: one an operand, negative where it is not known, which only a term without "..." allows. Fails
/// with INVALID_MODEL on an equation that is none, and on ranks and operand counts that do not fit it;
/// with UNSUPPORTED where a rank is needed and not known.
inline Result<EinsumLabels> parse_einsum(std::string_view equation,
                                         std::span<const int64_t> ranks) {
  const size_t arrow = equation.find("->");
  std::string_view left = equation.substr(0, arrow);
  std::vector<detail::EinsumTerm> terms;
  for (;;) {
    const size_t comma = left.find(',');
    HY_ASSIGN_OR_RETURN(detail::EinsumTerm term, detail::read_einsum_term(left.substr(0, comma)));
    terms.push_back(std::move(term));
    if (comma == std::string_view::npos) break;
    left.remove_prefix(comma + 1);
  }
  if (terms.size() != ranks.size())
    return invalid_model("the equation has " + std::to_string(terms.size()) +
                         " terms, the node has " + std::to_string(ranks.size()) + " operands");

  EinsumLabels out;
  int64_t widest = 0;
  std::array<int, detail::kEinsumLetters> uses{};
  for (size_t i = 0; i < terms.size(); ++i) {
    const int64_t letters = terms[i].letters();
    const int64_t free = terms[i].ellipsis ? ranks[i] - letters : 0;
    if (terms[i].ellipsis && ranks[i] < 0)
      return unsupported("the rank of operand " + std::to_string(i) +
                         " is not known, and its term has \"...\"");
    if (free < 0 || (!terms[i].ellipsis && ranks[i] >= 0 && ranks[i] != letters))
      return invalid_model("operand " + std::to_string(i) + " has rank " +
                           std::to_string(ranks[i]) + "; its term names " +
                           std::to_string(letters) + " axes");
    widest = std::max(widest, free);
    out.inputs.push_back(terms[i].labels(free));
    for (int label : out.inputs.back())
      if (label < detail::kEinsumLetters) ++uses[static_cast<size_t>(label)];
  }

  detail::EinsumTerm result;
  if (arrow != std::string_view::npos) {
    HY_ASSIGN_OR_RETURN(result, detail::read_einsum_term(equation.substr(arrow + 2)));
  } else {
    // Without "->": the axes of "...", then the letters that come once, in alphabetical order.
    result.ellipsis = true;
    for (int label = 0; label < detail::kEinsumLetters; ++label)
      if (uses[static_cast<size_t>(label)] == 1) result.after.push_back(label);
  }
  out.output = result.labels(result.ellipsis ? widest : 0);
  for (size_t i = 0; i < out.output.size(); ++i) {
    const int label = out.output[i];
    if (label < detail::kEinsumLetters && uses[static_cast<size_t>(label)] == 0)
      return invalid_model("the equation's result has a letter that no operand has");
    if (std::count(out.output.begin(), out.output.end(), label) > 1)
      return invalid_model("the equation's result names an axis twice");
  }
  return out;
}

}  // namespace halyard
