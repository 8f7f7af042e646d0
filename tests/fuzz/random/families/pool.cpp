// Pools over windows and over whole images.
#include <algorithm>
#include <cmath>

#include "tests/fuzz/random/families/families.hpp"
#include "tests/fuzz/random/families/windows.hpp"
#include "tests/fuzz/random/reference/reference.hpp"

namespace halyard::fuzz {
namespace {

void add_max_pool(Builder& b) {
  const int x = image(b, kFloats | kBytes);
  RandomWindow r = random_window(b, {b.dims_of(x).begin() + 2, b.dims_of(x).end()}, true, true);
  auto [values, places] = reference::max_pool(b.array(x), r.window);
  Result y{b.type(x), std::move(values)};
  y.rounds = false;
  std::vector<Result> results = {std::move(y)};
  // Where two are equal the first is the place, which only what is exact can promise.
  if (b.exact(x) && b.chance(40)) results.push_back({Type::i64, std::move(places)});
  b.finish("MaxPool", {x}, r.attributes, std::move(results));
}

void add_average_pool(Builder& b) {
  const int x = image(b, kFloats);
  RandomWindow r = random_window(b, {b.dims_of(x).begin() + 2, b.dims_of(x).end()}, true, true);
  const bool pads = b.chance(50);
  r.attributes.push_back({"count_include_pad", pads});
  b.finish("AveragePool", {x}, r.attributes,
           {{b.type(x), reference::average_pool(b.array(x), r.window, pads)}});
}

void add_lp_pool(Builder& b) {
  const int x = image(b, kFloats);
  RandomWindow r = random_window(b, {b.dims_of(x).begin() + 2, b.dims_of(x).end()}, true, true);
  const int64_t p = b.pick(1, 2);
  r.attributes.push_back({"p", p});
  Result y{b.type(x), reference::lp_pool(b.array(x), r.window, p)};
  for (const double v : y.array.data)
    if (v < 0.25) return;  // the root is steep there
  const auto n = static_cast<double>(count_of(r.window.kernel));
  y.gain = p == 1 ? n : std::sqrt(n);
  y.work = n * std::pow(b.top(x), static_cast<double>(p));
  b.finish("LpPool", {x}, r.attributes, {std::move(y)});
}

void add_global(Builder& b, const char* op) {
  const std::string name = op;
  const int x = image(b, kFloats);
  std::vector<int64_t> axes;
  for (int64_t a = 2; a < b.rank(x); ++a) axes.push_back(a);
  const int64_t p = b.pick(1, 2);
  const char* reduction = name == "GlobalAveragePool" ? "ReduceMean"
                          : name == "GlobalMaxPool"   ? "ReduceMax"
                          : p == 1                    ? "ReduceL1"
                                                      : "ReduceL2";
  Result y{b.type(x), reference::reduce(reduction, b.array(x), axes, true)};
  const auto n = static_cast<double>(count_of(b.dims_of(x)));
  std::vector<Attribute> attributes;
  if (name == "GlobalLpPool") {
    attributes.push_back({"p", p});
    for (const double v : y.array.data)
      if (v < 0.25) return;
    y.gain = n;
    y.work = n * std::pow(b.top(x), static_cast<double>(p));
  }
  b.finish(op, {x}, attributes, {std::move(y)});
}

}  // namespace

std::vector<Operator> pool_operators() {
  std::vector<Operator> out = {
      {"MaxPool", add_max_pool}, {"AveragePool", add_average_pool}, {"LpPool", add_lp_pool}};
  for (const char* op : {"GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"})
    out.push_back({op, [op](Builder& b) { add_global(b, op); }});
  return out;
}

}  // namespace halyard::fuzz
