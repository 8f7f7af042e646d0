#include <fmt/format.h>

#include <algorithm>

#include "core/opset/shapes.hpp"

namespace halyard::core {
namespace {

std::optional<size_t> any_known_shape(const InferContext& context) {
  for (size_t i = 0; i < context.input_count(); ++i)
    if (context.shape(i)) return i;
  return std::nullopt;
}

}  // namespace

Status infer_concat(InferContext& context) {
  const auto first = any_known_shape(context);
  Shape out;
  if (first) {
    const size_t rank = context.shape(*first)->size();
    HY_ASSIGN_OR_RETURN(const size_t axis, axis_of(context, context.node().attr_int("axis"), rank));
    out = unknown_dims(static_cast<int64_t>(rank));
    (*out)[axis] = Dim::fixed(0);
    for (size_t i = 0; i < context.input_count(); ++i) {
      const Shape& shape = context.shape(i);
      const bool fits = !shape || shape->size() == rank;
      for (size_t d = 0; d < rank && fits; ++d) {
        const Dim dim = shape ? (*shape)[d] : Dim();
        const auto both = d == axis ? (*out)[d] + dim : unify((*out)[d], dim);
        if (!both)
          return context.error(fmt::format(
              "operands of dims {} and {} differ in dim {}; all but axis {} must be equal",
              context.shape_text(*first), context.shape_text(i), d, axis));
        (*out)[d] = *both;
      }
      if (!fits)
        return context.error(fmt::format("operands of dims {} and {} differ in rank",
                                         context.shape_text(*first), context.shape_text(i)));
    }
  }
  context.set_output(0, context.dtype(0), std::move(out));
  return {};
}

namespace {

/// The sizes of the pieces where the node lists them.
Result<Dims> listed_pieces(const InferContext& context, const Dim& whole) {
  const Dims& sizes = *context.ints(1);
  if (sizes.size() < context.outputs.size())
    return context.error(fmt::format("operand \"split\" has {} entries for {} outputs",
                                     sizes.size(), context.outputs.size()));
  Dim sum = Dim::fixed(0);
  for (const Dim& s : sizes) sum = sum + s;
  if (sum.is_fixed() && whole.is_fixed() && sum.value() != whole.value())
    return context.error(
        fmt::format("the entries of operand \"split\" make {}, but the axis has {} elements",
                    sum.value(), whole.value()));
  return sizes;
}

/// Equal pieces, the last of which may be smaller.
Result<Dims> equal_pieces(const InferContext& context, const Dim& whole) {
  const auto outputs = static_cast<int64_t>(context.outputs.size());
  const int64_t count = context.node().attr_int("num_outputs", outputs);
  if (count < std::max<int64_t>(outputs, 1))
    return context.error(
        fmt::format("attribute \"num_outputs\" is {}; the node has {} outputs", count, outputs));
  const Dim piece = ceil_div(whole, Dim::fixed(count));
  const Dim last = whole - piece * Dim::fixed(count - 1);
  if (last.is_fixed() && last.value() < 0)
    return context.error(
        fmt::format("{} elements do not split into {} pieces", whole.value(), count));
  Dims out(static_cast<size_t>(outputs), piece);
  if (count == outputs) out.back() = last;
  return out;
}

}  // namespace

Status infer_split(InferContext& context) {
  const Shape& x = context.shape(0);
  Dims pieces(context.outputs.size());
  size_t axis = 0;
  if (x) {
    HY_ASSIGN_OR_RETURN(axis, axis_of(context, context.node().attr_int("axis", 0), x->size()));
    if (context.ints(1)) {
      HY_ASSIGN_OR_RETURN(pieces, listed_pieces(context, (*x)[axis]));
    } else if (!context.has_input(1)) {
      HY_ASSIGN_OR_RETURN(pieces, equal_pieces(context, (*x)[axis]));
    }
  }
  for (size_t i = 0; i < context.outputs.size(); ++i) {
    Shape shape = x;
    if (shape) (*shape)[axis] = pieces[i];
    context.set_output(i, context.dtype(0), std::move(shape));
  }
  return {};
}

}  // namespace halyard::core
