// Expand: numpy's broadcast of the input with a shape.
#include "providers/cpu/axes.hpp"
#include "providers/cpu/broadcast.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/placement.hpp"
#include "providers/cpu/strided_copy.hpp"

namespace halyard::cpu {

namespace {

class Expand final : public Kernel {
 public:
  explicit Expand(const Node&) {}
  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    HY_ASSIGN_OR_RETURN(const Dims shape, list_operand(*context.input(1), "shape"));
    HY_RETURN_IF_ERROR(check_dims(shape));
    const Tensor wanted{x.dtype, shape, nullptr, 0};
    const Tensor* const both[] = {&x, &wanted};
    HY_ASSIGN_OR_RETURN(const Dims dims, broadcast_dims(both));
    HY_RETURN_IF_ERROR(check_dims(dims));
    if (count_of(dims) == x.count()) return context.alias(0, 0, dims);

    Placement place(context);
    HY_ASSIGN_OR_RETURN(const Tensor from, place.source(0));
    HY_ASSIGN_OR_RETURN(const Tensor to, place.output(0, x.dtype, dims));
    Dims strides = strides_of(x.dims);
    for (size_t i = 0; i < strides.size(); ++i)
      if (x.dims[i] == 1) strides[i] = 0;
    strides.insert(strides.begin(), dims.size() - strides.size(), 0);
    strided_copy(context.threads(), dims, Placement::element_bytes(from), to.data, strides_of(dims),
                 from.data, strides);
    return place.finish();
  }
};

constexpr KernelEntry kEntries[] = {{"Expand", create_kernel<Expand>, supports_movable}};

}  // namespace

std::span<const KernelEntry> expand_kernels() { return kEntries; }

}  // namespace halyard::cpu
