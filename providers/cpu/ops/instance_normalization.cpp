// InstanceNormalization: each plane of a channel to mean 0 and variance 1, then scale and B.
#include <cmath>

#include "providers/cpu/float_io.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"
#include "providers/cpu/row_sums.hpp"
#include "providers/cpu/vector_loop.hpp"

namespace halyard::cpu {

namespace {

constexpr int64_t kGrainElements = 1 << 14;

class InstanceNormalization final : public Kernel {
 public:
  explicit InstanceNormalization(const Node& node) : epsilon_(node.attr_float("epsilon", 1e-5)) {}

  Status run(Context& context) const override {
    const Tensor x = *context.input(0);
    if (x.rank() < 2)
      return mismatch("X has rank " + std::to_string(x.rank()) + " and must have at least 2");
    for (uint32_t i : {1u, 2u})
      if (context.input(i)->count() != x.dim(1))
        return mismatch("operand " + std::to_string(i) + " is " +
                        dims_text(context.input(i)->dims) + " and X has " +
                        std::to_string(x.dim(1)) + " channels");
    if (x.dtype == HY_DTYPE_F64) {
      HY_ASSIGN_OR_RETURN(const Tensor y, context.output_over(0, x.dtype, x.dims, {0}));
      normalize(context, x, x.as<const double>(), context.input(1)->as<const double>(),
                context.input(2)->as<const double>(), y.as<double>());
      return {};
    }
    HY_ASSIGN_OR_RETURN(const float* from, read_f32(context, x));
    HY_ASSIGN_OR_RETURN(const float* scale, read_f32(context, *context.input(1)));
    HY_ASSIGN_OR_RETURN(const float* bias, read_f32(context, *context.input(2)));
    HY_ASSIGN_OR_RETURN(const F32Output y, F32Output::make(context, 0, x.dtype, x.dims));
    normalize(context, x, from, scale, bias, y.data());
    y.finish(context);
    return {};
  }

 private:
  template <class T>
  void normalize(Context& context, const Tensor& shape, const T* x, const T* scale, const T* bias,
                 T* y) const {
    const int64_t channels = shape.dim(1), area = count_of(shape.shape().subspan(2));
    const int64_t grain = kGrainElements / std::max<int64_t>(area, 1) + 1;
    parallel_for(
        context.threads(), shape.dim(0) * channels, grain, [&](int64_t begin, int64_t end) {
          for (int64_t p = begin; p < end; ++p) {
            const T* from = x + p * area;
            T* to = y + p * area;
            const T mean = static_cast<T>(row_sum(from, area) / static_cast<double>(area));
            const double variance = row_squares(from, area, mean) / static_cast<double>(area);
            const T factor = static_cast<T>(static_cast<double>(scale[p % channels]) /
                                            std::sqrt(variance + epsilon_));
            const T offset = bias[p % channels];
            vector_loop(area, [=](int64_t i) HALYARD_CPU_INLINE {
              to[i] = (from[i] - mean) * factor + offset;
            });
          }
        });
  }

  const double epsilon_;
};

Verdict supports(const Node& node) {
  const Value x = node.input(0);
  if (x.has_rank() && x.rank() < 2)
    return reject(Reason::rank).operand(0).got(x.rank()).limit("at least 2");
  return accept();
}

constexpr KernelEntry kRows[] = {
    {"InstanceNormalization", create_kernel<InstanceNormalization>, supports, nullptr}};

}  // namespace

std::span<const KernelEntry> instance_normalization_kernels() { return kRows; }

}  // namespace halyard::cpu
