// Pictures as tensors.
#pragma once

#include <utility>

#include "host_tensor.hpp"

namespace halyard::cli {

/// A value is (v - mean) * scale, with v in 0..255. Each list has one number for all channels, or
/// one for each.
struct ImageOptions {
  std::vector<double> scale;  // empty: 1/255 for floats, 1 for integers
  std::vector<double> mean;   // empty: 0
  bool bgr = false;           // the model wants blue first
};

/// "0.0039", "1/255" or "0.017,0.018,0.017": for the options and the metadata.
Result<std::vector<double>> parse_factors(std::string_view text);

/// A picture for a port with these dims (-1: not fixed): [N,C,H,W] or [N,H,W,C], with N or without,
/// and 1 (grey), 3 or 4 (with alpha) channels. Decodes PNG or JPEG, resizes with a triangle filter
/// (bilinear; anti-aliased where it shrinks, as PIL does) and scales. A height or width that is not
/// fixed is the picture's own; N is 1.
Result<HostTensor> load_image(const std::string& path, const std::vector<int64_t>& dims,
                              uint32_t dtype, const ImageOptions& options);

/// Width and height of a picture's tensor, which has dims as load_image gives them.
std::pair<int64_t, int64_t> picture_size(const std::vector<int64_t>& dims);

}  // namespace halyard::cli
