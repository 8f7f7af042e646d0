#include "tools/halyard/npy.hpp"

#include <gtest/gtest.h>

#include "tests/unit/tools_halyard/bytes.hpp"

namespace halyard::cli::test {
namespace {

std::string npy(std::string header, std::string_view data, char version = 1) {
  header += '\n';
  std::string out("\x93NUMPY", 6);
  out += {version, 0, static_cast<char>(header.size()), 0};
  if (version > 1) out += {0, 0};
  return out + header + std::string(data);
}

std::string npy_of(const std::string& descr, const std::string& shape, std::string_view data,
                   const char* fortran = "False") {
  return npy(
      "{'descr': '" + descr + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }",
      data);
}

std::string_view raw(const char* p, size_t n) { return {p, n}; }

TEST(Npy, ReadsWhatItWrites) {
  const auto t = tensor<float>(HY_DTYPE_F32, {2, 3}, {1, 2, 3, 4, 5, -0.5f});
  const auto bytes = format_npy(t);
  ASSERT_TRUE(bytes.ok());
  EXPECT_EQ(bytes->find('\n') % 64, 63u);  // NumPy aligns the data to 64
  const auto back = parse_npy(*bytes);
  ASSERT_TRUE(back.ok()) << back.status().message();
  EXPECT_EQ(back->dtype, t.dtype);
  EXPECT_EQ(back->dims, t.dims);
  EXPECT_EQ(back->bytes, t.bytes);
}

TEST(Npy, ReadsScalarsAndEmptyArrays) {
  const auto scalar = parse_npy(npy_of("|u1", "()", "\x07"));
  ASSERT_TRUE(scalar.ok());
  EXPECT_TRUE(scalar->dims.empty());
  EXPECT_EQ(scalar->bytes, std::vector<unsigned char>{7});
  const auto empty = parse_npy(npy_of("<f8", "(0, 3)", ""));
  ASSERT_TRUE(empty.ok());
  EXPECT_EQ(empty->dims, (std::vector<int64_t>{0, 3}));
}

TEST(Npy, ReadsBigEndian) {
  const auto t = parse_npy(npy_of(">i2", "(2,)", raw("\x01\x02\xff\xfe", 4)));
  ASSERT_TRUE(t.ok());
  EXPECT_EQ(values<int16_t>(*t), (std::vector<int16_t>{0x0102, -2}));
}

TEST(Npy, SwapsTheHalvesOfComplexNumbersEach) {
  const auto t = parse_npy(npy_of(">c8", "(1,)", raw("\x3f\x80\x00\x00\x40\x00\x00\x00", 8)));
  ASSERT_TRUE(t.ok());
  EXPECT_EQ(values<float>(*t), (std::vector<float>{1, 2}));
}

TEST(Npy, TurnsFortranOrderIntoCOrder) {
  const auto t = parse_npy(npy_of("|i1", "(2, 3)", raw("\x01\x04\x02\x05\x03\x06", 6), "True"));
  ASSERT_TRUE(t.ok());
  EXPECT_EQ(values<int8_t>(*t), (std::vector<int8_t>{1, 2, 3, 4, 5, 6}));
}

TEST(Npy, ReadsVersion2Headers) {
  const auto t = parse_npy(
      npy("{'descr': '|b1', 'fortran_order': False, 'shape': (2,), }", raw("\x00\x05", 2), 2));
  ASSERT_TRUE(t.ok()) << t.status().message();
  EXPECT_EQ(t->bytes, (std::vector<unsigned char>{0, 1}));  // a bool is 0 or 1
}

TEST(Npy, ReadsUnicodeAndBytes) {
  const auto wide =
      parse_npy(npy_of("<U2", "(2,)", raw("a\0\0\0\0\0\0\0\xe4\0\0\0\x11\xf6\x01\0", 16)));
  ASSERT_TRUE(wide.ok());
  EXPECT_EQ(wide->strings, (std::vector<std::string>{"a", "\xc3\xa4\xf0\x9f\x98\x91"}));
  const auto narrow = parse_npy(npy_of("|S3", "(2,)", raw("ab\0\0c\0", 6)));
  ASSERT_TRUE(narrow.ok());
  EXPECT_EQ(narrow->strings, (std::vector<std::string>{"ab", std::string("\0c", 2)}));
}

TEST(Npy, WritesStringsThatItReads) {
  HostTensor t;
  t.dtype = HY_DTYPE_STRING;
  t.dims = {3};
  t.strings = {"", "caf\xc3\xa9", "\xff"};
  const auto back = parse_npy(*format_npy(t));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->strings, (std::vector<std::string>{"", "caf\xc3\xa9", "\xef\xbf\xbd"}));
}

TEST(Npy, WritesBf16AsFloat32) {
  const auto back = parse_npy(*format_npy(tensor<uint16_t>(HY_DTYPE_BF16, {2}, {0x3f80, 0xc000})));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->dtype, static_cast<uint32_t>(HY_DTYPE_F32));
  EXPECT_EQ(values<float>(*back), (std::vector<float>{1, -2}));
}

TEST(Npy, RefusesTypesThatNumpyLacks) {
  const auto bytes = format_npy(tensor<uint8_t>(HY_DTYPE_I4, {2}, {0x21}));
  ASSERT_FALSE(bytes.ok());
  EXPECT_NE(bytes.status().message().find("i4"), std::string::npos);
}

TEST(Npy, NamesWhatIsWrong) {
  const auto message = [](const std::string& bytes) {
    const auto t = parse_npy(bytes);
    return t.ok() ? std::string("ok") : t.status().message();
  };
  EXPECT_NE(message("hello").find("magic"), std::string::npos);
  EXPECT_NE(message(npy_of("|O", "(1,)", "xxxxxxxx")).find("pickled"), std::string::npos);
  EXPECT_NE(message(npy_of("<M8", "(1,)", "xxxxxxxx")).find("<M8"), std::string::npos);
  EXPECT_NE(message(npy_of("<f4", "(2,)", "xxxx")).find("[2]"), std::string::npos);
  EXPECT_NE(message(npy_of("<f4", "(-1,)", "xxxx")).find("shape"), std::string::npos);
  EXPECT_NE(message(npy_of("<f4", "(99999999999999999999,)", "")).find("overflows"),
            std::string::npos);
  EXPECT_NE(message(npy_of("<f4", "(4294967296, 4294967296)", "")).find("does not fit"),
            std::string::npos);
  EXPECT_NE(message(npy_of("<U0", "(1099511627776,)", "")).find("does not fit"), std::string::npos);
}

TEST(Npy, SurvivesDamage) {
  const std::string good[] = {npy_of("<f4", "(2, 2)", std::string(16, 'x'), "True"),
                              npy_of(">U2", "(2,)", std::string(16, 'y'))};
  constexpr unsigned kSeed = 7;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  for (int i = 0; i < 20000; ++i) (void)parse_npy(damaged(good[i % 2], random));
}

}  // namespace
}  // namespace halyard::cli::test
