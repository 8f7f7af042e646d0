#include <functional>
#include <limits>

#include "tests/unit/cpu/random_values.hpp"

namespace halyard::cpu::testing {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
const double kNaN = std::nan("");
using Shape = std::vector<int64_t>;
using Values = std::vector<double>;

struct Case {
  const char* op;
  std::function<double(const Values&)> f;
};
double sum(const Values& v) {
  double s = 0;
  for (double x : v) s += x;
  return s;
}
double sum_square(const Values& v) {
  double s = 0;
  for (double x : v) s += x * x;
  return s;
}
const Case kCases[] = {
    {"ReduceSum", sum},
    {"ReduceMean", [](const Values& v) { return sum(v) / static_cast<double>(v.size()); }},
    {"ReduceMax", [](const Values& v) { return *std::max_element(v.begin(), v.end()); }},
    {"ReduceMin", [](const Values& v) { return *std::min_element(v.begin(), v.end()); }},
    {"ReduceSumSquare", sum_square},
    {"ReduceL1",
     [](const Values& v) {
       double s = 0;
       for (double x : v) s += std::fabs(x);
       return s;
     }},
    {"ReduceLogSumExp",
     [](const Values& v) {
       double s = 0;
       for (double x : v) s += std::exp(x);
       return std::log(s);
     }},
    {"ReduceL2", [](const Values& v) { return std::sqrt(sum_square(v)); }},
    {"ReduceProd",
     [](const Values& v) {
       double p = 1;
       for (double x : v) p *= x;
       return p;
     }},
};

/// For each result, what it is made of.
std::vector<Values> groups(const TestTensor& x, const std::vector<bool>& reduced) {
  int64_t results = 1;
  for (size_t d = 0; d < reduced.size(); ++d) results *= reduced[d] ? 1 : x.dims[d];
  std::vector<Values> out(static_cast<size_t>(results));
  const Values v = x.numbers();
  for (size_t i = 0; i < v.size(); ++i) {
    int64_t rest = static_cast<int64_t>(i), to = 0, stride = 1;
    for (size_t d = reduced.size(); d-- > 0; rest /= x.dims[d])
      if (!reduced[d]) {
        to += rest % x.dims[d] * stride;
        stride *= x.dims[d];
      }
    out[static_cast<size_t>(to)].push_back(v[i]);
  }
  return out;
}

template <class T>
void check(double tolerance, double low, double high) {
  for (uint32_t seed = 400; seed < 425; ++seed) {
    Random random(seed);
    SCOPED_TRACE("seed " + std::to_string(seed));
    Shape dims, axes, kept_dims, short_dims;
    const int64_t rank = random.integer(1, 5);
    std::vector<bool> reduced;
    for (int64_t d = 0; d < rank; ++d) {
      dims.push_back(random.integer(1, d == rank - 1 ? 40 : 5));
      reduced.push_back(random.flag());
      if (reduced.back()) axes.push_back(random.flag() ? d : d - rank);
      kept_dims.push_back(reduced.back() ? 1 : dims.back());
      if (!reduced.back()) short_dims.push_back(dims.back());
    }
    const TestTensor x = random.tensor_of<T>(dims, low, high);
    const TestTensor axes_operand = ints({static_cast<int64_t>(axes.size())}, axes);
    for (const Case& c : kCases) {
      SCOPED_TRACE(c.op);
      Values expected;
      for (const Values& g : groups(x, reduced))
        expected.push_back(std::numeric_limits<T>::is_integer ? std::trunc(c.f(g)) : c.f(g));
      // Empty axes with noop: nothing is reduced, and the rest of the operator is done.
      const Attributes keep{{"noop_with_empty_axes", int64_t{1}}},
          drop{{"keepdims", int64_t{0}}, {"noop_with_empty_axes", int64_t{1}}};
      if (std::string(c.op) == "ReduceProd" && std::numeric_limits<T>::is_integer)
        continue;  // overflows
      expect_near(run_one(c.op, keep, {x, axes_operand}), kept_dims, expected, tolerance);
      expect_near(run_one(c.op, drop, {x, axes_operand}), short_dims, expected, tolerance);
    }
  }
}

// Tolerances: one rounding of the result, as sums are kept in f64.
TEST(Reduce, F32) { check<float>(2e-7, -1.5, 1.5); }
TEST(Reduce, F64) { check<double>(1e-13, -1.5, 1.5); }
TEST(Reduce, F16) { check<F16>(1e-3, -1.5, 1.5); }
TEST(Reduce, BF16) { check<BF16>(8e-3, -1.5, 1.5); }
TEST(Reduce, Integers) {
  check<int32_t>(0, -50, 50);
  check<int64_t>(0, -50, 50);
  check<uint32_t>(0, 0, 50);
  check<uint64_t>(0, 0, 50);
}

TEST(Reduce, WithoutAxes) {
  const TestTensor x = tensor<float>({2, 2}, {1, 2, 3, 4});
  expect_near(run_one("ReduceSum", {}, {x}), {1, 1}, {10}, 0);
  expect_near(run_one("ReduceSum", {{"keepdims", int64_t{0}}}, {x}), {}, {10}, 0);
  expect_near(run_one("ReduceSum", {}, {x, ints({0}, {})}), {1, 1}, {10}, 0);
  expect_near(run_one("ReduceSumSquare", {{"noop_with_empty_axes", int64_t{1}}}, {x}), {2, 2},
              {1, 4, 9, 16}, 0);
  expect_near(run_one("ReduceMax", {}, {tensor<float>({}, {5})}), {}, {5}, 0);
}

TEST(Reduce, OfNothing) {
  const TestTensor f = tensor<float>({2, 0}, {}), i = tensor<int8_t>({2, 0}, {}),
                   axis = ints({1}, {1});
  const auto check_both = [&](const char* op, double of_floats, double of_ints) {
    expect_near(run_one(op, {}, {f, axis}), {2, 1}, {of_floats, of_floats}, 0);
    expect_near(run_one(op, {}, {i, axis}), {2, 1}, {of_ints, of_ints}, 0);
  };
  check_both("ReduceSum", 0, 0);
  check_both("ReduceMean", kNaN, 0);
  check_both("ReduceProd", 1, 1);
  check_both("ReduceMax", -kInf, -128);
  check_both("ReduceMin", kInf, 127);
  check_both("ReduceL2", 0, 0);
  expect_near(run_one("ReduceSum", {}, {f, ints({1}, {0})}), {1, 0}, {}, 0);
  expect_near(run_one("ReduceSum", {}, {tensor<float>({0, 3}, {}), ints({1}, {0})}), {1, 3},
              {0, 0, 0}, 0);
  expect_near(run_one("ReduceMin", {}, {tensor<bool>({0}, {})}), {1}, {1}, 0);
}

TEST(Reduce, BoolAndNaN) {
  const TestTensor b = tensor<bool>({2, 2}, {0, 1, 0, 0});
  expect_near(run_one("ReduceMax", {}, {b, ints({1}, {1})}), {2, 1}, {1, 0}, 0);
  expect_near(run_one("ReduceMin", {}, {b, ints({1}, {1})}), {2, 1}, {0, 0}, 0);
  const TestTensor x = tensor<float>({2, 2}, {1, kNaN, kNaN, 4});
  for (const char* op : {"ReduceMax", "ReduceMin", "ReduceSum"})
    for (int64_t axis : {0, 1})
      expect_near(run_one(op, {{"keepdims", int64_t{0}}}, {x, ints({1}, {axis})}), {2},
                  {kNaN, kNaN}, 0);
}

TEST(Reduce, LongSumsStayAccurate) {
  const TestTensor x = tensor<float>({1000003}, Values(1000003, 0.1));
  expect_near(run_one("ReduceSum", {}, {x}), {1}, {1000003 * static_cast<double>(0.1f)}, 1e-7);
  expect_near(run_one("ReduceMean", {}, {x}), {1}, {static_cast<double>(0.1f)}, 0);
}

TEST(Reduce, AxesThatDoNotExist) {
  const TestTensor x = tensor<float>({2, 2}, {1, 2, 3, 4});
  EXPECT_FALSE(run_node("ReduceSum", {}, {x, ints({1}, {2})}).ok());
  EXPECT_FALSE(run_node("ReduceSum", {}, {x, ints({2}, {0, -2})}).ok());
}

template <class T>
void check_arg(uint32_t seed) {
  Random random(seed);
  SCOPED_TRACE("seed " + std::to_string(seed));
  const Shape dims{random.integer(1, 4), random.integer(1, 30), random.integer(1, 100)};
  const TestTensor x = random.tensor_of<T>(dims, 0, 6);  // with ties, where T is an integer
  for (int64_t axis : {0, 1, -1})
    for (int64_t last : {0, 1})
      for (const char* op : {"ArgMax", "ArgMin"}) {
        std::vector<bool> reduced(3);
        reduced[static_cast<size_t>(axis < 0 ? 2 : axis)] = true;
        Values expected;
        for (Values g : groups(x, reduced)) {
          if (std::string(op) == "ArgMin")
            for (double& v : g) v = -v;
          size_t best = 0;
          for (size_t i = 1; i < g.size(); ++i)
            if (g[i] > g[best] || (last == 1 && g[i] == g[best])) best = i;
          expected.push_back(static_cast<double>(best));
        }
        Shape out = dims;
        out[static_cast<size_t>(axis < 0 ? 2 : axis)] = 1;
        expect_near(run_one(op, {{"axis", axis}, {"select_last_index", last}}, {x}), out, expected,
                    0);
      }
}

TEST(ArgReduce, AgreesWithItsDefinition) {
  for (uint32_t seed = 450; seed < 455; ++seed) {
    check_arg<float>(seed);
    check_arg<F16>(seed);
    check_arg<int8_t>(seed);
    check_arg<uint64_t>(seed);
  }
}

TEST(ArgReduce, NaNIsFoundAndNothingIsRefused) {
  expect_near(
      run_one("ArgMax", {{"keepdims", int64_t{0}}}, {tensor<float>({4}, {1, kNaN, 9, kNaN})}), {},
      {1}, 0);
  expect_near(
      run_one("ArgMin", {{"keepdims", int64_t{0}}}, {tensor<float>({4}, {1, kNaN, 9, kNaN})}), {},
      {1}, 0);
  EXPECT_FALSE(run_node("ArgMax", {}, {tensor<float>({0, 2}, {})}).ok());
  expect_near(run_one("ArgMax", {{"axis", int64_t{1}}}, {tensor<float>({0, 2}, {})}), {0, 1}, {},
              0);
}

TEST(Reduce, L1OfTheLargestIntegers) {
  expect_near(run_one("ReduceL1", {}, {tensor<uint8_t>({2}, {200, 40})}), {1}, {240}, 0);
  expect_near(run_one("ReduceL1", {}, {tensor<int8_t>({2}, {-100, 20})}), {1}, {120}, 0);
  TestTensor u = ints({1}, {-1});  // the bits of the largest u64
  u.dtype = HY_DTYPE_U64;
  EXPECT_EQ(run_one("ReduceL1", {}, {u}).values<uint64_t>(), std::vector<uint64_t>{UINT64_MAX});
}

TEST(Reduce, LogarithmsOfSums) {
  const TestTensor x = tensor<float>({2, 2}, {1, 3, 0.5, 0.5});
  const Attributes flat{{"keepdims", int64_t{0}}};
  expect_near(run_one("ReduceLogSum", flat, {x, ints({1}, {1})}), {2}, {std::log(4.0), 0}, 1e-6);
  // e^1000 alone is no f64.
  expect_near(run_one("ReduceLogSumExp", flat, {tensor<float>({2}, {1000, 1000})}), {},
              {1000 + std::log(2.0)}, 1e-6);
  expect_near(run_one("ReduceLogSumExp", flat, {tensor<float>({3}, {-kInf, 0, -kInf})}), {}, {0},
              0);
  expect_near(run_one("ReduceLogSumExp", flat, {tensor<float>({2}, {kInf, kInf})}), {}, {kInf}, 0);
  expect_near(run_one("ReduceLogSumExp", flat, {tensor<float>({0}, {})}), {}, {-kInf}, 0);
}

}  // namespace
}  // namespace halyard::cpu::testing
