// Attention and RotaryEmbedding.
#include <fmt/format.h>

#include "core/opset/shapes.hpp"

namespace halyard::core {
namespace {

/// An operand as [batch, heads, length, size].
Result<Shape> as_heads(InferContext& context, size_t i, std::string_view name,
                       std::string_view attribute) {
  const Shape& shape = context.shape(i);
  if (!shape || shape->size() == 4) return shape;
  if (shape->size() != 3)
    return context.error(fmt::format("operand \"{}\" has the dims {}; its rank is 3 or 4", name,
                                     context.shape_text(i)));
  const int64_t heads = context.node().attr_int(attribute);
  if (heads < 1)
    return context.error(fmt::format(
        "attribute \"{}\" is {}; operands of rank 3 need it, at least 1", attribute, heads));
  const Dim& width = (*shape)[2];
  if (width.is_fixed() && width.value() % heads != 0)
    return context.error(
        fmt::format("operand \"{}\" has the dims {}; {} is no multiple of the {} heads", name,
                    context.shape_text(i), width.value(), heads));
  return Shape(
      Dims{(*shape)[0], Dim::fixed(heads), (*shape)[1], floor_div(width, Dim::fixed(heads))});
}

}  // namespace

Status infer_attention(InferContext& context) {
  HY_ASSIGN_OR_RETURN(const Shape q, as_heads(context, 0, "Q", "q_num_heads"));
  HY_ASSIGN_OR_RETURN(const Shape k, as_heads(context, 1, "K", "kv_num_heads"));
  HY_ASSIGN_OR_RETURN(const Shape v, as_heads(context, 2, "V", "kv_num_heads"));
  if (q && k && (!unify((*q)[0], (*k)[0]) || !unify((*q)[3], (*k)[3])))
    return context.error(
        fmt::format("operands \"Q\" of dims {} and \"K\" of {} differ in their batch or head size",
                    context.shape_text(0), context.shape_text(1)));
  if (k && v && (!unify((*k)[1], (*v)[1]) || !unify((*k)[2], (*v)[2])))
    return context.error(
        fmt::format("operands \"K\" of dims {} and \"V\" of {} differ in their heads or length",
                    context.shape_text(1), context.shape_text(2)));
  if (context.has_input(4)) HY_RETURN_IF_ERROR(expect_rank(context, 4, 4, "past_key"));
  if (context.has_input(5)) HY_RETURN_IF_ERROR(expect_rank(context, 5, 4, "past_value"));
  Dim total = k ? (*k)[2] : Dim();
  if (context.has_input(4)) {
    const Shape& past = context.shape(4);
    total = total + (past ? (*past)[2] : Dim());
  }
  Shape y, key, value, scores;
  if (q && v) {
    const size_t rank = context.shape(0)->size();
    y = rank == 4 ? Dims{(*q)[0], (*q)[1], (*q)[2], (*v)[3]}
                  : Dims{(*q)[0], (*q)[2], (*q)[1] * (*v)[3]};
  }
  if (k) key = Dims{(*k)[0], (*k)[1], total, (*k)[3]};
  if (v) value = Dims{(*v)[0], (*v)[1], total, (*v)[3]};
  if (q) scores = Dims{(*q)[0], (*q)[1], (*q)[2], total};
  context.set_output(0, context.dtype(0), std::move(y));
  context.set_output(1, context.dtype(0), std::move(key));
  context.set_output(2, context.dtype(2), std::move(value));
  context.set_output(3, context.dtype(0), std::move(scores));
  return {};
}

Status infer_rotary_embedding(InferContext& context) {
  const Shape& x = context.shape(0);
  if (x && x->size() != 3 && x->size() != 4)
    return context.error(
        fmt::format("operand \"X\" has the dims {}; its rank is 3 or 4", context.shape_text(0)));
  if (x && x->size() == 3 && context.node().attr_int("num_heads") < 1)
    return context.error("attribute \"num_heads\" is 0; an operand of rank 3 needs it");
  return infer_same(context);
}

}  // namespace halyard::core
