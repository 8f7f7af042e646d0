// RMSNormalization: each row of the axes from `axis` on to mean square 1, then scale. B. Zhang and
// R. Sennrich, Root mean square layer normalization.
#include <cmath>

#include "providers/cpu/axes.hpp"
#include "providers/cpu/ops/row_operand.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"
#include "providers/cpu/row_sums.hpp"
#include "providers/cpu/vector_loop.hpp"

namespace halyard::cpu {

namespace {

constexpr int64_t kGrainElements = 1 << 13;

class RmsNormalization final : public Kernel {
 public:
  explicit RmsNormalization(const Node& node)
      : axis_(node.attr_int("axis", -1)), epsilon_(node.attr_float("epsilon", 1e-5)) {}

  Status run(Context& context) const override {
    const Tensor &x = *context.input(0), &scale = *context.input(1);
    HY_ASSIGN_OR_RETURN(const int64_t axis, normal_axis(axis_, x.rank()));
    if (x.dtype == HY_DTYPE_F64 || scale.dtype == HY_DTYPE_F64)
      return run_as<double>(context, x, scale.dtype, axis);
    return run_as<float>(context, x, scale.dtype, axis);
  }

 private:
  template <class T>
  Status run_as(Context& context, const Tensor& x, uint32_t dtype, int64_t axis) const {
    HY_ASSIGN_OR_RETURN(const T* from, read_floats<T>(context, x));
    HY_ASSIGN_OR_RETURN(const RowOperand<T> scale, row_operand<T>(context, 1, x.dims, axis));
    HY_ASSIGN_OR_RETURN(const auto y, (FloatOutput<T>::make(context, 0, dtype, x.dims)));
    const int64_t rows = product(x.dims, 0, axis), n = product(x.dims, axis, x.rank());
    T* to = y.data();
    parallel_for(context.threads(), rows, kGrainElements / std::max<int64_t>(n, 1) + 1,
                 [&](int64_t begin, int64_t end) {
                   for (int64_t r = begin; r < end; ++r)
                     normalize(from + r * n, scale.values + r * scale.row_step, scale.step,
                               to + r * n, n);
                 });
    y.finish(context);
    return {};
  }

  template <class T>
  void normalize(const T* x, const T* scale, int64_t step, T* y, int64_t n) const {
    const double square = row_squares(x, n, T{0}) / static_cast<double>(n);
    const T factor = static_cast<T>(1 / std::sqrt(square + epsilon_));
    if (step == 1)
      vector_loop(n, [=](int64_t i) HALYARD_CPU_INLINE { y[i] = x[i] * factor * scale[i]; });
    else
      vector_loop(n, [=](int64_t i) HALYARD_CPU_INLINE { y[i] = x[i] * factor * *scale; });
  }

  const int64_t axis_;
  const double epsilon_;
};

Verdict supports(const Node& node) {
  const Value x = node.input(0);
  const int64_t axis = node.attr_int("axis", -1), rank = x.rank();
  if (x.has_rank() && (axis < -rank || axis >= rank))
    return reject(Reason::attribute)
        .got("axis=" + std::to_string(axis))
        .limit("within the rank, " + std::to_string(rank));
  return accept();
}

double operations(const Node& node) {
  if (!node.input(0).is_static()) return -1;
  double n = 5;
  for (int64_t d : node.input(0).dims()) n *= static_cast<double>(d);
  return n;
}

constexpr KernelEntry kRows[] = {
    {"RMSNormalization", create_kernel<RmsNormalization>, supports, operations}};

}  // namespace

std::span<const KernelEntry> rms_normalization_kernels() { return kRows; }

}  // namespace halyard::cpu
