// Not And Or Xor. A bool is a byte, 0 or 1; any other byte counts as 1.
#include "providers/cpu/ops/elementwise_binary.hpp"
#include "providers/cpu/ops/entries.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"

namespace halyard::cpu {

namespace {

struct And {
  HALYARD_CPU_INLINE static uint8_t apply(uint8_t a, uint8_t b) { return a != 0 && b != 0; }
};
struct Or {
  HALYARD_CPU_INLINE static uint8_t apply(uint8_t a, uint8_t b) { return (a | b) != 0; }
};
struct Xor {
  HALYARD_CPU_INLINE static uint8_t apply(uint8_t a, uint8_t b) { return (a != 0) != (b != 0); }
};

template <class Op>
BinaryLoop bool_loop(uint32_t dtype) {
  return dtype == HY_DTYPE_BOOL ? plain_binary_loop<Op, uint8_t, uint8_t> : nullptr;
}

constexpr BinaryOp kOps[] = {
    {"And", bool_loop<And>}, {"Or", bool_loop<Or>}, {"Xor", bool_loop<Xor>}};

class Logical final : public Kernel {
 public:
  explicit Logical(const Node& node) : op_(row_of(kOps, node.op())) {}
  Status run(Context& context) const override {
    const Tensor &a = *context.input(0), &b = *context.input(1);
    HY_RETURN_IF_ERROR(check_same_type(a, b));
    const Tensor* const both[] = {&a, &b};
    HY_ASSIGN_OR_RETURN(const Dims dims, broadcast_dims(both));
    HY_ASSIGN_OR_RETURN(const Tensor c, context.output_over(0, HY_DTYPE_BOOL, dims, {0, 1}));
    return run_binary(context, op_, a, b, c);
  }

 private:
  const BinaryOp& op_;
};

class Not final : public Kernel {
 public:
  explicit Not(const Node&) {}
  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    HY_ASSIGN_OR_RETURN(const Tensor y, context.output_over(0, HY_DTYPE_BOOL, x.dims, {0}));
    parallel_for(context.threads(), x.count(), 1 << 16, [&](int64_t begin, int64_t end) {
      const auto* from = x.as<const uint8_t>();
      auto* to = y.as<uint8_t>();
      for (int64_t i = begin; i < end; ++i) to[i] = from[i] == 0;
    });
    return {};
  }
};

constexpr KernelEntry kEntries[] = {
    {"Not", create_kernel<Not>},
    {"And", create_kernel<Logical>},
    {"Or", create_kernel<Logical>},
    {"Xor", create_kernel<Logical>},
};

}  // namespace

std::span<const KernelEntry> logical_kernels() { return kEntries; }

}  // namespace halyard::cpu
