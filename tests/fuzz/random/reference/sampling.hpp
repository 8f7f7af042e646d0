// Resizing along one axis, and sampling where a grid says.
#pragma once

#include "tests/fuzz/random/value.hpp"

namespace halyard::fuzz::reference {

enum class Mode { nearest, linear, cubic };
enum class Place { half_pixel, asymmetric, align_corners, pytorch_half_pixel };
enum class Nearest { prefer_floor, prefer_ceil, floor, ceil };

struct Resizing {
  Mode mode = Mode::nearest;
  Place place = Place::half_pixel;
  Nearest nearest = Nearest::prefer_floor;
  double cubic_a = -0.75;
  bool exclude_outside = false;  // of cubic
};

/// Where in `from` elements the i-th of the result is taken. Their number times the scale, which need not be
/// whole, is the length that the standard's formulas mean.
double place_of(const Resizing& r, int64_t i, int64_t from, double scale);
Array resize_axis(const Array& x, int64_t axis, int64_t to, double scale, const Resizing& r);

/// theta [N, 2, 3] -> [N, h, w, 2]
Array affine_grid(const Array& theta, int64_t h, int64_t w, bool align_corners);
/// x [N, C, H, W], grid [N, h, w, 2]; linear. border: what is outside is the edge's, else 0.
Array grid_sample(const Array& x, const Array& grid, bool align_corners, bool border);

}  // namespace halyard::fuzz::reference
