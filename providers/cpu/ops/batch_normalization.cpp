// BatchNormalization of inference: y = (x - mean) scale / sqrt(var + epsilon) + B, channel by channel.
#include <cmath>

#include "providers/cpu/dispatch.hpp"
#include "providers/cpu/float_io.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"
#include "providers/cpu/vector_loop.hpp"

namespace halyard::cpu {

namespace {

constexpr int64_t kGrainElements = 1 << 14;

/// Operand i as `channels` doubles in scratch.
Result<const double*> read_channels(Context& context, uint32_t i, int64_t channels) {
  const Tensor& t = *context.input(i);
  if (t.rank() != 1 || t.dim(0) != channels)
    return mismatch("operand " + std::to_string(i) + " is " + dims_text(t.dims) + " and X has " +
                    std::to_string(channels) + " channels");
  HY_ASSIGN_OR_RETURN(void* memory,
                      context.scratch(static_cast<size_t>(channels) * sizeof(double)));
  auto* out = static_cast<double*>(memory);
  HY_RETURN_IF_ERROR(visit_float(t.dtype, [&](auto tag) -> Status {
    for (int64_t c = 0; c < channels; ++c)
      out[c] = static_cast<double>(t.as<const decltype(tag)>()[c]);
    return {};
  }));
  return static_cast<const double*>(out);
}

class BatchNormalization final : public Kernel {
 public:
  explicit BatchNormalization(const Node& node) : epsilon_(node.attr_float("epsilon", 1e-5)) {}

  Status run(Context& context) const override {
    const Tensor x = *context.input(0);
    if (x.rank() < 1) return mismatch("X is a scalar and must have a batch axis");
    Channels c;
    c.count = x.rank() > 1 ? x.dim(1) : 1;
    HY_ASSIGN_OR_RETURN(c.scale, read_channels(context, 1, c.count));
    HY_ASSIGN_OR_RETURN(c.bias, read_channels(context, 2, c.count));
    HY_ASSIGN_OR_RETURN(c.mean, read_channels(context, 3, c.count));
    HY_ASSIGN_OR_RETURN(c.variance, read_channels(context, 4, c.count));
    const int64_t area = x.rank() > 2 ? count_of(x.shape().subspan(2)) : 1;
    if (x.dtype == HY_DTYPE_F64) {
      HY_ASSIGN_OR_RETURN(const Tensor y, context.output_over(0, x.dtype, x.dims, {0}));
      normalize(context, x.as<const double>(), y.as<double>(), x.dim(0) * c.count, area, c);
      return {};
    }
    if (x.dtype == HY_DTYPE_F32) {
      HY_ASSIGN_OR_RETURN(const Tensor y, context.output_over(0, x.dtype, x.dims, {0}));
      normalize(context, x.as<const float>(), y.as<float>(), x.dim(0) * c.count, area, c);
      return {};
    }
    HY_ASSIGN_OR_RETURN(const float* from, read_f32(context, x));
    HY_ASSIGN_OR_RETURN(const F32Output y, F32Output::make(context, 0, x.dtype, x.dims));
    normalize(context, from, y.data(), x.dim(0) * c.count, area, c);
    y.finish(context);
    return {};
  }

 private:
  struct Channels {
    int64_t count = 0;
    const double *scale = nullptr, *bias = nullptr, *mean = nullptr, *variance = nullptr;
  };

  template <class T>
  void normalize(Context& context, const T* x, T* y, int64_t planes, int64_t area,
                 const Channels& c) const {
    const int64_t grain = kGrainElements / std::max<int64_t>(area, 1) + 1;
    parallel_for(context.threads(), planes, grain, [&](int64_t begin, int64_t end) {
      for (int64_t p = begin; p < end; ++p) {
        const int64_t k = p % c.count;
        const T mean = static_cast<T>(c.mean[k]), bias = static_cast<T>(c.bias[k]);
        const T scale = static_cast<T>(c.scale[k] / std::sqrt(c.variance[k] + epsilon_));
        const T* from = x + p * area;
        T* to = y + p * area;
        vector_loop(area,
                    [=](int64_t i) HALYARD_CPU_INLINE { to[i] = (from[i] - mean) * scale + bias; });
      }
    });
  }

  const double epsilon_;
};

Verdict supports(const Node& node) {
  const Value x = node.input(0);
  if (x.has_rank() && x.rank() < 1)
    return reject(Reason::rank).operand(0).got(x.rank()).limit("at least 1");
  return accept();
}

constexpr KernelEntry kRows[] = {
    {"BatchNormalization", create_kernel<BatchNormalization>, supports, nullptr}};

}  // namespace

std::span<const KernelEntry> batch_normalization_kernels() { return kRows; }

}  // namespace halyard::cpu
