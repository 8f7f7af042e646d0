// The greatest, the distinct, and one-hot vectors.
#include <algorithm>

#include "tests/fuzz/random/families/families.hpp"
#include "tests/fuzz/random/reference/reference.hpp"

namespace halyard::fuzz {
namespace {

void add_top_k(Builder& b) {
  const int x = b.operand(kFloats | kWide, 1);
  const int64_t axis = b.pick(0, b.rank(x) - 1);
  const int64_t k = b.pick(1, b.dims_of(x)[static_cast<size_t>(axis)]);
  const bool greatest = b.chance(60);
  if (!reference::distinct(b.array(x), axis, 2 * b.value(x).error)) return;
  auto [values, places] = reference::top_k(b.array(x), axis, k, greatest);
  Result y{b.type(x), std::move(values)};
  y.rounds = false;
  b.finish("TopK", {x, b.index({k})},
           {{"axis", b.either_axis(axis, b.rank(x))}, {"largest", greatest}, {"sorted", true}},
           {std::move(y), {Type::i64, std::move(places)}});
}

void add_unique(Builder& b) {
  const int x = b.operand(kFloats | kWide | kBytes);
  if (!b.exact(x)) return;
  const bool sorted = b.chance(60);
  reference::Distinct u = reference::unique(b.array(x), sorted);
  Result y{b.type(x), std::move(u.values)};
  y.rounds = false;
  std::vector<Result> results = {std::move(y)};
  for (Array* a : {&u.first, &u.inverse, &u.counts}) {
    Result r{Type::i64, std::move(*a)};
    r.asked = b.chance(70);
    results.push_back(std::move(r));
  }
  while (!results.back().asked) results.pop_back();
  b.finish("Unique", {x}, {{"sorted", sorted}}, std::move(results));
}

void add_one_hot(Builder& b) {
  const int x = b.operand(kWide, 0, 3);
  const int64_t depth = b.pick(1, 6);
  const int64_t axis = b.pick(0, b.rank(x));
  const Type t = b.type_of(only(Type::f32) | kWide);
  const double off = static_cast<double>(b.pick(-2, 2)), on = static_cast<double>(b.pick(-2, 2));
  const int values = b.constant(t, {{2}, {off, on}});
  const int d = b.scalar(Type::i64, static_cast<double>(depth));
  b.finish("OneHot", {x, d, values}, {{"axis", b.either_axis(axis, b.rank(x) + 1)}},
           {{t, reference::one_hot(b.array(x), depth, axis, off, on)}});
}

}  // namespace

std::vector<Operator> select_operators() {
  return {{"TopK", add_top_k}, {"Unique", add_unique}, {"OneHot", add_one_hot}};
}

}  // namespace halyard::fuzz
