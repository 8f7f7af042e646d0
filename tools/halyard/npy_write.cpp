#include <fmt/format.h>

#include <algorithm>

#include "halyard/opset.hpp"
#include "npy.hpp"

namespace halyard::cli {
namespace {

const char* numpy_type(uint32_t dtype) {
  switch (dtype) {
    case HY_DTYPE_BOOL:
      return "|b1";
    case HY_DTYPE_I8:
      return "|i1";
    case HY_DTYPE_U8:
      return "|u1";
    case HY_DTYPE_I16:
      return "<i2";
    case HY_DTYPE_U16:
      return "<u2";
    case HY_DTYPE_I32:
      return "<i4";
    case HY_DTYPE_U32:
      return "<u4";
    case HY_DTYPE_I64:
      return "<i8";
    case HY_DTYPE_U64:
      return "<u8";
    case HY_DTYPE_F16:
      return "<f2";
    case HY_DTYPE_F32:
      return "<f4";
    case HY_DTYPE_F64:
      return "<f8";
    case HY_DTYPE_C64:
      return "<c8";
    case HY_DTYPE_C128:
      return "<c16";
    default:
      return nullptr;
  }
}

/// One code point off the front of UTF-8; what is not UTF-8 gives U+FFFD, a byte at a time.
uint32_t take_code_point(std::string_view& s) {
  const auto byte = [&](size_t i) {
    return static_cast<uint32_t>(static_cast<unsigned char>(s[i]));
  };
  const uint32_t lead = byte(0);
  const size_t length = lead < 0x80   ? 1
                        : lead < 0xc2 ? 0
                        : lead < 0xe0 ? 2
                        : lead < 0xf0 ? 3
                        : lead < 0xf5 ? 4
                                      : 0;
  uint32_t c = length <= 1 ? lead : lead & (0x7fu >> length);
  bool whole = length != 0 && length <= s.size();
  for (size_t k = 1; whole && k < length; ++k) {
    whole = (byte(k) & 0xc0) == 0x80;
    c = c << 6 | (byte(k) & 0x3f);
  }
  whole = whole && c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
  s.remove_prefix(whole ? length : 1);
  return whole ? c : 0xfffd;
}

std::string header_text(std::string_view descr, const std::vector<int64_t>& dims) {
  std::string shape;
  for (int64_t d : dims) shape += fmt::format("{},", d);
  std::string header =
      fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", descr, shape);
  constexpr size_t kBefore = 10;  // magic, version, length
  header.append((64 - (kBefore + header.size() + 1) % 64) % 64, ' ');
  header += '\n';
  std::string out("\x93NUMPY\x01\x00", 8);
  out += static_cast<char>(header.size() & 0xff);
  out += static_cast<char>(header.size() >> 8);
  return out + header;
}

/// NumPy's strings are UTF-32 of one width.
std::string format_strings(const HostTensor& t) {
  std::vector<std::vector<uint32_t>> rows;
  size_t width = 1;
  for (std::string_view s : t.strings) {
    std::vector<uint32_t> row;
    while (!s.empty()) row.push_back(take_code_point(s));
    width = std::max(width, row.size());
    rows.push_back(std::move(row));
  }
  std::string out = header_text(fmt::format("<U{}", width), t.dims);
  for (auto& row : rows) {
    row.resize(width);
    out.append(reinterpret_cast<const char*>(row.data()), width * 4);
  }
  return out;
}

}  // namespace

Result<std::string> format_npy(const HostTensor& t) {
  if (t.dims.size() > 1000)
    return unsupported(fmt::format("a tensor of rank {} as .npy", t.dims.size()));
  if (t.dtype == HY_DTYPE_STRING) return format_strings(t);
  if (t.dtype == HY_DTYPE_BF16) {
    std::string out = header_text("<f4", t.dims);
    for (size_t i = 0; i + 2 <= t.bytes.size(); i += 2)
      out += {'\0', '\0', static_cast<char>(t.bytes[i]), static_cast<char>(t.bytes[i + 1])};
    return out;
  }
  const char* type = numpy_type(t.dtype);
  if (type == nullptr) return unsupported(fmt::format("NumPy has no type {}", dtype_name(t.dtype)));
  std::string out = header_text(type, t.dims);
  out.append(reinterpret_cast<const char*>(t.bytes.data()), t.bytes.size());
  return out;
}

}  // namespace halyard::cli
