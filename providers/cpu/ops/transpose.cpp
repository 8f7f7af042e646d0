// Transpose: a copy with the strides in another order.
#include <algorithm>

#include "providers/cpu/axes.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/placement.hpp"
#include "providers/cpu/strided_copy.hpp"

namespace halyard::cpu {

namespace {

class Transpose final : public Kernel {
 public:
  explicit Transpose(const Node& node) : has_perm_(node.has_attribute("perm")) {
    for (int64_t axis : node.attr_ints("perm")) perm_.push_back(axis);
  }
  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    HY_ASSIGN_OR_RETURN(const Dims perm, perm_for(x));
    Dims dims;
    for (int64_t axis : perm) dims.push_back(x.dim(axis));
    if (keeps_order(x, perm)) return context.alias(0, 0, dims);

    Placement place(context);
    HY_ASSIGN_OR_RETURN(const Tensor from, place.source(0));
    HY_ASSIGN_OR_RETURN(const Tensor to, place.output(0, x.dtype, dims));
    const Dims strides = strides_of(x.dims);
    Dims from_strides;
    for (int64_t axis : perm) from_strides.push_back(strides[static_cast<size_t>(axis)]);
    strided_copy(context.threads(), dims, Placement::element_bytes(from), to.data, strides_of(dims),
                 from.data, from_strides);
    return place.finish();
  }

 private:
  /// The attribute, or the axes in reverse.
  Result<Dims> perm_for(const Tensor& x) const {
    Dims perm;
    for (int64_t axis = x.rank(); axis-- > 0;) perm.push_back(axis);
    if (!has_perm_) return perm;
    if (perm_.size() != x.dims.size())
      return invalid_argument("perm " + dims_text(perm_) + " does not fit a tensor of dims " +
                              dims_text(x.dims));
    return normal_axes(perm_, x.rank());
  }
  /// Nothing moves: the axes longer than 1 stay in order.
  static bool keeps_order(const Tensor& x, const Dims& perm) {
    int64_t last = -1;
    for (int64_t axis : perm) {
      if (x.dim(axis) == 1) continue;
      if (axis < last) return false;
      last = axis;
    }
    return true;
  }

  const bool has_perm_;
  Dims perm_;
};

constexpr KernelEntry kEntries[] = {{"Transpose", create_kernel<Transpose>, supports_movable}};

}  // namespace

std::span<const KernelEntry> transpose_kernels() { return kEntries; }

}  // namespace halyard::cpu
