#include "tools/halyard/draw.hpp"

#include <gtest/gtest.h>

#include "tests/unit/tools_halyard/bytes.hpp"

namespace halyard::cli::test {
namespace {

Picture blank(int width, int height) {
  return {width, height, std::vector<uint8_t>(static_cast<size_t>(width * height * 3), 0)};
}

bool is_drawn(const Picture& p, int x, int y) {
  return p.rgb[static_cast<size_t>(y * p.width + x) * 3] != 0 ||
         p.rgb[static_cast<size_t>(y * p.width + x) * 3 + 1] != 0;
}

NamedTensors boxes(const std::vector<float>& values) {
  return {
      {"b", tensor<float>(HY_DTYPE_F32, {1, static_cast<int64_t>(values.size() / 4), 4}, values)}};
}

int64_t drawn(Picture& p, const NamedTensors& outputs, const char* spec, int64_t w, int64_t h) {
  const auto s = parse_draw(spec);
  EXPECT_TRUE(s.ok()) << s.status().message();
  const auto count = draw(p, outputs, *s, w, h);
  EXPECT_TRUE(count.ok()) << count.status().message();
  return count.ok() ? *count : -1;
}

TEST(DrawSpec, ReadsItsParts) {
  const auto s =
      parse_draw("boxes=b,scores=s,class=1,threshold=0.7,nms=0.3,format=cxcywh,normalised");
  ASSERT_TRUE(s.ok()) << s.status().message();
  EXPECT_EQ(s->boxes, "b");
  EXPECT_EQ(s->scores, "s");
  EXPECT_EQ(s->score_class, 1);
  EXPECT_EQ(s->threshold, 0.7);
  EXPECT_EQ(s->overlap, 0.3);
  EXPECT_EQ(s->format, BoxFormat::kCxcywh);
  EXPECT_TRUE(s->normalised);
  for (const char* text :
       {"", "scores=s", "boxes=b,mask=m", "boxes=b,format=abcd", "boxes=b,nms=x", "circle=b"})
    EXPECT_FALSE(parse_draw(text).ok()) << text;
}

TEST(Draw, EveryFormatIsTheSameBox) {
  // Left 20, top 10, right 60, bottom 40 of a model's 100x50, on a picture twice as large.
  const std::pair<const char*, std::vector<float>> same[] = {
      {"boxes=b", {20, 10, 60, 40}},
      {"boxes=b,format=xywh", {20, 10, 40, 30}},
      {"boxes=b,format=cxcywh", {40, 25, 40, 30}},
      {"boxes=b,format=yxyx", {10, 20, 40, 60}},
      {"boxes=b,normalised", {0.2f, 0.2f, 0.6f, 0.8f}}};
  for (const auto& [spec, values] : same) {
    SCOPED_TRACE(spec);
    Picture p = blank(200, 100);
    EXPECT_EQ(drawn(p, boxes(values), spec, 100, 50), 1);
    EXPECT_TRUE(is_drawn(p, 40, 50));
    EXPECT_TRUE(is_drawn(p, 119, 50));
    EXPECT_TRUE(is_drawn(p, 80, 20));
    EXPECT_TRUE(is_drawn(p, 80, 79));
    EXPECT_FALSE(is_drawn(p, 80, 50));
    EXPECT_FALSE(is_drawn(p, 38, 50));
  }
}

TEST(Draw, ScoresChooseAndTheBestOfOverlappingStays) {
  NamedTensors outputs = boxes({0, 0, 50, 50, 1, 1, 50, 50, 60, 60, 90, 90, 60, 60, 90, 90});
  outputs.emplace_back(
      "s", tensor<float>(HY_DTYPE_F32, {1, 4, 2}, {0.1f, 0.8f, 0.1f, 0.9f, 0.6f, 0.4f, 0.9f, NAN}));
  Picture p = blank(100, 100);
  EXPECT_EQ(drawn(p, outputs, "boxes=b,scores=s,class=1", 100, 100), 2);
  EXPECT_EQ(drawn(p, outputs, "boxes=b,scores=s,class=1,nms=0.5", 100, 100), 1);
  EXPECT_EQ(drawn(p, outputs, "boxes=b,scores=s,class=0", 100, 100), 2);
  EXPECT_EQ(drawn(p, outputs, "boxes=b,scores=s,threshold=0.85,class=1", 100, 100), 1);
}

TEST(Draw, BoxesThatAreNoNumbersOrFarAwayAreHarmless) {
  Picture p = blank(10, 10);
  EXPECT_EQ(
      drawn(p, boxes({NAN, 0, 1, 1, -1e30f, -1e30f, 1e30f, 1e30f, 5, 5, 1, 1}), "boxes=b", 10, 10),
      3);
}

TEST(Draw, MasksOfEveryLayout) {
  const std::vector<float> right = {0, 1, 0, 1};
  const NamedTensors masks[] = {
      {{"m", tensor<float>(HY_DTYPE_F32, {1, 1, 2, 2}, right)}},
      {{"m", tensor<float>(HY_DTYPE_F32, {2, 2, 1}, right)}},
      {{"m", tensor<int64_t>(HY_DTYPE_I64, {1, 2, 2}, {0, 3, 0, 2})}},
      {{"m", tensor<float>(HY_DTYPE_F32, {1, 2, 2, 2}, {1, 0, 1, 0, 0, 1, 0, 1})}}};
  for (const NamedTensors& outputs : masks) {
    Picture p = blank(8, 8);
    EXPECT_EQ(drawn(p, outputs, "mask=m", 2, 2), 1);
    EXPECT_FALSE(is_drawn(p, 3, 3));
    EXPECT_TRUE(is_drawn(p, 4, 3));
  }
}

TEST(Draw, SaysWhatIsWrong) {
  Picture p = blank(8, 8);
  const auto message = [&](const NamedTensors& outputs, const char* spec) {
    const auto done = draw(p, outputs, *parse_draw(spec), 8, 8);
    return done.ok() ? std::string("ok") : done.status().message();
  };
  EXPECT_NE(message(boxes({0, 0, 1, 1}), "boxes=x").find("outputs are b"), std::string::npos);
  EXPECT_NE(message({{"b", tensor<float>(HY_DTYPE_F32, {3}, {1, 2, 3})}}, "boxes=b").find("[3]"),
            std::string::npos);
  NamedTensors outputs = boxes({0, 0, 1, 1, 0, 0, 1, 1});
  outputs.emplace_back("s", tensor<float>(HY_DTYPE_F32, {3}, {1, 1, 1}));
  EXPECT_NE(message(outputs, "boxes=b,scores=s").find("each of 2 boxes"), std::string::npos);
  EXPECT_NE(message(outputs, "mask=s").find("[3]"), std::string::npos);
}

}  // namespace
}  // namespace halyard::cli::test
