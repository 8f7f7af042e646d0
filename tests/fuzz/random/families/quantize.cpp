// Quantisation, and products of quantised operands. Scales are powers of two, so that what is halfway
// between two integers is so in every precision.
#include <algorithm>
#include <cmath>

#include "tests/fuzz/random/families/families.hpp"
#include "tests/fuzz/random/families/windows.hpp"
#include "tests/fuzz/random/reference/reference.hpp"

namespace halyard::fuzz {
namespace {

double low_of(Type t) { return facts(t).low; }
double high_of(Type t) { return facts(t).high; }

Array quantized(const Array& x, const Array& scale, const Array& zero, Type to) {
  Array y = reference::binary([](double v, double s) { return std::nearbyint(v / s); }, x, scale);
  y = reference::binary([](double v, double z) { return v + z; }, y, zero);
  return reference::unary([=](double v) { return std::clamp(v, low_of(to), high_of(to)); }, y);
}

Array powers(Builder& b, const Dims& dims) {
  Array out{dims, {}};
  for (int64_t i = 0; i < count_of(dims); ++i)
    out.data.push_back(std::ldexp(1.0, static_cast<int>(b.pick(-4, 1))));
  return out;
}

/// A vector along an axis of that rank, as dims that broadcast.
Array along(Array v, int64_t axis, int64_t rank) {
  if (v.dims.empty()) return v;
  Dims dims(static_cast<size_t>(rank), 1);
  dims[static_cast<size_t>(axis)] = v.dims[0];
  v.dims = dims;
  return v;
}

struct Grid {
  int scale = kAbsent, zero = kAbsent;
  int64_t axis = 0;
};

Grid grid_for(Builder& b, int x, Type float_type, Type zero_type) {
  Grid g;
  const bool one = b.rank(x) == 0 || b.chance(50);
  g.axis = one ? 0 : b.pick(0, b.rank(x) - 1);
  const Dims dims = one ? Dims{} : Dims{b.dims_of(x)[static_cast<size_t>(g.axis)]};
  g.scale = b.constant(float_type, powers(b, dims));
  g.zero = b.parameter(zero_type, dims, -9, 9);
  return g;
}

void add_quantize(Builder& b) {
  const int x = b.operand(only(Type::f32), 0);
  if (!b.exact(x)) return;
  const Type to = b.type_of(kBytes);
  const Grid g = grid_for(b, x, Type::f32, to);
  std::vector<Attribute> attributes;
  if (b.rank(x) > 0) attributes.push_back({"axis", b.either_axis(g.axis, b.rank(x))});
  b.finish("QuantizeLinear", {x, g.scale, g.zero}, attributes,
           {{to, quantized(b.array(x), along(b.array(g.scale), g.axis, b.rank(x)),
                           along(b.array(g.zero), g.axis, b.rank(x)), to)}});
}

void add_dequantize(Builder& b) {
  const int x = b.operand(kBytes);
  const Type to = b.type_of(only(Type::f32) | only(Type::f16));
  const Grid g = grid_for(b, x, to, b.type(x));
  const bool zero = b.chance(70);
  Array y = b.array(x);
  if (zero)
    y = reference::binary([](double v, double z) { return v - z; }, y,
                          along(b.array(g.zero), g.axis, b.rank(x)));
  y = reference::binary([](double v, double s) { return v * s; }, y,
                        along(b.array(g.scale), g.axis, b.rank(x)));
  std::vector<int> inputs = {x, g.scale};
  if (zero) inputs.push_back(g.zero);
  std::vector<Attribute> attributes;
  if (b.rank(x) > 0) attributes.push_back({"axis", b.either_axis(g.axis, b.rank(x))});
  b.finish("DequantizeLinear", inputs, attributes, {{to, std::move(y)}});
}

void add_dynamic_quantize(Builder& b) {
  const int x = b.operand(only(Type::f32), 1);
  double low = 0, high = 0;
  for (const double v : b.array(x).data) {
    low = std::min(low, v);
    high = std::max(high, v);
  }
  const double scale = (high - low) / 255;
  if (scale < 0.001) return;
  // What f32 may round to either side is not made.
  const double margin = 0.002 + 3 * b.value(x).error / scale;
  const auto near_half = [=](double v) { return std::fabs(v - std::floor(v) - 0.5) < margin; };
  if (near_half(-low / scale)) return;
  const double zero = std::nearbyint(-low / scale);
  for (const double v : b.array(x).data)
    if (near_half(v / scale)) return;
  Result s{Type::f32, {{}, {scale}}};
  s.gain = 2.0 / 255;
  const Array step{{}, {scale}}, offset{{}, {zero}};
  b.finish("DynamicQuantizeLinear", {x}, {},
           {{Type::u8, quantized(b.array(x), step, offset, Type::u8)},
            std::move(s),
            {Type::u8, offset}});
}

Array minus_zero(const Array& x, const Array* zero) {
  if (!zero) return x;
  return reference::binary([](double v, double z) { return v - z; }, x, *zero);
}

void add_integer_product(Builder& b) {
  const int x = b.operand(kBytes, 2, 4);
  const int y = b.parameter(b.type_of(kBytes), {b.dims_of(x).back(), b.pick(1, 5)}, -9, 9);
  std::vector<int> inputs = {x, y};
  if (b.chance(70)) inputs.push_back(b.parameter(b.type(x), {}, -3, 9));
  if (inputs.size() > 2 && b.chance(70))
    inputs.push_back(b.parameter(b.type(y), b.chance(50) ? Dims{} : Dims{b.dims_of(y)[1]}, -3, 9));
  const Array* zx = inputs.size() > 2 ? &b.array(inputs[2]) : nullptr;
  const Array* zy = inputs.size() > 3 ? &b.array(inputs[3]) : nullptr;
  b.finish(
      "MatMulInteger", inputs, {},
      {{Type::i32, reference::matmul(minus_zero(b.array(x), zx), minus_zero(b.array(y), zy))}});
}

void add_integer_conv(Builder& b) {
  const int x = image(b, kBytes);
  const RandomWindow r =
      random_window(b, {b.dims_of(x).begin() + 2, b.dims_of(x).end()}, true, false);
  Dims dims = {b.pick(1, 3), b.dims_of(x)[1]};
  dims.insert(dims.end(), r.window.kernel.begin(), r.window.kernel.end());
  const int w = b.parameter(b.type_of(kBytes), dims, -9, 9);
  std::vector<int> inputs = {x, w};
  if (b.chance(70)) inputs.push_back(b.parameter(b.type(x), {}, -3, 9));
  const Array* zx = inputs.size() > 2 ? &b.array(inputs[2]) : nullptr;
  b.finish(
      "ConvInteger", inputs, r.attributes,
      {{Type::i32, reference::conv(minus_zero(b.array(x), zx), b.array(w), nullptr, r.window, 1)}});
}

void add_quantized_product(Builder& b) {
  const int x = b.operand(kBytes, 2, 3);
  const Type t = b.type(x);
  const int y = b.parameter(b.type_of(kBytes), {b.dims_of(x).back(), b.pick(1, 5)}, -9, 9);
  const Type to = t;
  std::vector<int> scales, zeros;
  for (const Type z : {t, b.type(y), to}) {
    scales.push_back(b.constant(Type::f32, powers(b, {})));
    zeros.push_back(b.parameter(z, {}, -3, 9));
  }
  Array z = reference::matmul(minus_zero(b.array(x), &b.array(zeros[0])),
                              minus_zero(b.array(y), &b.array(zeros[1])));
  const double s = b.array(scales[0]).data[0] * b.array(scales[1]).data[0];
  z = reference::unary([=](double v) { return v * s; }, z);
  b.finish("QLinearMatMul", {x, scales[0], zeros[0], y, scales[1], zeros[1], scales[2], zeros[2]},
           {}, {{to, quantized(z, b.array(scales[2]), b.array(zeros[2]), to)}});
}

void add_quantized_conv(Builder& b) {
  const int x = image(b, kBytes);
  const Type t = b.type(x);
  const RandomWindow r =
      random_window(b, {b.dims_of(x).begin() + 2, b.dims_of(x).end()}, true, false);
  const int64_t maps = b.pick(1, 3);
  Dims dims = {maps, b.dims_of(x)[1]};
  dims.insert(dims.end(), r.window.kernel.begin(), r.window.kernel.end());
  const int w = b.parameter(b.type_of(kBytes), dims, -9, 9);
  const int sx = b.constant(Type::f32, powers(b, {})), sy = b.constant(Type::f32, powers(b, {}));
  const int sw = b.constant(Type::f32, powers(b, b.chance(50) ? Dims{} : Dims{maps}));
  const int zx = b.parameter(t, {}, -3, 9), zy = b.parameter(t, {}, -3, 9);
  const int zw = b.parameter(b.type(w), b.dims_of(sw), 0, 0);
  std::vector<int> inputs = {x, sx, zx, w, sw, zw, sy, zy};
  const int bias = b.chance(50) ? b.parameter(Type::i32, {maps}, -50, 50) : kAbsent;
  if (bias != kAbsent) inputs.push_back(bias);
  Array y = reference::conv(minus_zero(b.array(x), &b.array(zx)), b.array(w),
                            bias == kAbsent ? nullptr : &b.array(bias), r.window, 1);
  y = reference::binary([](double v, double s) { return v * s; }, y,
                        along(b.array(sw), 1, b.rank(x)));
  y = reference::binary([](double v, double s) { return v * s; }, y, b.array(sx));
  b.finish("QLinearConv", inputs, r.attributes, {{t, quantized(y, b.array(sy), b.array(zy), t)}});
}

}  // namespace

std::vector<Operator> quantize_operators() {
  return {{"QuantizeLinear", add_quantize},
          {"DequantizeLinear", add_dequantize},
          {"DynamicQuantizeLinear", add_dynamic_quantize},
          {"MatMulInteger", add_integer_product},
          {"ConvInteger", add_integer_conv},
          {"QLinearMatMul", add_quantized_product},
          {"QLinearConv", add_quantized_conv}};
}

}  // namespace halyard::fuzz
