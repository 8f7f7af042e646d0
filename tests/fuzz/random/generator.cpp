#include "tests/fuzz/random/generator.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <random>

#include "tests/fuzz/random/reference/reference.hpp"

namespace halyard::fuzz {
namespace {

// A node whose result would be larger is not made: it keeps products of products finite in f32, and
// integers far from overflow.
constexpr double kLargest = 1000, kLargestInt = 1 << 20, kLargestScale = 1e5;
constexpr int64_t kMostElements = 600;

struct Unary {
  const char* op;
  std::function<double(double)> f;
  double low, high;  // the operand must lie here
  double slope;      // the largest derivative there
  bool ints;         // takes integers, too
};

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

const std::vector<Unary>& unary_rows() {
  static const double all = kLargestInt;
  static const std::vector<Unary> rows = {
      {"Abs", [](double x) { return std::fabs(x); }, -all, all, 1, true},
      {"Neg", [](double x) { return -x; }, -all, all, 1, true},
      {"Relu", [](double x) { return std::max(x, 0.0); }, -all, all, 1, true},
      {"Exp", [](double x) { return std::exp(x); }, -10, 3, 21, false},
      {"Log", [](double x) { return std::log(x); }, 0.125, all, 8, false},
      {"Sqrt", [](double x) { return std::sqrt(x); }, 0.0625, all, 2, false},
      {"Reciprocal", [](double x) { return 1 / x; }, 0.25, all, 16, false},
      {"Sin", [](double x) { return std::sin(x); }, -10, 10, 1, false},
      {"Cos", [](double x) { return std::cos(x); }, -10, 10, 1, false},
      {"Tanh", [](double x) { return std::tanh(x); }, -all, all, 1, false},
      {"Sigmoid", sigmoid, -all, all, 1, false},
      {"Erf", [](double x) { return std::erf(x); }, -all, all, 1.2, false},
      {"Softplus", [](double x) { return std::log1p(std::exp(x)); }, -20, 20, 1, false},
  };
  return rows;
}

const std::vector<std::string> kBinary = {"Add", "Sub", "Mul", "Div", "Min", "Max"};
const std::vector<std::string> kReduce = {"ReduceSum",  "ReduceMean",      "ReduceMax", "ReduceMin",
                                          "ReduceProd", "ReduceSumSquare", "ReduceL2"};
const std::vector<std::string> kOther = {"Softmax", "LogSoftmax", "Transpose", "Concat", "Slice",
                                         "Expand",  "Reshape",    "Unsqueeze", "MatMul"};

double largest(const Array& a) {
  double out = 0;
  for (const double v : a.data) out = std::max(out, std::fabs(v));
  return out;
}

class Generator {
 public:
  explicit Generator(uint64_t seed) : random_(seed) {}

  RandomGraph make() {
    const int nodes = static_cast<int>(pick(1, 12));
    add_input();
    for (int tries = 0; static_cast<int>(g_.nodes.size()) < nodes && tries < 200; ++tries)
      add_node();
    return std::move(g_);
  }

 private:
  // The engine's numbers are the same everywhere; those of the library's distributions are not.
  int64_t pick(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(random_() % static_cast<uint64_t>(high - low + 1));
  }
  bool chance(int64_t percent) { return pick(1, 100) <= percent; }
  template <class T>
  const T& one_of(const std::vector<T>& list) {
    return list[static_cast<size_t>(pick(0, static_cast<int64_t>(list.size()) - 1))];
  }

  Dims random_dims() {
    Dims dims(static_cast<size_t>(pick(0, 4)));
    for (int64_t& d : dims) d = chance(20) ? 1 : pick(1, 6);
    return dims;
  }

  int add_input() {
    static const std::vector<Type> types = {Type::f32, Type::f32, Type::f64, Type::i32, Type::i64};
    return add_input(one_of(types), random_dims());
  }

  int add_input(Type type, Dims dims) {
    Value v;
    v.type = type;
    v.is_input = true;
    v.array.dims = std::move(dims);
    // Multiples of 1/16: exact in every type.
    for (int64_t i = 0; i < count_of(v.array.dims); ++i)
      v.array.data.push_back(is_float(type) ? static_cast<double>(pick(-48, 48)) / 16
                                            : static_cast<double>(pick(-9, 9)));
    v.scale = std::max(1.0, largest(v.array));
    g_.values.push_back(std::move(v));
    return static_cast<int>(g_.values.size()) - 1;
  }

  int add_index(std::vector<int64_t> index) {
    Value v;
    v.index = std::move(index);
    g_.values.push_back(std::move(v));
    return static_cast<int>(g_.values.size()) - 1;
  }

  const Value& value(int i) const { return g_.values[static_cast<size_t>(i)]; }
  int64_t rank(int i) const { return static_cast<int64_t>(value(i).array.dims.size()); }

  int operand() {
    if (chance(15)) return add_input();
    for (;;) {
      const int i = static_cast<int>(pick(0, static_cast<int64_t>(g_.values.size()) - 1));
      if (value(i).index.empty()) return i;
    }
  }

  /// One that broadcasts with x: another value where one fits, else a new input.
  int partner(int x) {
    Dims dims = value(x).array.dims;
    dims.erase(dims.begin(), dims.begin() + pick(0, static_cast<int64_t>(dims.size())));
    for (int64_t& d : dims)
      if (chance(25)) d = 1;
    for (int i = static_cast<int>(g_.values.size()); i-- > 0;)
      if (i != x && value(i).index.empty() && value(i).type == value(x).type &&
          (value(i).array.dims == dims || value(i).array.dims == value(x).array.dims) && chance(70))
        return i;
    return add_input(value(x).type, dims);
  }

  /// gain: the most that the operator makes of a difference in an operand. Not made where the result is
  /// too large: then the node's new inputs stay unused, and are left out.
  void finish(Node node, Array result, double gain) {
    const Type type = value(node.inputs[0]).type;
    if (count_of(result.dims) > kMostElements || result.dims.size() > 6) return;
    const double top = largest(result);
    if (!(top <= (is_float(type) ? kLargest : kLargestInt))) return;
    double scale = 1;
    for (const int i : node.inputs)
      if (value(i).index.empty()) scale = std::max(scale, value(i).scale);
    scale = std::max(top, gain * scale) + scale;  // the last: this node's own rounding
    if (is_float(type) && scale > kLargestScale) return;
    Value v;
    v.type = type;
    v.array = std::move(result);
    v.scale = scale;
    for (const int i : node.inputs) g_.values[static_cast<size_t>(i)].used = true;
    g_.values.push_back(std::move(v));
    node.output = static_cast<int>(g_.values.size()) - 1;
    g_.nodes.push_back(std::move(node));
  }

  void add_node() {
    const int64_t family = pick(0, 9);
    const int x = operand();
    if (family < 3) return add_unary(x);
    if (family < 5) return add_binary(x);
    if (family < 6) return add_reduce(x);
    if (family < 7) return add_softmax_or_matmul(x);
    return add_movement(x);
  }

  void add_unary(int x) {
    const Unary& row = one_of(unary_rows());
    const Value& v = value(x);
    if (!row.ints && !is_float(v.type)) return;
    for (const double e : v.array.data)
      if (e < row.low || e > row.high) return;
    finish({row.op, {x}, 0, {}, {}}, reference::unary(row.f, v.array), row.slope);
  }

  void add_binary(int x) {
    const std::string& op = one_of(kBinary);
    const int y = partner(x);
    const Array &a = value(x).array, &b = value(y).array;
    double gain = 2;  // both operands differ
    std::function<double(double, double)> f;
    if (op == "Add") f = [](double p, double q) { return p + q; };
    if (op == "Sub") f = [](double p, double q) { return p - q; };
    if (op == "Min") f = [](double p, double q) { return std::min(p, q); };
    if (op == "Max") f = [](double p, double q) { return std::max(p, q); };
    if (op == "Mul") {
      f = [](double p, double q) { return p * q; };
      gain = largest(a) + largest(b);
    }
    if (op == "Div") {
      // Truncation of integers and zero divisors are other tests' matter.
      if (!is_float(value(x).type)) return;
      double least = kLargest;
      for (const double e : b.data) least = std::min(least, std::fabs(e));
      if (least < 0.25) return;
      f = [](double p, double q) { return p / q; };
      gain = 1 / least + largest(a) / (least * least);
    }
    finish({op, {x, y}, 0, {}, {}}, reference::binary(f, a, b), gain);
  }

  void add_reduce(int x) {
    if (rank(x) == 0) return;
    const std::string& op = one_of(kReduce);
    const Value& v = value(x);
    // The mean and the norm of integers round; what rounds is left to floats.
    if (!is_float(v.type) && (op == "ReduceMean" || op == "ReduceL2")) return;
    std::vector<int64_t> axes;
    for (int64_t a = 0; a < rank(x); ++a)
      if (chance(50)) axes.push_back(a);
    if (axes.empty()) axes.push_back(pick(0, rank(x) - 1));
    const bool keepdims = chance(50);
    Array y = reference::reduce(op, v.array, axes, keepdims);
    const double n =
        static_cast<double>(count_of(v.array.dims)) / static_cast<double>(count_of(y.dims));
    const double top = std::max(1.0, largest(v.array));
    double gain = 1;
    if (op == "ReduceSum") gain = n;
    if (op == "ReduceSumSquare") gain = 2 * n * top;
    if (op == "ReduceL2") gain = std::sqrt(n);  // each part of the gradient is at most 1
    if (op == "ReduceProd") gain = n * std::pow(top, n - 1);
    if (op == "ReduceL2")  // not near the root's steep end
      for (const double e : y.data)
        if (e < 0.25) return;
    std::vector<int64_t> given = axes;
    for (int64_t& a : given)
      if (chance(30)) a -= rank(x);
    finish({op, {x, add_index(given)}, 0, {{"keepdims", keepdims ? 1 : 0}}, {}}, std::move(y),
           gain);
  }

  void add_softmax_or_matmul(int x) {
    const Value& v = value(x);
    if (!is_float(v.type) || rank(x) == 0) return;
    if (chance(50)) {
      const int64_t axis = pick(0, rank(x) - 1);
      const bool log = chance(50);
      finish({log ? "LogSoftmax" : "Softmax",
              {x},
              0,
              {{"axis", chance(50) ? axis : axis - rank(x)}},
              {}},
             reference::softmax(v.array, axis, log), 2);
      return;
    }
    if (rank(x) < 2) return;
    Dims dims = v.array.dims;
    dims.erase(dims.begin(), dims.begin() + pick(0, rank(x) - 2));
    for (size_t i = 0; i + 2 < dims.size(); ++i)
      if (chance(30)) dims[i] = 1;
    const int64_t k = v.array.dims.back();
    dims[dims.size() - 2] = k;
    dims.back() = pick(1, 6);
    const int y = add_input(v.type, dims);
    const Array &a = value(x).array, &b = value(y).array;
    finish({"MatMul", {x, y}, 0, {}, {}}, reference::matmul(a, b),
           static_cast<double>(k) * (largest(a) + largest(b)));
  }

  void add_movement(int x) {
    switch (pick(0, 5)) {
      case 0:
        return add_transpose(x);
      case 1:
        return add_concat(x);
      case 2:
        return add_slice(x);
      case 3: {
        Dims dims = value(x).array.dims;
        for (int64_t& d : dims)
          if (d == 1) d = pick(1, 4);
        if (chance(30)) dims.insert(dims.begin(), pick(1, 3));
        if (dims.empty()) return;
        return finish({"Expand", {x, add_index(dims)}, 0, {}, {}},
                      reference::expand(value(x).array, dims), 1);
      }
      case 4: {
        Array y = value(x).array;
        y.dims = {};
        for (int64_t rest = count_of(value(x).array.dims), f = 2; rest > 1 || y.dims.empty(); ++f) {
          if (rest == 1) y.dims.push_back(1);
          while (rest % f == 0 && rest > 1) {
            if (!y.dims.empty() && chance(50))
              y.dims.back() *= f;
            else
              y.dims.push_back(f);
            rest /= f;
          }
        }
        std::vector<int64_t> given = y.dims;
        if (chance(30))
          given[static_cast<size_t>(pick(0, static_cast<int64_t>(given.size()) - 1))] = -1;
        return finish({"Reshape", {x, add_index(given)}, 0, {}, {}}, std::move(y), 1);
      }
      default: {
        const int64_t axis = pick(0, rank(x));
        Array y = value(x).array;
        y.dims.insert(y.dims.begin() + axis, 1);
        return finish(
            {"Unsqueeze", {x, add_index({chance(50) ? axis : axis - rank(x) - 1})}, 0, {}, {}},
            std::move(y), 1);
      }
    }
  }

  void add_transpose(int x) {
    if (rank(x) == 0) return;
    std::vector<int64_t> perm(static_cast<size_t>(rank(x)));
    std::iota(perm.begin(), perm.end(), 0);
    for (size_t i = perm.size(); i > 1; --i)
      std::swap(perm[i - 1], perm[static_cast<size_t>(pick(0, static_cast<int64_t>(i) - 1))]);
    finish({"Transpose", {x}, 0, {}, {{"perm", perm}}}, reference::transpose(value(x).array, perm),
           1);
  }

  void add_concat(int x) {
    if (rank(x) == 0) return;
    const int64_t axis = pick(0, rank(x) - 1);
    Dims dims = value(x).array.dims;
    dims[static_cast<size_t>(axis)] = pick(1, 4);
    const int y = chance(30) ? x : add_input(value(x).type, dims);
    finish({"Concat", {x, y}, 0, {{"axis", chance(50) ? axis : axis - rank(x)}}, {}},
           reference::concat({&value(x).array, &value(y).array}, axis), 1);
  }

  void add_slice(int x) {
    if (rank(x) == 0) return;
    std::vector<int64_t> starts, ends, steps, axes;
    for (int64_t a = 0; a < rank(x); ++a) {
      const int64_t d = value(x).array.dims[static_cast<size_t>(a)];
      starts.push_back(pick(0, d - 1));
      ends.push_back(pick(starts.back() + 1, d));
      steps.push_back(pick(1, 2));
      axes.push_back(chance(50) ? a : a - rank(x));
    }
    Array y = reference::slice(value(x).array, starts, ends, steps);
    const int s = add_index(starts), e = add_index(ends), a = add_index(axes), t = add_index(steps);
    finish({"Slice", {x, s, e, a, t}, 0, {}, {}}, std::move(y), 1);
  }

  std::mt19937_64 random_;
  RandomGraph g_;
};

}  // namespace

RandomGraph make_graph(uint64_t seed) { return Generator(seed).make(); }

const std::set<std::string>& covered_operators() {
  static const std::set<std::string> names = [] {
    std::set<std::string> out;
    for (const Unary& row : unary_rows()) out.insert(row.op);
    for (const auto* list : {&kBinary, &kReduce, &kOther}) out.insert(list->begin(), list->end());
    return out;
  }();
  return names;
}

}  // namespace halyard::fuzz
