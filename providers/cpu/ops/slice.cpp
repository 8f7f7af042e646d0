// Slice, with steps of either sign; bounds beyond the dims are cut to them.
#include <algorithm>
#include <string>

#include "providers/cpu/axes.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/placement.hpp"
#include "providers/cpu/strided_copy.hpp"

namespace halyard::cpu {

namespace {

/// Elements first, first + step, ... of a dim: `count` of them.
struct Cut {
  int64_t first = 0, step = 1, count = 0;
};

Cut cut(int64_t dim, int64_t start, int64_t end, int64_t step) {
  if (start < 0) start += dim;
  if (end < 0) end += dim;
  if (dim == 0) return {0, 0, 0};
  if (step > 0) {
    start = std::clamp<int64_t>(start, 0, dim);
    end = std::clamp<int64_t>(end, 0, dim);
    return {start, step, end > start ? 1 + (end - start - 1) / step : 0};
  }
  // The position before the first is -1, which `ends` can only say with -dim - 1 or less.
  start = std::clamp<int64_t>(start, 0, dim - 1);
  end = std::clamp<int64_t>(end, -1, dim - 1);
  const uint64_t back = 0 - static_cast<uint64_t>(step);
  return {
      start, step,
      start > end ? 1 + static_cast<int64_t>(static_cast<uint64_t>(start - end - 1) / back) : 0};
}

class Slice final : public Kernel {
 public:
  explicit Slice(const Node&) {}
  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    Dims dims = x.dims, strides = strides_of(x.dims);
    int64_t first = 0;
    HY_RETURN_IF_ERROR(apply(context, &dims, &strides, &first));
    if (dims == x.dims && first == 0 && strides == strides_of(x.dims))
      return context.alias(0, 0, dims);

    Placement place(context);
    HY_ASSIGN_OR_RETURN(const Tensor from, place.source(0));
    HY_ASSIGN_OR_RETURN(const Tensor to, place.output(0, x.dtype, dims));
    const size_t size = Placement::element_bytes(from);
    if (to.count() != 0)
      strided_copy(context.threads(), dims, size, to.data, strides_of(dims),
                   from.as<const char>() + first * static_cast<int64_t>(size), strides);
    return place.finish();
  }

 private:
  static Status apply(const Context& context, Dims* dims, Dims* strides, int64_t* first) {
    const auto rank = static_cast<int64_t>(dims->size());
    HY_ASSIGN_OR_RETURN(const Dims starts, list_operand(*context.input(1), "starts"));
    HY_ASSIGN_OR_RETURN(const Dims ends, list_operand(*context.input(2), "ends"));
    Dims axes, steps(starts.size(), 1);
    for (size_t i = 0; i < starts.size(); ++i) axes.push_back(static_cast<int64_t>(i));
    if (const Tensor* t = context.input(3)) {
      HY_ASSIGN_OR_RETURN(axes, list_operand(*t, "axes"));
    }
    if (const Tensor* t = context.input(4)) {
      HY_ASSIGN_OR_RETURN(steps, list_operand(*t, "steps"));
    }
    if (ends.size() != starts.size() || axes.size() != starts.size() ||
        steps.size() != starts.size())
      return invalid_argument("starts, ends, axes and steps have " + std::to_string(starts.size()) +
                              ", " + std::to_string(ends.size()) + ", " +
                              std::to_string(axes.size()) + " and " + std::to_string(steps.size()) +
                              " elements; they must have as many");
    HY_ASSIGN_OR_RETURN(axes, normal_axes(axes, rank));
    for (size_t i = 0; i < axes.size(); ++i) {
      const auto axis = static_cast<size_t>(axes[i]);
      if (steps[i] == 0)
        return invalid_argument("the step along axis " + std::to_string(axis) + " is 0");
      const Cut c = cut((*dims)[axis], starts[i], ends[i], steps[i]);
      (*dims)[axis] = c.count;
      if (c.count > 0) *first += c.first * (*strides)[axis];
      if (c.count > 1)
        (*strides)[axis] *= c.step;  // else it may be too large to multiply, and is not used
    }
    return {};
  }
};

constexpr KernelEntry kEntries[] = {{"Slice", create_kernel<Slice>, supports_movable}};

}  // namespace

std::span<const KernelEntry> slice_kernels() { return kEntries; }

}  // namespace halyard::cpu
