#include <fmt/format.h>

#include <algorithm>

#include "core/opset/shapes.hpp"
#include "core/opset/slice.hpp"

namespace halyard::core {
namespace {

// Exporters write INT32_MAX, INT64_MAX and numbers near them for "to the end".
constexpr int64_t kEnd = INT32_MAX - 1;

bool is_end(const Dim& d) { return d.is_fixed() && d.value() >= kEnd; }
bool is_begin(const Dim& d) { return d.is_fixed() && d.value() <= -kEnd; }

/// A position in 0..size, or unknown.
Dim clamped(const Dim& size, const Dim& at) {
  if (is_end(at)) return size;
  if (is_begin(at)) return Dim::fixed(0);
  if (at.is_non_negative()) return min(at, size);
  const Dim below = Dim::fixed(-1) - at;
  return below.is_non_negative() ? max(size + at, Dim::fixed(0)) : Dim::unknown();
}

/// How many elements lie between start and the end of the axis.
Dim tail_length(const Dim& size, const Dim& start) {
  if (is_begin(start)) return size;
  if (start.is_non_negative()) return max(size - start, Dim::fixed(0));
  const Dim count = Dim::fixed(0) - start;
  return (count - Dim::fixed(1)).is_non_negative() ? min(size, count) : Dim::unknown();
}

Dim backward_length(const Dim& size, const Dim& start, const Dim& end, int64_t step) {
  if (step == INT64_MIN) return Dim::unknown();
  const bool from_last = is_end(start) || start.is_fixed(-1);
  if (from_last && is_begin(end)) return ceil_div(size, Dim::fixed(-step));
  if (!size.is_fixed() || !start.is_fixed() || !end.is_fixed()) return Dim::unknown();
  const int64_t n = size.value();
  const int64_t last = end.value() < 0 ? std::max<int64_t>(end.value() + n, -1)
                                       : std::min<int64_t>(end.value(), n - 1);
  const int64_t span = slice_first(n, start.value(), step) - last;
  return n == 0 || span <= 0 ? Dim::fixed(0) : ceil_div(Dim::fixed(span), Dim::fixed(-step));
}

}  // namespace

int64_t slice_first(int64_t size, int64_t start, int64_t step) {
  if (start < 0) start = start < -size ? -1 : start + size;
  return std::clamp<int64_t>(start, 0, std::max<int64_t>(step > 0 ? size : size - 1, 0));
}

Dim slice_length(const Dim& size, const Dim& start, const Dim& end, const Dim& step) {
  if (!step.is_fixed()) return Dim::unknown();
  if (step.value() < 0) return backward_length(size, start, end, step.value());
  const Dim last = clamped(size, end);
  Dim length;
  if (same(last, size))
    length = tail_length(size, start);
  else if (start.is_fixed(0))
    length = last;
  else
    length = max(last - clamped(size, start), Dim::fixed(0));
  return ceil_div(length, step);
}

Status infer_slice(InferContext& context) {
  const Shape& data = context.shape(0);
  if (!data) {
    context.set_output(0, context.dtype(0), std::nullopt);
    return {};
  }
  Shape out = unknown_dims(static_cast<int64_t>(data->size()));
  const auto length = list_length(context, 1);
  std::vector<int64_t> axes;
  bool axes_known = length.has_value();
  for (int64_t i = 0; i < length.value_or(0); ++i) axes.push_back(i);
  if (context.has_input(3)) {
    const auto given = numbers(context.ints(3));
    axes_known = given.has_value();
    if (given) axes = *given;
  }
  if (axes_known) {
    HY_ASSIGN_OR_RETURN(const auto at, axes_of(context, axes, data->size()));
    out = data;
    const auto entry = [&](size_t operand, size_t i) {
      const KnownInts& list = context.ints(operand);
      return list && i < list->size() ? (*list)[i] : Dim::unknown();
    };
    for (size_t operand : {size_t{1}, size_t{2}, size_t{4}})
      if (const auto n = list_length(context, operand);
          context.has_input(operand) && n && static_cast<size_t>(*n) != at.size())
        return context.error(
            fmt::format("operand {} has {} entries for {} axes", operand, *n, at.size()));
    for (size_t i = 0; i < at.size(); ++i) {
      const Dim step = context.has_input(4) ? entry(4, i) : Dim::fixed(1);
      if (step.is_fixed(0)) return context.error("operand \"steps\" holds 0");
      (*out)[at[i]] = slice_length((*data)[at[i]], entry(1, i), entry(2, i), step);
    }
  }
  context.set_output(0, context.dtype(0), std::move(out));
  return {};
}

}  // namespace halyard::core
