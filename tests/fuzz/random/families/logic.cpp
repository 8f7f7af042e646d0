// Comparisons, logic and choice.
#include <cmath>

#include "tests/fuzz/random/families/families.hpp"
#include "tests/fuzz/random/reference/reference.hpp"

namespace halyard::fuzz {
namespace {

using Test = bool (*)(double, double);

Array compared(Test test, const Array& x, const Array& y) {
  return reference::binary([=](double p, double q) { return test(p, q) ? 1.0 : 0.0; }, x, y);
}

void add_comparison(Builder& b, const char* op, Test test, Types types) {
  const int x = b.operand(types), y = b.partner(x);
  if (!(b.exact(x) && b.exact(y))) {
    const double error = 2 * (b.value(x).error + b.value(y).error);
    const Array near =
        reference::binary([=](double p, double q) { return std::fabs(p - q) <= error ? 1.0 : 0.0; },
                          b.array(x), b.array(y));
    if (largest(near) > 0) return;
  }
  b.finish(op, {x, y}, {}, {{Type::boolean, compared(test, b.array(x), b.array(y))}});
}

void add_logic(Builder& b, const char* op, Test test) {
  const int x = b.operand(kBool), y = b.partner(x);
  b.finish(op, {x, y}, {}, {{Type::boolean, compared(test, b.array(x), b.array(y))}});
}

void add_where(Builder& b) {
  const int x = b.operand(kAll), y = b.partner(x);
  const int condition = b.boolean(b.smaller(b.dims_of(x)));
  const bool swapped = b.chance(30);
  const int p = swapped ? y : x, q = swapped ? x : y;
  Result z{b.type(x), reference::where(b.array(condition), b.array(p), b.array(q))};
  z.rounds = false;
  b.finish("Where", {condition, p, q}, {}, {std::move(z)});
}

}  // namespace

std::vector<Operator> logic_operators() {
  struct Row {
    const char* op;
    Test test;
    Types types;
  };
  static const Row comparisons[] = {
      {"Equal", [](double p, double q) { return p == q; }, kAll},
      {"Less", [](double p, double q) { return p < q; }, kNumbers},
      {"LessOrEqual", [](double p, double q) { return p <= q; }, kNumbers},
      {"Greater", [](double p, double q) { return p > q; }, kNumbers},
      {"GreaterOrEqual", [](double p, double q) { return p >= q; }, kNumbers}};
  static const Row logic[] = {{"And", [](double p, double q) { return p != 0 && q != 0; }, kBool},
                              {"Or", [](double p, double q) { return p != 0 || q != 0; }, kBool},
                              {"Xor", [](double p, double q) { return p != q; }, kBool}};
  std::vector<Operator> out = {{"Where", add_where}};
  for (const Row& r : comparisons)
    out.push_back({r.op, [&r](Builder& b) { add_comparison(b, r.op, r.test, r.types); }});
  for (const Row& r : logic)
    out.push_back({r.op, [&r](Builder& b) { add_logic(b, r.op, r.test); }});
  return out;
}

}  // namespace halyard::fuzz
