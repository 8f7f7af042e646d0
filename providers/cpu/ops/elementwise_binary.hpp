// Two operands that broadcast, one result: what the files of such operators share.
#pragma once

#include <type_traits>

#include "providers/cpu/broadcast.hpp"
#include "providers/cpu/dispatch.hpp"
#include "providers/cpu/kernel.hpp"
#include "providers/cpu/vector_loop.hpp"

namespace halyard::cpu {

/// c[i] = f(a[i * a_step], b[i * b_step]); steps are 0 or 1. c may be a or b where they are as large.
using BinaryLoop = void (*)(const void* a, int64_t a_step, const void* b, int64_t b_step, void* c,
                            int64_t n);

/// An operator with a loop for each element type. Those of f16 and bf16 go through the loop of f32.
struct BinaryOp {
  const char* name;
  BinaryLoop (*loop)(uint32_t dtype);  // null: not for that type
  bool swaps = false;                  // f(b, a) is meant
};

/// Op::apply(T, T) over arrays of In, as vector code, with a form of its own for each pair of steps.
template <class Op, class In, class Out>
void binary_loop(const void* a, int64_t a_step, const void* b, int64_t b_step, void* c, int64_t n) {
  const auto *x = static_cast<const In*>(a), *y = static_cast<const In*>(b);
  auto* to = static_cast<Out*>(c);
  if (a_step == 0) {
    const In left = *x;
    if (b_step == 0) {
      const Out value = Op::apply(left, *y);
      return vector_loop(n, [=](int64_t i) HALYARD_CPU_INLINE { to[i] = value; });
    }
    vector_loop(n, [=](int64_t i) HALYARD_CPU_INLINE { to[i] = Op::apply(left, y[i]); });
  } else if (b_step == 0) {
    const In right = *y;
    vector_loop(n, [=](int64_t i) HALYARD_CPU_INLINE { to[i] = Op::apply(x[i], right); });
  } else {
    vector_loop(n, [=](int64_t i) HALYARD_CPU_INLINE { to[i] = Op::apply(x[i], y[i]); });
  }
}
/// The same, where vector code is not worth its size.
template <class Op, class In, class Out>
void plain_binary_loop(const void* a, int64_t a_step, const void* b, int64_t b_step, void* c,
                       int64_t n) {
  const auto *x = static_cast<const In*>(a), *y = static_cast<const In*>(b);
  for (int64_t i = 0; i < n; ++i)
    static_cast<Out*>(c)[i] = static_cast<Out>(Op::apply(x[i * a_step], y[i * b_step]));
}

/// The loop of a type; Out is the type itself, or bool where Predicate.
template <class Op, bool Predicate = false>
BinaryLoop numeric_binary_loop(uint32_t dtype) {
  const auto plain = [](auto tag) -> BinaryLoop {
    using T = decltype(tag);
    return plain_binary_loop<Op, T, std::conditional_t<Predicate, bool, T>>;
  };
  switch (dtype) {
    case HY_DTYPE_F32:
      return binary_loop<Op, float, std::conditional_t<Predicate, bool, float>>;
    case HY_DTYPE_F64:
      return plain(double{});
    case HY_DTYPE_I8:
      return plain(int8_t{});
    case HY_DTYPE_I16:
      return plain(int16_t{});
    case HY_DTYPE_I32:
      return plain(int32_t{});
    case HY_DTYPE_I64:
      return plain(int64_t{});
    case HY_DTYPE_U8:
      return plain(uint8_t{});
    case HY_DTYPE_U16:
      return plain(uint16_t{});
    case HY_DTYPE_U32:
      return plain(uint32_t{});
    case HY_DTYPE_U64:
      return plain(uint64_t{});
    default:
      return nullptr;
  }
}

/// c = op(a, b), where c has the dims that a and b broadcast to, or larger ones that they fit; on the
/// context's threads. c's type is that of a and b, or bool.
Status run_binary(Context& context, const BinaryOp& op, const Tensor& a, const Tensor& b,
                  const Tensor& c);

/// Fails unless the operands have one type.
Status check_same_type(const Tensor& a, const Tensor& b);

}  // namespace halyard::cpu
