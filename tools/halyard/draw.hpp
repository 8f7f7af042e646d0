// What --draw asks for: a model's outputs on the picture that it was given.
#pragma once

#include <string>
#include <string_view>

#include "npy.hpp"
#include "picture.hpp"

namespace halyard::cli {

enum class BoxFormat { kXyxy, kXywh, kCxcywh, kYxyx };

/// boxes=NAME[,scores=NAME][,class=K][,threshold=T][,nms=T][,format=F][,normalised], or mask=NAME.
struct DrawSpec {
  std::string boxes, scores, mask;  // names of outputs
  int64_t score_class = -1;         // the column of the scores that counts; -1: the largest
  double threshold = 0.5;           // boxes of a lower score are left out
  double overlap = 1;               // of boxes that overlap by more than this, the best stays
  BoxFormat format = BoxFormat::kXyxy;
  bool normalised = false;  // coordinates are 0 to 1, not pixels of the model's input
};

Result<DrawSpec> parse_draw(std::string_view text);

/// input_width, input_height: of the picture as the model saw it. Gives how many boxes were drawn, or
/// 1 for a mask. Boxes: an output whose last dim is 4 (or more: the first four count), scores: as many
/// rows. A mask: [.., H, W], or with one channel, is drawn where it is over 0.5 (integers: the
/// classes, 0 is none); with several channels each place has the class of the largest, 0 is none.
Result<int64_t> draw(Picture& picture, const NamedTensors& outputs, const DrawSpec& spec,
                     int64_t input_width, int64_t input_height);

}  // namespace halyard::cli
