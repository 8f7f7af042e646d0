// NegativeLogLikelihoodLoss and SoftmaxCrossEntropyLoss: minus the (logarithm of the) score of each
// element's class, weighted by class, then as they are, summed, or their weighted mean.
#include <cmath>
#include <optional>
#include <string>

#include "providers/cpu/axes.hpp"
#include "providers/cpu/float_forms.hpp"
#include "providers/cpu/float_math.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"
#include "providers/cpu/row_sums.hpp"

namespace halyard::cpu {

namespace {

constexpr int64_t kGrainElements = 1 << 13;

enum class Reduction { kNone, kSum, kMean };

/// Scores as [batch, classes, area].
struct Extent {
  int64_t batch = 0, classes = 0, area = 0;
};

Result<Extent> extent_of(const Tensor& x, const Tensor& target, const Tensor* weight) {
  if (x.rank() < 2)
    return mismatch("the scores have the dims " + dims_text(x.dims) +
                    "; they have a batch axis and a class axis");
  Dims expected = x.dims;
  expected.erase(expected.begin() + 1);
  if (target.dims != expected)
    return mismatch("the classes have the dims " + dims_text(target.dims) + "; scores of " +
                    dims_text(x.dims) + " need " + dims_text(expected));
  if (weight != nullptr && weight->dims != Dims{x.dim(1)})
    return mismatch("the weights have the dims " + dims_text(weight->dims) + "; there are " +
                    std::to_string(x.dim(1)) + " classes");
  return Extent{x.dim(0), x.dim(1), product(x.dims, 2, x.rank())};
}

/// log(softmax(x)) over the classes.
template <class T>
void log_softmax(int threads, const Extent& e, const T* x, T* y) {
  if (e.classes == 0) return;
  const int64_t rows = e.batch * e.area;
  parallel_for(threads, rows, kGrainElements / std::max<int64_t>(e.classes, 1) + 1,
               [&](int64_t begin, int64_t end) {
                 for (int64_t r = begin; r < end; ++r) {
                   const int64_t at = r / e.area * e.classes * e.area + r % e.area;
                   const T *from = x + at, *last = from + e.classes * e.area;
                   T* to = y + at;
                   T max = *from;
                   for (const T* p = from; p < last; p += e.area)
                     max = *p > max || std::isnan(*p) ? *p : max;
                   double sum = 0;
                   for (const T* p = from; p < last; p += e.area)
                     sum += std::exp(static_cast<double>(*p - max));
                   const T log_sum = static_cast<T>(std::log(sum));
                   for (int64_t c = 0; c < e.classes; ++c)
                     to[c * e.area] = from[c * e.area] - max - log_sum;
                 }
               });
}

class Loss final : public Kernel {
 public:
  explicit Loss(const Node& node) : from_scores_(node.op() == "SoftmaxCrossEntropyLoss") {
    if (node.has_attribute("ignore_index")) ignored_ = node.attr_int("ignore_index");
    const std::string reduction(node.attr_string("reduction", "mean"));
    reduction_ = reduction == "none"  ? Reduction::kNone
                 : reduction == "sum" ? Reduction::kSum
                                      : Reduction::kMean;
  }

  Status run(Context& context) const override {
    return visit_form(context.input(0)->dtype,
                      [&](auto tag) { return run_as<decltype(tag)>(context); });
  }

 private:
  template <class T>
  Status run_as(Context& context) const {
    const Tensor &x = *context.input(0), &target = *context.input(1);
    const Tensor* weight = context.input_count() > 2 ? context.input(2) : nullptr;
    HY_ASSIGN_OR_RETURN(const Extent e, extent_of(x, target, weight));
    HY_RETURN_IF_ERROR(check_classes(target, e.classes));
    HY_ASSIGN_OR_RETURN(const T* log_prob, read_floats<T>(context, x));
    if (from_scores_) {
      HY_ASSIGN_OR_RETURN(log_prob, log_probabilities(context, e, x, log_prob));
    }
    const T* weights = nullptr;
    if (weight != nullptr) {
      HY_ASSIGN_OR_RETURN(weights, read_floats<T>(context, *weight));
    }
    const auto loss_of = [&](int64_t i, double* w) {
      const int64_t c = target.index_at(i);
      if (c == ignored_) {
        *w = 0;
        return 0.0;
      }
      *w = weights != nullptr ? static_cast<double>(weights[c]) : 1.0;
      return -*w *
             static_cast<double>(log_prob[(i / e.area * e.classes + c) * e.area + i % e.area]);
    };
    const int64_t n = e.batch * e.area;
    if (reduction_ == Reduction::kNone) {
      HY_ASSIGN_OR_RETURN(const auto y, (FloatOutput<T>::make(context, 0, x.dtype, target.dims)));
      double w = 0;
      for (int64_t i = 0; i < n; ++i) y.data()[i] = static_cast<T>(loss_of(i, &w));
      y.finish(context);
      return {};
    }
    double sum = 0, total_weight = 0;
    for (int64_t i = 0; i < n; ++i) {
      double w = 0;
      sum += loss_of(i, &w);
      total_weight += w;
    }
    if (reduction_ == Reduction::kMean) sum /= total_weight;
    HY_ASSIGN_OR_RETURN(const auto y, (FloatOutput<T>::make(context, 0, x.dtype, Dims{})));
    *y.data() = static_cast<T>(sum);
    y.finish(context);
    return {};
  }

  Status check_classes(const Tensor& target, int64_t classes) const {
    for (int64_t i = 0; i < target.count(); ++i) {
      const int64_t c = target.index_at(i);
      if (c != ignored_ && (c < 0 || c >= classes))
        return invalid_argument("class " + std::to_string(c) + " of element " + std::to_string(i) +
                                " does not exist; there are " + std::to_string(classes) +
                                " classes");
    }
    return {};
  }

  /// Output 1 where somebody reads it.
  template <class T>
  Result<const T*> log_probabilities(Context& context, const Extent& e, const Tensor& x,
                                     const T* scores) const {
    if (context.output_count() > 1 && context.wants_output(1)) {
      HY_ASSIGN_OR_RETURN(const auto y, (FloatOutput<T>::make(context, 1, x.dtype, x.dims)));
      log_softmax(context.threads(), e, scores, y.data());
      y.finish(context);
      return static_cast<const T*>(y.data());
    }
    HY_ASSIGN_OR_RETURN(T * memory, scratch_of<T>(context, x.count()));
    log_softmax(context.threads(), e, scores, memory);
    return static_cast<const T*>(memory);
  }

  const bool from_scores_;
  Reduction reduction_ = Reduction::kMean;
  std::optional<int64_t> ignored_;
};

constexpr KernelEntry kRows[] = {
    {"NegativeLogLikelihoodLoss", create_kernel<Loss>},
    {"SoftmaxCrossEntropyLoss", create_kernel<Loss>},
};

}  // namespace

std::span<const KernelEntry> losses_kernels() { return kRows; }

}  // namespace halyard::cpu
