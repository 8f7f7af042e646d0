#include "tests/unit/cpu/random_values.hpp"

namespace halyard::cpu::testing {
namespace {

TEST(Bitwise, OfEveryWidth) {
  const auto a = tensor<uint8_t>({4}, {0xf0, 0x0f, 0xff, 1}), b = tensor<uint8_t>({1}, {0x3c});
  expect_near(run_one("BitwiseAnd", {}, {a, b}), {4}, {0x30, 0x0c, 0x3c, 0}, 0);
  expect_near(run_one("BitwiseOr", {}, {a, b}), {4}, {0xfc, 0x3f, 0xff, 0x3d}, 0);
  expect_near(run_one("BitwiseXor", {}, {b, a}), {4}, {0xcc, 0x33, 0xc3, 0x3d}, 0);
  expect_near(run_one("BitwiseNot", {}, {tensor<int16_t>({3}, {0, -1, 5})}), {3}, {-1, 0, -6}, 0);
  expect_near(run_one("BitwiseNot", {}, {tensor<uint32_t>({1}, {0})}), {1}, {4294967295.0}, 0);
  expect_near(run_one("BitwiseAnd", {}, {ints({2}, {INT64_MIN, -1}), ints({2}, {-1, 1LL << 40})}),
              {2}, {static_cast<double>(INT64_MIN), static_cast<double>(1LL << 40)}, 0);
}

TEST(BitShift, PastTheWidthIsNothing) {
  const Attributes left{{"direction", "LEFT"}}, right{{"direction", "RIGHT"}};
  const auto x = tensor<uint8_t>({4}, {1, 255, 128, 7}), by = tensor<uint8_t>({4}, {7, 1, 8, 200});
  expect_near(run_one("BitShift", left, {x, by}), {4}, {128, 254, 0, 0}, 0);
  expect_near(run_one("BitShift", right, {x, by}), {4}, {0, 127, 0, 0}, 0);
  EXPECT_EQ(verdict_of("BitShift", {{"direction", "UP"}}, {x, by}), uint32_t{HY_REASON_ATTRIBUTE});
}

TEST(BitCast, KeepsTheBits) {
  const auto y =
      run_one("BitCast", {{"to", int64_t{HY_DTYPE_I32}}}, {tensor<float>({2}, {1, -0.0})});
  EXPECT_EQ(y.values<int32_t>(), (std::vector<int32_t>{0x3f800000, INT32_MIN}));
  EXPECT_EQ(verdict_of("BitCast", {{"to", int64_t{HY_DTYPE_I64}}}, {tensor<float>({1}, {1})}),
            uint32_t{HY_REASON_DTYPE});
}

TEST(FloatClass, TellsNaNFromInfinity) {
  const double inf = std::numeric_limits<double>::infinity(), nan = std::nan("");
  for (const TestTensor& x :
       {tensor<float>({5}, {nan, inf, -inf, 0, -3}), tensor<double>({5}, {nan, inf, -inf, 0, -3}),
        tensor<F16>({5}, {nan, inf, -inf, 0, -3}), tensor<BF16>({5}, {nan, inf, -inf, 0, -3})}) {
    expect_near(run_one("IsNaN", {}, {x}), {5}, {1, 0, 0, 0, 0}, 0);
    expect_near(run_one("IsInf", {}, {x}), {5}, {0, 1, 1, 0, 0}, 0);
    expect_near(run_one("IsInf", {{"detect_negative", int64_t{0}}}, {x}), {5}, {0, 1, 0, 0, 0}, 0);
    expect_near(run_one("IsInf", {{"detect_positive", int64_t{0}}}, {x}), {5}, {0, 0, 1, 0, 0}, 0);
  }
  TestTensor f8 = tensor<uint8_t>({4}, {0x7c, 0xfc, 0x7f, 0x3c});
  f8.dtype = HY_DTYPE_F8E5M2;
  expect_near(run_one("IsInf", {}, {f8}), {4}, {1, 1, 0, 0}, 0);
  expect_near(run_one("IsNaN", {}, {f8}), {4}, {0, 0, 1, 0}, 0);
}

}  // namespace
}  // namespace halyard::cpu::testing
