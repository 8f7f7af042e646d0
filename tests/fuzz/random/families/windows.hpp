// Kernels, strides, dilations and pads of random convolutions and pools.
#pragma once

#include <vector>

#include "tests/fuzz/random/builder.hpp"
#include "tests/fuzz/random/reference/window.hpp"

namespace halyard::fuzz {

struct RandomWindow {
  reference::Window window;  // with the pads that auto_pad makes
  std::vector<Attribute> attributes;
};

/// For spatial dims; every axis has at least one place. dilations, ceil_mode: may be asked for.
RandomWindow random_window(Builder& b, const Dims& spatial, bool dilations, bool ceil_mode);

/// A value [N, C, spatial...] of such a type that the graph holds, or a new input.
int image(Builder& b, Types types);

}  // namespace halyard::fuzz
