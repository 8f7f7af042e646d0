#include "tools/detect/faces.hpp"

#include <algorithm>
#include <cmath>

namespace halyard::detect {
namespace {

float area(float left, float top, float right, float bottom) {
  return std::max(0.0f, right - left) * std::max(0.0f, bottom - top);
}

}  // namespace

float overlap(const Face& a, const Face& b) {
  const float both = area(std::max(a.left, b.left), std::max(a.top, b.top),
                          std::min(a.right, b.right), std::min(a.bottom, b.bottom));
  const float either =
      area(a.left, a.top, a.right, a.bottom) + area(b.left, b.top, b.right, b.bottom) - both;
  return either > 0 ? both / either : 0;
}

std::vector<Face> find_faces(std::span<const float> scores, std::span<const float> boxes,
                             float min_confidence, float max_overlap) {
  std::vector<Face> candidates;
  for (size_t i = 0; i * 2 + 1 < scores.size() && i * 4 + 3 < boxes.size(); ++i) {
    const Face face{boxes[i * 4], boxes[i * 4 + 1], boxes[i * 4 + 2], boxes[i * 4 + 3],
                    scores[i * 2 + 1]};
    const bool finite = std::isfinite(face.left) && std::isfinite(face.top) &&
                        std::isfinite(face.right) && std::isfinite(face.bottom);
    // Written so that a confidence that is not a number fails it.
    if (face.confidence >= min_confidence && finite) candidates.push_back(face);
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Face& a, const Face& b) { return a.confidence > b.confidence; });
  std::vector<Face> faces;
  for (const Face& c : candidates) {
    const bool seen = std::any_of(faces.begin(), faces.end(),
                                  [&](const Face& f) { return overlap(f, c) > max_overlap; });
    if (!seen) faces.push_back(c);
  }
  return faces;
}

}  // namespace halyard::detect
