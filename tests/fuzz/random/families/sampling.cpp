// Resizing and sampling of images.
#include "tests/fuzz/random/reference/sampling.hpp"

#include <algorithm>
#include <cmath>

#include "tests/fuzz/random/families/families.hpp"
#include "tests/fuzz/random/families/windows.hpp"
#include "tests/fuzz/random/reference/reference.hpp"

namespace halyard::fuzz {
namespace {

using namespace reference;

const char* const kModes[] = {"nearest", "linear", "cubic"};
const char* const kPlaces[] = {"half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel"};
const char* const kNearest[] = {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"};

/// The sampled place of each output element; none is so near a step that f32 may take another neighbour.
bool far_from_steps(const Resizing& r, int64_t from, int64_t to, double scale) {
  if (r.mode != Mode::nearest) return true;
  for (int64_t i = 0; i < to; ++i) {
    const double at = place_of(r, i, from, scale);
    const bool rounds = r.nearest == Nearest::prefer_floor || r.nearest == Nearest::prefer_ceil;
    const double step = rounds ? at + 0.5 : at;
    const double off = std::fabs(step - std::nearbyint(step));
    // On the step itself both sides are where powers of two scale.
    if (off < 1e-4 && std::exp2(std::nearbyint(std::log2(scale))) != scale) return false;
  }
  return true;
}

void add_resize(Builder& b) {
  const int x = image(b, kFloats);
  Resizing r;
  r.mode = static_cast<Mode>(b.pick(0, 2));
  r.place = static_cast<Place>(b.pick(0, 3));
  r.nearest = static_cast<Nearest>(b.pick(0, 3));
  r.cubic_a = -0.75;
  r.exclude_outside = r.mode == Mode::cubic && b.chance(30);
  const bool by_size = b.chance(50);
  Array y = b.array(x);
  std::vector<double> scales = {1, 1};
  std::vector<int64_t> sizes(b.dims_of(x).begin(), b.dims_of(x).begin() + 2);
  for (int64_t axis = 2; axis < b.rank(x); ++axis) {
    const int64_t from = b.dims_of(x)[static_cast<size_t>(axis)];
    static const std::vector<double> kScales = {0.5, 1, 1.5, 2, 2.5, 3};
    double scale = b.one_of(kScales);
    int64_t to = static_cast<int64_t>(std::floor(static_cast<double>(from) * scale));
    if (to == 0) return;
    if (by_size) {
      to = b.pick(1, 8);
      scale = static_cast<double>(to) / static_cast<double>(from);
    }
    // Its corners coincide, and no place is between them.
    if (r.place == Place::align_corners && (to == 1 || from == 1)) return;
    if (!far_from_steps(r, from, to, scale)) return;
    y = resize_axis(y, axis, to, scale, r);
    scales.push_back(scale);
    sizes.push_back(to);
  }
  std::vector<Attribute> attributes = {
      {"mode", kModes[static_cast<size_t>(r.mode)]},
      {"coordinate_transformation_mode", kPlaces[static_cast<size_t>(r.place)]},
      {"nearest_mode", kNearest[static_cast<size_t>(r.nearest)]},
      {"exclude_outside", r.exclude_outside}};
  std::vector<int> inputs = {x, kAbsent};
  if (by_size) {
    inputs.push_back(kAbsent);
    inputs.push_back(b.index(sizes));
  } else {
    inputs.push_back(b.constant(Type::f32, {{static_cast<int64_t>(scales.size())}, scales}));
  }
  Result out{b.type(x), std::move(y), r.mode == Mode::cubic ? 4.0 : 1.0};
  out.rounds = r.mode != Mode::nearest;
  out.single = true;  // the places are f32's
  b.finish("Resize", inputs, attributes, {std::move(out)});
}

void add_affine_grid(Builder& b) {
  const Type t = b.type_of(only(Type::f32) | only(Type::f64));
  const int64_t n = b.pick(1, 2), h = b.pick(2, 4), w = b.pick(2, 4);
  const bool corners = b.chance(50);
  const int theta = b.parameter(t, {n, 2, 3}, -1, 1);
  Result out{t, affine_grid(b.array(theta), h, w, corners)};
  out.single = true;
  b.finish("AffineGrid", {theta, b.index({n, 1, h, w})}, {{"align_corners", corners}},
           {std::move(out)});
}

void add_grid_sample(Builder& b) {
  const int x = b.input(b.type_of(only(Type::f32) | only(Type::f64)),
                        {b.pick(1, 2), b.pick(1, 3), b.pick(2, 5), b.pick(2, 5)});
  const int grid =
      b.parameter(b.type(x), {b.dims_of(x)[0], b.pick(1, 4), b.pick(1, 4), 2}, -1.25, 1.25);
  const bool corners = b.chance(50), border = b.chance(50);
  Result out{b.type(x), grid_sample(b.array(x), b.array(grid), corners, border)};
  out.work = 10 * b.top(x);  // the slope of places
  out.single = true;
  b.finish("GridSample", {x, grid},
           {{"mode", "linear"},
            {"padding_mode", border ? "border" : "zeros"},
            {"align_corners", corners}},
           {std::move(out)});
}

}  // namespace

std::vector<Operator> sampling_operators() {
  return {{"Resize", add_resize}, {"AffineGrid", add_affine_grid}, {"GridSample", add_grid_sample}};
}

}  // namespace halyard::fuzz
