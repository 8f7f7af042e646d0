#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "npy.hpp"

namespace halyard::cli {
namespace {

constexpr std::string_view kMagic("\x93NUMPY", 6);
constexpr int64_t kMaxEmptyTexts = int64_t{1} << 20;  // they take no room in the file
constexpr size_t kMaxItem = size_t{1} << 24;

/// The element type of an array.
struct Descr {
  uint32_t dtype = HY_DTYPE_UNDEFINED;
  size_t item = 0;  // bytes of an element
  bool swap = false;
  char text = 0;  // 'U' (UTF-32) or 'S' (bytes)
};

Status bad(std::string m) { return invalid_argument("not a usable .npy: " + std::move(m)); }

/// The text after 'key': in the header's dictionary.
std::string_view after_key(std::string_view header, std::string_view key) {
  const size_t at = header.find(fmt::format("'{}'", key));
  if (at == std::string_view::npos) return {};
  const size_t colon = header.find(':', at);
  if (colon == std::string_view::npos) return {};
  header.remove_prefix(colon + 1);
  while (!header.empty() && header.front() == ' ') header.remove_prefix(1);
  return header;
}

Result<Descr> parse_descr(std::string_view text) {
  if (text.empty()) return bad("the header has no element type");
  const size_t end = text.find('\'', 1);
  if (text[0] != '\'' || end == std::string_view::npos)
    return bad("only plain element types are read, no structures");
  text = text.substr(1, end - 1);
  if (text.ends_with("O")) return bad("it holds pickled objects, which are not read");
  if (text.size() < 3) return bad(fmt::format("element type \"{}\"", text));
  size_t size = 0;
  for (char c : text.substr(2)) {
    if (c < '0' || c > '9' || size > kMaxItem) return bad(fmt::format("element type \"{}\"", text));
    size = size * 10 + static_cast<size_t>(c - '0');
  }
  Descr d;
  d.swap = text[0] == '>';
  d.item = size;
  static constexpr std::pair<const char*, uint32_t> kTypes[] = {
      {"b1", HY_DTYPE_BOOL}, {"i1", HY_DTYPE_I8},   {"i2", HY_DTYPE_I16}, {"i4", HY_DTYPE_I32},
      {"i8", HY_DTYPE_I64},  {"u1", HY_DTYPE_U8},   {"u2", HY_DTYPE_U16}, {"u4", HY_DTYPE_U32},
      {"u8", HY_DTYPE_U64},  {"f2", HY_DTYPE_F16},  {"f4", HY_DTYPE_F32}, {"f8", HY_DTYPE_F64},
      {"c8", HY_DTYPE_C64},  {"c16", HY_DTYPE_C128}};
  for (const auto& [name, dtype] : kTypes)
    if (text.substr(1) == name) d.dtype = dtype;
  if (text[1] == 'U' || text[1] == 'S') {
    d.dtype = HY_DTYPE_STRING;
    d.text = text[1];
    d.item = size * (text[1] == 'U' ? 4 : 1);
  }
  if (d.dtype == HY_DTYPE_UNDEFINED)
    return bad(fmt::format("element type \"{}\" is not read", text));
  return d;
}

Result<std::vector<int64_t>> parse_shape(std::string_view text) {
  if (text.empty() || text[0] != '(') return bad("the header has no shape");
  std::vector<int64_t> dims;
  int64_t n = -1;
  for (char c : text.substr(1)) {
    if (c >= '0' && c <= '9') {
      if (__builtin_mul_overflow(std::max<int64_t>(n, 0), int64_t{10}, &n) ||
          __builtin_add_overflow(n, c - '0', &n))
        return bad("a dim overflows");
    } else if (c == ',' || c == ')') {
      if (n >= 0) dims.push_back(n);
      n = -1;
      if (c == ')') return dims;
    } else if (c != ' ' && c != 'L') {
      break;
    }
  }
  return bad("the shape is damaged");
}

void append_utf8(std::string& out, uint32_t c) {
  if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) c = 0xfffd;
  const auto tail = [&](int shift) { out += static_cast<char>(0x80 | (c >> shift & 0x3f)); };
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xc0 | c >> 6);
    tail(0);
  } else if (c < 0x10000) {
    out += static_cast<char>(0xe0 | c >> 12);
    tail(6), tail(0);
  } else {
    out += static_cast<char>(0xf0 | c >> 18);
    tail(12), tail(6), tail(0);
  }
}

/// A text of fixed width; the zeros that fill it up are left out.
std::string parse_text(const unsigned char* p, const Descr& d) {
  std::string out;
  if (d.text == 'S') out.assign(reinterpret_cast<const char*>(p), d.item);
  for (size_t i = 0; d.text == 'U' && i + 4 <= d.item; i += 4) {
    uint32_t c = 0;
    std::memcpy(&c, p + i, 4);
    append_utf8(out, d.swap ? __builtin_bswap32(c) : c);
  }
  while (out.ends_with('\0')) out.pop_back();
  return out;
}

/// Fortran order to C order, element by element.
std::vector<unsigned char> to_c_order(const std::vector<unsigned char>& from,
                                      const std::vector<int64_t>& dims, size_t item) {
  std::vector<unsigned char> out(from.size());
  std::vector<int64_t> index(dims.size());
  for (size_t at = 0; at < out.size(); at += item) {
    size_t source = 0, stride = item;
    for (size_t i = 0; i < dims.size(); ++i) {
      source += static_cast<size_t>(index[i]) * stride;
      stride *= static_cast<size_t>(dims[i]);
    }
    std::memcpy(&out[at], &from[source], item);
    for (size_t i = dims.size(); i-- > 0 && ++index[i] == dims[i];) index[i] = 0;
  }
  return out;
}

void swap_bytes(HostTensor& t, size_t item) {
  const size_t unit = t.dtype == HY_DTYPE_C64 || t.dtype == HY_DTYPE_C128 ? item / 2 : item;
  for (size_t at = 0; at + unit <= t.bytes.size(); at += unit)
    std::reverse(t.bytes.begin() + static_cast<std::ptrdiff_t>(at),
                 t.bytes.begin() + static_cast<std::ptrdiff_t>(at + unit));
}

/// The header's dictionary and what follows it.
Result<std::pair<std::string_view, std::string_view>> split(std::string_view bytes) {
  if (!bytes.starts_with(kMagic)) return bad("wrong magic bytes");
  const size_t start = bytes.size() > 6 && bytes[6] == 1 ? 10 : 12;
  if (bytes.size() < start) return bad("the header is cut off");
  size_t length = 0;
  for (size_t i = start; i-- > 8;) length = length << 8 | static_cast<unsigned char>(bytes[i]);
  if (length > bytes.size() - start) return bad("the header is cut off");
  return std::pair(bytes.substr(start, length), bytes.substr(start + length));
}

}  // namespace

Result<HostTensor> parse_npy(std::string_view bytes) {
  HY_ASSIGN_OR_RETURN(const auto parts, split(bytes));
  const auto [header, data] = parts;
  HY_ASSIGN_OR_RETURN(const Descr d, parse_descr(after_key(header, "descr")));
  HostTensor t;
  t.dtype = d.dtype;
  HY_ASSIGN_OR_RETURN(t.dims, parse_shape(after_key(header, "shape")));
  const int64_t count = element_count(t.dims);
  size_t size = 0;
  if (count < 0 || __builtin_mul_overflow(static_cast<size_t>(count), d.item, &size) ||
      size > data.size() || (d.item == 0 && count > kMaxEmptyTexts))
    return bad(fmt::format("the shape {} does not fit the {} bytes of data", dims_text(t.dims),
                           data.size()));
  t.bytes.assign(data.begin(), data.begin() + static_cast<std::ptrdiff_t>(size));
  if (after_key(header, "fortran_order").starts_with("True") && t.dims.size() > 1 && size != 0)
    t.bytes = to_c_order(t.bytes, t.dims, d.item);
  if (d.dtype == HY_DTYPE_STRING) {
    for (int64_t i = 0; i < count; ++i)
      t.strings.push_back(parse_text(t.bytes.data() + static_cast<size_t>(i) * d.item, d));
    t.bytes.clear();
  } else if (d.swap) {
    swap_bytes(t, d.item);
  }
  if (d.dtype == HY_DTYPE_BOOL)
    for (unsigned char& b : t.bytes) b = b != 0;
  return t;
}

}  // namespace halyard::cli
