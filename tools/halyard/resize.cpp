#include "resize.hpp"

#include <algorithm>
#include <cmath>

namespace halyard::cli {
namespace {

/// The source pixels that make one target pixel of an axis.
struct Taps {
  int64_t first = 0;
  std::vector<float> weights;
};

std::vector<Taps> triangle_filter(int64_t from, int64_t to) {
  const double scale = static_cast<double>(from) / static_cast<double>(to);
  const double support = std::max(scale, 1.0);
  std::vector<Taps> out(static_cast<size_t>(to));
  for (int64_t i = 0; i < to; ++i) {
    const double centre = (static_cast<double>(i) + 0.5) * scale;
    const auto first = std::max<int64_t>(0, std::llround(std::floor(centre - support)));
    const auto last = std::min<int64_t>(from, std::llround(std::ceil(centre + support)));
    std::vector<double> weights;
    double sum = 0;
    for (int64_t k = first; k < last; ++k) {
      weights.push_back(
          std::max(0.0, 1 - std::fabs((static_cast<double>(k) + 0.5 - centre) / support)));
      sum += weights.back();
    }
    Taps& t = out[static_cast<size_t>(i)];
    t.first = first;
    for (double w : weights) t.weights.push_back(static_cast<float>(w / sum));
  }
  return out;
}

/// Along one axis: `outer` rows of `from` blocks of `inner` numbers.
std::vector<float> resize_axis(const std::vector<float>& in, int64_t outer, int64_t from,
                               int64_t to, int64_t inner) {
  const auto taps = triangle_filter(from, to);
  std::vector<float> out(static_cast<size_t>(outer * to * inner));
  for (int64_t o = 0; o < outer; ++o)
    for (int64_t i = 0; i < to; ++i) {
      const Taps& t = taps[static_cast<size_t>(i)];
      float* target = out.data() + (o * to + i) * inner;
      const float* source = in.data() + (o * from + t.first) * inner;
      for (float weight : t.weights) {
        for (int64_t c = 0; c < inner; ++c) target[c] += source[c] * weight;
        source += inner;
      }
    }
  return out;
}

}  // namespace

Pixels resize(Pixels p, int64_t width, int64_t height) {
  if (p.width != width) p.values = resize_axis(p.values, p.height, p.width, width, p.channels);
  p.width = width;
  if (p.height != height)
    p.values = resize_axis(p.values, 1, p.height, height, p.width * p.channels);
  p.height = height;
  return p;
}

}  // namespace halyard::cli
