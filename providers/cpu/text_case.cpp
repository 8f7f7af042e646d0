#include "providers/cpu/text_case.hpp"

#include <wctype.h>

#include <cstdint>

namespace halyard::cpu {

namespace {

constexpr uint32_t kDottedCapitalI = 0x130, kDotlessSmallI = 0x131;

void append(uint32_t c, std::string* out) {
  const auto put = [&](uint32_t byte) { out->push_back(static_cast<char>(byte)); };
  if (c < 0x80) return put(c);
  if (c < 0x800) {
    put(0xC0 | c >> 6);
  } else if (c < 0x10000) {
    put(0xE0 | c >> 12);
    put(0x80 | (c >> 6 & 0x3F));
  } else {
    put(0xF0 | c >> 18);
    put(0x80 | (c >> 12 & 0x3F));
    put(0x80 | (c >> 6 & 0x3F));
  }
  put(0x80 | (c & 0x3F));
}

struct Character {
  uint32_t code = 0;
  size_t bytes = 0;  // 0: not UTF-8
};

/// The first character of text that is not empty. What is longer than need be is not UTF-8.
Character first_of(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint32_t>(static_cast<uint8_t>(text[i])); };
  if (byte(0) < 0x80) return {byte(0), 1};
  const size_t n = byte(0) >= 0xF0 ? 4 : byte(0) >= 0xE0 ? 3 : 2;
  if (byte(0) < 0xC2 || byte(0) > 0xF4 || text.size() < n) return {};
  uint32_t code = byte(0) & (0x7Fu >> n);
  for (size_t i = 1; i < n; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    code = code << 6 | (byte(i) & 0x3F);
  }
  const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xD800 && code < 0xE000;
  return code < least[n] || surrogate || code > 0x10FFFF ? Character{} : Character{code, n};
}

template <class F>
std::string mapped(std::string_view text, const F& map) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Character c = first_of(text);
    if (c.bytes == 0)
      out.push_back(text[0]);
    else
      append(map(c.code), &out);
    text.remove_prefix(c.bytes == 0 ? 1 : c.bytes);
  }
  return out;
}

}  // namespace

Result<TextCase> TextCase::make(std::string_view locale) {
  // Every language but the Turkic ones has the same simple mapping, so that nothing depends on which
  // locales are installed.
  Locale mapping(newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr));
  if (mapping == nullptr)
    return unsupported("the C library has no locale C.UTF-8, which case mapping needs; install it");
  const std::string_view language = locale.substr(0, locale.find_first_of("_-.@"));
  return TextCase(std::move(mapping), language == "tr" || language == "az");
}

std::string TextCase::upper(std::string_view text) const {
  return mapped(text, [this](uint32_t c) -> uint32_t {
    if (turkic_ && c == 'i') return kDottedCapitalI;
    return static_cast<uint32_t>(towupper_l(static_cast<wint_t>(c), locale_.get()));
  });
}

std::string TextCase::lower(std::string_view text) const {
  return mapped(text, [this](uint32_t c) -> uint32_t {
    if (turkic_ && c == 'I') return kDotlessSmallI;
    if (c == kDottedCapitalI) return 'i';
    return static_cast<uint32_t>(towlower_l(static_cast<wint_t>(c), locale_.get()));
  });
}

}  // namespace halyard::cpu
