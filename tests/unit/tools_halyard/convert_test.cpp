#include "tools/halyard/convert.hpp"

#include <gtest/gtest.h>

#include "tests/unit/tools_halyard/bytes.hpp"

namespace halyard::cli::test {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

template <class T>
HostTensor one(uint32_t dtype, T v) {
  return tensor<T>(dtype, {1}, {v});
}

TEST(Convert, KeepsValuesThatSurvive) {
  EXPECT_EQ(values<int32_t>(*convert(one<int64_t>(HY_DTYPE_I64, -7), HY_DTYPE_I32))[0], -7);
  EXPECT_EQ(values<float>(*convert(one<uint8_t>(HY_DTYPE_U8, 255), HY_DTYPE_F32))[0], 255);
  EXPECT_EQ(values<float>(*convert(one<double>(HY_DTYPE_F64, 0.5), HY_DTYPE_F32))[0], 0.5f);
  EXPECT_EQ(values<uint8_t>(*convert(one<float>(HY_DTYPE_F32, 3), HY_DTYPE_U8))[0], 3);
  EXPECT_EQ(values<uint8_t>(*convert(one<int64_t>(HY_DTYPE_I64, 1), HY_DTYPE_BOOL))[0], 1);
  constexpr uint64_t kLarge = (uint64_t{1} << 53) + 1;  // no double
  EXPECT_EQ(values<uint64_t>(*convert(one<int64_t>(HY_DTYPE_I64, kLarge), HY_DTYPE_U64))[0],
            kLarge);
}

TEST(Convert, RefusesValuesThatDoNotAndNamesBothTypes) {
  const auto refused = [](const HostTensor& t, uint32_t to) {
    const auto out = convert(t, to);
    return out.ok() ? std::string() : out.status().message();
  };
  const std::string message = refused(one<double>(HY_DTYPE_F64, 0.1), HY_DTYPE_F32);
  EXPECT_NE(message.find("f64"), std::string::npos);
  EXPECT_NE(message.find("f32"), std::string::npos);
  EXPECT_NE(message.find("element 0"), std::string::npos);
  EXPECT_FALSE(refused(one<int64_t>(HY_DTYPE_I64, 300), HY_DTYPE_U8).empty());
  EXPECT_FALSE(refused(one<int64_t>(HY_DTYPE_I64, -1), HY_DTYPE_U64).empty());
  EXPECT_FALSE(refused(one<uint64_t>(HY_DTYPE_U64, ~uint64_t{0}), HY_DTYPE_F64).empty());
  EXPECT_FALSE(
      refused(one<int64_t>(HY_DTYPE_I64, std::numeric_limits<int64_t>::max()), HY_DTYPE_F32)
          .empty());
  EXPECT_FALSE(refused(one<float>(HY_DTYPE_F32, 0.5f), HY_DTYPE_I32).empty());
  EXPECT_FALSE(refused(one<float>(HY_DTYPE_F32, std::nanf("")), HY_DTYPE_I32).empty());
  EXPECT_FALSE(refused(one<float>(HY_DTYPE_F32, kInf), HY_DTYPE_I64).empty());
  EXPECT_FALSE(refused(one<float>(HY_DTYPE_F32, 1e5f), HY_DTYPE_F16).empty());
  EXPECT_FALSE(refused(one<uint8_t>(HY_DTYPE_U8, 2), HY_DTYPE_BOOL).empty());
  EXPECT_FALSE(refused(one<float>(HY_DTYPE_F32, 1), HY_DTYPE_STRING).empty());
}

TEST(Convert, KeepsNanAndInfinityBetweenFloats) {
  const auto t =
      convert(tensor<float>(HY_DTYPE_F32, {3}, {std::nanf(""), kInf, -kInf}), HY_DTYPE_F16);
  ASSERT_TRUE(t.ok());
  EXPECT_EQ(values<uint16_t>(*t), (std::vector<uint16_t>{0x7e00, 0x7c00, 0xfc00}));
}

TEST(Convert, EveryHalfComesBack) {
  std::vector<uint16_t> all;
  for (uint32_t h = 0; h < 0x10000; ++h)
    if ((h & 0x7c00) != 0x7c00 || (h & 0x3ff) == 0) all.push_back(static_cast<uint16_t>(h));
  const auto t = tensor<uint16_t>(HY_DTYPE_F16, {static_cast<int64_t>(all.size())}, all);
  const auto wide = convert(t, HY_DTYPE_F32);
  ASSERT_TRUE(wide.ok());
  EXPECT_EQ(convert(*wide, HY_DTYPE_F16)->bytes, t.bytes);
}

TEST(Convert, RoundsHalvesToNearestEven) {
  const auto t = from_wide({2049, 2051, 65519, 65520, 0x1p-24L, 0x1p-25L}, {6}, HY_DTYPE_F16);
  EXPECT_EQ(values<uint16_t>(t), (std::vector<uint16_t>{0x6800, 0x6802, 0x7bff, 0x7c00, 1, 0}));
  const auto b = from_wide({1, 1 + 0x1p-8L, 1 + 0x3p-8L}, {3}, HY_DTYPE_BF16);
  EXPECT_EQ(values<uint16_t>(b), (std::vector<uint16_t>{0x3f80, 0x3f80, 0x3f82}));
}

}  // namespace
}  // namespace halyard::cli::test
