#include <functional>
#include <limits>

#include "tests/unit/cpu/random_values.hpp"

namespace halyard::cpu::testing {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
const double kNaN = std::nan("");

struct Case {
  const char* op;
  std::function<double(double)> f;
  double low = -8, high = 8;
  Attributes attributes = {};
};

double clamp01(double x) { return x < 0 ? 0 : x > 1 ? 1 : x; }

const Case kCases[] = {
    {"Abs", [](double x) { return x < 0 ? -x : x; }},
    {"Neg", [](double x) { return -x; }},
    {"Sign", [](double x) { return x > 0   ? 1.0
                                   : x < 0 ? -1.0
                                           : x; }},
    {"Ceil", [](double x) { return std::ceil(x); }},
    {"Floor", [](double x) { return std::floor(x); }},
    {"Round",
     [](double x) {
       return std::floor(x + 0.5) -
              (x + 0.5 == std::floor(x + 0.5) && std::fmod(std::floor(x + 0.5), 2) != 0);
     }},
    {"Sqrt", [](double x) { return std::sqrt(x); }, 0, 100},
    {"Reciprocal", [](double x) { return 1 / x; }, 0.1, 9},
    {"Exp", [](double x) { return std::exp(x); }},
    {"Log", [](double x) { return std::log(x); }, 0, 50},
    {"Sin", [](double x) { return std::sin(x); }},
    {"Cos", [](double x) { return std::cos(x); }},
    {"Erf", [](double x) { return std::erf(x); }},
    {"Tanh", [](double x) { return std::tanh(x); }},
    {"Sigmoid", [](double x) { return 1 / (1 + std::exp(-x)); }},
    {"Relu", [](double x) { return x < 0 ? 0 : x; }},
    {"LeakyRelu", [](double x) { return x < 0 ? 0.25 * x : x; }, -8, 8, {{"alpha", 0.25}}},
    {"Elu", [](double x) { return x < 0 ? 1.5 * (std::exp(x) - 1) : x; }, -8, 8, {{"alpha", 1.5}}},
    {"Softplus", [](double x) { return std::log1p(std::exp(x)); }},
    {"HardSigmoid",
     [](double x) { return clamp01(0.25 * x + 0.5); },
     -8,
     8,
     {{"alpha", 0.25}, {"beta", 0.5}}},
    {"HardSwish", [](double x) { return x * clamp01(x / 6 + 0.5); }},
    {"Acos", [](double x) { return std::acos(x); }, -0.99, 0.99},
    {"Acosh", [](double x) { return std::acosh(x); }, 1.1, 9},
    {"Asin", [](double x) { return std::asin(x); }, -0.99, 0.99},
    {"Asinh", [](double x) { return std::asinh(x); }},
    {"Atan", [](double x) { return std::atan(x); }},
    {"Atanh", [](double x) { return std::atanh(x); }, -0.9, 0.9},
    {"Cosh", [](double x) { return std::cosh(x); }},
    {"Sinh", [](double x) { return std::sinh(x); }},
    {"Tan", [](double x) { return std::tan(x); }, -1.2, 1.2},
    {"Celu",
     [](double x) { return std::max(x, 0.0) + std::min(0.0, 2 * std::expm1(x / 2)); },
     -8,
     8,
     {{"alpha", 2.0}}},
    {"Selu",
     [](double x) { return 1.5 * (x < 0 ? 2 * std::expm1(x) : x); },
     -8,
     8,
     {{"alpha", 2.0}, {"gamma", 1.5}}},
    {"ThresholdedRelu", [](double x) { return x > 2 ? x : 0; }, -8, 8, {{"alpha", 2.0}}},
    {"Softsign", [](double x) { return x / (1 + std::fabs(x)); }},
    {"Mish", [](double x) { return x * std::tanh(std::log1p(std::exp(x))); }},
    {"Swish", [](double x) { return x / (1 + std::exp(-0.5 * x)); }, -8, 8, {{"alpha", 0.5}}},
    {"Shrink",
     [](double x) { return x < -2  ? x + 0.25
                           : x > 2 ? x - 0.25
                                   : 0; },
     -8,
     8,
     {{"lambd", 2.0}, {"bias", 0.25}}},
    {"Gelu", [](double x) { return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0))); }},
    {"Gelu",
     [](double x) {
       return 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
     },
     -8,
     8,
     {{"approximate", std::string("tanh")}}},
};

template <class T>
void check(double tolerance) {
  uint32_t seed = 100;
  for (const Case& c : kCases)
    for (const std::vector<int64_t>& dims :
         {std::vector<int64_t>{}, {0, 3}, {7}, {3, 1001}, {2, 50000}}) {
      Random random(++seed);
      SCOPED_TRACE(std::string(c.op) + " seed " + std::to_string(seed));
      const TestTensor x = random.tensor_of<T>(dims, c.low, c.high);
      std::vector<double> expected;
      for (double v : x.numbers()) expected.push_back(c.f(v));
      expect_near(run_one(c.op, c.attributes, {x}), dims, expected, tolerance);
    }
}

// Tolerances: a rounding of the result's type and, for f32, three of the polynomials' ulp.
TEST(ElementwiseUnary, F32) { check<float>(4e-7); }
TEST(ElementwiseUnary, F64) { check<double>(1e-14); }
TEST(ElementwiseUnary, F16) { check<F16>(5e-4); }
TEST(ElementwiseUnary, BF16) { check<BF16>(4e-3); }

TEST(ElementwiseUnary, NaNStays) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.op);
    expect_near(run_one(c.op, c.attributes, {tensor<float>({2}, {kNaN, 1})}), {2},
                {kNaN, static_cast<float>(c.f(1))}, 1e-6);
    expect_near(run_one(c.op, c.attributes, {tensor<F16>({1}, {kNaN})}), {1}, {kNaN}, 0);
  }
  expect_near(run_one("Clip", {},
                      {tensor<float>({1}, {kNaN}), tensor<float>({}, {0}), tensor<float>({}, {1})}),
              {1}, {kNaN}, 0);
}

TEST(ElementwiseUnary, AtTheEdges) {
  expect_near(run_one("Exp", {}, {tensor<float>({5}, {-kInf, -104, -100, 88.5, kInf})}), {5},
              {0, 0, std::exp(-100.0), std::exp(88.5), kInf}, 1e-6);
  expect_near(run_one("Log", {}, {tensor<float>({5}, {0, -1, 1e-40, 3e38, kInf})}), {5},
              {-kInf, kNaN, std::log(static_cast<double>(1e-40f)), std::log(3e38), kInf}, 1e-6);
  for (const char* op : {"Tanh", "Erf"})
    expect_near(run_one(op, {}, {tensor<float>({4}, {-kInf, -30, 30, kInf})}), {4}, {-1, -1, 1, 1},
                0);
  expect_near(run_one("Sigmoid", {}, {tensor<float>({3}, {-kInf, -90, kInf})}), {3},
              {0, std::exp(-90.0), 1}, 1e-6);
  expect_near(run_one("Softplus", {}, {tensor<float>({3}, {-90, 90, kInf})}), {3},
              {std::exp(-90.0), 90, kInf}, 1e-6);
  expect_near(run_one("Round", {}, {tensor<float>({6}, {0.5, 1.5, 2.5, -0.5, -1.5, -2.5})}), {6},
              {0, 2, 2, 0, -2, -2}, 0);
  expect_near(run_one("Sqrt", {}, {tensor<float>({2}, {-1, kInf})}), {2}, {kNaN, kInf}, 0);
}

TEST(ElementwiseUnary, Integers) {
  expect_near(run_one("Abs", {}, {tensor<int8_t>({4}, {-128, -3, 0, 127})}), {4}, {-128, 3, 0, 127},
              0);
  expect_near(run_one("Abs", {}, {tensor<uint64_t>({2}, {3, 0})}), {2}, {3, 0}, 0);
  expect_near(run_one("Neg", {}, {tensor<int16_t>({3}, {-32768, 5, 0})}), {3}, {-32768, -5, 0}, 0);
  expect_near(run_one("Neg", {}, {ints({1}, {INT64_MIN})}), {1}, {-0x1p63}, 0);
  expect_near(run_one("Sign", {}, {tensor<uint8_t>({2}, {0, 200})}), {2}, {0, 1}, 0);
  expect_near(run_one("Sign", {}, {tensor<int32_t>({3}, {-9, 0, 9})}), {3}, {-1, 0, 1}, 0);
  expect_near(run_one("Relu", {}, {tensor<int32_t>({3}, {-9, 0, 9})}), {3}, {0, 0, 9}, 0);
  expect_near(run_one("Erf", {}, {tensor<int64_t>({3}, {-9, 0, 1})}), {3}, {-1, 0, 0}, 0);
  expect_near(run_one("Not", {}, {tensor<bool>({2}, {0, 1})}), {2}, {1, 0}, 0);
}

TEST(Clip, BoundsMayBeAbsentOrCrossed) {
  const TestTensor x = tensor<float>({4}, {-5, 0, 2, 9}), low = tensor<float>({}, {-1}),
                   high = tensor<float>({1}, {3});
  expect_near(run_one("Clip", {}, {x, low, high}), {4}, {-1, 0, 2, 3}, 0);
  expect_near(run_one("Clip", {}, {x, std::nullopt, high}), {4}, {-5, 0, 2, 3}, 0);
  expect_near(run_one("Clip", {}, {x, low}), {4}, {-1, 0, 2, 9}, 0);
  expect_near(run_one("Clip", {}, {x}), {4}, {-5, 0, 2, 9}, 0);
  expect_near(run_one("Clip", {}, {x, high, low}), {4}, {-1, -1, -1, -1}, 0);
  expect_near(
      run_one("Clip", {}, {tensor<F16>({2}, {-5, 5}), tensor<F16>({}, {-1}), tensor<F16>({}, {1})}),
      {2}, {-1, 1}, 0);
  expect_near(run_one("Clip", {}, {tensor<uint8_t>({3}, {1, 100, 255}), tensor<uint8_t>({}, {10})}),
              {3}, {10, 100, 255}, 0);
  EXPECT_FALSE(run_node("Clip", {}, {x, tensor<float>({2}, {0, 1})}).ok());
  EXPECT_FALSE(run_node("Clip", {}, {x, tensor<double>({}, {0})}).ok());
}

TEST(ElementwiseUnary, Verdicts) {
  const TestTensor x = tensor<float>({1}, {0});
  EXPECT_EQ(verdict_of("Gelu", {{"approximate", std::string("cubic")}}, {x}),
            uint32_t{HY_REASON_ATTRIBUTE});
  EXPECT_EQ(verdict_of("Gelu", {{"approximate", std::string("tanh")}}, {x}),
            uint32_t{HY_REASON_NONE});
  EXPECT_EQ(verdict_of("Exp", {}, {tensor<int32_t>({1}, {0})}), uint32_t{HY_REASON_DTYPE});
}

}  // namespace
}  // namespace halyard::cpu::testing
