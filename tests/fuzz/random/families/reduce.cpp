// Reductions along axes, the places of extremes, and running sums.
#include <algorithm>
#include <cmath>

#include "tests/fuzz/random/families/families.hpp"
#include "tests/fuzz/random/reference/reference.hpp"

namespace halyard::fuzz {
namespace {

struct Row {
  const char* op;
  Types types;
  /// Of n elements of at most that size; what the largest derivative is. y: the results.
  double (*gain)(double n, double top, const Array& y);
};

double smallest(const Array& a) { return *std::min_element(a.data.begin(), a.data.end()); }

// What rounds (means, roots, logarithms) is left to floats; extremes take every number.
const Row kRows[] = {
    {"ReduceSum", kFloats | kWide, [](double n, double, const Array&) { return n; }},
    {"ReduceMean", kFloats, [](double, double, const Array&) { return 1.0; }},
    {"ReduceMax", kNumbers, [](double, double, const Array&) { return 1.0; }},
    {"ReduceMin", kNumbers, [](double, double, const Array&) { return 1.0; }},
    {"ReduceProd", kFloats | kWide,
     [](double n, double top, const Array&) { return n * std::pow(std::max(1.0, top), n - 1); }},
    {"ReduceSumSquare", kFloats | kWide,
     [](double n, double top, const Array&) { return 2 * n * top; }},
    {"ReduceL1", kFloats | kWide, [](double n, double, const Array&) { return n; }},
    {"ReduceL2", kFloats,  // each part of the gradient is at most 1
     [](double n, double, const Array&) { return std::sqrt(n); }},
    {"ReduceLogSum", kFloats,
     [](double n, double, const Array& y) { return n / std::exp(smallest(y)); }},
    {"ReduceLogSumExp", kFloats, [](double, double, const Array&) { return 1.0; }},
};

/// Some axes of x; empty, in some cases: all.
std::vector<int64_t> some_axes(Builder& b, int x) {
  std::vector<int64_t> axes;
  for (int64_t a = 0; a < b.rank(x); ++a)
    if (b.chance(50)) axes.push_back(a);
  return axes;
}

void add_reduce(Builder& b, const Row& row) {
  const int x = b.operand(row.types);
  std::vector<int64_t> axes = some_axes(b, x);
  const bool keepdims = b.chance(50), all = axes.empty();
  const bool nothing = all && b.chance(20);  // what no axes mean is the attribute's to say
  if (all && !nothing)
    for (int64_t a = 0; a < b.rank(x); ++a) axes.push_back(a);
  const std::string op = row.op;
  // What the operator makes of a single element is not asked for here: only sums, of which it is the
  // element, do the same in each version of the standard.
  if (nothing && op != "ReduceSum") return;
  Array y = nothing ? b.array(x) : reference::reduce(op, b.array(x), axes, keepdims);
  // Not near a steep end.
  if (op == "ReduceL2" && smallest(y) < 0.25) return;
  if (op == "ReduceLogSum" && !(smallest(y) > -2)) return;
  const double n =
      static_cast<double>(count_of(b.dims_of(x))) / static_cast<double>(count_of(y.dims));
  Result result{b.type(x), std::move(y)};
  result.gain = row.gain(n, b.top(x), result.array);
  result.work = n * b.top(x);
  result.rounds = !(nothing || op == "ReduceMax" || op == "ReduceMin");
  std::vector<int> inputs = {x};
  std::vector<int64_t> given;
  for (const int64_t a : axes) given.push_back(b.either_axis(a, b.rank(x)));
  if (!all) inputs.push_back(b.index(given));
  std::vector<Attribute> attributes = {{"keepdims", keepdims}};
  if (nothing) attributes.push_back({"noop_with_empty_axes", true});
  b.finish(op, inputs, attributes, {std::move(result)});
}

void add_extreme_place(Builder& b, const char* op, bool greatest) {
  const int x = b.operand(kNumbers, 1);
  const int64_t axis = b.pick(0, b.rank(x) - 1);
  const bool last = b.chance(30), keepdims = b.chance(50);
  if (!reference::distinct(b.array(x), axis, 2 * b.value(x).error)) return;
  b.finish(op, {x},
           {{"axis", b.either_axis(axis, b.rank(x))},
            {"keepdims", keepdims},
            {"select_last_index", last}},
           {{Type::i64, reference::extreme_place(b.array(x), axis, greatest, last, keepdims)}});
}

void add_running(Builder& b, const char* op, bool product) {
  const int x = b.operand(kFloats | kWide, 1);
  const int64_t axis = b.pick(0, b.rank(x) - 1);
  const bool exclusive = b.chance(40), reverse = b.chance(40);
  Result y{b.type(x), reference::running(b.array(x), axis, product, exclusive, reverse)};
  const auto n = static_cast<double>(b.dims_of(x)[static_cast<size_t>(axis)]);
  y.gain = product ? n * std::pow(std::max(1.0, b.top(x)), n - 1) : n;
  const int a = b.scalar(b.chance(50) ? Type::i64 : Type::i32,
                         static_cast<double>(b.either_axis(axis, b.rank(x))));
  b.finish(op, {x, a}, {{"exclusive", exclusive}, {"reverse", reverse}}, {std::move(y)});
}

}  // namespace

std::vector<Operator> reduce_operators() {
  std::vector<Operator> out = {
      {"ArgMax", [](Builder& b) { add_extreme_place(b, "ArgMax", true); }},
      {"ArgMin", [](Builder& b) { add_extreme_place(b, "ArgMin", false); }},
      {"CumSum", [](Builder& b) { add_running(b, "CumSum", false); }},
      {"CumProd", [](Builder& b) { add_running(b, "CumProd", true); }}};
  for (const Row& row : kRows) out.push_back({row.op, [&row](Builder& b) { add_reduce(b, row); }});
  return out;
}

}  // namespace halyard::fuzz
