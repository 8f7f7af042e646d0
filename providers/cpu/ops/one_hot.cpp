// OneHot: a row of `depth` values for each index; an index outside -depth .. depth - 1 gives all off.
#include <cmath>
#include <string>

#include "providers/cpu/axes.hpp"
#include "providers/cpu/dispatch.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"
#include "providers/cpu/placement.hpp"
#include "providers/cpu/strided_copy.hpp"

namespace halyard::cpu {

namespace {

/// Element i of a tensor of numbers as an integer: fractions are cut, what no i64 holds is out of any range.
Result<int64_t> integer_at(const Tensor& t, int64_t i) {
  int64_t out = 0;
  HY_RETURN_IF_ERROR(visit_numeric(t.dtype, [&](auto tag) -> Status {
    using C = compute_t<decltype(tag)>;
    const C v = t.as<const decltype(tag)>()[i];
    if constexpr (std::is_floating_point_v<C>)
      out = std::fabs(v) < static_cast<C>(9e18) ? static_cast<int64_t>(v) : INT64_MIN;
    else
      out = std::is_unsigned_v<C> && static_cast<uint64_t>(v) > INT64_MAX ? INT64_MIN
                                                                          : static_cast<int64_t>(v);
    return {};
  }));
  return out;
}

class OneHot final : public Kernel {
 public:
  explicit OneHot(const Node& node) : axis_(node.attr_int("axis", -1)) {}
  Status run(Context& context) const override {
    const Tensor &indices = *context.input(0), &values = *context.input(2);
    if (context.input(1)->count() != 1 || values.count() != 2)
      return mismatch("depth " + dims_text(context.input(1)->dims) + " and values " +
                      dims_text(values.dims) + " have not one and two elements");
    HY_ASSIGN_OR_RETURN(const int64_t depth, integer_at(*context.input(1), 0));
    if (depth < 0) return invalid_argument("depth is " + std::to_string(depth));
    HY_ASSIGN_OR_RETURN(const int64_t axis, normal_axis(axis_, indices.rank() + 1));
    Dims dims = indices.dims;
    dims.insert(dims.begin() + axis, depth);
    Placement place(context);
    HY_ASSIGN_OR_RETURN(const Tensor from, place.source(2));
    HY_ASSIGN_OR_RETURN(const Tensor to, place.output(0, values.dtype, dims));
    const size_t bytes = Placement::element_bytes(from);
    fill(context.threads(), to.data, from.data, bytes, to.count());
    const int64_t inner = product(indices.dims, axis, indices.rank());
    for (int64_t i = 0; i < indices.count(); ++i) {
      HY_ASSIGN_OR_RETURN(int64_t index, integer_at(indices, i));
      if (index < -depth || index >= depth) continue;
      if (index < 0) index += depth;
      const int64_t at = (i / inner * depth + index) * inner + i % inner;
      std::memcpy(to.as<char>() + static_cast<size_t>(at) * bytes, from.as<const char>() + bytes,
                  bytes);
    }
    return place.finish();
  }

 private:
  const int64_t axis_;
};

constexpr KernelEntry kRows[] = {{"OneHot", create_kernel<OneHot>}};

}  // namespace

std::span<const KernelEntry> one_hot_kernels() { return kRows; }

}  // namespace halyard::cpu
