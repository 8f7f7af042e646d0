// NonZero: positions [rank, n] in C order; of a scalar [0, n], unlike numpy.
#include <array>

#include "providers/cpu/dispatch.hpp"
#include "providers/cpu/ops/table.hpp"

namespace halyard::cpu {

namespace {

template <class T>
Status write_positions(Context& context, const Tensor& x) {
  using C = compute_t<T>;
  const T* from = x.as<const T>();
  const int64_t count = x.count();
  int64_t n = 0;
  for (int64_t i = 0; i < count; ++i) n += static_cast<C>(from[i]) != C{0};
  HY_ASSIGN_OR_RETURN(const Tensor y, context.output(0, HY_DTYPE_I64, std::array{x.rank(), n}));
  auto* to = y.as<int64_t>();
  for (int64_t i = 0; i < count; ++i) {
    if (static_cast<C>(from[i]) == C{0}) continue;
    int64_t at = i;
    for (int64_t d = x.rank(); d-- > 0; at /= x.dim(d)) to[d * n] = at % x.dim(d);
    ++to;
  }
  return {};
}

class NonZero final : public Kernel {
 public:
  explicit NonZero(const Node&) {}
  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    const uint32_t dtype = x.dtype == HY_DTYPE_BOOL ? static_cast<uint32_t>(HY_DTYPE_U8) : x.dtype;
    return visit_numeric(dtype,
                         [&](auto tag) { return write_positions<decltype(tag)>(context, x); });
  }
};

constexpr KernelEntry kEntries[] = {{"NonZero", create_kernel<NonZero>}};

}  // namespace

std::span<const KernelEntry> non_zero_kernels() { return kEntries; }

}  // namespace halyard::cpu
