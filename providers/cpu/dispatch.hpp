// From a dtype to a C++ type: visit_float(dtype, [&](auto tag) { using T = decltype(tag); ... }).
// The callable gets a value-initialised T; what it returns is Status.
#pragma once

#include <cstdint>
#include <string>

#include "halyard/opset.hpp"
#include "halyard/status.hpp"
#include "providers/cpu/half.hpp"

namespace halyard::cpu {

inline Status no_kernel_for(uint32_t dtype) {
  return unsupported(std::string("the kernel has no form for element type ") + dtype_name(dtype));
}

template <class F>
Status visit_float(uint32_t dtype, F&& f) {
  switch (dtype) {
    case HY_DTYPE_F32:
      return f(float{});
    case HY_DTYPE_F64:
      return f(double{});
    case HY_DTYPE_F16:
      return f(F16{});
    case HY_DTYPE_BF16:
      return f(BF16{});
    default:
      return no_kernel_for(dtype);
  }
}
template <class F>
Status visit_int(uint32_t dtype, F&& f) {
  switch (dtype) {
    case HY_DTYPE_I8:
      return f(int8_t{});
    case HY_DTYPE_I16:
      return f(int16_t{});
    case HY_DTYPE_I32:
      return f(int32_t{});
    case HY_DTYPE_I64:
      return f(int64_t{});
    case HY_DTYPE_U8:
      return f(uint8_t{});
    case HY_DTYPE_U16:
      return f(uint16_t{});
    case HY_DTYPE_U32:
      return f(uint32_t{});
    case HY_DTYPE_U64:
      return f(uint64_t{});
    default:
      return no_kernel_for(dtype);
  }
}
template <class F>
Status visit_numeric(uint32_t dtype, F&& f) {
  return dtype == HY_DTYPE_F32 || dtype == HY_DTYPE_F64 || dtype == HY_DTYPE_F16 ||
                 dtype == HY_DTYPE_BF16
             ? visit_float(dtype, f)
             : visit_int(dtype, f);
}

}  // namespace halyard::cpu
