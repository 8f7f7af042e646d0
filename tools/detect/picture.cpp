#include "tools/detect/picture.hpp"

#include <algorithm>
#include <cmath>

#include "tools/halyard/image.hpp"

#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#define STBI_WRITE_NO_STDIO
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#include <stb/stb_image_write.h>
#pragma GCC diagnostic pop

namespace halyard::detect {
namespace {

constexpr uint8_t kColour[3] = {255, 64, 0};

/// A place in pixels, kept close enough to the picture to be an int.
int to_pixel(float relative, int size) {
  const double at = static_cast<double>(relative) * size;
  return static_cast<int>(std::lround(std::clamp(at, -1.0 * size, 2.0 * size)));
}

/// The part of [left, right) x [top, bottom) that lies within the picture.
void fill(Picture& p, int left, int top, int right, int bottom) {
  for (int y = std::max(top, 0); y < std::min(bottom, p.height); ++y)
    for (int x = std::max(left, 0); x < std::min(right, p.width); ++x) {
      const size_t at =
          (static_cast<size_t>(y) * static_cast<size_t>(p.width) + static_cast<size_t>(x)) * 3;
      std::copy_n(kColour, 3, &p.rgb[at]);
    }
}

}  // namespace

Result<Picture> read_picture(const std::string& path) {
  const cli::ImageOptions as_it_is{.scale = {1}, .mean = {}};
  HY_ASSIGN_OR_RETURN(const auto tensor,
                      cli::load_image(path, {1, -1, -1, 3}, HY_DTYPE_U8, as_it_is));
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
  return cli::write_file(path, bytes);
}

void draw_box(Picture& p, const Face& face) {
  const int left = to_pixel(face.left, p.width), right = to_pixel(face.right, p.width);
  const int top = to_pixel(face.top, p.height), bottom = to_pixel(face.bottom, p.height);
  const int thick = std::max(2, std::min(p.width, p.height) / 200);
  fill(p, left, top, right, top + thick);
  fill(p, left, bottom - thick, right, bottom);
  fill(p, left, top, left + thick, bottom);
  fill(p, right - thick, top, right, bottom);
}

}  // namespace halyard::detect
