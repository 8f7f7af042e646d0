#include "tests/fuzz/random/builder.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace halyard::fuzz {
namespace {

constexpr int64_t kMostElements = 600;
constexpr size_t kMostDims = 6;
// A graph whose rounding grows past this share of its values shows nothing, and is not made.
constexpr double kMostError = 0.01, kMostErrorHalf = 0.06;

// Roundings of one operator in units of its type: sums of up to 600 products, and the few units of a
// vectorised exp, log or erf. Of f16 the results alone are rounded: inner values are f32.
constexpr double kRoundings = 32, kRoundingsHalf = 3;
constexpr double kHalfEpsilon = 1.0 / 1024;
constexpr double kSingleUnit =
    kRoundings * static_cast<double>(std::numeric_limits<float>::epsilon());

constexpr TypeFacts kFacts[] = {
    {"f16", 10, kRoundingsHalf* kHalfEpsilon, -1000, 1000},
    {"f32", 1, kSingleUnit, -1000, 1000},
    {"f64", 11, kRoundings* std::numeric_limits<double>::epsilon(), -1000, 1000},
    {"i8", 3, 0, -128, 127},
    {"u8", 2, 0, 0, 255},
    {"i32", 6, 0, -(1 << 20), 1 << 20},
    {"i64", 7, 0, -(1 << 20), 1 << 20},
    {"bool", 9, 0, 0, 1},
};

}  // namespace

const TypeFacts& facts(Type type) { return kFacts[static_cast<size_t>(type)]; }

double largest(const Array& a) {
  double out = 0;
  for (const double v : a.data) out = std::max(out, std::fabs(v));
  return out;
}

Type Builder::type_of(Types types) {
  // f32 is what models hold.
  if ((types & only(Type::f32)) != 0 && chance(40)) return Type::f32;
  for (;;)
    if (const auto t = static_cast<Type>(pick(0, 7)); (types & only(t)) != 0) return t;
}

Dims Builder::dims(int64_t min_rank, int64_t max_rank, int64_t most) {
  Dims dims(static_cast<size_t>(pick(min_rank, max_rank)));
  for (int64_t& d : dims) d = chance(20) ? 1 : pick(1, most);
  while (count_of(dims) > kMostElements / 2)
    dims[static_cast<size_t>(pick(0, static_cast<int64_t>(dims.size()) - 1))] = 1;
  return dims;
}

Dims Builder::smaller(Dims dims) {
  dims.erase(dims.begin(),
             dims.begin() + (chance(60) ? 0 : pick(0, static_cast<int64_t>(dims.size()))));
  for (int64_t& d : dims)
    if (chance(25)) d = 1;
  return dims;
}

int Builder::operand(Types types, int64_t min_rank, int64_t max_rank) {
  std::vector<int> found;
  for (size_t i = 0; i < graph_.values.size(); ++i) {
    const Value& v = graph_.values[i];
    const auto r = static_cast<int64_t>(v.array.dims.size());
    if (!v.aside && (types & only(v.type)) != 0 && r >= min_rank && r <= max_rank)
      found.push_back(static_cast<int>(i));
  }
  if (found.empty() || chance(15))
    return input(type_of(types), dims(min_rank, std::min<int64_t>(max_rank, 4)));
  // The latest are likelier, so that graphs are deep.
  const int latest = found.back();
  return chance(40) ? latest : one_of(found);
}

int Builder::partner(int x) {
  const Dims dims = smaller(dims_of(x));
  for (int i = static_cast<int>(graph_.values.size()); i-- > 0;)
    if (i != x && !value(i).aside && type(i) == type(x) &&
        (dims_of(i) == dims || dims_of(i) == dims_of(x)) && chance(70))
      return i;
  if (chance(10)) return x;
  return chance(50) ? input(type(x), dims) : parameter(type(x), dims, -3, 3);
}

int Builder::boolean(Dims dims) {
  for (int i = static_cast<int>(graph_.values.size()); i-- > 0;)
    if (!value(i).aside && type(i) == Type::boolean && dims_of(i) == dims) return i;
  return input(Type::boolean, std::move(dims));
}

int Builder::input(Type type, Dims dims, double low, double high) {
  Value v;
  v.type = type;
  v.source = Value::Source::input;
  v.array.dims = std::move(dims);
  low = std::max(low, facts(type).low);
  high = std::min(high, facts(type).high);
  for (int64_t i = 0; i < count_of(v.array.dims); ++i)
    v.array.data.push_back(is_float(type)
                               ? real(low, high)
                               : static_cast<double>(pick(static_cast<int64_t>(std::ceil(low)),
                                                          static_cast<int64_t>(high))));
  graph_.values.push_back(std::move(v));
  return static_cast<int>(graph_.values.size()) - 1;
}

int Builder::input(Type type, Dims dims) {
  const double most = is_float(type) ? 3 : 9;
  return input(type, std::move(dims), -most, most);
}

int Builder::parameter(Type type, Dims dims, double low, double high) {
  const int v = input(type, std::move(dims), low, high);
  Value& made = graph_.values[static_cast<size_t>(v)];
  made.aside = true;
  if (chance(70)) made.source = Value::Source::constant;
  return v;
}

int Builder::constant(Type type, Array array) {
  Value v;
  v.type = type;
  v.array = std::move(array);
  v.source = Value::Source::constant;
  v.aside = true;
  graph_.values.push_back(std::move(v));
  return static_cast<int>(graph_.values.size()) - 1;
}

int Builder::index(const std::vector<int64_t>& list) {
  const int v =
      constant(Type::i64, {{static_cast<int64_t>(list.size())}, {list.begin(), list.end()}});
  if (chance(10)) graph_.values[static_cast<size_t>(v)].source = Value::Source::input;
  return v;
}

int Builder::scalar(Type type, double value) { return constant(type, {{}, {value}}); }

bool Builder::within(int v, double low, double high) const {
  const double e = value(v).error;
  return std::all_of(array(v).data.begin(), array(v).data.end(),
                     [&](double x) { return x - e >= low && x + e <= high; });
}

bool Builder::clear(int v, const std::function<double(double)>& distance) const {
  if (exact(v)) return true;
  return std::all_of(array(v).data.begin(), array(v).data.end(),
                     [&](double x) { return distance(x) > 2 * value(v).error; });
}

bool Builder::acceptable(const Result& r, double error) const {
  const TypeFacts& type = facts(r.type);
  if (count_of(r.array.dims) > kMostElements || r.array.dims.size() > kMostDims) return false;
  for (const double x : r.array.data)
    if (!(x >= type.low && x <= type.high)) return false;
  const double most = r.type == Type::f16 ? kMostErrorHalf : kMostError;
  return error <= most * std::max(1.0, largest(r.array));
}

void Builder::finish(std::string op, std::vector<int> inputs, std::vector<Attribute> attributes,
                     std::vector<Result> results) {
  double before = 0, most = 0;
  for (const int i : inputs) {
    if (i == kAbsent || !is_float(type(i))) continue;
    before = std::max(before, value(i).error);
    most = std::max(most, top(i));
  }
  std::vector<double> errors;
  for (const Result& r : results) {
    double error = 0;
    if (is_float(r.type)) {
      const double unit = std::max(facts(r.type).unit, r.single ? kSingleUnit : 0);
      error = r.gain * before;
      if (r.rounds) error += unit * std::max({most, largest(r.array), r.work});
    }
    if (!acceptable(r, error)) return;
    errors.push_back(error);
  }
  Node node{std::move(op), std::move(inputs), std::move(attributes), {}};
  for (size_t i = 0; i < results.size(); ++i) {
    if (!results[i].asked) {
      node.outputs.push_back(kAbsent);
      continue;
    }
    Value v;
    v.type = results[i].type;
    v.array = std::move(results[i].array);
    v.error = errors[i];
    v.aside = v.array.data.empty();
    node.outputs.push_back(static_cast<int>(graph_.values.size()));
    graph_.values.push_back(std::move(v));
  }
  for (const int i : node.inputs)
    if (i != kAbsent) graph_.values[static_cast<size_t>(i)].used = true;
  graph_.nodes.push_back(std::move(node));
}

}  // namespace halyard::fuzz
