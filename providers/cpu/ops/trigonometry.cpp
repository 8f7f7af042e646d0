// Acos Acosh Asin Asinh Atan Atanh Cosh Sinh Tan: the language's functions, outside their domain NaN.
#include <cmath>

#include "providers/cpu/ops/elementwise_unary.hpp"
#include "providers/cpu/ops/entries.hpp"
#include "providers/cpu/ops/table.hpp"

namespace halyard::cpu {

namespace {

#define HALYARD_CPU_UNARY(Name, function)                            \
  struct Name {                                                      \
    template <class T>                                               \
    HALYARD_CPU_INLINE static T apply(T x, const UnaryParameters&) { \
      return std::function(x);                                       \
    }                                                                \
  }
HALYARD_CPU_UNARY(Acos, acos);
HALYARD_CPU_UNARY(Acosh, acosh);
HALYARD_CPU_UNARY(Asin, asin);
HALYARD_CPU_UNARY(Asinh, asinh);
HALYARD_CPU_UNARY(Atan, atan);
HALYARD_CPU_UNARY(Atanh, atanh);
HALYARD_CPU_UNARY(Cosh, cosh);
HALYARD_CPU_UNARY(Sinh, sinh);
HALYARD_CPU_UNARY(Tan, tan);
#undef HALYARD_CPU_UNARY

constexpr UnaryOp kOps[] = {
    {"Acos", float_loop<Acos>},   {"Acosh", float_loop<Acosh>}, {"Asin", float_loop<Asin>},
    {"Asinh", float_loop<Asinh>}, {"Atan", float_loop<Atan>},   {"Atanh", float_loop<Atanh>},
    {"Cosh", float_loop<Cosh>},   {"Sinh", float_loop<Sinh>},   {"Tan", float_loop<Tan>},
};

Result<std::unique_ptr<Kernel>> create(const Node& node, CompileContext&) {
  return create_unary(node, row_of(kOps, node.op()));
}

constexpr auto kEntries = entries_of(kOps, create);

}  // namespace

std::span<const KernelEntry> trigonometry_kernels() { return kEntries; }

}  // namespace halyard::cpu
