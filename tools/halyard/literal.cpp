#include "literal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "convert.hpp"
#include "halyard/opset.hpp"

namespace halyard::cli {
namespace {

/// "1x3xf32=" taken apart.
struct Head {
  std::vector<int64_t> dims;
  uint32_t dtype = HY_DTYPE_UNDEFINED;
  std::string_view values;
};

bool split_head(std::string_view text, Head* head) {
  const size_t eq = text.find('=');
  if (eq == std::string_view::npos) return false;
  std::string_view rest = text.substr(0, eq);
  for (size_t x = rest.find('x'); x != std::string_view::npos; x = rest.find('x')) {
    int64_t d = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + x, d);
    if (error != std::errc() || end != rest.data() + x || d < 0) return false;
    head->dims.push_back(d);
    rest.remove_prefix(x + 1);
  }
  head->dtype = dtype_from_name(rest);
  head->values = text.substr(eq + 1);
  return head->dtype != HY_DTYPE_UNDEFINED;
}

std::vector<std::string_view> split_list(std::string_view text) {
  std::vector<std::string_view> out;
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find(',', at), text.size());
    out.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

Result<Wide> parse_number(std::string_view text) {
  if (text == "true") return Wide{1};
  if (text == "false") return Wide{0};
  std::string_view digits = text;
  while (digits.starts_with(' ')) digits.remove_prefix(1);
  while (digits.ends_with(' ')) digits.remove_suffix(1);
  if (digits.starts_with('+')) digits.remove_prefix(1);
  Wide v = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), v);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size())
    return invalid_argument(fmt::format("\"{}\" is not a number", text));
  return v;
}

Status check_count(size_t given, const std::vector<int64_t>& dims) {
  const int64_t count = element_count(dims);
  if (given == 1 || (count >= 0 && static_cast<size_t>(count) == given)) return {};
  return invalid_argument(
      fmt::format("{} values are given for dims {}, which hold {}", given, dims_text(dims), count));
}

/// Every integer must arrive unchanged, and no finite float may become infinite.
Status check_value(Wide v, Wide arrived, uint32_t dtype) {
  const bool fits = is_float(dtype) ? std::isinf(v) == std::isinf(arrived) : v == arrived;
  if (fits) return {};
  return invalid_argument(fmt::format("{} is no {} value", v, dtype_name(dtype)));
}

Result<HostTensor> fill_strings(const std::vector<std::string_view>& words,
                                const std::vector<int64_t>& dims) {
  HY_RETURN_IF_ERROR(dense_bytes(HY_DTYPE_C128, dims).status());  // a string takes no less
  HostTensor t;
  t.dtype = HY_DTYPE_STRING;
  t.dims = dims;
  t.strings.assign(words.begin(), words.end());
  if (words.size() == 1)
    t.strings.assign(static_cast<size_t>(element_count(dims)), std::string(words[0]));
  return t;
}

Result<HostTensor> fill(std::string_view text, const std::vector<int64_t>& dims, uint32_t dtype) {
  // "0x3xf32=" has no values, and needs none.
  const auto words =
      text.empty() && element_count(dims) == 0 ? std::vector<std::string_view>{} : split_list(text);
  HY_RETURN_IF_ERROR(check_count(words.size(), dims));
  if (dtype == HY_DTYPE_STRING) return fill_strings(words, dims);
  if (!is_numeric(dtype))
    return unsupported(fmt::format("values of type {} cannot be written out", dtype_name(dtype)));
  HY_ASSIGN_OR_RETURN(const size_t bytes, dense_bytes(dtype, dims));
  std::vector<Wide> values;
  for (std::string_view word : words) {
    HY_ASSIGN_OR_RETURN(const Wide v, parse_number(word));
    values.push_back(v);
  }
  HostTensor t = from_wide(values, dims, dtype);
  const std::vector<Wide> arrived = to_wide(t);
  for (size_t i = 0; i < values.size(); ++i)
    HY_RETURN_IF_ERROR(check_value(values[i], arrived[i], dtype));
  if (words.size() != 1) return t;
  const std::vector<unsigned char> one = t.bytes;
  t.bytes.resize(bytes);
  for (size_t at = 0; at < bytes; at += one.size()) std::copy(one.begin(), one.end(), &t.bytes[at]);
  return t;
}

/// The dims that hold `count` values, where one open dim can make it so.
std::vector<int64_t> dims_for(const Wanted& wanted, size_t count) {
  if (!wanted.has_rank) return {static_cast<int64_t>(count)};
  std::vector<int64_t> dims = closed(wanted.dims);
  const auto open =
      std::count_if(wanted.dims.begin(), wanted.dims.end(), [](int64_t d) { return d < 0; });
  const int64_t known = element_count(dims);
  const auto values = static_cast<int64_t>(count);
  if (open == 1 && count > 1 && known > 0 && values % known == 0)
    for (size_t i = 0; i < dims.size(); ++i)
      if (wanted.dims[i] < 0) dims[i] = values / known;
  return dims;
}

}  // namespace

bool is_typed_literal(std::string_view text) {
  Head head;
  return split_head(text, &head);
}

std::vector<int64_t> closed(std::vector<int64_t> dims) {
  for (int64_t& d : dims) d = d < 0 ? 1 : d;
  return dims;
}

Result<HostTensor> parse_literal(std::string_view text, const Wanted& wanted) {
  Head head;
  if (!split_head(text, &head)) {
    if (text.empty()) return invalid_argument("an empty value; write 1x3xf32=0.5, @FILE or random");
    if (wanted.dtype == HY_DTYPE_UNDEFINED)
      return invalid_argument(
          fmt::format("the model does not say which type \"{}\" has; write f32={}", text, text));
    return fill(text, dims_for(wanted, split_list(text).size()), wanted.dtype);
  }
  HY_ASSIGN_OR_RETURN(HostTensor t, fill(head.values, head.dims, head.dtype));
  if (wanted.dtype == HY_DTYPE_UNDEFINED) return t;
  return convert(t, wanted.dtype);
}

}  // namespace halyard::cli
