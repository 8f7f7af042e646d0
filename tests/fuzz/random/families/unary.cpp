// One operand, no attributes.
#include <algorithm>
#include <cmath>

#include "tests/fuzz/random/families/families.hpp"
#include "tests/fuzz/random/reference/reference.hpp"

namespace halyard::fuzz {
namespace {

constexpr double kAny = 1 << 20;

struct Row {
  const char* op;
  std::function<double(double)> f;
  double low, high;  // the operand must lie here
  double slope;      // the largest derivative there
  Types types;
  std::function<double(double)>
      distance{};  // of an element to the nearest step, where there are any
};

double to_integer(double x) { return std::fabs(x - std::nearbyint(x)); }

const std::vector<Row>& rows() {
  static const std::vector<Row> list = {
      {"Abs", [](double x) { return std::fabs(x); }, -kAny, kAny, 1, kNumbers},
      {"Neg", [](double x) { return -x; }, -kAny, kAny, 1, kNumbers & ~only(Type::u8)},
      {"Sign", [](double x) { return x > 0   ? 1.0
                                     : x < 0 ? -1.0
                                             : 0.0; }, -kAny, kAny, 0, kNumbers,
       [](double x) { return std::fabs(x); }},
      {"Ceil", [](double x) { return std::ceil(x); }, -kAny, kAny, 0, kFloats, to_integer},
      {"Floor", [](double x) { return std::floor(x); }, -kAny, kAny, 0, kFloats, to_integer},
      // To even, which is the mode that programs start in.
      {"Round", [](double x) { return std::nearbyint(x); }, -kAny, kAny, 0, kFloats,
       [](double x) { return to_integer(x + 0.5); }},
      {"Sqrt", [](double x) { return std::sqrt(x); }, 0.0625, kAny, 2, kFloats},
      {"Reciprocal", [](double x) { return 1 / x; }, 0.25, kAny, 16, kFloats},
      {"Exp", [](double x) { return std::exp(x); }, -10, 3, 21, kFloats},
      {"Log", [](double x) { return std::log(x); }, 0.125, kAny, 8, kFloats},
      {"Sin", [](double x) { return std::sin(x); }, -10, 10, 1, kFloats},
      {"Cos", [](double x) { return std::cos(x); }, -10, 10, 1, kFloats},
      {"Tan", [](double x) { return std::tan(x); }, -1.25, 1.25, 10.1, kFloats},
      {"Asin", [](double x) { return std::asin(x); }, -0.875, 0.875, 2.1, kFloats},
      {"Acos", [](double x) { return std::acos(x); }, -0.875, 0.875, 2.1, kFloats},
      {"Atan", [](double x) { return std::atan(x); }, -kAny, kAny, 1, kFloats},
      {"Sinh", [](double x) { return std::sinh(x); }, -4, 4, 27.4, kFloats},
      {"Cosh", [](double x) { return std::cosh(x); }, -4, 4, 27.4, kFloats},
      {"Tanh", [](double x) { return std::tanh(x); }, -kAny, kAny, 1, kFloats},
      {"Asinh", [](double x) { return std::asinh(x); }, -kAny, kAny, 1, kFloats},
      {"Acosh", [](double x) { return std::acosh(x); }, 1.125, kAny, 2, kFloats},
      {"Atanh", [](double x) { return std::atanh(x); }, -0.875, 0.875, 4.3, kFloats},
      {"Erf", [](double x) { return std::erf(x); }, -kAny, kAny, 1.2, kFloats},
      {"Sigmoid", [](double x) { return 1 / (1 + std::exp(-x)); }, -kAny, kAny, 1, kFloats},
      {"Relu", [](double x) { return std::max(x, 0.0); }, -kAny, kAny, 1, kFloats | kWide},
      {"Softplus", [](double x) { return std::log1p(std::exp(x)); }, -20, 20, 1, kFloats},
      {"Softsign", [](double x) { return x / (1 + std::fabs(x)); }, -kAny, kAny, 1, kFloats},
      {"Mish", [](double x) { return x * std::tanh(std::log1p(std::exp(x))); }, -20, 20, 1.1,
       kFloats},
      {"HardSwish", [](double x) { return x * std::clamp(x / 6 + 0.5, 0.0, 1.0); }, -kAny, kAny,
       1.5, kFloats},
      {"Identity", [](double x) { return x; }, -kAny, kAny, 1, kAll},
      {"Not", [](double x) { return 1 - x; }, 0, 1, 0, kBool},
  };
  return list;
}

bool moves(const Row& row) { return row.op == std::string("Identity") || row.distance; }

void add(Builder& b, const Row& row) {
  const int x = b.operand(row.types);
  if (!b.within(x, row.low, row.high)) return;
  if (row.distance && !b.clear(x, row.distance)) return;
  Result y{b.type(x), reference::unary(row.f, b.array(x)), row.slope};
  y.rounds = !moves(row);
  b.finish(row.op, {x}, {}, {std::move(y)});
}

/// Of finite operands, which are all that a graph holds.
void add_test(Builder& b, const char* op) {
  const int x = b.operand(kFloats);
  Array y = reference::unary([](double) { return 0.0; }, b.array(x));
  b.finish(op, {x}, {}, {{Type::boolean, std::move(y)}});
}

void add_bitwise_not(Builder& b) {
  const int x = b.operand(kInts);
  const bool is_unsigned = b.type(x) == Type::u8;
  b.finish("BitwiseNot", {x}, {},
           {{b.type(x), reference::unary([=](double v) { return is_unsigned ? 255 - v : -1 - v; },
                                         b.array(x))}});
}

void add_cast(Builder& b) {
  const int x = b.operand(kAll);
  const Type to = b.type_of(kAll);
  const bool truncates = is_float(b.type(x)) && !is_float(to) && to != Type::boolean;
  // Between -1 and 1 all becomes 0: that is no step.
  if (truncates && !b.clear(x, [](double v) { return std::fabs(v) < 0.5 ? 0.5 : to_integer(v); }))
    return;
  if (to == Type::boolean && !b.clear(x, [](double v) { return std::fabs(v); })) return;
  const auto f = [&](double v) {
    return to == Type::boolean ? (v != 0 ? 1.0 : 0.0) : truncates ? std::trunc(v) : v;
  };
  b.finish("Cast", {x}, {{"to", static_cast<int64_t>(facts(to).onnx)}},
           {{to, reference::unary(f, b.array(x))}});
}

}  // namespace

std::vector<Operator> unary_operators() {
  std::vector<Operator> out;
  for (const Row& row : rows()) out.push_back({row.op, [&row](Builder& b) { add(b, row); }});
  for (const char* op : {"IsNaN", "IsInf"})
    out.push_back({op, [op](Builder& b) { add_test(b, op); }});
  out.push_back({"BitwiseNot", add_bitwise_not});
  out.push_back({"Cast", add_cast});
  return out;
}

}  // namespace halyard::fuzz
