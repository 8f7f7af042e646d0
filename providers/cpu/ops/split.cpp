// Split, by sizes or into a number of parts.
#include <algorithm>
#include <string>

#include "providers/cpu/axes.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/placement.hpp"
#include "providers/cpu/strided_copy.hpp"

namespace halyard::cpu {

namespace {

class Split final : public Kernel {
 public:
  explicit Split(const Node& node)
      : axis_(node.attr_int("axis")), num_outputs_(node.attr_int("num_outputs")) {}
  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    HY_ASSIGN_OR_RETURN(const int64_t axis, normal_axis(axis_, x.rank()));
    HY_ASSIGN_OR_RETURN(const Dims sizes, sizes_for(context, x.dim(axis)));
    Placement place(context);
    HY_ASSIGN_OR_RETURN(const Tensor from, place.source(0));
    const Dims strides = strides_of(x.dims);
    const auto step =
        static_cast<size_t>(strides[static_cast<size_t>(axis)]) * Placement::element_bytes(from);
    const char* at = from.as<const char>();
    for (uint32_t i = 0; i < context.output_count(); ++i) {
      Dims dims = x.dims;
      dims[static_cast<size_t>(axis)] = sizes[i];
      if (context.wants_output(i)) {
        HY_ASSIGN_OR_RETURN(const Tensor to, place.output(i, x.dtype, dims));
        strided_copy(context.threads(), dims, Placement::element_bytes(from), to.data,
                     strides_of(dims), at, strides);
      }
      at += static_cast<size_t>(sizes[i]) * step;
    }
    return place.finish();
  }

 private:
  /// One size for each output; they add up to the dim.
  Result<Dims> sizes_for(const Context& context, int64_t dim) const {
    const int64_t outputs = context.output_count();
    Dims sizes;
    if (const Tensor* given = context.input(1)) {
      HY_ASSIGN_OR_RETURN(sizes, list_operand(*given, "split"));
    } else {
      const int64_t parts = num_outputs_ > 0 ? num_outputs_ : outputs;
      const int64_t size = (dim + parts - 1) / parts;
      for (int64_t i = 0; i < std::min(parts, outputs); ++i)
        sizes.push_back(std::clamp<int64_t>(dim - i * size, 0, size));
      if (parts != outputs)
        return invalid_argument("num_outputs is " + std::to_string(parts) + ", the node has " +
                                std::to_string(outputs));
    }
    int64_t left = dim;
    bool fits = static_cast<int64_t>(sizes.size()) == outputs;
    for (int64_t s : sizes) {
      fits = fits && s >= 0 && s <= left;
      left -= fits ? s : 0;
    }
    if (!fits || left != 0)
      return invalid_argument("split " + dims_text(sizes) + " does not divide a dim of " +
                              std::to_string(dim) + " among " + std::to_string(outputs) +
                              " outputs");
    return sizes;
  }

  const int64_t axis_, num_outputs_;
};

constexpr KernelEntry kEntries[] = {{"Split", create_kernel<Split>, supports_movable}};

}  // namespace

std::span<const KernelEntry> split_kernels() { return kEntries; }

}  // namespace halyard::cpu
