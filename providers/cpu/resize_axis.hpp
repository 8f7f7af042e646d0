// One axis of Resize: which elements each output position is made of, as ONNX defines it.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "halyard/graph.hpp"

namespace halyard::cpu {

enum class ResizeMode { kNearest, kLinear, kCubic };
enum class CoordinateMode {
  kHalfPixel,
  kHalfPixelSymmetric,
  kPytorchHalfPixel,
  kAlignCorners,
  kAsymmetric,
  kTfCropAndResize,
  kTfHalfPixelForNn
};
enum class NearestMode { kRoundPreferFloor, kRoundPreferCeil, kFloor, kCeil };

/// The attributes of a Resize that are the same for all axes.
struct ResizeRule {
  ResizeMode mode = ResizeMode::kNearest;
  CoordinateMode coordinates = CoordinateMode::kHalfPixel;
  NearestMode nearest = NearestMode::kRoundPreferFloor;
  double cubic_a = -0.75;
  bool antialias = false;
  bool exclude_outside = false;

  explicit ResizeRule(const Node& node);
  ResizeRule() = default;
};

/// One axis' dims, scale and, for tf_crop_and_resize, its part of the region.
struct ResizeAxis {
  int64_t input = 0, output = 0;
  double scale = 1, roi_begin = 0, roi_end = 1;
};

/// For each output position `taps` weighted input positions, already within the input.
struct AxisTaps {
  int64_t taps = 0;
  std::vector<int64_t> positions;  // output * taps
  std::vector<double> weights;     // likewise
  std::vector<char> outside;       // the position has the extrapolation value
  bool identity = false;           // every position is itself
};

AxisTaps axis_taps(const ResizeRule& rule, const ResizeAxis& axis);

}  // namespace halyard::cpu
