// A picture in memory: read, drawn on, written.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "halyard/status.hpp"

namespace halyard::cli {

using Colour = uint8_t[3];

/// Rows from the top, RGB, one byte each.
struct Picture {
  int width = 0, height = 0;
  std::vector<uint8_t> rgb;
};

/// PNG or JPEG, at its own size.
Result<Picture> read_picture(const std::string& path);
Status write_png(const std::string& path, const Picture& picture);

/// A frame with these edges, in pixels, as thick as suits the picture; what lies outside of the
/// picture is left out.
void draw_frame(Picture& picture, double left, double top, double right, double bottom,
                const Colour& colour);
/// Moves a pixel towards the colour: 0 leaves it, 1 replaces it.
void tint(Picture& picture, int x, int y, const Colour& colour, double amount);

}  // namespace halyard::cli
