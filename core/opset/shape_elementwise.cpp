#include <fmt/format.h>

#include <array>
#include <numeric>

#include "core/opset/shapes.hpp"
#include "halyard/opset.hpp"

namespace halyard::core {

Status infer_same(InferContext& context) {
  context.set_output(0, context.dtype(0), context.shape(0));
  return {};
}

Status infer_cast(InferContext& context) {
  const int64_t to = context.node().attr_int("to");
  if (to <= HY_DTYPE_UNDEFINED || to > HY_DTYPE_STRING ||
      std::string_view(dtype_name(static_cast<uint32_t>(to))) == "undefined")
    return context.error(fmt::format("attribute \"to\" is {}, which is no element type", to));
  context.set_output(0, static_cast<uint32_t>(to), context.shape(0));
  return {};
}

namespace {

/// All operands broadcast; the output has the type given.
Status broadcast_all(InferContext& context, uint32_t dtype) {
  std::vector<size_t> operands(context.input_count());
  std::iota(operands.begin(), operands.end(), size_t{0});
  HY_ASSIGN_OR_RETURN(Shape shape, broadcast(context, operands));
  context.set_output(0, dtype, std::move(shape));
  return {};
}

}  // namespace

Status infer_broadcast(InferContext& context) { return broadcast_all(context, context.dtype(0)); }

Status infer_compare(InferContext& context) { return broadcast_all(context, HY_DTYPE_BOOL); }

Status infer_where(InferContext& context) {
  const uint32_t dtype =
      context.dtype(1) != HY_DTYPE_UNDEFINED ? context.dtype(1) : context.dtype(2);
  return broadcast_all(context, dtype);
}

Status infer_prelu(InferContext& context) {
  const Shape &x = context.shape(0), &slope = context.shape(1);
  HY_ASSIGN_OR_RETURN(const Shape both, broadcast(context, x, slope));
  const bool grows =
      both && (both->size() > x->size() || [&] {
        for (size_t i = 0; i < both->size(); ++i)
          if ((*x)[i].is_fixed(1) && (*both)[i].is_fixed() && !(*both)[i].is_fixed(1)) return true;
        return false;
      }());
  if (grows)
    return context.error(
        fmt::format("operand \"slope\" of dims {} does not broadcast to \"X\" of {}",
                    context.shape_text(1), context.shape_text(0)));
  return infer_same(context);
}

Status infer_is(InferContext& context) {
  context.set_output(0, HY_DTYPE_BOOL, context.shape(0));
  return {};
}

Status infer_cumulative(InferContext& context) {
  if (const auto axis = numbers(context.ints(1)); axis && context.shape(0)) {
    if (axis->size() != 1)
      return context.error(
          fmt::format("operand \"axis\" has {} elements; it has one", axis->size()));
    HY_RETURN_IF_ERROR(axis_of(context, (*axis)[0], context.shape(0)->size()).status());
  }
  return infer_same(context);
}

}  // namespace halyard::core
