// Celu Selu ThresholdedRelu Softsign Mish Swish Shrink.
#include <cmath>
#include <type_traits>

#include "providers/cpu/float_math.hpp"
#include "providers/cpu/ops/elementwise_unary.hpp"
#include "providers/cpu/ops/entries.hpp"
#include "providers/cpu/ops/table.hpp"

namespace halyard::cpu {

namespace {

// J. Barron, Continuously differentiable exponential linear units.
struct Celu {
  template <class T>
  HALYARD_CPU_INLINE static T apply(T x, const UnaryParameters& p) {
    const T alpha = static_cast<T>(p.alpha), q = x / alpha;
    const T below = alpha * expm1_negative(q < T{0} ? q : T{0});
    return (x < T{0} ? T{0} : x) + (alpha < T{0} ? T{0} : below);
  }
};
// beta is the attribute gamma. G. Klambauer and others, Self-normalizing neural networks.
struct Selu {
  template <class T>
  HALYARD_CPU_INLINE static T apply(T x, const UnaryParameters& p) {
    const T below = static_cast<T>(p.alpha) * expm1_negative(x < T{0} ? x : T{0});
    return static_cast<T>(p.beta) * (x < T{0} ? below : x);
  }
};
struct ThresholdedRelu {
  template <class T>
  HALYARD_CPU_INLINE static T apply(T x, const UnaryParameters& p) {
    return x <= static_cast<T>(p.alpha) ? T{0} : x;  // NaN stays
  }
};
struct Softsign {
  template <class T>
  HALYARD_CPU_INLINE static T apply(T x, const UnaryParameters&) {
    return x / (T{1} + (x < T{0} ? -x : x));
  }
};
// x tanh(log(1 + e^x)). D. Misra, Mish.
struct Mish {
  template <class T>
  HALYARD_CPU_INLINE static T apply(T x, const UnaryParameters&) {
    const T above = x < T{0} ? T{0} : x;
    return x * cpu::tanh(above + log1p_positive(cpu::exp(x < T{0} ? x : -x)));
  }
};
struct Swish {
  template <class T>
  HALYARD_CPU_INLINE static T apply(T x, const UnaryParameters& p) {
    return x * cpu::sigmoid(static_cast<T>(p.alpha) * x);
  }
};
// alpha is the attribute lambd, beta is bias. Integers are compared and moved as numbers, then cut.
struct Shrink {
  template <class T>
  HALYARD_CPU_INLINE static T apply(T x, const UnaryParameters& p) {
    using C = std::conditional_t<std::is_integral_v<T>, double, T>;
    const C v = static_cast<C>(x), lambd = static_cast<C>(p.alpha), bias = static_cast<C>(p.beta);
    if (v < -lambd) return static_cast<T>(v + bias);
    if (v > lambd) return static_cast<T>(v - bias);
    return v != v ? x : T{0};
  }
};

template <class Op>
UnaryLoop numeric_plain_loop(uint32_t dtype) {
  return dtype == HY_DTYPE_F32 ? plain_unary_loop<Op, float> : numeric_loop<Op>(dtype);
}

constexpr UnaryOp kOps[] = {
    {"Celu", float_loop<Celu>},
    {"Selu", float_loop<Selu>},
    {"ThresholdedRelu", float_loop<ThresholdedRelu>},
    {"Softsign", float_loop<Softsign>},
    {"Mish", float_loop<Mish>},
    {"Swish", float_loop<Swish>},
    {"Shrink", numeric_plain_loop<Shrink>},
};

UnaryParameters parameters_of(const Node& node) {
  const auto value = [&](const char* name) { return static_cast<float>(node.attr_float(name)); };
  if (node.op() == "Selu") return {value("alpha"), value("gamma")};
  if (node.op() == "Shrink") return {value("lambd"), value("bias")};
  return {value("alpha"), 0};
}

Result<std::unique_ptr<Kernel>> create(const Node& node, CompileContext&) {
  return create_unary(row_of(kOps, node.op()), parameters_of(node));
}

Verdict supports(const Node& node) {
  if (node.op() == "Celu" && node.attr_float("alpha", 1) == 0)
    return reject(Reason::attribute).got("alpha=0").limit("alpha other than 0");
  return accept();
}

constexpr auto kEntries = entries_of(kOps, create, supports);

}  // namespace

std::span<const KernelEntry> rare_activations_kernels() { return kEntries; }

}  // namespace halyard::cpu
