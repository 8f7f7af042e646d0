#include "tests/unit/cpu/random_values.hpp"

namespace halyard::cpu::testing {
namespace {

/// Mean and 1 / sqrt(variance + epsilon) of n numbers.
std::pair<double, double> statistics(const double* x, size_t n, double epsilon) {
  double mean = 0, variance = 0;
  for (size_t i = 0; i < n; ++i) mean += x[i] / static_cast<double>(n);
  for (size_t i = 0; i < n; ++i) variance += (x[i] - mean) * (x[i] - mean) / static_cast<double>(n);
  return {mean, 1 / std::sqrt(variance + epsilon)};
}

template <class T>
void check_batch(uint32_t seed) {
  Random random(seed);
  SCOPED_TRACE("seed " + std::to_string(seed));
  const TestTensor x = random.tensor_of<T>({2, 3, 5, 4}), scale = random.tensor_of<T>({3});
  const TestTensor bias = random.tensor_of<T>({3}), mean = random.tensor_of<T>({3});
  const TestTensor variance = random.tensor_of<T>({3}, 0.5, 2);
  std::vector<double> e = x.numbers();
  for (size_t i = 0; i < e.size(); ++i) {
    const size_t c = i / 20 % 3;
    e[i] =
        (e[i] - mean.numbers()[c]) / std::sqrt(variance.numbers()[c] + 1e-3) * scale.numbers()[c] +
        bias.numbers()[c];
  }
  expect_near(run_one("BatchNormalization", {{"epsilon", 1e-3}}, {x, scale, bias, mean, variance}),
              x.dims, e, kTolerance<T>);
}

TEST(BatchNormalization, AgreesWithItsDefinition) {
  check_batch<float>(501);
  check_batch<double>(502);
  check_batch<F16>(503);
  check_batch<BF16>(504);
}

TEST(BatchNormalization, TakesParametersOfAnotherType) {
  const TestTensor x = tensor<F16>({1, 2}, {3, 4}), ones = tensor<float>({2}, {1, 1}),
                   zeros = tensor<float>({2}, {0, 0});
  const TestTensor variance = tensor<double>({2}, {4, 0.25}), mean = tensor<double>({2}, {1, 3});
  expect_near(run_one("BatchNormalization", {{"epsilon", 0.0}}, {x, ones, zeros, mean, variance}),
              {1, 2}, {1, 2}, 0);
}

template <class T>
void check_instance(uint32_t seed) {
  Random random(seed);
  SCOPED_TRACE("seed " + std::to_string(seed));
  const TestTensor x = random.tensor_of<T>({2, 3, 5, 4}), scale = random.tensor_of<T>({3}),
                   bias = random.tensor_of<T>({3});
  std::vector<double> e = x.numbers();
  const std::vector<double> in = e;
  for (size_t i = 0; i < e.size(); ++i) {
    const auto [mean, inverse] = statistics(in.data() + i / 20 * 20, 20, 1e-5);
    e[i] = (e[i] - mean) * inverse * scale.numbers()[i / 20 % 3] + bias.numbers()[i / 20 % 3];
  }
  expect_near(run_one("InstanceNormalization", {}, {x, scale, bias}), x.dims, e, 4 * kTolerance<T>);
}

TEST(InstanceNormalization, AgreesWithItsDefinition) {
  check_instance<float>(511);
  check_instance<double>(512);
  check_instance<F16>(513);
}

template <class T>
void check_layer(uint32_t seed, int64_t axis, bool with_bias) {
  Random random(seed);
  SCOPED_TRACE("seed " + std::to_string(seed) + ", axis " + std::to_string(axis));
  const std::vector<int64_t> dims{2, 3, 5, 7};
  const auto first = static_cast<size_t>(axis < 0 ? axis + 4 : axis);
  size_t n = 1;
  for (size_t i = first; i < 4; ++i) n *= static_cast<size_t>(dims[i]);
  const std::vector<int64_t> row(dims.begin() + static_cast<int64_t>(first), dims.end());
  const TestTensor x = random.tensor_of<T>(dims), scale = random.tensor_of<T>(row),
                   bias = random.tensor_of<T>(row);
  std::vector<double> e = x.numbers(), means, inverses;
  const std::vector<double> in = e;
  for (size_t i = 0; i < e.size(); ++i) {
    const auto [mean, inverse] = statistics(in.data() + i / n * n, n, 1e-5);
    if (i % n == 0) means.push_back(mean), inverses.push_back(inverse);
    e[i] =
        (e[i] - mean) * inverse * scale.numbers()[i % n] + (with_bias ? bias.numbers()[i % n] : 0);
  }
  RunOptions options;
  options.outputs = 3;
  const std::optional<TestTensor> b = with_bias ? std::optional(bias) : std::nullopt;
  const auto out = run_node("LayerNormalization", {{"axis", axis}}, {x, scale, b}, options);
  ASSERT_TRUE(out.ok()) << out.status().message();
  std::vector<int64_t> stash = dims;
  for (size_t i = first; i < 4; ++i) stash[i] = 1;
  expect_near((*out)[0], dims, e, 4 * kTolerance<T>);
  expect_near((*out)[1], stash, means, 1e-5);
  expect_near((*out)[2], stash, inverses, 1e-5);
}

TEST(LayerNormalization, AgreesWithItsDefinition) {
  for (int64_t axis : {-1, 1, 2, 0, -3}) {
    check_layer<float>(521, axis, true);
    check_layer<double>(522, axis, false);
    check_layer<F16>(523, axis, true);
    check_layer<float>(524, axis, false);
  }
}

TEST(LayerNormalization, BroadcastsItsScale) {
  const TestTensor x = tensor<double>({1, 2, 2}, {1, 3, 5, 7});
  const TestTensor scale = tensor<double>({2, 1}, {1, 10}), one = tensor<double>({}, {2});
  const double unit = 1 / std::sqrt(5.0);
  expect_near(
      run_one("LayerNormalization", {{"axis", int64_t{1}}, {"epsilon", 0.0}}, {x, scale, one}),
      {1, 2, 2}, {2 - 3 * unit, 2 - unit, 2 + 10 * unit, 2 + 30 * unit}, 1e-12);
}

}  // namespace
}  // namespace halyard::cpu::testing
