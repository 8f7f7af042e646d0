// TopK. Of equal elements the first comes first; a NaN is more than anything.
#include <algorithm>
#include <numeric>
#include <string>

#include "providers/cpu/axes.hpp"
#include "providers/cpu/dispatch.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"

namespace halyard::cpu {

namespace {

/// a before b in the order from most to least.
template <class C>
bool is_more(C a, C b) {
  if (a != a || b != b) return a != a && b == b;
  return a > b;
}

/// x is [outer, size, inner]. Lanes [begin, end) of outer * inner; order holds `size` indices a lane.
template <class T>
void choose(const T* x, T* values, int64_t* indices, int64_t* order, int64_t size, int64_t inner,
            int64_t k, bool largest, int64_t begin, int64_t end) {
  for (int64_t lane = begin; lane < end; ++lane) {
    const T* from = x + lane / inner * size * inner + lane % inner;
    int64_t* first = order + lane * size;
    std::iota(first, first + size, int64_t{0});
    const auto before = [&](int64_t i, int64_t j) {
      const compute_t<T> a = from[i * inner], b = from[j * inner];
      if (largest ? is_more(a, b) : is_more(b, a)) return true;
      if (largest ? is_more(b, a) : is_more(a, b)) return false;
      return i < j;
    };
    std::partial_sort(first, first + k, first + size, before);
    const int64_t to = lane / inner * k * inner + lane % inner;
    for (int64_t i = 0; i < k; ++i) {
      values[to + i * inner] = from[first[i] * inner];
      indices[to + i * inner] = first[i];
    }
  }
}

class TopK final : public Kernel {
 public:
  explicit TopK(const Node& node)
      : axis_(node.attr_int("axis", -1)), largest_(node.attr_int("largest", 1) != 0) {}
  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    HY_ASSIGN_OR_RETURN(const Dims counts, list_operand(*context.input(1), "K"));
    HY_ASSIGN_OR_RETURN(const int64_t axis, normal_axis(axis_, x.rank()));
    const int64_t size = x.dim(axis), inner = product(x.dims, axis + 1, x.rank());
    if (counts.size() != 1 || counts[0] < 0 || counts[0] > size)
      return invalid_argument("K is " +
                              (counts.size() == 1 ? std::to_string(counts[0]) : dims_text(counts)) +
                              "; axis " + std::to_string(axis) + " of " + dims_text(x.dims) +
                              " has " + std::to_string(size) + " elements");
    const int64_t k = counts[0];
    Dims dims = x.dims;
    dims[static_cast<size_t>(axis)] = k;
    HY_ASSIGN_OR_RETURN(const Tensor values, context.output(0, x.dtype, dims));
    HY_ASSIGN_OR_RETURN(const Tensor indices, context.output(1, HY_DTYPE_I64, dims));
    if (values.count() == 0) return {};
    HY_ASSIGN_OR_RETURN(void* order,
                        context.scratch(static_cast<size_t>(x.count()) * sizeof(int64_t)));
    return visit_numeric(x.dtype, [&](auto tag) -> Status {
      using T = decltype(tag);
      parallel_for(context.threads(), x.count() / size, std::max<int64_t>(1, (1 << 13) / size),
                   [&](int64_t begin, int64_t end) {
                     choose(x.as<const T>(), values.as<T>(), indices.as<int64_t>(),
                            static_cast<int64_t*>(order), size, inner, k, largest_, begin, end);
                   });
      return {};
    });
  }

 private:
  const int64_t axis_;
  const bool largest_;
};

constexpr KernelEntry kRows[] = {{"TopK", create_kernel<TopK>}};

}  // namespace

std::span<const KernelEntry> top_k_kernels() { return kRows; }

}  // namespace halyard::cpu
