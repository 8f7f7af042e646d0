#include "tests/fuzz/random/elements.hpp"

#include <cmath>
#include <cstring>

namespace halyard::fuzz {
namespace {

// IEEE 754 binary16: 1 + 5 + 10 bits, bias 15.
constexpr int kMantissa = 10, kBias = 15, kExponents = 31;

uint16_t half_bits(double x) {
  const uint16_t sign = std::signbit(x) ? 0x8000 : 0;
  if (x == 0) return sign;
  int exponent;
  const double fraction = std::frexp(std::fabs(x), &exponent) * 2;  // 1 <= fraction < 2
  --exponent;
  const auto mantissa = static_cast<int>(std::nearbyint(std::ldexp(fraction - 1, kMantissa)));
  return static_cast<uint16_t>(sign + ((exponent + kBias) << kMantissa) + mantissa);
}

double half_value(uint16_t bits) {
  const int exponent = bits >> kMantissa & kExponents, mantissa = bits & ((1 << kMantissa) - 1);
  const double sign = bits & 0x8000 ? -1 : 1;
  if (exponent == kExponents) return mantissa ? std::nan("") : sign * HUGE_VAL;
  if (exponent == 0) return sign * std::ldexp(mantissa, 1 - kBias - kMantissa);
  return sign * std::ldexp(mantissa + (1 << kMantissa), exponent - kBias - kMantissa);
}

template <class T>
void append(std::string& out, double x) {
  const T v = static_cast<T>(x);
  out.append(reinterpret_cast<const char*>(&v), sizeof v);
}

template <class T>
double read(const void* data, size_t index) {
  T v;
  std::memcpy(&v, static_cast<const char*>(data) + index * sizeof v, sizeof v);
  return static_cast<double>(v);
}

}  // namespace

size_t size_of(Type type) { return bytes_of(type, {0}).size(); }

std::string bytes_of(Type type, const std::vector<double>& elements) {
  std::string out;
  for (const double x : elements) switch (type) {
      case Type::f16:
        append<uint16_t>(out, half_bits(x));
        break;
      case Type::f32:
        append<float>(out, x);
        break;
      case Type::f64:
        append<double>(out, x);
        break;
      case Type::i8:
        append<int8_t>(out, x);
        break;
      case Type::u8:
      case Type::boolean:
        append<uint8_t>(out, x);
        break;
      case Type::i32:
        append<int32_t>(out, x);
        break;
      case Type::i64:
        append<int64_t>(out, x);
        break;
    }
  return out;
}

double element(Type type, const void* data, size_t index) {
  switch (type) {
    case Type::f16: {
      uint16_t bits;
      std::memcpy(&bits, static_cast<const char*>(data) + index * sizeof bits, sizeof bits);
      return half_value(bits);
    }
    case Type::f32:
      return read<float>(data, index);
    case Type::f64:
      return read<double>(data, index);
    case Type::i8:
      return read<int8_t>(data, index);
    case Type::u8:
    case Type::boolean:
      return read<uint8_t>(data, index);
    case Type::i32:
      return read<int32_t>(data, index);
    case Type::i64:
      break;
  }
  return read<int64_t>(data, index);
}

}  // namespace halyard::fuzz
