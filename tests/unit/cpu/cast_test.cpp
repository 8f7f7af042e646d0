#include <limits>

#include "providers/cpu/convert.hpp"
#include "tests/unit/cpu/random_values.hpp"

namespace halyard::cpu::testing {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
const double kNaN = std::nan("");

TestTensor cast(const TestTensor& x, uint32_t to) {
  return run_one("Cast", {{"to", int64_t{to}}}, {x});
}

TEST(Cast, FloatsToIntegersTowardsZeroAndSaturate) {
  const TestTensor x = tensor<float>({8}, {1.9, -1.9, 300, -300, 1e30, -kInf, kInf, kNaN});
  expect_near(cast(x, HY_DTYPE_I8), {8}, {1, -1, 127, -128, 127, -128, 127, 0}, 0);
  expect_near(cast(x, HY_DTYPE_U8), {8}, {1, 0, 255, 0, 255, 0, 255, 0}, 0);
  expect_near(cast(x, HY_DTYPE_I64), {8}, {1, -1, 300, -300, 0x1p63, -0x1p63, 0x1p63, 0}, 0);
  EXPECT_EQ(cast(x, HY_DTYPE_I64).values<int64_t>()[4], INT64_MAX);
  EXPECT_EQ(cast(tensor<double>({2}, {0x1p64, -1}), HY_DTYPE_U64).values<uint64_t>(),
            (std::vector<uint64_t>{UINT64_MAX, 0}));
  expect_near(cast(tensor<F16>({2}, {-2.5, 60000}), HY_DTYPE_I32), {2}, {-2, 60000}, 0);
}

TEST(Cast, IntegersKeepTheirLowBits) {
  expect_near(cast(tensor<int32_t>({3}, {257, -1, 128}), HY_DTYPE_U8), {3}, {1, 255, 128}, 0);
  expect_near(cast(tensor<int32_t>({3}, {257, -1, 128}), HY_DTYPE_I8), {3}, {1, -1, -128}, 0);
  expect_near(cast(ints({2}, {-1, INT64_MIN}), HY_DTYPE_U64), {2}, {0x1p64, 0x1p63}, 0);
}

TEST(Cast, Bool) {
  expect_near(cast(tensor<float>({4}, {0, -0.0, 0.1, kNaN}), HY_DTYPE_BOOL), {4}, {0, 0, 1, 1}, 0);
  expect_near(cast(tensor<int64_t>({2}, {0, 256}), HY_DTYPE_BOOL), {2}, {0, 1}, 0);
  expect_near(cast(tensor<bool>({2}, {0, 1}), HY_DTYPE_F16), {2}, {0, 1}, 0);
  expect_near(cast(tensor<BF16>({2}, {0, 3}), HY_DTYPE_BOOL), {2}, {0, 1}, 0);
}

/// The nearest 16-bit float by trying all of them; ties go to the even one.
template <class H>
uint16_t nearest(double v, uint16_t infinity) {
  uint16_t best = 0;
  double distance = kInf;
  for (uint16_t bits = 0; bits < infinity; ++bits) {
    H h;
    h.bits = bits;
    const double d = std::fabs(static_cast<double>(static_cast<float>(h)) - std::fabs(v));
    if (d < distance || (d == distance && bits % 2 == 0)) {
      distance = d;
      best = bits;
    }
  }
  return static_cast<uint16_t>(best | (std::signbit(v) ? 0x8000 : 0));
}

TEST(Cast, ToHalfRoundsOnce) {
  Random random(310);
  SCOPED_TRACE("seed 310");
  const ConvertLoop to_f16 = convert_loop(HY_DTYPE_F64, HY_DTYPE_F16),
                    to_bf16 = convert_loop(HY_DTYPE_F64, HY_DTYPE_BF16);
  const ConvertLoop from_i64 = convert_loop(HY_DTYPE_I64, HY_DTYPE_BF16);
  for (int i = 0; i < 40; ++i) {
    // A hair beside the middle of two neighbours: an f32 in between would land on the middle.
    const double middle = std::ldexp(1024 + static_cast<double>(random.integer(0, 1023)) + 0.5,
                                     static_cast<int>(random.integer(-20, 4)));
    const double v = middle * (1 + (i % 3 - 1) * 0x1p-45) * (i % 2 == 0 ? 1 : -1);
    F16 h;
    to_f16(&v, &h, 1);
    EXPECT_EQ(h.bits, nearest<F16>(v, 0x7c00)) << v;
    const int64_t n = ((128 + random.integer(0, 127)) * 2 + 1) * (int64_t{1} << 54) + (i % 3 - 1);
    BF16 b;
    from_i64(&n, &b, 1);
    EXPECT_EQ(b.bits, nearest<BF16>(static_cast<double>(n) + (i % 3 - 1) * 0x1p15, 0x7f80)) << n;
    to_bf16(&v, &b, 1);
    EXPECT_EQ(b.bits, nearest<BF16>(v, 0x7f80)) << v;
  }
}

TEST(Cast, NumbersToStringsAndBack) {
  EXPECT_EQ(cast(tensor<float>({4}, {0.1, -3, 1e30, 16777216}), HY_DTYPE_STRING).texts(),
            (std::vector<std::string>{"0.1", "-3", "1e+30", "16777216"}));
  EXPECT_EQ(cast(ints({2}, {INT64_MIN, 7}), HY_DTYPE_STRING).texts(),
            (std::vector<std::string>{"-9223372036854775808", "7"}));
  EXPECT_EQ(cast(tensor<bool>({2}, {0, 1}), HY_DTYPE_STRING).texts(),
            (std::vector<std::string>{"False", "True"}));
  const TestTensor texts =
      strings({8}, {"3.14", "1e-5", "+INF", "-inf", "NaN", "1E8", " 12 ", "+7"});
  expect_near(cast(texts, HY_DTYPE_F32), {8}, {3.14f, 1e-5f, kInf, -kInf, kNaN, 1e8, 12, 7}, 0);
  expect_near(cast(strings({3}, {"100.5", "-3", "9223372036854775807"}), HY_DTYPE_I64), {3},
              {100, -3, 0x1p63}, 0);
  expect_near(cast(strings({0}, {}), HY_DTYPE_I64), {0}, {}, 0);
}

TEST(Cast, TextThatIsNoNumber) {
  const auto out = run_node("Cast", {{"to", int64_t{HY_DTYPE_F32}}}, {strings({2}, {"1", "one"})});
  ASSERT_FALSE(out.ok());
  EXPECT_NE(out.status().message().find("\"one\""), std::string::npos) << out.status().message();
}

TEST(Cast, Verdicts) {
  EXPECT_EQ(verdict_of("Cast", {{"to", int64_t{HY_DTYPE_F8E5M2}}}, {tensor<float>({1}, {0})}),
            uint32_t{HY_REASON_NONE});
  EXPECT_EQ(verdict_of("Cast", {{"to", int64_t{HY_DTYPE_F64}}}, {tensor<float>({1}, {0})}),
            uint32_t{HY_REASON_NONE});
}

TEST(Cast, SmallFloats) {
  const TestTensor x = tensor<float>({6}, {0, 1, -1.5, 448, 1e6, 0.0625});
  const TestTensor codes = run_one("Cast", {{"to", int64_t{HY_DTYPE_F8E4M3FN}}}, {x});
  EXPECT_EQ(codes.bytes, (std::vector<unsigned char>{0x00, 0x38, 0xbc, 0x7e, 0x7e, 0x18}));
  const TestTensor open =
      run_one("Cast", {{"to", int64_t{HY_DTYPE_F8E4M3FN}}, {"saturate", int64_t{0}}}, {x});
  EXPECT_EQ(open.bytes[4], 0x7f);  // NaN: the type has no infinity
  const TestTensor back = run_one("Cast", {{"to", int64_t{HY_DTYPE_F32}}}, {codes});
  EXPECT_EQ(back.values<float>(), (std::vector<float>{0, 1, -1.5, 448, 448, 0.0625}));
}

TEST(Cast, PackedIntegers) {
  const TestTensor packed =
      run_one("Cast", {{"to", int64_t{HY_DTYPE_I4}}}, {tensor<float>({3}, {1, -8, 7})});
  EXPECT_EQ(packed.bytes, (std::vector<unsigned char>{0x81, 0x07}));
  const TestTensor back = run_one("Cast", {{"to", int64_t{HY_DTYPE_I32}}}, {packed});
  EXPECT_EQ(back.values<int32_t>(), (std::vector<int32_t>{1, -8, 7}));
}

}  // namespace
}  // namespace halyard::cpu::testing
