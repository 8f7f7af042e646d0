// ONNX's numbers and names of element types, as HY_DTYPE codes.
#pragma once

#include <cstdint>
#include <string_view>

#include "halyard/opset.hpp"

namespace halyard::onnx {

/// Of a TensorProto.DataType; HY_DTYPE_UNDEFINED for numbers that are not known.
inline uint32_t dtype_of(int64_t data_type) {
  static constexpr uint32_t kTypes[] = {
      HY_DTYPE_UNDEFINED,  HY_DTYPE_F32,  HY_DTYPE_U8,       HY_DTYPE_I8,         HY_DTYPE_U16,
      HY_DTYPE_I16,        HY_DTYPE_I32,  HY_DTYPE_I64,      HY_DTYPE_STRING,     HY_DTYPE_BOOL,
      HY_DTYPE_F16,        HY_DTYPE_F64,  HY_DTYPE_U32,      HY_DTYPE_U64,        HY_DTYPE_C64,
      HY_DTYPE_C128,       HY_DTYPE_BF16, HY_DTYPE_F8E4M3FN, HY_DTYPE_F8E4M3FNUZ, HY_DTYPE_F8E5M2,
      HY_DTYPE_F8E5M2FNUZ, HY_DTYPE_U4,   HY_DTYPE_I4,       HY_DTYPE_F4E2M1,     HY_DTYPE_F8E8M0,
      HY_DTYPE_U2,         HY_DTYPE_I2};
  const auto count = static_cast<int64_t>(sizeof kTypes / sizeof kTypes[0]);
  return kTypes[data_type > 0 && data_type < count ? data_type : 0];
}

/// Of the names that Cast had for types before opset 6: "FLOAT", "INT64", ...
inline uint32_t dtype_of(std::string_view name) {
  static constexpr std::string_view kNames[] = {
      "UNDEFINED", "FLOAT", "UINT8",   "INT8",   "UINT16", "INT16",  "INT32",     "INT64",
      "STRING",    "BOOL",  "FLOAT16", "DOUBLE", "UINT32", "UINT64", "COMPLEX64", "COMPLEX128"};
  for (size_t i = 0; i < sizeof kNames / sizeof kNames[0]; ++i)
    if (name == kNames[i]) return dtype_of(static_cast<int64_t>(i));
  return HY_DTYPE_UNDEFINED;
}

/// Bytes of count elements; 0 for strings. count is at most HY_GRAPH_MAX_ELEMENTS.
inline uint64_t bytes_of(uint32_t dtype, int64_t count) {
  const uint64_t n = static_cast<uint64_t>(count), bits = dtype_bits(dtype);
  return bits >= 8 ? n * (bits / 8) : (n * bits + 7) / 8;
}

}  // namespace halyard::onnx
