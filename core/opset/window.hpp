// The sliding window of convolutions and poolings: kernel, strides, dilations, padding.
#pragma once

#include <string>
#include <vector>

#include "core/opset/infer.hpp"

namespace halyard::core {

/// One entry an axis; pads are begins, then ends, and zero where auto_pad sets them.
struct Window {
  std::vector<Dim> kernel;
  std::vector<int64_t> strides, dilations, pads;
  std::string auto_pad;

  bool same_padding() const { return auto_pad == "SAME_UPPER" || auto_pad == "SAME_LOWER"; }
  /// How far the dilated kernel reaches along an axis.
  Dim reach(size_t axis) const;
  Dim padding(size_t axis) const;
};

/// Reads the attributes for that many spatial axes; `kernel` is what the weights say, if anything.
/// Fails where a list has another length or holds numbers that make no sense.
Result<Window> read_window(const InferContext& context, size_t axes, std::vector<Dim> kernel);

/// The number of positions of the window. Fails where the kernel does not fit into the padded input.
Result<Dim> window_positions(const InferContext& context, const Window& window, size_t axis,
                             const Dim& size, bool ceil_mode);

}  // namespace halyard::core
