// From a detector's candidates to faces.
#pragma once

#include <span>
#include <vector>

namespace halyard::detect {

/// Corners relative to the picture: 0 is its left or top edge, 1 its right or bottom edge.
struct Face {
  float left = 0, top = 0, right = 0, bottom = 0;
  float confidence = 0;
};

/// Intersection over union, 0 to 1; 0 where either has no area.
float overlap(const Face& a, const Face& b);

/// scores: background and face probability of each candidate; boxes: its four corners. Candidates
/// without both, of lower confidence than min_confidence, or with a corner that is not a number are
/// dropped; of those that overlap by more than max_overlap the most confident stays (greedy
/// non-maximum suppression). Most confident first.
std::vector<Face> find_faces(std::span<const float> scores, std::span<const float> boxes,
                             float min_confidence = 0.7f, float max_overlap = 0.5f);

}  // namespace halyard::detect
