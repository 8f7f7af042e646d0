#include <fmt/format.h>

#include "core/opset/shapes.hpp"
#include "core/opset/window.hpp"

namespace halyard::core {
namespace {

Status check_rank(const InferContext& context) {
  if (!context.shape(0) || context.shape(0)->size() >= 3) return {};
  return context.error(
      fmt::format("operand \"X\" has the dims {}; batch, channels and at least one more are needed",
                  context.shape_text(0)));
}

}  // namespace

Status infer_pool(InferContext& context) {
  HY_RETURN_IF_ERROR(check_rank(context));
  const Shape& x = context.shape(0);
  const size_t axes = x ? x->size() - 2 : context.node().attr_ints("kernel_shape").size();
  HY_ASSIGN_OR_RETURN(const Window window, read_window(context, axes, {}));
  const bool ceil_mode = context.node().attr_int("ceil_mode") != 0;
  Shape out = unknown_dims(static_cast<int64_t>(axes + 2));
  for (size_t i = 0; x && i < x->size(); ++i) {
    if (i < 2) {
      (*out)[i] = (*x)[i];
    } else {
      HY_ASSIGN_OR_RETURN((*out)[i], window_positions(context, window, i - 2, (*x)[i], ceil_mode));
    }
  }
  context.set_output(1, HY_DTYPE_I64, out);
  context.set_output(0, context.dtype(0), std::move(out));
  return {};
}

Status infer_global_pool(InferContext& context) {
  HY_RETURN_IF_ERROR(check_rank(context));
  Shape out = context.shape(0);
  for (size_t i = 2; out && i < out->size(); ++i) (*out)[i] = Dim::fixed(1);
  context.set_output(0, context.dtype(0), std::move(out));
  return {};
}

}  // namespace halyard::core
