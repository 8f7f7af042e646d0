// TopK, Unique, NonMaxSuppression, Hardmax.
#include <limits>

#include "tests/unit/cpu/random_values.hpp"

namespace halyard::cpu::testing {
namespace {

std::vector<TestTensor> outputs(const std::string& op, const Attributes& attributes,
                                const std::vector<std::optional<TestTensor>>& inputs,
                                uint32_t count) {
  RunOptions options;
  options.outputs = count;
  auto out = run_node(op, attributes, inputs, options);
  EXPECT_TRUE(out.ok()) << out.status().message();
  return out.ok() ? *out : std::vector<TestTensor>(count);
}

TEST(TopK, FirstOfEqualOnesComesFirst) {
  const auto x = tensor<float>({2, 4}, {3, 1, 3, 2, 5, 6, 4, 6});
  auto y = outputs("TopK", {}, {x, ints({1}, {3})}, 2);
  expect_near(y[0], {2, 3}, {3, 3, 2, 6, 6, 5}, 0);
  expect_near(y[1], {2, 3}, {0, 2, 3, 1, 3, 0}, 0);
  y = outputs("TopK", {{"largest", int64_t{0}}, {"axis", int64_t{0}}}, {x, ints({1}, {1})}, 2);
  expect_near(y[0], {1, 4}, {3, 1, 3, 2}, 0);
  expect_near(y[1], {1, 4}, {0, 0, 0, 0}, 0);
}

TEST(TopK, TypesNaNAndNothing) {
  const double nan = std::nan("");
  auto y = outputs("TopK", {}, {tensor<F16>({3}, {1, nan, 2}), ints({1}, {2})}, 2);
  expect_near(y[0], {2}, {nan, 2}, 0);
  y = outputs("TopK", {}, {ints({2}, {INT64_MAX, INT64_MAX - 1}), ints({1}, {1})}, 2);
  EXPECT_EQ(y[0].values<int64_t>(), std::vector<int64_t>{INT64_MAX});
  y = outputs("TopK", {}, {tensor<float>({3, 2}, {1, 2, 3, 4, 5, 6}), ints({1}, {0})}, 2);
  EXPECT_EQ(y[0].dims, (std::vector<int64_t>{3, 0}));
  EXPECT_FALSE(run_node("TopK", {}, {tensor<float>({2}, {1, 2}), ints({1}, {3})}).ok());
}

TEST(Unique, FlatSortedAndNot) {
  const auto x = tensor<int32_t>({6}, {2, 1, 1, 3, 4, 3});
  auto y = outputs("Unique", {}, {x}, 4);
  expect_near(y[0], {4}, {1, 2, 3, 4}, 0);
  expect_near(y[1], {4}, {1, 0, 3, 4}, 0);
  expect_near(y[2], {6}, {1, 0, 0, 2, 3, 2}, 0);
  expect_near(y[3], {4}, {2, 1, 2, 1}, 0);
  y = outputs("Unique", {{"sorted", int64_t{0}}}, {x}, 4);
  expect_near(y[0], {4}, {2, 1, 3, 4}, 0);
  expect_near(y[2], {6}, {0, 1, 1, 2, 3, 2}, 0);
}

TEST(Unique, SlicesAndStrings) {
  const auto x = tensor<float>({3, 2}, {1, 0, 0, 1, 1, 0});
  auto y = outputs("Unique", {{"axis", int64_t{0}}}, {x}, 4);
  expect_near(y[0], {2, 2}, {0, 1, 1, 0}, 0);
  expect_near(y[3], {2}, {1, 2}, 0);
  y = outputs("Unique", {{"axis", int64_t{-1}}}, {x}, 4);
  EXPECT_EQ(y[0].dims, (std::vector<int64_t>{3, 2}));
  y = outputs("Unique", {}, {strings({3}, {"b", "a", "b"})}, 4);
  EXPECT_EQ(y[0].texts(), (std::vector<std::string>{"a", "b"}));
}

TEST(NonMaxSuppression, KeepsTheBestOfWhatOverlaps) {
  const auto boxes = tensor<float>({1, 6, 4}, {0, 0,  1, 1,  0, 0.1,  1, 1.1,  0, -0.1, 1, 0.9,
                                               0, 10, 1, 11, 0, 10.1, 1, 11.1, 0, 100,  1, 101});
  const auto scores = tensor<float>({1, 1, 6}, {0.9, 0.75, 0.6, 0.95, 0.5, 0.3});
  const auto half = tensor<float>({1}, {0.5});
  expect_near(run_one("NonMaxSuppression", {},
                      {boxes, scores, ints({1}, {3}), half, tensor<float>({1}, {0})}),
              {3, 3}, {0, 0, 3, 0, 0, 0, 0, 0, 5}, 0);
  expect_near(run_one("NonMaxSuppression", {},
                      {boxes, scores, ints({1}, {3}), half, tensor<float>({1}, {0.4})}),
              {2, 3}, {0, 0, 3, 0, 0, 0}, 0);
  EXPECT_EQ(run_one("NonMaxSuppression", {}, {boxes, scores}).dims, (std::vector<int64_t>{0, 3}));
}

TEST(Hardmax, MarksTheFirstOfTheGreatest) {
  const auto x = tensor<float>({2, 3}, {1, 3, 3, 2, 0, 1});
  expect_near(run_one("Hardmax", {}, {x}), {2, 3}, {0, 1, 0, 1, 0, 0}, 0);
  expect_near(run_one("Hardmax", {{"axis", int64_t{0}}}, {x}), {2, 3}, {0, 1, 1, 1, 0, 0}, 0);
}

}  // namespace
}  // namespace halyard::cpu::testing
