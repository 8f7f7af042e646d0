// A face in a picture.
#pragma once

#include "tools/detect/faces.hpp"
#include "tools/halyard/picture.hpp"

namespace halyard::detect {

using cli::Picture;
using cli::read_picture;
using cli::write_png;

/// A frame around the face, as thick as suits the picture; what lies outside of the picture is left
/// out.
void draw_box(Picture& picture, const Face& face);

}  // namespace halyard::detect
