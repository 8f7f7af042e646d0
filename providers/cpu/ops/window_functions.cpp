// HannWindow, HammingWindow, BlackmanWindow: sums of cosines. A symmetric window of one element is 1.
#include <cmath>
#include <numbers>
#include <string>

#include "providers/cpu/axes.hpp"
#include "providers/cpu/dispatch.hpp"
#include "providers/cpu/ops/entries.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"

namespace halyard::cpu {

namespace {

/// constant - once cos(x) + twice cos(2 x), where x goes around the circle.
struct Row {
  const char* name;
  double constant, once, twice;
};
constexpr Row kTable[] = {
    {"HannWindow", 0.5, 0.5, 0},
    {"HammingWindow", 25. / 46, 21. / 46, 0},
    {"BlackmanWindow", 0.42, 0.5, 0.08},
};

class WindowFunction final : public Kernel {
 public:
  explicit WindowFunction(const Node& node)
      : row_(row_of(kTable, node.op())),
        dtype_(static_cast<uint32_t>(node.attr_int("output_datatype", HY_DTYPE_F32))),
        periodic_(node.attr_int("periodic", 1) != 0) {}

  Status run(Context& context) const override {
    HY_ASSIGN_OR_RETURN(const int64_t size, number_operand(*context.input(0), "size"));
    const Dims dims{size};
    HY_RETURN_IF_ERROR(check_dims(dims));
    return visit_numeric(dtype_, [&](auto tag) -> Status {
      using T = decltype(tag);
      HY_ASSIGN_OR_RETURN(const Tensor y, context.output(0, dtype_, dims));
      T* to = y.as<T>();
      parallel_for(context.threads(), size, 1 << 12, [&](int64_t begin, int64_t end) {
        for (int64_t n = begin; n < end; ++n)
          to[n] = static_cast<T>(static_cast<compute_t<T>>(value(n, size)));
      });
      return {};
    });
  }

 private:
  double value(int64_t n, int64_t size) const {
    const int64_t period = periodic_ ? size : size - 1;
    if (period == 0) return 1;
    const double x = 2 * std::numbers::pi * static_cast<double>(n) / static_cast<double>(period);
    return row_.constant - row_.once * std::cos(x) + row_.twice * std::cos(2 * x);
  }

  const Row& row_;
  const uint32_t dtype_;
  const bool periodic_;
};

constexpr auto kRows = entries_of(kTable, create_kernel<WindowFunction>);

}  // namespace

std::span<const KernelEntry> window_functions_kernels() { return kRows; }

}  // namespace halyard::cpu
