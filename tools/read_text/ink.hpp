// From a picture to ink on paper.
#pragma once

#include <cstdint>
#include <vector>

#include "tools/halyard/picture.hpp"

namespace halyard::read_text {

/// One number a pixel, rows from the top.
template <class T>
struct Grid {
  int width = 0, height = 0;
  std::vector<T> values;

  Grid() = default;
  Grid(int w, int h)
      : width(w), height(h), values(static_cast<size_t>(w) * static_cast<size_t>(h)) {}
  T& at(int x, int y) { return values[index(x, y)]; }
  const T& at(int x, int y) const { return values[index(x, y)]; }

 private:
  size_t index(int x, int y) const {
    return static_cast<size_t>(y) * static_cast<size_t>(width) + static_cast<size_t>(x);
  }
};

using Ink = Grid<float>;  // 0: paper, 1: ink

/// Ink of 0.4 and more belongs to a letter.
constexpr float kInkThreshold = 0.4f;

/// How much ink lies on each pixel, whatever the colours: the paper is a smooth surface fitted to the
/// brightness, and what departs from it most, to the dark or to the light, is ink. All 0 where nothing
/// stands out from the noise.
Ink find_ink(const cli::Picture& picture);

/// Degrees, clockwise and within -15..15, by which the lines of text slope; 0 where turning does not
/// make them clearer.
double find_slope(const Ink& ink);

/// A plane turned about the middle of a picture.
class Turn {
 public:
  Turn(int width, int height, double degrees);

  /// The turned ink, whole: larger than the picture unless degrees is 0.
  Ink apply(const Ink& ink) const;
  /// Where a place of the turned ink lies in the picture.
  void to_picture(double x, double y, double& picture_x, double& picture_y) const;

 private:
  int from_width_, from_height_, width_, height_;
  double cos_, sin_;
};

}  // namespace halyard::read_text
