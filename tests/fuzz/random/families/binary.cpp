// Arithmetic of operands that broadcast.
#include <algorithm>
#include <cmath>

#include "tests/fuzz/random/families/families.hpp"
#include "tests/fuzz/random/reference/reference.hpp"

namespace halyard::fuzz {
namespace {

using Of2 = std::function<double(double, double)>;

double least(const Array& a) {
  double out = 1e9;
  for (const double v : a.data) out = std::min(out, std::fabs(v));
  return out;
}

void add(Builder& b, const char* op, int x, int y, const Of2& f, double gain,
         std::vector<Attribute> attributes = {}) {
  b.finish(op, {x, y}, std::move(attributes),
           {{b.type(x), reference::binary(f, b.array(x), b.array(y)), gain}});
}

void add_plain(Builder& b, const char* op, const Of2& f) {
  const int x = b.operand(kNumbers);
  add(b, op, x, b.partner(x), f, 2);  // both operands differ
}

void add_mul(Builder& b) {
  const int x = b.operand(kNumbers), y = b.partner(x);
  add(
      b, "Mul", x, y, [](double p, double q) { return p * q; }, b.top(x) + b.top(y));
}

void add_div(Builder& b) {
  const int x = b.operand(kNumbers), y = b.partner(x);
  const double d = least(b.array(y));
  if (!is_float(b.type(x))) {
    if (d == 0) return;
    return add(
        b, "Div", x, y, [](double p, double q) { return std::trunc(p / q); }, 0);
  }
  if (d < 0.25) return;
  add(
      b, "Div", x, y, [](double p, double q) { return p / q; }, 1 / d + b.top(x) / (d * d));
}

void add_pow(Builder& b) {
  const int x = b.operand(kFloats | kWide);
  const bool ints = !is_float(b.type(x));
  if (!ints && !b.within(x, 0.25, 4)) return;
  const Type t = ints ? b.type(x) : b.chance(70) ? b.type(x) : b.type_of(kFloats | kWide);
  const double most = ints || !is_float(t) ? 3 : 2;
  const int y = b.parameter(t, b.smaller(b.dims_of(x)), ints ? 0 : -most, most);
  // d/dx and d/dy of x^y, for x in 1/4..4 and |y| up to 3.
  Array z =
      reference::binary([](double p, double q) { return std::pow(p, q); }, b.array(x), b.array(y));
  const double gain = ints ? 0 : largest(z) * (3 / 0.25 + std::log(4.0));
  b.finish("Pow", {x, y}, {}, {{b.type(x), std::move(z), gain}});
}

void add_mod(Builder& b) {
  const int x = b.operand(kNumbers), y = b.partner(x);
  if (least(b.array(y)) == 0) return;
  // A remainder jumps at each multiple, so of floats it is only taken of what is exact.
  if (is_float(b.type(x)) && !(b.exact(x) && b.exact(y))) return;
  const bool as_c = is_float(b.type(x)) || b.chance(50);
  const Of2 f = [=](double p, double q) {
    const double r = std::fmod(p, q);
    return !as_c && r != 0 && (r < 0) != (q < 0) ? r + q : r;
  };
  add(b, "Mod", x, y, f, 0, {{"fmod", as_c}});
}

void add_extreme(Builder& b, const char* op, const Of2& f) {
  std::vector<int> inputs = {b.operand(kNumbers)};
  const int64_t more = b.pick(0, 2);
  for (int64_t i = 0; i < more; ++i) inputs.push_back(b.partner(inputs[0]));
  Result y{b.type(inputs[0]), b.array(inputs[0])};
  for (size_t i = 1; i < inputs.size(); ++i)
    y.array = reference::binary(f, y.array, b.array(inputs[i]));
  y.rounds = false;
  b.finish(op, inputs, {}, {std::move(y)});
}

void add_bits(Builder& b, const char* op, const std::function<int64_t(int64_t, int64_t)>& f) {
  const int x = b.operand(kInts);
  add(
      b, op, x, b.partner(x),
      [=](double p, double q) {
        return static_cast<double>(f(static_cast<int64_t>(p), static_cast<int64_t>(q)));
      },
      0);
}

void add_shift(Builder& b) {
  const int x = b.operand(only(Type::u8));
  const int y = b.parameter(Type::u8, b.smaller(b.dims_of(x)), 0, 4);
  const bool left = b.chance(50);
  // What leaves the eight bits is lost.
  const Of2 f = [=](double p, double q) {
    return left ? std::fmod(std::ldexp(p, static_cast<int>(q)), 256)
                : std::floor(std::ldexp(p, -static_cast<int>(q)));
  };
  add(b, "BitShift", x, y, f, 0, {{"direction", left ? "LEFT" : "RIGHT"}});
}

void add_prelu(Builder& b) {
  const int x = b.operand(kFloats);
  const int slope = b.parameter(b.type(x), b.smaller(b.dims_of(x)), -1, 2);
  add(
      b, "PRelu", x, slope, [](double p, double s) { return p < 0 ? s * p : p; }, 2);
}

}  // namespace

std::vector<Operator> binary_operators() {
  return {
      {"Add", [](Builder& b) { add_plain(b, "Add", [](double p, double q) { return p + q; }); }},
      {"Sub", [](Builder& b) { add_plain(b, "Sub", [](double p, double q) { return p - q; }); }},
      {"Mul", add_mul},
      {"Div", add_div},
      {"Pow", add_pow},
      {"Mod", add_mod},
      {"Min",
       [](Builder& b) {
         add_extreme(b, "Min", [](double p, double q) { return std::min(p, q); });
       }},
      {"Max",
       [](Builder& b) {
         add_extreme(b, "Max", [](double p, double q) { return std::max(p, q); });
       }},
      {"BitwiseAnd",
       [](Builder& b) { add_bits(b, "BitwiseAnd", [](int64_t p, int64_t q) { return p & q; }); }},
      {"BitwiseOr",
       [](Builder& b) { add_bits(b, "BitwiseOr", [](int64_t p, int64_t q) { return p | q; }); }},
      {"BitwiseXor",
       [](Builder& b) { add_bits(b, "BitwiseXor", [](int64_t p, int64_t q) { return p ^ q; }); }},
      {"BitShift", add_shift},
      {"PRelu", add_prelu}};
}

}  // namespace halyard::fuzz
