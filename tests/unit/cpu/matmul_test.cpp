#include "tests/unit/cpu/random_values.hpp"

namespace halyard::cpu::testing {
namespace {

/// Both batch dims given at full rank, ones to be broadcast.
template <class T>
void check(Random& random, std::vector<int64_t> a_dims, std::vector<int64_t> b_dims,
           const std::vector<int64_t>& y_dims, double low = -1, double high = 1) {
  SCOPED_TRACE("seed " + std::to_string(random.seed()));
  const TestTensor a = random.tensor_of<T>(a_dims, low, high);
  TestTensor b = random.tensor_of<T>(b_dims, low, high);
  const auto as = a.numbers(), bs = b.numbers();
  b.constant = random.flag();
  if (a_dims.size() == 1) a_dims.insert(a_dims.begin(), 1);
  if (b_dims.size() == 1) b_dims.push_back(1);
  const size_t rank = std::max(a_dims.size(), b_dims.size());
  a_dims.insert(a_dims.begin(), rank - a_dims.size(), 1);
  b_dims.insert(b_dims.begin(), rank - b_dims.size(), 1);
  const int64_t m = a_dims[rank - 2], k = a_dims[rank - 1], n = b_dims[rank - 1];
  int64_t batches = 1;
  for (size_t i = 0; i + 2 < rank; ++i) batches *= std::max(a_dims[i], b_dims[i]);
  std::vector<double> e;
  for (int64_t batch = 0; batch < batches; ++batch) {
    int64_t rest = batch, at_a = 0, at_b = 0, step_a = m * k, step_b = k * n;
    for (size_t i = rank - 2; i-- > 0;) {
      const int64_t extent = std::max(a_dims[i], b_dims[i]), position = rest % extent;
      rest /= extent;
      at_a += a_dims[i] == 1 ? 0 : position * step_a;
      at_b += b_dims[i] == 1 ? 0 : position * step_b;
      step_a *= a_dims[i];
      step_b *= b_dims[i];
    }
    for (int64_t i = 0; i < m; ++i)
      for (int64_t j = 0; j < n; ++j) {
        double sum = 0;
        for (int64_t p = 0; p < k; ++p)
          sum +=
              as[static_cast<size_t>(at_a + i * k + p)] * bs[static_cast<size_t>(at_b + p * n + j)];
        e.push_back(sum);
      }
  }
  expect_near(run_one("MatMul", {}, {a, b}), y_dims, e, 8 * kTolerance<T>);
}

TEST(MatMul, AgreesWithItsDefinition) {
  Random random(401);
  for (int i = 0; i < 20; ++i) {
    const int64_t m = random.integer(1, 40), k = random.integer(1, 40), n = random.integer(1, 40);
    check<float>(random, {m, k}, {k, n}, {m, n});
    check<double>(random, {m, k}, {k, n}, {m, n});
    check<F16>(random, {m, k}, {k, n}, {m, n});
    check<BF16>(random, {m, k}, {k, n}, {m, n});
    check<int32_t>(random, {m, k}, {k, n}, {m, n}, -1000, 1000);
    check<uint8_t>(random, {m, 2}, {2, n}, {m, n}, 0, 11);
    check<int8_t>(random, {m, 2}, {2, n}, {m, n}, -7, 7);
  }
}

TEST(MatMul, BroadcastsBatches) {
  Random random(402);
  check<float>(random, {5, 3, 4}, {4, 2}, {5, 3, 2});
  check<float>(random, {3, 4}, {5, 4, 2}, {5, 3, 2});
  check<float>(random, {2, 1, 3, 4}, {5, 4, 2}, {2, 5, 3, 2});
  check<float>(random, {2, 5, 3, 4}, {2, 1, 4, 2}, {2, 5, 3, 2});
  check<float>(random, {8, 12, 7, 16}, {8, 12, 16, 9}, {8, 12, 7, 9});
  check<int64_t>(random, {2, 1, 3, 4}, {5, 4, 2}, {2, 5, 3, 2}, -9, 9);
}

TEST(MatMul, TakesVectors) {
  Random random(403);
  check<float>(random, {4}, {4}, {});
  check<float>(random, {4}, {4, 3}, {3});
  check<float>(random, {2, 3, 4}, {4}, {2, 3});
  check<double>(random, {4}, {2, 4, 3}, {2, 3});
}

TEST(MatMul, OfNothingIsZero) {
  expect_near(run_one("MatMul", {}, {tensor<float>({2, 0}, {}), tensor<float>({0, 2}, {})}), {2, 2},
              {0, 0, 0, 0}, 0);
  expect_near(
      run_one("MatMul", {}, {tensor<float>({0, 2}, {}), tensor<float>({2, 3}, {1, 2, 3, 4, 5, 6})}),
      {0, 3}, {}, 0);
}

TEST(MatMul, WrapsAround) {
  const TestTensor a = tensor<int32_t>({1, 1}, {65536}), b = tensor<int32_t>({1, 1}, {65537});
  expect_near(run_one("MatMul", {}, {a, b}), {1, 1}, {65536}, 0);
}

TEST(MatMul, RefusesDimsThatDoNotFit) {
  const TestTensor a = tensor<float>({1, 2}, {1, 2}), b = tensor<float>({3, 1}, {1, 2, 3});
  EXPECT_EQ(run_node("MatMul", {}, {a, b}).status().code(), HY_ERROR_MISMATCH);
}

}  // namespace
}  // namespace halyard::cpu::testing
