// MeanVarianceNormalization: (x - mean) / (deviation + 1e-9) over any axes.
#include <boost/container/small_vector.hpp>
#include <cmath>

#include "providers/cpu/axes.hpp"
#include "providers/cpu/float_forms.hpp"
#include "providers/cpu/ops/reduce_walk.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"
#include "providers/cpu/row_sums.hpp"
#include "providers/cpu/vector_loop.hpp"

namespace halyard::cpu {

namespace {

constexpr int64_t kGrainElements = 1 << 14;
constexpr double kLeastDeviation = 1e-9;

std::vector<int64_t> axes_of(const Node& node) {
  if (node.has_attribute("axes")) return node.attr_ints("axes");
  return {0, 2, 3};
}

/// The elements that one mean is made of: runs of `length`, whose elements lie `stride` apart.
struct Runs {
  explicit Runs(const ReduceWalk& w)
      : walk(w),
        outer(w.reduced.empty() ? 0 : w.reduced.size() - 1),
        length(w.reduced.empty() ? 1 : w.reduced.back()),
        stride(w.reduced.empty() ? 1 : w.reduced_strides.back()),
        count(length == 0 ? 0 : w.depth() / length) {}
  int64_t begin(int64_t run) const {
    return ReduceWalk::offset(run, walk.reduced, walk.reduced_strides, outer);
  }
  const ReduceWalk& walk;
  const size_t outer;
  const int64_t length, stride, count;
};

/// One mean's elements, from x and y on.
template <class T>
void normalize(const Runs& runs, const T* x, T* y) {
  const int64_t n = runs.length, stride = runs.stride;
  const double all = static_cast<double>(n * runs.count);
  double sum = 0, squares = 0;
  for (int64_t r = 0; r < runs.count; ++r) {
    const T* from = x + runs.begin(r);
    if (stride == 1) sum += row_sum(from, n);
    for (int64_t i = 0; stride != 1 && i < n; ++i) sum += static_cast<double>(from[i * stride]);
  }
  const T mean = static_cast<T>(sum / all);
  for (int64_t r = 0; r < runs.count; ++r) {
    const T* from = x + runs.begin(r);
    if (stride == 1) squares += row_squares(from, n, mean);
    for (int64_t i = 0; stride != 1 && i < n; ++i) {
      const double off = static_cast<double>(from[i * stride]) - static_cast<double>(mean);
      squares += off * off;
    }
  }
  const T factor = static_cast<T>(1 / (std::sqrt(squares / all) + kLeastDeviation));
  for (int64_t r = 0; r < runs.count; ++r) {
    const T* from = x + runs.begin(r);
    T* to = y + runs.begin(r);
    if (stride == 1)
      vector_loop(n, [=](int64_t i) HALYARD_CPU_INLINE { to[i] = (from[i] - mean) * factor; });
    for (int64_t i = 0; stride != 1 && i < n; ++i)
      to[i * stride] = (from[i * stride] - mean) * factor;
  }
}

class MeanVarianceNormalization final : public Kernel {
 public:
  explicit MeanVarianceNormalization(const Node& node) : axes_(axes_of(node)) {}

  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    HY_ASSIGN_OR_RETURN(const Dims axes, normal_axes(axes_, x.rank()));
    boost::container::small_vector<bool, 8> reduced(x.dims.size(), false);
    for (int64_t a : axes) reduced[static_cast<size_t>(a)] = true;
    const ReduceWalk walk(x.dims, std::span<const bool>(reduced.data(), reduced.size()));
    return visit_form(x.dtype, [&](auto tag) -> Status {
      using T = decltype(tag);
      HY_ASSIGN_OR_RETURN(const T* from, read_floats<T>(context, x));
      HY_ASSIGN_OR_RETURN(const auto y, (FloatOutput<T>::make(context, 0, x.dtype, x.dims)));
      T* to = y.data();
      const Runs runs(walk);
      const int64_t grain = kGrainElements / std::max<int64_t>(walk.depth(), 1) + 1;
      if (x.count() == 0) return {};
      parallel_for(context.threads(), walk.results(), grain, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
          const int64_t at = ReduceWalk::offset(i, walk.kept, walk.kept_strides, walk.kept.size());
          normalize(runs, from + at, to + at);
        }
      });
      y.finish(context);
      return {};
    });
  }

 private:
  const std::vector<int64_t> axes_;
};

Verdict supports(const Node& node) {
  const Value x = node.input(0);
  for (int64_t axis : axes_of(node))
    if (x.has_rank() && (axis < -x.rank() || axis >= x.rank()))
      return reject(Reason::attribute)
          .got("axis " + std::to_string(axis))
          .limit("within the rank, " + std::to_string(x.rank()));
  return accept();
}

constexpr KernelEntry kRows[] = {
    {"MeanVarianceNormalization", create_kernel<MeanVarianceNormalization>, supports, nullptr}};

}  // namespace

std::span<const KernelEntry> mean_variance_normalization_kernels() { return kRows; }

}  // namespace halyard::cpu
