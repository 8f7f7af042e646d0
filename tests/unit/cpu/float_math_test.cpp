#include "providers/cpu/float_math.hpp"

#include <gtest/gtest.h>

namespace halyard::cpu {
namespace {

/// Largest error in units of the last place, over floats spread evenly by their bits.
template <class F, class G>
double worst_ulp(const F& f, const G& exact, float low, float high) {
  double worst = 0;
  for (uint64_t bits = 0; bits < uint64_t{1} << 32; bits += 9973) {
    const float x = std::bit_cast<float>(static_cast<uint32_t>(bits));
    if (!(x >= low && x <= high)) continue;
    const double expected = exact(static_cast<double>(x));
    const float got = f(x), rounded = static_cast<float>(expected);
    if (got == rounded) continue;  // infinities, too
    const bool subnormal = std::fabs(rounded) < std::numeric_limits<float>::min();
    const double ulp = std::ldexp(1.0, subnormal ? -149 : std::ilogb(rounded) - 23);
    worst = std::max(worst, std::fabs(got - expected) / ulp);
  }
  return worst;
}

// The bounds that float_math.hpp states.
TEST(FloatMath, ErrorsAreAsStated) {
  EXPECT_LT(
      worst_ulp([](float x) { return exp(x); }, [](double x) { return std::exp(x); }, -110, 95),
      1.5);
  EXPECT_LT(worst_ulp([](float x) { return expm1_negative(x); },
                      [](double x) { return std::expm1(x); }, -110, 0),
            1.5);
  EXPECT_LT(
      worst_ulp([](float x) { return log(x); }, [](double x) { return std::log(x); }, 0, 3e38f),
      1.5);
  EXPECT_LT(worst_ulp([](float x) { return log1p_positive(x); },
                      [](double x) { return std::log1p(x); }, 0, 1),
            2.5);
  EXPECT_LT(worst_ulp([](float x) { return sigmoid(x); },
                      [](double x) { return 1 / (1 + std::exp(-x)); }, -120, 120),
            2.5);
  EXPECT_LT(
      worst_ulp([](float x) { return tanh(x); }, [](double x) { return std::tanh(x); }, -120, 120),
      1.5);
  EXPECT_LT(
      worst_ulp([](float x) { return erf(x); }, [](double x) { return std::erf(x); }, -120, 120),
      1.5);
}

}  // namespace
}  // namespace halyard::cpu
