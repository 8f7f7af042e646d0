// Operators that choose elements.
#include <fmt/format.h>

#include "core/opset/shapes.hpp"

namespace halyard::core {

Status infer_top_k(InferContext& context) {
  const Shape& x = context.shape(0);
  Shape out;
  if (x && x->empty()) return context.error("operand \"X\" is a scalar; it must have an axis");
  if (const auto length = list_length(context, 1); length && *length != 1)
    return context.error(fmt::format("operand \"K\" has {} elements; it has one", *length));
  if (x) {
    HY_ASSIGN_OR_RETURN(const size_t axis,
                        axis_of(context, context.node().attr_int("axis", -1), x->size()));
    const KnownInts& k = context.ints(1);
    out = *x;
    Dim& size = (*out)[axis];
    const Dim wanted = k && k->size() == 1 ? (*k)[0] : Dim();
    if (wanted.is_fixed() && size.is_fixed() &&
        (wanted.value() < 0 || wanted.value() > size.value()))
      return context.error(fmt::format("operand \"K\" is {}; axis {} of {} has {} elements",
                                       wanted.value(), axis, context.shape_text(0), size.value()));
    size = wanted;
  }
  context.set_output(0, context.dtype(0), out);
  context.set_output(1, HY_DTYPE_I64, std::move(out));
  return {};
}

Status infer_unique(InferContext& context) {
  const Shape& x = context.shape(0);
  const bool flat = context.node().attribute("axis") == nullptr;
  Shape out = flat ? unknown_dims(1) : Shape();
  Dim inverse;
  if (flat) inverse = element_count(x);
  if (x && !flat) {
    HY_ASSIGN_OR_RETURN(const size_t axis,
                        axis_of(context, context.node().attr_int("axis"), x->size()));
    out = *x;
    inverse = (*x)[axis];
    (*out)[axis] = Dim();
  }
  context.set_output(0, context.dtype(0), std::move(out));
  context.set_output(1, HY_DTYPE_I64, unknown_dims(1));
  context.set_output(2, HY_DTYPE_I64, Dims{inverse});
  context.set_output(3, HY_DTYPE_I64, unknown_dims(1));
  return {};
}

Status infer_non_max_suppression(InferContext& context) {
  HY_RETURN_IF_ERROR(expect_rank(context, 0, 3, "boxes"));
  HY_RETURN_IF_ERROR(expect_rank(context, 1, 3, "scores"));
  const Shape &boxes = context.shape(0), &scores = context.shape(1);
  if (boxes && (*boxes)[2].is_fixed() && !(*boxes)[2].is_fixed(4))
    return context.error(fmt::format("operand \"boxes\" has the dims {}; a box has 4 numbers",
                                     context.shape_text(0)));
  if (boxes && scores && (!unify((*boxes)[0], (*scores)[0]) || !unify((*boxes)[1], (*scores)[2])))
    return context.error(fmt::format(
        "operands \"boxes\" of dims {} and \"scores\" of {} differ in their batch or box count",
        context.shape_text(0), context.shape_text(1)));
  context.set_output(0, HY_DTYPE_I64, Dims{Dim(), Dim::fixed(3)});
  return {};
}

}  // namespace halyard::core
