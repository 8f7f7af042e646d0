// SVMClassifier SVMRegressor. Without support vectors they are linear models. Where the definition is
// silent, labels and scores are as ONNX Runtime's.
#include <algorithm>
#include <numeric>

#include "providers/cpu/ml/labels.hpp"
#include "providers/cpu/ml/rows.hpp"
#include "providers/cpu/ml/scores.hpp"
#include "providers/cpu/ml/svm_kernel.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"

namespace halyard::cpu {

namespace {

std::vector<float> to_floats(const std::vector<double>& values) {
  return {values.begin(), values.end()};
}

Status bad_length(const char* name, size_t given, size_t wanted) {
  return invalid_model(std::string("attribute \"") + name + "\" has " + std::to_string(given) +
                       " elements; " + std::to_string(wanted) + " are needed");
}

class SvmClassifier final : public Kernel {
 public:
  explicit SvmClassifier(const Node& node)
      : kernel_(*SvmKernel::make(node)),
        labels_(node, "classlabels_ints", "classlabels_strings"),
        transform_(*parse_transform(node.attr_string("post_transform", "NONE"))),
        coefficients_(to_floats(node.attr_floats("coefficients"))),
        vectors_(to_floats(node.attr_floats("support_vectors"))),
        rho_(node.attr_floats("rho")),
        prob_a_(node.attr_floats("prob_a")),
        prob_b_(node.attr_floats("prob_b")),
        per_class_(node.attr_ints("vectors_per_class")) {
    classes_ = labels_.count();
    count_ = static_cast<size_t>(std::accumulate(per_class_.begin(), per_class_.end(), int64_t{0}));
    all_positive_ =
        std::all_of(coefficients_.begin(), coefficients_.end(), [](float c) { return c >= 0; });
  }

  Status check() const {
    if (classes_ == 0) return invalid_model("a classifier without class labels");
    if (rho_.empty()) return bad_length("rho", 0, 1);
    if (prob_a_.size() != prob_b_.size())
      return bad_length("prob_b", prob_b_.size(), prob_a_.size());
    if (linear()) return {};
    if (classes_ < 2) return invalid_model("support vectors of a single class");
    for (int64_t n : per_class_)
      if (n < 0) return invalid_model("attribute \"vectors_per_class\" holds " + std::to_string(n));
    if (per_class_.size() != classes_)
      return bad_length("vectors_per_class", per_class_.size(), classes_);
    if (vectors_.size() % count_ != 0)
      return bad_length("support_vectors", vectors_.size(), count_ * (vectors_.size() / count_));
    if (coefficients_.size() != (classes_ - 1) * count_)
      return bad_length("coefficients", coefficients_.size(), (classes_ - 1) * count_);
    if (rho_.size() < pairs()) return bad_length("rho", rho_.size(), pairs());
    if (!prob_a_.empty() && prob_a_.size() < pairs())
      return bad_length("prob_a", prob_a_.size(), pairs());
    return {};
  }

  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    HY_ASSIGN_OR_RETURN(const RowShape shape, row_shape(x));
    const size_t numbers = linear() ? coefficients_.size() : vectors_.size();
    const size_t owners = linear() ? classes_ : count_;
    HY_RETURN_IF_ERROR(check_features(shape.features, static_cast<int64_t>(numbers / owners)));
    HY_ASSIGN_OR_RETURN(const float* values, read_as<float>(context, x));
    const auto width = static_cast<int64_t>(columns());
    const int64_t dims[] = {shape.rows, width};
    std::vector<float> unread;
    float* z = nullptr;
    if (context.wants_output(1)) {
      HY_ASSIGN_OR_RETURN(const Tensor t, context.output(1, HY_DTYPE_F32, dims));
      z = t.as<float>();
    } else {
      unread.resize(static_cast<size_t>(count_of(dims)));
      z = unread.data();
    }
    std::vector<int64_t> classes(static_cast<size_t>(shape.rows));
    const auto grain = std::max<int64_t>(1, (1 << 14) / (static_cast<int64_t>(numbers) + 1));
    parallel_for(context.threads(), shape.rows, grain, [&](int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; ++r) {
        const float* row = values + r * shape.features;
        classes[static_cast<size_t>(r)] = linear() ? linear_row(row, shape.features, z + r * width)
                                                   : vector_row(row, shape.features, z + r * width);
      }
    });
    return labels_.write(context, classes);
  }

 private:
  bool linear() const { return count_ == 0; }
  size_t pairs() const { return classes_ * (classes_ - 1) / 2; }
  size_t columns() const {
    if (linear() || !prob_a_.empty()) return classes_;
    return classes_ > 2 ? pairs() : 2;
  }

  int64_t linear_row(const float* x, int64_t features, float* z) const {
    for (size_t k = 0; k < classes_; ++k)
      z[k] = static_cast<float>(
          kernel_(x, coefficients_.data() + static_cast<int64_t>(k) * features, features) +
          rho_[0]);
    const auto n = static_cast<int64_t>(classes_);
    int64_t best = std::max_element(z, z + n) - z;
    if (n == 2 && prob_a_.empty() && (all_positive_ ? z[best] >= 0.5f : z[best] > 0)) best = 1;
    transform_scores(transform_, z, n);
    return best;
  }

  /// The decision of each pair of classes; coefficients are [classes - 1, vectors], as libsvm has them.
  std::vector<double> decisions(const float* x, int64_t features) const {
    std::vector<double> k(count_);
    for (size_t i = 0; i < count_; ++i)
      k[i] = kernel_(x, vectors_.data() + static_cast<int64_t>(i) * features, features);
    std::vector<double> out;
    size_t first_i = 0;
    for (size_t i = 0; i + 1 < classes_; ++i) {
      const auto count_i = static_cast<size_t>(per_class_[i]);
      size_t first_j = first_i + count_i;
      for (size_t j = i + 1; j < classes_; ++j) {
        const auto count_j = static_cast<size_t>(per_class_[j]);
        double sum = rho_[out.size()];
        for (size_t m = first_i; m < first_i + count_i; ++m)
          sum += static_cast<double>(coefficients_[(j - 1) * count_ + m]) * k[m];
        for (size_t m = first_j; m < first_j + count_j; ++m)
          sum += static_cast<double>(coefficients_[i * count_ + m]) * k[m];
        out.push_back(sum);
        first_j += count_j;
      }
      first_i += count_i;
    }
    return out;
  }

  int64_t vector_row(const float* x, int64_t features, float* z) const {
    const std::vector<double> d = decisions(x, features);
    std::vector<int64_t> votes(classes_);
    for (size_t i = 0, at = 0; i + 1 < classes_; ++i)
      for (size_t j = i + 1; j < classes_; ++j, ++at) ++votes[d[at] > 0 ? i : j];
    const int64_t voted = std::max_element(votes.begin(), votes.end()) - votes.begin();
    if (!prob_a_.empty()) {
      const std::vector<double> p = probabilities(d);
      std::copy(p.begin(), p.end(), z);
      transform_scores(transform_, z, static_cast<int64_t>(classes_));
    } else if (classes_ == 2) {
      write_binary(
          transform_,
          transform_ == Transform::kNone ? SecondClass::kOpposite : SecondClass::kComplement, d[0],
          z);
    } else {
      std::copy(d.begin(), d.end(), z);
      transform_scores(transform_, z, static_cast<int64_t>(d.size()));
    }
    return voted;
  }

  std::vector<double> probabilities(const std::vector<double>& d) const {
    constexpr double kLeast = 1e-7;
    std::vector<double> pairwise(classes_ * classes_);
    for (size_t i = 0, at = 0; i + 1 < classes_; ++i)
      for (size_t j = i + 1; j < classes_; ++j, ++at) {
        const double p =
            std::clamp(1 - logistic(d[at] * prob_a_[at] + prob_b_[at]), kLeast, 1 - kLeast);
        pairwise[i * classes_ + j] = p;
        pairwise[j * classes_ + i] = 1 - p;
      }
    return couple(pairwise, classes_);
  }

  const SvmKernel kernel_;
  const Labels labels_;
  const Transform transform_;
  const std::vector<float> coefficients_, vectors_;
  const std::vector<double> rho_, prob_a_, prob_b_;
  const std::vector<int64_t> per_class_;
  size_t classes_ = 0, count_ = 0;
  bool all_positive_ = false;
};

class SvmRegressor final : public Kernel {
 public:
  explicit SvmRegressor(const Node& node)
      : kernel_(*SvmKernel::make(node)),
        transform_(*parse_transform(node.attr_string("post_transform", "NONE"))),
        coefficients_(to_floats(node.attr_floats("coefficients"))),
        vectors_(to_floats(node.attr_floats("support_vectors"))),
        rho_(node.attr_floats("rho")),
        count_(node.attr_int("n_supports")),
        one_class_(node.attr_int("one_class") != 0) {}

  Status check() const {
    if (rho_.empty()) return bad_length("rho", 0, 1);
    if (count_ <= 0) return {};
    const auto count = static_cast<size_t>(count_);
    if (coefficients_.size() != count)
      return bad_length("coefficients", coefficients_.size(), count);
    if (vectors_.size() % count != 0)
      return bad_length("support_vectors", vectors_.size(), count * (vectors_.size() / count));
    return {};
  }

  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    HY_ASSIGN_OR_RETURN(const RowShape shape, row_shape(x));
    const auto wanted = static_cast<int64_t>(
        count_ > 0 ? vectors_.size() / static_cast<size_t>(count_) : coefficients_.size());
    HY_RETURN_IF_ERROR(check_features(shape.features, wanted));
    HY_ASSIGN_OR_RETURN(const float* values, read_as<float>(context, x));
    const int64_t dims[] = {shape.rows, 1};
    HY_ASSIGN_OR_RETURN(const Tensor y, context.output(0, HY_DTYPE_F32, dims));
    const auto work = static_cast<int64_t>(vectors_.size() + coefficients_.size());
    parallel_for(context.threads(), shape.rows, std::max<int64_t>(1, (1 << 14) / (work + 1)),
                 [&](int64_t begin, int64_t end) {
                   for (int64_t r = begin; r < end; ++r)
                     y.as<float>()[r] = score(values + r * shape.features, shape.features);
                 });
    return {};
  }

 private:
  float score(const float* x, int64_t features) const {
    double sum = rho_[0];
    if (count_ <= 0) sum += kernel_(x, coefficients_.data(), features);
    for (int64_t i = 0; i < count_; ++i)
      sum += static_cast<double>(coefficients_[static_cast<size_t>(i)]) *
             kernel_(x, vectors_.data() + i * features, features);
    auto out = static_cast<float>(sum);
    transform_scores(transform_, &out, 1);
    return one_class_ ? (out > 0 ? 1.0f : -1.0f) : out;
  }

  const SvmKernel kernel_;
  const Transform transform_;
  const std::vector<float> coefficients_, vectors_;
  const std::vector<double> rho_;
  const int64_t count_;
  const bool one_class_;
};

template <class K>
Result<std::unique_ptr<Kernel>> create_svm(const Node& node, CompileContext&) {
  auto kernel = std::make_unique<K>(node);
  HY_RETURN_IF_ERROR(kernel->check());
  return std::unique_ptr<Kernel>(std::move(kernel));
}

Verdict known_words(const Node& node) {
  const auto transform = node.attr_string("post_transform", "NONE");
  if (!parse_transform(transform))
    return reject(Reason::attribute)
        .got("post_transform " + std::string(transform))
        .limit("NONE, SOFTMAX, LOGISTIC, SOFTMAX_ZERO or PROBIT");
  if (!SvmKernel::make(node))
    return reject(Reason::attribute)
        .got("kernel_type " + std::string(node.attr_string("kernel_type")) + " with " +
             std::to_string(node.attr_floats("kernel_params").size()) + " parameters")
        .limit("LINEAR, or POLY, RBF or SIGMOID with 3");
  return accept();
}

constexpr KernelEntry kEntries[] = {
    {"SVMClassifier", create_svm<SvmClassifier>, known_words, nullptr, "ai.onnx.ml"},
    {"SVMRegressor", create_svm<SvmRegressor>, known_words, nullptr, "ai.onnx.ml"},
};

}  // namespace

std::span<const KernelEntry> ml_svm_kernels() { return kEntries; }

}  // namespace halyard::cpu
