#include "tools/halyard/tensor_proto.hpp"

#include <gtest/gtest.h>

#include "tests/unit/tools_halyard/bytes.hpp"

namespace halyard::cli::test {
namespace {

std::string varint(uint64_t v) {
  std::string out;
  for (; v >= 0x80; v >>= 7) out += static_cast<char>(v | 0x80);
  return out + static_cast<char>(v);
}
std::string number(uint64_t field, uint64_t v) { return varint(field << 3) + varint(v); }
std::string bytes(uint64_t field, const std::string& v) {
  return varint(field << 3 | 2) + varint(v.size()) + v;
}
template <class T>
std::string raw(T v) {
  return {reinterpret_cast<const char*>(&v), sizeof v};
}

std::string message(const std::string& proto) {
  const auto t = parse_tensor_proto(proto);
  return t.ok() ? "ok" : t.status().message();
}

TEST(TensorProto, ReadsRawData) {
  const auto t = parse_tensor_proto(bytes(1, varint(1) + varint(2)) + number(2, 1) +
                                    bytes(8, "name") + bytes(9, raw(1.5f) + raw(-2.0f)));
  ASSERT_TRUE(t.ok()) << t.status().message();
  EXPECT_EQ(t->dtype, static_cast<uint32_t>(HY_DTYPE_F32));
  EXPECT_EQ(t->dims, (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(values<float>(*t), (std::vector<float>{1.5f, -2}));
}

TEST(TensorProto, ReadsTypedDataPackedAndNot) {
  const auto packed =
      parse_tensor_proto(number(1, 2) + number(2, 7) + bytes(7, varint(3) + varint(~uint64_t{0})));
  ASSERT_TRUE(packed.ok());
  EXPECT_EQ(values<int64_t>(*packed), (std::vector<int64_t>{3, -1}));
  const auto single = parse_tensor_proto(number(7, 3) + number(7, 4) + number(1, 2) + number(2, 7));
  ASSERT_TRUE(single.ok());  // the type may come after the data
  EXPECT_EQ(values<int64_t>(*single), (std::vector<int64_t>{3, 4}));
  const auto floats =
      parse_tensor_proto(number(1, 1) + number(2, 1) + varint(4 << 3 | 5) + raw(0.5f));
  ASSERT_TRUE(floats.ok());
  EXPECT_EQ(values<float>(*floats), (std::vector<float>{0.5f}));
}

TEST(TensorProto, NarrowsInt32Data) {
  const auto halves = parse_tensor_proto(number(1, 1) + number(2, 10) + number(5, 0x3c00));
  ASSERT_TRUE(halves.ok());
  EXPECT_EQ(values<uint16_t>(*halves), (std::vector<uint16_t>{0x3c00}));
  const auto signs = parse_tensor_proto(number(1, 1) + number(2, 3) + number(5, ~uint64_t{0}));
  ASSERT_TRUE(signs.ok());
  EXPECT_EQ(values<int8_t>(*signs), (std::vector<int8_t>{-1}));
}

TEST(TensorProto, ReadsStrings) {
  const auto t = parse_tensor_proto(number(1, 2) + number(2, 8) + bytes(6, "a") + bytes(6, ""));
  ASSERT_TRUE(t.ok());
  EXPECT_EQ(t->strings, (std::vector<std::string>{"a", ""}));
}

TEST(TensorProto, NamesWhatIsWrong) {
  EXPECT_NE(message("").find("no element type"), std::string::npos);
  EXPECT_NE(message("\xff\xff\xff").find("damaged"), std::string::npos);
  EXPECT_NE(message(number(2, 99)).find("99"), std::string::npos);
  EXPECT_NE(message(number(1, 3) + number(2, 1) + bytes(9, raw(1.0f))).find("12 are needed"),
            std::string::npos);
  EXPECT_NE(message(number(1, ~uint64_t{0}) + number(2, 1)).find("[-1]"), std::string::npos);
  EXPECT_NE(message(number(1, uint64_t{1} << 58) + number(2, 11)).find("overflow"),
            std::string::npos);
  EXPECT_NE(message(number(2, 1) + number(14, 1)).find("another file"), std::string::npos);
  EXPECT_NE(message(number(1, 1) + number(2, 1) + number(7, 1)).find("field 7"), std::string::npos);
}

TEST(TensorProto, SurvivesDamage) {
  const std::string good =
      bytes(1, varint(1) + varint(2)) + number(2, 7) + bytes(7, varint(300) + varint(5));
  constexpr unsigned kSeed = 3;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  for (int i = 0; i < 50000; ++i) (void)parse_tensor_proto(damaged(good, random));
}

}  // namespace
}  // namespace halyard::cli::test
