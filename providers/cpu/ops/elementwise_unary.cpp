// Abs Neg Sign Ceil Floor Round Sqrt Reciprocal Exp Log Sin Cos Erf, and how all of this form run.
#include "providers/cpu/ops/elementwise_unary.hpp"

#include <cmath>
#include <type_traits>

#include "providers/cpu/float_math.hpp"
#include "providers/cpu/ops/entries.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"

namespace halyard::cpu {

namespace {

constexpr int64_t kGrain = 1 << 15;
constexpr int64_t kBlock = 1024;  // elements of f16 that are f32 at a time

template <class H>
void loop_through_f32(UnaryLoop loop, const H* x, H* y, int64_t n, const UnaryParameters& p) {
  alignas(64) float block[kBlock];
  for (int64_t i = 0; i < n; i += kBlock) {
    const int64_t size = std::min(kBlock, n - i);
    widen(x + i, block, size);
    loop(block, block, size, p);
    narrow(block, y + i, size);
  }
}

class UnaryKernel final : public Kernel {
 public:
  UnaryKernel(const UnaryOp& op, UnaryParameters p) : op_(op), p_(p) {}
  Layouts layouts() const override { return Layouts::kPointwise; }
  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    HY_ASSIGN_OR_RETURN(const Tensor y, context.output_over(0, x.dtype, x.dims, {0}));
    return run_unary(context, x, y, op_.loop, p_);
  }

 private:
  const UnaryOp& op_;
  const UnaryParameters p_;
};

/// An operator from a function of one number.
#define HALYARD_CPU_UNARY(Name, expression)                          \
  struct Name {                                                      \
    template <class T>                                               \
    HALYARD_CPU_INLINE static T apply(T x, const UnaryParameters&) { \
      return static_cast<T>(expression);                             \
    }                                                                \
  }
HALYARD_CPU_UNARY(Ceil, std::ceil(x));
HALYARD_CPU_UNARY(Floor, std::floor(x));
HALYARD_CPU_UNARY(Round, std::rint(x));  // half to even, as the processor is set
HALYARD_CPU_UNARY(Sqrt, std::sqrt(x));
HALYARD_CPU_UNARY(Reciprocal, T{1} / x);
HALYARD_CPU_UNARY(Exp, cpu::exp(x));
HALYARD_CPU_UNARY(Log, cpu::log(x));
HALYARD_CPU_UNARY(Sin, std::sin(x));
HALYARD_CPU_UNARY(Cos, std::cos(x));
#undef HALYARD_CPU_UNARY

struct Erf {
  template <class T>
  HALYARD_CPU_INLINE static T apply(T x, const UnaryParameters&) {
    if constexpr (std::is_integral_v<T>)
      return x == 0 ? T{0} : static_cast<T>(std::erf(static_cast<double>(x)));
    else
      return cpu::erf(x);
  }
};
// The least integer has no positive: it stays itself, as in two's complement.
struct Abs {
  template <class T>
  HALYARD_CPU_INLINE static T apply(T x, const UnaryParameters&) {
    if constexpr (std::is_unsigned_v<T>)
      return x;
    else if constexpr (std::is_floating_point_v<T>)
      return std::fabs(x);
    else
      return x < 0 ? static_cast<T>(0u - static_cast<std::make_unsigned_t<T>>(x)) : x;
  }
};
struct Neg {
  template <class T>
  HALYARD_CPU_INLINE static T apply(T x, const UnaryParameters&) {
    if constexpr (std::is_floating_point_v<T>)
      return -x;
    else
      return static_cast<T>(0u - static_cast<std::make_unsigned_t<T>>(x));
  }
};
struct Sign {
  template <class T>
  HALYARD_CPU_INLINE static T apply(T x, const UnaryParameters&) {
    const T sign = static_cast<T>((x > T{0}) - (x < T{0}));
    return x != x ? x : sign;
  }
};

constexpr UnaryOp kOps[] = {
    {"Abs", numeric_loop<Abs>},   {"Neg", signed_loop<Neg>},
    {"Sign", numeric_loop<Sign>}, {"Ceil", float_loop<Ceil>},
    {"Floor", float_loop<Floor>}, {"Round", float_loop<Round>},
    {"Sqrt", float_loop<Sqrt>},   {"Reciprocal", float_loop<Reciprocal>},
    {"Exp", float_loop<Exp>},     {"Log", float_loop<Log>},
    {"Sin", float_loop<Sin>},     {"Cos", float_loop<Cos>},
    {"Erf", numeric_loop<Erf>},
};

Result<std::unique_ptr<Kernel>> create(const Node& node, CompileContext&) {
  return create_unary(node, row_of(kOps, node.op()));
}

constexpr auto kEntries = entries_of(kOps, create);

}  // namespace

Status run_unary(Context& context, const Tensor& x, const Tensor& y, UnaryLoop (*loop_of)(uint32_t),
                 const UnaryParameters& p) {
  const bool half = x.dtype == HY_DTYPE_F16 || x.dtype == HY_DTYPE_BF16;
  const UnaryLoop loop = loop_of(half ? static_cast<uint32_t>(HY_DTYPE_F32) : x.dtype);
  if (loop == nullptr) return no_kernel_for(x.dtype);
  const int64_t size = dtype_bits(x.dtype) / 8;
  parallel_for(context.threads(), x.count(), kGrain, [&](int64_t begin, int64_t end) {
    const int64_t n = end - begin;
    if (x.dtype == HY_DTYPE_F16) {
      loop_through_f32(loop, x.as<const F16>() + begin, y.as<F16>() + begin, n, p);
    } else if (x.dtype == HY_DTYPE_BF16) {
      loop_through_f32(loop, x.as<const BF16>() + begin, y.as<BF16>() + begin, n, p);
    } else {
      loop(x.as<const char>() + begin * size, y.as<char>() + begin * size, n, p);
    }
  });
  return {};
}

Result<std::unique_ptr<Kernel>> create_unary(const Node& node, const UnaryOp& op) {
  const UnaryParameters p{static_cast<float>(node.attr_float("alpha")),
                          static_cast<float>(node.attr_float("beta"))};
  return create_unary(op, p);
}

Result<std::unique_ptr<Kernel>> create_unary(const UnaryOp& op, const UnaryParameters& p) {
  return std::unique_ptr<Kernel>(std::make_unique<UnaryKernel>(op, p));
}

std::span<const KernelEntry> elementwise_unary_kernels() { return kEntries; }

}  // namespace halyard::cpu
