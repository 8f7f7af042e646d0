#include "providers/cpu/low_bits.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "providers/cpu/parallel.hpp"

namespace halyard::cpu {

namespace {

/// Elements that a thread takes: whole bytes whatever the width.
constexpr int64_t kGroup = 8, kGrainGroups = 1 << 12;

bool is_signed(uint32_t dtype) { return dtype == HY_DTYPE_I4 || dtype == HY_DTYPE_I2; }

/// f(begin, end) for ranges of elements that begin with a byte.
template <class F>
void by_groups(int threads, int64_t n, const F& f) {
  parallel_for(threads, (n + kGroup - 1) / kGroup, kGrainGroups,
               [&](int64_t begin, int64_t end) { f(begin * kGroup, std::min(n, end * kGroup)); });
}

/// A float format of 8 bits or less with a sign: IEEE-like but for what stands here. P. Micikevicius et
/// al., FP8 Formats for Deep Learning; B. Noune et al., 8-bit Numerical Formats (the FNUZ types).
struct Format {
  int exponent_bits, mantissa_bits, bias;
  uint8_t largest;     // the code of the largest finite value
  uint8_t infinity;    // 0: none
  uint8_t nan;         // 0: none
  bool negative_zero;  // else NaN has its code, and the one NaN no sign
  uint8_t sign() const { return static_cast<uint8_t>(1 << (exponent_bits + mantissa_bits)); }
};

Format format_of(uint32_t dtype) {
  switch (dtype) {
    case HY_DTYPE_F8E4M3FN:
      return {4, 3, 7, 0x7e, 0, 0x7f, true};
    case HY_DTYPE_F8E4M3FNUZ:
      return {4, 3, 8, 0x7f, 0, 0x80, false};
    case HY_DTYPE_F8E5M2:
      return {5, 2, 15, 0x7b, 0x7c, 0x7e, true};
    case HY_DTYPE_F8E5M2FNUZ:
      return {5, 2, 16, 0x7f, 0, 0x80, false};
    default:
      return {2, 1, 1, 0x07, 0, 0, true};  // f4e2m1
  }
}

float decode(const Format& f, uint8_t code) {
  const auto magnitude = static_cast<uint8_t>(code & (f.sign() - 1));
  const float sign = (code & f.sign()) != 0 ? -1.0f : 1.0f;
  if (!f.negative_zero && code == f.nan) return std::numeric_limits<float>::quiet_NaN();
  if (f.infinity != 0 && magnitude == f.infinity)
    return sign * std::numeric_limits<float>::infinity();
  if (magnitude > f.largest) return std::numeric_limits<float>::quiet_NaN();
  const int mantissa = magnitude & ((1 << f.mantissa_bits) - 1);
  const int exponent = magnitude >> f.mantissa_bits;
  const int whole = exponent == 0 ? mantissa : mantissa | 1 << f.mantissa_bits;
  return sign *
         std::ldexp(static_cast<float>(whole), std::max(exponent, 1) - f.bias - f.mantissa_bits);
}

uint8_t encode(const Format& f, bool saturate, double v) {
  const uint64_t bits = std::bit_cast<uint64_t>(v);
  const uint8_t sign = bits >> 63 != 0 ? f.sign() : 0;
  if (v != v && f.nan == 0) return f.sign();  // -0, as ONNX has it
  if (v != v) return static_cast<uint8_t>(f.negative_zero ? f.nan | sign : f.nan);
  const double size = std::fabs(v);
  const int least = 1 - f.bias;  // the exponent of the subnormal numbers
  const int exponent = std::max(static_cast<int>(bits >> 52 & 0x7ff) - 1023, least);
  int code = INT32_MAX;
  if (exponent < 64) {
    // Steps of the last place; with the hidden bit, which carries into the exponent by itself.
    const double scale =
        std::bit_cast<double>(static_cast<uint64_t>(1023 + f.mantissa_bits - exponent) << 52);
    code = static_cast<int>(std::nearbyint(size * scale)) + ((exponent - least) << f.mantissa_bits);
  }
  if (code == 0) return f.negative_zero ? sign : uint8_t{0};
  if (code <= f.largest) return static_cast<uint8_t>(code | sign);
  if (saturate || f.nan == 0) return static_cast<uint8_t>(f.largest | sign);
  if (f.infinity != 0) return static_cast<uint8_t>(f.infinity | sign);
  return static_cast<uint8_t>(f.negative_zero ? f.nan | sign : f.nan);
}

constexpr int kE8Bias = 127;
constexpr uint8_t kE8Nan = 0xff, kE8Largest = 0xfe;

/// The least power of two that is no smaller.
uint8_t encode_e8m0(bool saturate, double v) {
  if (!std::isfinite(v)) return kE8Nan;
  if (v == 0) return 0;
  int exponent = 0;
  const double fraction = std::frexp(std::fabs(v), &exponent);  // in [0.5, 1)
  const int code = exponent - (fraction == 0.5 ? 1 : 0) + kE8Bias;
  if (code > kE8Largest) return saturate ? kE8Largest : kE8Nan;
  return static_cast<uint8_t>(std::max(code, 0));
}

template <class F>
std::array<float, 256> table_of(const F& value) {
  std::array<float, 256> out{};
  for (size_t i = 0; i < out.size(); ++i) out[i] = value(static_cast<uint8_t>(i));
  return out;
}

}  // namespace

void unpack(int threads, uint32_t dtype, const void* from, int64_t n, uint8_t* to) {
  const auto* bytes = static_cast<const uint8_t*>(from);
  const auto width = static_cast<int>(dtype_bits(dtype));
  const uint8_t sign = is_signed(dtype) ? static_cast<uint8_t>(1 << (width - 1)) : 0;
  const auto mask = static_cast<uint8_t>((1 << width) - 1);
  by_groups(threads, n, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t at = i * width;
      int bits = bytes[at >> 3] >> (at & 7);
      if ((at & 7) + width > 8) bits |= bytes[(at >> 3) + 1] << (8 - (at & 7));
      to[i] = static_cast<uint8_t>(((bits & mask) ^ sign) - sign);
    }
  });
}

void pack(int threads, uint32_t dtype, const uint8_t* from, int64_t n, void* to) {
  auto* bytes = static_cast<uint8_t*>(to);
  const auto width = static_cast<int>(dtype_bits(dtype));
  const int mask = (1 << width) - 1;
  by_groups(threads, n, [&](int64_t begin, int64_t end) {
    uint32_t held = 0;
    int count = 0;
    uint8_t* at = bytes + begin * width / 8;
    for (int64_t i = begin; i < end; ++i) {
      held |= static_cast<uint32_t>(from[i] & mask) << count;
      count += width;
      if (count < 8) continue;
      *at++ = static_cast<uint8_t>(held);
      held >>= 8;
      count -= 8;
    }
    if (count > 0) *at = static_cast<uint8_t>(held);
  });
}

bool is_small_float(uint32_t dtype) {
  return dtype >= HY_DTYPE_F8E4M3FN && dtype <= HY_DTYPE_F4E2M1;
}

const float* small_float_values(uint32_t dtype) {
  static const auto tables = [] {
    std::array<std::array<float, 256>, HY_DTYPE_F4E2M1 - HY_DTYPE_F8E4M3FN + 1> out{};
    for (uint32_t d = HY_DTYPE_F8E4M3FN; d <= HY_DTYPE_F4E2M1; ++d)
      out[d - HY_DTYPE_F8E4M3FN] = table_of([d](uint8_t code) {
        if (d != HY_DTYPE_F8E8M0) return decode(format_of(d), code);
        return code == kE8Nan ? std::numeric_limits<float>::quiet_NaN()
                              : std::ldexp(1.0f, code - kE8Bias);
      });
    return out;
  }();
  return tables[dtype - HY_DTYPE_F8E4M3FN].data();
}

void encode_small_float(uint32_t dtype, bool saturate, const double* from, int64_t n, uint8_t* to) {
  if (dtype == HY_DTYPE_F8E8M0) {
    for (int64_t i = 0; i < n; ++i) to[i] = encode_e8m0(saturate, from[i]);
    return;
  }
  const Format format = format_of(dtype);
  for (int64_t i = 0; i < n; ++i) to[i] = encode(format, saturate, from[i]);
}

Tensor unpacked(int threads, const Tensor& packed, void* memory) {
  const Tensor out{is_signed(packed.dtype) ? uint32_t{HY_DTYPE_I8} : uint32_t{HY_DTYPE_U8},
                   packed.dims, memory, static_cast<size_t>(packed.count())};
  unpack(threads, packed.dtype, packed.data, packed.count(), out.as<uint8_t>());
  return out;
}

}  // namespace halyard::cpu
