#include "core/opset/window.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/opset/shapes.hpp"

namespace halyard::core {
namespace {

/// The attribute's entries, or `absent` times n. All must be at least `least`.
Result<std::vector<int64_t>> entries(const InferContext& context, const char* name, size_t n,
                                     int64_t absent, int64_t least) {
  if (context.node().attribute(name) == nullptr) return std::vector<int64_t>(n, absent);
  std::vector<int64_t> out = context.node().attr_ints(name);
  if (out.size() != n)
    return context.error(
        fmt::format("attribute \"{}\" is [{}]; it needs {} entries", name, fmt::join(out, ","), n));
  for (int64_t e : out)
    if (e < least || e > INT32_MAX)
      return context.error(
          fmt::format("attribute \"{}\" holds {}; it must be {} or more", name, e, least));
  return out;
}

Status read_kernel(const InferContext& context, size_t axes, Dims& kernel) {
  if (context.node().attribute("kernel_shape") != nullptr) {
    HY_ASSIGN_OR_RETURN(const auto given, entries(context, "kernel_shape", axes, 1, 1));
    kernel.resize(axes);
    for (size_t i = 0; i < axes; ++i) {
      const auto both = unify(kernel[i], Dim::fixed(given[i]));
      if (!both)
        return context.error(
            fmt::format("attribute \"kernel_shape\" is [{}], but operand \"W\" has the "
                        "dims {}",
                        fmt::join(given, ","), context.shape_text(1)));
      kernel[i] = *both;
    }
  }
  for (const Dim& k : kernel)
    if (k.is_fixed(0)) return context.error("the kernel has a dim of 0");
  return {};
}

}  // namespace

Dim Window::reach(size_t axis) const {
  return Dim::fixed(dilations[axis]) * (kernel[axis] - Dim::fixed(1)) + Dim::fixed(1);
}

Dim Window::padding(size_t axis) const {
  return Dim::fixed(pads[axis] + pads[axis + pads.size() / 2]);
}

Result<Window> read_window(const InferContext& context, size_t axes, std::vector<Dim> kernel) {
  Window w;
  w.kernel = std::move(kernel);
  w.kernel.resize(axes);
  w.auto_pad = context.node().attr_string("auto_pad", "NOTSET");
  if (w.auto_pad != "NOTSET" && w.auto_pad != "VALID" && !w.same_padding())
    return context.error(
        fmt::format("attribute \"auto_pad\" is \"{}\"; it is one of NOTSET, VALID, "
                    "SAME_UPPER, SAME_LOWER",
                    w.auto_pad));
  HY_RETURN_IF_ERROR(read_kernel(context, axes, w.kernel));
  HY_ASSIGN_OR_RETURN(w.strides, entries(context, "strides", axes, 1, 1));
  HY_ASSIGN_OR_RETURN(w.dilations, entries(context, "dilations", axes, 1, 1));
  HY_ASSIGN_OR_RETURN(w.pads, entries(context, "pads", 2 * axes, 0, INT32_MIN));
  if (w.auto_pad != "NOTSET") w.pads.assign(2 * axes, 0);
  return w;
}

Result<Dim> window_positions(const InferContext& context, const Window& window, size_t axis,
                             const Dim& size, bool ceil_mode) {
  const Dim stride = Dim::fixed(window.strides[axis]);
  if (window.same_padding()) return ceil_div(size, stride);
  const Dim reach = window.reach(axis);
  const Dim room = size + window.padding(axis) - reach;
  if (room.is_fixed() && room.value() < 0)
    return context.error(
        fmt::format("the kernel reaches over {} elements of spatial axis {}, which has "
                    "{} with its padding",
                    reach.value(), axis, room.value() + reach.value()));
  if (!ceil_mode) return floor_div(room, stride) + Dim::fixed(1);
  // A last window may begin in the input or the padding before it, not in the padding behind:
  // ceil(room / stride) + 1 positions, but at most ceil((size + pad before) / stride).
  const Dim end_pad = Dim::fixed(window.pads[axis + window.pads.size() / 2]);
  const Dim beyond = min(end_pad + stride - reach, Dim::fixed(0));
  return ceil_div(size + Dim::fixed(window.pads[axis]) + beyond, stride);
}

}  // namespace halyard::core
