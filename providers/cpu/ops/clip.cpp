// Clip: both bounds are scalars and may be absent; where they cross, the upper one wins.
#include <limits>

#include "providers/cpu/ops/elementwise_unary.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"

namespace halyard::cpu {

namespace {

template <class T>
void clip_loop(const T* x, T* y, int64_t n, compute_t<T> low, compute_t<T> high) {
  const auto body = [=](int64_t i) HALYARD_CPU_INLINE {
    const compute_t<T> v = x[i];  // NaN stays
    const compute_t<T> above = v < low ? low : v;
    y[i] = static_cast<T>(above > high ? high : above);
  };
  if constexpr (std::is_same_v<T, float>)
    vector_loop(n, body);
  else
    for (int64_t i = 0; i < n; ++i) body(i);
}

class Clip final : public Kernel {
 public:
  explicit Clip(const Node&) {}
  Layouts layouts() const override { return Layouts::kPointwise; }
  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    for (uint32_t i = 1; i < context.input_count(); ++i)
      HY_RETURN_IF_ERROR(check_bound(x, context.input(i)));
    HY_ASSIGN_OR_RETURN(const Tensor y, context.output_over(0, x.dtype, x.dims, {0}));
    return visit_numeric(x.dtype, [&](auto tag) -> Status {
      using T = decltype(tag);
      using C = compute_t<T>;
      using Limits = std::numeric_limits<C>;
      C low = Limits::has_infinity ? -Limits::infinity() : Limits::lowest();
      C high = Limits::has_infinity ? Limits::infinity() : Limits::max();
      if (const Tensor* t = context.input(1)) low = t->as<const T>()[0];
      if (const Tensor* t = context.input(2)) high = t->as<const T>()[0];
      parallel_for(context.threads(), x.count(), 1 << 15, [&](int64_t begin, int64_t end) {
        clip_loop(x.as<const T>() + begin, y.as<T>() + begin, end - begin, low, high);
      });
      return {};
    });
  }

 private:
  static Status check_bound(const Tensor& x, const Tensor* bound) {
    if (bound == nullptr) return {};
    if (bound->count() != 1)
      return invalid_argument("a bound has dims " + dims_text(bound->dims) +
                              "; it must be a scalar");
    if (bound->dtype != x.dtype)
      return mismatch(std::string("a bound is ") + dtype_name(bound->dtype) + ", the input " +
                      dtype_name(x.dtype));
    return {};
  }
};

constexpr KernelEntry kEntries[] = {{"Clip", create_kernel<Clip>}};

}  // namespace

std::span<const KernelEntry> clip_kernels() { return kEntries; }

}  // namespace halyard::cpu
