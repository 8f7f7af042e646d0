// Concat.
#include <boost/container/small_vector.hpp>
#include <string>

#include "providers/cpu/axes.hpp"
#include "providers/cpu/ops/elementwise_binary.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/placement.hpp"
#include "providers/cpu/strided_copy.hpp"

namespace halyard::cpu {

namespace {

class Concat final : public Kernel {
 public:
  explicit Concat(const Node& node) : axis_(node.attr_int("axis")) {}
  /// Blocks of channels lie one after the other, as channels do.
  Layouts layouts() const override { return axis_ == 1 ? Layouts::kAligned : Layouts::kPlain; }
  Status run(Context& context) const override {
    HY_ASSIGN_OR_RETURN(const int64_t axis, normal_axis(axis_, context.input(0)->rank()));
    HY_ASSIGN_OR_RETURN(const Dims dims, dims_for(context, static_cast<size_t>(axis)));
    if (context.input_count() == 1) return context.alias(0, 0, dims);
    Placement place(context);
    boost::container::small_vector<Tensor, 4> sources;
    for (uint32_t i = 0; i < context.input_count(); ++i) {
      HY_ASSIGN_OR_RETURN(Tensor source, place.source(i));
      sources.push_back(std::move(source));
    }
    HY_ASSIGN_OR_RETURN(const Tensor to, place.output(0, context.input(0)->dtype, dims));
    const Dims strides = strides_of(dims);
    const auto step =
        static_cast<size_t>(strides[static_cast<size_t>(axis)]) * Placement::element_bytes(to);
    char* at = to.as<char>();
    for (const Tensor& from : sources) {
      strided_copy(context.threads(), from.dims, Placement::element_bytes(from), at, strides,
                   from.data, strides_of(from.dims));
      at += static_cast<size_t>(from.dim(axis)) * step;
    }
    return place.finish();
  }

 private:
  static Result<Dims> dims_for(const Context& context, size_t axis) {
    const Tensor& first = *context.input(0);
    Dims dims = first.dims;
    for (uint32_t i = 1; i < context.input_count(); ++i) {
      const Tensor& t = *context.input(i);
      HY_RETURN_IF_ERROR(check_same_type(first, t));
      bool fits = t.dims.size() == dims.size();
      for (size_t d = 0; fits && d < dims.size(); ++d) fits = d == axis || t.dims[d] == dims[d];
      if (!fits)
        return mismatch("input " + std::to_string(i) + " " + dims_text(t.dims) +
                        " does not fit input 0 " + dims_text(first.dims) + " along axis " +
                        std::to_string(axis));
      dims[axis] += t.dims[axis];
    }
    return dims;
  }

  const int64_t axis_;
};

constexpr KernelEntry kEntries[] = {{"Concat", create_kernel<Concat>, supports_movable}};

}  // namespace

std::span<const KernelEntry> concat_kernels() { return kEntries; }

}  // namespace halyard::cpu
