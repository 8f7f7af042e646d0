// Range: start + i delta, up to limit. Floats are computed in f64 and rounded once.
#include <array>
#include <cmath>
#include <string>

#include "providers/cpu/axes.hpp"
#include "providers/cpu/convert.hpp"
#include "providers/cpu/dispatch.hpp"
#include "providers/cpu/ops/elementwise_binary.hpp"
#include "providers/cpu/ops/table.hpp"

namespace halyard::cpu {

namespace {

Status no_range(const std::string& start, const std::string& limit, const std::string& delta) {
  return invalid_argument("no range from " + start + " to " + limit + " in steps of " + delta);
}

/// (limit - start) / delta, rounded up; 0 where that is negative.
Result<int64_t> count_between(int64_t start, int64_t limit, int64_t delta) {
  if (delta == 0) return no_range(std::to_string(start), std::to_string(limit), "0");
  const bool up = delta > 0;
  if (up ? start >= limit : start <= limit) return int64_t{0};
  const uint64_t distance = up ? static_cast<uint64_t>(limit) - static_cast<uint64_t>(start)
                               : static_cast<uint64_t>(start) - static_cast<uint64_t>(limit);
  const uint64_t step = up ? static_cast<uint64_t>(delta) : 0 - static_cast<uint64_t>(delta);
  const uint64_t n = 1 + (distance - 1) / step;
  return n > INT64_MAX ? INT64_MAX : static_cast<int64_t>(n);
}
Result<int64_t> count_between(double start, double limit, double delta) {
  const double n = std::ceil((limit - start) / delta);
  if (delta == 0 || !(n < 0x1p62))
    return no_range(std::to_string(start), std::to_string(limit), std::to_string(delta));
  return n > 0 ? static_cast<int64_t>(n) : 0;
}

/// Integers as unsigned ones: the product may leave the range that the sum comes back to.
int64_t element(int64_t start, int64_t delta, int64_t i) {
  return static_cast<int64_t>(static_cast<uint64_t>(start) +
                              static_cast<uint64_t>(i) * static_cast<uint64_t>(delta));
}
double element(double start, double delta, int64_t i) {
  return start + static_cast<double>(i) * delta;
}

/// Computes in C, i64 or f64, which holds every value of the operands' type.
template <class C>
Status write_range(Context& context, uint32_t computed) {
  const uint32_t dtype = context.input(0)->dtype;
  const auto convert = convert_loop(dtype, computed), back = convert_loop(computed, dtype);
  if (convert == nullptr) return no_kernel_for(dtype);
  C start{}, limit{}, delta{};
  convert(context.input(0)->data, &start, 1);
  convert(context.input(1)->data, &limit, 1);
  convert(context.input(2)->data, &delta, 1);
  HY_ASSIGN_OR_RETURN(const int64_t n, count_between(start, limit, delta));
  HY_RETURN_IF_ERROR(check_dims(std::array{n}));
  HY_ASSIGN_OR_RETURN(const Tensor y, context.output(0, dtype, std::array{n}));
  const int64_t size = dtype_bits(dtype) / 8;
  for (int64_t i = 0; i < n; ++i) {
    const C value = element(start, delta, i);
    back(&value, y.as<char>() + i * size, 1);
  }
  return {};
}

class Range final : public Kernel {
 public:
  explicit Range(const Node&) {}
  Status run(Context& context) const override {
    for (uint32_t i = 0; i < 3; ++i) {
      const Tensor& t = *context.input(i);
      HY_RETURN_IF_ERROR(check_same_type(*context.input(0), t));
      if (t.count() != 1)
        return invalid_argument("operand " + std::to_string(i) + " has dims " + dims_text(t.dims) +
                                "; it must be a scalar");
    }
    const uint32_t dtype = context.input(0)->dtype;
    const bool is_float = contains(halyard::detail::type_class("float"), dtype);
    return is_float ? write_range<double>(context, HY_DTYPE_F64)
                    : write_range<int64_t>(context, HY_DTYPE_I64);
  }
};

constexpr KernelEntry kEntries[] = {{"Range", create_kernel<Range>}};

}  // namespace

std::span<const KernelEntry> range_kernels() { return kEntries; }

}  // namespace halyard::cpu
