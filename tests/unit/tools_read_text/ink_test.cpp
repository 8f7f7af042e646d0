#include "tools/read_text/ink.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace halyard::read_text::test {
namespace {

/// Grey of `paper`, with a bar of `bar` in rows 20 to 29 and columns 10 to 69; brighter to the right by
/// `light` over the width.
cli::Picture bar_picture(double paper, double bar, double light = 0) {
  cli::Picture p{80, 50, {}};
  for (int y = 0; y < p.height; ++y)
    for (int x = 0; x < p.width; ++x) {
      const bool inside = y >= 20 && y < 30 && x >= 10 && x < 70;
      const double v = (inside ? bar : paper) + light * x / p.width;
      p.rgb.insert(p.rgb.end(), 3, static_cast<uint8_t>(std::lround(v)));
    }
  return p;
}

void expect_bar(const Ink& ink) {
  for (int y = 0; y < ink.height; ++y)
    for (int x = 0; x < ink.width; ++x) {
      const bool inside = y >= 20 && y < 30 && x >= 10 && x < 70;
      ASSERT_EQ(ink.at(x, y) >= kInkThreshold, inside) << x << ", " << y;
    }
}

TEST(Ink, DarkOnLight) { expect_bar(find_ink(bar_picture(220, 30))); }
TEST(Ink, LightOnDark) { expect_bar(find_ink(bar_picture(30, 220))); }
TEST(Ink, FaintUnderUnevenLight) { expect_bar(find_ink(bar_picture(120, 90, 60))); }

TEST(Ink, AnEmptyPageHasNone) {
  for (const float v : find_ink(bar_picture(128, 128, 40)).values) ASSERT_EQ(v, 0);
}

TEST(Ink, OnePixelIsAPage) {
  const Ink ink = find_ink({1, 1, {10, 20, 30}});
  ASSERT_EQ(ink.values.size(), 1u);
  EXPECT_EQ(ink.values[0], 0);
}

TEST(Ink, TheSlopeIsFoundAndTurnedBack) {
  for (const double slope : {-9.0, 0.0, 4.0}) {
    Ink ink(200, 120);
    const Turn turn(200, 120, slope);
    for (int row : {40, 60, 80})  // three lines of dashes, turned
      for (int x = 30; x < 170; ++x)
        for (int y = row; y < row + 6; ++y) {
          double px = 0, py = 0;
          const Turn flat(200, 120, slope);
          // Places are given relative to the turned plane, which is larger by the same on each side.
          const Ink turned =
              Ink(static_cast<int>(std::ceil(200 * std::cos(slope * M_PI / 180) +
                                             120 * std::abs(std::sin(slope * M_PI / 180)))),
                  static_cast<int>(std::ceil(120 * std::cos(slope * M_PI / 180) +
                                             200 * std::abs(std::sin(slope * M_PI / 180)))));
          flat.to_picture(x + (turned.width - 200) / 2.0, y + (turned.height - 120) / 2.0, px, py);
          ink.at(static_cast<int>(px), static_cast<int>(py)) = 1;
        }
    EXPECT_NEAR(find_slope(ink), slope, 0.4);
  }
}

TEST(Ink, TurningByNothingChangesNothing) {
  Ink ink(7, 3);
  ink.at(4, 1) = 0.5f;
  const Ink same = Turn(7, 3, 0).apply(ink);
  EXPECT_EQ(same.width, 7);
  EXPECT_EQ(same.values, ink.values);
  double x = 0, y = 0;
  Turn(7, 3, 0).to_picture(4.5, 1.5, x, y);
  EXPECT_DOUBLE_EQ(x, 4.5);
  EXPECT_DOUBLE_EQ(y, 1.5);
}

TEST(Ink, TurningKeepsTheMiddle) {
  Ink ink(41, 41);
  for (int y = 18; y <= 22; ++y)
    for (int x = 18; x <= 22; ++x) ink.at(x, y) = 1;
  const Ink turned = Turn(41, 41, 12).apply(ink);
  EXPECT_GT(turned.width, 41);
  EXPECT_NEAR(turned.at(turned.width / 2, turned.height / 2), 1, 1e-5);
  EXPECT_EQ(turned.at(0, 0), 0);
}

}  // namespace
}  // namespace halyard::read_text::test
