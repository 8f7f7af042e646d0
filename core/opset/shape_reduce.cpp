#include <algorithm>
#include <numeric>

#include "core/opset/shapes.hpp"

namespace halyard::core {
namespace {

Dims reduced(const Dims& data, const std::vector<size_t>& axes, bool keep) {
  Dims out;
  for (size_t i = 0; i < data.size(); ++i) {
    const bool gone = std::find(axes.begin(), axes.end(), i) != axes.end();
    if (!gone)
      out.push_back(data[i]);
    else if (keep)
      out.push_back(Dim::fixed(1));
  }
  return out;
}

/// With unknown axes: a dim of 1 stays 1 where dims are kept, and the rank may follow from their number.
Shape reduced_somewhere(const InferContext& context, const Dims& data, bool keep) {
  if (!keep) {
    const auto count = list_length(context, 1);
    // No axes at all may mean every axis.
    if (!count || *count == 0) return std::nullopt;
    return unknown_dims(static_cast<int64_t>(data.size()) - *count);
  }
  Dims out(data.size());
  for (size_t i = 0; i < data.size(); ++i)
    if (data[i].is_fixed(1)) out[i] = data[i];
  return out;
}

}  // namespace

Status infer_reduce(InferContext& context) {
  const Shape& data = context.shape(0);
  const bool keep = context.node().attr_int("keepdims", 1) != 0;
  const auto given = numbers(context.ints(1));
  Shape out;
  if (data && context.has_input(1) && !given) {
    out = reduced_somewhere(context, *data, keep);
  } else if (data) {
    std::vector<size_t> axes;
    if (given && !given->empty()) {
      HY_ASSIGN_OR_RETURN(axes, axes_of(context, *given, data->size()));
    } else if (context.node().attr_int("noop_with_empty_axes") == 0) {
      axes.resize(data->size());
      std::iota(axes.begin(), axes.end(), size_t{0});
    }
    out = reduced(*data, axes, keep);
  } else if (!keep && !context.has_input(1) &&
             context.node().attr_int("noop_with_empty_axes") == 0) {
    out = Dims();
  }
  context.set_output(0, context.dtype(0), std::move(out));
  return {};
}

Status infer_arg_reduce(InferContext& context) {
  const Shape& data = context.shape(0);
  Shape out;
  if (data && data->empty()) {
    out = Dims();
  } else if (data) {
    HY_ASSIGN_OR_RETURN(const size_t axis,
                        axis_of(context, context.node().attr_int("axis", 0), data->size()));
    out = reduced(*data, {axis}, context.node().attr_int("keepdims", 1) != 0);
  }
  context.set_output(0, HY_DTYPE_I64, std::move(out));
  return {};
}

}  // namespace halyard::core
