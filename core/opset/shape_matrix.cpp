#include <fmt/format.h>

#include "core/opset/shapes.hpp"

namespace halyard::core {
namespace {

Status check_inner(const InferContext& context, const Dim& a, const Dim& b, size_t right = 1) {
  if (unify(a, b)) return {};
  return context.error(
      fmt::format("operand \"A\" of dims {} and \"B\" of dims {} do not multiply: {} "
                  "columns meet {} rows",
                  context.shape_text(0), context.shape_text(right), a.value(), b.value()));
}

/// What numpy.matmul makes of operand 0 and another.
Result<Shape> multiplied(const InferContext& context, size_t right) {
  const Shape &a = context.shape(0), &b = context.shape(right);
  if ((a && a->empty()) || (b && b->empty()))
    return context.error(fmt::format("operands of dims {} and {}; neither may be a scalar",
                                     context.shape_text(0), context.shape_text(right)));
  if (!a || !b) return Shape();
  const Dim &columns = a->back(), &rows = (*b)[b->size() < 2 ? 0 : b->size() - 2];
  HY_RETURN_IF_ERROR(check_inner(context, columns, rows, right));
  const auto batch = [](const Dims& d) {
    return Shape(d.size() <= 2 ? Dims() : Dims(d.begin(), d.end() - 2));
  };
  HY_ASSIGN_OR_RETURN(Shape out, broadcast(context, batch(*a), batch(*b)));
  if (a->size() > 1) out->push_back((*a)[a->size() - 2]);
  if (b->size() > 1) out->push_back(b->back());
  return out;
}

}  // namespace

Status infer_mat_mul(InferContext& context) {
  HY_ASSIGN_OR_RETURN(Shape out, multiplied(context, 1));
  context.set_output(0, context.dtype(0), std::move(out));
  return {};
}

Status infer_mat_mul_integer(InferContext& context) {
  HY_ASSIGN_OR_RETURN(Shape out, multiplied(context, 1));
  context.set_output(0, HY_DTYPE_I32, std::move(out));
  return {};
}

// The right operand is 3; the zero point of the result has its type.
Status infer_qlinear_mat_mul(InferContext& context) {
  HY_ASSIGN_OR_RETURN(Shape out, multiplied(context, 3));
  context.set_output(0, context.dtype(7), std::move(out));
  return {};
}

Status infer_gemm(InferContext& context) {
  HY_RETURN_IF_ERROR(expect_rank(context, 0, 2, "A"));
  HY_RETURN_IF_ERROR(expect_rank(context, 1, 2, "B"));
  const Shape &a = context.shape(0), &b = context.shape(1), &c = context.shape(2);
  const bool turn_a = context.node().attr_int("transA") != 0;
  const bool turn_b = context.node().attr_int("transB") != 0;
  Dims out(2);
  if (a) out[0] = (*a)[turn_a ? 1 : 0];
  if (b) out[1] = (*b)[turn_b ? 0 : 1];
  if (a && b) HY_RETURN_IF_ERROR(check_inner(context, (*a)[turn_a ? 0 : 1], (*b)[turn_b ? 1 : 0]));
  if (c) {
    bool fits = c->size() <= 2;
    for (size_t i = 0; fits && i < c->size(); ++i) {
      const Dim& have = (*c)[c->size() - 1 - i];
      fits = have.is_fixed(1) || unify(have, out[1 - i]).has_value();
    }
    if (!fits)
      return context.error(
          fmt::format("operand \"C\" of dims {} does not broadcast to the product's {}",
                      context.shape_text(2), shape_text(out, context.graph().symbol_names())));
  }
  context.set_output(0, context.dtype(0), std::move(out));
  return {};
}

}  // namespace halyard::core
