// Linear and support-vector models, and what becomes of their scores.
#include <gtest/gtest.h>

#include <cmath>

#include "providers/cpu/ml/scores.hpp"
#include "providers/cpu/ml/svm_kernel.hpp"
#include "tests/unit/cpu/random_values.hpp"

namespace halyard::cpu::testing {
namespace {

using Ints = std::vector<int64_t>;
using Floats = std::vector<double>;
using Texts = std::vector<std::string>;

double logistic_of(double v) { return 1 / (1 + std::exp(-v)); }

RunOptions classifier(uint32_t labels = HY_DTYPE_I64) {
  RunOptions o;
  o.outputs = 2;
  o.output_types = {labels, HY_DTYPE_F32};
  return o;
}

RunOptions regressor() {
  RunOptions o;
  o.output_types = {HY_DTYPE_F32};
  return o;
}

void expect_classes(const std::string& op, const Attributes& attributes, const TestTensor& x,
                    const Ints& labels, const std::vector<int64_t>& dims,
                    const std::vector<double>& scores) {
  const auto out = run_node(op, attributes, {x}, classifier());
  ASSERT_TRUE(out.ok()) << out.status().message();
  EXPECT_EQ((*out)[0].values<int64_t>(), labels);
  expect_near((*out)[1], dims, scores, 1e-6);
}

TEST(MlScores, ProbitInvertsTheNormalDistribution) {
  for (double x : {-8.0, -2.5, -1e-3, 0.0, 0.7, 3.0})
    EXPECT_NEAR(probit(0.5 * std::erfc(-x / std::sqrt(2.0))), x, 1e-9) << x;
  EXPECT_EQ(probit(0), -HUGE_VAL);
  EXPECT_EQ(probit(1), HUGE_VAL);
  EXPECT_TRUE(std::isnan(probit(1.5)));
}

TEST(MlScores, SoftmaxZeroLeavesZerosOut) {
  float s[] = {0, 1, 1};
  transform_scores(Transform::kSoftmaxZero, s, 3);
  EXPECT_EQ(s[0], 0);
  EXPECT_FLOAT_EQ(s[1], 0.5f);
  EXPECT_FLOAT_EQ(s[2], 0.5f);
}

TEST(MlLinear, RegressorsAddUp) {
  const Attributes attributes = {{"coefficients", Floats{1, 2, 3, -1, 0, 1}},
                                 {"intercepts", Floats{0.5, -1}},
                                 {"targets", int64_t{2}}};
  for (const TestTensor& x :
       {tensor<float>({2, 3}, {1, 1, 1, 2, 0, 4}), tensor<int64_t>({2, 3}, {1, 1, 1, 2, 0, 4}),
        tensor<double>({2, 3}, {1, 1, 1, 2, 0, 4})})
    expect_near(run_one("ai.onnx.ml:LinearRegressor", attributes, {x}, regressor()), {2, 2},
                {6.5, -1, 14.5, 1}, 1e-6);
  expect_near(
      run_one("ai.onnx.ml:LinearRegressor", attributes, {tensor<float>({0, 3}, {})}, regressor()),
      {0, 2}, {}, 0);
}

TEST(MlLinear, ClassifiersChooseBeforeTheTransform) {
  const Attributes three = {{"coefficients", Floats{1, 0, 0, 1, -1, -1}},
                            {"intercepts", Floats{0, 0, 1}},
                            {"classlabels_ints", Ints{7, 8, 9}},
                            {"post_transform", "LOGISTIC"}};
  expect_classes("ai.onnx.ml:LinearClassifier", three, tensor<float>({2, 2}, {2, 1, -3, -3}),
                 {7, 9}, {2, 3},
                 {logistic_of(2), logistic_of(1), logistic_of(-2), logistic_of(-3), logistic_of(-3),
                  logistic_of(7)});
  const Attributes one = {
      {"coefficients", Floats{1, 1}}, {"intercepts", Floats{0}}, {"classlabels_ints", Ints{4, 5}}};
  expect_classes("ai.onnx.ml:LinearClassifier", one, tensor<float>({2, 2}, {0.5, 0.25, -1, 0}),
                 {5, 4}, {2, 2}, {0.25, 0.75, 2, -1});
}

TEST(MlLinear, NamesAnotherNumberOfFeatures) {
  const auto out = run_node("ai.onnx.ml:LinearRegressor", {{"coefficients", Floats{1, 2}}},
                            {tensor<float>({1, 3}, {1, 2, 3})}, regressor());
  ASSERT_FALSE(out.ok());
  EXPECT_NE(out.status().message().find("3 features"), std::string::npos) << out.status().message();
}

TEST(MlSvm, KernelsAreWhatTheyAreCalled) {
  const auto value = [](const char* type) {
    return run_one("ai.onnx.ml:SVMRegressor",
                   {{"kernel_type", type},
                    {"kernel_params", Floats{0.5, 1, 2}},
                    {"support_vectors", Floats{1, 2}},
                    {"n_supports", int64_t{1}},
                    {"coefficients", Floats{1}},
                    {"rho", Floats{0.25}}},
                   {tensor<float>({1, 2}, {2, -1})}, regressor())
        .numbers()[0];
  };
  EXPECT_NEAR(value("LINEAR"), 0.25, 1e-6);
  EXPECT_NEAR(value("POLY"), 1.25, 1e-6);
  EXPECT_NEAR(value("RBF"), std::exp(-5.0) + 0.25, 1e-6);
  EXPECT_NEAR(value("SIGMOID"), std::tanh(1.0) + 0.25, 1e-6);
  EXPECT_EQ(verdict_of("ai.onnx.ml:SVMRegressor", {{"kernel_type", "CUBIC"}},
                       {tensor<float>({1, 2}, {2, -1})}),
            uint32_t{HY_REASON_ATTRIBUTE});
}

TEST(MlSvm, OneClassGivesASign) {
  const Attributes attributes = {
      {"coefficients", Floats{1, -1}}, {"rho", Floats{0}}, {"one_class", int64_t{1}}};
  expect_near(run_one("ai.onnx.ml:SVMRegressor", attributes, {tensor<float>({2, 2}, {2, 1, 1, 2})},
                      regressor()),
              {2, 1}, {1, -1}, 0);
}

/// Three classes with one support vector each, linear: decisions are written out by hand.
const Attributes kThree = {{"kernel_type", "LINEAR"},
                           {"support_vectors", Floats{1, 0, 0, 1, -1, -1}},
                           {"vectors_per_class", Ints{1, 1, 1}},
                           {"coefficients", Floats{1, -1, -1, 1, 1, -1}},
                           {"rho", Floats{0.1, 0.2, 0.3}},
                           {"classlabels_ints", Ints{10, 20, 30}}};

TEST(MlSvm, PairsOfClassesVote) {
  // x = (2, 1): kernels 2, 1, -3. 0-1: 2 - 1 + 0.1; 0-2: 2 + 3 + 0.2; 1-2: 1 + 3 + 0.3.
  expect_classes("ai.onnx.ml:SVMClassifier", kThree, tensor<float>({1, 2}, {2, 1}), {10}, {1, 3},
                 {1.1, 5.2, 4.3});
  // x = (-2, -1): -2, -1, 3: all against the first of the pair.
  expect_classes("ai.onnx.ml:SVMClassifier", kThree, tensor<float>({1, 2}, {-2, -1}), {30}, {1, 3},
                 {-0.9, -4.8, -3.7});
}

TEST(MlSvm, ProbabilitiesAddUpToOne) {
  Attributes attributes = kThree;
  attributes.emplace_back("prob_a", Floats{-1, -1, -1});
  attributes.emplace_back("prob_b", Floats{0, 0, 0});
  const auto out = run_node("ai.onnx.ml:SVMClassifier", attributes, {tensor<float>({1, 2}, {2, 1})},
                            classifier());
  ASSERT_TRUE(out.ok()) << out.status().message();
  const auto p = (*out)[1].numbers();
  ASSERT_EQ(p.size(), 3u);
  EXPECT_NEAR(p[0] + p[1] + p[2], 1, 1e-6);
  EXPECT_GT(p[0], p[1]);
  EXPECT_GT(p[1], p[2]);
}

TEST(MlSvm, CouplingReturnsConsistentProbabilities) {
  // Pairwise probabilities that come from 0.5, 0.3, 0.2 give these back.
  const double p[] = {0.5, 0.3, 0.2};
  std::vector<double> pairs(9);
  for (size_t i = 0; i < 3; ++i)
    for (size_t j = 0; j < 3; ++j)
      if (i != j) pairs[i * 3 + j] = p[i] / (p[i] + p[j]);
  const auto found = couple(pairs, 3);
  for (size_t i = 0; i < 3; ++i) EXPECT_NEAR(found[i], p[i], 5e-3);
}

TEST(MlSvm, NamesALengthThatIsWrong) {
  Attributes attributes = kThree;
  for (auto& [name, value] : attributes)
    if (name == "coefficients") value = Floats{1, 2};
  const auto out = run_node("ai.onnx.ml:SVMClassifier", attributes, {tensor<float>({1, 2}, {2, 1})},
                            classifier());
  ASSERT_FALSE(out.ok());
  EXPECT_NE(out.status().message().find("\"coefficients\" has 2 elements; 6"), std::string::npos)
      << out.status().message();
}

}  // namespace
}  // namespace halyard::cpu::testing
