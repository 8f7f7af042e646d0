// Slice, with steps of either sign; bounds beyond the dims are cut to them.
#include <algorithm>
#include <string>

#include "providers/cpu/axes.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"
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

/// Turns dims and strides of a tensor into those of its slice, whose first element is that one. at: where starts stand
/// among the operands; ends, axes and steps follow.
Status find_slice(const Context& context, uint32_t at, Dims* dims, Dims* strides, int64_t* first) {
  const auto rank = static_cast<int64_t>(dims->size());
  HY_ASSIGN_OR_RETURN(const Dims starts, list_operand(*context.input(at), "starts"));
  HY_ASSIGN_OR_RETURN(const Dims ends, list_operand(*context.input(at + 1), "ends"));
  Dims axes, steps(starts.size(), 1);
  for (size_t i = 0; i < starts.size(); ++i) axes.push_back(static_cast<int64_t>(i));
  if (const Tensor* t = context.input(at + 2)) {
    HY_ASSIGN_OR_RETURN(axes, list_operand(*t, "axes"));
  }
  if (const Tensor* t = context.input(at + 3)) {
    HY_ASSIGN_OR_RETURN(steps, list_operand(*t, "steps"));
  }
  if (ends.size() != starts.size() || axes.size() != starts.size() || steps.size() != starts.size())
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

class Slice final : public Kernel {
 public:
  explicit Slice(const Node&) {}
  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    Dims dims = x.dims, strides = strides_of(x.dims);
    int64_t first = 0;
    HY_RETURN_IF_ERROR(find_slice(context, 1, &dims, &strides, &first));
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
};

/// Where the data may be changed in place, the slice alone is written.
class SliceUpdate final : public Kernel {
 public:
  explicit SliceUpdate(const Node&) {}
  Status run(Context& context) const override {
    const Tensor &x = *context.input(0), &update = *context.input(1);
    Dims dims = x.dims, to_strides = strides_of(x.dims);
    int64_t first = 0;
    HY_RETURN_IF_ERROR(find_slice(context, 2, &dims, &to_strides, &first));
    if (dims != update.dims)
      return mismatch("an update " + dims_text(update.dims) + " for a slice " + dims_text(dims));
    Placement place(context);
    HY_ASSIGN_OR_RETURN(const Tensor data, place.source(0));
    HY_ASSIGN_OR_RETURN(const Tensor from, place.source(1));
    HY_ASSIGN_OR_RETURN(const Tensor to, place.output_over(0, x.dtype, x.dims, 0));
    const size_t size = Placement::element_bytes(data);
    if (to.data != data.data)
      copy_bytes(context.threads(), to.data, data.data, static_cast<size_t>(data.count()) * size);
    if (from.count() == 0) return place.finish();
    // A step back goes forward in what is written and back in what is read.
    Dims from_strides = strides_of(dims);
    int64_t from_first = 0;
    for (size_t d = 0; d < dims.size(); ++d) {
      if (to_strides[d] >= 0) continue;
      first += to_strides[d] * (dims[d] - 1);
      from_first += from_strides[d] * (dims[d] - 1);
      to_strides[d] = -to_strides[d];
      from_strides[d] = -from_strides[d];
    }
    strided_copy(context.threads(), dims, size, to.as<char>() + first * static_cast<int64_t>(size),
                 to_strides, from.as<const char>() + from_first * static_cast<int64_t>(size),
                 from_strides);
    return place.finish();
  }
};

constexpr KernelEntry kEntries[] = {{"Slice", create_kernel<Slice>, supports_movable},
                                    {"SliceUpdate", create_kernel<SliceUpdate>, supports_movable}};

}  // namespace

std::span<const KernelEntry> slice_kernels() { return kEntries; }

}  // namespace halyard::cpu
