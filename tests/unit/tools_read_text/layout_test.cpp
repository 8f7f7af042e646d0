#include "tools/read_text/layout.hpp"

#include <gtest/gtest.h>

#include <string>

namespace halyard::read_text::test {
namespace {

/// '#' is ink; each sign is a square of `size` pixels.
Ink drawn(const std::vector<std::string>& rows, int size = 2) {
  Ink ink(static_cast<int>(rows[0].size()) * size, static_cast<int>(rows.size()) * size);
  for (int y = 0; y < ink.height; ++y)
    for (int x = 0; x < ink.width; ++x)
      ink.at(x, y) =
          rows[static_cast<size_t>(y / size)][static_cast<size_t>(x / size)] == '#' ? 1 : 0;
  return ink;
}

TEST(Layout, AnEmptyPageHasNoLine) { EXPECT_TRUE(Page(Ink(30, 20)).lines().empty()); }

TEST(Layout, TwoLines) {
  const Page page(drawn(
      {"......", ".#..#.", ".#..#.", ".#..#.", "......", ".##...", ".##...", ".##...", "......"}));
  ASSERT_EQ(page.lines().size(), 2u);
  EXPECT_EQ(page.lines()[0].pieces.size(), 2u);
  EXPECT_EQ(page.lines()[0].top, 2);
  EXPECT_EQ(page.lines()[0].bottom, 8);
  EXPECT_EQ(page.lines()[1].pieces.size(), 1u);
}

TEST(Layout, ADotAboveBelongsToItsStem) {
  const Page page(drawn(
      {".....#...", ".........", ".##..#...", ".##..#...", ".##..#...", ".##..#...", ".##..#..."}));
  ASSERT_EQ(page.lines().size(), 1u);
  const Line& line = page.lines()[0];
  EXPECT_EQ(line.top, 0);
  ASSERT_EQ(line.pieces.size(), 2u);
  EXPECT_EQ(line.pieces[1].parts.size(), 2u);
}

TEST(Layout, TouchingLettersAreCutWhereTheInkIsThin) {
  const Page page(drawn({"#####.#####", "#...#.#...#", "#...#.#...#", "#...###...#", "#...#.#...#",
                         "#...#.#...#", "#####.#####"},
                        4));
  ASSERT_EQ(page.lines().size(), 1u);
  const Line& line = page.lines()[0];
  bool cut_at_bridge = false;
  for (const Piece& p : line.pieces) cut_at_bridge |= p.left >= 20 && p.left < 24;
  EXPECT_TRUE(cut_at_bridge);
  for (size_t i = 1; i < line.pieces.size(); ++i)
    EXPECT_EQ(line.pieces[i].left, line.pieces[i - 1].right);
}

TEST(Layout, EveryPieceAloneIsACandidateAndDistantOnesAreNotJoined) {
  const Page page(drawn({"#.#.......#", "#.#.......#", "#.#.......#", "#.#.......#", "#.#.......#",
                         "#.#.......#", "#.#.......#", "#.#.......#"}));
  const Line& line = page.lines()[0];
  ASSERT_EQ(line.pieces.size(), 3u);
  std::vector<std::pair<size_t, size_t>> found;
  for (const Candidate& c : Page::candidates(line)) found.emplace_back(c.first, c.last);
  EXPECT_EQ(found, (std::vector<std::pair<size_t, size_t>>{{0, 1}, {0, 2}, {1, 2}, {2, 3}}));
}

TEST(Layout, APatchHoldsTheLinesRowsAndNotTheNeighbour) {
  // The bow of the first reaches over the second, which is far below it.
  const Page page(drawn(
      {"#######", "#......", "#......", "#...##.", "#...##.", "#...##.", "#...##.", "#...##."}, 3));
  const Line& line = page.lines()[0];
  ASSERT_EQ(page.lines().size(), 1u);
  Line apart = line;
  std::vector<float> patch(kPatch * kPatch);
  for (size_t i = 0; i < line.pieces.size(); ++i) {
    const auto [left, right] = Page::columns(line, {i, i + 1});
    if (left < 10 || right > 18) continue;  // the second letter alone, if it is a piece of its own
    page.write_patch(line, {i, i + 1}, patch.data());
    for (int x = 0; x < kPatch; ++x) EXPECT_EQ(patch[static_cast<size_t>(5 * kPatch + x)], 0);
  }
  page.write_patch(line, {0, line.pieces.size()}, patch.data());
  float sum = 0;
  for (const float v : patch) {
    EXPECT_GE(v, 0);
    EXPECT_LE(v, 1);
    sum += v;
  }
  EXPECT_GT(sum, 50);
  for (int x = 0; x < kPatch; ++x) EXPECT_EQ(patch[static_cast<size_t>(x)], 0);  // above the line
}

TEST(Layout, DirtIsNoLine) {
  Ink ink(60, 60);
  ink.at(3, 3) = 1;
  EXPECT_TRUE(Page(ink).lines().empty());
}

TEST(Layout, APatternIsNoLine) {
  Ink ink(30000, 8);
  for (int x = 0; x < ink.width; x += 4)
    for (int y = 0; y < 8; ++y) ink.at(x, y) = 1;
  EXPECT_TRUE(Page(ink).lines().empty());
}

}  // namespace
}  // namespace halyard::read_text::test
