#include "core/config/spelling.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace halyard::core::config {
namespace {

TEST(Spelling, DistanceCountsEditsAndSwaps) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("policy", "policy"), 0u);
  EXPECT_EQ(edit_distance("polcy", "policy"), 1u);
  EXPECT_EQ(edit_distance("poilcy", "policy"), 1u);
  EXPECT_EQ(edit_distance("POLICY", "policy"), 0u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("abc", ""), 3u);
}

TEST(Spelling, ClosestIsNearOrNothing) {
  const std::vector<std::string_view> names = {"level", "file"};
  EXPECT_EQ(closest("levl", names), "level");
  EXPECT_EQ(closest("fiel", names), "file");
  EXPECT_EQ(closest("banana", names), "");
  EXPECT_EQ(closest("", names), "");
  EXPECT_EQ(closest(std::string(1000, 'l'), names), "");
}

TEST(Spelling, WordsNameTheNearOneOrAll) {
  const std::vector<std::string_view> names = {"level", "file"};
  EXPECT_EQ(did_you_mean("levl", names), "did you mean \"level\"?");
  EXPECT_EQ(did_you_mean("banana", names), "known are: level, file");
  EXPECT_EQ(did_you_mean("banana", {}), "");
}

}  // namespace
}  // namespace halyard::core::config
