#include <limits>

#include "tests/unit/cpu/random_values.hpp"

namespace halyard::cpu::testing {
namespace {

std::vector<double> softmax(const std::vector<double>& x, size_t n, size_t inner, bool logs) {
  std::vector<double> out(x.size());
  for (size_t i = 0; i < x.size(); ++i) {
    const size_t first = i / (n * inner) * (n * inner) + i % inner;
    double max = x[first], sum = 0;
    for (size_t k = 0; k < n; ++k) max = std::max(max, x[first + k * inner]);
    for (size_t k = 0; k < n; ++k) sum += std::exp(x[first + k * inner] - max);
    out[i] = logs ? x[i] - max - std::log(sum) : std::exp(x[i] - max) / sum;
  }
  return out;
}

template <class T>
void check(uint32_t seed) {
  Random random(seed);
  SCOPED_TRACE("seed " + std::to_string(seed));
  const std::vector<int64_t> dims{3, 5, 4, 33};
  const TestTensor x = random.tensor_of<T>(dims, -20, 20);
  for (int64_t axis : {-1, 0, 1, -2}) {
    const auto at = static_cast<size_t>(axis < 0 ? axis + 4 : axis);
    size_t inner = 1;
    for (size_t i = at + 1; i < 4; ++i) inner *= static_cast<size_t>(dims[i]);
    const auto n = static_cast<size_t>(dims[at]);
    expect_near(run_one("Softmax", {{"axis", axis}}, {x}), dims,
                softmax(x.numbers(), n, inner, false), kTolerance<T> / 4);
    expect_near(run_one("LogSoftmax", {{"axis", axis}}, {x}), dims,
                softmax(x.numbers(), n, inner, true), kTolerance<T> / 4);
  }
}

TEST(Softmax, AgreesWithItsDefinition) {
  check<float>(601);
  check<double>(602);
  check<F16>(603);
  check<BF16>(604);
}

TEST(Softmax, StaysFinite) {
  const double inf = std::numeric_limits<double>::infinity();
  expect_near(run_one("Softmax", {}, {tensor<float>({2, 3}, {1e38, 1e38, -1e38, 0, -inf, 0})}),
              {2, 3}, {0.5, 0.5, 0, 0.5, 0, 0.5}, 1e-6);
}

TEST(Softmax, OfAScalarOrNothing) {
  expect_near(run_one("Softmax", {}, {tensor<float>({}, {7})}), {}, {1}, 0);
  expect_near(run_one("Softmax", {}, {tensor<float>({0, 3}, {})}), {0, 3}, {}, 0);
}

TEST(Softmax, SumsLongRowsWell) {
  const std::vector<double> zeros(1000003, 0.0);
  const TestTensor y = run_one("Softmax", {}, {tensor<float>({1, 1000003}, zeros)});
  EXPECT_NEAR(y.numbers()[500000] * 1000003, 1, 1e-6);
}

TEST(Softmax, VerdictNamesABadAxis) {
  const TestTensor x = tensor<float>({2}, {1, 2});
  EXPECT_EQ(verdict_of("Softmax", {{"axis", int64_t{1}}}, {x}), uint32_t{HY_REASON_ATTRIBUTE});
  EXPECT_EQ(verdict_of("Softmax", {{"axis", int64_t{0}}}, {x}), uint32_t{HY_REASON_NONE});
}

}  // namespace
}  // namespace halyard::cpu::testing
