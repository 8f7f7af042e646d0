#include "tools/halyard/image.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "halyard_test_paths.hpp"
#include "tests/unit/tools_halyard/bytes.hpp"
#include "tools/halyard/resize.hpp"

namespace halyard::cli::test {
namespace {

const std::string kPicture = HALYARD_TEST_SOURCE_DIR "/tools/demo_data/shapes.png";  // 256x256 RGB

Pixels row(const std::vector<float>& values) {
  return {static_cast<int64_t>(values.size()), 1, 1, values};
}

TEST(Resize, KeepsItsSizeUntouched) {
  EXPECT_EQ(resize(row({1, 9, 2}), 3, 1).values, (std::vector<float>{1, 9, 2}));
}

TEST(Resize, EnlargesBilinearlyWithHalfPixelCentres) {
  EXPECT_EQ(resize(row({0, 8}), 4, 1).values, (std::vector<float>{0, 2, 6, 8}));
  EXPECT_EQ(resize(row({5}), 3, 2).values, (std::vector<float>(6, 5)));
}

TEST(Resize, ShrinksWithAWiderTriangle) {
  // 4 to 2: support 2; taps at distance 0.5, 0.5, 1.5 of the centre weigh 3/4, 3/4, 1/4.
  const auto out = resize(row({0, 4, 8, 12}), 2, 1).values;
  EXPECT_NEAR(out[0], (0 * 0.75 + 4 * 0.75 + 8 * 0.25) / 1.75, 1e-6);
  EXPECT_NEAR(out[1], (4 * 0.25 + 8 * 0.75 + 12 * 0.75) / 1.75, 1e-6);
}

TEST(Resize, BothAxesAndChannels) {
  const Pixels in{2, 2, 2, {0, 100, 8, 100, 8, 100, 16, 100}};
  const Pixels out = resize(in, 1, 1);
  EXPECT_EQ(out.values, (std::vector<float>{8, 100}));
}

TEST(Image, FillsTheModelsDims) {
  const auto nchw = load_image(kPicture, {-1, 3, 64, 32}, HY_DTYPE_F32, {});
  ASSERT_TRUE(nchw.ok()) << nchw.status().message();
  EXPECT_EQ(nchw->dims, (std::vector<int64_t>{1, 3, 64, 32}));
  for (float v : values<float>(*nchw)) ASSERT_TRUE(v >= 0 && v <= 1);
  EXPECT_EQ(load_image(kPicture, {1, -1, -1, 1}, HY_DTYPE_F32, {})->dims,
            (std::vector<int64_t>{1, 256, 256, 1}));
  EXPECT_EQ(load_image(kPicture, {4, 8, 8}, HY_DTYPE_F32, {})->dims,
            (std::vector<int64_t>{4, 8, 8}));
}

TEST(Image, IntegersGetPlainValues) {
  const auto whole = load_image(kPicture, {1, 256, 256, 3}, HY_DTYPE_U8, {});
  const auto scaled = load_image(kPicture, {1, 256, 256, 3}, HY_DTYPE_F32, {});
  ASSERT_TRUE(whole.ok() && scaled.ok());
  EXPECT_NEAR(values<uint8_t>(*whole)[0] / 255.0, values<float>(*scaled)[0], 1e-6);
}

TEST(Image, ScalesByChannelAndTurnsChannels) {
  const std::vector<int64_t> dims{1, 256, 256, 3};
  const auto plain = values<float>(*load_image(kPicture, dims, HY_DTYPE_F32, {{1}, {}, false}));
  const auto turned =
      values<float>(*load_image(kPicture, dims, HY_DTYPE_F32, {{1, 2, 3}, {10, 20, 30}, true}));
  EXPECT_FLOAT_EQ(turned[0],
                  (plain[2] - 10) * 1);  // the mean and scale of the model's first channel
  EXPECT_FLOAT_EQ(turned[1], (plain[1] - 20) * 2);
  EXPECT_FLOAT_EQ(turned[2], (plain[0] - 30) * 3);
}

TEST(Image, SaysWhatDoesNotFit) {
  const auto message = [](const std::vector<int64_t>& dims, const ImageOptions& o = {}) {
    const auto t = load_image(kPicture, dims, HY_DTYPE_F32, o);
    return t.ok() ? std::string("ok") : t.status().message();
  };
  EXPECT_NE(message({1, 10}).find("[1,10]"), std::string::npos);
  EXPECT_NE(message({1, 2, 8, 8}).find("channels"), std::string::npos);
  EXPECT_NE(message({2, 3, 8, 8}).find("batch of 2"), std::string::npos);
  EXPECT_NE(message({1, 3, 0, 8}), "ok");
  EXPECT_NE(message({1, 3, 1 << 20, 1 << 20}).find("memory"), std::string::npos);
  EXPECT_NE(message({1, 3, 8, 8}, {{1, 2}, {}, false}).find("2 numbers"), std::string::npos);
  EXPECT_FALSE(load_image(kPicture, {1, 3, 8, 8}, HY_DTYPE_STRING, {}).ok());
}

TEST(Image, SurvivesDamage) {
  const std::string good = *read_file(kPicture);
  const std::string path =
      (std::filesystem::temp_directory_path() / ("image_test." + std::to_string(getpid()) + ".png"))
          .string();
  constexpr unsigned kSeed = 5;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  for (int i = 0; i < 300; ++i) {
    ASSERT_TRUE(write_file(path, damaged(good, random)).ok());
    (void)load_image(path, {1, 3, 16, 16}, HY_DTYPE_F32, {});
  }
  std::filesystem::remove(path);
}

TEST(Factors, NumbersFractionsAndLists) {
  EXPECT_EQ(*parse_factors("0.5"), std::vector<double>{0.5});
  EXPECT_EQ(*parse_factors("1/255"), std::vector<double>{1.0 / 255});
  EXPECT_EQ(*parse_factors("1, 2/4,-3"), (std::vector<double>{1, 0.5, -3}));
  for (const char* text : {"", "x", "1/", "1/0", "1,", "1 2"})
    EXPECT_FALSE(parse_factors(text).ok()) << text;
}

}  // namespace
}  // namespace halyard::cli::test
