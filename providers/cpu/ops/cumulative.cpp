// CumSum CumProd. Floats accumulate in f64, integers wrap around.
#include <string>
#include <type_traits>

#include "providers/cpu/axes.hpp"
#include "providers/cpu/dispatch.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"

namespace halyard::cpu {

namespace {

template <class T>
using acc_t = std::conditional_t<std::is_integral_v<T>, uint64_t, double>;

struct Walk {
  int64_t size, inner;
  bool product, exclusive, reverse;
};

/// x is [outer, size, inner]; lanes [begin, end) of outer * inner.
template <class T>
void accumulate(const T* x, T* y, const Walk& w, int64_t begin, int64_t end) {
  for (int64_t lane = begin; lane < end; ++lane) {
    const int64_t base = lane / w.inner * w.size * w.inner + lane % w.inner;
    acc_t<T> acc = w.product ? 1 : 0;
    for (int64_t i = 0; i < w.size; ++i) {
      const int64_t at = base + (w.reverse ? w.size - 1 - i : i) * w.inner;
      const auto v = static_cast<acc_t<T>>(static_cast<compute_t<T>>(x[at]));
      if (w.exclusive) y[at] = static_cast<T>(static_cast<compute_t<T>>(acc));
      acc = w.product ? acc * v : acc + v;
      if (!w.exclusive) y[at] = static_cast<T>(static_cast<compute_t<T>>(acc));
    }
  }
}

class Cumulative final : public Kernel {
 public:
  explicit Cumulative(const Node& node)
      : product_(node.op() == "CumProd"),
        exclusive_(node.attr_int("exclusive") != 0),
        reverse_(node.attr_int("reverse") != 0) {}
  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    HY_ASSIGN_OR_RETURN(const Dims given, list_operand(*context.input(1), "axis"));
    if (given.size() != 1)
      return invalid_argument("axis has " + std::to_string(given.size()) + " elements; it has one");
    HY_ASSIGN_OR_RETURN(const int64_t axis, normal_axis(given[0], x.rank()));
    HY_ASSIGN_OR_RETURN(const Tensor y, context.output(0, x.dtype, x.dims));
    if (x.count() == 0) return {};
    const Walk walk{x.dim(axis), product(x.dims, axis + 1, x.rank()), product_, exclusive_,
                    reverse_};
    return visit_numeric(x.dtype, [&](auto tag) -> Status {
      using T = decltype(tag);
      parallel_for(context.threads(), x.count() / walk.size,
                   std::max<int64_t>(1, (1 << 14) / walk.size), [&](int64_t begin, int64_t end) {
                     accumulate(x.as<const T>(), y.as<T>(), walk, begin, end);
                   });
      return {};
    });
  }

 private:
  const bool product_, exclusive_, reverse_;
};

constexpr KernelEntry kRows[] = {{"CumSum", create_kernel<Cumulative>},
                                 {"CumProd", create_kernel<Cumulative>}};

}  // namespace

std::span<const KernelEntry> cumulative_kernels() { return kRows; }

}  // namespace halyard::cpu
