// Operators that gather from and scatter to places that indices name.
#include <fmt/format.h>

#include <algorithm>

#include "core/opset/shapes.hpp"
#include "halyard/opset.hpp"

namespace halyard::core {
namespace {

/// Operands of one rank. Fails naming both shapes.
Status expect_same_rank(const InferContext& context, size_t a, size_t b, std::string_view names) {
  const Shape &first = context.shape(a), &second = context.shape(b);
  if (!first || !second || first->size() == second->size()) return {};
  return context.error(fmt::format("operands {} have the dims {} and {}; their ranks must be equal",
                                   names, context.shape_text(a), context.shape_text(b)));
}

Status check_reduction(const InferContext& context) {
  const std::string reduction = context.node().attr_string("reduction", "none");
  for (const char* known : {"none", "add", "mul", "max", "min"})
    if (reduction == known) return {};
  return context.error(fmt::format(
      "attribute \"reduction\" is \"{}\"; it is one of none, add, mul, max, min", reduction));
}

/// How many leading dims an index tuple names: the last dim of operand 1; nothing where it is open.
Result<std::optional<size_t>> tuple_length(const InferContext& context, size_t most) {
  const Shape& indices = context.shape(1);
  if (!indices) return std::optional<size_t>();
  if (indices->empty())
    return context.error("operand \"indices\" is a scalar; its last dim is an index tuple");
  const Dim& last = indices->back();
  if (!last.is_fixed()) return std::optional<size_t>();
  if (last.value() < 0 || static_cast<size_t>(last.value()) > most)
    return context.error(
        fmt::format("operand \"indices\" of dims {} has tuples of {}; \"data\" of {} has {} dims "
                    "for them",
                    context.shape_text(1), last.value(), context.shape_text(0), most));
  return std::optional<size_t>(static_cast<size_t>(last.value()));
}

}  // namespace

Status infer_gather_elements(InferContext& context) {
  HY_RETURN_IF_ERROR(expect_same_rank(context, 0, 1, "\"data\" and \"indices\""));
  if (const Shape& data = context.shape(0))
    HY_RETURN_IF_ERROR(axis_of(context, context.node().attr_int("axis"), data->size()).status());
  Shape out = context.shape(1);
  if (!out && context.shape(0)) out = unknown_dims(static_cast<int64_t>(context.shape(0)->size()));
  context.set_output(0, context.dtype(0), std::move(out));
  return {};
}

Status infer_gather_nd(InferContext& context) {
  const Shape &data = context.shape(0), &indices = context.shape(1);
  const int64_t batch = context.node().attr_int("batch_dims");
  Shape out;
  if (data && indices) {
    const auto least = static_cast<int64_t>(std::min(data->size(), indices->size()));
    if (batch < 0 || batch >= std::max<int64_t>(least, 1))
      return context.error(
          fmt::format("attribute \"batch_dims\" is {}; for {} and {} it is below {}", batch,
                      context.shape_text(0), context.shape_text(1), least));
    HY_ASSIGN_OR_RETURN(const auto length,
                        tuple_length(context, data->size() - static_cast<size_t>(batch)));
    if (length) {
      out = Dims(indices->begin(), indices->end() - 1);
      out->insert(out->end(), data->begin() + batch + static_cast<int64_t>(*length), data->end());
    }
  }
  context.set_output(0, context.dtype(0), std::move(out));
  return {};
}

Status infer_scatter_elements(InferContext& context) {
  HY_RETURN_IF_ERROR(check_reduction(context));
  HY_RETURN_IF_ERROR(expect_same_rank(context, 0, 1, "\"data\" and \"indices\""));
  HY_RETURN_IF_ERROR(expect_same_rank(context, 1, 2, "\"indices\" and \"updates\""));
  const Shape &data = context.shape(0), &indices = context.shape(1), &updates = context.shape(2);
  if (data)
    HY_RETURN_IF_ERROR(axis_of(context, context.node().attr_int("axis"), data->size()).status());
  for (size_t i = 0; indices && updates && i < indices->size(); ++i)
    if (!unify((*indices)[i], (*updates)[i]))
      return context.error(
          fmt::format("operands \"indices\" of dims {} and \"updates\" of {} differ",
                      context.shape_text(1), context.shape_text(2)));
  return infer_same(context);
}

Status infer_scatter_nd(InferContext& context) {
  HY_RETURN_IF_ERROR(check_reduction(context));
  const Shape &data = context.shape(0), &indices = context.shape(1), &updates = context.shape(2);
  if (data && indices) {
    HY_ASSIGN_OR_RETURN(const auto length, tuple_length(context, data->size()));
    if (length && updates) {
      Dims wanted(indices->begin(), indices->end() - 1);
      wanted.insert(wanted.end(), data->begin() + static_cast<int64_t>(*length), data->end());
      bool fits = wanted.size() == updates->size();
      for (size_t i = 0; fits && i < wanted.size(); ++i)
        fits = unify(wanted[i], (*updates)[i]).has_value();
      if (!fits)
        return context.error(fmt::format(
            "operand \"updates\" has the dims {}; \"data\" of {} and \"indices\" of {} want others",
            context.shape_text(2), context.shape_text(0), context.shape_text(1)));
    }
  }
  return infer_same(context);
}

Status infer_slice_update(InferContext& context) {
  HY_RETURN_IF_ERROR(expect_same_rank(context, 0, 1, "\"data\" and \"update\""));
  return infer_same(context);
}

Status infer_tensor_scatter(InferContext& context) {
  HY_RETURN_IF_ERROR(expect_same_rank(context, 0, 1, "\"past_cache\" and \"update\""));
  const std::string mode = context.node().attr_string("mode", "linear");
  if (mode != "linear" && mode != "circular")
    return context.error(
        fmt::format("attribute \"mode\" is \"{}\"; it is linear or circular", mode));
  if (const Shape& past = context.shape(0)) {
    HY_ASSIGN_OR_RETURN(const size_t axis,
                        axis_of(context, context.node().attr_int("axis", -2), past->size()));
    if (axis == 0) return context.error("attribute \"axis\" names the batch, which has no order");
  }
  return infer_same(context);
}

Status infer_one_hot(InferContext& context) {
  const Shape& indices = context.shape(0);
  if (const auto length = list_length(context, 1); length && *length != 1)
    return context.error(fmt::format("operand \"depth\" has {} elements; it has one", *length));
  if (const Shape& values = context.shape(2);
      values && (values->size() != 1 || ((*values)[0].is_fixed() && !(*values)[0].is_fixed(2))))
    return context.error(
        fmt::format("operand \"values\" has the dims {}; it is [off, on]", context.shape_text(2)));
  Shape out;
  if (indices) {
    HY_ASSIGN_OR_RETURN(const size_t axis,
                        axis_of(context, context.node().attr_int("axis", -1), indices->size() + 1));
    const KnownInts& depth = context.ints(1);
    out = *indices;
    out->insert(out->begin() + static_cast<int64_t>(axis),
                depth && depth->size() == 1 ? (*depth)[0] : Dim());
  }
  context.set_output(0, context.dtype(2), std::move(out));
  return {};
}

Status infer_compress(InferContext& context) {
  HY_RETURN_IF_ERROR(expect_rank(context, 1, 1, "condition"));
  const Shape& x = context.shape(0);
  Shape out = unknown_dims(1);
  if (context.node().attribute("axis") != nullptr) {
    out = x;
    if (x) {
      HY_ASSIGN_OR_RETURN(const size_t axis,
                          axis_of(context, context.node().attr_int("axis"), x->size()));
      (*out)[axis] = Dim();
    }
  }
  context.set_output(0, context.dtype(0), std::move(out));
  return {};
}

}  // namespace halyard::core
