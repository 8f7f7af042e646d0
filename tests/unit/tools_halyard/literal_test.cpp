#include "tools/halyard/literal.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/unit/tools_halyard/bytes.hpp"

namespace halyard::cli::test {
namespace {

const Wanted kAnyFloat{HY_DTYPE_F32, false, {}};

std::string error(std::string_view text, const Wanted& wanted) {
  const auto t = parse_literal(text, wanted);
  return t.ok() ? std::string("ok") : t.status().message();
}

TEST(Literal, DimsTypeAndValues) {
  const auto t = parse_literal("2x2xi64=1,-2,3,4", {HY_DTYPE_I64, true, {2, 2}});
  ASSERT_TRUE(t.ok()) << t.status().message();
  EXPECT_EQ(t->dims, (std::vector<int64_t>{2, 2}));
  EXPECT_EQ(values<int64_t>(*t), (std::vector<int64_t>{1, -2, 3, 4}));
}

TEST(Literal, OneValueFillsAll) {
  const auto t = parse_literal("1x3xf32=0.1", kAnyFloat);
  ASSERT_TRUE(t.ok()) << t.status().message();
  EXPECT_EQ(values<float>(*t), (std::vector<float>{0.1f, 0.1f, 0.1f}));
}

TEST(Literal, ScalarsAndEmptyTensors) {
  const auto scalar = parse_literal("f32=7", kAnyFloat);
  ASSERT_TRUE(scalar.ok());
  EXPECT_TRUE(scalar->dims.empty());
  EXPECT_EQ(values<float>(*scalar), (std::vector<float>{7}));
  const auto empty = parse_literal("2x0xf32=", kAnyFloat);
  ASSERT_TRUE(empty.ok()) << empty.status().message();
  EXPECT_TRUE(empty->bytes.empty());
  EXPECT_TRUE(parse_literal("0xf32=5", kAnyFloat)->bytes.empty());
}

TEST(Literal, ValuesAloneTakeTheModelsTypeAndDims) {
  const auto one = parse_literal("7", {HY_DTYPE_I64, true, {1, -1}});
  ASSERT_TRUE(one.ok());
  EXPECT_EQ(one->dims, (std::vector<int64_t>{1, 1}));
  EXPECT_EQ(values<int64_t>(*one), (std::vector<int64_t>{7}));
  const auto list = parse_literal("1,2,3,4", {HY_DTYPE_F32, true, {2, -1}});
  ASSERT_TRUE(list.ok());
  EXPECT_EQ(list->dims, (std::vector<int64_t>{2, 2}));
  EXPECT_EQ(parse_literal("1,2", kAnyFloat)->dims, (std::vector<int64_t>{2}));
}

TEST(Literal, LargeIntegersStayExact) {
  const auto t =
      parse_literal("2xi64=9007199254740993,-9223372036854775808", {HY_DTYPE_I64, true, {2}});
  ASSERT_TRUE(t.ok());
  EXPECT_EQ(values<int64_t>(*t),
            (std::vector<int64_t>{9007199254740993, std::numeric_limits<int64_t>::min()}));
  EXPECT_EQ(
      values<uint64_t>(*parse_literal("u64=18446744073709551615", {HY_DTYPE_U64, true, {}}))[0],
      ~uint64_t{0});
}

TEST(Literal, SpecialValues) {
  const auto t = parse_literal("4xf32=nan,inf,-inf,1e3", kAnyFloat);
  ASSERT_TRUE(t.ok());
  const auto v = values<float>(*t);
  EXPECT_TRUE(std::isnan(v[0]) && std::isinf(v[1]) && v[2] < 0 && v[3] == 1000);
  EXPECT_EQ(parse_literal("2xbool=true,false", {HY_DTYPE_BOOL, true, {2}})->bytes,
            (std::vector<unsigned char>{1, 0}));
}

TEST(Literal, Strings) {
  const auto t = parse_literal("2xstring=a,b c", {HY_DTYPE_STRING, true, {2}});
  ASSERT_TRUE(t.ok());
  EXPECT_EQ(t->strings, (std::vector<std::string>{"a", "b c"}));
}

TEST(Literal, ConvertsWhereEveryValueSurvives) {
  EXPECT_TRUE(parse_literal("i32=3", kAnyFloat).ok());
  const std::string message = error("f32=0.5", {HY_DTYPE_I64, true, {}});
  EXPECT_NE(message.find("f32"), std::string::npos);
  EXPECT_NE(message.find("i64"), std::string::npos);
}

TEST(Literal, NamesWhatIsWrong) {
  EXPECT_NE(error("", kAnyFloat).find("empty"), std::string::npos);
  EXPECT_NE(error("abc", kAnyFloat).find("abc"), std::string::npos);
  EXPECT_NE(error("1,,2", kAnyFloat).find("not a number"), std::string::npos);
  EXPECT_NE(error("2x2xf32=1,2,3", kAnyFloat).find("[2,2]"), std::string::npos);
  EXPECT_NE(error("u8=300", {HY_DTYPE_U8, true, {}}).find("u8"), std::string::npos);
  EXPECT_NE(error("i32=1.5", {HY_DTYPE_I32, true, {}}).find("i32"), std::string::npos);
  EXPECT_NE(error("f32=1e39", kAnyFloat).find("f32"), std::string::npos);
  EXPECT_NE(error("-1xf32=1", kAnyFloat).find("not a number"), std::string::npos);
  EXPECT_NE(error("4000000000x4000000000xf32=1", kAnyFloat), "ok");
  EXPECT_NE(error("1000000x1000000xf32=1", kAnyFloat).find("memory"), std::string::npos);
  EXPECT_NE(error("1xc64=1", {HY_DTYPE_C64, true, {1}}), "ok");
  EXPECT_NE(error("7", {}).find("f32=7"), std::string::npos);
}

}  // namespace
}  // namespace halyard::cli::test
