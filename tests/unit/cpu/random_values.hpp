// Random test values, reproducible: the seed is printed with every failure.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "tests/unit/cpu/run_node.hpp"

namespace halyard::cpu::testing {

class Random {
 public:
  explicit Random(uint32_t seed) : seed_(seed), engine_(seed) {}
  uint32_t seed() const { return seed_; }
  int64_t integer(int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(engine_);
  }
  bool flag() { return integer(0, 1) == 1; }
  std::vector<double> numbers(int64_t n, double low = -1, double high = 1) {
    std::uniform_real_distribution<double> d(low, high);
    std::vector<double> out(static_cast<size_t>(n));
    for (double& v : out) v = d(engine_);
    return out;
  }
  /// A tensor of T in these dims.
  template <class T>
  TestTensor tensor_of(const std::vector<int64_t>& dims, double low = -1, double high = 1) {
    int64_t n = 1;
    for (int64_t d : dims) n *= d;
    return tensor<T>(dims, numbers(n, low, high));
  }

 private:
  uint32_t seed_;
  std::mt19937 engine_;
};

/// Every element within tolerance * max(1, |expected|).
inline void expect_near(const TestTensor& got, const std::vector<int64_t>& dims,
                        const std::vector<double>& expected, double tolerance) {
  ASSERT_EQ(got.dims, dims);
  const std::vector<double> values = got.numbers();
  ASSERT_EQ(values.size(), expected.size());
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(expected[i]) && std::isnan(values[i])) continue;
    if (values[i] == expected[i]) continue;  // infinities
    ASSERT_NEAR(values[i], expected[i], tolerance * std::max(1.0, std::fabs(expected[i])))
        << "element " << i;
  }
}

/// The one output of a node, or a failed test.
inline TestTensor run_one(const std::string& op, const Attributes& attributes,
                          const std::vector<std::optional<TestTensor>>& inputs,
                          const RunOptions& options = {}) {
  const auto out = run_node(op, attributes, inputs, options);
  EXPECT_TRUE(out.ok()) << op << ": " << out.status().message();
  return out.ok() ? (*out)[0] : TestTensor{};
}

// Tolerances: a few roundings of the stored type, on sums of some dozens of products below 1.
template <class T>
constexpr double kTolerance = 2e-5;
template <>
inline constexpr double kTolerance<double> = 1e-12;
template <>
inline constexpr double kTolerance<F16> = 4e-3;
template <>
inline constexpr double kTolerance<BF16> = 3e-2;

}  // namespace halyard::cpu::testing
