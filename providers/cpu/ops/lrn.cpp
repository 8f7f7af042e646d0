// LRN: x / (bias + alpha / size * sum of squares over `size` channels around)^beta. A. Krizhevsky et al.,
// ImageNet classification with deep convolutional neural networks.
#include <cmath>

#include "providers/cpu/axes.hpp"
#include "providers/cpu/float_forms.hpp"
#include "providers/cpu/float_math.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"
#include "providers/cpu/vector_loop.hpp"

namespace halyard::cpu {

namespace {

constexpr int64_t kGrainElements = 1 << 12;
constexpr int64_t kTile = 1024;  // neighbouring positions whose sums stay near

class Lrn final : public Kernel {
 public:
  explicit Lrn(const Node& node)
      : alpha_(node.attr_float("alpha", 1e-4)),
        beta_(node.attr_float("beta", 0.75)),
        bias_(node.attr_float("bias", 1)),
        size_(node.attr_int("size", 1)) {}

  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    if (x.rank() < 2)
      return mismatch("X has rank " + std::to_string(x.rank()) + " and must have at least 2");
    return visit_form(x.dtype, [&](auto tag) -> Status {
      using T = decltype(tag);
      HY_ASSIGN_OR_RETURN(const T* from, read_floats<T>(context, x));
      HY_ASSIGN_OR_RETURN(const auto y, (FloatOutput<T>::make(context, 0, x.dtype, x.dims)));
      normalize(context.threads(), x, from, y.data());
      y.finish(context);
      return {};
    });
  }

 private:
  template <class T>
  void normalize(int threads, const Tensor& shape, const T* x, T* y) const {
    const int64_t channels = shape.dim(1), area = product(shape.dims, 2, shape.rank());
    const int64_t grain =
        kGrainElements / std::max<int64_t>(area * std::min(size_, channels), 1) + 1;
    parallel_for(threads, shape.dim(0) * channels, grain, [&](int64_t begin, int64_t end) {
      for (int64_t p = begin; p < end; ++p)
        for (int64_t at = 0; at < area; at += kTile)
          tile(x, y, p, channels, area, at, std::min(kTile, area - at));
    });
  }

  /// Positions [at, at + n) of one channel of one picture.
  template <class T>
  void tile(const T* x, T* y, int64_t plane, int64_t channels, int64_t area, int64_t at,
            int64_t n) const {
    const int64_t c = plane % channels, first = plane - c;
    const int64_t low = std::max<int64_t>(0, c - (size_ - 1) / 2);
    const int64_t high = std::min(channels - 1, c + size_ / 2);
    T sums[kTile];
    T* const sum = sums;
    std::fill_n(sum, n, T{0});
    for (int64_t k = low; k <= high; ++k) {
      const T* from = x + (first + k) * area + at;
      vector_loop(n, [=](int64_t i) HALYARD_CPU_INLINE { sum[i] += from[i] * from[i]; });
    }
    const T factor = static_cast<T>(alpha_ / static_cast<double>(size_));
    const T bias = static_cast<T>(bias_), beta = static_cast<T>(beta_);
    const T* from = x + plane * area + at;
    T* to = y + plane * area + at;
    if (beta_ == 0.75)
      vector_loop(n, [=](int64_t i) HALYARD_CPU_INLINE {
        const T root = std::sqrt(bias + factor * sum[i]);
        to[i] = from[i] / (root * std::sqrt(root));
      });
    else
      vector_loop(n, [=](int64_t i) HALYARD_CPU_INLINE {
        to[i] = from[i] * cpu::exp(-beta * cpu::log(bias + factor * sum[i]));
      });
  }

  const double alpha_, beta_, bias_;
  const int64_t size_;
};

Verdict supports(const Node& node) {
  const Value x = node.input(0);
  if (x.has_rank() && x.rank() < 2)
    return reject(Reason::rank).operand(0).got(x.rank()).limit("at least 2");
  if (node.attr_int("size", 1) < 1)
    return reject(Reason::attribute)
        .got("size=" + std::to_string(node.attr_int("size", 1)))
        .limit("at least 1");
  return accept();
}

double operations(const Node& node) {
  if (!node.input(0).is_static()) return -1;
  double n = 2 * static_cast<double>(node.attr_int("size", 1)) + 16;
  for (int64_t d : node.input(0).dims()) n *= static_cast<double>(d);
  return n;
}

constexpr KernelEntry kRows[] = {{"LRN", create_kernel<Lrn>, supports, operations}};

}  // namespace

std::span<const KernelEntry> lrn_kernels() { return kRows; }

}  // namespace halyard::cpu
