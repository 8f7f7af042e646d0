#include "providers/cpu/text_numbers.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "providers/cpu/convert.hpp"

namespace halyard::cpu {

namespace {

template <class T>
std::optional<T> parse(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// from_chars knows inf and nan in any case, but no plus sign and no blanks.
std::string_view trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  text = text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  return text;
}

bool is_word(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
}

template <class T>
std::string text_of(T value) {
  std::array<char, 64> out;
  const auto [end, error] = std::to_chars(out.data(), out.data() + out.size(), value);
  return error == std::errc() ? std::string(out.data(), end) : std::string();
}

}  // namespace

bool parse_number(std::string_view text, const Tensor& to, int64_t i) {
  text = trimmed(text);
  void* target = to.as<char>() + static_cast<size_t>(i) * (dtype_bits(to.dtype) / 8);
  const auto write = [&](uint32_t dtype, const void* value) {
    convert_loop(dtype, to.dtype)(value, target, 1);
    return true;
  };
  if (is_word(text, "true") || is_word(text, "false")) {
    const bool value = text.size() == 4;
    return write(HY_DTYPE_BOOL, &value);
  }
  if (to.dtype == HY_DTYPE_F32) {
    const auto value = parse<float>(text);
    return value && write(HY_DTYPE_F32, &*value);
  }
  if (const auto value = parse<int64_t>(text)) return write(HY_DTYPE_I64, &*value);
  if (const auto value = parse<uint64_t>(text)) return write(HY_DTYPE_U64, &*value);
  const auto value = parse<double>(text);
  return value && write(HY_DTYPE_F64, &*value);
}

std::string number_text(const Tensor& from, int64_t i) {
  const auto as = [&](auto tag, uint32_t dtype) {
    const size_t bytes = dtype_bits(from.dtype) / 8;
    convert_loop(from.dtype, dtype)(from.as<const char>() + static_cast<size_t>(i) * bytes, &tag,
                                    1);
    return tag;
  };
  switch (from.dtype) {
    case HY_DTYPE_BOOL:
      return as(bool{}, HY_DTYPE_BOOL) ? "True" : "False";
    case HY_DTYPE_F64:
      return text_of(as(double{}, HY_DTYPE_F64));
    case HY_DTYPE_F32:
    case HY_DTYPE_F16:
    case HY_DTYPE_BF16:
      return text_of(as(float{}, HY_DTYPE_F32));
    case HY_DTYPE_U64:
      return text_of(as(uint64_t{}, HY_DTYPE_U64));
    default:
      return text_of(as(int64_t{}, HY_DTYPE_I64));
  }
}

}  // namespace halyard::cpu
