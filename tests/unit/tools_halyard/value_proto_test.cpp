#include "tools/halyard/value_proto.hpp"

#include <gtest/gtest.h>

namespace halyard::cli::test {
namespace {

/// A field of bytes.
std::string field(uint64_t number, const std::string& payload) {
  return std::string(1, static_cast<char>(number << 3 | 2)) +
         std::string(1, static_cast<char>(payload.size())) + payload;
}
/// An i64 tensor of one element.
std::string tensor(char value) {
  return std::string("\x08\x01\x10\x07\x4a\x08", 6) + value + std::string(7, '\0');
}

TEST(ValueProto, Sequences) {
  const auto s = parse_value_proto(
      field(1, "name") + std::string("\x10\x01", 2) + field(3, tensor(5)) + field(3, tensor(6)),
      HY_TYPE_SEQUENCE);
  ASSERT_TRUE(s.ok()) << s.status().message();
  EXPECT_EQ(s->kind, uint32_t{HY_TYPE_SEQUENCE});
  EXPECT_EQ(s->dtype, uint32_t{HY_DTYPE_I64});
  ASSERT_EQ(s->children.size(), 2u);
  EXPECT_EQ(s->children[1].bytes[0], 6);
  const auto none = parse_value_proto("", HY_TYPE_SEQUENCE);
  ASSERT_TRUE(none.ok());
  EXPECT_TRUE(none->children.empty());
}

TEST(ValueProto, Optionals) {
  EXPECT_TRUE(parse_value_proto(std::string("\x10\x01", 2), HY_TYPE_OPTIONAL)->children.empty());
  const auto held = parse_value_proto(field(5, field(3, tensor(1))), HY_TYPE_OPTIONAL);
  ASSERT_TRUE(held.ok()) << held.status().message();
  ASSERT_EQ(held->children.size(), 1u);
  EXPECT_EQ(held->children[0].kind, uint32_t{HY_TYPE_SEQUENCE});
  EXPECT_FALSE(parse_value_proto(field(3, tensor(1)) + field(3, tensor(2)), HY_TYPE_OPTIONAL).ok());
}

TEST(ValueProto, WhatIsNotRead) {
  EXPECT_EQ(parse_value_proto(field(6, "map"), HY_TYPE_SEQUENCE).status().code(),
            HY_ERROR_UNSUPPORTED);
  const std::string whole = field(3, tensor(5));
  for (size_t cut = 1; cut < whole.size(); ++cut)
    EXPECT_FALSE(parse_value_proto(whole.substr(0, cut), HY_TYPE_SEQUENCE).ok()) << cut;
}

}  // namespace
}  // namespace halyard::cli::test
