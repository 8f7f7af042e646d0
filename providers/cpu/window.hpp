// The sliding window of convolutions and pools: attributes, and what they mean for an input's dims.
#pragma once

#include <algorithm>
#include <vector>

#include "halyard/graph.hpp"
#include "providers/cpu/kernel.hpp"

namespace halyard::cpu {

/// Resolved for one input. One entry a spatial axis.
struct Window {
  Dims kernel, strides, dilations, pads_begin, pads_end;
  Dims input, output;
};

/// The attributes of a node, as ONNX defines them.
struct WindowAttributes {
  enum class AutoPad { kNotSet, kSameUpper, kSameLower, kValid };
  AutoPad auto_pad = AutoPad::kNotSet;
  std::vector<int64_t> kernel, strides, dilations, pads;
  bool ceil_mode = false;

  explicit WindowAttributes(const Node& node);
  /// kernel: the weights' spatial dims, or the attribute where empty. Fails on contradicting counts.
  Result<Window> resolve(std::span<const int64_t> input,
                         std::span<const int64_t> kernel_dims) const;
  /// As resolve(), for the transposed convolution: output from output_shape or output_padding.
  Result<Window> resolve_transposed(std::span<const int64_t> input,
                                    std::span<const int64_t> kernel_dims,
                                    std::span<const int64_t> output_padding,
                                    std::span<const int64_t> output_shape) const;

 private:
  Status begin(std::span<const int64_t> input, std::span<const int64_t> kernel_dims,
               Window* w) const;
};

/// Calls f(position) for every position of a box of these dims, in C order. Empty dims: once.
template <class F>
void for_each_position(std::span<const int64_t> dims, F&& f) {
  if (count_of(dims) == 0) return;
  Dims at(dims.size(), 0);
  for (;;) {
    f(static_cast<const Dims&>(at));
    size_t axis = dims.size();
    while (axis > 0 && ++at[axis - 1] == dims[axis - 1]) at[--axis] = 0;
    if (axis == 0) return;
  }
}

/// The input's range [begin, end) of taps of one window along one axis, in steps of the dilation.
struct Taps {
  int64_t begin, end, step;
};
inline Taps taps_of(const Window& w, size_t axis, int64_t at) {
  const int64_t step = w.dilations[axis], first = at * w.strides[axis] - w.pads_begin[axis];
  const int64_t skipped = first < 0 ? (-first + step - 1) / step : 0;
  return {first + skipped * step, std::min(w.input[axis], first + (w.kernel[axis] - 1) * step + 1),
          step};
}

/// Calls f(offset) for every tap of the window at `at` that lies in the input; begin with axis 0 and
/// offset 0.
template <class F>
void for_each_tap(const Window& w, const Dims& at, size_t axis, int64_t offset, F&& f) {
  if (axis == at.size()) return f(offset);
  const Taps taps = taps_of(w, axis, at[axis]);
  for (int64_t p = taps.begin; p < taps.end; p += taps.step)
    for_each_tap(w, at, axis + 1, offset * w.input[axis] + p, f);
}

/// Checks the attributes of a node with `spatial` axes (negative: unknown): lengths and values.
Verdict check_window(const Node& node);

}  // namespace halyard::cpu
