// Triangles, diagonals, and blocks that move between channels and space.
#include <fmt/format.h>

#include "core/opset/shapes.hpp"
#include "halyard/opset.hpp"

namespace halyard::core {

Status infer_trilu(InferContext& context) {
  if (const Shape& x = context.shape(0); x && x->size() < 2)
    return context.error(fmt::format("operand \"X\" has the dims {}; its rank must be 2 or more",
                                     context.shape_text(0)));
  return infer_same(context);
}

Status infer_eye_like(InferContext& context) {
  HY_RETURN_IF_ERROR(expect_rank(context, 0, 2, "X"));
  const int64_t dtype = context.node().attr_int("dtype", context.dtype(0));
  if (context.node().attribute("dtype") != nullptr &&
      (dtype <= HY_DTYPE_UNDEFINED || dtype >= HY_DTYPE_STRING ||
       dtype_bits(static_cast<uint32_t>(dtype)) == 0))
    return context.error(
        fmt::format("attribute \"dtype\" is {}, which is no type of numbers", dtype));
  context.set_output(0, static_cast<uint32_t>(dtype), context.shape(0));
  return {};
}

namespace {

Result<int64_t> block_size(const InferContext& context) {
  const int64_t block = context.node().attr_int("blocksize");
  if (block < 1)
    return context.error(fmt::format("attribute \"blocksize\" is {}; it is at least 1", block));
  return block;
}

/// Fails where a known dim is no multiple of `by`.
Result<Dim> divided(const InferContext& context, const Dim& d, int64_t by) {
  if (d.is_fixed() && d.value() % by != 0)
    return context.error(fmt::format("operand \"X\" has the dims {}; {} is no multiple of {}",
                                     context.shape_text(0), d.value(), by));
  return floor_div(d, Dim::fixed(by));
}

}  // namespace

Status infer_depth_to_space(InferContext& context) {
  HY_RETURN_IF_ERROR(expect_rank(context, 0, 4, "X"));
  HY_ASSIGN_OR_RETURN(const int64_t block, block_size(context));
  const std::string mode = context.node().attr_string("mode", "DCR");
  if (mode != "DCR" && mode != "CRD")
    return context.error(fmt::format("attribute \"mode\" is \"{}\"; it is DCR or CRD", mode));
  Shape out = unknown_dims(4);
  if (const Shape& x = context.shape(0)) {
    HY_ASSIGN_OR_RETURN(const Dim channels, divided(context, (*x)[1], block * block));
    const Dim by = Dim::fixed(block);
    out = Dims{(*x)[0], channels, (*x)[2] * by, (*x)[3] * by};
  }
  context.set_output(0, context.dtype(0), std::move(out));
  return {};
}

Status infer_space_to_depth(InferContext& context) {
  HY_RETURN_IF_ERROR(expect_rank(context, 0, 4, "X"));
  HY_ASSIGN_OR_RETURN(const int64_t block, block_size(context));
  Shape out = unknown_dims(4);
  if (const Shape& x = context.shape(0)) {
    HY_ASSIGN_OR_RETURN(const Dim height, divided(context, (*x)[2], block));
    HY_ASSIGN_OR_RETURN(const Dim width, divided(context, (*x)[3], block));
    out = Dims{(*x)[0], (*x)[1] * Dim::fixed(block * block), height, width};
  }
  context.set_output(0, context.dtype(0), std::move(out));
  return {};
}

Status infer_reverse_sequence(InferContext& context) {
  HY_RETURN_IF_ERROR(expect_rank(context, 1, 1, "sequence_lens"));
  const int64_t batch = context.node().attr_int("batch_axis", 1);
  const int64_t time = context.node().attr_int("time_axis", 0);
  if (batch == time || batch < 0 || batch > 1 || time < 0 || time > 1)
    return context.error(fmt::format(
        "attributes \"batch_axis\" and \"time_axis\" are {} and {}; one is 0 and the other 1",
        batch, time));
  const Shape &x = context.shape(0), &lengths = context.shape(1);
  if (x && x->size() < 2)
    return context.error(fmt::format("operand \"X\" has the dims {}; its rank must be 2 or more",
                                     context.shape_text(0)));
  if (x && lengths && !unify((*x)[static_cast<size_t>(batch)], (*lengths)[0]))
    return context.error(
        fmt::format("operand \"sequence_lens\" has the dims {}; \"X\" of {} has another batch",
                    context.shape_text(1), context.shape_text(0)));
  return infer_same(context);
}

Status infer_center_crop_pad(InferContext& context) {
  const Shape& x = context.shape(0);
  const KnownInts& content = context.ints(1);
  Shape out;
  if (x) {
    std::vector<int64_t> given = context.node().attr_ints("axes");
    if (context.node().attribute("axes") == nullptr)
      for (size_t i = 0; i < x->size(); ++i) given.push_back(static_cast<int64_t>(i));
    HY_ASSIGN_OR_RETURN(const auto axes, axes_of(context, given, x->size()));
    if (const auto length = list_length(context, 1);
        length && static_cast<size_t>(*length) != axes.size())
      return context.error(
          fmt::format("operand \"shape\" has {} entries for {} axes", *length, axes.size()));
    out = *x;
    for (size_t i = 0; i < axes.size(); ++i) {
      Dim& d = (*out)[axes[i]];
      d = content ? (*content)[i] : Dim();
      if (d.is_fixed() && d.value() < 0)
        return context.error(
            fmt::format("operand \"shape\" holds {}; a dim is 0 or more", d.value()));
    }
  }
  context.set_output(0, context.dtype(0), std::move(out));
  return {};
}

}  // namespace halyard::core
