#include "tools/halyard/compare.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/unit/tools_halyard/bytes.hpp"
#include "tools/halyard/expectation.hpp"

namespace halyard::cli::test {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

HostTensor floats(const std::vector<float>& v) {
  return tensor<float>(HY_DTYPE_F32, {static_cast<int64_t>(v.size())}, v);
}
std::string compare(const HostTensor& got, const HostTensor& want, Tolerance t = {}) {
  return difference("y", got, want, t);
}

TEST(Compare, AllowsWhatAllcloseAllows) {
  EXPECT_EQ(compare(floats({1.0009f, 0.000009f}), floats({1, 0})), "");
  EXPECT_NE(compare(floats({1.0012f}), floats({1})), "");
  EXPECT_NE(compare(floats({0.00002f}), floats({0})), "");
  EXPECT_EQ(compare(floats({1.5f}), floats({1}), {0, 0.5}), "");
  EXPECT_EQ(compare(floats({-0.0f}), floats({0.0f}), {0, 0}), "");
}

TEST(Compare, HalvesHaveWiderDefaults) {
  const auto half = [](uint16_t bits) { return tensor<uint16_t>(HY_DTYPE_F16, {1}, {bits}); };
  EXPECT_EQ(compare(half(0x3c08), half(0x3c00)), "");  // 1.0078
  EXPECT_NE(compare(half(0x3c20), half(0x3c00)), "");
  // bf16 results are stored as float32.
  EXPECT_EQ(compare(tensor<uint16_t>(HY_DTYPE_BF16, {1}, {0x3f81}), floats({1})), "");
}

TEST(Compare, NanEqualsNanAndInfinityItself) {
  EXPECT_EQ(compare(floats({NAN, kInf, -kInf}), floats({NAN, kInf, -kInf})), "");
  EXPECT_NE(compare(floats({NAN}), floats({1})), "");
  EXPECT_NE(compare(floats({1}), floats({NAN})), "");
  EXPECT_NE(compare(floats({-kInf}), floats({kInf})), "");
  EXPECT_NE(compare(floats({1}), floats({kInf})), "");
  EXPECT_NE(compare(floats({kInf}), floats({1})), "");
}

TEST(Compare, NamesTheWorstElementAndBothValues) {
  const std::string d = compare(tensor<float>(HY_DTYPE_F32, {2, 2}, {1, 2, 5, 4.1f}),
                                tensor<float>(HY_DTYPE_F32, {2, 2}, {1, 2, 3, 4}));
  for (const char* part : {"\"y\"", "2 of 4", "[1,0]", "is 5", "expected 3"})
    EXPECT_NE(d.find(part), std::string::npos) << d;
}

TEST(Compare, OtherDimsAndKindsAreDifferences) {
  const std::string dims = compare(floats({1, 2}), tensor<float>(HY_DTYPE_F32, {2, 1}, {1, 2}));
  EXPECT_NE(dims.find("[2]"), std::string::npos);
  EXPECT_NE(dims.find("[2,1]"), std::string::npos);
  EXPECT_NE(compare(floats({1}), tensor<int32_t>(HY_DTYPE_I32, {1}, {1})), "");
  EXPECT_NE(
      compare(tensor<uint8_t>(HY_DTYPE_BOOL, {1}, {1}), tensor<uint8_t>(HY_DTYPE_U8, {1}, {1})),
      "");
  EXPECT_EQ(compare(floats({1}), tensor<double>(HY_DTYPE_F64, {1}, {1})), "");
  EXPECT_EQ(
      compare(tensor<int64_t>(HY_DTYPE_I64, {1}, {1}), tensor<int32_t>(HY_DTYPE_I32, {1}, {1})),
      "");
}

TEST(Compare, Tells64BitIntegersApart) {
  const auto whole = [](int64_t v) { return tensor<int64_t>(HY_DTYPE_I64, {1}, {v}); };
  constexpr int64_t kLarge = int64_t{1} << 60;
  EXPECT_NE(compare(whole(kLarge + 1), whole(kLarge), {0, 0}), "");
  EXPECT_EQ(compare(whole(kLarge), whole(kLarge), {0, 0}), "");
}

TEST(Compare, ComparesComplexNumbersAndStrings) {
  const auto c = [](float re, float im) { return tensor<float>(HY_DTYPE_C64, {1}, {re, im}); };
  EXPECT_EQ(compare(c(1, 2), c(1, 2.001f)), "");
  EXPECT_NE(compare(c(1, 2), c(1, -2)), "");
  HostTensor a, b;
  a.dtype = b.dtype = HY_DTYPE_STRING;
  a.dims = b.dims = {2};
  a.strings = {"x", "y"};
  b.strings = {"x", "z"};
  EXPECT_EQ(compare(a, a), "");
  EXPECT_NE(compare(a, b).find("[1]"), std::string::npos);
}

TEST(Compare, EmptyTensorsAreEqual) { EXPECT_EQ(compare(floats({}), floats({})), ""); }

TEST(Expectation, ItsKeysDecide) {
  const NamedTensors outputs{{"a", floats({1})}, {"b", floats({2})}};
  EXPECT_TRUE(differences(outputs, {{"b", floats({2})}}, {}).empty());
  EXPECT_EQ(differences(outputs, {{"a", floats({9})}, {"b", floats({9})}}, {}).size(), 2u);
  const auto missing = differences(outputs, {{"c", floats({1})}}, {});
  ASSERT_EQ(missing.size(), 1u);
  EXPECT_NE(missing[0].find("a, b"), std::string::npos);
  EXPECT_EQ(differences(outputs, {}, {}).size(), 1u);
}

}  // namespace
}  // namespace halyard::cli::test
