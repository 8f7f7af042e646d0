#include <functional>
#include <limits>

#include "tests/unit/cpu/random_values.hpp"

namespace halyard::cpu::testing {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
const double kNaN = std::nan("");
using Shape = std::vector<int64_t>;

Shape broadcast(const Shape& a, const Shape& b) {
  Shape out(std::max(a.size(), b.size()), 1);
  for (size_t i = 0; i < out.size(); ++i) {
    const int64_t x = i < a.size() ? a[a.size() - 1 - i] : 1,
                  y = i < b.size() ? b[b.size() - 1 - i] : 1;
    out[out.size() - 1 - i] = x == 1 ? y : x;
  }
  return out;
}
/// The element of an array of `own` dims that stands at element i of one of `dims`.
size_t source(int64_t i, const Shape& dims, const Shape& own) {
  int64_t at = 0, stride = 1;
  for (size_t d = 0; d < dims.size(); ++d) {
    const int64_t n = dims[dims.size() - 1 - d], index = i % n;
    i /= n;
    if (d >= own.size()) continue;
    const int64_t m = own[own.size() - 1 - d];
    if (m != 1) at += index * stride;
    stride *= m;
  }
  return static_cast<size_t>(at);
}
int64_t count_of(const Shape& dims) {
  int64_t n = 1;
  for (int64_t d : dims) n *= d;
  return n;
}
std::vector<double> apply(const TestTensor& a, const TestTensor& b,
                          const std::function<double(double, double)>& f) {
  const Shape dims = broadcast(a.dims, b.dims);
  const std::vector<double> x = a.numbers(), y = b.numbers();
  std::vector<double> out;
  for (int64_t i = 0; i < count_of(dims); ++i)
    out.push_back(f(x[source(i, dims, a.dims)], y[source(i, dims, b.dims)]));
  return out;
}

struct Case {
  const char* op;
  std::function<double(double, double)> f;
};
const Case kArithmetic[] = {
    {"Add", [](double a, double b) { return a + b; }},
    {"Sub", [](double a, double b) { return a - b; }},
    {"Mul", [](double a, double b) { return a * b; }},
    {"Min", [](double a, double b) { return std::min(a, b); }},
    {"Max", [](double a, double b) { return std::max(a, b); }},
};
const Case kComparisons[] = {
    {"Equal", [](double a, double b) { return a == b; }},
    {"Less", [](double a, double b) { return a < b; }},
    {"LessOrEqual", [](double a, double b) { return a <= b; }},
    {"Greater", [](double a, double b) { return a > b; }},
    {"GreaterOrEqual", [](double a, double b) { return a >= b; }},
};

/// A pair of shapes that broadcast.
std::pair<Shape, Shape> random_shapes(Random& random) {
  Shape a, b;
  const int64_t rank = random.integer(0, 5);
  for (int64_t i = 0; i < rank; ++i) {
    const int64_t n = random.integer(1, i + 1 == rank ? 90 : 6);
    a.push_back(random.integer(0, 3) == 0 ? 1 : n);
    b.push_back(random.integer(0, 3) == 0 ? 1 : n);
  }
  Shape& shorter = random.flag() ? a : b;
  shorter.erase(shorter.begin(), shorter.begin() + random.integer(0, rank));
  return {a, b};
}

template <class T>
void check(double tolerance) {
  for (uint32_t seed = 200; seed < 230; ++seed) {
    Random random(seed);
    SCOPED_TRACE("seed " + std::to_string(seed));
    const auto [a_dims, b_dims] = random_shapes(random);
    const bool is_signed = std::numeric_limits<T>::is_signed || !std::numeric_limits<T>::is_integer;
    const TestTensor a = random.tensor_of<T>(a_dims, is_signed ? -5 : 5, 11),
                     b = random.tensor_of<T>(b_dims, is_signed ? -5 : 0, 5);
    const Shape dims = broadcast(a_dims, b_dims);
    for (const Case& c : kArithmetic) {
      SCOPED_TRACE(c.op);
      expect_near(run_one(c.op, {}, {a, b}), dims, apply(a, b, c.f), tolerance);
    }
    for (const Case& c : kComparisons) {
      SCOPED_TRACE(c.op);
      expect_near(run_one(c.op, {}, {a, b}), dims, apply(a, b, c.f), 0);
    }
  }
}

// Tolerances: one rounding of the result's type.
TEST(ElementwiseBinary, F32) { check<float>(2e-7); }
TEST(ElementwiseBinary, F64) { check<double>(1e-15); }
TEST(ElementwiseBinary, F16) { check<F16>(6e-4); }
TEST(ElementwiseBinary, BF16) { check<BF16>(5e-3); }
TEST(ElementwiseBinary, Integers) {
  check<int8_t>(0);
  check<int16_t>(0);
  check<int32_t>(0);
  check<int64_t>(0);
  check<uint8_t>(0);
  check<uint16_t>(0);
  check<uint32_t>(0);
  check<uint64_t>(0);
}

TEST(ElementwiseBinary, LargeOnSeveralThreads) {
  Random random(240);
  SCOPED_TRACE("seed 240");
  for (const auto& [a_dims, b_dims] : {std::pair<Shape, Shape>{{300, 1000}, {300, 1000}},
                                       {{300, 1000}, {1000}},
                                       {{300, 1000}, {300, 1}},
                                       {{300, 1000}, {}},
                                       {{100000, 3}, {3}},
                                       {{100000, 3}, {100000, 1}}}) {
    const TestTensor a = random.tensor_of<float>(a_dims), b = random.tensor_of<float>(b_dims);
    expect_near(run_one("Sub", {}, {a, b}), a_dims,
                apply(a, b, [](double x, double y) { return x - y; }), 2e-7);
    expect_near(run_one("Sub", {}, {b, a}), a_dims,
                apply(b, a, [](double x, double y) { return x - y; }), 2e-7);
  }
}

TEST(ElementwiseBinary, NothingAtAll) {
  expect_near(run_one("Add", {}, {tensor<float>({0, 3}, {}), tensor<float>({3}, {1, 2, 3})}),
              {0, 3}, {}, 0);
  expect_near(run_one("Add", {}, {tensor<float>({2, 1}, {1, 2}), tensor<float>({0}, {})}), {2, 0},
              {}, 0);
  expect_near(run_one("Less", {}, {tensor<float>({}, {1}), tensor<float>({}, {2})}), {}, {1}, 0);
}

TEST(ElementwiseBinary, ShapesThatDoNotFit) {
  const auto out =
      run_node("Add", {}, {tensor<float>({2, 3}, {1, 2, 3, 4, 5, 6}), tensor<float>({2}, {1, 2})});
  ASSERT_FALSE(out.ok());
  EXPECT_NE(out.status().message().find("[2,3], [2]"), std::string::npos) << out.status().message();
}

TEST(Div, IntegersGoTowardsZeroAndNeverTrap) {
  expect_near(
      run_one("Div", {},
              {tensor<int32_t>({5}, {7, -7, 7, 5, 0}), tensor<int32_t>({5}, {2, 2, -2, 0, 0})}),
      {5}, {3, -3, -3, 0, 0}, 0);
  expect_near(run_one("Div", {}, {ints({2}, {INT64_MIN, 9}), ints({}, {-1})}), {2}, {-0x1p63, -9},
              0);
  expect_near(run_one("Div", {}, {tensor<int8_t>({1}, {-128}), tensor<int8_t>({}, {-1})}), {1},
              {-128}, 0);
  expect_near(run_one("Div", {}, {tensor<uint8_t>({2}, {255, 1}), tensor<uint8_t>({2}, {2, 0})}),
              {2}, {127, 0}, 0);
  expect_near(run_one("Div", {}, {tensor<float>({3}, {1, -1, 0}), tensor<float>({}, {0})}), {3},
              {kInf, -kInf, kNaN}, 0);
}

TEST(Mod, SignOfDivisorOrOfDividend) {
  const TestTensor a = tensor<int32_t>({6}, {-4, 7, 5, 4, -7, 8}),
                   b = tensor<int32_t>({6}, {2, -3, 8, -2, 3, 5});
  expect_near(run_one("Mod", {}, {a, b}), {6}, {0, -2, 5, 0, 2, 3}, 0);
  expect_near(run_one("Mod", {{"fmod", int64_t{1}}}, {a, b}), {6}, {0, 1, 5, 0, -1, 3}, 0);
  expect_near(run_one("Mod", {{"fmod", int64_t{1}}},
                      {tensor<float>({3}, {-4.25, 7.5, 5}), tensor<float>({3}, {2, -3, 0})}),
              {3}, {-0.25, 1.5, kNaN}, 1e-6);
  expect_near(run_one("Mod", {}, {ints({3}, {INT64_MIN, 5, 7}), ints({3}, {-1, 0, 7})}), {3},
              {0, 0, 0}, 0);
  expect_near(run_one("Mod", {}, {tensor<uint8_t>({1}, {250}), tensor<uint8_t>({1}, {7})}), {1},
              {5}, 0);
}

TEST(MinMax, NaNWinsAndAnyNumberOfOperands) {
  const TestTensor a = tensor<float>({3}, {1, kNaN, 3}), b = tensor<float>({3}, {kNaN, 2, 2}),
                   c = tensor<float>({2, 1}, {0, 9});
  expect_near(run_one("Max", {}, {a, b}), {3}, {kNaN, kNaN, 3}, 0);
  expect_near(run_one("Min", {}, {b, a}), {3}, {kNaN, kNaN, 2}, 0);
  expect_near(run_one("Max", {}, {a, b, c}), {2, 3}, {kNaN, kNaN, 3, kNaN, kNaN, 9}, 0);
  expect_near(run_one("Min", {}, {c}), {2, 1}, {0, 9}, 0);
  expect_near(run_one("Max", {}, {tensor<F16>({1}, {1}), tensor<F16>({1}, {kNaN})}), {1}, {kNaN},
              0);
}

TEST(Pow, ExponentsOfEveryKind) {
  for (double e : {2.0, 3.0, 0.5, -1.0, 1.7, 0.0}) {
    const TestTensor x = tensor<float>({3}, {0.5, 2, 9});
    std::vector<double> expected;
    for (double v : x.numbers()) expected.push_back(std::pow(v, e));
    expect_near(run_one("Pow", {}, {x, tensor<double>({}, {e})}), {3}, expected, 1e-6);
  }
  expect_near(run_one("Pow", {}, {tensor<float>({3}, {-kInf, -0.0, -1}), tensor<float>({}, {0.5})}),
              {3}, {kInf, 0, kNaN}, 0);
  expect_near(run_one("Pow", {},
                      {tensor<int32_t>({4}, {2, -3, 0, 7}), tensor<int32_t>({4}, {10, 3, 0, -1})}),
              {4}, {1024, -27, 1, 0}, 0);
  expect_near(run_one("Pow", {}, {ints({2}, {3, -1}), ints({2}, {39, -3})}), {2},
              {4052555153018976267.0, -1}, 0);
  expect_near(run_one("Pow", {}, {tensor<int64_t>({2}, {4, 9}), tensor<float>({}, {0.5})}), {2},
              {2, 3}, 0);
  expect_near(run_one("Pow", {}, {tensor<F16>({2, 1}, {2, 3}), tensor<int64_t>({2}, {2, 5})}),
              {2, 2}, {4, 32, 9, 243}, 0);
  expect_near(run_one("Pow", {}, {tensor<float>({}, {2}), tensor<uint8_t>({3}, {1, 2, 3})}), {3},
              {2, 4, 8}, 0);
}

TEST(PRelu, SlopeFitsX) {
  const TestTensor x = tensor<float>({2, 2}, {-1, 2, -3, -4});
  expect_near(run_one("PRelu", {}, {x, tensor<float>({2}, {0.5, 10})}), {2, 2},
              {-0.5, 2, -1.5, -40}, 0);
  expect_near(run_one("PRelu", {}, {tensor<int32_t>({2}, {-3, 3}), tensor<int32_t>({1}, {5})}), {2},
              {-15, 3}, 0);
  EXPECT_FALSE(run_node("PRelu", {}, {tensor<float>({2}, {1, 2}), x}).ok());
}

TEST(Logical, Tables) {
  const TestTensor a = tensor<bool>({2, 1}, {0, 1}), b = tensor<bool>({2}, {0, 1});
  expect_near(run_one("And", {}, {a, b}), {2, 2}, {0, 0, 0, 1}, 0);
  expect_near(run_one("Or", {}, {a, b}), {2, 2}, {0, 1, 1, 1}, 0);
  expect_near(run_one("Xor", {}, {a, b}), {2, 2}, {0, 1, 1, 0}, 0);
  expect_near(run_one("Equal", {}, {a, b}), {2, 2}, {1, 0, 0, 1}, 0);
}

TEST(Compare, StringsAndNaN) {
  expect_near(run_one("Equal", {}, {strings({2, 1}, {"a", "bc"}), strings({3}, {"bc", "", "a"})}),
              {2, 3}, {0, 0, 1, 1, 0, 0}, 0);
  for (const Case& c : kComparisons)
    expect_near(run_one(c.op, {}, {tensor<float>({1}, {kNaN}), tensor<float>({1}, {kNaN})}), {1},
                {0}, 0);
  expect_near(
      run_one("Greater", {}, {ints({1}, {(int64_t{1} << 53) + 1}), ints({1}, {int64_t{1} << 53})}),
      {1}, {1}, 0);
}

template <class T>
void check_where(uint32_t seed) {
  Random random(seed);
  SCOPED_TRACE("seed " + std::to_string(seed));
  const auto [a_dims, b_dims] = random_shapes(random);
  const Shape dims = broadcast(a_dims, b_dims);
  Shape c_dims = dims;
  if (!c_dims.empty() && random.flag()) c_dims.back() = 1;
  const TestTensor a = random.tensor_of<T>(a_dims, 0, 100), b = random.tensor_of<T>(b_dims, 0, 100);
  TestTensor c = random.tensor_of<uint8_t>(c_dims, 0, 2);
  c.dtype = HY_DTYPE_BOOL;
  std::vector<double> expected;
  for (int64_t i = 0; i < count_of(dims); ++i)
    expected.push_back(c.bytes[source(i, dims, c_dims)] != 0
                           ? a.numbers()[source(i, dims, a_dims)]
                           : b.numbers()[source(i, dims, b_dims)]);
  expect_near(run_one("Where", {}, {c, a, b}), dims, expected, 0);
}

TEST(Where, EveryElementSize) {
  for (uint32_t seed = 250; seed < 258; ++seed) {
    check_where<uint8_t>(seed);
    check_where<F16>(seed);
    check_where<float>(seed);
    check_where<int64_t>(seed);
  }
}

TEST(Where, Strings) {
  const TestTensor out = run_one(
      "Where", {},
      {tensor<bool>({3}, {1, 0, 1}), strings({3}, {"x", "yy", ""}), strings({1}, {"else"})});
  EXPECT_EQ(out.texts(), (std::vector<std::string>{"x", "else", ""}));
}

/// A graph of two inputs, the first of which is negated before the operator reads it: its memory may
/// become the result's.
TestTensor after_neg(const std::string& op, const TestTensor& x, const TestTensor& y,
                     uint32_t dtype) {
  GraphBuilder b;
  const uint32_t main = b.add_subgraph("main");
  const auto input = [&](const TestTensor& t) {
    std::vector<DimSpec> dims;
    for (int64_t d : t.dims) dims.push_back(DimSpec::fixed(d));
    return b.add_input(main, "in", t.dtype, dims);
  };
  const uint32_t a = input(x), c = input(y);
  const uint32_t negated = b.add_result(main, "negated", x.dtype),
                 out = b.add_result(main, "middle", dtype);
  const uint32_t last =
      b.add_result(main, "last", dtype);  // so that the result is no port's memory
  b.add_node(main, {"", "Neg", "neg", {a}, {negated}, {}, {}});
  b.add_node(main, {"", op, "op", {negated, c}, {out}, {}, {}});
  b.add_node(main, {"", dtype == HY_DTYPE_BOOL ? "Not" : "Neg", "after", {out}, {last}, {}, {}});
  b.add_output(main, last);
  const auto got = run_graph(*b.finish(), {x, y});
  EXPECT_TRUE(got.ok()) << got.status().message();
  return got.ok() ? (*got)[0] : TestTensor{};
}

// One f32 and four bools are as many bytes, but not element by element.
TEST(ElementwiseBinary, ReusesMemoryOnlyOfEqualElements) {
  const TestTensor four = tensor<float>({4}, {-3, -1, 1, 3});
  expect_near(after_neg("Less", tensor<float>({1}, {2}), four, HY_DTYPE_BOOL), {4}, {1, 0, 0, 0},
              0);
  expect_near(after_neg("Add", tensor<float>({1}, {2}), four, HY_DTYPE_F32), {4}, {5, 3, 1, -1}, 0);
  expect_near(after_neg("Add", four, tensor<float>({1}, {2}), HY_DTYPE_F32), {4}, {-5, -3, -1, 1},
              0);
  expect_near(after_neg("Max", four, four, HY_DTYPE_F32), {4}, {-3, -1, -1, -3}, 0);
}

}  // namespace
}  // namespace halyard::cpu::testing
