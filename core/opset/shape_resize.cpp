#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/opset/shapes.hpp"

namespace halyard::core {
namespace {

enum Operand : size_t { kX, kRoi, kScales, kSizes };

/// Formats write an absent list as an empty one.
bool given(const InferContext& context, size_t operand) {
  return context.has_input(operand) && list_length(context, operand) != 0;
}

Result<std::vector<size_t>> resized_axes(const InferContext& context, size_t rank) {
  if (context.node().attribute("axes") != nullptr)
    return axes_of(context, context.node().attr_ints("axes"), rank);
  std::vector<size_t> all(rank);
  std::iota(all.begin(), all.end(), size_t{0});
  return all;
}

/// floor(size * scale), in f32 as the operator's own definition computes it.
Dim scaled(const Dim& size, double scale) {
  constexpr double kMaxDenominator = 64;
  if (size.is_fixed()) {
    const float product = std::floor(static_cast<float>(size.value()) * static_cast<float>(scale));
    return product < 0x1p62f ? Dim::fixed(static_cast<int64_t>(product)) : Dim();
  }
  for (double q = 1; q <= kMaxDenominator; q *= 2)
    if (const double p = scale * q; p == std::floor(p) && p < INT32_MAX)
      return floor_div(size * Dim::fixed(static_cast<int64_t>(p)),
                       Dim::fixed(static_cast<int64_t>(q)));
  return Dim();
}

Status apply_scales(const InferContext& context, const std::vector<size_t>& axes, Dims& out) {
  const auto scales = context.floats(kScales);
  for (size_t i = 0; i < axes.size(); ++i) {
    Dim& d = out[axes[i]];
    if (scales && !((*scales)[i] > 0))
      return context.error(
          fmt::format("operand \"scales\" holds {}; scales are positive", (*scales)[i]));
    d = scales ? scaled(d, (*scales)[i]) : Dim();
  }
  return {};
}

/// One scale for all axes, the smallest or the largest of those that the sizes ask for.
void keep_aspect_ratio(bool smallest, const std::vector<size_t>& axes, const Dims& sizes,
                       Dims& out) {
  double scale = smallest ? HUGE_VAL : 0;
  for (size_t i = 0; i < axes.size(); ++i) {
    const Dim& d = out[axes[i]];
    if (!d.is_fixed() || d.value() <= 0 || !sizes[i].is_fixed()) scale = NAN;
    const double one = std::isnan(scale)
                           ? NAN
                           : static_cast<double>(sizes[i].value()) / static_cast<double>(d.value());
    scale = std::isnan(one) ? NAN : smallest ? std::min(scale, one) : std::max(scale, one);
  }
  for (size_t axis : axes)
    out[axis] = std::isnan(scale) ? Dim()
                                  : Dim::fixed(static_cast<int64_t>(std::floor(
                                        scale * static_cast<double>(out[axis].value()) + 0.5)));
}

Status apply_sizes(const InferContext& context, const std::vector<size_t>& axes, Dims& out) {
  const std::string policy = context.node().attr_string("keep_aspect_ratio_policy", "stretch");
  if (policy != "stretch" && policy != "not_larger" && policy != "not_smaller")
    return context.error(
        fmt::format("attribute \"keep_aspect_ratio_policy\" is \"{}\"; it is one of "
                    "stretch, not_larger, not_smaller",
                    policy));
  const KnownInts& content = context.ints(kSizes);
  const Dims sizes = content ? *content : Dims(axes.size());
  for (const Dim& s : sizes)
    if (s.is_fixed() && s.value() < 0)
      return context.error(
          fmt::format("operand \"sizes\" holds {}; a size is 0 or more", s.value()));
  if (policy != "stretch")
    keep_aspect_ratio(policy == "not_larger", axes, sizes, out);
  else
    for (size_t i = 0; i < axes.size(); ++i) out[axes[i]] = sizes[i];
  return {};
}

}  // namespace

Status infer_resize(InferContext& context) {
  const bool by_scales = given(context, kScales), by_sizes = given(context, kSizes);
  if (by_scales == by_sizes)
    return context.error(
        fmt::format("{} of the operands \"scales\" and \"sizes\" {} given; it takes one",
                    by_scales ? "both" : "none", by_scales ? "are" : "is"));
  Shape out = context.shape(kX);
  if (out) {
    HY_ASSIGN_OR_RETURN(const auto axes, resized_axes(context, out->size()));
    const size_t list = by_scales ? kScales : kSizes;
    if (const auto n = list_length(context, list); n && static_cast<size_t>(*n) != axes.size())
      return context.error(fmt::format("operand \"{}\" has {} entries for {} axes",
                                       by_scales ? "scales" : "sizes", *n, axes.size()));
    HY_RETURN_IF_ERROR(by_scales ? apply_scales(context, axes, *out)
                                 : apply_sizes(context, axes, *out));
  }
  context.set_output(0, context.dtype(kX), std::move(out));
  return {};
}

}  // namespace halyard::core
