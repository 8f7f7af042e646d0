#include "scalar_bits.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "halyard/opset.hpp"

namespace halyard::onnx {
namespace {

uint16_t half_bits(double value) {
  const uint16_t sign = std::signbit(value) ? 0x8000 : 0;
  const double size = std::fabs(value);
  if (std::isnan(value)) return 0x7e00;
  if (size == 0) return sign;
  if (size >= 65520) return static_cast<uint16_t>(sign | 0x7c00);
  int exponent = 0;
  std::frexp(size, &exponent);         // size = f * 2^exponent, f in [0.5, 1)
  exponent = std::max(exponent, -13);  // below, subnormal: steps of 2^-24
  const auto steps = static_cast<uint32_t>(std::nearbyint(std::ldexp(size, 11 - exponent)));
  // steps has the hidden bit where the number is normal, so it carries into the exponent by itself.
  return static_cast<uint16_t>(sign | (static_cast<uint32_t>(exponent + 13) * 1024 + steps));
}

uint16_t bfloat_bits(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  if (std::isnan(value)) return 0x7fc0;
  return static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

template <class T>
std::string bytes(T value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

}  // namespace

std::string scalar_bits(uint32_t dtype, double value) {
  switch (dtype) {
    case HY_DTYPE_F64:
      return bytes(value);
    case HY_DTYPE_F32:
      return bytes(static_cast<float>(value));
    case HY_DTYPE_F16:
      return bytes(half_bits(value));
    case HY_DTYPE_BF16:
      return bytes(bfloat_bits(static_cast<float>(value)));
    default:
      break;
  }
  if (dtype < HY_DTYPE_I8 || dtype > HY_DTYPE_BOOL || dtype_bits(dtype) < 8) return {};
  const std::string wide = bytes(static_cast<int64_t>(value));
  return wide.substr(0, dtype_bits(dtype) / 8);
}

}  // namespace halyard::onnx
