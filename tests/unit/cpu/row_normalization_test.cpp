// RMS-, Group-, MeanVariance- and LpNormalization, LRN.
#include "tests/unit/cpu/random_values.hpp"

namespace halyard::cpu::testing {
namespace {

using Ints = std::vector<int64_t>;

/// Elements of rows of n: x / sqrt(mean(x^2) + epsilon) * scale, for a scale of as many elements.
std::vector<double> rms(const std::vector<double>& x, const std::vector<double>& scale, size_t n) {
  std::vector<double> out(x.size());
  for (size_t i = 0; i < x.size(); ++i) {
    double squares = 0;
    for (size_t j = i / n * n; j < i / n * n + n; ++j) squares += x[j] * x[j];
    out[i] = x[i] / std::sqrt(squares / static_cast<double>(n) + 1e-5) * scale[i % scale.size()];
  }
  return out;
}

template <class T, class Scale = T>
void check_rms(uint32_t seed, int64_t axis, const Ints& scale_dims, double tolerance) {
  Random random(seed);
  SCOPED_TRACE("seed " + std::to_string(seed) + ", axis " + std::to_string(axis));
  const Ints dims{2, 3, 5, 7};
  const TestTensor x = random.tensor_of<T>(dims), scale = random.tensor_of<Scale>(scale_dims);
  size_t n = 1;
  for (auto i = static_cast<size_t>(axis < 0 ? axis + 4 : axis); i < 4; ++i)
    n *= static_cast<size_t>(dims[i]);
  const TestTensor y = run_one("RMSNormalization", {{"axis", axis}}, {x, scale});
  EXPECT_EQ(y.dtype, scale.dtype);
  expect_near(y, dims, rms(x.numbers(), scale.numbers(), n), tolerance);
}

TEST(RmsNormalization, AgreesWithItsDefinition) {
  for (int64_t axis : {-1, 2, -4}) check_rms<float>(601, axis, {7}, 4e-6);
  check_rms<float>(602, 1, {3, 5, 7}, 4e-6);
  check_rms<float>(603, -1, {2, 3, 5, 7}, 4e-6);  // a scale of each row
  check_rms<float>(604, -2, {1, 1, 1}, 4e-6);
  check_rms<double>(605, -1, {7}, 1e-12);
  check_rms<F16>(606, -1, {7}, 4e-3);
  check_rms<BF16>(607, 2, {5, 7}, 3e-2);
}

TEST(RmsNormalization, TypesOfScale) {
  check_rms<F16, float>(611, -1, {7}, 4e-6);
  check_rms<float, F16>(612, -1, {7}, 4e-3);
  check_rms<double, float>(613, -1, {7}, 4e-6);
  check_rms<float, double>(614, -1, {7}, 1e-12);
}

TEST(RmsNormalization, BroadcastsAColumn) {
  const TestTensor x = tensor<double>({1, 2, 2}, {1, 1, 2, 2}),
                   scale = tensor<double>({2, 1}, {3, 4});
  expect_near(run_one("RMSNormalization", {{"epsilon", 0.0}}, {x, scale}), {1, 2, 2}, {3, 3, 4, 4},
              1e-12);
}

template <class T>
void check_group(uint32_t seed, const Ints& dims, size_t groups) {
  Random random(seed);
  SCOPED_TRACE("seed " + std::to_string(seed));
  const auto channels = static_cast<size_t>(dims[1]);
  const TestTensor x = random.tensor_of<T>(dims), scale = random.tensor_of<T>({dims[1]}),
                   bias = random.tensor_of<T>({dims[1]});
  const std::vector<double> in = x.numbers();
  size_t area = 1;
  for (size_t i = 2; i < dims.size(); ++i) area *= static_cast<size_t>(dims[i]);
  const size_t n = channels / groups * area;
  std::vector<double> e(in.size());
  for (size_t i = 0; i < in.size(); ++i) {
    double mean = 0, variance = 0;
    const size_t first = i / n * n;
    for (size_t j = first; j < first + n; ++j) mean += in[j] / static_cast<double>(n);
    for (size_t j = first; j < first + n; ++j)
      variance += (in[j] - mean) * (in[j] - mean) / static_cast<double>(n);
    const size_t c = i / area % channels;
    e[i] = (in[i] - mean) / std::sqrt(variance + 1e-2) * scale.numbers()[c] + bias.numbers()[c];
  }
  const Attributes attributes = {{"num_groups", static_cast<int64_t>(groups)}, {"epsilon", 1e-2}};
  expect_near(run_one("GroupNormalization", attributes, {x, scale, bias}), dims, e,
              4 * kTolerance<T>);
}

TEST(GroupNormalization, AgreesWithItsDefinition) {
  check_group<float>(621, {2, 6, 5, 4}, 3);
  check_group<float>(622, {2, 6, 17}, 1);
  check_group<double>(623, {1, 4, 3, 2, 2}, 4);
  check_group<F16>(624, {2, 4, 9}, 2);
  check_group<BF16>(625, {2, 4}, 2);
}

TEST(GroupNormalization, SaysWhatDoesNotFit) {
  const TestTensor x = tensor<float>({1, 3, 1}, {1, 2, 3}), three = tensor<float>({3}, {1, 1, 1});
  const auto out = run_node("GroupNormalization", {{"num_groups", int64_t{2}}}, {x, three, three});
  ASSERT_FALSE(out.ok());
  EXPECT_NE(out.status().message().find("num_groups=2 does not divide its 3 channels"),
            std::string::npos)
      << out.status().message();
}

template <class T>
void check_moments(uint32_t seed, const Ints& dims, std::optional<Ints> axes) {
  Random random(seed);
  SCOPED_TRACE("seed " + std::to_string(seed));
  const TestTensor x = random.tensor_of<T>(dims);
  const std::vector<double> in = x.numbers();
  std::vector<bool> reduced(dims.size());
  for (int64_t a : axes ? *axes : Ints{0, 2, 3})
    reduced[static_cast<size_t>(a < 0 ? a + std::ssize(dims) : a)] = true;
  // Elements with the same key share their moments.
  const auto key = [&](size_t i) {
    size_t out = 0;
    for (size_t d = dims.size(), rest = i; d-- > 0; rest /= static_cast<size_t>(dims[d]))
      if (!reduced[d]) out = out * 100 + rest % static_cast<size_t>(dims[d]);
    return out;
  };
  std::vector<double> e(in.size());
  for (size_t i = 0; i < in.size(); ++i) {
    double sum = 0, squares = 0, n = 0;
    for (size_t j = 0; j < in.size(); ++j)
      if (key(j) == key(i)) sum += in[j], squares += in[j] * in[j], ++n;
    e[i] = (in[i] - sum / n) / (std::sqrt(squares / n - sum / n * sum / n) + 1e-9);
  }
  Attributes attributes;
  if (axes) attributes.emplace_back("axes", *axes);
  expect_near(run_one("MeanVarianceNormalization", attributes, {x}), dims, e, 8 * kTolerance<T>);
}

TEST(MeanVarianceNormalization, AgreesWithItsDefinition) {
  check_moments<float>(631, {3, 2, 4, 5}, std::nullopt);
  check_moments<float>(632, {3, 4, 5}, Ints{0, 2});
  check_moments<float>(633, {3, 4, 5}, Ints{0});
  check_moments<float>(634, {3, 4, 5}, Ints{-1, 1});
  check_moments<double>(635, {3, 4, 5}, Ints{0, 1, 2});
  check_moments<F16>(636, {3, 2, 4, 5}, std::nullopt);
}

template <class T>
void check_lp(uint32_t seed, const Ints& dims, int64_t axis, int64_t p) {
  Random random(seed);
  SCOPED_TRACE("seed " + std::to_string(seed));
  const TestTensor x = random.tensor_of<T>(dims);
  const std::vector<double> in = x.numbers();
  const auto at = static_cast<size_t>(axis < 0 ? axis + std::ssize(dims) : axis);
  size_t inner = 1;
  for (size_t d = at + 1; d < dims.size(); ++d) inner *= static_cast<size_t>(dims[d]);
  const auto n = static_cast<size_t>(dims[at]);
  std::vector<double> e(in.size());
  for (size_t i = 0; i < in.size(); ++i) {
    double norm = 0;
    for (size_t k = 0; k < n; ++k) {
      const double v = in[i / (n * inner) * n * inner + k * inner + i % inner];
      norm += p == 1 ? std::fabs(v) : v * v;
    }
    e[i] = in[i] / (p == 1 ? norm : std::sqrt(norm));
  }
  expect_near(run_one("LpNormalization", {{"axis", axis}, {"p", p}}, {x}), dims, e, kTolerance<T>);
}

TEST(LpNormalization, AgreesWithItsDefinition) {
  for (int64_t p : {1, 2})
    for (int64_t axis : {-1, 0, 1}) {
      check_lp<float>(641, {3, 4, 5}, axis, p);
      check_lp<double>(642, {3, 4, 5}, axis, p);
      check_lp<F16>(643, {3, 4, 5}, axis, p);
    }
}

TEST(LpNormalization, ZerosStay) {
  for (int64_t p : {1, 2})
    for (int64_t axis : {0, 1})
      expect_near(run_one("LpNormalization", {{"axis", axis}, {"p", p}},
                          {tensor<float>({2, 2}, {0, 0, 0, 0})}),
                  {2, 2}, {0, 0, 0, 0}, 0);
}

template <class T>
void check_lrn(uint32_t seed, const Ints& dims, int64_t size, double beta) {
  Random random(seed);
  SCOPED_TRACE("seed " + std::to_string(seed) + ", size " + std::to_string(size));
  const TestTensor x = random.tensor_of<T>(dims);
  const std::vector<double> in = x.numbers();
  int64_t area = 1;
  for (size_t d = 2; d < dims.size(); ++d) area *= dims[d];
  std::vector<double> e(in.size());
  for (int64_t i = 0; i < std::ssize(in); ++i) {
    const int64_t c = i / area % dims[1];
    double sum = 0;
    for (int64_t k = c - (size - 1) / 2; k <= c + size / 2; ++k)
      if (k >= 0 && k < dims[1]) {
        const double v = in[static_cast<size_t>(i + (k - c) * area)];
        sum += v * v;
      }
    e[static_cast<size_t>(i)] =
        in[static_cast<size_t>(i)] / std::pow(2 + 0.5 / static_cast<double>(size) * sum, beta);
  }
  const Attributes attributes = {{"size", size}, {"alpha", 0.5}, {"beta", beta}, {"bias", 2.0}};
  expect_near(run_one("LRN", attributes, {x}), dims, e, kTolerance<T>);
}

TEST(Lrn, AgreesWithItsDefinition) {
  for (int64_t size : {1, 2, 3, 5, 20}) {
    check_lrn<float>(651, {2, 7, 3, 3}, size, 0.75);
    check_lrn<float>(652, {2, 7, 2000}, size, 0.6);
    check_lrn<double>(653, {2, 7}, size, 1);
    check_lrn<F16>(654, {1, 7, 2, 2, 2}, size, 0.75);
  }
}

TEST(RowNormalization, NothingToDo) {
  const TestTensor none = tensor<float>({0, 4}, {}), four = tensor<float>({4}, {1, 1, 1, 1});
  expect_near(run_one("RMSNormalization", {}, {none, four}), {0, 4}, {}, 0);
  expect_near(run_one("GroupNormalization", {{"num_groups", int64_t{2}}}, {none, four, four}),
              {0, 4}, {}, 0);
  expect_near(run_one("MeanVarianceNormalization", {{"axes", Ints{0}}}, {none}), {0, 4}, {}, 0);
  expect_near(run_one("LpNormalization", {{"axis", int64_t{0}}}, {none}), {0, 4}, {}, 0);
  expect_near(run_one("LRN", {{"size", int64_t{3}}}, {none}), {0, 4}, {}, 0);
}

}  // namespace
}  // namespace halyard::cpu::testing
