#include <fmt/format.h>

#include <algorithm>

#include "core/opset/shapes.hpp"

namespace halyard::core {

Shape unknown_dims(int64_t rank) {
  if (rank < 0 || rank > HY_GRAPH_MAX_RANK) return std::nullopt;
  return Dims(static_cast<size_t>(rank));
}

Result<size_t> axis_of(const InferContext& context, int64_t axis, size_t rank,
                       std::string_view what) {
  const auto r = static_cast<int64_t>(rank);
  if (axis < -r || axis >= r)
    return context.error(
        fmt::format("{} is {}; for rank {} it must lie in {}..{}", what, axis, rank, -r, r - 1));
  return static_cast<size_t>(axis < 0 ? axis + r : axis);
}

Result<std::vector<size_t>> axes_of(const InferContext& context, std::span<const int64_t> axes,
                                    size_t rank) {
  std::vector<size_t> out;
  for (int64_t a : axes) {
    HY_ASSIGN_OR_RETURN(const size_t axis, axis_of(context, a, rank, "an axis"));
    if (std::find(out.begin(), out.end(), axis) != out.end())
      return context.error(fmt::format("axis {} is given twice", a));
    out.push_back(axis);
  }
  return out;
}

std::optional<std::vector<int64_t>> numbers(const KnownInts& content) {
  if (!content) return std::nullopt;
  return fixed_dims(*content);
}

std::optional<int64_t> list_length(const InferContext& context, size_t i) {
  if (const KnownInts& content = context.ints(i)) return static_cast<int64_t>(content->size());
  const Shape& shape = context.shape(i);
  if (!shape || shape->size() > 1) return std::nullopt;
  if (shape->empty()) return 1;
  if (!(*shape)[0].is_fixed()) return std::nullopt;
  return (*shape)[0].value();
}

KnownInts contents(const InferContext& context, size_t i) {
  if (const KnownInts& known = context.ints(i)) return known;
  const auto length = context.has_input(i) ? list_length(context, i) : std::nullopt;
  if (!length || *length > kMaxKnownInts) return std::nullopt;
  return Dims(static_cast<size_t>(*length));
}

Status expect_rank(const InferContext& context, size_t i, size_t rank, std::string_view name) {
  const Shape& shape = context.shape(i);
  if (!shape || shape->size() == rank) return {};
  return context.error(fmt::format("operand \"{}\" has the dims {}; its rank must be {}", name,
                                   context.shape_text(i), rank));
}

}  // namespace halyard::core
