// Equal Less LessOrEqual Greater GreaterOrEqual.
#include "providers/cpu/ops/elementwise_binary.hpp"
#include "providers/cpu/ops/entries.hpp"
#include "providers/cpu/ops/table.hpp"

namespace halyard::cpu {

namespace {

struct Equals {
  template <class T>
  HALYARD_CPU_INLINE static bool apply(T a, T b) {
    return a == b;
  }
};
struct Less {
  template <class T>
  HALYARD_CPU_INLINE static bool apply(T a, T b) {
    return a < b;
  }
};
struct LessOrEqual {
  template <class T>
  HALYARD_CPU_INLINE static bool apply(T a, T b) {
    return a <= b;
  }
};

BinaryLoop equal_loop(uint32_t dtype) {
  return numeric_binary_loop<Equals, true>(
      dtype == HY_DTYPE_BOOL ? static_cast<uint32_t>(HY_DTYPE_U8) : dtype);
}

// Greater(a, b) is Less(b, a), with NaN, too.
constexpr BinaryOp kOps[] = {
    {"Equal", equal_loop},
    {"Less", numeric_binary_loop<Less, true>},
    {"LessOrEqual", numeric_binary_loop<LessOrEqual, true>},
    {"Greater", numeric_binary_loop<Less, true>, true},
    {"GreaterOrEqual", numeric_binary_loop<LessOrEqual, true>, true},
};

void equal_strings(const Tensor& a, const Tensor& b, const Tensor& c) {
  const Tensor* const both[] = {&a, &b};
  const Broadcast broadcast(both, c.dims);
  broadcast.for_each_run(0, c.count(), [&](int64_t at, int64_t n, const auto& from) {
    for (int64_t i = 0; i < n; ++i)
      c.as<bool>()[at + i] = a.string_at(from[0] + i * broadcast.step(0)) ==
                             b.string_at(from[1] + i * broadcast.step(1));
  });
}

class Compare final : public Kernel {
 public:
  explicit Compare(const Node& node) : op_(row_of(kOps, node.op())) {}
  Status run(Context& context) const override {
    const Tensor &a = *context.input(0), &b = *context.input(1);
    HY_RETURN_IF_ERROR(check_same_type(a, b));
    const Tensor* const both[] = {&a, &b};
    HY_ASSIGN_OR_RETURN(const Dims dims, broadcast_dims(both));
    HY_ASSIGN_OR_RETURN(const Tensor c, context.output(0, HY_DTYPE_BOOL, dims));
    if (a.dtype != HY_DTYPE_STRING) return run_binary(context, op_, a, b, c);
    equal_strings(a, b, c);
    return {};
  }

 private:
  const BinaryOp& op_;
};

/// Equal's row has every type; the others' rows have those of numbers alone.
Verdict supports(const Node& node) {
  const uint32_t dtype = node.input(0).dtype();
  const bool has_loop = equal_loop(dtype) != nullptr || dtype == HY_DTYPE_F16 ||
                        dtype == HY_DTYPE_BF16 || dtype == HY_DTYPE_STRING ||
                        dtype == HY_DTYPE_UNDEFINED;
  if (has_loop) return accept();
  return reject(Reason::dtype)
      .operand(0)
      .got(dtype_name(dtype))
      .limit("numbers of 8 bits or more, bool, string");
}

constexpr auto kEntries = entries_of(kOps, create_kernel<Compare>, supports);

}  // namespace

std::span<const KernelEntry> compare_kernels() { return kEntries; }

}  // namespace halyard::cpu
