// Quantisation: results are like operand 0, their type is that of the zero point, the scale or an attribute.
#include <fmt/format.h>

#include "core/opset/shapes.hpp"
#include "halyard/opset.hpp"

namespace halyard::core {
namespace {

/// What attribute "output_dtype" says; UNDEFINED where it says nothing.
Result<uint32_t> wanted_type(const InferContext& context) {
  const int64_t to = context.node().attr_int("output_dtype");
  if (to < 0 || to > HY_DTYPE_STRING || (to != 0 && dtype_bits(static_cast<uint32_t>(to)) == 0))
    return context.error(
        fmt::format("attribute \"output_dtype\" is {}, which is no type of numbers", to));
  return static_cast<uint32_t>(to);
}

}  // namespace

Status infer_quantize_linear(InferContext& context) {
  HY_ASSIGN_OR_RETURN(const uint32_t to, wanted_type(context));
  if (context.has_input(2) && to != HY_DTYPE_UNDEFINED && context.dtype(2) != HY_DTYPE_UNDEFINED &&
      context.dtype(2) != to)
    return context.error(
        fmt::format("attribute \"output_dtype\" is {}, operand \"y_zero_point\" is {}",
                    dtype_name(to), dtype_name(context.dtype(2))));
  const uint32_t dtype = context.has_input(2)       ? context.dtype(2)
                         : to != HY_DTYPE_UNDEFINED ? to
                                                    : uint32_t{HY_DTYPE_U8};
  context.set_output(0, dtype, context.shape(0));
  return {};
}

Status infer_dequantize_linear(InferContext& context) {
  HY_ASSIGN_OR_RETURN(const uint32_t to, wanted_type(context));
  const uint32_t scale =
      context.dtype(1) == HY_DTYPE_F8E8M0 ? uint32_t{HY_DTYPE_F32} : context.dtype(1);
  context.set_output(0, to != HY_DTYPE_UNDEFINED ? to : scale, context.shape(0));
  return {};
}

Status infer_dynamic_quantize_linear(InferContext& context) {
  context.set_output(0, HY_DTYPE_U8, context.shape(0));
  context.set_output(1, HY_DTYPE_F32, Dims());
  context.set_output(2, HY_DTYPE_U8, Dims());
  return {};
}

}  // namespace halyard::core
