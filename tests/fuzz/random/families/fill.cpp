// Values from nothing but dims: shapes, ranges, fills.
#include <algorithm>
#include <cmath>

#include "tests/fuzz/random/families/families.hpp"
#include "tests/fuzz/random/reference/reference.hpp"

namespace halyard::fuzz {
namespace {

Array list(const std::vector<int64_t>& v) {
  return {{static_cast<int64_t>(v.size())}, {v.begin(), v.end()}};
}

void add_shape(Builder& b) {
  const int x = b.operand(kAll, 1);
  const int64_t start = b.pick(0, b.rank(x) - 1), end = b.pick(start + 1, b.rank(x));
  const Dims& d = b.dims_of(x);
  std::vector<Attribute> attributes = {{"start", b.either_axis(start, b.rank(x))}};
  if (end < b.rank(x)) attributes.push_back({"end", b.either_axis(end, b.rank(x))});
  b.finish("Shape", {x}, attributes, {{Type::i64, list({d.begin() + start, d.begin() + end})}});
}

void add_size(Builder& b) {
  const int x = b.operand(kAll);
  b.finish("Size", {x}, {}, {{Type::i64, {{}, {static_cast<double>(count_of(b.dims_of(x)))}}}});
}

void add_constant_of_shape(Builder& b) {
  const Dims dims = b.dims(0, 3);
  const Type t = b.type_of(kAll);
  const double fill = static_cast<double>(b.pick(0, t == Type::boolean ? 1 : 5));
  b.finish("ConstantOfShape", {b.index(dims)}, {{"value", t, fill}},
           {{t, {dims, std::vector<double>(static_cast<size_t>(count_of(dims)), fill)}}});
}

void add_range(Builder& b) {
  const Type t = b.type_of(only(Type::f32) | only(Type::f64) | kWide);
  const double start = static_cast<double>(b.pick(-5, 5));
  const double delta = static_cast<double>(b.pick(1, 3)) * (b.chance(30) ? -1 : 1);
  const int64_t n = b.pick(1, 6);
  // The limit itself is not in.
  const double limit = start + delta * static_cast<double>(n);
  Array y{{n}, {}};
  for (int64_t i = 0; i < n; ++i) y.data.push_back(start + delta * static_cast<double>(i));
  b.finish("Range", {b.scalar(t, start), b.scalar(t, limit), b.scalar(t, delta)}, {},
           {{t, std::move(y)}});
}

void add_eye_like(Builder& b) {
  const int x = b.operand(kNumbers | kBool, 2, 2);
  const Type t = b.chance(50) ? b.type(x) : b.type_of(kNumbers);
  const int64_t k = b.pick(-2, 2), columns = b.dims_of(x)[1];
  Array y{b.dims_of(x), {}};
  for (int64_t i = 0; i < count_of(y.dims); ++i)
    y.data.push_back(i % columns == i / columns + k ? 1 : 0);
  b.finish("EyeLike", {x}, {{"k", k}, {"dtype", static_cast<int64_t>(facts(t).onnx)}},
           {{t, std::move(y)}});
}

void add_window(Builder& b, const char* op, const std::vector<double>& terms) {
  constexpr double kPi = 3.14159265358979323846;
  const int64_t n = b.pick(2, 9);
  const bool periodic = b.chance(50);
  Array y{{n}, {}};
  for (int64_t i = 0; i < n; ++i) {
    double v = 0;
    for (size_t k = 0; k < terms.size(); ++k)
      v += terms[k] * std::cos(2 * kPi * static_cast<double>(k) * static_cast<double>(i) /
                               static_cast<double>(periodic ? n : n - 1));
    y.data.push_back(v);
  }
  Result r{Type::f32, std::move(y)};
  r.work = 1;
  b.finish(op, {b.scalar(Type::i64, static_cast<double>(n))}, {{"periodic", periodic}},
           {std::move(r)});
}

}  // namespace

std::vector<Operator> fill_operators() {
  return {{"Shape", add_shape},
          {"Size", add_size},
          {"ConstantOfShape", add_constant_of_shape},
          {"Range", add_range},
          {"EyeLike", add_eye_like},
          {"HannWindow",
           [](Builder& b) {
             add_window(b, "HannWindow", {0.5, -0.5});
           }},
          {"HammingWindow",
           [](Builder& b) {
             add_window(b, "HammingWindow", {25.0 / 46, -21.0 / 46});
           }},
          {"BlackmanWindow", [](Builder& b) {
             add_window(b, "BlackmanWindow", {0.42, -0.5, 0.08});
           }}};
}

}  // namespace halyard::fuzz
