#include "tools/read_text/decode.hpp"

#include <gtest/gtest.h>

#include <map>

namespace halyard::read_text::test {
namespace {

const std::vector<std::string> kLabels = {"a", "b", "m", "I", "l", "1", "2", "O", "0", "|"};

/// A line 20 high with pieces of these columns.
Line line_of(const std::vector<std::pair<int, int>>& columns) {
  Line line{0, 20, {}};
  for (const auto& [left, right] : columns) line.pieces.push_back({left, right, {}});
  return line;
}

using Opinion = std::map<std::string, float>;  // the rest is shared by all labels

std::vector<float> rows(const std::vector<Opinion>& opinions) {
  std::vector<float> out;
  for (const Opinion& o : opinions) {
    for (const std::string& label : kLabels) out.push_back(o.contains(label) ? o.at(label) : 1e-5f);
    out.push_back(o.contains("none") ? o.at("none") : 1e-5f);
  }
  return out;
}

std::string read(const std::vector<std::pair<int, int>>& columns,
                 const std::vector<Opinion>& each) {
  std::vector<Candidate> candidates;
  for (size_t i = 0; i < columns.size(); ++i) candidates.push_back({i, i + 1});
  return decode(line_of(columns), candidates, rows(each), kLabels).text;
}

TEST(Decode, PiecesAreJoinedWhereTheWholeIsLikelier) {
  const Line line = line_of({{0, 6}, {6, 12}, {14, 20}});
  const std::vector<Candidate> candidates = {{0, 1}, {0, 2}, {1, 2}, {2, 3}};
  const auto joined =
      decode(line, candidates, rows({{{"l", 0.3f}}, {{"m", 0.9f}}, {{"a", 0.4f}}, {{"b", 0.8f}}}),
             kLabels);
  EXPECT_EQ(joined.text, "mb");
  ASSERT_EQ(joined.characters.size(), 2u);
  EXPECT_EQ(joined.characters[0].left, 0);
  EXPECT_EQ(joined.characters[0].right, 12);
  EXPECT_FLOAT_EQ(joined.confidence, 0.85f);

  const auto apart = decode(
      line, candidates,
      rows({{{"a", 0.9f}}, {{"m", 0.1f}, {"none", 0.9f}}, {{"b", 0.9f}}, {{"b", 0.8f}}}), kLabels);
  EXPECT_EQ(apart.text, "abb");
}

TEST(Decode, WideGapsAreSpaces) {
  const std::vector<Opinion> letters(5, {{"a", 0.9f}});
  EXPECT_EQ(read({{0, 9}, {11, 20}, {28, 37}, {39, 48}, {50, 59}}, letters), "aa aaa");
  EXPECT_EQ(read({{0, 9}, {11, 20}, {22, 31}, {33, 42}, {44, 53}}, letters), "aaaaa");
}

TEST(Decode, AFixedPitchTellsSpacesFromNarrowLetters) {
  // Cells of 12: "a l a" has gaps of 7 around the l that are no spaces, an empty cell that is one.
  EXPECT_EQ(read({{1, 11}, {17, 19}, {25, 35}, {37, 47}, {61, 71}, {73, 83}}, {{{"a", 0.9f}},
                                                                               {{"l", 0.9f}},
                                                                               {{"a", 0.9f}},
                                                                               {{"a", 0.9f}},
                                                                               {{"b", 0.9f}},
                                                                               {{"b", 0.9f}}}),
            "alaa bb");
}

TEST(Decode, NeighboursTellWhatLooksAlike) {
  const Opinion bar = {{"I", 0.4f}, {"l", 0.3f}, {"1", 0.2f}, {"|", 0.1f}};
  const Opinion ring = {{"O", 0.5f}, {"0", 0.4f}};
  const std::vector<std::pair<int, int>> three = {{0, 9}, {11, 20}, {22, 31}};
  EXPECT_EQ(read(three, {{{"2", 0.9f}}, bar, {{"2", 0.9f}}}), "212");
  EXPECT_EQ(read(three, {{{"a", 0.9f}}, bar, {{"b", 0.9f}}}), "alb");
  EXPECT_EQ(read(three, {{{"2", 0.9f}}, ring, ring}), "200");
}

TEST(Decode, AClearVerdictStandsAgainstTheNeighbours) {
  const std::vector<std::pair<int, int>> three = {{0, 9}, {11, 20}, {22, 31}};
  EXPECT_EQ(read(three, {{{"a", 0.9f}}, {{"1", 0.999f}}, {{"b", 0.9f}}}), "a1b");
}

}  // namespace
}  // namespace halyard::read_text::test
