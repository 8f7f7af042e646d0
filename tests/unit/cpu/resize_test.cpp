// Expectations are worked out by hand from ONNX's definition.
#include "tests/unit/cpu/random_values.hpp"

namespace halyard::cpu::testing {
namespace {

TestTensor resize(const Attributes& attributes, const TestTensor& x,
                  const std::vector<double>& scales) {
  const TestTensor s = tensor<float>({static_cast<int64_t>(scales.size())}, scales);
  return run_one("Resize", attributes, {x, std::nullopt, s});
}
TestTensor resize_to(const Attributes& attributes, const TestTensor& x,
                     const std::vector<int64_t>& sizes) {
  return run_one(
      "Resize", attributes,
      {x, std::nullopt, std::nullopt, ints({static_cast<int64_t>(sizes.size())}, sizes)});
}
const std::vector<double> kFour{1, 2, 3, 4};

TEST(Resize, RepeatsTheNearest) {
  const Attributes asymmetric{{"coordinate_transformation_mode", "asymmetric"},
                              {"nearest_mode", "floor"}};
  expect_near(resize(asymmetric, tensor<int32_t>({2, 2}, kFour), {2, 1}), {4, 2},
              {1, 2, 1, 2, 3, 4, 3, 4}, 0);
  expect_near(resize({}, tensor<uint8_t>({4}, kFour), {0.5}), {2}, {1, 3}, 0);
  expect_near(resize({{"nearest_mode", "round_prefer_ceil"}}, tensor<uint8_t>({4}, kFour), {0.5}),
              {2}, {2, 4}, 0);
  expect_near(resize({{"nearest_mode", "ceil"}}, tensor<F16>({3}, {1, 2, 3}), {2}), {6},
              {1, 2, 2, 3, 3, 3}, 0);
}

TEST(Resize, InterpolatesLinearlyByEachCoordinateMode) {
  const auto run = [&](const char* mode, double scale) {
    return resize({{"mode", "linear"}, {"coordinate_transformation_mode", mode}},
                  tensor<float>({4}, kFour), {scale});
  };
  expect_near(run("half_pixel", 2), {8}, {1, 1.25, 1.75, 2.25, 2.75, 3.25, 3.75, 4}, 1e-6);
  expect_near(run("asymmetric", 2), {8}, {1, 1.5, 2, 2.5, 3, 3.5, 4, 4}, 1e-6);
  expect_near(run("align_corners", 1.75), {7}, {1, 1.5, 2, 2.5, 3, 3.5, 4}, 1e-6);
  expect_near(run("pytorch_half_pixel", 0.25), {1}, {1}, 1e-6);
  expect_near(run("half_pixel", 0.25), {1}, {2.5}, 1e-6);
  // length 2.4, output 2: offset 2 (1 - 2 / 2.4) = 1/3 and positions (x + 0.5) / 0.6 - 0.5 + 1/3.
  expect_near(run("half_pixel_symmetric", 0.6), {2}, {1 + 2.0 / 3, 1 + 7.0 / 3}, 1e-6);
}

TEST(Resize, TakesTheNearestAsTensorFlowDid) {
  // Positions (x + 0.5) / 1.5: 1/3, 1, 5/3, 7/3, 3, 11/3.
  const Attributes attributes{{"mode", "nearest"},
                              {"nearest_mode", "floor"},
                              {"coordinate_transformation_mode", "tf_half_pixel_for_nn"}};
  expect_near(resize(attributes, tensor<float>({4}, {1, 2, 3, 4}), {1.5}), {6}, {1, 2, 2, 3, 4, 4},
              0);
}

TEST(Resize, CropsARegion) {
  const TestTensor x = tensor<float>({4}, kFour), roi = tensor<float>({2}, {0, 2});
  const Attributes attributes{{"mode", "linear"},
                              {"coordinate_transformation_mode", "tf_crop_and_resize"},
                              {"extrapolation_value", 9.0}};
  expect_near(run_one("Resize", attributes, {x, roi, std::nullopt, ints({1}, {5})}), {5},
              {1, 2.5, 4, 9, 9}, 1e-6);
}

TEST(Resize, InterpolatesCubically) {
  // At 0.5 the weights for a = -0.75 are -0.09375, 0.59375, 0.59375, -0.09375.
  const Attributes attributes{{"mode", "cubic"}, {"coordinate_transformation_mode", "asymmetric"}};
  const TestTensor y = resize(attributes, tensor<double>({4}, {1, 2, 4, 8}), {2});
  const double at_half = 0.59375 * (1 + 2) - 0.09375 * (1 + 4);
  const double at_one_and_half = 0.59375 * (2 + 4) - 0.09375 * (1 + 8);
  ASSERT_EQ(y.dims, std::vector<int64_t>{8});
  EXPECT_NEAR(y.numbers()[0], 1, 1e-12);
  EXPECT_NEAR(y.numbers()[1], at_half, 1e-12);
  EXPECT_NEAR(y.numbers()[3], at_one_and_half, 1e-12);
}

TEST(Resize, LeavesOutWhatIsOutside) {
  const Attributes attributes{{"mode", "cubic"},
                              {"coordinate_transformation_mode", "asymmetric"},
                              {"exclude_outside", int64_t{1}}};
  const TestTensor y = resize(attributes, tensor<double>({4}, {1, 2, 4, 8}), {2});
  const double weights = 0.59375 * 2 - 0.09375;
  EXPECT_NEAR(y.numbers()[1], (0.59375 * (1 + 2) - 0.09375 * 4) / weights, 1e-12);
}

TEST(Resize, WidensTheKernelAgainstAliasing) {
  // Half the size: a triangle of radius 2 round 0.5 and 2.5; weights 1/8 3/8 3/8 1/8, repeated at the edge.
  const TestTensor y = resize({{"mode", "linear"}, {"antialias", int64_t{1}}},
                              tensor<double>({4}, {1, 2, 4, 8}), {0.5});
  expect_near(y, {2}, {(1 + 3 * 1 + 3 * 2 + 4) / 8.0, (2 + 3 * 4 + 3 * 8 + 8) / 8.0}, 1e-12);
}

TEST(Resize, KeepsTheAspectRatio) {
  const TestTensor x = tensor<float>({2, 4}, {1, 2, 3, 4, 5, 6, 7, 8});
  const auto run = [&](const char* policy) {
    return resize_to({{"keep_aspect_ratio_policy", policy}}, x, {6, 8});
  };
  EXPECT_EQ(run("not_larger").dims, (std::vector<int64_t>{4, 8}));
  EXPECT_EQ(run("not_smaller").dims, (std::vector<int64_t>{6, 12}));
  EXPECT_EQ(run("stretch").dims, (std::vector<int64_t>{6, 8}));
}

TEST(Resize, TakesTheNamedAxes) {
  const TestTensor x = tensor<float>({1, 2, 1, 2}, kFour);
  const TestTensor y = resize({{"axes", std::vector<int64_t>{-1, 2}},
                               {"coordinate_transformation_mode", "asymmetric"},
                               {"nearest_mode", "floor"}},
                              x, {2, 2});
  expect_near(y, {1, 2, 2, 4}, {1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4}, 0);
}

TEST(Resize, CutsTheFractionOfIntegers) {
  const Attributes attributes{{"mode", "linear"},
                              {"coordinate_transformation_mode", "align_corners"}};
  expect_near(resize_to(attributes, tensor<int32_t>({2}, {0, 3}), {3}), {3}, {0, 1, 3}, 0);
  expect_near(resize_to(attributes, tensor<int32_t>({2}, {0, -3}), {3}), {3}, {0, -1, -3}, 0);
}

TEST(Resize, VerdictNamesAnUnknownMode) {
  const TestTensor x = tensor<float>({1}, {1});
  EXPECT_EQ(verdict_of("Resize", {{"mode", "area"}}, {x, std::nullopt, x}),
            uint32_t{HY_REASON_ATTRIBUTE});
}

}  // namespace
}  // namespace halyard::cpu::testing
