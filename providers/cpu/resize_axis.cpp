#include "providers/cpu/resize_axis.hpp"

#include <algorithm>
#include <cmath>

namespace halyard::cpu {

namespace {

CoordinateMode coordinates_of(std::string_view text) {
  if (text == "half_pixel_symmetric") return CoordinateMode::kHalfPixelSymmetric;
  if (text == "pytorch_half_pixel") return CoordinateMode::kPytorchHalfPixel;
  if (text == "align_corners") return CoordinateMode::kAlignCorners;
  if (text == "asymmetric") return CoordinateMode::kAsymmetric;
  if (text == "tf_crop_and_resize") return CoordinateMode::kTfCropAndResize;
  if (text == "tf_half_pixel_for_nn") return CoordinateMode::kTfHalfPixelForNn;
  return CoordinateMode::kHalfPixel;
}

NearestMode nearest_of(std::string_view text) {
  if (text == "round_prefer_ceil") return NearestMode::kRoundPreferCeil;
  if (text == "floor") return NearestMode::kFloor;
  return text == "ceil" ? NearestMode::kCeil : NearestMode::kRoundPreferFloor;
}

/// Where output position x lies in the input. The output's length is scale times the input's, which
/// need not be whole.
double original_position(CoordinateMode mode, const ResizeAxis& a, int64_t x) {
  const double length = a.scale * static_cast<double>(a.input),
               last = static_cast<double>(a.input - 1);
  const double at = static_cast<double>(x);
  switch (mode) {
    case CoordinateMode::kAlignCorners:
      return length == 1 ? 0 : at * last / (length - 1);
    case CoordinateMode::kAsymmetric:
      return at / a.scale;
    case CoordinateMode::kTfCropAndResize: {
      const double extent = (a.roi_end - a.roi_begin) * last;
      return a.roi_begin * last + (length == 1 ? extent / 2 : at * extent / (length - 1));
    }
    case CoordinateMode::kPytorchHalfPixel:
      return length > 1 ? (at + 0.5) / a.scale - 0.5 : 0;
    case CoordinateMode::kHalfPixelSymmetric: {
      // Maps the centre of the input to the centre of the whole-numbered output.
      const double adjustment = static_cast<double>(a.output) / length;
      return static_cast<double>(a.input) / 2 * (1 - adjustment) + (at + 0.5) / a.scale - 0.5;
    }
    case CoordinateMode::kTfHalfPixelForNn:  // of opset 11 and 12
      return (at + 0.5) / a.scale;
    case CoordinateMode::kHalfPixel:
      break;
  }
  return (at + 0.5) / a.scale - 0.5;
}

double linear_weight(double distance) { return std::max(0.0, 1 - std::fabs(distance)); }

/// R. Keys, Cubic convolution interpolation for digital image processing.
double cubic_weight(double distance, double a) {
  const double x = std::fabs(distance);
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  return 0;
}

bool takes_upper(NearestMode mode, double ratio) {
  switch (mode) {
    case NearestMode::kRoundPreferFloor:
      return ratio > 0.5;
    case NearestMode::kRoundPreferCeil:
      return ratio >= 0.5;
    case NearestMode::kFloor:
      return false;
    case NearestMode::kCeil:
      return true;
  }
  return false;
}

void set_tap(AxisTaps& t, const ResizeAxis& a, int64_t x, int64_t tap, int64_t position,
             double weight) {
  const auto at = static_cast<size_t>(x * t.taps + tap);
  t.positions[at] = std::clamp<int64_t>(position, 0, a.input - 1);
  t.weights[at] = weight;
}

/// The taps of one position. The ratio is in (0, 1]: of two elements as near, the left one is preferred.
void interpolate(const ResizeRule& rule, const ResizeAxis& a, double shrink, int64_t reach,
                 AxisTaps& t, int64_t x, double at) {
  const double floor = std::floor(at);
  const int64_t base = static_cast<int64_t>(floor) - (at == floor ? 1 : 0);
  const double ratio = at - static_cast<double>(base);
  if (rule.mode == ResizeMode::kNearest)
    return set_tap(t, a, x, 0, base + (ratio == 1 || takes_upper(rule.nearest, ratio) ? 1 : 0), 1);
  double sum = 0;
  for (int64_t i = 0; i < t.taps; ++i) {
    const int64_t position = base + i + 1 - reach;
    const double distance = (static_cast<double>(position) - at) * shrink;
    double weight = rule.mode == ResizeMode::kLinear ? linear_weight(distance)
                                                     : cubic_weight(distance, rule.cubic_a);
    if (rule.exclude_outside && (position < 0 || position >= a.input)) weight = 0;
    sum += weight;
    set_tap(t, a, x, i, position, weight);
  }
  const bool scaled = rule.exclude_outside || shrink != 1;
  for (int64_t i = 0; scaled && sum != 0 && i < t.taps; ++i)
    t.weights[static_cast<size_t>(x * t.taps + i)] /= sum;
}

bool is_identity(const AxisTaps& t, const ResizeAxis& a) {
  if (a.input != a.output) return false;
  for (int64_t x = 0; x < a.output; ++x) {
    if (t.outside[static_cast<size_t>(x)] != 0) return false;
    double own = 0, others = 0;
    for (int64_t i = 0; i < t.taps; ++i) {
      const auto at = static_cast<size_t>(x * t.taps + i);
      (t.positions[at] == x ? own : others) += std::fabs(t.weights[at]);
    }
    if (own != 1 || others != 0) return false;
  }
  return true;
}

}  // namespace

ResizeRule::ResizeRule(const Node& node)
    : coordinates(coordinates_of(node.attr_string("coordinate_transformation_mode"))),
      nearest(nearest_of(node.attr_string("nearest_mode"))),
      cubic_a(node.attr_float("cubic_coeff_a", -0.75)),
      antialias(node.attr_int("antialias") != 0),
      exclude_outside(node.attr_int("exclude_outside") != 0) {
  const std::string_view text = node.attr_string("mode");
  mode = text == "linear"  ? ResizeMode::kLinear
         : text == "cubic" ? ResizeMode::kCubic
                           : ResizeMode::kNearest;
}

AxisTaps axis_taps(const ResizeRule& rule, const ResizeAxis& a) {
  // Antialiasing widens the kernel where the output is smaller than the input.
  const double shrink = rule.antialias && a.scale < 1 ? a.scale : 1;
  const double radius = rule.mode == ResizeMode::kCubic ? 2 : 1;
  const auto reach = static_cast<int64_t>(std::ceil(radius / shrink));
  AxisTaps t;
  t.taps = rule.mode == ResizeMode::kNearest ? 1 : 2 * reach;
  t.positions.resize(static_cast<size_t>(a.output * t.taps));
  t.weights.resize(t.positions.size());
  t.outside.resize(static_cast<size_t>(a.output), 0);
  for (int64_t x = 0; x < a.output; ++x) {
    const double at = original_position(rule.coordinates, a, x);
    const bool out = rule.coordinates == CoordinateMode::kTfCropAndResize &&
                     !(at >= 0 && at <= static_cast<double>(a.input - 1));
    if (out)
      t.outside[static_cast<size_t>(x)] = 1;
    else
      interpolate(rule, a, shrink, reach, t, x, at);
  }
  t.identity = is_identity(t, a);
  return t;
}

}  // namespace halyard::cpu
