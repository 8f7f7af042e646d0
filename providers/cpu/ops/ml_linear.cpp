// LinearClassifier LinearRegressor. A classifier with one row of coefficients and two labels has two
// scores, s and 1 - s, as ONNX Runtime has it.
#include <algorithm>

#include "providers/cpu/ml/labels.hpp"
#include "providers/cpu/ml/rows.hpp"
#include "providers/cpu/ml/scores.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"

namespace halyard::cpu {

namespace {

std::vector<float> to_floats(const std::vector<double>& values) {
  return {values.begin(), values.end()};
}

/// scores = x * coefficients^T + intercepts.
class LinearModel {
 public:
  LinearModel(const Node& node, int64_t rows)
      : coefficients_(to_floats(node.attr_floats("coefficients"))),
        intercepts_(to_floats(node.attr_floats("intercepts"))),
        rows_(rows) {}
  int64_t rows() const { return rows_; }
  Status check(int64_t features) const {
    if (rows_ > 0 && static_cast<int64_t>(coefficients_.size()) == rows_ * features) return {};
    return invalid_argument("the input has " + std::to_string(features) + " features a row, and " +
                            std::to_string(rows_) + " rows of coefficients have " +
                            std::to_string(coefficients_.size()) + " numbers");
  }
  void scores(const float* x, int64_t features, float* out) const {
    for (int64_t k = 0; k < rows_; ++k) {
      const float* c = coefficients_.data() + k * features;
      double sum = k < static_cast<int64_t>(intercepts_.size())
                       ? static_cast<double>(intercepts_[static_cast<size_t>(k)])
                       : 0;
      for (int64_t i = 0; i < features; ++i)
        sum += static_cast<double>(c[i]) * static_cast<double>(x[i]);
      out[k] = static_cast<float>(sum);
    }
  }

 private:
  const std::vector<float> coefficients_, intercepts_;
  const int64_t rows_;
};

/// One for each intercept, or else for each label.
int64_t class_rows(const Node& node) {
  const auto intercepts = static_cast<int64_t>(node.attr_floats("intercepts").size());
  if (intercepts > 0) return intercepts;
  const Labels labels(node, "classlabels_ints", "classlabels_strings");
  return std::max<int64_t>(1, static_cast<int64_t>(labels.count()));
}

class LinearClassifier final : public Kernel {
 public:
  explicit LinearClassifier(const Node& node)
      : model_(node, class_rows(node)),
        labels_(node, "classlabels_ints", "classlabels_strings"),
        transform_(*parse_transform(node.attr_string("post_transform", "NONE"))) {}

  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    HY_ASSIGN_OR_RETURN(const RowShape shape, row_shape(x));
    HY_RETURN_IF_ERROR(model_.check(shape.features));
    HY_ASSIGN_OR_RETURN(const float* values, read_as<float>(context, x));
    const int64_t n = model_.rows();
    if (n > 1 && static_cast<int64_t>(labels_.count()) < n)
      return invalid_model(std::to_string(n) + " classes have " + std::to_string(labels_.count()) +
                           " labels");
    const bool two = n == 1 && labels_.count() == 2;
    const int64_t dims[] = {shape.rows, two ? 2 : n};
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
    parallel_for(context.threads(), shape.rows,
                 std::max<int64_t>(1, (1 << 15) / (n * shape.features + 1)),
                 [&](int64_t begin, int64_t end) {
                   for (int64_t r = begin; r < end; ++r)
                     classes[static_cast<size_t>(r)] =
                         finish(values + r * shape.features, shape.features, z + r * dims[1]);
                 });
    return labels_.write(context, classes);
  }

 private:
  int64_t finish(const float* x, int64_t features, float* z) const {
    const int64_t n = model_.rows();
    model_.scores(x, features, z);
    if (n == 1) {
      const float score = z[0];
      if (labels_.count() == 2)
        write_binary(transform_, SecondClass::kComplement, static_cast<double>(score), z);
      else if (transform_ == Transform::kProbit)
        transform_scores(transform_, z, 1);
      return score > 0;
    }
    const int64_t best = std::max_element(z, z + n) - z;
    transform_scores(transform_, z, n);
    return best;
  }

  const LinearModel model_;
  const Labels labels_;
  const Transform transform_;
};

class LinearRegressor final : public Kernel {
 public:
  explicit LinearRegressor(const Node& node)
      : model_(node, node.attr_int("targets", 1)),
        transform_(*parse_transform(node.attr_string("post_transform", "NONE"))) {}

  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    HY_ASSIGN_OR_RETURN(const RowShape shape, row_shape(x));
    HY_RETURN_IF_ERROR(model_.check(shape.features));
    HY_ASSIGN_OR_RETURN(const float* values, read_as<float>(context, x));
    const int64_t n = model_.rows();
    const int64_t dims[] = {shape.rows, n};
    HY_ASSIGN_OR_RETURN(const Tensor y, context.output(0, HY_DTYPE_F32, dims));
    parallel_for(context.threads(), shape.rows,
                 std::max<int64_t>(1, (1 << 15) / (n * shape.features + 1)),
                 [&](int64_t begin, int64_t end) {
                   for (int64_t r = begin; r < end; ++r) {
                     float* scores = y.as<float>() + r * n;
                     model_.scores(values + r * shape.features, shape.features, scores);
                     if (n > 1 || transform_ == Transform::kProbit)
                       transform_scores(transform_, scores, n);
                   }
                 });
    return {};
  }

 private:
  const LinearModel model_;
  const Transform transform_;
};

Verdict known_transform(const Node& node) {
  const auto transform = node.attr_string("post_transform", "NONE");
  if (parse_transform(transform)) return accept();
  return reject(Reason::attribute)
      .got("post_transform " + std::string(transform))
      .limit("NONE, SOFTMAX, LOGISTIC, SOFTMAX_ZERO or PROBIT");
}

constexpr KernelEntry kEntries[] = {
    {"LinearClassifier", create_kernel<LinearClassifier>, known_transform, nullptr, "ai.onnx.ml"},
    {"LinearRegressor", create_kernel<LinearRegressor>, known_transform, nullptr, "ai.onnx.ml"},
};

}  // namespace

std::span<const KernelEntry> ml_linear_kernels() { return kEntries; }

}  // namespace halyard::cpu
