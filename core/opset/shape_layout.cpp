// Operators that keep the elements and change the dims' order or number.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>

#include "core/opset/shapes.hpp"

namespace halyard::core {

Status infer_shape(InferContext& context) {
  const Shape& data = context.shape(0);
  Dim length;
  if (data) {
    const auto rank = static_cast<int64_t>(data->size());
    const auto clamp = [&](int64_t at) {
      return std::clamp<int64_t>(at < 0 ? at + rank : at, 0, rank);
    };
    const int64_t start = clamp(context.node().attr_int("start", 0));
    const int64_t end = clamp(context.node().attr_int("end", rank));
    length = Dim::fixed(std::max<int64_t>(end - start, 0));
    if (start < end) context.set_ints(0, Dims(data->begin() + start, data->begin() + end));
  }
  context.set_output(0, HY_DTYPE_I64, Dims{length});
  return {};
}

Status infer_size(InferContext& context) {
  context.set_output(0, HY_DTYPE_I64, Dims());
  context.set_ints(0, {element_count(context.shape(0))});
  return {};
}

Status infer_flatten(InferContext& context) {
  const Shape& x = context.shape(0);
  Shape out = unknown_dims(2);
  if (x) {
    const auto rank = static_cast<int64_t>(x->size());
    int64_t axis = context.node().attr_int("axis", 1);
    if (axis < -rank || axis > rank)
      return context.error(
          fmt::format("axis is {}; for rank {} it must lie in {}..{}", axis, rank, -rank, rank));
    if (axis < 0) axis += rank;
    out = Dims{element_count(Dims(x->begin(), x->begin() + axis)),
               element_count(Dims(x->begin() + axis, x->end()))};
  }
  context.set_output(0, context.dtype(0), std::move(out));
  return {};
}

namespace {

/// Without axes every dim of 1 goes; which those are must be known.
Shape without_ones(const Dims& data) {
  Dims out;
  for (const Dim& d : data) {
    if (!d.is_fixed()) return std::nullopt;
    if (d.value() != 1) out.push_back(d);
  }
  return out;
}

}  // namespace

Status infer_squeeze(InferContext& context) {
  const Shape& data = context.shape(0);
  const auto axes = numbers(context.ints(1));
  Shape out;
  if (data && !context.has_input(1)) {
    out = without_ones(*data);
  } else if (data && axes) {
    HY_ASSIGN_OR_RETURN(const auto gone, axes_of(context, *axes, data->size()));
    out.emplace();
    for (size_t i = 0; i < data->size(); ++i) {
      const Dim& d = (*data)[i];
      if (std::find(gone.begin(), gone.end(), i) == gone.end())
        out->push_back(d);
      else if (d.is_fixed() && !d.is_fixed(1))
        return context.error(
            fmt::format("axis {} of {} is {}; only a dim of 1 can be squeezed away", i,
                        context.shape_text(0), d.value()));
    }
  } else if (const auto length = list_length(context, 1); data && length) {
    out = unknown_dims(static_cast<int64_t>(data->size()) - *length);
  }
  context.set_output(0, context.dtype(0), std::move(out));
  return {};
}

Status infer_unsqueeze(InferContext& context) {
  const Shape& data = context.shape(0);
  const auto length = list_length(context, 1);
  Shape out;
  if (data && length) {
    const size_t rank = data->size() + static_cast<size_t>(*length);
    out = unknown_dims(static_cast<int64_t>(rank));
    if (const auto axes = numbers(context.ints(1)); axes && out) {
      HY_ASSIGN_OR_RETURN(const auto added, axes_of(context, *axes, rank));
      auto next = data->begin();
      for (size_t i = 0; i < rank; ++i) {
        const bool is_new = std::find(added.begin(), added.end(), i) != added.end();
        (*out)[i] = is_new ? Dim::fixed(1) : *next++;
      }
    }
  }
  context.set_output(0, context.dtype(0), std::move(out));
  return {};
}

Status infer_transpose(InferContext& context) {
  const Shape& data = context.shape(0);
  std::vector<int64_t> perm = context.node().attr_ints("perm");
  const bool given = context.node().attribute("perm") != nullptr;
  Shape out;
  if (data || given) {
    const size_t rank = data ? data->size() : perm.size();
    if (!given) {
      perm.resize(rank);
      std::iota(perm.rbegin(), perm.rend(), 0);
    }
    if (perm.size() != rank)
      return context.error(fmt::format("attribute \"perm\" is [{}]; operand \"data\" has rank {}",
                                       fmt::join(perm, ","), rank));
    HY_ASSIGN_OR_RETURN(const auto order, axes_of(context, perm, rank));
    out = unknown_dims(static_cast<int64_t>(rank));
    for (size_t i = 0; data && i < rank; ++i) (*out)[i] = (*data)[order[i]];
  }
  context.set_output(0, context.dtype(0), std::move(out));
  return {};
}

}  // namespace halyard::core
