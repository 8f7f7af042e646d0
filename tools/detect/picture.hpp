// A picture in memory: read, drawn on, written.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "halyard/status.hpp"
#include "tools/detect/faces.hpp"

namespace halyard::detect {

/// Rows from the top, RGB, one byte each.
struct Picture {
  int width = 0, height = 0;
  std::vector<uint8_t> rgb;
};

/// PNG or JPEG, at its own size.
Result<Picture> read_picture(const std::string& path);
Status write_png(const std::string& path, const Picture& picture);

/// A frame around the face, as thick as suits the picture; what lies outside of the picture is left
/// out.
void draw_box(Picture& picture, const Face& face);

}  // namespace halyard::detect
