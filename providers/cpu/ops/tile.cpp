// Tile: a copy from an array with a dim of stride 0 before each of its own.
#include <string>

#include "providers/cpu/axes.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/placement.hpp"
#include "providers/cpu/strided_copy.hpp"

namespace halyard::cpu {

namespace {

class Tile final : public Kernel {
 public:
  explicit Tile(const Node&) {}
  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    HY_ASSIGN_OR_RETURN(const Dims repeats, list_operand(*context.input(1), "repeats"));
    if (repeats.size() != x.dims.size())
      return invalid_argument("repeats " + dims_text(repeats) + " does not fit a tensor of dims " +
                              dims_text(x.dims));
    HY_RETURN_IF_ERROR(check_dims(repeats));
    Dims dims, walked, from_strides;
    const Dims strides = strides_of(x.dims);
    for (size_t i = 0; i < repeats.size(); ++i) {
      if (__builtin_mul_overflow(x.dims[i], repeats[i], &dims.emplace_back()))
        return {HY_ERROR_OUT_OF_MEMORY,
                "repeats " + dims_text(repeats) + " make too many elements"};
      walked.insert(walked.end(), {repeats[i], x.dims[i]});
      from_strides.insert(from_strides.end(), {0, strides[i]});
    }
    HY_RETURN_IF_ERROR(check_dims(dims));
    if (dims == x.dims) return context.alias(0, 0, dims);

    Placement place(context);
    HY_ASSIGN_OR_RETURN(const Tensor from, place.source(0));
    HY_ASSIGN_OR_RETURN(const Tensor to, place.output(0, x.dtype, dims));
    strided_copy(context.threads(), walked, Placement::element_bytes(from), to.data,
                 strides_of(walked), from.data, from_strides);
    return place.finish();
  }
};

constexpr KernelEntry kEntries[] = {{"Tile", create_kernel<Tile>, supports_movable}};

}  // namespace

std::span<const KernelEntry> tile_kernels() { return kEntries; }

}  // namespace halyard::cpu
