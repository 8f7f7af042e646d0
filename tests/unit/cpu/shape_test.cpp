// Shape Size Reshape Flatten Squeeze Unsqueeze Identity ConstantOfShape Range NonZero.
#include <limits>

#include "tests/unit/cpu/random_values.hpp"

namespace halyard::cpu::testing {
namespace {

using Shape = std::vector<int64_t>;
const TestTensor kX = tensor<float>({2, 1, 3}, {1, 2, 3, 4, 5, 6});
const std::vector<double> kValues{1, 2, 3, 4, 5, 6};

TEST(Shape, StartAndEndAreCutToTheRank) {
  const auto shape = [](Attributes a) { return run_one("Shape", a, {kX}).numbers(); };
  EXPECT_EQ(shape({}), (std::vector<double>{2, 1, 3}));
  EXPECT_EQ(shape({{"start", int64_t{1}}}), (std::vector<double>{1, 3}));
  EXPECT_EQ(shape({{"start", int64_t{-2}}, {"end", int64_t{-1}}}), (std::vector<double>{1}));
  EXPECT_EQ(shape({{"start", int64_t{-9}}, {"end", int64_t{9}}}), (std::vector<double>{2, 1, 3}));
  EXPECT_EQ(shape({{"start", int64_t{2}}, {"end", int64_t{1}}}), (std::vector<double>{}));
  expect_near(run_one("Shape", {}, {strings({}, {"x"})}), {0}, {}, 0);
}

TEST(Size, CountsElements) {
  expect_near(run_one("Size", {}, {kX}), {}, {6}, 0);
  expect_near(run_one("Size", {}, {tensor<float>({4, 0}, {})}), {}, {0}, 0);
}

TEST(Reshape, ZerosAndOpenDims) {
  const auto reshape = [](const TestTensor& x, const Shape& s, int64_t allow_zero = 0) {
    return run_node("Reshape", {{"allowzero", allow_zero}},
                    {x, ints({static_cast<int64_t>(s.size())}, s)});
  };
  expect_near((*reshape(kX, {3, 2}))[0], {3, 2}, kValues, 0);
  expect_near((*reshape(kX, {-1}))[0], {6}, kValues, 0);
  expect_near((*reshape(kX, {0, -1}))[0], {2, 3}, kValues, 0);
  expect_near((*reshape(tensor<float>({0, 3}, {}), {3, 0}, 1))[0], {3, 0}, {}, 0);
  expect_near((*reshape(tensor<float>({1}, {7}), {}))[0], {}, {7}, 0);
  EXPECT_FALSE(reshape(kX, {4, -1}).ok());
  EXPECT_FALSE(reshape(kX, {-1, -1}).ok());
  EXPECT_FALSE(reshape(kX, {-2, 3}).ok());
  EXPECT_FALSE(reshape(kX, {1, 1, 1, 0}).ok());
  EXPECT_FALSE(reshape(kX, {7}).ok());
  EXPECT_FALSE(reshape(kX, {int64_t{1} << 40, int64_t{1} << 40}).ok());
  EXPECT_EQ(run_one("Reshape", {}, {strings({2}, {"a", "b"}), ints({2}, {2, 1})}).texts(),
            (std::vector<std::string>{"a", "b"}));
}

TEST(Flatten, EveryAxis) {
  expect_near(run_one("Flatten", {}, {kX}), {2, 3}, kValues, 0);
  expect_near(run_one("Flatten", {{"axis", int64_t{0}}}, {kX}), {1, 6}, kValues, 0);
  expect_near(run_one("Flatten", {{"axis", int64_t{3}}}, {kX}), {6, 1}, kValues, 0);
  expect_near(run_one("Flatten", {{"axis", int64_t{-1}}}, {kX}), {2, 3}, kValues, 0);
  expect_near(run_one("Flatten", {{"axis", int64_t{0}}}, {tensor<float>({}, {4})}), {1, 1}, {4}, 0);
  EXPECT_FALSE(run_node("Flatten", {{"axis", int64_t{4}}}, {kX}).ok());
}

TEST(Squeeze, NamedOrAll) {
  expect_near(run_one("Squeeze", {}, {kX}), {2, 3}, kValues, 0);
  expect_near(run_one("Squeeze", {}, {kX, ints({1}, {-2})}), {2, 3}, kValues, 0);
  expect_near(run_one("Squeeze", {}, {kX, ints({0}, {})}), {2, 1, 3}, kValues, 0);
  EXPECT_FALSE(run_node("Squeeze", {}, {kX, ints({1}, {0})}).ok());
  EXPECT_FALSE(run_node("Squeeze", {}, {kX, ints({1}, {3})}).ok());
}

TEST(Unsqueeze, CountsInTheResult) {
  expect_near(run_one("Unsqueeze", {}, {kX, ints({2}, {0, -1})}), {1, 2, 1, 3, 1}, kValues, 0);
  expect_near(run_one("Unsqueeze", {}, {tensor<float>({}, {2}), ints({}, {0})}), {1}, {2}, 0);
  EXPECT_FALSE(run_node("Unsqueeze", {}, {kX, ints({2}, {0, 0})}).ok());
  EXPECT_FALSE(run_node("Unsqueeze", {}, {kX, ints({1}, {4})}).ok());
}

TEST(Identity, OfAnything) {
  expect_near(run_one("Identity", {}, {kX}), {2, 1, 3}, kValues, 0);
  EXPECT_EQ(run_one("Identity", {}, {strings({1}, {"text"})}).texts(),
            (std::vector<std::string>{"text"}));
}

TEST(ConstantOfShape, FillsAndRefuses) {
  RunOptions options;
  options.attribute_tensor = tensor<int32_t>({1}, {7});
  options.attribute_tensor_name = "value";
  expect_near(run_one("ConstantOfShape", {}, {ints({2}, {2, 3})}, options), {2, 3},
              {7, 7, 7, 7, 7, 7}, 0);
  expect_near(run_one("ConstantOfShape", {}, {ints({0}, {})}, options), {}, {7}, 0);
  expect_near(run_one("ConstantOfShape", {}, {ints({1}, {0})}, options), {0}, {}, 0);
  EXPECT_FALSE(run_node("ConstantOfShape", {}, {ints({1}, {-1})}, options).ok());
  EXPECT_FALSE(run_node("ConstantOfShape", {}, {ints({2}, {int64_t{1} << 62, 4})}, options).ok());
}

TEST(Range, UpDownAndNothing) {
  const auto f = [](double v) { return tensor<float>({}, {v}); };
  expect_near(run_one("Range", {}, {f(1), f(2), f(0.25)}), {4}, {1, 1.25, 1.5, 1.75}, 0);
  expect_near(run_one("Range", {}, {f(1), f(2), f(0.3)}), {4},
              {1, 1 + static_cast<double>(0.3f), 1.6, 1.9}, 1e-6);
  expect_near(run_one("Range", {}, {f(2), f(1), f(1)}), {0}, {}, 0);
  expect_near(run_one("Range", {}, {ints({}, {10}), ints({}, {4}), ints({}, {-2})}), {3},
              {10, 8, 6}, 0);
  expect_near(
      run_one("Range", {}, {ints({}, {INT64_MIN}), ints({}, {INT64_MAX}), ints({}, {INT64_MAX})}),
      {3}, {-0x1p63, -1, 0x1p63}, 0);
  expect_near(
      run_one("Range", {}, {tensor<F16>({}, {0}), tensor<F16>({}, {3}), tensor<F16>({}, {1})}), {3},
      {0, 1, 2}, 0);
  expect_near(
      run_one("Range", {},
              {tensor<int16_t>({}, {5}), tensor<int16_t>({}, {8}), tensor<int16_t>({}, {2})}),
      {2}, {5, 7}, 0);
  EXPECT_FALSE(run_node("Range", {}, {f(1), f(2), f(0)}).ok());
  EXPECT_FALSE(run_node("Range", {}, {f(1), f(std::nan("")), f(1)}).ok());
  EXPECT_FALSE(run_node("Range", {}, {f(0), f(3e38), f(1e-30)}).ok());
  EXPECT_FALSE(run_node("Range", {}, {ints({}, {0}), ints({}, {INT64_MAX}), ints({}, {1})}).ok());
}

TEST(NonZero, PositionsInOrder) {
  expect_near(run_one("NonZero", {}, {tensor<float>({2, 3}, {0, 1, 0, -0.0, std::nan(""), 2})}),
              {2, 3}, {0, 1, 1, 1, 1, 2}, 0);
  expect_near(run_one("NonZero", {}, {tensor<bool>({3}, {1, 0, 1})}), {1, 2}, {0, 2}, 0);
  expect_near(run_one("NonZero", {}, {tensor<int8_t>({}, {5})}), {0, 1}, {}, 0);
  expect_near(run_one("NonZero", {}, {tensor<F16>({2, 0}, {})}), {2, 0}, {}, 0);
}

}  // namespace
}  // namespace halyard::cpu::testing
