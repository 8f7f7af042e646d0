// Normalisations and softmaxes. What has next to no spread is not normalised here: its division by nearly
// nothing shows rounding alone.
#include <algorithm>
#include <cmath>

#include "tests/fuzz/random/families/families.hpp"
#include "tests/fuzz/random/reference/reference.hpp"

namespace halyard::fuzz {
namespace {

constexpr double kLeastVariance = 0.05;

/// Over groups of elements that share their place on the kept axes: (x - mean) / sqrt(var + eps), or
/// x / sqrt(mean of squares + eps).
struct Spread {
  Array y;
  double gain = 1;  // the largest 1/deviation, twice: the mean moves too
  bool wide = true;
};

Spread normalized(const Array& x, const std::vector<int64_t>& axes, double epsilon, bool centred,
                  double to_deviation = 0) {
  Spread out;
  Array c = x;
  const auto minus = [](double p, double q) { return p - q; };
  if (centred) c = reference::binary(minus, x, reference::reduce("ReduceMean", x, axes, true));
  const Array squares = reference::unary([](double v) { return v * v; }, c);
  const Array variance = reference::reduce("ReduceMean", squares, axes, true);
  for (const double v : variance.data) {
    out.wide = out.wide && v >= kLeastVariance;
    out.gain = std::max(out.gain, 2 / std::sqrt(v));
  }
  out.y = reference::binary(
      [=](double p, double v) { return p / (std::sqrt(v + epsilon) + to_deviation); }, c, variance);
  return out;
}

Array scaled(const Array& x, const Array& scale, const Array* bias) {
  Array y = reference::binary([](double p, double q) { return p * q; }, x, scale);
  return bias ? reference::binary([](double p, double q) { return p + q; }, y, *bias) : y;
}

/// A vector as [1, n, 1, ...] of that rank.
Array on_channels(Array v, int64_t rank) {
  v.dims = {1, v.dims[0]};
  for (int64_t i = 2; i < rank; ++i) v.dims.push_back(1);
  return v;
}

std::vector<int64_t> axes_from(int64_t first, int64_t rank) {
  std::vector<int64_t> out;
  for (int64_t a = first; a < rank; ++a) out.push_back(a);
  return out;
}

void finish(Builder& b, const char* op, std::vector<int> inputs, std::vector<Attribute> attributes,
            Array y, double gain, bool single) {
  Result r{b.type(inputs[0]), std::move(y), gain};
  r.work = gain * b.top(inputs[0]) * 2;
  r.single = single;
  b.finish(op, std::move(inputs), std::move(attributes), {std::move(r)});
}

void add_softmax(Builder& b, const char* op, bool log) {
  const int x = b.operand(kFloats, 1);
  const int64_t axis = b.pick(0, b.rank(x) - 1);
  b.finish(op, {x}, {{"axis", b.either_axis(axis, b.rank(x))}},
           {{b.type(x), reference::softmax(b.array(x), axis, log), 2}});
}

void add_hardmax(Builder& b) {
  const int x = b.operand(kFloats, 1);
  const int64_t axis = b.pick(0, b.rank(x) - 1);
  if (!reference::distinct(b.array(x), axis, 2 * b.value(x).error)) return;
  b.finish("Hardmax", {x}, {{"axis", b.either_axis(axis, b.rank(x))}},
           {{b.type(x), reference::hardmax(b.array(x), axis), 0, false}});
}

void add_layer(Builder& b, const char* op, bool centred) {
  const int x = b.operand(kFloats, 1);
  const int64_t axis = b.pick(0, b.rank(x) - 1);
  const double epsilon = b.real(0.0625, 0.5);
  Spread s = normalized(b.array(x), axes_from(axis, b.rank(x)), epsilon, centred);
  if (!s.wide) return;
  const Dims dims(b.dims_of(x).begin() + axis, b.dims_of(x).end());
  std::vector<int> inputs = {x, b.parameter(b.type(x), dims, -2, 2)};
  if (centred && b.chance(60)) inputs.push_back(b.parameter(b.type(x), dims, -2, 2));
  Array y = scaled(s.y, b.array(inputs[1]), inputs.size() > 2 ? &b.array(inputs[2]) : nullptr);
  finish(b, op, inputs, {{"axis", b.either_axis(axis, b.rank(x))}, {"epsilon", epsilon}},
         std::move(y), s.gain * 2, true);
}

void add_instance(Builder& b) {
  const int x = b.operand(kFloats, 3);
  const double epsilon = b.real(0.0625, 0.5);
  Spread s = normalized(b.array(x), axes_from(2, b.rank(x)), epsilon, true);
  if (!s.wide) return;
  const int scale = b.parameter(b.type(x), {b.dims_of(x)[1]}, -2, 2);
  const int bias = b.parameter(b.type(x), {b.dims_of(x)[1]}, -2, 2);
  const Array offset = on_channels(b.array(bias), b.rank(x));
  Array y = scaled(s.y, on_channels(b.array(scale), b.rank(x)), &offset);
  finish(b, "InstanceNormalization", {x, scale, bias}, {{"epsilon", epsilon}}, std::move(y),
         s.gain * 2, false);
}

void add_group(Builder& b) {
  const int x = b.operand(kFloats, 3);
  const int64_t channels = b.dims_of(x)[1], groups = b.pick(1, channels);
  if (channels % groups != 0) return;
  const double epsilon = b.real(0.0625, 0.5);
  Array grouped = b.array(x);
  grouped.dims = {b.dims_of(x)[0] * groups, count_of(b.dims_of(x)) / (b.dims_of(x)[0] * groups)};
  Spread s = normalized(grouped, {1}, epsilon, true);
  if (!s.wide) return;
  s.y.dims = b.dims_of(x);
  const int scale = b.parameter(b.type(x), {channels}, -2, 2);
  const int bias = b.parameter(b.type(x), {channels}, -2, 2);
  const Array offset = on_channels(b.array(bias), b.rank(x));
  Array y = scaled(s.y, on_channels(b.array(scale), b.rank(x)), &offset);
  finish(b, "GroupNormalization", {x, scale, bias}, {{"num_groups", groups}, {"epsilon", epsilon}},
         std::move(y), s.gain * 2, true);
}

void add_batch(Builder& b) {
  const int x = b.operand(kFloats, 2);
  const Type t = b.type(x);
  const Dims dims = {b.dims_of(x)[1]};
  const double epsilon = b.real(0.0625, 0.5);
  const int scale = b.parameter(t, dims, -2, 2), bias = b.parameter(t, dims, -2, 2);
  const int mean = b.parameter(t, dims, -2, 2), variance = b.parameter(t, dims, 0.25, 3);
  const auto wide = [&](int v) { return on_channels(b.array(v), b.rank(x)); };
  Array y = reference::binary([](double p, double m) { return p - m; }, b.array(x), wide(mean));
  y = reference::binary([=](double p, double v) { return p / std::sqrt(v + epsilon); }, y,
                        wide(variance));
  const Array offset = wide(bias);
  finish(b, "BatchNormalization", {x, scale, bias, mean, variance}, {{"epsilon", epsilon}},
         scaled(y, wide(scale), &offset), 4, false);
}

void add_mean_variance(Builder& b) {
  const int x = b.operand(kFloats, 2);
  std::vector<int64_t> axes;
  for (int64_t a = 0; a < b.rank(x); ++a)
    if (b.chance(60)) axes.push_back(a);
  if (axes.empty()) return;
  // The standard's function adds 1e-9 to the deviation, which f64 shows.
  Spread s = normalized(b.array(x), axes, 0, true, 1e-9);
  if (!s.wide) return;
  finish(b, "MeanVarianceNormalization", {x}, {{"axes", axes}}, std::move(s.y), s.gain, false);
}

void add_lp(Builder& b) {
  const int x = b.operand(kFloats, 1);
  const int64_t axis = b.pick(0, b.rank(x) - 1), p = b.pick(1, 2);
  const Array norm = reference::reduce(p == 1 ? "ReduceL1" : "ReduceL2", b.array(x), {axis}, true);
  double least = 1e9;
  for (const double v : norm.data) least = std::min(least, v);
  if (least < 0.25) return;
  const auto n = static_cast<double>(b.dims_of(x)[static_cast<size_t>(axis)]);
  finish(b, "LpNormalization", {x}, {{"axis", b.either_axis(axis, b.rank(x))}, {"p", p}},
         reference::binary([](double v, double d) { return v / d; }, b.array(x), norm),
         (n + 1) / least, false);
}

void add_lrn(Builder& b) {
  const int x = b.operand(kFloats, 3);
  const int64_t size = b.pick(1, 4);
  const double alpha = b.real(0.0625, 1), beta = b.real(0.25, 1), bias = b.real(0.5, 2);
  finish(b, "LRN", {x}, {{"size", size}, {"alpha", alpha}, {"beta", beta}, {"bias", bias}},
         reference::lrn(b.array(x), size, alpha, beta, bias), (1 + b.top(x)) / std::pow(bias, 2),
         false);
}

}  // namespace

std::vector<Operator> normalize_operators() {
  return {{"Softmax", [](Builder& b) { add_softmax(b, "Softmax", false); }},
          {"LogSoftmax", [](Builder& b) { add_softmax(b, "LogSoftmax", true); }},
          {"Hardmax", add_hardmax},
          {"LayerNormalization", [](Builder& b) { add_layer(b, "LayerNormalization", true); }},
          {"RMSNormalization", [](Builder& b) { add_layer(b, "RMSNormalization", false); }},
          {"InstanceNormalization", add_instance},
          {"GroupNormalization", add_group},
          {"BatchNormalization", add_batch},
          {"MeanVarianceNormalization", add_mean_variance},
          {"LpNormalization", add_lp},
          {"LRN", add_lrn}};
}

}  // namespace halyard::fuzz
