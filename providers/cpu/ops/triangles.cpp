// Trilu, EyeLike.
#include <algorithm>
#include <string>

#include "providers/cpu/axes.hpp"
#include "providers/cpu/dispatch.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"
#include "providers/cpu/placement.hpp"
#include "providers/cpu/strided_copy.hpp"

namespace halyard::cpu {

namespace {

class Trilu final : public Kernel {
 public:
  explicit Trilu(const Node& node) : upper_(node.attr_int("upper", 1) != 0) {}
  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    if (x.rank() < 2) return mismatch("X " + dims_text(x.dims) + " is no matrix");
    int64_t k = 0;
    if (const Tensor* given = context.input(1)) {
      HY_ASSIGN_OR_RETURN(const Dims list, list_operand(*given, "k"));
      if (list.size() != 1) return mismatch("k " + dims_text(given->dims) + " is no scalar");
      k = list[0];
    }
    Placement place(context);
    HY_ASSIGN_OR_RETURN(const Tensor from, place.source(0));
    HY_ASSIGN_OR_RETURN(const Tensor to, place.output(0, x.dtype, x.dims));
    const int64_t rows = x.dim(x.rank() - 2), columns = x.dim(x.rank() - 1);
    if (columns == 0) return place.finish();
    const size_t bytes = Placement::element_bytes(from);
    // Of each row the columns [first, last) stay. Far diagonals do not overflow.
    const int64_t shift = std::clamp(k, -rows - 1, columns + 1);
    parallel_for(context.threads(), x.count() / columns, std::max<int64_t>(1, (1 << 14) / columns),
                 [&](int64_t begin, int64_t end) {
                   for (int64_t i = begin; i < end; ++i) {
                     const int64_t diagonal = std::clamp(i % rows + shift, int64_t{-1}, columns);
                     const int64_t first = upper_ ? std::max<int64_t>(diagonal, 0) : 0;
                     const int64_t last = upper_ ? columns : std::min(diagonal + 1, columns);
                     char* row = to.as<char>() + static_cast<size_t>(i * columns) * bytes;
                     fill(1, row, place.nothing(), bytes, columns);
                     if (first < last)
                       std::memcpy(
                           row + static_cast<size_t>(first) * bytes,
                           from.as<const char>() + static_cast<size_t>(i * columns + first) * bytes,
                           static_cast<size_t>(last - first) * bytes);
                   }
                 });
    return place.finish();
  }

 private:
  const bool upper_;
};

class EyeLike final : public Kernel {
 public:
  explicit EyeLike(const Node& node)
      : dtype_(static_cast<uint32_t>(node.attr_int("dtype", HY_DTYPE_UNDEFINED))),
        k_(node.attr_int("k")) {}
  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    if (x.rank() != 2) return mismatch("X " + dims_text(x.dims) + " is no matrix");
    const uint32_t dtype = dtype_ == HY_DTYPE_UNDEFINED ? x.dtype : dtype_;
    if (dtype_bits(dtype) < 8)
      return unsupported(std::string("no identity of type ") + dtype_name(dtype));
    HY_ASSIGN_OR_RETURN(const Tensor y, context.output(0, dtype, x.dims));
    std::memset(y.data, 0, y.bytes);
    const int64_t rows = x.dim(0), columns = x.dim(1);
    const auto each = [&](const auto& set) {
      for (int64_t r = 0; r < rows; ++r)
        if (k_ >= -r && k_ < columns - r) set(r * columns + r + k_);
    };
    if (dtype == HY_DTYPE_BOOL) {
      each([&](int64_t at) { y.as<uint8_t>()[at] = 1; });
      return {};
    }
    return visit_numeric(dtype, [&](auto tag) -> Status {
      using T = decltype(tag);
      each([&](int64_t at) { y.as<T>()[at] = T(compute_t<T>(1)); });
      return {};
    });
  }

 private:
  const uint32_t dtype_;
  const int64_t k_;
};

constexpr KernelEntry kRows[] = {{"Trilu", create_kernel<Trilu>, supports_movable},
                                 {"EyeLike", create_kernel<EyeLike>}};

}  // namespace

std::span<const KernelEntry> triangles_kernels() { return kRows; }

}  // namespace halyard::cpu
