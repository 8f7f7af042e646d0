// Convolutions and pools: [N, C, spatial...].
#pragma once

#include <utility>
#include <vector>

#include "tests/fuzz/random/value.hpp"

namespace halyard::fuzz::reference {

struct Window {
  std::vector<int64_t> kernel, strides, dilations, begin, end;  // by spatial axis
  bool ceil = false;  // a last window that hangs over the end pads counts, if it begins before them
};

/// group divides the channels; bias may be null.
Array conv(const Array& x, const Array& w, const Array* bias, const Window& window, int64_t group);
/// extra: output_padding.
Array conv_transpose(const Array& x, const Array& w, const Array* bias, const Window& window,
                     const std::vector<int64_t>& extra, int64_t group);
/// Values, and places in the whole of x in C order.
std::pair<Array, Array> max_pool(const Array& x, const Window& window);
Array average_pool(const Array& x, const Window& window, bool count_pads);
Array lp_pool(const Array& x, const Window& window, int64_t p);

}  // namespace halyard::fuzz::reference
