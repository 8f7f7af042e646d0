// Relu LeakyRelu Elu Softplus HardSigmoid HardSwish Gelu Sigmoid Tanh.
#include <cmath>
#include <type_traits>

#include "providers/cpu/float_math.hpp"
#include "providers/cpu/ops/elementwise_unary.hpp"
#include "providers/cpu/ops/entries.hpp"
#include "providers/cpu/ops/table.hpp"

namespace halyard::cpu {

namespace {

/// min(max(x, 0), 1), where NaN stays.
template <class T>
HALYARD_CPU_INLINE inline T clamp_to_unit(T x) {
  x = x < T{0} ? T{0} : x;
  return x > T{1} ? T{1} : x;
}

struct Relu {
  template <class T>
  HALYARD_CPU_INLINE static T apply(T x, const UnaryParameters&) {
    return x < T{0} ? T{0} : x;  // NaN stays
  }
};
struct LeakyRelu {
  template <class T>
  HALYARD_CPU_INLINE static T apply(T x, const UnaryParameters& p) {
    const T below = static_cast<T>(p.alpha) * x;
    return x < T{0} ? below : x;
  }
};
struct Elu {
  template <class T>
  HALYARD_CPU_INLINE static T apply(T x, const UnaryParameters& p) {
    const T below = static_cast<T>(p.alpha) * expm1_negative(x < T{0} ? x : T{0});
    return x < T{0} ? below : x;
  }
};
struct Softplus {
  template <class T>
  HALYARD_CPU_INLINE static T apply(T x, const UnaryParameters&) {
    const T above = x < T{0} ? T{0} : x;
    return above + log1p_positive(cpu::exp(x < T{0} ? x : -x));
  }
};
struct HardSigmoid {
  template <class T>
  HALYARD_CPU_INLINE static T apply(T x, const UnaryParameters& p) {
    return clamp_to_unit(static_cast<T>(p.alpha) * x + static_cast<T>(p.beta));
  }
};
struct HardSwish {
  template <class T>
  HALYARD_CPU_INLINE static T apply(T x, const UnaryParameters&) {
    return x * clamp_to_unit(x * static_cast<T>(1.0 / 6) + static_cast<T>(0.5));
  }
};
// D. Hendrycks and K. Gimpel, Gaussian error linear units; the second with their approximation.
struct Gelu {
  template <class T>
  HALYARD_CPU_INLINE static T apply(T x, const UnaryParameters&) {
    return static_cast<T>(0.5) * x * (T{1} + cpu::erf(x * static_cast<T>(0.70710678118654752)));
  }
};
struct GeluTanh {
  template <class T>
  HALYARD_CPU_INLINE static T apply(T x, const UnaryParameters&) {
    const T inner =
        static_cast<T>(0.79788456080286536) * (x + static_cast<T>(0.044715) * x * x * x);
    return static_cast<T>(0.5) * x * (T{1} + cpu::tanh(inner));
  }
};
struct Sigmoid {
  template <class T>
  HALYARD_CPU_INLINE static T apply(T x, const UnaryParameters&) {
    return cpu::sigmoid(x);
  }
};
struct Tanh {
  template <class T>
  HALYARD_CPU_INLINE static T apply(T x, const UnaryParameters&) {
    return cpu::tanh(x);
  }
};

constexpr UnaryOp kOps[] = {
    {"Relu", signed_loop<Relu>},
    {"LeakyRelu", float_loop<LeakyRelu>},
    {"Elu", float_loop<Elu>},
    {"Softplus", float_loop<Softplus>},
    {"HardSigmoid", float_loop<HardSigmoid>},
    {"HardSwish", float_loop<HardSwish>},
    {"Gelu", float_loop<Gelu>},
    {"Sigmoid", float_loop<Sigmoid>},
    {"Tanh", float_loop<Tanh>},
};
constexpr UnaryOp kGeluTanh = {"Gelu", float_loop<GeluTanh>};

Result<std::unique_ptr<Kernel>> create(const Node& node, CompileContext&) {
  if (node.attr_string("approximate") == "tanh") return create_unary(node, kGeluTanh);
  return create_unary(node, row_of(kOps, node.op()));
}

Verdict supports(const Node& node) {
  const std::string_view approximate = node.attr_string("approximate", "none");
  if (node.op() == "Gelu" && approximate != "none" && approximate != "tanh")
    return reject(Reason::attribute)
        .got("approximate=" + std::string(approximate))
        .limit("none, tanh");
  return accept();
}

constexpr auto kEntries = entries_of(kOps, create, supports);

}  // namespace

std::span<const KernelEntry> activations_kernels() { return kEntries; }

}  // namespace halyard::cpu
