#include "tools/halyard/ranking.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/unit/tools_halyard/bytes.hpp"

namespace halyard::cli::test {
namespace {

HostTensor scores(std::vector<int64_t> dims, const std::vector<float>& v) {
  return tensor<float>(HY_DTYPE_F32, std::move(dims), v);
}

TEST(Ranking, BestFirstWithLabels) {
  const auto top = top_k(scores({1, 3}, {0.2f, 0.5f, 0.3f}), 2, {"a", "b"});
  ASSERT_EQ(top.size(), 2u);
  EXPECT_EQ(top[0].label, "b");
  EXPECT_FLOAT_EQ(static_cast<float>(top[0].score), 0.5f);
  EXPECT_EQ(top[1].label, "2");  // no label: the index
}

TEST(Ranking, EachRowByItself) {
  const auto top = top_k(scores({2, 2}, {1, 2, 4, 3}), 1, {});
  ASSERT_EQ(top.size(), 2u);
  EXPECT_EQ(top[0].label, "1");
  EXPECT_EQ(top[1].row, 1u);
  EXPECT_EQ(top[1].label, "0");
}

TEST(Ranking, TrailingOnesAndPlainVectors) {
  EXPECT_EQ(top_k(scores({1, 3, 1, 1}, {1, 5, 2}), 1, {})[0].label, "1");
  EXPECT_EQ(top_k(scores({3}, {1, 5, 2}), 9, {}).size(), 3u);
}

TEST(Ranking, NanIsLastAndTiesKeepTheirOrder) {
  const auto top = top_k(scores({1, 4}, {NAN, 1, 1, 2}), 4, {});
  EXPECT_EQ(top[0].label + top[1].label + top[2].label + top[3].label, "3120");
}

TEST(Ranking, NothingOfNothing) {
  EXPECT_TRUE(top_k(scores({0, 3}, {}), 2, {}).empty());
  HostTensor strings;
  strings.dtype = HY_DTYPE_STRING;
  strings.dims = {1};
  strings.strings = {"x"};
  EXPECT_TRUE(top_k(strings, 2, {}).empty());
}

TEST(Ranking, Labels) {
  EXPECT_EQ(split_labels("a,b"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(split_labels("a, x\r\nb\n"), (std::vector<std::string>{"a, x", "b"}));
  EXPECT_FALSE(read_labels("/nowhere").ok());
  EXPECT_TRUE(read_labels("")->empty());
}

TEST(Preview, ShowsTheFirstValues) {
  EXPECT_EQ(preview(scores({2}, {1, 0.5f})), "[1, 0.5]");
  EXPECT_EQ(preview(scores({7}, {1, 2, 3, 4, 5, 6, 7})), "[1, 2, 3, 4, 5, 6, ...]");
  EXPECT_EQ(preview(scores({0}, {})), "[]");
}

}  // namespace
}  // namespace halyard::cli::test
