// CenterCropPad: axes that are too long lose both ends, those that are too short get zeros around.
#include <algorithm>
#include <numeric>
#include <string>

#include "providers/cpu/axes.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/placement.hpp"
#include "providers/cpu/strided_copy.hpp"

namespace halyard::cpu {

namespace {

class CenterCropPad final : public Kernel {
 public:
  explicit CenterCropPad(const Node& node)
      : all_(!node.has_attribute("axes")), axes_(node.attr_ints("axes")) {}
  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    HY_ASSIGN_OR_RETURN(const Dims sizes, list_operand(*context.input(1), "shape"));
    Dims axes(x.dims.size());
    std::iota(axes.begin(), axes.end(), int64_t{0});
    if (!all_) {
      HY_ASSIGN_OR_RETURN(axes, normal_axes(axes_, x.rank()));
    }
    if (axes.size() != sizes.size())
      return mismatch("shape has " + std::to_string(sizes.size()) + " entries for " +
                      std::to_string(axes.size()) + " axes");
    Dims dims = x.dims;
    for (size_t i = 0; i < axes.size(); ++i) dims[static_cast<size_t>(axes[i])] = sizes[i];
    Placement place(context);
    HY_ASSIGN_OR_RETURN(const Tensor from, place.source(0));
    HY_ASSIGN_OR_RETURN(const Tensor to, place.output(0, x.dtype, dims));
    const size_t bytes = Placement::element_bytes(from);
    fill(context.threads(), to.data, place.nothing(), bytes, to.count());
    const Dims from_strides = strides_of(x.dims), to_strides = strides_of(dims);
    Dims both = dims;
    int64_t from_at = 0, to_at = 0;
    for (size_t d = 0; d < dims.size(); ++d) {
      both[d] = std::min(dims[d], x.dims[d]);
      from_at += (x.dims[d] - both[d]) / 2 * from_strides[d];
      to_at += (dims[d] - both[d]) / 2 * to_strides[d];
    }
    if (count_of(both) != 0)
      strided_copy(context.threads(), both, bytes,
                   to.as<char>() + static_cast<size_t>(to_at) * bytes, to_strides,
                   from.as<const char>() + static_cast<size_t>(from_at) * bytes, from_strides);
    return place.finish();
  }

 private:
  const bool all_;
  const std::vector<int64_t> axes_;
};

constexpr KernelEntry kRows[] = {{"CenterCropPad", create_kernel<CenterCropPad>, supports_movable}};

}  // namespace

std::span<const KernelEntry> center_crop_pad_kernels() { return kRows; }

}  // namespace halyard::cpu
