#include "tests/unit/cpu/random_values.hpp"

namespace halyard::cpu::testing {
namespace {

template <class T>
void check(Random& random, bool ta, bool tb, std::optional<std::vector<int64_t>> c_dims,
           double alpha, double beta, double low = -1, double high = 1) {
  SCOPED_TRACE("seed " + std::to_string(random.seed()));
  const int64_t m = 5, k = 7, n = 6;
  const TestTensor a =
      random.tensor_of<T>(ta ? std::vector<int64_t>{k, m} : std::vector<int64_t>{m, k}, low, high);
  TestTensor b =
      random.tensor_of<T>(tb ? std::vector<int64_t>{n, k} : std::vector<int64_t>{k, n}, low, high);
  std::optional<TestTensor> c;
  if (c_dims) c = random.tensor_of<T>(*c_dims, low, high);
  const auto as = a.numbers(), bs = b.numbers(), cs = c ? c->numbers() : std::vector<double>();
  std::vector<double> e;
  for (int64_t i = 0; i < m; ++i)
    for (int64_t j = 0; j < n; ++j) {
      double sum = 0;
      for (int64_t p = 0; p < k; ++p)
        sum += as[static_cast<size_t>(ta ? p * m + i : i * k + p)] *
               bs[static_cast<size_t>(tb ? j * k + p : p * n + j)];
      sum *= alpha;
      if (c) {
        const size_t rank = c_dims->size();
        const int64_t columns = rank > 0 ? (*c_dims)[rank - 1] : 1,
                      rows = rank > 1 ? (*c_dims)[0] : 1;
        sum +=
            beta * cs[static_cast<size_t>((rows == 1 ? 0 : i) * columns + (columns == 1 ? 0 : j))];
      }
      e.push_back(sum);
    }
  b.constant = random.flag();
  const Attributes attributes{
      {"alpha", alpha}, {"beta", beta}, {"transA", int64_t{ta}}, {"transB", int64_t{tb}}};
  expect_near(run_one("Gemm", attributes, {a, b, c}), {m, n}, e, 8 * kTolerance<T>);
}

TEST(Gemm, AgreesWithItsDefinition) {
  Random random(411);
  for (int flags = 0; flags < 4; ++flags) {
    const bool ta = (flags & 1) != 0, tb = (flags & 2) != 0;
    check<float>(random, ta, tb, std::nullopt, 1, 1);
    check<float>(random, ta, tb, std::vector<int64_t>{6}, 0.5, 2);
    check<double>(random, ta, tb, std::vector<int64_t>{5, 1}, 0.5, 2);
    check<F16>(random, ta, tb, std::vector<int64_t>{1, 6}, 1, 1);
    check<BF16>(random, ta, tb, std::vector<int64_t>{5, 6}, 1, 0.5);
    check<int64_t>(random, ta, tb, std::vector<int64_t>{}, 1, 1, -9, 9);
    check<uint32_t>(random, ta, tb, std::vector<int64_t>{5, 6}, 2, 3, 0, 9);
  }
}

TEST(Gemm, OfNothingIsTheBias) {
  const TestTensor a = tensor<float>({2, 0}, {}), b = tensor<float>({0, 2}, {}),
                   c = tensor<float>({2}, {3, 4});
  expect_near(run_one("Gemm", {}, {a, b, c}), {2, 2}, {3, 4, 3, 4}, 0);
}

TEST(Gemm, RefusesABiasThatDoesNotFit) {
  const TestTensor a = tensor<float>({1, 1}, {1}), c = tensor<float>({2}, {3, 4});
  EXPECT_EQ(run_node("Gemm", {}, {a, a, c}).status().code(), HY_ERROR_MISMATCH);
}

}  // namespace
}  // namespace halyard::cpu::testing
