// Operators that pick, repeat or surround elements.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "core/opset/shapes.hpp"

namespace halyard::core {

Status infer_gather(InferContext& context) {
  const Shape &data = context.shape(0), &indices = context.shape(1);
  Shape out;
  if (data) {
    HY_ASSIGN_OR_RETURN(const size_t axis,
                        axis_of(context, context.node().attr_int("axis", 0), data->size()));
    if (indices) {
      const auto at = static_cast<std::ptrdiff_t>(axis);
      out = Dims(data->begin(), data->begin() + at);
      out->insert(out->end(), indices->begin(), indices->end());
      out->insert(out->end(), data->begin() + at + 1, data->end());
    }
  }
  context.set_output(0, context.dtype(0), std::move(out));
  return {};
}

Status infer_expand(InferContext& context) {
  const Shape& x = context.shape(0);
  Shape wanted;
  if (const KnownInts& content = context.ints(1)) {
    wanted = *content;
    for (const Dim& d : *wanted)
      if (d.is_fixed() && d.value() < 0)
        return context.error(
            fmt::format("operand \"shape\" holds {}; a dim is 0 or more", d.value()));
  } else if (const auto length = list_length(context, 1)) {
    wanted = unknown_dims(*length);
  }
  HY_ASSIGN_OR_RETURN(Shape out, broadcast(context, x, wanted));
  context.set_output(0, context.dtype(0), std::move(out));
  return {};
}

Status infer_tile(InferContext& context) {
  const Shape& x = context.shape(0);
  const KnownInts& repeats = context.ints(1);
  const auto length = list_length(context, 1);
  if (x && length && static_cast<size_t>(*length) != x->size())
    return context.error(fmt::format("operand \"repeats\" has {} entries; \"X\" has the dims {}",
                                     *length, context.shape_text(0)));
  Shape out;
  if (x) {
    out = unknown_dims(static_cast<int64_t>(x->size()));
    for (size_t i = 0; repeats && i < x->size(); ++i) (*out)[i] = (*x)[i] * (*repeats)[i];
  } else if (length) {
    out = unknown_dims(*length);
  }
  context.set_output(0, context.dtype(0), std::move(out));
  return {};
}

namespace {

Status check_pad_mode(const InferContext& context) {
  const std::string mode = context.node().attr_string("mode", "constant");
  for (const char* known : {"constant", "reflect", "edge", "wrap"})
    if (mode == known) return {};
  return context.error(fmt::format(
      "attribute \"mode\" is \"{}\"; it is one of constant, reflect, edge, wrap", mode));
}

/// The padded axes; nothing where they are not known.
Result<std::optional<std::vector<size_t>>> pad_axes(const InferContext& context, size_t rank) {
  std::optional<std::vector<size_t>> out;
  if (!context.has_input(3)) {
    out.emplace(rank);
    std::iota(out->begin(), out->end(), size_t{0});
  } else if (const auto axes = numbers(context.ints(3))) {
    HY_ASSIGN_OR_RETURN(out, axes_of(context, *axes, rank));
  }
  return out;
}

}  // namespace

Status infer_pad(InferContext& context) {
  HY_RETURN_IF_ERROR(check_pad_mode(context));
  const Shape& data = context.shape(0);
  const KnownInts& pads = context.ints(1);
  Shape out;
  if (data) {
    HY_ASSIGN_OR_RETURN(const auto axes, pad_axes(context, data->size()));
    const auto length = list_length(context, 1);
    if (axes && length && static_cast<size_t>(*length) != 2 * axes->size())
      return context.error(fmt::format("operand \"pads\" has {} entries; {} axes need {}", *length,
                                       axes->size(), 2 * axes->size()));
    out = axes ? data : unknown_dims(static_cast<int64_t>(data->size()));
    for (size_t i = 0; axes && i < axes->size(); ++i) {
      Dim& d = (*out)[(*axes)[i]];
      d = pads ? d + (*pads)[i] + (*pads)[i + axes->size()] : Dim();
      if (d.is_fixed() && d.value() < 0)
        return context.error(fmt::format("operand \"pads\" cuts more than axis {} of {} has",
                                         (*axes)[i], context.shape_text(0)));
    }
  }
  context.set_output(0, context.dtype(0), std::move(out));
  return {};
}

}  // namespace halyard::core
