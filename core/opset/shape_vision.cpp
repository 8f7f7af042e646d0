// Operators that vision models read images with.
#include <fmt/format.h>

#include <algorithm>

#include "core/opset/shapes.hpp"

namespace halyard::core {
namespace {

/// The dims that operand i holds; of known length or unknown ones, else nothing.
Result<Shape> dims_from(const InferContext& context, size_t i, const char* name) {
  Shape out;
  if (const KnownInts& content = context.ints(i))
    out = Dims(content->begin(), content->end());
  else if (const auto length = list_length(context, i))
    out = unknown_dims(*length);
  if (!out) return out;
  for (const Dim& d : *out)
    if (d.is_fixed() && d.value() < 0)
      return context.error(
          fmt::format("operand \"{}\" holds {}; a dim is 0 or more", name, d.value()));
  return out;
}

Status expect_last(const InferContext& context, size_t i, int64_t wanted, const char* name) {
  const Shape& shape = context.shape(i);
  if (!shape || shape->empty() || unify(shape->back(), Dim::fixed(wanted))) return {};
  return context.error(fmt::format("operand \"{}\" has the dims {}; the last must be {}", name,
                                   context.shape_text(i), wanted));
}

}  // namespace

Status infer_max_unpool(InferContext& context) {
  const Shape &x = context.shape(0), &indices = context.shape(1);
  if (x && indices && x->size() != indices->size())
    return context.error(
        fmt::format("operands \"X\" and \"I\" have the dims {} and {}; they must be equal",
                    context.shape_text(0), context.shape_text(1)));
  const auto kernel = context.node().attr_ints("kernel_shape");
  const auto strides = context.node().attr_ints("strides");
  const auto pads = context.node().attr_ints("pads");
  const size_t axes = kernel.size();
  if (axes == 0 || (!strides.empty() && strides.size() != axes) ||
      (!pads.empty() && pads.size() != 2 * axes) || (x && x->size() != axes + 2))
    return context.error(
        fmt::format("operand \"X\" has the dims {}; attributes \"kernel_shape\", \"strides\" and "
                    "\"pads\" have {}, {} and {} entries",
                    context.shape_text(0), axes, strides.size(), pads.size()));
  for (size_t i = 0; i < axes; ++i)
    if (kernel[i] < 1 || kernel[i] > INT32_MAX ||
        (!strides.empty() && (strides[i] < 1 || strides[i] > INT32_MAX)))
      return context.error(fmt::format(
          "attributes \"kernel_shape\" and \"strides\" hold numbers of 1 to {}", INT32_MAX));
  for (const int64_t p : pads)
    if (p < 0 || p > INT32_MAX)
      return context.error(
          fmt::format("attribute \"pads\" holds {}; 0 to {} are pads", p, INT32_MAX));
  Shape out;
  if (context.has_input(2)) {
    HY_ASSIGN_OR_RETURN(out, dims_from(context, 2, "output_shape"));
    if (out && out->size() != axes + 2)
      return context.error(fmt::format("operand \"output_shape\" has {} entries for {} axes",
                                       out->size(), axes + 2));
  } else if (x) {
    out = Dims{(*x)[0], (*x)[1]};
    for (size_t i = 0; i < axes; ++i) {
      const int64_t stride = strides.empty() ? 1 : strides[i];
      const int64_t less = pads.empty() ? 0 : pads[i] + pads[axes + i];
      const Dim d =
          ((*x)[i + 2] - Dim::fixed(1)) * Dim::fixed(stride) + Dim::fixed(kernel[i] - less);
      if ((*x)[i + 2].is_fixed() && (*x)[i + 2].value() > 0 && d.is_fixed() && d.value() < 0)
        return context.error(
            fmt::format("axis {} of the output has the length {}", i + 2, d.value()));
      out->push_back((*x)[i + 2].is_fixed(0) ? Dim::fixed(0) : d);
    }
  }
  context.set_output(0, context.dtype(0), std::move(out));
  return {};
}

Status infer_det(InferContext& context) {
  const Shape& x = context.shape(0);
  Shape out;
  if (x) {
    if (x->size() < 2 || !unify((*x)[x->size() - 1], (*x)[x->size() - 2]))
      return context.error(fmt::format("operand \"X\" has the dims {}; square matrices are wanted",
                                       context.shape_text(0)));
    out = Dims(x->begin(), x->end() - 2);
  }
  context.set_output(0, context.dtype(0), std::move(out));
  return {};
}

Status infer_col2im(InferContext& context) {
  HY_RETURN_IF_ERROR(expect_rank(context, 0, 3, "X"));
  HY_ASSIGN_OR_RETURN(const Shape image, dims_from(context, 1, "image_shape"));
  HY_ASSIGN_OR_RETURN(const Shape block, dims_from(context, 2, "block_shape"));
  if (image && block && image->size() != block->size())
    return context.error(
        fmt::format("operands \"image_shape\" and \"block_shape\" have {} and {} entries",
                    image->size(), block->size()));
  Shape out;
  if (image || block) {
    const size_t axes = image ? image->size() : block->size();
    out = unknown_dims(static_cast<int64_t>(axes) + 2);
    if (image) std::copy(image->begin(), image->end(), out->begin() + 2);
    if (const Shape& x = context.shape(0)) {
      (*out)[0] = (*x)[0];
      Dim taps = Dim::fixed(1);
      for (size_t i = 0; block && i < axes; ++i) taps = taps * (*block)[i];
      if (block && taps.is_fixed() && (*x)[1].is_fixed()) {
        if (taps.value() < 1 || (*x)[1].value() % taps.value() != 0)
          return context.error(fmt::format(
              "dim 1 of operand \"X\" is {}, which a block of {} elements does not divide",
              (*x)[1].value(), taps.value()));
        (*out)[1] = Dim::fixed((*x)[1].value() / taps.value());
      }
    }
  }
  context.set_output(0, context.dtype(0), std::move(out));
  return {};
}

Status infer_grid_sample(InferContext& context) {
  const Shape &x = context.shape(0), &grid = context.shape(1);
  const size_t rank = x ? x->size() : grid ? grid->size() : 0;
  if ((x || grid) && (rank < 3 || (x && grid && x->size() != grid->size())))
    return context.error(fmt::format(
        "operands \"X\" and \"grid\" have the dims {} and {}; they need the same rank, 3 or more",
        context.shape_text(0), context.shape_text(1)));
  if (rank != 0)
    HY_RETURN_IF_ERROR(expect_last(context, 1, static_cast<int64_t>(rank) - 2, "grid"));
  Shape out;
  if (rank != 0) {
    out = unknown_dims(static_cast<int64_t>(rank));
    if (x) (*out)[0] = (*x)[0], (*out)[1] = (*x)[1];
    if (grid) {
      const auto batch = unify((*out)[0], (*grid)[0]);
      if (!batch)
        return context.error(
            fmt::format("operands \"X\" and \"grid\" have the dims {} and {}: their "
                        "batches differ",
                        context.shape_text(0), context.shape_text(1)));
      (*out)[0] = *batch;
      std::copy(grid->begin() + 1, grid->end() - 1, out->begin() + 2);
    }
  }
  context.set_output(0, context.dtype(0), std::move(out));
  return {};
}

Status infer_affine_grid(InferContext& context) {
  HY_RETURN_IF_ERROR(expect_rank(context, 0, 3, "theta"));
  HY_ASSIGN_OR_RETURN(const Shape size, dims_from(context, 1, "size"));
  Shape out;
  if (size) {
    if (size->size() != 4 && size->size() != 5)
      return context.error(fmt::format(
          "operand \"size\" has {} entries; 4 (N, C, H, W) or 5 (N, C, D, H, W) are wanted",
          size->size()));
    const auto axes = static_cast<int64_t>(size->size()) - 2;
    HY_RETURN_IF_ERROR(expect_last(context, 0, axes + 1, "theta"));
    out = Dims{(*size)[0]};
    out->insert(out->end(), size->begin() + 2, size->end());
    out->push_back(Dim::fixed(axes));
  }
  context.set_output(0, context.dtype(0), std::move(out));
  return {};
}

Status infer_roi_align(InferContext& context) {
  HY_RETURN_IF_ERROR(expect_rank(context, 0, 4, "X"));
  HY_RETURN_IF_ERROR(expect_rank(context, 1, 2, "rois"));
  HY_RETURN_IF_ERROR(expect_rank(context, 2, 1, "batch_indices"));
  HY_RETURN_IF_ERROR(expect_last(context, 1, 4, "rois"));
  Dims out(4);
  if (const Shape& rois = context.shape(1)) out[0] = (*rois)[0];
  if (const Shape& indices = context.shape(2)) {
    const auto count = unify(out[0], (*indices)[0]);
    if (!count)
      return context.error(
          fmt::format("operands \"rois\" and \"batch_indices\" have the dims {} and {}",
                      context.shape_text(1), context.shape_text(2)));
    out[0] = *count;
  }
  if (const Shape& x = context.shape(0)) out[1] = (*x)[1];
  for (size_t i : {size_t{0}, size_t{1}}) {
    const char* name = i == 0 ? "output_height" : "output_width";
    const int64_t length = context.node().attr_int(name, 1);
    if (length < 1)
      return context.error(
          fmt::format("attribute \"{}\" is {}; it must be 1 or more", name, length));
    out[i + 2] = Dim::fixed(length);
  }
  context.set_output(0, context.dtype(0), std::move(out));
  return {};
}

Status infer_max_roi_pool(InferContext& context) {
  HY_RETURN_IF_ERROR(expect_rank(context, 0, 4, "X"));
  HY_RETURN_IF_ERROR(expect_rank(context, 1, 2, "rois"));
  HY_RETURN_IF_ERROR(expect_last(context, 1, 5, "rois"));
  const auto shape = context.node().attr_ints("pooled_shape");
  if (shape.size() != 2 || shape[0] < 1 || shape[1] < 1)
    return context.error("attribute \"pooled_shape\" must be two numbers of 1 or more");
  Dims out(4);
  if (const Shape& rois = context.shape(1)) out[0] = (*rois)[0];
  if (const Shape& x = context.shape(0)) out[1] = (*x)[1];
  out[2] = Dim::fixed(shape[0]);
  out[3] = Dim::fixed(shape[1]);
  context.set_output(0, context.dtype(0), std::move(out));
  return {};
}

}  // namespace halyard::core
