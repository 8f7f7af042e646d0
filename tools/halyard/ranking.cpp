#include "ranking.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <sstream>

#include "convert.hpp"
#include "halyard/opset.hpp"

namespace halyard::cli {
namespace {

constexpr size_t kPreview = 6;

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, at);) {
    if (part.ends_with('\r')) part.pop_back();
    out.push_back(part);
  }
  return out;
}

/// Without the rest of a large tensor.
HostTensor first_elements(const HostTensor& t, size_t count) {
  HostTensor out;
  out.dtype = t.dtype;
  const size_t bytes = std::min(t.bytes.size(), count * (dtype_bits(t.dtype) / 8));
  out.bytes.assign(t.bytes.begin(), t.bytes.begin() + static_cast<std::ptrdiff_t>(bytes));
  return out;
}

}  // namespace

std::vector<Ranked> top_k(const HostTensor& t, size_t k, const std::vector<std::string>& labels) {
  const std::vector<double> values = to_doubles(t);
  const bool batched = t.dims.size() > 1 && t.dims[0] > 0;
  const size_t rows = batched ? static_cast<size_t>(t.dims[0]) : 1;
  const size_t classes = values.size() / rows;
  std::vector<Ranked> out;
  std::vector<size_t> order(classes);
  for (size_t row = 0; row < rows; ++row) {
    const double* score = values.data() + row * classes;
    const auto better = [&](size_t a, size_t b) {
      const bool nan_a = std::isnan(score[a]), nan_b = std::isnan(score[b]);
      if (nan_a != nan_b) return nan_b;
      return score[a] != score[b] && !nan_a ? score[a] > score[b] : a < b;
    };
    std::iota(order.begin(), order.end(), size_t{0});
    const auto best = static_cast<std::ptrdiff_t>(std::min(k, classes));
    std::partial_sort(order.begin(), order.begin() + best, order.end(), better);
    for (auto it = order.begin(); it != order.begin() + best; ++it)
      out.push_back({row, *it < labels.size() ? labels[*it] : std::to_string(*it), score[*it]});
  }
  return out;
}

Result<std::vector<std::string>> read_labels(const std::string& path) {
  if (path.empty()) return std::vector<std::string>();
  HY_ASSIGN_OR_RETURN(const std::string text, read_file(path));
  return split(text, '\n');
}

std::vector<std::string> split_labels(const std::string& text) {
  return split(text, text.find('\n') != std::string::npos ? '\n' : ',');
}

std::string preview(const HostTensor& t) {
  std::vector<std::string> shown;
  if (t.dtype == HY_DTYPE_STRING)
    for (size_t i = 0; i < std::min(t.strings.size(), kPreview); ++i)
      shown.push_back(fmt::format("\"{}\"", t.strings[i]));
  for (const double v : to_doubles(first_elements(t, kPreview)))
    shown.push_back(fmt::format("{:.6g}", v));
  if (element_count(t.dims) > static_cast<int64_t>(shown.size())) shown.emplace_back("...");
  return fmt::format("[{}]", fmt::join(shown, ", "));
}

}  // namespace halyard::cli
