// Compress: the slices, or elements, whose condition holds.
#include <string>
#include <vector>

#include "providers/cpu/axes.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/placement.hpp"

namespace halyard::cpu {

namespace {

class Compress final : public Kernel {
 public:
  explicit Compress(const Node& node)
      : flat_(!node.has_attribute("axis")), axis_(node.attr_int("axis")) {}
  Status run(Context& context) const override {
    const Tensor &x = *context.input(0), &condition = *context.input(1);
    if (condition.rank() != 1)
      return mismatch("condition has the dims " + dims_text(condition.dims) + "; its rank is 1");
    int64_t outer = 1, size = x.count(), inner = 1, axis = 0;
    Dims dims{size};
    if (!flat_) {
      HY_ASSIGN_OR_RETURN(axis, normal_axis(axis_, x.rank()));
      outer = product(x.dims, 0, axis);
      size = x.dim(axis);
      inner = product(x.dims, axis + 1, x.rank());
      dims = x.dims;
    }
    if (condition.count() > size)
      return mismatch("condition has " + std::to_string(condition.count()) +
                      " elements; there are " + std::to_string(size) + " to choose from");
    std::vector<int64_t> kept;
    for (int64_t i = 0; i < condition.count(); ++i)
      if (condition.as<const uint8_t>()[i] != 0) kept.push_back(i);
    dims[static_cast<size_t>(axis)] = std::ssize(kept);
    Placement place(context);
    HY_ASSIGN_OR_RETURN(const Tensor from, place.source(0));
    HY_ASSIGN_OR_RETURN(const Tensor to, place.output(0, x.dtype, dims));
    const size_t row = static_cast<size_t>(inner) * Placement::element_bytes(from);
    char* at = to.as<char>();
    for (int64_t o = 0; o < outer && row != 0; ++o)
      for (int64_t i : kept) {
        std::memcpy(at, from.as<const char>() + static_cast<size_t>(o * size + i) * row, row);
        at += row;
      }
    return place.finish();
  }

 private:
  const bool flat_;
  const int64_t axis_;
};

constexpr KernelEntry kRows[] = {{"Compress", create_kernel<Compress>, supports_movable}};

}  // namespace

std::span<const KernelEntry> compress_kernels() { return kRows; }

}  // namespace halyard::cpu
