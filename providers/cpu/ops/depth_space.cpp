// DepthToSpace, SpaceToDepth: transposes of [n, c, h, w] with the blocks as axes of their own.
#include <string>

#include "providers/cpu/axes.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/placement.hpp"
#include "providers/cpu/strided_copy.hpp"

namespace halyard::cpu {

namespace {

/// Axis i of the output, seen as six axes, is axis order[i] of the input seen so.
Status transpose(Context& context, const Dims& split, std::span<const size_t> order,
                 const Dims& dims) {
  Placement place(context);
  HY_ASSIGN_OR_RETURN(const Tensor from, place.source(0));
  HY_ASSIGN_OR_RETURN(const Tensor to, place.output(0, context.input(0)->dtype, dims));
  const Dims strides = strides_of(split);
  Dims to_dims, from_strides;
  for (size_t axis : order) {
    to_dims.push_back(split[axis]);
    from_strides.push_back(strides[axis]);
  }
  strided_copy(context.threads(), to_dims, Placement::element_bytes(from), to.data,
               strides_of(to_dims), from.data, from_strides);
  return place.finish();
}

class DepthSpace final : public Kernel {
 public:
  explicit DepthSpace(const Node& node)
      : to_space_(node.op() == "DepthToSpace"),
        column_first_(node.attr_string("mode", "DCR") == "CRD"),
        block_(node.attr_int("blocksize")) {}
  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    if (x.rank() != 4) return mismatch("X " + dims_text(x.dims) + " is not [n, c, h, w]");
    const int64_t n = x.dim(0), c = x.dim(1), h = x.dim(2), w = x.dim(3), b = block_;
    if (to_space_ ? c % (b * b) != 0 : h % b != 0 || w % b != 0)
      return mismatch("X " + dims_text(x.dims) + " does not split into blocks of " +
                      std::to_string(b));
    if (!to_space_) {
      const size_t order[] = {0, 3, 5, 1, 2, 4};
      return transpose(context, {n, c, h / b, b, w / b, b}, order, {n, c * b * b, h / b, w / b});
    }
    const int64_t depth = c / (b * b);
    const Dims dims{n, depth, h * b, w * b};
    if (column_first_) {
      const size_t order[] = {0, 1, 4, 2, 5, 3};
      return transpose(context, {n, depth, b, b, h, w}, order, dims);
    }
    const size_t order[] = {0, 3, 4, 1, 5, 2};
    return transpose(context, {n, b, b, depth, h, w}, order, dims);
  }

 private:
  const bool to_space_, column_first_;
  const int64_t block_;
};

Verdict supports(const Node& node) {
  if (node.attr_int("blocksize") < 1)
    return reject(Reason::attribute)
        .got("blocksize=" + std::to_string(node.attr_int("blocksize")))
        .limit("at least 1");
  return supports_movable(node);
}

constexpr KernelEntry kRows[] = {{"DepthToSpace", create_kernel<DepthSpace>, supports},
                                 {"SpaceToDepth", create_kernel<DepthSpace>, supports}};

}  // namespace

std::span<const KernelEntry> depth_space_kernels() { return kRows; }

}  // namespace halyard::cpu
