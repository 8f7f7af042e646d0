#include "tools/detect/faces.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace halyard::detect::test {
namespace {

TEST(Faces, OverlapIsIntersectionOverUnion) {
  const Face a{0, 0, 2, 1, 1}, b{1, 0, 3, 1, 1};
  EXPECT_FLOAT_EQ(overlap(a, b), 1.0f / 3);
  EXPECT_FLOAT_EQ(overlap(a, a), 1);
  EXPECT_EQ(overlap(a, {5, 5, 6, 6, 1}), 0);
  EXPECT_EQ(overlap({0, 0, 0, 0, 1}, {0, 0, 0, 0, 1}), 0);
  EXPECT_EQ(overlap({2, 2, 1, 1, 1}, a), 0);  // its corners are the wrong way round
}

TEST(Faces, TheMostConfidentOfOverlappingOnesStays) {
  const std::vector<float> scores{0.2f, 0.8f, 0.1f, 0.9f, 0.05f, 0.95f, 0.9f, 0.1f};
  const std::vector<float> boxes{0, 0, 1, 1, 0.01f, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5};
  const auto faces = find_faces(scores, boxes);
  ASSERT_EQ(faces.size(), 2u);
  EXPECT_FLOAT_EQ(faces[0].confidence, 0.95f);
  EXPECT_FLOAT_EQ(faces[1].confidence, 0.9f);
  EXPECT_FLOAT_EQ(faces[1].left, 0.01f);
}

TEST(Faces, WhatIsNoNumberIsNoFace) {
  EXPECT_TRUE(find_faces(std::vector<float>{0, NAN}, std::vector<float>{0, 0, 1, 1}).empty());
  EXPECT_TRUE(find_faces(std::vector<float>{0, 1}, std::vector<float>{0, NAN, 1, 1}).empty());
}

TEST(Faces, TooFewNumbersAreNoFace) {
  EXPECT_TRUE(find_faces(std::vector<float>{0, 1}, std::vector<float>{0, 0, 1}).empty());
  EXPECT_TRUE(find_faces({}, {}).empty());
}

}  // namespace
}  // namespace halyard::detect::test
