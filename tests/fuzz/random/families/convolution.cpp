// Convolutions and their transposes, of one to three spatial axes.
#include <algorithm>
#include <cmath>

#include "tests/fuzz/random/families/families.hpp"
#include "tests/fuzz/random/families/windows.hpp"
#include "tests/fuzz/random/reference/reference.hpp"

namespace halyard::fuzz {
namespace {

int64_t group_for(Builder& b, int64_t channels) {
  for (;;)
    if (const int64_t g = b.chance(60) ? 1 : b.pick(1, channels); channels % g == 0) return g;
}

Result convolved(Builder& b, int x, int w, int bias, Array y) {
  Result out{b.type(x), std::move(y)};
  const auto terms = static_cast<double>(count_of(b.dims_of(w)));
  out.gain = terms * b.top(w);
  out.work = terms * b.top(w) * b.top(x) + (bias == kAbsent ? 0 : b.top(bias));
  return out;
}

void add_conv(Builder& b) {
  const int x = image(b, kFloats);
  const Dims spatial(b.dims_of(x).begin() + 2, b.dims_of(x).end());
  RandomWindow r = random_window(b, spatial, true, false);
  const int64_t channels = b.dims_of(x)[1], group = group_for(b, channels);
  Dims dims = {group * b.pick(1, 2), channels / group};
  dims.insert(dims.end(), r.window.kernel.begin(), r.window.kernel.end());
  const int w = b.parameter(b.type(x), dims, -1, 1);
  const int bias = b.chance(50) ? b.parameter(b.type(x), {dims[0]}, -2, 2) : kAbsent;
  std::vector<int> inputs = {x, w};
  if (bias != kAbsent) inputs.push_back(bias);
  r.attributes.push_back({"group", group});
  Array y = reference::conv(b.array(x), b.array(w), bias == kAbsent ? nullptr : &b.array(bias),
                            r.window, group);
  b.finish("Conv", inputs, r.attributes, {convolved(b, x, w, bias, std::move(y))});
}

void add_conv_transpose(Builder& b) {
  const int x = image(b, kFloats);
  const Dims spatial(b.dims_of(x).begin() + 2, b.dims_of(x).end());
  const int64_t channels = b.dims_of(x)[1], group = group_for(b, channels);
  reference::Window w;
  std::vector<int64_t> extra;
  for (const int64_t d : spatial) {
    w.kernel.push_back(b.pick(1, 3));
    w.strides.push_back(b.pick(1, 2));
    w.dilations.push_back(b.chance(80) ? 1 : 2);
    extra.push_back(b.chance(70) ? 0
                                 : b.pick(0, std::max(w.strides.back(), w.dilations.back()) - 1));
    const int64_t full =
        (d - 1) * w.strides.back() + (w.kernel.back() - 1) * w.dilations.back() + 1;
    const int64_t most = std::min(w.kernel.back() - 1, (full - 1) / 2);
    w.begin.push_back(b.pick(0, most));
    w.end.push_back(b.pick(0, most));
  }
  Dims dims = {channels, b.pick(1, 2)};
  dims.insert(dims.end(), w.kernel.begin(), w.kernel.end());
  const int weight = b.parameter(b.type(x), dims, -1, 1);
  const int bias = b.chance(50) ? b.parameter(b.type(x), {dims[1] * group}, -2, 2) : kAbsent;
  std::vector<int> inputs = {x, weight};
  if (bias != kAbsent) inputs.push_back(bias);
  std::vector<int64_t> pads = w.begin;
  pads.insert(pads.end(), w.end.begin(), w.end.end());
  Array y = reference::conv_transpose(b.array(x), b.array(weight),
                                      bias == kAbsent ? nullptr : &b.array(bias), w, extra, group);
  b.finish("ConvTranspose", inputs,
           {{"kernel_shape", w.kernel},
            {"strides", w.strides},
            {"dilations", w.dilations},
            {"pads", pads},
            {"output_padding", extra},
            {"group", group}},
           {convolved(b, x, weight, bias, std::move(y))});
}

}  // namespace

std::vector<Operator> convolution_operators() {
  return {{"Conv", add_conv}, {"ConvTranspose", add_conv_transpose}};
}

}  // namespace halyard::fuzz
