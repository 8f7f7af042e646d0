#include "tests/fuzz/random/reference/sampling.hpp"

#include <algorithm>
#include <cmath>

#include "tests/fuzz/random/reference/position.hpp"

namespace halyard::fuzz::reference {
namespace {

int64_t nearest_to(double place, Nearest how) {
  switch (how) {
    case Nearest::prefer_floor:
      return static_cast<int64_t>(std::ceil(place - 0.5));
    case Nearest::prefer_ceil:
      return static_cast<int64_t>(std::floor(place + 0.5));
    case Nearest::floor:
      return static_cast<int64_t>(std::floor(place));
    case Nearest::ceil:
      break;
  }
  return static_cast<int64_t>(std::ceil(place));
}

/// Keys' kernel (Cubic Convolution Interpolation for Digital Image Processing, 1981).
double keys(double a, double distance) {
  const double t = std::fabs(distance);
  if (t <= 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
  if (t < 2) return a * (((t - 5) * t + 8) * t - 4);
  return 0;
}

struct Tap {
  int64_t at;
  double weight;
};

std::vector<Tap> taps(const Resizing& r, double place, int64_t from) {
  if (r.mode == Mode::nearest) return {{nearest_to(place, r.nearest), 1}};
  const auto low = static_cast<int64_t>(std::floor(place));
  const double f = place - static_cast<double>(low);
  if (r.mode == Mode::linear) return {{low, 1 - f}, {low + 1, f}};
  std::vector<Tap> out;
  double sum = 0;
  for (int64_t k = low - 1; k <= low + 2; ++k) {
    const bool outside = k < 0 || k >= from;
    const double w =
        outside && r.exclude_outside ? 0 : keys(r.cubic_a, place - static_cast<double>(k));
    out.push_back({k, w});
    sum += w;
  }
  if (r.exclude_outside)
    for (Tap& t : out) t.weight /= sum;
  return out;
}

double pixel(double coordinate, int64_t n, bool align_corners) {
  const auto size = static_cast<double>(n);
  return align_corners ? (coordinate + 1) / 2 * (size - 1) : ((coordinate + 1) * size - 1) / 2;
}

double base(int64_t i, int64_t n, bool align_corners) {
  const auto k = static_cast<double>(i), size = static_cast<double>(n);
  return align_corners ? 2 * k / (size - 1) - 1 : (2 * k + 1) / size - 1;
}

}  // namespace

double place_of(const Resizing& r, int64_t i, int64_t from, double scale) {
  const auto k = static_cast<double>(i), length = scale * static_cast<double>(from);
  switch (r.place) {
    case Place::half_pixel:
      return (k + 0.5) / scale - 0.5;
    case Place::asymmetric:
      return k / scale;
    case Place::align_corners:
      return k * static_cast<double>(from - 1) / (length - 1);
    case Place::pytorch_half_pixel:
      break;
  }
  return length > 1 ? (k + 0.5) / scale - 0.5 : 0;
}

Array resize_axis(const Array& x, int64_t axis, int64_t to, double scale, const Resizing& r) {
  const auto a = static_cast<size_t>(axis);
  const int64_t from = x.dims[a];
  Array y{x.dims, {}};
  y.dims[a] = to;
  for (int64_t i = 0; i < count_of(y.dims); ++i) {
    Dims p = position(i, y.dims);
    double sum = 0;
    for (const Tap& t : taps(r, place_of(r, p[a], from, scale), from)) {
      Dims q = p;
      q[a] = std::clamp<int64_t>(t.at, 0, from - 1);
      sum += t.weight * at(x, q);
    }
    y.data.push_back(sum);
  }
  return y;
}

Array affine_grid(const Array& theta, int64_t h, int64_t w, bool align_corners) {
  Array y{{theta.dims[0], h, w, 2}, {}};
  for (int64_t i = 0; i < count_of(y.dims); ++i) {
    const Dims p = position(i, y.dims);
    const double u = base(p[2], w, align_corners), v = base(p[1], h, align_corners);
    y.data.push_back(at(theta, {p[0], p[3], 0}) * u + at(theta, {p[0], p[3], 1}) * v +
                     at(theta, {p[0], p[3], 2}));
  }
  return y;
}

Array grid_sample(const Array& x, const Array& grid, bool align_corners, bool border) {
  const int64_t h = x.dims[2], w = x.dims[3];
  Array y{{x.dims[0], x.dims[1], grid.dims[1], grid.dims[2]}, {}};
  for (int64_t i = 0; i < count_of(y.dims); ++i) {
    const Dims p = position(i, y.dims);
    double u = pixel(at(grid, {p[0], p[2], p[3], 0}), w, align_corners);
    double v = pixel(at(grid, {p[0], p[2], p[3], 1}), h, align_corners);
    if (border) {
      u = std::clamp(u, 0.0, static_cast<double>(w - 1));
      v = std::clamp(v, 0.0, static_cast<double>(h - 1));
    }
    double sum = 0;
    for (int64_t r = 0; r < 2; ++r)
      for (int64_t c = 0; c < 2; ++c) {
        const double row = std::floor(v) + static_cast<double>(r),
                     column = std::floor(u) + static_cast<double>(c);
        if (row < 0 || row >= static_cast<double>(h) || column < 0 ||
            column >= static_cast<double>(w))
          continue;
        sum += (1 - std::fabs(v - row)) * (1 - std::fabs(u - column)) *
               at(x, {p[0], p[1], static_cast<int64_t>(row), static_cast<int64_t>(column)});
      }
    y.data.push_back(sum);
  }
  return y;
}

}  // namespace halyard::fuzz::reference
