// Operators that read images at odd places: pools of regions, grids, moved taps.
#include <algorithm>
#include <limits>

#include "tests/unit/cpu/random_values.hpp"

namespace halyard::cpu::testing {
namespace {

using Ints = std::vector<int64_t>;

std::string failure(const std::string& op, const Attributes& attributes,
                    const std::vector<std::optional<TestTensor>>& inputs) {
  const auto out = run_node(op, attributes, inputs);
  return out.ok() ? "it ran" : out.status().message();
}

#define EXPECT_SAYS(text, word) EXPECT_NE((text).find(word), std::string::npos) << (text)

template <class T>
class Vision : public ::testing::Test {};
using Types = ::testing::Types<float, double, F16, BF16>;
TYPED_TEST_SUITE(Vision, Types);

TYPED_TEST(Vision, LpPoolIsTheNormOfAWindow) {
  Random random(3);
  const TestTensor x = random.tensor_of<TypeParam>({2, 3, 6, 7});
  const std::vector<double> in = x.numbers();
  for (const int64_t p : {1, 2, 3}) {
    std::vector<double> expected;
    for (int64_t plane = 0; plane < 6; ++plane)
      for (int64_t y = 0; y < 3; ++y)
        for (int64_t z = 0; z < 5; ++z) {
          double sum = 0;
          for (int64_t a = 0; a < 2; ++a)
            for (int64_t b = 0; b < 3; ++b) {
              const int64_t i = 2 * y + 2 * a - 1, j = z + b;
              if (i >= 0 && i < 6 && j < 7)
                sum += std::pow(std::fabs(in[static_cast<size_t>((plane * 6 + i) * 7 + j)]), p);
            }
          expected.push_back(std::pow(sum, 1.0 / static_cast<double>(p)));
        }
    expect_near(run_one("LpPool",
                        {{"kernel_shape", Ints{2, 3}},
                         {"strides", Ints{2, 1}},
                         {"dilations", Ints{2, 1}},
                         {"pads", Ints{1, 0, 1, 0}},
                         {"p", p}},
                        {x}),
                {2, 3, 3, 5}, expected, kTolerance<TypeParam>);
  }
}

TYPED_TEST(Vision, GlobalLpPoolIsTheNormOfAPlane) {
  const auto x = tensor<TypeParam>({1, 2, 1, 2}, {3, -4, 0, 1});
  expect_near(run_one("GlobalLpPool", {}, {x}), {1, 2, 1, 1}, {5, 1}, kTolerance<TypeParam>);
  expect_near(run_one("GlobalLpPool", {{"p", int64_t{1}}}, {x}), {1, 2, 1, 1}, {7, 1},
              kTolerance<TypeParam>);
  expect_near(run_one("GlobalLpPool", {}, {tensor<TypeParam>({1, 2, 0}, {})}), {1, 2, 1}, {0, 0},
              0);
}

TYPED_TEST(Vision, MaxUnpoolUndoesMaxPool) {
  Random random(5);
  const TestTensor x = random.tensor_of<TypeParam>({2, 2, 4, 6}, 1, 9);
  RunOptions two;
  two.outputs = 2;
  const Attributes window{{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}};
  const auto pooled = run_node("MaxPool", window, {x}, two);
  ASSERT_TRUE(pooled.ok()) << pooled.status().message();
  std::vector<double> expected(static_cast<size_t>(x.count()));
  const auto at = (*pooled)[1].template values<int64_t>();
  const auto most = (*pooled)[0].numbers();
  for (size_t i = 0; i < at.size(); ++i) expected[static_cast<size_t>(at[i])] = most[i];
  expect_near(run_one("MaxUnpool", window, {(*pooled)[0], (*pooled)[1]}), {2, 2, 4, 6}, expected,
              0);
}

TEST(MaxUnpool, AGivenShapeHoldsTheSamePlaces) {
  const auto x = tensor<float>({1, 1, 2, 2}, {5, 6, 7, 8});
  const auto at = ints({1, 1, 2, 2}, {5, 7, 13, 15});
  const Attributes window{{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}};
  expect_near(run_one("MaxUnpool", window, {x, at, ints({4}, {1, 1, 5, 5})}), {1, 1, 5, 5},
              {0, 0, 0, 0, 0, 0, 5, 0, 6, 0, 0, 0, 0, 0, 0, 0, 7, 0, 8, 0, 0, 0, 0, 0, 0}, 0);
  EXPECT_SAYS(failure("MaxUnpool", window, {x, at, ints({4}, {1, 1, 3, 3})}),
              "outside of the output");
  EXPECT_SAYS(failure("MaxUnpool", window, {x, ints({1, 1, 2, 2}, {0, 1, 2, 16})}),
              "has 16 elements");
  EXPECT_SAYS(failure("MaxUnpool", window, {x, ints({1, 1, 2, 2}, {0, 1, 2, -1})}), "is -1");
}

TYPED_TEST(Vision, Determinants) {
  const auto x = tensor<TypeParam>({3, 2, 2}, {1, 2, 3, 4, 0, 1, 1, 0, 1, 2, 2, 4});
  expect_near(run_one("Det", {}, {x}), {3}, {-2, -1, 0}, kTolerance<TypeParam>);
  expect_near(run_one("Det", {}, {tensor<TypeParam>({3, 3}, {0, 2, 1, 1, 1, 0, 2, 0, 3})}), {},
              {-8}, kTolerance<TypeParam>);
  expect_near(run_one("Det", {}, {tensor<TypeParam>({2, 0, 0}, {})}), {2}, {1, 1}, 0);
}

TEST(Col2Im, SumsWhereBlocksOverlap) {
  // A block of 2x2 over 3x3 has 4 positions; ones everywhere count how often a pixel is covered.
  const auto ones = tensor<float>({1, 4, 4}, std::vector<double>(16, 1));
  expect_near(run_one("Col2Im", {}, {ones, ints({2}, {3, 3}), ints({2}, {2, 2})}), {1, 1, 3, 3},
              {1, 2, 1, 2, 4, 2, 1, 2, 1}, 0);
}

/// <col2im(x), image> = <x, im2col(image)> for random ones: the definition of the adjoint.
template <class T>
void check_col2im(uint32_t seed) {
  Random random(seed);
  const int64_t h = random.integer(5, 8), w = random.integer(5, 8), kh = random.integer(1, 3),
                kw = random.integer(1, 3), sh = random.integer(1, 2), sw = random.integer(1, 3),
                dh = random.integer(1, 2), dw = random.integer(1, 2), pt = random.integer(0, 2),
                pl = random.integer(0, 2), pb = random.integer(0, 2), pr = random.integer(0, 2);
  const int64_t oh = (h + pt + pb - dh * (kh - 1) - 1) / sh + 1,
                ow = (w + pl + pr - dw * (kw - 1) - 1) / sw + 1;
  const TestTensor x = random.tensor_of<T>({2, 3 * kh * kw, oh * ow}, -9, 9);
  const std::vector<double> from = x.numbers();
  std::vector<double> expected(static_cast<size_t>(2 * 3 * h * w));
  size_t at = 0;
  for (int64_t plane = 0; plane < 6; ++plane)
    for (int64_t a = 0; a < kh; ++a)
      for (int64_t b = 0; b < kw; ++b)
        for (int64_t i = 0; i < oh; ++i)
          for (int64_t j = 0; j < ow; ++j) {
            const int64_t y = i * sh + a * dh - pt, z = j * sw + b * dw - pl;
            const double v = from[at++];
            if (y >= 0 && y < h && z >= 0 && z < w)
              expected[static_cast<size_t>((plane * h + y) * w + z)] += v;
          }
  expect_near(
      run_one(
          "Col2Im",
          {{"strides", Ints{sh, sw}}, {"dilations", Ints{dh, dw}}, {"pads", Ints{pt, pl, pb, pr}}},
          {x, ints({2}, {h, w}), ints({2}, {kh, kw})}),
      {2, 3, h, w}, expected, std::is_integral_v<T> ? 0 : 8 * kTolerance<T>);
}

TEST(Col2Im, StridesDilationsAndPads) {
  for (uint32_t seed = 0; seed < 12; ++seed) {
    SCOPED_TRACE(seed);
    check_col2im<float>(seed);
    check_col2im<int32_t>(seed);
    check_col2im<double>(seed);
  }
}

TEST(Col2Im, WhatDoesNotFitIsSaid) {
  const auto x = tensor<float>({1, 4, 4}, std::vector<double>(16, 1));
  EXPECT_SAYS(failure("Col2Im", {}, {x, ints({2}, {3, 4}), ints({2}, {2, 2})}), "[N, C * 4, 6]");
  EXPECT_SAYS(failure("Col2Im", {}, {x, ints({2}, {1, 1}), ints({2}, {2, 2})}), "does not fit");
  EXPECT_SAYS(failure("Col2Im", {},
                      {x, ints({2}, {int64_t{1} << 40, int64_t{1} << 40}), ints({2}, {2, 2})}),
              "too many elements");
}

TYPED_TEST(Vision, AnIdentityGridGivesTheImage) {
  Random random(7);
  for (const Ints& spatial : {Ints{5}, Ints{3, 4}, Ints{2, 3, 4}}) {
    Ints dims{2, 2};
    dims.insert(dims.end(), spatial.begin(), spatial.end());
    const TestTensor x = random.tensor_of<TypeParam>(dims);
    for (const int64_t align : {0, 1})
      for (const char* mode : {"nearest", "linear", "cubic"}) {
        Ints grid_dims{2};
        grid_dims.insert(grid_dims.end(), spatial.begin(), spatial.end());
        grid_dims.push_back(static_cast<int64_t>(spatial.size()));
        std::vector<double> grid;
        for (int64_t p = 0; p < 2 * x.count() / 4; ++p) {
          int64_t rest = p % (x.count() / 4);
          std::vector<double> at(spatial.size());
          for (size_t i = spatial.size(); i-- > 0; rest /= spatial[i]) {
            const auto k = static_cast<double>(rest % spatial[i]),
                       n = static_cast<double>(spatial[i]);
            at[i] = align != 0 ? 2 * k / (n - 1) - 1 : (2 * k + 1) / n - 1;
          }
          grid.insert(grid.end(), at.rbegin(), at.rend());
        }
        expect_near(run_one("GridSample", {{"align_corners", align}, {"mode", std::string(mode)}},
                            {x, tensor<double>(grid_dims, grid)}),
                    dims, x.numbers(), kTolerance<TypeParam>);
      }
  }
}

std::vector<double> sampled(const char* mode, const char* padding, int64_t align,
                            const std::vector<double>& places) {
  const auto x = tensor<double>({1, 1, 4}, {1, 2, 4, 8});
  return run_one("GridSample",
                 {{"align_corners", align},
                  {"mode", std::string(mode)},
                  {"padding_mode", std::string(padding)}},
                 {x, tensor<double>({1, static_cast<int64_t>(places.size()), 1}, places)})
      .numbers();
}

TEST(GridSample, PaddingModes) {
  // With corners aligned, -1 is element 0 and 1 is element 3: elements -0.75, 3.75, -3, 6.
  const std::vector<double> outside{-1.5, 1.5, -3, 3};
  using Values = std::vector<double>;
  EXPECT_EQ(sampled("linear", "zeros", 1, outside), (Values{0.25, 2, 0, 0}));
  EXPECT_EQ(sampled("linear", "border", 1, outside), (Values{1, 8, 1, 8}));
  EXPECT_EQ(sampled("linear", "reflection", 1, outside), (Values{1.75, 5, 8, 1}));
  EXPECT_EQ(sampled("nearest", "zeros", 1, outside), (Values{0, 0, 0, 0}));
  EXPECT_EQ(sampled("nearest", "reflection", 1, outside), (Values{2, 4, 8, 1}));
  // Edges, not corners: -1 is half an element before the first one.
  EXPECT_EQ(sampled("linear", "zeros", 0, {-1, 0, 1}), (Values{0.5, 3, 4}));
  EXPECT_EQ(sampled("linear", "reflection", 0, {-1.25, 1.25}), (Values{1, 8}));
  EXPECT_EQ(sampled("cubic", "border", 1, {-9, 9}), (Values{1, 8}));
  EXPECT_NEAR(sampled("cubic", "zeros", 1, {0})[0], -0.09375 * 9 + 0.59375 * 6, 1e-12);
  for (const double bad : {HUGE_VAL, -HUGE_VAL, std::nan("")}) {
    EXPECT_EQ(sampled("linear", "zeros", 1, {bad})[0], 0);
    EXPECT_FALSE(std::isnan(sampled("cubic", "reflection", 0, {bad})[0]));
  }
}

TEST(GridSample, OtherTypesAndWhatDoesNotFit) {
  const auto grid = tensor<float>({1, 2, 1}, {-1, 1});
  const Attributes nearest{{"mode", std::string("nearest")}, {"align_corners", int64_t{1}}};
  EXPECT_EQ(
      run_one("GridSample", nearest, {tensor<uint8_t>({1, 1, 3}, {7, 8, 255}), grid}).numbers(),
      (std::vector<double>{7, 255}));
  EXPECT_EQ(
      run_one("GridSample", nearest, {tensor<int64_t>({1, 1, 3}, {-7, 8, 9}), grid}).numbers(),
      (std::vector<double>{-7, 9}));
  EXPECT_SAYS(failure("GridSample", {}, {tensor<float>({2, 1, 3}, {1, 2, 3, 4, 5, 6}), grid}),
              "grid");
  EXPECT_EQ(verdict_of("GridSample", {{"mode", std::string("round")}},
                       {tensor<float>({1, 1, 3}, {1, 2, 3}), grid}),
            uint32_t{HY_REASON_ATTRIBUTE});
}

TYPED_TEST(Vision, AnAffineGrid) {
  const auto theta = tensor<TypeParam>({1, 2, 3}, {1, 0, 0.5, 0, 2, 0});
  const auto size = ints({4}, {1, 1, 2, 3});
  expect_near(run_one("AffineGrid", {{"align_corners", int64_t{1}}}, {theta, size}), {1, 2, 3, 2},
              {-0.5, -2, 0.5, -2, 1.5, -2, -0.5, 2, 0.5, 2, 1.5, 2}, kTolerance<TypeParam>);
  const double third = 2.0 / 3;
  expect_near(run_one("AffineGrid", {}, {theta, size}), {1, 2, 3, 2},
              {0.5 - third, -1, 0.5, -1, 0.5 + third, -1, 0.5 - third, 1, 0.5, 1, 0.5 + third, 1},
              kTolerance<TypeParam>);
  // Swaps x and z of a volume; a length of 1 lies in the middle.
  expect_near(run_one("AffineGrid", {{"align_corners", int64_t{1}}},
                      {tensor<TypeParam>({1, 3, 4}, {0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 0}),
                       ints({5}, {1, 9, 2, 1, 2})}),
              {1, 2, 1, 2, 3}, {-1, 0, -1, -1, 0, 1, 1, 0, -1, 1, 0, 1}, 0);
}

/// A plane on which the value is 2 row + 3 column: interpolation is exact on it.
template <class T>
TestTensor ramp(int64_t height, int64_t width) {
  std::vector<double> values;
  for (int64_t y = 0; y < height; ++y)
    for (int64_t x = 0; x < width; ++x) values.push_back(static_cast<double>(2 * y + 3 * x));
  return tensor<T>({1, 1, height, width}, values);
}

TYPED_TEST(Vision, RoiAlignAveragesEachBin) {
  const auto x = ramp<TypeParam>(8, 8);
  const auto rois = tensor<TypeParam>({2, 4}, {2, 2, 10, 6, 4, 4, 8, 8});
  const Attributes common{{"output_height", int64_t{2}},
                          {"output_width", int64_t{2}},
                          {"sampling_ratio", int64_t{2}},
                          {"spatial_scale", 0.5}};
  // The middle of a bin is where the ramp has its average: rows 1 + 1 and 1 + 3 quarters of 2, ...
  const auto at = [](double row, double column) { return 2 * row + 3 * column; };
  Attributes whole = common;
  whole.emplace_back("coordinate_transformation_mode", std::string("output_half_pixel"));
  expect_near(run_one("RoiAlign", whole, {x, rois, ints({2}, {0, 0})}), {2, 1, 2, 2},
              {at(1.5, 2), at(1.5, 4), at(2.5, 2), at(2.5, 4), at(2.5, 2.5), at(2.5, 3.5),
               at(3.5, 2.5), at(3.5, 3.5)},
              kTolerance<TypeParam>);
  expect_near(
      run_one("RoiAlign", common, {x, rois, ints({2}, {0, 0})}), {2, 1, 2, 2},
      {at(1, 1.5), at(1, 3.5), at(2, 1.5), at(2, 3.5), at(2, 2), at(2, 3), at(3, 2), at(3, 3)},
      kTolerance<TypeParam>);
}

TEST(RoiAlign, OutsideIsZeroAndBadRegionsAreSaid) {
  const auto x = ramp<float>(4, 4);
  const auto one = ints({1}, {0});
  expect_near(run_one("RoiAlign", {}, {x, tensor<float>({1, 4}, {20, 20, 22, 22}), one}),
              {1, 1, 1, 1}, {0}, 0);
  expect_near(run_one("RoiAlign", {{"mode", std::string("max")}},
                      {x, tensor<float>({1, 4}, {20, 20, 22, 22}), one}),
              {1, 1, 1, 1}, {0}, 0);
  EXPECT_SAYS(failure("RoiAlign", {}, {x, tensor<float>({1, 4}, {0, 0, 1, 1}), ints({1}, {1})}),
              "the batch has 1 images");
  EXPECT_SAYS(failure("RoiAlign", {}, {x, tensor<float>({1, 4}, {0, 0, 9e5, 9e5}), one}),
              "sampling_ratio");
  EXPECT_SAYS(failure("RoiAlign", {}, {x, tensor<float>({1, 4}, {0, 0, 1e30, 1}), one}),
              "beyond any image");
  EXPECT_SAYS(failure("RoiAlign", {}, {x, tensor<double>({1, 4}, {0, 0, 1, 1}), one}), "");
}

TYPED_TEST(Vision, MaxRoiPoolTakesTheLargestOfEachBin) {
  const auto x = ramp<TypeParam>(6, 6);
  // Corners are inclusive: rows 1..4 and columns 0..5, in bins of 2x3 elements.
  const auto rois = tensor<TypeParam>({2, 5}, {0, 0, 1, 5, 4, 0, 20, 20, 21, 21});
  expect_near(run_one("MaxRoiPool", {{"pooled_shape", Ints{2, 2}}}, {x, rois}), {2, 1, 2, 2},
              {2 * 2 + 3 * 2, 2 * 2 + 3 * 5, 2 * 4 + 3 * 2, 2 * 4 + 3 * 5, 0, 0, 0, 0}, 0);
  EXPECT_SAYS(failure("MaxRoiPool", {{"pooled_shape", Ints{2, 2}}},
                      {x, tensor<TypeParam>({1, 5}, {1, 0, 0, 1, 1})}),
              "the batch has 1");
}

TYPED_TEST(Vision, DeformConvWithoutOffsetsIsConv) {
  Random random(11);
  for (const Ints& kernel : {Ints{3}, Ints{2, 3}, Ints{1, 2, 2}}) {
    const auto axes = static_cast<int64_t>(kernel.size());
    Ints x_dims{2, 4}, w_dims{6, 2};
    for (const int64_t k : kernel) {
      x_dims.push_back(5);
      w_dims.push_back(k);
    }
    const Attributes window{{"group", int64_t{2}},
                            {"strides", Ints(kernel.size(), 2)},
                            {"pads", Ints(2 * kernel.size(), 1)}};
    const TestTensor x = random.tensor_of<TypeParam>(x_dims),
                     w = random.tensor_of<TypeParam>(w_dims), b = random.tensor_of<TypeParam>({6});
    const TestTensor expected = run_one("Conv", window, {x, w, b});
    int64_t area = 1;
    for (const int64_t k : kernel) area *= k;
    Ints offsets = expected.dims, mask = expected.dims;
    offsets[1] = 2 * area * axes;
    mask[1] = 2 * area;
    const auto filled = [](const Ints& dims, double v) {
      TestTensor t{HY_DTYPE_UNDEFINED, dims, {}, false};
      return tensor<TypeParam>(dims, std::vector<double>(static_cast<size_t>(t.count()), v));
    };
    Attributes moved = window;
    moved.emplace_back("offset_group", int64_t{2});
    expect_near(run_one("DeformConv", moved, {x, w, filled(offsets, 0), b, filled(mask, 1)}),
                expected.dims, expected.numbers(), 4 * kTolerance<TypeParam>);
    expect_near(run_one("DeformConv", moved, {x, w, filled(offsets, 0), b}), expected.dims,
                expected.numbers(), 4 * kTolerance<TypeParam>);
    const TestTensor none =
        run_one("DeformConv", moved, {x, w, filled(offsets, 0), b, filled(mask, 0)});
    const auto bias = b.numbers(), got = none.numbers();
    const size_t plane = got.size() / 12;
    for (size_t i = 0; i < got.size(); ++i) ASSERT_EQ(got[i], bias[i / plane % 6]);
  }
}

TYPED_TEST(Vision, DeformConvReadsBetweenElements) {
  const auto x = ramp<TypeParam>(5, 5);
  // One tap, moved by (0.5, 1) in the image and beyond its edge in the last column.
  std::vector<double> offsets(50, 0.5);
  std::fill(offsets.begin() + 25, offsets.end(), 1);
  std::vector<double> expected;
  for (int row = 0; row < 5; ++row)
    for (int column = 0; column < 5; ++column) {
      const double down =
          row == 4 ? 0.5 * (2 * 4 + 3 * (column + 1)) : 2 * (row + 0.5) + 3 * (column + 1);
      expected.push_back(column == 4 ? 0 : down);
    }
  expect_near(
      run_one("DeformConv", {},
              {x, tensor<TypeParam>({1, 1, 1, 1}, {1}), tensor<TypeParam>({1, 2, 5, 5}, offsets)}),
      {1, 1, 5, 5}, expected, kTolerance<TypeParam>);
}

TEST(DeformConv, FieldsOfOtherDimsAreSaid) {
  const auto x = ramp<float>(3, 3), w = tensor<float>({1, 1, 1, 1}, {1});
  EXPECT_SAYS(
      failure("DeformConv", {}, {x, w, tensor<float>({1, 1, 3, 3}, std::vector<double>(9))}),
      "[1,2,3,3] are wanted");
  EXPECT_SAYS(failure("DeformConv", {},
                      {x, w, tensor<float>({1, 2, 3, 3}, std::vector<double>(18)), std::nullopt,
                       tensor<float>({1, 2, 3, 3}, std::vector<double>(18))}),
              "\"mask\"");
}

}  // namespace
}  // namespace halyard::cpu::testing
