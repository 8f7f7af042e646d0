#include <fmt/format.h>

#include "core/opset/shapes.hpp"

namespace halyard::core {
namespace {

Status check_inner(const InferContext& context, const Dim& a, const Dim& b) {
  if (unify(a, b)) return {};
  return context.error(
      fmt::format("operand \"A\" of dims {} and \"B\" of dims {} do not multiply: {} "
                  "columns meet {} rows",
                  context.shape_text(0), context.shape_text(1), a.value(), b.value()));
}

}  // namespace

Status infer_mat_mul(InferContext& context) {
  const Shape &a = context.shape(0), &b = context.shape(1);
  if ((a && a->empty()) || (b && b->empty()))
    return context.error(fmt::format("operands of dims {} and {}; neither may be a scalar",
                                     context.shape_text(0), context.shape_text(1)));
  Shape out;
  if (a && b) {
    const size_t rows_at = a->size() - 1;
    HY_RETURN_IF_ERROR(check_inner(context, a->back(), (*b)[b->size() < 2 ? 0 : b->size() - 2]));
    const auto batch = [](const Dims& d) {
      return Shape(d.size() <= 2 ? Dims() : Dims(d.begin(), d.end() - 2));
    };
    HY_ASSIGN_OR_RETURN(out, broadcast(context, batch(*a), batch(*b)));
    if (a->size() > 1) out->push_back((*a)[rows_at - 1]);
    if (b->size() > 1) out->push_back(b->back());
  }
  context.set_output(0, context.dtype(0), std::move(out));
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
