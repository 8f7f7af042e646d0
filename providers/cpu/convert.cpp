#include "providers/cpu/convert.hpp"

#include <bit>
#include <limits>
#include <type_traits>

#include "halyard/abi/plugin.h"
#include "providers/cpu/half.hpp"

namespace halyard::cpu {

namespace {

template <class T>
constexpr bool kHalf = std::is_same_v<T, F16> || std::is_same_v<T, BF16>;

/// To f32 so that rounding that to 16 bits rounds the double but once: an inexact result is made odd.
/// S. Boldo and G. Melquiond, Emulation of FMA and correctly rounded sums.
float to_odd(double v) {
  const float f = static_cast<float>(v);
  const double back = f;
  if (v != v || back == v || f - f != 0) return f;
  uint32_t bits = std::bit_cast<uint32_t>(f);
  if ((bits & 1) != 0) return f;
  const bool too_far = (back < 0 ? -back : back) > (v < 0 ? -v : v);
  bits = too_far ? bits - 1 : bits + 1;
  return std::bit_cast<float>(bits);
}
/// The same for integers that a double cannot hold: what is below its precision is kept as one bit.
template <class T>
double integer_to_odd(T v) {
  if constexpr (sizeof(T) < 8) {
    return v;
  } else {
    const bool negative = std::is_signed_v<T> && v < 0;
    uint64_t u = negative ? 0 - static_cast<uint64_t>(v) : static_cast<uint64_t>(v);
    if (u >> 53 != 0) u = (u & ~uint64_t{0x7ff}) | ((u & 0x7ff) != 0 ? uint64_t{0x800} : 0);
    return negative ? -static_cast<double>(u) : static_cast<double>(u);
  }
}

template <class To, class From>
To to_integer(From v) {
  using Limits = std::numeric_limits<To>;
  constexpr From kEnd = static_cast<From>(Limits::max() / 2 + 1) * 2;
  if (v != v) return 0;
  if (v >= kEnd) return Limits::max();
  if (v <= static_cast<From>(Limits::min())) return Limits::min();
  return static_cast<To>(v);
}

template <class From, class To>
To convert_one(From v) {
  if constexpr (kHalf<From> && !std::is_same_v<From, To>)
    return convert_one<float, To>(v);
  else if constexpr (std::is_same_v<From, To>)
    return v;
  else if constexpr (std::is_same_v<To, bool>)
    return v != From{0};
  else if constexpr (kHalf<To> && std::is_same_v<From, double>)
    return To(to_odd(v));
  else if constexpr (kHalf<To> && std::is_integral_v<From>)
    return To(to_odd(integer_to_odd(v)));
  else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>)
    return to_integer<To>(v);
  else
    return static_cast<To>(v);
}

template <class From, class To>
void convert_all(const void* source, void* target, int64_t n) {
  const auto* from = static_cast<const From*>(source);
  auto* to = static_cast<To*>(target);
  if constexpr (kHalf<From> && std::is_same_v<To, float>) {
    widen(from, to, n);
  } else if constexpr (kHalf<To> && std::is_same_v<From, float>) {
    narrow(from, to, n);
  } else if constexpr (std::is_same_v<From, bool>) {  // any byte but 0 is true
    const auto* bytes = static_cast<const uint8_t*>(source);
    for (int64_t i = 0; i < n; ++i) to[i] = convert_one<bool, To>(bytes[i] != 0);
  } else {
    for (int64_t i = 0; i < n; ++i) to[i] = convert_one<From, To>(from[i]);
  }
}

/// f(T{}) for the type of a code; null where there is none.
template <class F>
ConvertLoop for_type(uint32_t dtype, const F& f) {
  switch (dtype) {
    case HY_DTYPE_F32:
      return f(float{});
    case HY_DTYPE_F64:
      return f(double{});
    case HY_DTYPE_F16:
      return f(F16{});
    case HY_DTYPE_BF16:
      return f(BF16{});
    case HY_DTYPE_I8:
      return f(int8_t{});
    case HY_DTYPE_I16:
      return f(int16_t{});
    case HY_DTYPE_I32:
      return f(int32_t{});
    case HY_DTYPE_I64:
      return f(int64_t{});
    case HY_DTYPE_U8:
      return f(uint8_t{});
    case HY_DTYPE_U16:
      return f(uint16_t{});
    case HY_DTYPE_U32:
      return f(uint32_t{});
    case HY_DTYPE_U64:
      return f(uint64_t{});
    case HY_DTYPE_BOOL:
      return f(bool{});
    default:
      return nullptr;
  }
}

}  // namespace

ConvertLoop convert_loop(uint32_t from, uint32_t to) {
  return for_type(from, [to](auto source) {
    return for_type(to, [](auto target) -> ConvertLoop {
      return convert_all<decltype(source), decltype(target)>;
    });
  });
}

}  // namespace halyard::cpu
