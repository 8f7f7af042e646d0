#include "picture.hpp"

#include <algorithm>
#include <cmath>

#include "image.hpp"

#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#define STBI_WRITE_NO_STDIO
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#include <stb/stb_image_write.h>
#pragma GCC diagnostic pop

namespace halyard::cli {
namespace {

/// A place in pixels, kept close enough to the picture to be an int.
int to_pixel(double at, int size) {
  return static_cast<int>(std::lround(std::clamp(at, -1.0 * size, 2.0 * size)));
}

/// The part of [left, right) x [top, bottom) that lies within the picture.
void fill(Picture& p, int left, int top, int right, int bottom, const Colour& colour) {
  for (int y = std::max(top, 0); y < std::min(bottom, p.height); ++y)
    for (int x = std::max(left, 0); x < std::min(right, p.width); ++x) tint(p, x, y, colour, 1);
}

}  // namespace

Result<Picture> read_picture(const std::string& path) {
  const ImageOptions as_it_is{.scale = {1}, .mean = {}};
  HY_ASSIGN_OR_RETURN(const auto tensor, load_image(path, {1, -1, -1, 3}, HY_DTYPE_U8, as_it_is));
  return Picture{static_cast<int>(tensor.dims[2]),
                 static_cast<int>(tensor.dims[1]),
                 {tensor.bytes.begin(), tensor.bytes.end()}};
}

Status write_png(const std::string& path, const Picture& picture) {
  std::string bytes;
  const auto append = [](void* to, void* data, int size) {
    static_cast<std::string*>(to)->append(static_cast<const char*>(data),
                                          static_cast<size_t>(size));
  };
  if (stbi_write_png_to_func(append, &bytes, picture.width, picture.height, 3, picture.rgb.data(),
                             picture.width * 3) == 0)
    return internal_error(path + ": the picture cannot be encoded as PNG");
  return write_file(path, bytes);
}

void tint(Picture& p, int x, int y, const Colour& colour, double amount) {
  uint8_t* at =
      &p.rgb[(static_cast<size_t>(y) * static_cast<size_t>(p.width) + static_cast<size_t>(x)) * 3];
  for (int c = 0; c < 3; ++c)
    at[c] = static_cast<uint8_t>(std::lround(at[c] + (colour[c] - at[c]) * amount));
}

void draw_frame(Picture& p, double l, double t, double r, double b, const Colour& colour) {
  if (!std::isfinite(l) || !std::isfinite(t) || !std::isfinite(r) || !std::isfinite(b)) return;
  const int left = to_pixel(l, p.width), right = to_pixel(r, p.width);
  const int top = to_pixel(t, p.height), bottom = to_pixel(b, p.height);
  const int thick = std::max(2, std::min(p.width, p.height) / 200);
  fill(p, left, top, right, top + thick, colour);
  fill(p, left, bottom - thick, right, bottom, colour);
  fill(p, left, top, left + thick, bottom, colour);
  fill(p, right - thick, top, right, bottom, colour);
}

}  // namespace halyard::cli
