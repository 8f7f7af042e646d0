#include "convert.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstring>

#include "halyard/opset.hpp"

namespace halyard::cli {
namespace {

constexpr int kHalf = 5, kBrain = 8;  // bits of exponent of f16 and bf16

/// IEEE 754 binary16 or bfloat16: sign, exponent_bits of exponent, the rest mantissa.
double half_value(uint16_t h, int exponent_bits) {
  const int mantissa_bits = 15 - exponent_bits, bias = (1 << (exponent_bits - 1)) - 1;
  const int exponent = (h >> mantissa_bits) & ((1 << exponent_bits) - 1);
  const int mantissa = h & ((1 << mantissa_bits) - 1);
  const double sign = (h & 0x8000) != 0 ? -1 : 1;
  if (exponent == (1 << exponent_bits) - 1)
    return mantissa != 0 ? std::numeric_limits<double>::quiet_NaN()
                         : sign * std::numeric_limits<double>::infinity();
  if (exponent == 0) return sign * std::ldexp(mantissa, 1 - bias - mantissa_bits);
  return sign * std::ldexp(1 + std::ldexp(mantissa, -mantissa_bits), exponent - bias);
}

uint16_t half_bits(Wide v, int exponent_bits) {
  const int mantissa_bits = 15 - exponent_bits, bias = (1 << (exponent_bits - 1)) - 1;
  const uint16_t sign = std::signbit(v) ? 0x8000 : 0;
  const auto infinity = static_cast<uint16_t>(((1 << exponent_bits) - 1) << mantissa_bits);
  if (std::isnan(v)) return static_cast<uint16_t>(sign | infinity | 1 << (mantissa_bits - 1));
  if (std::isinf(v)) return static_cast<uint16_t>(sign | infinity);
  const Wide a = std::fabs(v);
  int exponent = 0;
  std::frexp(a, &exponent);
  exponent = a == 0 ? 1 - bias : std::max(exponent - 1, 1 - bias);
  // Rounding to a whole number of steps carries into the exponent by itself.
  const Wide steps = std::nearbyint(std::ldexp(a, mantissa_bits - exponent));
  const Wide bits = steps + std::ldexp(static_cast<Wide>(exponent - (1 - bias)), mantissa_bits);
  return static_cast<uint16_t>(sign | (bits >= infinity ? infinity : static_cast<uint16_t>(bits)));
}

template <class T>
Wide load(const unsigned char* from) {
  T v;
  std::memcpy(&v, from, sizeof v);
  return static_cast<Wide>(v);
}

template <class T>
void store(unsigned char* to, Wide v) {
  T out{};
  if constexpr (std::is_integral_v<T>) {
    constexpr Wide kLow = std::numeric_limits<T>::min(), kHigh = std::numeric_limits<T>::max();
    // A NaN fails both comparisons and stays 0.
    if (v >= kHigh)
      out = std::numeric_limits<T>::max();
    else if (v >= kLow)
      out = static_cast<T>(std::nearbyint(v));
    else if (v < kLow)
      out = std::numeric_limits<T>::min();
  } else {
    out = static_cast<T>(v);
  }
  std::memcpy(to, &out, sizeof out);
}

/// How an element type is read and written.
struct Access {
  Wide (*load)(const unsigned char*) = nullptr;
  void (*store)(unsigned char*, Wide) = nullptr;
};

template <class T>
constexpr Access kAccess{load<T>, store<T>};
template <int exponent_bits>
constexpr Access kHalfAccess{[](const unsigned char* from) -> Wide {
                               uint16_t h = 0;
                               std::memcpy(&h, from, sizeof h);
                               return half_value(h, exponent_bits);
                             },
                             [](unsigned char* to, Wide v) {
                               const uint16_t h = half_bits(v, exponent_bits);
                               std::memcpy(to, &h, sizeof h);
                             }};
constexpr Access kBool{[](const unsigned char* from) -> Wide { return *from != 0; },
                       [](unsigned char* to, Wide v) { *to = v != 0; }};

Access access(uint32_t dtype) {
  switch (dtype) {
    case HY_DTYPE_F32:
      return kAccess<float>;
    case HY_DTYPE_F64:
      return kAccess<double>;
    case HY_DTYPE_F16:
      return kHalfAccess<kHalf>;
    case HY_DTYPE_BF16:
      return kHalfAccess<kBrain>;
    case HY_DTYPE_I8:
      return kAccess<int8_t>;
    case HY_DTYPE_I16:
      return kAccess<int16_t>;
    case HY_DTYPE_I32:
      return kAccess<int32_t>;
    case HY_DTYPE_I64:
      return kAccess<int64_t>;
    case HY_DTYPE_U8:
      return kAccess<uint8_t>;
    case HY_DTYPE_U16:
      return kAccess<uint16_t>;
    case HY_DTYPE_U32:
      return kAccess<uint32_t>;
    case HY_DTYPE_U64:
      return kAccess<uint64_t>;
    case HY_DTYPE_BOOL:
      return kBool;
    default:
      return {};
  }
}

template <class T>
std::vector<T> values_of(const HostTensor& t) {
  std::vector<T> out;
  const Access a = access(t.dtype);
  if (a.load == nullptr) return out;
  const size_t width = dtype_bits(t.dtype) / 8;
  out.reserve(t.bytes.size() / width);
  for (size_t at = 0; at + width <= t.bytes.size(); at += width)
    out.push_back(static_cast<T>(a.load(&t.bytes[at])));
  return out;
}

/// One number, as it prints in its own type.
std::string text(Wide v) { return fmt::format("{}", v); }

}  // namespace

bool is_numeric(uint32_t dtype) { return access(dtype).load != nullptr; }

bool is_float(uint32_t dtype) {
  return dtype == HY_DTYPE_F16 || dtype == HY_DTYPE_BF16 || dtype == HY_DTYPE_F32 ||
         dtype == HY_DTYPE_F64;
}

std::vector<Wide> to_wide(const HostTensor& t) { return values_of<Wide>(t); }
std::vector<double> to_doubles(const HostTensor& t) { return values_of<double>(t); }

HostTensor from_wide(const std::vector<Wide>& values, std::vector<int64_t> dims, uint32_t dtype) {
  HostTensor t;
  t.dtype = dtype;
  t.dims = std::move(dims);
  const Access a = access(dtype);
  if (a.store == nullptr) return t;
  const size_t width = dtype_bits(dtype) / 8;
  t.bytes.resize(values.size() * width);
  for (size_t i = 0; i < values.size(); ++i) a.store(&t.bytes[i * width], values[i]);
  return t;
}

Result<HostTensor> convert(const HostTensor& t, uint32_t dtype) {
  if (t.dtype == dtype) return t;
  const auto no = [&](const std::string& why) {
    return mismatch(fmt::format("a tensor of type {} cannot be given as {}: {}",
                                dtype_name(t.dtype), dtype_name(dtype), why));
  };
  const Access from = access(t.dtype), to = access(dtype);
  if (from.load == nullptr || to.store == nullptr) return no("only numbers are converted");
  const size_t in = dtype_bits(t.dtype) / 8, out = dtype_bits(dtype) / 8,
               count = t.bytes.size() / in;
  HostTensor made;
  made.dtype = dtype;
  made.dims = t.dims;
  made.bytes.resize(count * out);
  for (size_t i = 0; i < count; ++i) {
    const Wide v = from.load(&t.bytes[i * in]);
    to.store(&made.bytes[i * out], v);
    const Wide back = to.load(&made.bytes[i * out]);
    if (!(back == v || (std::isnan(back) && std::isnan(v))))
      return no(fmt::format("element {} is {}, which would become {}", i, text(v), text(back)));
  }
  return made;
}

}  // namespace halyard::cli
