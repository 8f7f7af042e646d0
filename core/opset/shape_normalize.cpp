#include <fmt/format.h>

#include "core/opset/shapes.hpp"

namespace halyard::core {
namespace {

// stash_type is one of the importers' type codes, not a HY_DTYPE.
uint32_t stash_dtype(const NodeData& node) {
  constexpr int64_t kDouble = 11, kBfloat16 = 16;
  const int64_t code = node.attr_int("stash_type", 1);
  return code == kDouble ? HY_DTYPE_F64 : code == kBfloat16 ? HY_DTYPE_BF16 : HY_DTYPE_F32;
}

/// Fails where operand i does not broadcast to the dims of X from `axis` on.
Status check_scale(const InferContext& context, size_t i, const char* name) {
  const Shape &x = context.shape(0), &scale = context.shape(i);
  if (!x || !scale) return {};
  bool fits = scale->size() <= x->size();
  for (size_t d = 0; fits && d < scale->size(); ++d) {
    const Dim& have = (*scale)[d];
    fits = have.is_fixed(1) || unify(have, (*x)[x->size() - scale->size() + d]).has_value();
  }
  if (fits) return {};
  return context.error(
      fmt::format("operand \"{}\" of dims {} does not broadcast to \"X\" of dims {}", name,
                  context.shape_text(i), context.shape_text(0)));
}

}  // namespace

Status infer_channel_normalization(InferContext& context) {
  const Shape& x = context.shape(0);
  if (x && x->empty())
    return context.error("operand \"X\" is a scalar; its rank must be 1 or more");
  // X of rank 1 is a batch of one channel.
  const Dim channels = !x ? Dim() : x->size() < 2 ? Dim::fixed(1) : (*x)[1];
  static constexpr const char* kNames[] = {"X", "scale", "B", "mean", "var"};
  for (size_t i = 1; i < context.input_count(); ++i) {
    HY_RETURN_IF_ERROR(expect_rank(context, i, 1, kNames[i]));
    const Shape& list = context.shape(i);
    if (list && !unify((*list)[0], channels))
      return context.error(
          fmt::format("operand \"{}\" has {} elements; \"X\" of dims {} has {} channels", kNames[i],
                      (*list)[0].value(), context.shape_text(0), channels.value()));
  }
  return infer_same(context);
}

Status infer_layer_normalization(InferContext& context) {
  HY_RETURN_IF_ERROR(check_scale(context, 1, "Scale"));
  HY_RETURN_IF_ERROR(check_scale(context, 2, "B"));
  const uint32_t stash = stash_dtype(context.node());
  Shape statistics = context.shape(0);
  if (statistics) {
    HY_ASSIGN_OR_RETURN(const size_t axis,
                        axis_of(context, context.node().attr_int("axis", -1), statistics->size()));
    for (size_t i = axis; i < statistics->size(); ++i) (*statistics)[i] = Dim::fixed(1);
  }
  context.set_output(1, stash, statistics);
  context.set_output(2, stash, std::move(statistics));
  return infer_same(context);
}

Status infer_rms_normalization(InferContext& context) {
  HY_RETURN_IF_ERROR(check_scale(context, 1, "scale"));
  const Shape& x = context.shape(0);
  if (x)
    HY_RETURN_IF_ERROR(axis_of(context, context.node().attr_int("axis", -1), x->size()).status());
  context.set_output(0, context.dtype(1), x);
  return {};
}

Status infer_group_normalization(InferContext& context) {
  const Shape& x = context.shape(0);
  const int64_t groups = context.node().attr_int("num_groups", 1);
  if (groups < 1)
    return context.error(
        fmt::format("attribute \"num_groups\" is {}; it must be 1 or more", groups));
  if (x && x->size() < 2)
    return context.error(fmt::format("operand \"X\" has the dims {}; its rank must be 2 or more",
                                     context.shape_text(0)));
  if (x && (*x)[1].is_fixed() && (*x)[1].value() % groups != 0)
    return context.error(
        fmt::format("operand \"X\" of dims {} has {} channels, which num_groups {} does not divide",
                    context.shape_text(0), (*x)[1].value(), groups));
  return infer_channel_normalization(context);
}

Status infer_mean_variance_normalization(InferContext& context) {
  std::vector<int64_t> axes = {0, 2, 3};
  if (context.node().attribute("axes") != nullptr) axes = context.node().attr_ints("axes");
  if (const Shape& x = context.shape(0))
    HY_RETURN_IF_ERROR(axes_of(context, axes, x->size()).status());
  return infer_same(context);
}

Status infer_lrn(InferContext& context) {
  const int64_t size = context.node().attr_int("size", 1);
  if (size < 1)
    return context.error(fmt::format("attribute \"size\" is {}; it must be 1 or more", size));
  if (const Shape& x = context.shape(0); x && x->size() < 2)
    return context.error(fmt::format("operand \"X\" has the dims {}; its rank must be 2 or more",
                                     context.shape_text(0)));
  return infer_same(context);
}

Status infer_softmax(InferContext& context) {
  if (const Shape& x = context.shape(0); x && !x->empty())
    HY_RETURN_IF_ERROR(axis_of(context, context.node().attr_int("axis", -1), x->size()).status());
  return infer_same(context);
}

}  // namespace halyard::core
