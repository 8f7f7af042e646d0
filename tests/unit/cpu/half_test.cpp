#include "providers/cpu/half.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <vector>

namespace halyard::cpu {
namespace {

/// The value of a 16-bit float with so many bits of exponent and mantissa, from its definition.
double value_of(uint16_t bits, int exponent_bits, int mantissa_bits) {
  const int bias = (1 << (exponent_bits - 1)) - 1;
  const int exponent = bits >> mantissa_bits & ((1 << exponent_bits) - 1),
            mantissa = bits & ((1 << mantissa_bits) - 1);
  const double sign = (bits & 0x8000) != 0 ? -1 : 1;
  if (exponent == (1 << exponent_bits) - 1)
    return mantissa != 0 ? std::nan("") : sign * std::numeric_limits<double>::infinity();
  const double one = exponent == 0 ? 0 : 1 << mantissa_bits;
  return sign * std::ldexp(one + mantissa, std::max(exponent, 1) - bias - mantissa_bits);
}

template <class H>
void check_all(int exponent_bits, int mantissa_bits) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    H h;
    h.bits = static_cast<uint16_t>(bits);
    const double expected = value_of(h.bits, exponent_bits, mantissa_bits);
    const float got = h;
    if (std::isnan(expected)) {
      EXPECT_TRUE(std::isnan(got)) << bits;
      EXPECT_TRUE(std::isnan(static_cast<float>(H(got)))) << bits;
      continue;
    }
    ASSERT_EQ(got, expected) << bits;
    ASSERT_EQ(H(got).bits, h.bits) << bits;
  }
}

/// Between each two neighbours: the middle goes to the even one, either side of it to the nearer one.
template <class H>
void check_rounding(uint16_t infinity) {
  for (uint16_t low = 0; low < infinity - 1; ++low) {
    H a, b;
    a.bits = low;
    b.bits = static_cast<uint16_t>(low + 1);
    const float middle = static_cast<float>(a) / 2 + static_cast<float>(b) / 2;
    ASSERT_EQ(H(middle).bits, low % 2 == 0 ? low : low + 1);
    ASSERT_EQ(H(std::nextafter(middle, 0.0f)).bits, low);
    ASSERT_EQ(H(-std::nextafter(middle, std::numeric_limits<float>::infinity())).bits,
              (low + 1) | 0x8000);
  }
}

TEST(Half, EveryF16) { check_all<F16>(5, 10); }
TEST(Half, EveryBF16) { check_all<BF16>(8, 7); }
TEST(Half, RoundsF16ToNearestEven) { check_rounding<F16>(0x7c00); }
TEST(Half, RoundsBF16ToNearestEven) { check_rounding<BF16>(0x7f80); }

TEST(Half, OverflowIsInfinity) {
  EXPECT_EQ(F16(65519.996f).bits, 0x7bff);
  EXPECT_EQ(F16(65520.0f).bits, 0x7c00);
  EXPECT_EQ(F16(-1e30f).bits, 0xfc00);
  EXPECT_EQ(BF16(std::numeric_limits<float>::max()).bits, 0x7f80);
}

TEST(Half, ArraysAreAsSingleElements) {
  std::vector<F16> h(65536), back(65536);
  for (size_t i = 0; i < h.size(); ++i) h[i].bits = static_cast<uint16_t>(i);
  std::vector<float> f(h.size());
  widen(h.data(), f.data(), static_cast<int64_t>(h.size()));
  narrow(f.data(), back.data(), static_cast<int64_t>(h.size()));
  for (size_t i = 0; i < h.size(); ++i) {
    ASSERT_EQ(std::bit_cast<uint32_t>(f[i]), std::bit_cast<uint32_t>(static_cast<float>(h[i])));
    ASSERT_EQ(back[i].bits, F16(f[i]).bits);
  }
}

}  // namespace
}  // namespace halyard::cpu
