#include "providers/cpu/window.hpp"

#include <algorithm>

namespace halyard::cpu {

namespace {

using AutoPad = WindowAttributes::AutoPad;

AutoPad auto_pad_of(std::string_view text) {
  if (text == "SAME_UPPER") return AutoPad::kSameUpper;
  if (text == "SAME_LOWER") return AutoPad::kSameLower;
  if (text == "VALID") return AutoPad::kValid;
  return AutoPad::kNotSet;
}

/// Splits a total padding; the odd one goes to the end for upper, to the beginning otherwise.
void split_padding(int64_t total, bool upper, int64_t* begin, int64_t* end) {
  *begin = upper ? total / 2 : total - total / 2;
  *end = total - *begin;
}

Status wrong_count(const char* what, size_t got, size_t want) {
  return invalid_model(std::string(what) + " has " + std::to_string(got) +
                       " entries and must have " + std::to_string(want));
}

int64_t slid(int64_t room, int64_t stride, bool ceil) {
  return (ceil ? (room + stride - 1) / stride : room / stride) + 1;
}

}  // namespace

WindowAttributes::WindowAttributes(const Node& node)
    : auto_pad(auto_pad_of(node.attr_string("auto_pad"))),
      kernel(node.attr_ints("kernel_shape")),
      strides(node.attr_ints("strides")),
      dilations(node.attr_ints("dilations")),
      pads(node.attr_ints("pads")),
      ceil_mode(node.attr_int("ceil_mode") != 0) {}

Status WindowAttributes::begin(std::span<const int64_t> input, std::span<const int64_t> kernel_dims,
                               Window* w) const {
  const size_t n = input.size();
  w->input = Dims(input);
  w->kernel = Dims(kernel_dims.empty() ? std::span<const int64_t>(kernel) : kernel_dims);
  if (w->kernel.size() != n) return wrong_count("the kernel's shape", w->kernel.size(), n);
  if (!kernel.empty() &&
      !std::equal(kernel.begin(), kernel.end(), w->kernel.begin(), w->kernel.end()))
    return mismatch("kernel_shape is " + dims_text(kernel) + " and the weights say " +
                    dims_text(w->kernel));
  if (!strides.empty() && strides.size() != n) return wrong_count("strides", strides.size(), n);
  if (!dilations.empty() && dilations.size() != n)
    return wrong_count("dilations", dilations.size(), n);
  if (!pads.empty() && pads.size() != 2 * n) return wrong_count("pads", pads.size(), 2 * n);
  w->strides = strides.empty() ? Dims(n, 1) : Dims(strides);
  w->dilations = dilations.empty() ? Dims(n, 1) : Dims(dilations);
  w->pads_begin = Dims(n, 0);
  w->pads_end = Dims(n, 0);
  w->output = Dims(n, 0);
  for (size_t i = 0; i < n; ++i) {
    if (auto_pad != AutoPad::kNotSet || pads.empty()) continue;
    w->pads_begin[i] = pads[i];
    w->pads_end[i] = pads[i + n];
  }
  return {};
}

Result<Window> WindowAttributes::resolve(std::span<const int64_t> input,
                                         std::span<const int64_t> kernel_dims) const {
  Window w;
  HY_RETURN_IF_ERROR(begin(input, kernel_dims, &w));
  const bool same = auto_pad == AutoPad::kSameUpper || auto_pad == AutoPad::kSameLower;
  for (size_t i = 0; i < w.input.size(); ++i) {
    const int64_t extent = (w.kernel[i] - 1) * w.dilations[i] + 1;
    if (same) {
      w.output[i] = (w.input[i] + w.strides[i] - 1) / w.strides[i];
      const int64_t total =
          std::max<int64_t>(0, (w.output[i] - 1) * w.strides[i] + extent - w.input[i]);
      split_padding(total, auto_pad == AutoPad::kSameUpper, &w.pads_begin[i], &w.pads_end[i]);
      continue;
    }
    const int64_t room = w.input[i] + w.pads_begin[i] + w.pads_end[i] - extent;
    if (room < 0)
      return mismatch("the kernel reaches over " + std::to_string(extent) +
                      " elements of spatial axis " + std::to_string(i) + ", which has " +
                      std::to_string(room + extent) + " with its padding");
    w.output[i] = slid(room, w.strides[i], ceil_mode);
    // A window that would begin in the padding of the end is left out.
    const bool outside = (w.output[i] - 1) * w.strides[i] >= w.input[i] + w.pads_begin[i];
    if (ceil_mode && w.output[i] > 0 && outside) --w.output[i];
  }
  return w;
}

Result<Window> WindowAttributes::resolve_transposed(std::span<const int64_t> input,
                                                    std::span<const int64_t> kernel_dims,
                                                    std::span<const int64_t> output_padding,
                                                    std::span<const int64_t> output_shape) const {
  Window w;
  HY_RETURN_IF_ERROR(begin(input, kernel_dims, &w));
  const size_t n = input.size();
  if (!output_padding.empty() && output_padding.size() != n)
    return wrong_count("output_padding", output_padding.size(), n);
  // Some writers give batch and channels, too.
  if (output_shape.size() == n + 2) output_shape = output_shape.subspan(2);
  if (!output_shape.empty() && output_shape.size() != n)
    return wrong_count("output_shape", output_shape.size(), n);
  const bool same = auto_pad == AutoPad::kSameUpper || auto_pad == AutoPad::kSameLower;
  for (size_t i = 0; i < n; ++i) {
    const int64_t extent = (w.kernel[i] - 1) * w.dilations[i] + 1;
    const int64_t added = output_padding.empty() ? 0 : output_padding[i];
    const int64_t full = w.strides[i] * (w.input[i] - 1) + added + extent;
    if (output_shape.empty() && !same) {
      w.output[i] = std::max<int64_t>(0, full - w.pads_begin[i] - w.pads_end[i]);
      continue;
    }
    w.output[i] = output_shape.empty() ? w.input[i] * w.strides[i] : output_shape[i];
    const int64_t total = std::max<int64_t>(0, full - w.output[i]);
    // ONNX: SAME_UPPER halves downwards at the beginning, everything else the other way round.
    split_padding(total, auto_pad == AutoPad::kSameUpper, &w.pads_begin[i], &w.pads_end[i]);
  }
  return w;
}

Verdict check_window(const Node& node) {
  const std::string_view auto_pad = node.attr_string("auto_pad", "NOTSET");
  if (auto_pad != "NOTSET" && auto_pad_of(auto_pad) == AutoPad::kNotSet)
    return reject(Reason::attribute)
        .got("auto_pad=" + std::string(auto_pad))
        .limit("NOTSET, SAME_UPPER, SAME_LOWER, VALID");
  for (const char* name : {"strides", "dilations", "kernel_shape"})
    for (int64_t v : node.attr_ints(name))
      if (v < 1)
        return reject(Reason::attribute).got(name + ("=" + std::to_string(v))).limit("at least 1");
  if (!node.has_input(0) || !node.input(0).has_rank()) return accept();
  const int64_t rank = node.input(0).rank();
  if (rank < 2) return reject(Reason::rank).operand(0).got(rank).limit("at least 2");
  const auto check = [&](const char* name, size_t want) {
    return !node.has_attribute(name) || node.attr_ints(name).size() == want;
  };
  const auto spatial = static_cast<size_t>(rank - 2);
  for (const char* name : {"strides", "dilations", "kernel_shape"})
    if (!check(name, spatial))
      return reject(Reason::attribute)
          .got(std::string(name) + " of " + std::to_string(node.attr_ints(name).size()) +
               " entries")
          .limit(rank - 2);
  if (!check("pads", 2 * spatial))
    return reject(Reason::attribute)
        .got("pads of " + std::to_string(node.attr_ints("pads").size()) + " entries")
        .limit(2 * (rank - 2));
  return accept();
}

}  // namespace halyard::cpu
