// Tree ensembles against a plain walk over the same attributes, and their special cases.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/unit/cpu/random_values.hpp"

namespace halyard::cpu::testing {
namespace {

using Ints = std::vector<int64_t>;
using Floats = std::vector<double>;
using Texts = std::vector<std::string>;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// Complete trees of a depth with random tests, as the attributes of a regressor.
struct Forest {
  Ints trees, nodes, features, yes, no, missing, target_trees, target_nodes, targets;
  Floats values, weights;
  Texts modes;

  Forest(Random& random, int64_t count, int64_t depth, int64_t n_features, int64_t n_targets,
         const Texts& allowed) {
    const int64_t inner = (int64_t{1} << depth) - 1, all = 2 * inner + 1;
    for (int64_t t = 0; t < count; ++t)
      for (int64_t i = 0; i < all; ++i) {
        const bool leaf = i >= inner;
        trees.push_back(t);
        nodes.push_back(i);
        features.push_back(leaf ? 0 : random.integer(0, n_features - 1));
        yes.push_back(leaf ? 0 : 2 * i + 1);
        no.push_back(leaf ? 0 : 2 * i + 2);
        missing.push_back(random.flag());
        // Few values, so that equality happens.
        values.push_back(leaf ? 0 : static_cast<double>(random.integer(-4, 4)) / 4);
        modes.push_back(leaf ? "LEAF"
                             : allowed[static_cast<size_t>(
                                   random.integer(0, static_cast<int64_t>(allowed.size()) - 1))]);
        if (!leaf) continue;
        target_trees.push_back(t);
        target_nodes.push_back(i);
        targets.push_back(random.integer(0, n_targets - 1));
        weights.push_back(static_cast<double>(random.integer(-8, 8)) / 8);
      }
  }
  Attributes attributes(const std::string& prefix) const {
    return {{"nodes_treeids", trees},
            {"nodes_nodeids", nodes},
            {"nodes_featureids", features},
            {"nodes_truenodeids", yes},
            {"nodes_falsenodeids", no},
            {"nodes_modes", modes},
            {"nodes_values", values},
            {"nodes_missing_value_tracks_true", missing},
            {prefix + "_treeids", target_trees},
            {prefix + "_nodeids", target_nodes},
            {prefix + "_ids", targets},
            {prefix + "_weights", weights}};
  }
  bool goes_yes(size_t i, double v) const {
    if (missing[i] != 0 && std::isnan(v)) return true;
    const std::string& m = modes[i];
    const double t = values[i];
    return m == "BRANCH_LEQ"   ? v <= t
           : m == "BRANCH_LT"  ? v < t
           : m == "BRANCH_GTE" ? v >= t
           : m == "BRANCH_GT"  ? v > t
           : m == "BRANCH_EQ"  ? v == t
                               : v != t;
  }
  /// The target and weight of each tree for a row.
  std::vector<std::pair<int64_t, double>> walk(const double* row) const {
    std::vector<std::pair<int64_t, double>> out;
    for (size_t root = 0, leaf = 0; root < trees.size();) {
      size_t end = root;
      while (end < trees.size() && trees[end] == trees[root]) ++end;
      size_t at = root;
      while (modes[at] != "LEAF")
        at = root + static_cast<size_t>(goes_yes(at, row[features[at]]) ? yes[at] : no[at]);
      const size_t first_leaf = root + (end - root) / 2;
      out.emplace_back(targets[leaf + at - first_leaf], weights[leaf + at - first_leaf]);
      leaf += (end - root + 1) / 2;
      root = end;
    }
    return out;
  }
};

const Texts kAllModes = {"BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE",
                         "BRANCH_GT",  "BRANCH_EQ", "BRANCH_NEQ"};

std::vector<double> rows_of(Random& random, int64_t n) {
  std::vector<double> out;
  for (int64_t i = 0; i < n; ++i)
    out.push_back(random.integer(0, 9) == 0 ? kNaN
                                            : static_cast<double>(random.integer(-8, 8)) / 8);
  return out;
}

template <class T>
void check_regressor(uint32_t seed, const Texts& modes) {
  Random random(seed);
  for (const char* aggregate : {"SUM", "AVERAGE", "MIN", "MAX"}) {
    const int64_t rows = random.integer(0, 200), features = 5, n = random.integer(1, 3);
    const Forest forest(random, 7, 4, features, n, modes);
    const auto x = rows_of(random, rows * features);
    const Floats base = random.numbers(n);
    Attributes attributes = forest.attributes("target");
    attributes.emplace_back("n_targets", n);
    attributes.emplace_back("aggregate_function", aggregate);
    attributes.emplace_back("base_values", base);
    std::vector<double> expected;
    for (int64_t r = 0; r < rows; ++r) {
      std::vector<double> sums(static_cast<size_t>(n), kNaN);
      for (const auto& [target, w] : forest.walk(x.data() + r * features)) {
        double& s = sums[static_cast<size_t>(target)];
        const std::string a = aggregate;
        s = std::isnan(s) ? w : a == "MIN" ? std::min(s, w) : a == "MAX" ? std::max(s, w) : s + w;
      }
      for (size_t k = 0; k < sums.size(); ++k)
        expected.push_back((std::isnan(sums[k]) ? 0 : sums[k]) /
                               (std::string(aggregate) == "AVERAGE" ? 7 : 1) +
                           base[k]);
    }
    RunOptions options;
    options.output_types = {HY_DTYPE_F32};
    expect_near(run_one("ai.onnx.ml:TreeEnsembleRegressor", attributes,
                        {tensor<T>({rows, features}, x)}, options),
                {rows, n}, expected, 1e-6);
  }
}

TEST(MlTrees, RegressorsAgreeWithAPlainWalk) {
  check_regressor<float>(901, kAllModes);
  check_regressor<double>(902, kAllModes);
  check_regressor<float>(903, {"BRANCH_LEQ"});
}

/// One tree: feature 0 <= 0.5 ? leaf 1 : leaf 2, with these weights of class_ids.
Attributes stump(const Ints& classes, const Floats& weights) {
  return {{"nodes_treeids", Ints{0, 0, 0}},
          {"nodes_nodeids", Ints{0, 1, 2}},
          {"nodes_featureids", Ints{0, 0, 0}},
          {"nodes_truenodeids", Ints{1, 0, 0}},
          {"nodes_falsenodeids", Ints{2, 0, 0}},
          {"nodes_modes", Texts{"BRANCH_LEQ", "LEAF", "LEAF"}},
          {"nodes_values", Floats{0.5, 0, 0}},
          {"class_treeids", Ints{0, 0}},
          {"class_nodeids", Ints{1, 2}},
          {"class_ids", classes},
          {"class_weights", weights}};
}

void expect_classes(Attributes attributes, const Texts& labels, const std::vector<double>& scores) {
  RunOptions options;
  options.outputs = 2;
  options.output_types = {HY_DTYPE_STRING, HY_DTYPE_F32};
  attributes.emplace_back("classlabels_strings", Texts{"no", "yes"});
  const auto out = run_node("ai.onnx.ml:TreeEnsembleClassifier", attributes,
                            {tensor<float>({2, 1}, {0, 1})}, options);
  ASSERT_TRUE(out.ok()) << out.status().message();
  EXPECT_EQ((*out)[0].texts(), labels);
  expect_near((*out)[1], {2, 2}, scores, 1e-6);
}

TEST(MlTrees, OneScoreMakesTwoClasses) {
  // All weights positive: a probability.
  expect_classes(stump({0, 0}, {0.25, 0.75}), {"no", "yes"}, {0.75, 0.25, 0.25, 0.75});
  // Mixed weights: a margin.
  expect_classes(stump({0, 0}, {-1, 2}), {"no", "yes"}, {1, -1, -2, 2});
  Attributes logistic = stump({0, 0}, {-1, 2});
  logistic.emplace_back("post_transform", "LOGISTIC");
  const auto f = [](double v) { return 1 / (1 + std::exp(-v)); };
  expect_classes(logistic, {"no", "yes"}, {f(1), f(-1), f(-2), f(2)});
}

TEST(MlTrees, TheLargestOfTwoScoresWins) {
  expect_classes(stump({0, 1}, {0.9, 0.8}), {"no", "yes"}, {0.9, 0, 0, 0.8});
}

TEST(MlTrees, LabelsMayBeIntegersAndAlone) {
  Attributes attributes = stump({0, 2}, {1, 1});
  attributes.emplace_back("classlabels_int64s", Ints{10, 20, 30});
  RunOptions options;
  options.outputs = 2;
  options.wanted = {true, false};
  options.output_types = {HY_DTYPE_I64, HY_DTYPE_F32};
  const auto out = run_node("ai.onnx.ml:TreeEnsembleClassifier", attributes,
                            {tensor<int64_t>({2, 1}, {0, 1})}, options);
  ASSERT_TRUE(out.ok()) << out.status().message();
  EXPECT_EQ((*out)[0].values<int64_t>(), (Ints{10, 30}));
}

template <class T>
void check_ensemble() {
  // x0 in {2, 5} ? (x1 > 1 ? leaf 0 : leaf 1) : leaf 2; the second tree is leaf 2 alone, either way.
  RunOptions options;
  options.attribute_tensors = {{"nodes_modes", tensor<uint8_t>({3}, {6, 3, 0})},
                               {"nodes_splits", tensor<T>({3}, {0, 1, 0})},
                               {"leaf_weights", tensor<T>({3}, {1, 2, 4})},
                               {"membership_values", tensor<T>({3}, {2, 5, kNaN})}};
  const Attributes attributes = {{"n_targets", int64_t{2}},
                                 {"nodes_featureids", Ints{0, 1, 0}},
                                 {"nodes_truenodeids", Ints{1, 0, 2}},
                                 {"nodes_trueleafs", Ints{0, 1, 1}},
                                 {"nodes_falsenodeids", Ints{2, 1, 2}},
                                 {"nodes_falseleafs", Ints{1, 1, 1}},
                                 {"leaf_targetids", Ints{0, 1, 1}},
                                 {"tree_roots", Ints{0, 2}},
                                 {"aggregate_function", int64_t{1}},
                                 {"post_transform", int64_t{0}}};
  expect_near(run_one("ai.onnx.ml:TreeEnsemble", attributes,
                      {tensor<T>({4, 2}, {2, 3, 5, 0, 3, 3, kNaN, 0})}, options),
              {4, 2}, {1, 4, 0, 6, 0, 8, 0, 8}, 0);
}

TEST(MlTrees, EnsemblesKnowMembershipAndSharedLeaves) {
  check_ensemble<float>();
  check_ensemble<double>();
  check_ensemble<F16>();
}

TEST(MlTrees, ErrorsNameTheTree) {
  const auto message = [](const Attributes& attributes, const TestTensor& x) {
    RunOptions options;
    options.output_types = {HY_DTYPE_I64};
    const auto out = run_node("ai.onnx.ml:TreeEnsembleClassifier", attributes, {x}, options);
    return out.ok() ? std::string("it runs") : out.status().message();
  };
  const TestTensor x = tensor<float>({1, 1}, {0});
  Attributes good = stump({0, 0}, {1, 1});
  good.emplace_back("classlabels_int64s", Ints{0, 1});
  EXPECT_EQ(message(good, x), "it runs");
  const auto with = [&](const std::string& name, AttributeValue value) {
    Attributes out = good;
    for (auto& [n, v] : out)
      if (n == name) v = std::move(value);
    return out;
  };
  EXPECT_NE(message(with("nodes_truenodeids", Ints{9, 0, 0}), x).find("names node 9"),
            std::string::npos);
  EXPECT_NE(message(with("nodes_truenodeids", Ints{0, 0, 0}), x).find("twice"), std::string::npos);
  EXPECT_NE(message(with("nodes_values", Floats{1}), x).find("\"nodes_values\" has 1"),
            std::string::npos);
  EXPECT_NE(message(with("class_ids", Ints{0, 5}), x).find("target 5"), std::string::npos);
  EXPECT_NE(message(with("nodes_featureids", Ints{3, 0, 0}), x).find("ask for 4"),
            std::string::npos);
  EXPECT_NE(message(good, tensor<float>({1, 1, 1}, {0})).find("[1,1,1]"), std::string::npos);
}

}  // namespace
}  // namespace halyard::cpu::testing
