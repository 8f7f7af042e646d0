// NegativeLogLikelihoodLoss and SoftmaxCrossEntropyLoss against their definitions.
#include "tests/unit/cpu/random_values.hpp"

namespace halyard::cpu::testing {
namespace {

using Ints = std::vector<int64_t>;

struct Case {
  Ints dims;  // of the scores
  std::string reduction = "mean";
  bool weighted = false;
  std::optional<int64_t> ignored = std::nullopt;
};

/// Log-probabilities of each class: scores as [batch, classes, area].
std::vector<double> log_softmax(const std::vector<double>& x, int64_t classes, int64_t area) {
  std::vector<double> out(x.size());
  for (size_t i = 0; i < x.size(); ++i) {
    const auto n = static_cast<size_t>(classes), a = static_cast<size_t>(area);
    const size_t first = i / (n * a) * n * a + i % a;
    double sum = 0;
    for (size_t c = 0; c < n; ++c) sum += std::exp(x[first + c * a]);
    out[i] = x[i] - std::log(sum);
  }
  return out;
}

template <class T>
void check(const std::string& op, const Case& c) {
  Random random(91);
  SCOPED_TRACE(op + " " + c.reduction);
  const int64_t classes = c.dims[1];
  int64_t area = 1;
  for (size_t i = 2; i < c.dims.size(); ++i) area *= c.dims[i];
  Ints target_dims = c.dims;
  target_dims.erase(target_dims.begin() + 1);
  std::vector<double> target;
  for (int64_t i = 0; i < c.dims[0] * area; ++i)
    target.push_back(static_cast<double>(random.integer(0, classes - 1)));
  if (c.ignored) target[1] = static_cast<double>(*c.ignored);
  const TestTensor x = random.tensor_of<T>(c.dims), weight = random.tensor_of<T>({classes}, 0.2, 2);
  const bool from_scores = op == "SoftmaxCrossEntropyLoss";
  const std::vector<double> log_prob =
      from_scores ? log_softmax(x.numbers(), classes, area) : x.numbers();

  std::vector<double> losses;
  double sum = 0, weights = 0;
  for (size_t i = 0; i < target.size(); ++i) {
    const auto a = static_cast<size_t>(area);
    const bool skip = c.ignored && target[i] == static_cast<double>(*c.ignored);
    const auto t = skip ? size_t{0} : static_cast<size_t>(target[i]);
    const double w = skip ? 0 : c.weighted ? weight.numbers()[t] : 1;
    losses.push_back(-w * log_prob[(i / a * static_cast<size_t>(classes) + t) * a + i % a]);
    sum += losses.back();
    weights += w;
  }
  if (c.reduction == "sum") losses = {sum};
  if (c.reduction == "mean") losses = {sum / weights};

  Attributes attributes{{"reduction", c.reduction}};
  if (c.ignored) attributes.emplace_back("ignore_index", *c.ignored);
  std::vector<std::optional<TestTensor>> inputs{x, tensor<int64_t>(target_dims, target)};
  if (c.weighted) inputs.emplace_back(weight);
  RunOptions options;
  options.outputs = from_scores ? 2 : 1;
  const auto out = run_node(op, attributes, inputs, options);
  ASSERT_TRUE(out.ok()) << out.status().message();
  expect_near((*out)[0], c.reduction == "none" ? target_dims : Ints{}, losses, kTolerance<T>);
  if (from_scores) expect_near((*out)[1], c.dims, log_prob, kTolerance<T>);
}

TEST(Losses, AgreeWithTheirDefinitions) {
  for (const char* op : {"NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss"})
    for (const char* reduction : {"none", "sum", "mean"})
      for (bool weighted : {false, true})
        for (const std::optional<int64_t>& ignored : {std::optional<int64_t>(), {2}, {-1}, {100}}) {
          check<float>(op, {{3, 5}, reduction, weighted, ignored});
          check<float>(op, {{3, 5, 2, 4}, reduction, weighted, ignored});
        }
}

TEST(Losses, Types) {
  for (const char* op : {"NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss"}) {
    check<double>(op, {{3, 5, 7}, "mean", true, {}});
    check<F16>(op, {{3, 5, 7}, "none", true, {}});
    check<BF16>(op, {{3, 5, 7}, "none", false, {}});
  }
}

TEST(Losses, LargeScoresDoNotOverflow) {
  const TestTensor x = tensor<float>({1, 2}, {1000, 998}), t = tensor<int64_t>({1}, {1});
  const TestTensor y = run_one("SoftmaxCrossEntropyLoss", {}, {x, t});
  expect_near(y, {}, {2 + std::log1p(std::exp(-2))}, 1e-5);
}

TEST(Losses, RefuseClassesThatDoNotExist) {
  const TestTensor x = tensor<float>({1, 2}, {1, 2});
  for (double wrong : {2., -1.}) {
    const auto y = run_node("NegativeLogLikelihoodLoss", {}, {x, tensor<int32_t>({1}, {wrong})});
    ASSERT_FALSE(y.ok());
    EXPECT_NE(y.status().message().find("there are 2 classes"), std::string::npos);
  }
}

}  // namespace
}  // namespace halyard::cpu::testing
