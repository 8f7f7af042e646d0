// Hardmax: 1 where the first of the greatest elements along the axis is, else 0.
#include <algorithm>

#include "providers/cpu/axes.hpp"
#include "providers/cpu/dispatch.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"

namespace halyard::cpu {

namespace {

class Hardmax final : public Kernel {
 public:
  explicit Hardmax(const Node& node) : axis_(node.attr_int("axis", -1)) {}
  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    const Dims dims = x.dims.empty() ? Dims{1} : x.dims;  // a scalar is a row of one
    HY_ASSIGN_OR_RETURN(const int64_t axis, normal_axis(axis_, std::ssize(dims)));
    HY_ASSIGN_OR_RETURN(const Tensor y, context.output(0, x.dtype, x.dims));
    if (y.count() == 0) return {};
    const int64_t size = dims[static_cast<size_t>(axis)];
    const int64_t inner = product(dims, axis + 1, std::ssize(dims));
    return visit_float(x.dtype, [&](auto tag) -> Status {
      using T = decltype(tag);
      parallel_for(context.threads(), x.count() / size, std::max<int64_t>(1, (1 << 14) / size),
                   [&](int64_t begin, int64_t end) {
                     for (int64_t lane = begin; lane < end; ++lane) {
                       const int64_t base = lane / inner * size * inner + lane % inner;
                       mark(x.as<const T>() + base, y.as<T>() + base, size, inner);
                     }
                   });
      return {};
    });
  }

 private:
  template <class T>
  static void mark(const T* x, T* y, int64_t size, int64_t step) {
    int64_t best = 0;
    for (int64_t i = 1; i < size; ++i)
      if (static_cast<compute_t<T>>(x[i * step]) > static_cast<compute_t<T>>(x[best * step]))
        best = i;
    for (int64_t i = 0; i < size; ++i) y[i * step] = T(static_cast<compute_t<T>>(i == best));
  }

  const int64_t axis_;
};

constexpr KernelEntry kRows[] = {{"Hardmax", create_kernel<Hardmax>}};

}  // namespace

std::span<const KernelEntry> hardmax_kernels() { return kRows; }

}  // namespace halyard::cpu
