// Shape and Size.
#include <algorithm>
#include <array>
#include <cstdint>

#include "providers/cpu/ops/table.hpp"

namespace halyard::cpu {

namespace {

class Shape final : public Kernel {
 public:
  explicit Shape(const Node& node)
      : start_(node.attr_int("start")), end_(node.attr_int("end", INT64_MAX)) {}
  Status run(Context& context) const override {
    const Dims& dims = context.input(0)->dims;
    const auto rank = static_cast<int64_t>(dims.size());
    const auto clamped = [rank](int64_t at) {
      return std::clamp<int64_t>(at < 0 ? at + rank : at, 0, rank);
    };
    const int64_t start = clamped(start_), n = std::max<int64_t>(0, clamped(end_) - start);
    HY_ASSIGN_OR_RETURN(const Tensor y, context.output(0, HY_DTYPE_I64, std::array{n}));
    std::copy_n(dims.data() + start, n, y.as<int64_t>());
    return {};
  }

 private:
  const int64_t start_, end_;
};

class Size final : public Kernel {
 public:
  explicit Size(const Node&) {}
  Status run(Context& context) const override {
    HY_ASSIGN_OR_RETURN(const Tensor y, context.output(0, HY_DTYPE_I64, {}));
    *y.as<int64_t>() = context.input(0)->count();
    return {};
  }
};

constexpr KernelEntry kEntries[] = {{"Shape", create_kernel<Shape>}, {"Size", create_kernel<Size>}};

}  // namespace

std::span<const KernelEntry> shape_kernels() { return kEntries; }

}  // namespace halyard::cpu
