#include "providers/cpu/quantized.hpp"

#include <string>

#include "providers/cpu/axes.hpp"
#include "providers/cpu/convert.hpp"
#include "providers/cpu/dispatch.hpp"
#include "providers/cpu/low_bits.hpp"
#include "providers/cpu/ops/table.hpp"

namespace halyard::cpu {

Result<const float*> read_as_f32(Context& context, const Tensor& tensor) {
  if (tensor.dtype == HY_DTYPE_F32) return tensor.as<const float>();
  const auto count = static_cast<size_t>(tensor.count());
  Tensor codes = tensor;
  if (is_packed(tensor.dtype)) {
    HY_ASSIGN_OR_RETURN(void* bytes, context.scratch(count));
    codes = unpacked(context.threads(), tensor, bytes);
  }
  HY_ASSIGN_OR_RETURN(void* memory, context.scratch(count * sizeof(float)));
  auto* out = static_cast<float*>(memory);
  if (is_small_float(tensor.dtype)) {
    const float* values = small_float_values(tensor.dtype);
    for (size_t i = 0; i < count; ++i) out[i] = values[codes.as<const uint8_t>()[i]];
  } else if (const ConvertLoop loop = convert_loop(codes.dtype, HY_DTYPE_F32)) {
    loop(codes.data, out, static_cast<int64_t>(count));
  } else {
    return no_kernel_for(tensor.dtype);
  }
  return static_cast<const float*>(out);
}

Result<ScaleMap> ScaleMap::make(const Tensor& x, const Tensor& scale, const Tensor* zero_point,
                                int64_t axis, int64_t block_size) {
  const auto wrong = [&](const std::string& rule) {
    return mismatch("the scale has the dims " + dims_text(scale.dims) + " for a tensor of " +
                    dims_text(x.dims) + "; " + rule);
  };
  if (zero_point != nullptr && zero_point->dims != scale.dims &&
      !(zero_point->count() == 1 && scale.count() == 1))
    return wrong("the zero point has " + dims_text(zero_point->dims) + ", which differs");
  ScaleMap m;
  m.single = scale.count() == 1 && block_size == 0 && scale.rank() < 2;
  if (m.single) {
    m.inner = x.count();
    return m;
  }
  HY_ASSIGN_OR_RETURN(const int64_t at, normal_axis(axis, x.rank()));
  m.outer = product(x.dims, 0, at);
  m.length = x.dim(at);
  m.inner = product(x.dims, at + 1, x.rank());
  if (block_size == 0) {
    if (scale.rank() != 1 || scale.dim(0) != m.length)
      return wrong("one scale for each index of axis " + std::to_string(at) + " is needed");
    return m;
  }
  m.block = block_size;
  Dims dims = x.dims;
  dims[static_cast<size_t>(at)] = (m.length + block_size - 1) / block_size;
  if (block_size < 0 || scale.dims != dims)
    return wrong("blocks of " + std::to_string(block_size) + " along axis " + std::to_string(at) +
                 " need " + dims_text(dims));
  return m;
}

}  // namespace halyard::cpu
