#include "tests/unit/cpu/random_values.hpp"

namespace halyard::cpu::testing {
namespace {

/// One convolution with two spatial axes, or one where h is 1 throughout.
struct Case {
  int64_t n, in, out, groups, h, w, kh, kw, sh, sw, dh, dw, ph, pw, qh, qw;  // p begins, q ends
  bool bias, constant;
};

Case draw(Random& random) {
  Case c{};
  c.groups = random.integer(1, 3);
  c.n = random.integer(1, 2);
  c.in = c.groups * random.integer(1, 9);
  c.out = c.groups * random.integer(1, 18);
  c.kh = random.integer(1, 3);
  c.kw = random.integer(1, 3);
  c.dh = random.integer(1, 2);
  c.dw = random.integer(1, 2);
  c.sh = random.integer(1, 3);
  c.sw = random.integer(1, 2);
  c.ph = random.integer(0, 2);
  c.pw = random.integer(0, 2);
  c.qh = random.integer(0, 2);
  c.qw = random.integer(0, 2);
  c.h = random.integer((c.kh - 1) * c.dh + 1, 9);
  c.w = random.integer((c.kw - 1) * c.dw + 1, 9);
  c.bias = random.flag();
  c.constant = random.flag();
  return c;
}

struct Expected {
  std::vector<int64_t> dims;
  std::vector<double> values;
};

Expected convolve(const Case& c, const std::vector<double>& x, const std::vector<double>& k,
                  const std::vector<double>& bias) {
  const int64_t oh = (c.h + c.ph + c.qh - (c.kh - 1) * c.dh - 1) / c.sh + 1;
  const int64_t ow = (c.w + c.pw + c.qw - (c.kw - 1) * c.dw - 1) / c.sw + 1;
  Expected e{{c.n, c.out, oh, ow}, {}};
  const int64_t ig = c.in / c.groups, og = c.out / c.groups;
  for (int64_t n = 0; n < c.n; ++n)
    for (int64_t o = 0; o < c.out; ++o)
      for (int64_t y = 0; y < oh; ++y)
        for (int64_t z = 0; z < ow; ++z) {
          double sum = c.bias ? bias[static_cast<size_t>(o)] : 0;
          for (int64_t i = 0; i < ig; ++i)
            for (int64_t a = 0; a < c.kh; ++a)
              for (int64_t b = 0; b < c.kw; ++b) {
                const int64_t r = y * c.sh + a * c.dh - c.ph, s = z * c.sw + b * c.dw - c.pw;
                if (r < 0 || r >= c.h || s < 0 || s >= c.w) continue;
                sum += x[static_cast<size_t>(((n * c.in + o / og * ig + i) * c.h + r) * c.w + s)] *
                       k[static_cast<size_t>(((o * ig + i) * c.kh + a) * c.kw + b)];
              }
          e.values.push_back(sum);
        }
  return e;
}

template <class T>
void check_random(uint32_t seed, int cases) {
  Random random(seed);
  for (int i = 0; i < cases; ++i) {
    SCOPED_TRACE("seed " + std::to_string(seed) + ", case " + std::to_string(i));
    const Case c = draw(random);
    const TestTensor x = random.tensor_of<T>({c.n, c.in, c.h, c.w});
    TestTensor k = random.tensor_of<T>({c.out, c.in / c.groups, c.kh, c.kw});
    const TestTensor b = random.tensor_of<T>({c.out});
    const Expected e = convolve(c, x.numbers(), k.numbers(), b.numbers());
    k.constant = c.constant;
    const Attributes attributes{{"group", c.groups},
                                {"strides", std::vector<int64_t>{c.sh, c.sw}},
                                {"dilations", std::vector<int64_t>{c.dh, c.dw}},
                                {"pads", std::vector<int64_t>{c.ph, c.pw, c.qh, c.qw}}};
    const std::optional<TestTensor> bias = c.bias ? std::optional(b) : std::nullopt;
    expect_near(run_one("Conv", attributes, {x, k, bias}), e.dims, e.values, 8 * kTolerance<T>);
  }
}

TEST(Conv, AgreesWithItsDefinitionInF32) { check_random<float>(101, 60); }
TEST(Conv, AgreesWithItsDefinitionInF64) { check_random<double>(102, 15); }
TEST(Conv, AgreesWithItsDefinitionInF16) { check_random<F16>(103, 15); }
TEST(Conv, AgreesWithItsDefinitionInBf16) { check_random<BF16>(104, 15); }

// The same numbers in one and three dimensions: axes of 1 change nothing.
TEST(Conv, TakesOneAndThreeSpatialAxes) {
  Random random(105);
  const TestTensor x = random.tensor_of<float>({2, 3, 1, 9}),
                   k = random.tensor_of<float>({4, 3, 1, 3});
  const TestTensor two = run_one("Conv", {{"strides", std::vector<int64_t>{1, 2}}}, {x, k});
  TestTensor x1 = x, k1 = k, x3 = x, k3 = k;
  x1.dims = {2, 3, 9};
  k1.dims = {4, 3, 3};
  x3.dims = {2, 3, 1, 1, 9};
  k3.dims = {4, 3, 1, 1, 3};
  const TestTensor one = run_one("Conv", {{"strides", std::vector<int64_t>{2}}}, {x1, k1});
  const TestTensor three = run_one("Conv", {{"strides", std::vector<int64_t>{1, 1, 2}}}, {x3, k3});
  expect_near(one, {2, 4, 4}, two.numbers(), 1e-6);
  expect_near(three, {2, 4, 1, 1, 4}, two.numbers(), 1e-6);
}

TEST(Conv, TakesFourSpatialAxes) {
  const TestTensor x = tensor<float>({1, 1, 1, 2, 1, 2}, {1, 2, 3, 4});
  const TestTensor k = tensor<float>({1, 1, 1, 2, 1, 2}, {1, 10, 100, 1000});
  expect_near(run_one("Conv", {}, {x, k}), {1, 1, 1, 1, 1, 1}, {4321}, 0);
}

TEST(Conv, PadsAutomatically) {
  const TestTensor x = tensor<float>({1, 1, 4}, {1, 2, 3, 4}),
                   k = tensor<float>({1, 1, 2}, {1, 10});
  expect_near(run_one("Conv", {{"auto_pad", "SAME_UPPER"}}, {x, k}), {1, 1, 4}, {21, 32, 43, 4}, 0);
  expect_near(run_one("Conv", {{"auto_pad", "SAME_LOWER"}}, {x, k}), {1, 1, 4}, {10, 21, 32, 43},
              0);
  expect_near(run_one("Conv", {{"auto_pad", "VALID"}}, {x, k}), {1, 1, 3}, {21, 32, 43}, 0);
}

TEST(Conv, OfAnEmptyBatchIsEmpty) {
  const TestTensor x = tensor<float>({0, 1, 4}, {}),
                   k = tensor<float>({3, 1, 2}, {1, 2, 3, 4, 5, 6});
  expect_near(run_one("Conv", {}, {x, k}), {0, 3, 3}, {}, 0);
}

TEST(Conv, RefusesWeightsThatDoNotFit) {
  const TestTensor x = tensor<float>({1, 2, 3}, {1, 2, 3, 4, 5, 6}),
                   k = tensor<float>({1, 1, 2}, {1, 2});
  EXPECT_EQ(run_node("Conv", {}, {x, k}).status().code(), HY_ERROR_MISMATCH);
}

}  // namespace
}  // namespace halyard::cpu::testing
