#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/opset/shapes.hpp"
#include "core/opset/window.hpp"

namespace halyard::core {
namespace {

/// Rank and group, which both kinds of convolution read alike.
struct Frame {
  size_t rank = 0;  // 0: unknown
  int64_t group = 1;
  Dims x, w;  // of that rank; unknown dims where the shape is not known
};

Result<Frame> read_frame(const InferContext& context, size_t weights = 1) {
  const Shape &x = context.shape(0), &w = context.shape(weights);
  Frame f;
  f.group = context.node().attr_int("group", 1);
  if (f.group < 1 || f.group > INT32_MAX)
    return context.error(fmt::format("attribute \"group\" is {}; it must be 1 or more", f.group));
  f.rank = x ? x->size() : w ? w->size() : 0;
  if (!x && !w) return f;
  if (f.rank < 3 || (x && w && x->size() != w->size()))
    return context.error(
        fmt::format("operands \"X\" and \"W\" have the dims {} and {}; they need the "
                    "same rank, 3 or more",
                    context.shape_text(0), context.shape_text(weights)));
  f.x = x ? *x : Dims(f.rank);
  f.w = w ? *w : Dims(f.rank);
  return f;
}

Status check_channels(const InferContext& context, const Frame& f, const Dim& expected) {
  if (unify(f.x[1], expected)) return {};
  return context.error(fmt::format(
      "operand \"X\" of dims {} has {} channels, but \"W\" of dims {} and "
      "group {} take {}",
      context.shape_text(0), f.x[1].value(), context.shape_text(1), f.group, expected.value()));
}

Status check_groups(const InferContext& context, const Frame& f) {
  if (!f.w[0].is_fixed() || f.w[0].value() % f.group == 0) return {};
  return context.error(fmt::format("dim 0 of operand \"W\" is {}, which group {} does not divide",
                                   f.w[0].value(), f.group));
}

Status check_bias(const InferContext& context, const Dim& channels, size_t operand = 2) {
  HY_RETURN_IF_ERROR(expect_rank(context, operand, 1, "B"));
  const Shape& b = context.shape(operand);
  if (!b || unify((*b)[0], channels)) return {};
  return context.error(fmt::format("operand \"B\" has {} elements; the output has {} channels",
                                   (*b)[0].value(), channels.value()));
}

constexpr size_t kNoBias = SIZE_MAX;

Result<Shape> convolved(const InferContext& context, size_t weights, size_t bias) {
  HY_ASSIGN_OR_RETURN(const Frame f, read_frame(context, weights));
  if (f.rank == 0) return Shape();
  HY_RETURN_IF_ERROR(check_channels(context, f, f.w[1] * Dim::fixed(f.group)));
  HY_RETURN_IF_ERROR(check_groups(context, f));
  if (bias != kNoBias) HY_RETURN_IF_ERROR(check_bias(context, f.w[0], bias));
  HY_ASSIGN_OR_RETURN(const Window window,
                      read_window(context, f.rank - 2, Dims(f.w.begin() + 2, f.w.end())));
  Dims out{f.x[0], f.w[0]};
  for (size_t i = 0; i + 2 < f.rank; ++i) {
    HY_ASSIGN_OR_RETURN(const Dim d, window_positions(context, window, i, f.x[i + 2], false));
    out.push_back(d);
  }
  return Shape(std::move(out));
}

}  // namespace

Status infer_conv(InferContext& context) {
  HY_ASSIGN_OR_RETURN(Shape out, convolved(context, 1, 2));
  context.set_output(0, context.dtype(0), std::move(out));
  return {};
}

// The offsets are operand 2, the bias is operand 3.
Status infer_deform_conv(InferContext& context) {
  HY_ASSIGN_OR_RETURN(Shape out, convolved(context, 1, 3));
  context.set_output(0, context.dtype(0), std::move(out));
  return {};
}

Status infer_conv_integer(InferContext& context) {
  HY_ASSIGN_OR_RETURN(Shape out, convolved(context, 1, kNoBias));
  context.set_output(0, HY_DTYPE_I32, std::move(out));
  return {};
}

// The weights are operand 3, the bias is operand 8; the zero point of the result has its type.
Status infer_qlinear_conv(InferContext& context) {
  HY_ASSIGN_OR_RETURN(Shape out, convolved(context, 3, 8));
  context.set_output(0, context.dtype(7), std::move(out));
  return {};
}

namespace {

Result<std::vector<int64_t>> spatial_entries(const InferContext& context, const char* name,
                                             size_t axes) {
  std::vector<int64_t> out = context.node().attr_ints(name);
  // Some models give batch and channels too.
  if (out.size() == axes + 2) out.erase(out.begin(), out.begin() + 2);
  if (out.empty() || out.size() == axes) return out;
  return context.error(fmt::format("attribute \"{}\" is [{}]; it needs {} entries", name,
                                   fmt::join(out, ","), axes));
}

}  // namespace

// Output dims as the operator's definition gives them, the inverse of Conv's.
Status infer_conv_transpose(InferContext& context) {
  HY_ASSIGN_OR_RETURN(const Frame f, read_frame(context));
  Shape out;
  if (f.rank != 0) {
    const size_t axes = f.rank - 2;
    HY_RETURN_IF_ERROR(check_channels(context, f, f.w[0]));
    HY_RETURN_IF_ERROR(check_groups(context, f));
    const Dim channels = f.w[1] * Dim::fixed(f.group);
    HY_RETURN_IF_ERROR(check_bias(context, channels));
    HY_ASSIGN_OR_RETURN(const Window window,
                        read_window(context, axes, Dims(f.w.begin() + 2, f.w.end())));
    HY_ASSIGN_OR_RETURN(const auto extra, spatial_entries(context, "output_padding", axes));
    HY_ASSIGN_OR_RETURN(const auto sizes, spatial_entries(context, "output_shape", axes));
    out = Dims{f.x[0], channels};
    for (size_t i = 0; i < axes; ++i) {
      const Dim &size = f.x[i + 2], stride = Dim::fixed(window.strides[i]);
      Dim d = stride * (size - Dim::fixed(1)) + window.reach(i) - window.padding(i);
      if (!extra.empty()) d = d + Dim::fixed(extra[i]);
      if (window.same_padding()) d = size * stride;
      if (!sizes.empty()) d = Dim::fixed(sizes[i]);
      out->push_back(std::move(d));
    }
  }
  context.set_output(0, context.dtype(0), std::move(out));
  return {};
}

}  // namespace halyard::core
