// ArgMax ArgMin. A NaN is more than anything, as in numpy.
#include <algorithm>
#include <string>

#include "providers/cpu/axes.hpp"
#include "providers/cpu/dispatch.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"

namespace halyard::cpu {

namespace {

template <bool Most, class C>
bool is_better(C v, C best, bool last_wins) {
  if (best != best) return last_wins && v != v;
  if (v != v) return true;
  if (v == best) return last_wins;
  return Most ? v > best : v < best;
}

/// x is [outer, size, inner]; results [begin, end) of outer * inner.
template <bool Most, class T>
void find(const T* x, int64_t* y, int64_t size, int64_t inner, bool last_wins, int64_t begin,
          int64_t end) {
  constexpr int64_t kTile =
      64;  // neighbouring results at a time, so that rows are read as they lie
  for (int64_t i = begin; i < end;) {
    const int64_t n = std::min({kTile, end - i, inner - i % inner});
    const T* base = x + i / inner * size * inner + i % inner;
    compute_t<T> best[kTile];
    for (int64_t j = 0; j < n; ++j) {
      best[j] = base[j];
      y[i + j] = 0;
    }
    for (int64_t k = 1; k < size; ++k)
      for (int64_t j = 0; j < n; ++j) {
        const compute_t<T> v = base[k * inner + j];
        if (!is_better<Most>(v, best[j], last_wins)) continue;
        best[j] = v;
        y[i + j] = k;
      }
    i += n;
  }
}

class ArgReduce final : public Kernel {
 public:
  explicit ArgReduce(const Node& node)
      : most_(node.op() == "ArgMax"),
        axis_(node.attr_int("axis")),
        keepdims_(node.attr_int("keepdims", 1) != 0),
        last_wins_(node.attr_int("select_last_index") != 0) {}
  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    HY_ASSIGN_OR_RETURN(const int64_t axis, normal_axis(axis_, x.rank()));
    Dims dims = x.dims;
    if (keepdims_)
      dims[static_cast<size_t>(axis)] = 1;
    else
      dims.erase(dims.begin() + axis);
    const int64_t size = x.dim(axis), inner = product(x.dims, axis + 1, x.rank());
    if (size == 0 && count_of(dims) != 0)
      return invalid_argument("axis " + std::to_string(axis) + " of " + dims_text(x.dims) +
                              " has no elements to choose from");
    HY_ASSIGN_OR_RETURN(const Tensor y, context.output(0, HY_DTYPE_I64, dims));
    return visit_numeric(x.dtype, [&](auto tag) -> Status {
      using T = decltype(tag);
      const auto loop = most_ ? find<true, T> : find<false, T>;
      parallel_for(context.threads(), y.count(),
                   std::max<int64_t>(1, (1 << 15) / std::max<int64_t>(1, size)),
                   [&](int64_t begin, int64_t end) {
                     loop(x.as<const T>(), y.as<int64_t>(), size, inner, last_wins_, begin, end);
                   });
      return {};
    });
  }

 private:
  const bool most_;
  const int64_t axis_;
  const bool keepdims_, last_wins_;
};

constexpr KernelEntry kEntries[] = {{"ArgMax", create_kernel<ArgReduce>},
                                    {"ArgMin", create_kernel<ArgReduce>}};

}  // namespace

std::span<const KernelEntry> arg_reduce_kernels() { return kEntries; }

}  // namespace halyard::cpu
