// Functions of one float without branches or tables, so that a loop over them becomes vector code.
// Errors: below 1.5 ulp, of sigmoid and log1p below 2.5. NaN in, NaN out. The double forms are those of
// the language's library.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace halyard::cpu {

#define HALYARD_CPU_MATH __attribute__((always_inline)) inline

/// e^x - 1 = 2^n q + (2^n - 1), with x = n ln 2 + r and q = e^r - 1. S. Moshier, Cephes, expf.
struct ExpParts {
  float q;
  int32_t n;
};
HALYARD_CPU_MATH ExpParts exp_parts(float x) {
  constexpr float kRound = 12582912.0f;  // adding it rounds to an integer, which its low bits hold
  const float shifted = x * 1.44269504088896341f + kRound;
  const int32_t n = static_cast<int32_t>(std::bit_cast<uint32_t>(shifted) - 0x4b400000u);
  const float whole = shifted - kRound;
  const float r = (x - whole * 0.693359375f) - whole * -2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  return {p * (r * r) + r, n};
}
/// 2^n for n in [-126, 127].
HALYARD_CPU_MATH float power_of_two(int32_t n) {
  return std::bit_cast<float>((static_cast<uint32_t>(n) + 127u) << 23);
}

HALYARD_CPU_MATH float exp(float x) {
  float clamped = x > 89.0f ? 89.0f : x;  // infinity already
  clamped = clamped < -104.0f ? -104.0f : clamped;
  const ExpParts e = exp_parts(clamped);
  const int32_t half = e.n >> 1;  // two factors, for results that are subnormal
  return (e.q + 1.0f) * power_of_two(half) * power_of_two(e.n - half);
}
HALYARD_CPU_MATH double exp(double x) { return std::exp(x); }

/// e^x - 1 for x <= 0.
HALYARD_CPU_MATH float expm1_negative(float x) {
  const float clamped = x < -40.0f ? -40.0f : x;
  const ExpParts e = exp_parts(clamped);
  const float scale = power_of_two(e.n);
  return scale * e.q + (scale - 1.0f);
}
HALYARD_CPU_MATH double expm1_negative(double x) { return std::expm1(x); }

/// S. Moshier, Cephes, logf.
HALYARD_CPU_MATH float log(float x) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  const bool subnormal = x < 1.17549435e-38f;
  const float scaled = x * 8388608.0f;
  const uint32_t bits = std::bit_cast<uint32_t>(subnormal ? scaled : x) - 0x3f3504f3u;
  const float e = static_cast<float>((static_cast<int32_t>(bits) >> 23) - (subnormal ? 23 : 0));
  const float f = std::bit_cast<float>((bits & 0x007fffffu) + 0x3f3504f3u) - 1.0f;
  float p = 7.0376836292e-2f;
  p = p * f - 1.1514610310e-1f;
  p = p * f + 1.1676998740e-1f;
  p = p * f - 1.2420140846e-1f;
  p = p * f + 1.4249322787e-1f;
  p = p * f - 1.6668057665e-1f;
  p = p * f + 2.0000714765e-1f;
  p = p * f - 2.4999993993e-1f;
  p = p * f + 3.3333331174e-1f;
  const float z = f * f;
  const float tail = (p * f * z + -2.12194440e-4f * e) - 0.5f * z;
  float y = (f + tail) + 0.693359375f * e;
  y = x == 0 ? -kInf : y;
  y = x < 0 ? std::numeric_limits<float>::quiet_NaN() : y;
  y = x == kInf ? kInf : y;
  return x != x ? x : y;
}
HALYARD_CPU_MATH double log(double x) { return std::log(x); }

/// log(1 + x) for x >= 0. W. Kahan: the error of 1 + x cancels in the quotient.
HALYARD_CPU_MATH float log1p_positive(float x) {
  const float u = 1.0f + x;
  const float d = u - 1.0f;
  const float y = log(u) * (x / d);
  return d == 0 ? x : y;
}
HALYARD_CPU_MATH double log1p_positive(double x) { return std::log1p(x); }

HALYARD_CPU_MATH float sigmoid(float x) {
  const float e = exp(x < 0 ? x : -x);
  return (x < 0 ? e : 1.0f) / (1.0f + e);
}
HALYARD_CPU_MATH double sigmoid(double x) {
  const double e = std::exp(x < 0 ? x : -x);
  return (x < 0 ? e : 1.0) / (1.0 + e);
}

/// S. Moshier, Cephes, tanhf.
HALYARD_CPU_MATH float tanh(float x) {
  const float z = x * x;
  float p = -5.70498872745e-3f;
  p = p * z + 2.06390887954e-2f;
  p = p * z - 5.37397155531e-2f;
  p = p * z + 1.33314422036e-1f;
  p = p * z - 3.33332819422e-1f;
  const float small = p * z * x + x;
  const float a = x < 0 ? -x : x;
  const float big = 1.0f - 2.0f / (exp(a + a) + 1.0f);
  return a < 0.625f ? small : std::copysign(big, x);
}
HALYARD_CPU_MATH double tanh(double x) { return std::tanh(x); }

/// N. Juffa's minimax forms: an odd polynomial near 0, 1 - e^p beyond.
HALYARD_CPU_MATH float erf(float x) {
  const float s = x * x, t = x < 0 ? -x : x;
  float a = -1.72853470e-5f * t + 3.83197126e-4f;
  const float b = -3.88396438e-3f * t + 2.42546219e-2f;
  a = a * s + b;
  a = a * t - 1.06777877e-1f;
  a = a * t - 6.34846687e-1f;
  a = a * t - 1.28717512e-1f;
  a = a * t - t;
  const float big = std::copysign(1.0f - exp(t > 4.0f ? -100.0f : a), x);
  float p = -5.96761703e-4f;
  p = p * s + 4.99119423e-3f;
  p = p * s - 2.67681349e-2f;
  p = p * s + 1.12819925e-1f;
  p = p * s - 3.76125336e-1f;
  p = p * s + 1.28379166e-1f;
  const float small = p * x + x;
  return t > 0.927734375f ? big : small;
}
HALYARD_CPU_MATH double erf(double x) { return std::erf(x); }

#undef HALYARD_CPU_MATH

}  // namespace halyard::cpu
