// One operand, one result, element by element: what the files of such operators share.
#pragma once

#include <string_view>

#include "providers/cpu/dispatch.hpp"
#include "providers/cpu/kernel.hpp"
#include "providers/cpu/vector_loop.hpp"

namespace halyard::cpu {

/// Attributes of elementwise operators.
struct UnaryParameters {
  float alpha = 0, beta = 0;
};
/// y[i] = f(x[i]); x may be y.
using UnaryLoop = void (*)(const void* x, void* y, int64_t n, const UnaryParameters& p);

/// An operator with a loop for each element type. Those of f16 and bf16 go through the loop of f32.
struct UnaryOp {
  const char* name;
  UnaryLoop (*loop)(uint32_t dtype);  // null: not for that type
};

/// Op::apply(T, const UnaryParameters&) over arrays of T, as vector code.
template <class Op, class T>
void unary_loop(const void* x, void* y, int64_t n, const UnaryParameters& p) {
  const auto* from = static_cast<const T*>(x);
  auto* to = static_cast<T*>(y);
  vector_loop(n, [=](int64_t i) HALYARD_CPU_INLINE { to[i] = Op::apply(from[i], p); });
}
/// The same, where vector code is not worth its size.
template <class Op, class T>
void plain_unary_loop(const void* x, void* y, int64_t n, const UnaryParameters& p) {
  for (int64_t i = 0; i < n; ++i)
    static_cast<T*>(y)[i] = static_cast<T>(Op::apply(static_cast<const T*>(x)[i], p));
}

template <class Op>
UnaryLoop float_loop(uint32_t dtype) {
  switch (dtype) {
    case HY_DTYPE_F32:
      return unary_loop<Op, float>;
    case HY_DTYPE_F64:
      return plain_unary_loop<Op, double>;
    default:
      return nullptr;
  }
}
template <class Op>
UnaryLoop signed_loop(uint32_t dtype) {
  switch (dtype) {
    case HY_DTYPE_I8:
      return plain_unary_loop<Op, int8_t>;
    case HY_DTYPE_I16:
      return plain_unary_loop<Op, int16_t>;
    case HY_DTYPE_I32:
      return plain_unary_loop<Op, int32_t>;
    case HY_DTYPE_I64:
      return plain_unary_loop<Op, int64_t>;
    default:
      return float_loop<Op>(dtype);
  }
}
template <class Op>
UnaryLoop numeric_loop(uint32_t dtype) {
  switch (dtype) {
    case HY_DTYPE_U8:
      return plain_unary_loop<Op, uint8_t>;
    case HY_DTYPE_U16:
      return plain_unary_loop<Op, uint16_t>;
    case HY_DTYPE_U32:
      return plain_unary_loop<Op, uint32_t>;
    case HY_DTYPE_U64:
      return plain_unary_loop<Op, uint64_t>;
    default:
      return signed_loop<Op>(dtype);
  }
}

/// Runs the loop over x into y, which has its type and dims, on the context's threads.
Status run_unary(Context& context, const Tensor& x, const Tensor& y, UnaryLoop (*loop)(uint32_t),
                 const UnaryParameters& p);

/// create() of an operator of this form; attributes alpha and beta are read where it has them.
Result<std::unique_ptr<Kernel>> create_unary(const Node& node, const UnaryOp& op);
/// The same with parameters from attributes of other names.
Result<std::unique_ptr<Kernel>> create_unary(const UnaryOp& op, const UnaryParameters& p);

}  // namespace halyard::cpu
