// Operators whose dims are in their operands' contents.
#include <fmt/format.h>

#include <cmath>

#include "core/opset/shapes.hpp"

namespace halyard::core {

Status infer_constant_of_shape(InferContext& context) {
  const KnownInts& content = context.ints(0);
  const auto length = list_length(context, 0);
  Shape out;
  if (content) {
    out = *content;
    for (const Dim& d : *content)
      if (d.is_fixed() && d.value() < 0)
        return context.error(
            fmt::format("operand \"shape\" holds {}; a dim is 0 or more", d.value()));
  } else if (length) {
    out = unknown_dims(*length);
  }
  const auto& value = std::get<TensorAttr>(*context.node().attribute("value"));
  const auto& constants = context.graph().constants;
  if (value.constant >= constants.size())
    return context.error(fmt::format("attribute \"value\" names constant {}; the graph has {}",
                                     value.constant, constants.size()));
  context.set_output(0, constants[value.constant].dtype, std::move(out));
  return {};
}

namespace {

Dim integer_range_length(const InferContext& context) {
  Dim part[3];
  for (size_t i = 0; i < 3; ++i) {
    const KnownInts& content = context.ints(i);
    if (!content || content->size() != 1) return Dim::unknown();
    part[i] = (*content)[0];
  }
  if (!part[2].is_fixed()) return Dim::unknown();
  return max(ceil_div(part[1] - part[0], part[2]), Dim::fixed(0));
}

Dim float_range_length(const InferContext& context) {
  double part[3];
  for (size_t i = 0; i < 3; ++i) {
    const auto content = context.floats(i);
    if (!content || content->size() != 1) return Dim::unknown();
    part[i] = (*content)[0];
  }
  const double count = std::ceil((part[1] - part[0]) / part[2]);
  if (!(std::fabs(count) < static_cast<double>(INT32_MAX))) return Dim::unknown();
  return Dim::fixed(count > 0 ? static_cast<int64_t>(count) : 0);
}

}  // namespace

Status infer_range(InferContext& context) {
  const KnownInts& delta = context.ints(2);
  if (delta && delta->size() == 1 && (*delta)[0].is_fixed(0))
    return context.error("operand \"delta\" is 0");
  const bool integers = context.dtype(0) == HY_DTYPE_I64 || context.dtype(0) == HY_DTYPE_I32;
  const Dim length = integers ? integer_range_length(context) : float_range_length(context);
  context.set_output(0, context.dtype(0), Dims{length});
  return {};
}

Status infer_non_zero(InferContext& context) {
  const Shape& x = context.shape(0);
  // What rank 0 gives, 0 or 1 rows, is not settled.
  const bool known = x && !x->empty();
  const Dim rows = known ? Dim::fixed(static_cast<int64_t>(x->size())) : Dim();
  context.set_output(0, HY_DTYPE_I64, Dims{rows, Dim()});
  return {};
}

}  // namespace halyard::core
