#include "tools/detect/picture.hpp"

namespace halyard::detect {

void draw_box(Picture& p, const Face& face) {
  constexpr cli::Colour kColour = {255, 64, 0};
  const auto x = [&](float relative) { return static_cast<double>(relative) * p.width; };
  const auto y = [&](float relative) { return static_cast<double>(relative) * p.height; };
  cli::draw_frame(p, x(face.left), y(face.top), x(face.right), y(face.bottom), kColour);
}

}  // namespace halyard::detect
