// Resizing by a triangle filter.
#pragma once

#include <cstdint>
#include <vector>

namespace halyard::cli {

/// Rows from the top, channels together, values as decoded (0..255).
struct Pixels {
  int64_t width = 0, height = 0, channels = 0;
  std::vector<float> values;
};

/// Bilinear with half-pixel centres; where it shrinks, the triangle is as wide as the source pixels
/// that one target pixel covers (PIL's BILINEAR). Values are not rounded. Both sizes must be
/// positive.
Pixels resize(Pixels from, int64_t width, int64_t height);

}  // namespace halyard::cli
