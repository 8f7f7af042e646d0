// Signals: Fourier transforms, windows, mel bands.
#include <fmt/format.h>

#include "core/opset/shapes.hpp"

namespace halyard::core {
namespace {

/// A length, size or step: operand i's one number where it is known. Fails where there is more than one
/// number, or it is below `least`.
Result<Dim> one_number(const InferContext& context, size_t i, std::string_view name,
                       int64_t least) {
  if (const auto length = list_length(context, i); length && *length != 1)
    return context.error(fmt::format("operand \"{}\" has {} elements; it has one", name, *length));
  const KnownInts& known = context.ints(i);
  if (!known || known->size() != 1) return Dim();
  const Dim& value = (*known)[0];
  if (value.is_fixed() && value.value() < least)
    return context.error(
        fmt::format("operand \"{}\" is {}; it must be {} or more", name, value.value(), least));
  return value;
}

Dim onesided_bins(const Dim& length) { return floor_div(length, Dim::fixed(2)) + Dim::fixed(1); }

/// Of an axis that numbers of one part (real) or two (complex) are on.
Status check_parts(const InferContext& context, std::string_view name) {
  const Dim& parts = context.shape(0)->back();
  if (!parts.is_fixed() || parts.is_fixed(1) || parts.is_fixed(2)) return {};
  return context.error(
      fmt::format("operand \"{}\" has the dims {}; the last must be 1 (real) or 2 (complex)", name,
                  context.shape_text(0)));
}

Result<uint32_t> output_dtype(const InferContext& context) {
  const int64_t dtype = context.node().attr_int("output_datatype", HY_DTYPE_F32);
  const bool is_float = dtype >= HY_DTYPE_F32 && dtype <= HY_DTYPE_BF16;
  if (is_float || (dtype >= HY_DTYPE_I8 && dtype <= HY_DTYPE_U64))
    return static_cast<uint32_t>(dtype);
  return context.error(
      fmt::format("attribute \"output_datatype\" is {}, which is no type of numbers", dtype));
}

}  // namespace

Status infer_dft(InferContext& context) {
  const bool inverse = context.node().attr_int("inverse") != 0,
             onesided = context.node().attr_int("onesided") != 0;
  HY_ASSIGN_OR_RETURN(Dim length, one_number(context, 1, "dft_length", 1));
  HY_ASSIGN_OR_RETURN(const Dim given, one_number(context, 2, "axis", INT64_MIN));
  const Shape& x = context.shape(0);
  if (!x) {
    context.set_output(0, context.dtype(0), std::nullopt);
    return {};
  }
  if (x->size() < 2)
    return context.error(fmt::format(
        "operand \"input\" has the dims {}; it must have rank 2 at least", context.shape_text(0)));
  HY_RETURN_IF_ERROR(check_parts(context, "input"));
  if (onesided && x->back().is_fixed(inverse ? 1 : 2))
    return context.error(fmt::format(
        "operand \"input\" has the dims {}, whose last must be {}: onesided", context.shape_text(0),
        inverse ? "2, as the result is real" : "1, as only real input has half a spectrum"));

  Shape out = unknown_dims(static_cast<int64_t>(x->size()));
  out->back() = Dim::fixed(onesided && inverse ? 1 : 2);
  if (!context.has_input(2) || given.is_fixed()) {
    HY_ASSIGN_OR_RETURN(
        const size_t axis,
        axis_of(context, context.has_input(2) ? given.value() : -2, x->size(), "operand \"axis\""));
    if (axis + 1 == x->size())
      return context.error("operand \"axis\" is the last one, which holds the parts of numbers");
    if (!context.has_input(1))
      length = onesided && inverse ? Dim::fixed(2) * ((*x)[axis] - Dim::fixed(1)) : (*x)[axis];
    for (size_t i = 0; i + 1 < x->size(); ++i) (*out)[i] = (*x)[i];
    if (length.is_fixed() && length.value() < 1)
      return context.error(fmt::format("axis {} of {} gives a transform of length {}", axis,
                                       context.shape_text(0), length.value()));
    (*out)[axis] = onesided && !inverse ? onesided_bins(length) : length;
  }
  context.set_output(0, context.dtype(0), std::move(out));
  return {};
}

Status infer_stft(InferContext& context) {
  const bool onesided = context.node().attr_int("onesided", 1) != 0;
  HY_ASSIGN_OR_RETURN(const Dim step, one_number(context, 1, "frame_step", 1));
  HY_ASSIGN_OR_RETURN(Dim length, one_number(context, 3, "frame_length", 1));
  HY_RETURN_IF_ERROR(expect_rank(context, 2, 1, "window"));
  const Shape& x = context.shape(0);
  if (x && x->size() != 2 && x->size() != 3)
    return context.error(
        fmt::format("operand \"signal\" has the dims {}; it must be [batch,samples,1] or "
                    "[batch,samples,2]",
                    context.shape_text(0)));
  if (x && x->size() == 3) {
    HY_RETURN_IF_ERROR(check_parts(context, "signal"));
    if (onesided && x->back().is_fixed(2))
      return context.error(fmt::format(
          "operand \"signal\" has the dims {}, whose last must be 1: onesided, and only "
          "a real signal has half a spectrum",
          context.shape_text(0)));
  }
  if (!context.has_input(2) && !context.has_input(3))
    return context.error("neither operand \"window\" nor \"frame_length\" is there; one must be");
  if (const Shape& window = context.shape(2); context.has_input(2) && window) {
    const auto both = context.has_input(3) ? unify(length, (*window)[0]) : (*window)[0];
    if (!both)
      return context.error(fmt::format("operand \"window\" has the dims {}; \"frame_length\" is {}",
                                       context.shape_text(2), length.value()));
    length = *both;
  }
  Shape out = unknown_dims(4);
  if (x) {
    (*out)[0] = (*x)[0];
    const Dim room = (*x)[1] - length;
    if (room.is_fixed() && room.value() < 0)
      return context.error(fmt::format("operand \"signal\" has the dims {}; a frame has {} samples",
                                       context.shape_text(0), length.value()));
    (*out)[1] = floor_div(room, step) + Dim::fixed(1);
  }
  (*out)[2] = onesided ? onesided_bins(length) : length;
  (*out)[3] = Dim::fixed(2);
  context.set_output(0, context.dtype(0), std::move(out));
  return {};
}

Status infer_window(InferContext& context) {
  HY_ASSIGN_OR_RETURN(const uint32_t dtype, output_dtype(context));
  HY_ASSIGN_OR_RETURN(const Dim size, one_number(context, 0, "size", 0));
  context.set_output(0, dtype, Dims{size});
  return {};
}

Status infer_mel_weight_matrix(InferContext& context) {
  HY_ASSIGN_OR_RETURN(const uint32_t dtype, output_dtype(context));
  HY_ASSIGN_OR_RETURN(const Dim bands, one_number(context, 0, "num_mel_bins", 0));
  HY_ASSIGN_OR_RETURN(const Dim length, one_number(context, 1, "dft_length", 1));
  HY_RETURN_IF_ERROR(one_number(context, 2, "sample_rate", 1).status());
  context.set_output(0, dtype, Dims{onesided_bins(length), bands});
  return {};
}

}  // namespace halyard::core
