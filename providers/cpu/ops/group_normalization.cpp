// GroupNormalization: each group of channels to mean 0 and variance 1, then scale and bias of each
// channel. Y. Wu and K. He, Group normalization.
#include <cmath>

#include "providers/cpu/float_forms.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"
#include "providers/cpu/row_sums.hpp"
#include "providers/cpu/vector_loop.hpp"

namespace halyard::cpu {

namespace {

constexpr int64_t kGrainElements = 1 << 14;

class GroupNormalization final : public Kernel {
 public:
  explicit GroupNormalization(const Node& node)
      : groups_(node.attr_int("num_groups", 1)), epsilon_(node.attr_float("epsilon", 1e-5)) {}

  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    if (x.rank() < 2)
      return mismatch("X has rank " + std::to_string(x.rank()) + " and must have at least 2");
    if (x.dim(1) % groups_ != 0)
      return mismatch("X is " + dims_text(x.dims) + ": num_groups=" + std::to_string(groups_) +
                      " does not divide its " + std::to_string(x.dim(1)) + " channels");
    for (uint32_t i : {1u, 2u})
      if (context.input(i)->dims != Dims{x.dim(1)})
        return mismatch((i == 1 ? "scale is " : "bias is ") + dims_text(context.input(i)->dims) +
                        " and X has " + std::to_string(x.dim(1)) + " channels");
    return visit_form(x.dtype, [&](auto tag) -> Status {
      using T = decltype(tag);
      HY_ASSIGN_OR_RETURN(const T* from, read_floats<T>(context, x));
      HY_ASSIGN_OR_RETURN(const T* scale, read_floats<T>(context, 1));
      HY_ASSIGN_OR_RETURN(const T* bias, read_floats<T>(context, 2));
      HY_ASSIGN_OR_RETURN(const auto y, (FloatOutput<T>::make(context, 0, x.dtype, x.dims)));
      normalize(context.threads(), x, from, scale, bias, y.data());
      y.finish(context);
      return {};
    });
  }

 private:
  template <class T>
  void normalize(int threads, const Tensor& shape, const T* x, const T* scale, const T* bias,
                 T* y) const {
    const int64_t per = shape.dim(1) / groups_, area = count_of(shape.shape().subspan(2));
    const int64_t n = per * area;
    parallel_for(threads, shape.dim(0) * groups_, kGrainElements / std::max<int64_t>(n, 1) + 1,
                 [&](int64_t begin, int64_t end) {
                   for (int64_t g = begin; g < end; ++g) {
                     const int64_t first = g % groups_ * per;
                     group(x + g * n, scale + first, bias + first, y + g * n, per, area);
                   }
                 });
  }
  template <class T>
  void group(const T* x, const T* scale, const T* bias, T* y, int64_t channels,
             int64_t area) const {
    const int64_t n = channels * area;
    const T mean = static_cast<T>(row_sum(x, n) / static_cast<double>(n));
    const double variance = row_squares(x, n, mean) / static_cast<double>(n);
    const double inverse = 1 / std::sqrt(variance + epsilon_);
    for (int64_t c = 0; c < channels; ++c) {
      const T factor = static_cast<T>(static_cast<double>(scale[c]) * inverse), offset = bias[c];
      const T* from = x + c * area;
      T* to = y + c * area;
      vector_loop(
          area, [=](int64_t i) HALYARD_CPU_INLINE { to[i] = (from[i] - mean) * factor + offset; });
    }
  }

  const int64_t groups_;
  const double epsilon_;
};

Verdict supports(const Node& node) {
  const Value x = node.input(0);
  if (x.has_rank() && x.rank() < 2)
    return reject(Reason::rank).operand(0).got(x.rank()).limit("at least 2");
  if (node.attr_int("num_groups", 1) < 1)
    return reject(Reason::attribute)
        .got("num_groups=" + std::to_string(node.attr_int("num_groups", 1)))
        .limit("at least 1");
  return accept();
}

constexpr KernelEntry kRows[] = {
    {"GroupNormalization", create_kernel<GroupNormalization>, supports, nullptr}};

}  // namespace

std::span<const KernelEntry> group_normalization_kernels() { return kRows; }

}  // namespace halyard::cpu
