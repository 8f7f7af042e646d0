// TreeEnsembleClassifier TreeEnsembleRegressor TreeEnsemble. What the definition leaves open (binary
// classifiers with one score, a transform of a single target) is as ONNX Runtime does it.
#include <algorithm>
#include <set>

#include "providers/cpu/convert.hpp"
#include "providers/cpu/ml/labels.hpp"
#include "providers/cpu/ml/rows.hpp"
#include "providers/cpu/ml/scores.hpp"
#include "providers/cpu/ml/tree_source.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"

namespace halyard::cpu {

namespace {

/// Calls each(first row, scores of rows [first, last)) for blocks of rows on the run's threads.
template <class T, class F>
Status evaluate(Context& context, const TreeEnsemble<T>& trees, int64_t targets,
                Aggregate aggregate, const F& each) {
  const Tensor& x = *context.input(0);
  HY_ASSIGN_OR_RETURN(const RowShape shape, row_shape(x));
  if (shape.features < trees.least_features() && shape.rows > 0)
    return invalid_argument("the input has " + std::to_string(shape.features) +
                            " features a row; the trees ask for " +
                            std::to_string(trees.least_features()));
  HY_ASSIGN_OR_RETURN(const T* values, read_as<T>(context, x));
  const auto bytes = static_cast<size_t>(shape.rows * targets) * sizeof(Score<T>);
  HY_ASSIGN_OR_RETURN(void* memory, context.scratch(bytes));
  auto* scores = static_cast<Score<T>*>(memory);
  const auto grain = std::max<int64_t>(1, 4096 / static_cast<int64_t>(trees.tree_count() + 1));
  parallel_for(context.threads(), shape.rows, grain, [&](int64_t begin, int64_t end) {
    trees.evaluate(values + begin * shape.features, end - begin, shape.features, aggregate,
                   scores + begin * targets);
    for (int64_t r = begin; r < end; ++r) each(r, scores + r * targets);
  });
  return {};
}

std::optional<Aggregate> parse_aggregate(std::string_view name) {
  if (name == "SUM") return Aggregate::kSum;
  if (name == "AVERAGE") return Aggregate::kAverage;
  if (name == "MIN") return Aggregate::kMin;
  if (name == "MAX") return Aggregate::kMax;
  return std::nullopt;
}

/// The class with the most; the first of equals, and 0 where no tree spoke.
template <class T>
int64_t best(const Score<T>* s, int64_t n) {
  int64_t at = -1;
  for (int64_t i = 0; i < n; ++i)
    if (s[i].given && (at < 0 || s[i].value > s[at].value)) at = i;
  return std::max<int64_t>(at, 0);
}

template <class T>
class Classifier final : public Kernel {
 public:
  Classifier(const Node& node, TreeEnsemble<T> trees, std::vector<double> base,
             const TreeSource& source)
      : trees_(std::move(trees)),
        base_(std::move(base)),
        labels_(node, "classlabels_int64s", "classlabels_strings"),
        transform_(*parse_transform(node.attr_string("post_transform", "NONE"))) {
    std::set<int64_t> used;
    for (const auto& leaf : source.leaves)
      for (const TreeSource::Weight& w : leaf) {
        used.insert(w.target);
        all_positive_ = all_positive_ && w.value >= 0;
      }
    one_class_used_ = used.size() == 1;
  }

  Status run(Context& context) const override {
    const auto n = static_cast<int64_t>(labels_.count());
    HY_ASSIGN_OR_RETURN(const RowShape shape, row_shape(*context.input(0)));
    std::vector<int64_t> classes(static_cast<size_t>(shape.rows));
    float* z = nullptr;
    if (context.wants_output(1)) {
      const int64_t dims[] = {shape.rows, n};
      HY_ASSIGN_OR_RETURN(const Tensor t, context.output(1, HY_DTYPE_F32, dims));
      z = t.as<float>();
    }
    std::vector<float> unread(z == nullptr ? classes.size() * static_cast<size_t>(n) : 0);
    if (z == nullptr) z = unread.data();
    HY_RETURN_IF_ERROR(evaluate(context, trees_, n, Aggregate::kSum, [&](int64_t row, Score<T>* s) {
      classes[static_cast<size_t>(row)] = finish(s, n, z + row * n);
    }));
    return labels_.write(context, classes);
  }

 private:
  /// Writes a row's scores, gives its class.
  int64_t finish(Score<T>* s, int64_t n, float* z) const {
    if (n == 2 && one_class_used_) return finish_binary(s, z);
    for (size_t i = 0; i < base_.size() && i < static_cast<size_t>(n); ++i)
      s[i] = {static_cast<T>(s[i].value + base_[i]), true};
    for (int64_t i = 0; i < n; ++i) z[i] = static_cast<float>(s[i].value);
    if (n > 1 || transform_ == Transform::kProbit) transform_scores(transform_, z, n);
    return n > 1 ? best(s, n) : s[0].value > 0;
  }

  /// Two labels, and leaves that speak of one class alone: its score is that of the second label.
  int64_t finish_binary(const Score<T>* s, float* z) const {
    const bool second = s[1].given;
    const double base = base_.empty() ? 0 : base_.size() == 2 ? base_[1] : base_[0];
    const auto score = static_cast<T>((second ? s[1] : s[0]).value + base);
    if (base_.size() == 2 || second) {
      z[0] = base_.size() == 2 ? static_cast<float>(-score) : 0;
      z[1] = static_cast<float>(score);
      transform_scores(transform_, z, 2);
    } else {
      write_binary(transform_, all_positive_ ? SecondClass::kComplement : SecondClass::kOpposite,
                   static_cast<double>(score), z);
    }
    return score > (all_positive_ ? T(0.5) : T(0));
  }

  const TreeEnsemble<T> trees_;
  const std::vector<double> base_;
  const Labels labels_;
  const Transform transform_;
  bool all_positive_ = true, one_class_used_ = false;
};

template <class T>
class Regressor final : public Kernel {
 public:
  Regressor(TreeEnsemble<T> trees, std::vector<double> base, int64_t targets, Aggregate aggregate,
            Transform transform, bool same_type)
      : trees_(std::move(trees)),
        base_(std::move(base)),
        targets_(targets),
        aggregate_(aggregate),
        transform_(transform),
        same_type_(same_type) {}

  Status run(Context& context) const override {
    HY_ASSIGN_OR_RETURN(const RowShape shape, row_shape(*context.input(0)));
    const uint32_t dtype = same_type_ ? context.input(0)->dtype : uint32_t{HY_DTYPE_F32};
    const int64_t dims[] = {shape.rows, targets_};
    HY_ASSIGN_OR_RETURN(const Tensor y, context.output(0, dtype, dims));
    constexpr uint32_t kInner = sizeof(T) == 4 ? HY_DTYPE_F32 : HY_DTYPE_F64;
    const ConvertLoop store = convert_loop(kInner, dtype);
    const int64_t size = dtype_bits(dtype) / 8;
    return evaluate(context, trees_, targets_, aggregate_, [&](int64_t row, Score<T>* s) {
      char* to = y.as<char>() + row * targets_ * size;
      std::vector<T> values(static_cast<size_t>(targets_));
      for (size_t i = 0; i < values.size(); ++i)
        values[i] = s[i].value + (i < base_.size() ? static_cast<T>(base_[i]) : T(0));
      transform_scores(transform_, values.data(), targets_);
      store(values.data(), to, targets_);
    });
  }

 private:
  const TreeEnsemble<T> trees_;
  const std::vector<double> base_;
  const int64_t targets_;
  const Aggregate aggregate_;
  const Transform transform_;
  const bool same_type_;  // TreeEnsemble answers in the input's type, the others in f32
};

bool computes_in_float(const Node& node) {
  return node.input(0).dtype() == HY_DTYPE_F32 || node.input(0).dtype() == HY_DTYPE_F16;
}

template <class T>
Result<std::unique_ptr<Kernel>> make_classifier(const Node& node, CompileContext& context) {
  const Labels labels(node, "classlabels_int64s", "classlabels_strings");
  if (labels.count() == 0) return invalid_model("a classifier without class labels");
  HY_ASSIGN_OR_RETURN(const TreeSource source, trees_by_id(node, context, "class"));
  HY_ASSIGN_OR_RETURN(auto trees,
                      TreeEnsemble<T>::build(source, static_cast<int64_t>(labels.count())));
  HY_ASSIGN_OR_RETURN(auto base, floats_or_tensor(node, context, "base_values"));
  return std::unique_ptr<Kernel>(
      std::make_unique<Classifier<T>>(node, std::move(trees), std::move(base), source));
}

template <class T>
Result<std::unique_ptr<Kernel>> make_regressor(const Node& node, CompileContext& context) {
  const int64_t targets = node.attr_int("n_targets", 1);
  HY_ASSIGN_OR_RETURN(const TreeSource source, trees_by_id(node, context, "target"));
  HY_ASSIGN_OR_RETURN(auto trees, TreeEnsemble<T>::build(source, targets));
  HY_ASSIGN_OR_RETURN(auto base, floats_or_tensor(node, context, "base_values"));
  Transform transform = *parse_transform(node.attr_string("post_transform", "NONE"));
  if (targets == 1 && transform != Transform::kProbit) transform = Transform::kNone;
  return std::unique_ptr<Kernel>(std::make_unique<Regressor<T>>(
      std::move(trees), std::move(base), targets,
      *parse_aggregate(node.attr_string("aggregate_function", "SUM")), transform, false));
}

template <class T>
Result<std::unique_ptr<Kernel>> make_ensemble(const Node& node, CompileContext& context) {
  const int64_t targets = node.attr_int("n_targets", 1);
  HY_ASSIGN_OR_RETURN(const TreeSource source, trees_by_index(node, context));
  HY_ASSIGN_OR_RETURN(auto trees, TreeEnsemble<T>::build(source, targets));
  return std::unique_ptr<Kernel>(std::make_unique<Regressor<T>>(
      std::move(trees), std::vector<double>(), targets,
      static_cast<Aggregate>(node.attr_int("aggregate_function", 1)),
      static_cast<Transform>(node.attr_int("post_transform")), true));
}

#define HALYARD_BY_TYPE(name)                                                                \
  Result<std::unique_ptr<Kernel>> create_##name(const Node& node, CompileContext& context) { \
    return computes_in_float(node) ? make_##name<float>(node, context)                       \
                                   : make_##name<double>(node, context);                     \
  }
HALYARD_BY_TYPE(classifier)
HALYARD_BY_TYPE(regressor)
HALYARD_BY_TYPE(ensemble)
#undef HALYARD_BY_TYPE

Verdict known_words(const Node& node) {
  const auto transform = node.attr_string("post_transform", "NONE");
  if (!parse_transform(transform))
    return reject(Reason::attribute)
        .got("post_transform " + std::string(transform))
        .limit("NONE, SOFTMAX, LOGISTIC, SOFTMAX_ZERO or PROBIT");
  const auto aggregate = node.attr_string("aggregate_function", "SUM");
  if (!parse_aggregate(aggregate))
    return reject(Reason::attribute)
        .got("aggregate_function " + std::string(aggregate))
        .limit("SUM, AVERAGE, MIN or MAX");
  return accept();
}

Verdict known_numbers(const Node& node) {
  const int64_t transform = node.attr_int("post_transform");
  if (transform < 0 || transform > 4)
    return reject(Reason::attribute)
        .got("post_transform " + std::to_string(transform))
        .limit("0 to 4");
  const int64_t aggregate = node.attr_int("aggregate_function", 1);
  if (aggregate < 0 || aggregate > 3)
    return reject(Reason::attribute)
        .got("aggregate_function " + std::to_string(aggregate))
        .limit("0 to 3");
  return accept();
}

constexpr KernelEntry kEntries[] = {
    {"TreeEnsembleClassifier", create_classifier, known_words, nullptr, "ai.onnx.ml"},
    {"TreeEnsembleRegressor", create_regressor, known_words, nullptr, "ai.onnx.ml"},
    {"TreeEnsemble", create_ensemble, known_numbers, nullptr, "ai.onnx.ml"},
};

}  // namespace

std::span<const KernelEntry> ml_trees_kernels() { return kEntries; }

}  // namespace halyard::cpu
