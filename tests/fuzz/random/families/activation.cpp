// One operand and attributes that shape the curve.
#include <algorithm>
#include <cmath>

#include "tests/fuzz/random/families/families.hpp"
#include "tests/fuzz/random/reference/reference.hpp"

namespace halyard::fuzz {
namespace {

using Curve = std::function<double(double)>;

void add(Builder& b, const char* op, int x, const Curve& f, double slope,
         std::vector<Attribute> attributes) {
  b.finish(op, {x}, std::move(attributes), {{b.type(x), reference::unary(f, b.array(x)), slope}});
}

void add_leaky_relu(Builder& b) {
  const double a = b.real(-1, 2);
  add(b, "LeakyRelu", b.operand(kFloats), [=](double x) { return x < 0 ? a * x : x; },
      std::max(1.0, std::fabs(a)), {{"alpha", a}});
}

void add_elu(Builder& b) {
  const double a = b.real(0.25, 2);
  add(b, "Elu", b.operand(kFloats), [=](double x) { return x < 0 ? a * std::expm1(x) : x; },
      std::max(1.0, a), {{"alpha", a}});
}

void add_celu(Builder& b) {
  const double a = b.real(0.25, 2);
  add(b, "Celu", b.operand(kFloats),
      [=](double x) { return std::max(0.0, x) + std::min(0.0, a * std::expm1(x / a)); }, 1,
      {{"alpha", a}});
}

void add_selu(Builder& b) {
  const double a = b.real(0.5, 2), g = b.real(0.5, 2);
  add(b, "Selu", b.operand(kFloats), [=](double x) { return g * (x > 0 ? x : a * std::expm1(x)); },
      g * std::max(1.0, a), {{"alpha", a}, {"gamma", g}});
}

void add_hard_sigmoid(Builder& b) {
  const double a = b.real(0.125, 1), c = b.real(0, 1);
  add(b, "HardSigmoid", b.operand(kFloats),
      [=](double x) { return std::clamp(a * x + c, 0.0, 1.0); }, a, {{"alpha", a}, {"beta", c}});
}

void add_thresholded_relu(Builder& b) {
  const double a = b.real(-1, 2);
  const int x = b.operand(kFloats);
  if (!b.clear(x, [=](double v) { return std::fabs(v - a); })) return;
  add(b, "ThresholdedRelu", x, [=](double v) { return v > a ? v : 0; }, 1, {{"alpha", a}});
}

void add_shrink(Builder& b) {
  const double l = b.real(0, 2), bias = b.real(-1, 1);
  const int x = b.operand(kFloats);
  if (!b.clear(x, [=](double v) { return std::fabs(std::fabs(v) - l); })) return;
  add(b, "Shrink", x, [=](double v) { return v < -l  ? v + bias
                                             : v > l ? v - bias
                                                     : 0; }, 1,
      {{"lambd", l}, {"bias", bias}});
}

void add_gelu(Builder& b) {
  constexpr double kPi = 3.14159265358979323846;
  const bool tanh = b.chance(50);
  const Curve exact = [](double x) { return x / 2 * (1 + std::erf(x / std::sqrt(2.0))); };
  const Curve near = [](double x) {
    return x / 2 * (1 + std::tanh(std::sqrt(2 / kPi) * (x + 0.044715 * x * x * x)));
  };
  const int x = b.operand(kFloats);
  // The cube of the inner term is what f32 rounds.
  if (!b.within(x, -30, 30)) return;
  add(b, "Gelu", x, tanh ? near : exact, 1.2, {{"approximate", tanh ? "tanh" : "none"}});
}

void add_swish(Builder& b) {
  const double a = b.real(0.25, 2);
  add(b, "Swish", b.operand(kFloats), [=](double x) { return x / (1 + std::exp(-a * x)); }, 1.2,
      {{"alpha", a}});
}

void add_clip(Builder& b) {
  const int x = b.operand(kNumbers);
  const Type t = b.type(x);
  double low = facts(t).low, high = facts(t).high;
  int l = kAbsent, h = kAbsent;
  if (b.chance(70)) {
    low = t == Type::u8 ? 2 : -static_cast<double>(b.pick(0, 3));
    l = b.scalar(t, low);
  }
  if (b.chance(70)) {
    high = static_cast<double>(b.pick(2, 5));
    h = b.scalar(t, high);
  }
  std::vector<int> inputs = {x};
  if (l != kAbsent || h != kAbsent) inputs.push_back(l);
  if (h != kAbsent) inputs.push_back(h);
  Result y{t, reference::unary([=](double v) { return std::clamp(v, low, high); }, b.array(x))};
  y.rounds = false;
  b.finish("Clip", inputs, {}, {std::move(y)});
}

}  // namespace

std::vector<Operator> activation_operators() {
  return {{"LeakyRelu", add_leaky_relu},
          {"Elu", add_elu},
          {"Celu", add_celu},
          {"Selu", add_selu},
          {"HardSigmoid", add_hard_sigmoid},
          {"ThresholdedRelu", add_thresholded_relu},
          {"Shrink", add_shrink},
          {"Gelu", add_gelu},
          {"Swish", add_swish},
          {"Clip", add_clip}};
}

}  // namespace halyard::fuzz
