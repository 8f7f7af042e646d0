#include <limits>

#include "tests/unit/cpu/random_values.hpp"

namespace halyard::cpu::testing {
namespace {

/// One axis of a pool, by its definition.
struct Axis {
  int64_t input, kernel, stride, dilation, begin, end;
  bool ceil;
  int64_t output() const {
    const int64_t room = input + begin + end - (kernel - 1) * dilation - 1;
    int64_t n = (ceil ? (room + stride - 1) / stride : room / stride) + 1;
    if (ceil && (n - 1) * stride >= input + begin) --n;
    return n;
  }
};

Axis draw_axis(Random& random, bool ceil) {
  Axis a{};
  a.kernel = random.integer(1, 4);
  a.dilation = random.integer(1, 2);
  a.stride = random.integer(1, 3);
  a.begin = random.integer(0, a.kernel / 2);
  a.end = random.integer(0, a.kernel / 2);
  a.input = random.integer((a.kernel - 1) * a.dilation + 1, 11);
  a.ceil = ceil;
  return a;
}

enum class Kind { kMax, kAverage, kAverageWithPads };

std::vector<double> pool(const Axis& r, const Axis& c, int64_t planes, const std::vector<double>& x,
                         Kind kind) {
  std::vector<double> out;
  for (int64_t p = 0; p < planes; ++p)
    for (int64_t y = 0; y < r.output(); ++y)
      for (int64_t z = 0; z < c.output(); ++z) {
        double best = -std::numeric_limits<double>::infinity(), sum = 0, count = 0;
        for (int64_t a = 0; a < r.kernel; ++a)
          for (int64_t b = 0; b < c.kernel; ++b) {
            const int64_t i = y * r.stride + a * r.dilation - r.begin,
                          j = z * c.stride + b * c.dilation - c.begin;
            const bool inside = i >= 0 && i < r.input && j >= 0 && j < c.input;
            const bool padded = i < r.input + r.end && j < c.input + c.end;
            if (inside || (kind == Kind::kAverageWithPads && padded)) ++count;
            if (!inside) continue;
            const double v = x[static_cast<size_t>((p * r.input + i) * c.input + j)];
            best = std::max(best, v);
            sum += v;
          }
        out.push_back(kind == Kind::kMax ? best : sum / count);
      }
  return out;
}

template <class T>
void check_random(uint32_t seed, int cases, Kind kind) {
  Random random(seed);
  for (int i = 0; i < cases; ++i) {
    SCOPED_TRACE("seed " + std::to_string(seed) + ", case " + std::to_string(i));
    const bool ceil = random.flag();
    const Axis r = draw_axis(random, ceil), c = draw_axis(random, ceil);
    const int64_t channels = random.integer(1, 20);
    const TestTensor x = random.tensor_of<T>({2, channels, r.input, c.input}, -100, 100);
    Attributes attributes{{"kernel_shape", std::vector<int64_t>{r.kernel, c.kernel}},
                          {"strides", std::vector<int64_t>{r.stride, c.stride}},
                          {"dilations", std::vector<int64_t>{r.dilation, c.dilation}},
                          {"pads", std::vector<int64_t>{r.begin, c.begin, r.end, c.end}},
                          {"ceil_mode", int64_t{ceil}}};
    if (kind == Kind::kAverageWithPads) attributes.emplace_back("count_include_pad", int64_t{1});
    const TestTensor y = run_one(kind == Kind::kMax ? "MaxPool" : "AveragePool", attributes, {x});
    expect_near(y, {2, channels, r.output(), c.output()},
                pool(r, c, 2 * channels, x.numbers(), kind), kTolerance<T>);
  }
}

TEST(MaxPool, AgreesWithItsDefinition) {
  check_random<float>(301, 40, Kind::kMax);
  check_random<double>(302, 10, Kind::kMax);
  check_random<F16>(303, 10, Kind::kMax);
  check_random<int8_t>(304, 10, Kind::kMax);
}
TEST(AveragePool, AgreesWithItsDefinition) {
  check_random<float>(311, 40, Kind::kAverage);
  check_random<double>(312, 10, Kind::kAverage);
  check_random<float>(313, 40, Kind::kAverageWithPads);
  check_random<BF16>(314, 10, Kind::kAverageWithPads);
}

TEST(MaxPool, GivesIndicesInEitherOrder) {
  const TestTensor x = tensor<float>({1, 2, 2, 3}, {1, 9, 2, 3, 4, 5, 6, 0, 7, 8, 1, 2});
  RunOptions options;
  options.outputs = 2;
  const std::vector<int64_t> kernel{2, 2};
  const auto rows = run_node("MaxPool", {{"kernel_shape", kernel}}, {x}, options);
  ASSERT_TRUE(rows.ok()) << rows.status().message();
  EXPECT_EQ((*rows)[0].numbers(), (std::vector<double>{9, 9, 8, 7}));
  EXPECT_EQ((*rows)[1].numbers(), (std::vector<double>{1, 1, 9, 8}));
  const auto columns =
      run_node("MaxPool", {{"kernel_shape", kernel}, {"storage_order", int64_t{1}}}, {x}, options);
  ASSERT_TRUE(columns.ok()) << columns.status().message();
  EXPECT_EQ((*columns)[1].numbers(), (std::vector<double>{2, 2, 7, 10}));
}

TEST(MaxPool, KeepsNaN) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const TestTensor x = tensor<double>({1, 1, 4}, {1, nan, 2, 3});
  expect_near(run_one("MaxPool", {{"kernel_shape", std::vector<int64_t>{2}}}, {x}), {1, 1, 3},
              {nan, nan, 3}, 0);
}

TEST(MaxPool, PadsAutomatically) {
  const TestTensor x = tensor<float>({1, 1, 5}, {5, 1, 2, 4, 3});
  const auto run = [&](const char* mode) {
    return run_one("MaxPool",
                   {{"kernel_shape", std::vector<int64_t>{2}},
                    {"strides", std::vector<int64_t>{2}},
                    {"auto_pad", mode}},
                   {x});
  };
  expect_near(run("SAME_UPPER"), {1, 1, 3}, {5, 4, 3}, 0);
  expect_near(run("SAME_LOWER"), {1, 1, 3}, {5, 2, 4}, 0);
  expect_near(run("VALID"), {1, 1, 2}, {5, 4}, 0);
}

TEST(GlobalPool, TakesWholePlanes) {
  const TestTensor x = tensor<float>({1, 2, 2, 2}, {1, 2, 3, 6, -1, -2, -3, -5});
  expect_near(run_one("GlobalAveragePool", {}, {x}), {1, 2, 1, 1}, {3, -2.75}, 0);
  expect_near(run_one("GlobalMaxPool", {}, {x}), {1, 2, 1, 1}, {6, -1}, 0);
  const TestTensor half = tensor<F16>({1, 2, 2, 2}, x.numbers());
  expect_near(run_one("GlobalAveragePool", {}, {half}), {1, 2, 1, 1}, {3, -2.75}, 0);
}

}  // namespace
}  // namespace halyard::cpu::testing
