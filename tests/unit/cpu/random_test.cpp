// Random numbers: the generator, the distributions, and what repeats and what does not.
#include "providers/cpu/random.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "tests/unit/cpu/random_values.hpp"

namespace halyard::cpu::testing {
namespace {

using Shape = std::vector<int64_t>;

RunOptions once(int threads = 2) {
  RunOptions options;
  options.repeat = 1;
  options.threads = threads;
  return options;
}

TestTensor drawn(const std::string& op, Attributes attributes,
                 const std::vector<std::optional<TestTensor>>& inputs, uint32_t dtype,
                 int threads = 2) {
  RunOptions options = once(threads);
  options.output_types = {dtype};
  return run_one(op, attributes, inputs, options);
}

std::string refusal(const std::string& op, const Attributes& attributes,
                    const std::vector<std::optional<TestTensor>>& inputs, uint32_t dtype) {
  RunOptions options = once();
  options.output_types = {dtype};
  const auto out = run_node(op, attributes, inputs, options);
  return out.ok() ? "it ran" : out.status().message();
}

double mean_of(const std::vector<double>& v) {
  return std::accumulate(v.begin(), v.end(), 0.0) / static_cast<double>(v.size());
}
double deviation_of(const std::vector<double>& v) {
  const double m = mean_of(v);
  double sum = 0;
  for (const double x : v) sum += (x - m) * (x - m);
  return std::sqrt(sum / static_cast<double>(v.size()));
}

TEST(Philox, GivesThePublishedWords) {
  // The known answers that the paper's authors publish with their code.
  using Words = std::array<uint32_t, 4>;
  EXPECT_EQ(philox(0, 0, 0), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox(UINT64_MAX, UINT64_MAX, UINT64_MAX),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox(0x299f31d0a4093822, 0x85a308d3243f6a88, 0x0370734413198a2e),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Philox, AStreamIsTheSameInParts) {
  const RandomStream s{12345, 6};
  std::vector<uint32_t> whole(64), part(16);
  s.fill(0, whole);
  s.fill(10, part);
  EXPECT_TRUE(std::equal(part.begin(), part.end(), whole.begin() + 40));
  EXPECT_EQ(s.unit(21), RandomStream::unit(whole[42], whole[43]));
}

const Attributes kSeed = {{"seed", 3.0}};

Attributes with(Attributes a, std::string name, AttributeValue value) {
  a.emplace_back(std::move(name), std::move(value));
  return a;
}

TEST(Random, ASeedGivesTheSameNumbersOnAnyThreads) {
  for (const char* op : {"RandomUniform", "RandomNormal"})
    for (const uint32_t dtype : {uint32_t{HY_DTYPE_F32}, uint32_t{HY_DTYPE_F64},
                                 uint32_t{HY_DTYPE_F16}, uint32_t{HY_DTYPE_BF16}}) {
      const Attributes a = with(with(kSeed, "dtype", int64_t{dtype}), "shape", Shape{7, 11, 1301});
      const TestTensor one = drawn(op, a, {}, dtype, 1), four = drawn(op, a, {}, dtype, 4);
      EXPECT_EQ(one.dtype, dtype);
      EXPECT_EQ(one.dims, (Shape{7, 11, 1301}));
      EXPECT_EQ(one.bytes, four.bytes) << op;
      const TestTensor like =
          drawn(std::string(op) + "Like", with(kSeed, "dtype", int64_t{dtype}),
                {tensor<int32_t>({7, 11, 1301}, std::vector<double>(7 * 11 * 1301))}, dtype);
      EXPECT_EQ(like.bytes, one.bytes) << op;
      const Attributes other =
          with(with({{"seed", 4.0}}, "dtype", int64_t{dtype}), "shape", Shape{7, 11, 1301});
      EXPECT_NE(drawn(op, other, {}, dtype).bytes, one.bytes);
    }
}

TEST(Random, WithoutASeedNodesAndRunsDiffer) {
  const Attributes shape = {{"shape", Shape{64}}};
  EXPECT_NE(drawn("RandomUniform", shape, {}, HY_DTYPE_F32).bytes,
            drawn("RandomUniform", shape, {}, HY_DTYPE_F32).bytes);
  const TestTensor half = tensor<float>({64}, std::vector<double>(64, 0.5));
  EXPECT_NE(drawn("Bernoulli", {}, {half}, HY_DTYPE_F32).bytes,
            drawn("Bernoulli", {}, {half}, HY_DTYPE_F32).bytes);
  // Two runs of one executable: the runner says that they do not agree.
  RunOptions twice = once();
  twice.repeat = 2;
  const auto out = run_node("RandomUniform", shape, {}, twice);
  ASSERT_FALSE(out.ok());
  EXPECT_NE(out.status().message().find("run 1 gave another output"), std::string::npos)
      << out.status().message();
}

TEST(RandomUniform, FillsItsRangeEvenly) {
  const Attributes a = {{"seed", 1.0}, {"low", -2.0}, {"high", 6.0}, {"shape", Shape{200000}}};
  for (const uint32_t dtype : {uint32_t{HY_DTYPE_F32}, uint32_t{HY_DTYPE_F64},
                               uint32_t{HY_DTYPE_F16}, uint32_t{HY_DTYPE_BF16}}) {
    const auto v = drawn("RandomUniform", with(a, "dtype", int64_t{dtype}), {}, dtype).numbers();
    EXPECT_GE(*std::min_element(v.begin(), v.end()), -2.0);
    EXPECT_LT(*std::max_element(v.begin(), v.end()), 6.0) << "half open in every type";
    EXPECT_NEAR(mean_of(v), 2, 0.03);  // its deviation is 2.3 / sqrt(200000), 0.005
    std::vector<double> bins(8);
    for (const double x : v) bins[static_cast<size_t>((x + 2))] += 1;
    for (const double b : bins) EXPECT_NEAR(b, 25000, 800);  // its deviation is 148
  }
}

TEST(RandomUniform, OneNumberAndNothing) {
  const Attributes same = {{"low", 3.0}, {"high", 3.0}, {"shape", Shape{5}}};
  expect_near(drawn("RandomUniform", same, {}, HY_DTYPE_F32), {5}, {3, 3, 3, 3, 3}, 0);
  EXPECT_EQ(drawn("RandomUniform", {{"shape", Shape{4, 0}}}, {}, HY_DTYPE_F32).dims, (Shape{4, 0}));
  const auto scalar = drawn("RandomNormal", {{"shape", Shape{}}}, {}, HY_DTYPE_F32);
  EXPECT_EQ(scalar.dims, Shape{});
  EXPECT_EQ(scalar.bytes.size(), 4u);
}

TEST(RandomNormal, HasItsMeanDeviationAndShape) {
  const Attributes a = {{"seed", 9.0}, {"mean", 5.0}, {"scale", 2.0}, {"shape", Shape{200001}}};
  for (const uint32_t dtype : {uint32_t{HY_DTYPE_F32}, uint32_t{HY_DTYPE_F64},
                               uint32_t{HY_DTYPE_F16}, uint32_t{HY_DTYPE_BF16}}) {
    auto v = drawn("RandomNormal", with(a, "dtype", int64_t{dtype}), {}, dtype).numbers();
    EXPECT_NEAR(mean_of(v), 5, 0.03);
    EXPECT_NEAR(deviation_of(v), 2, 0.02);
    // Shares below the mean minus two, one and no deviations: 2.28 %, 15.87 %, 50 %.
    std::sort(v.begin(), v.end());
    const auto share = [&](double x) {
      return static_cast<double>(std::lower_bound(v.begin(), v.end(), x) - v.begin()) / 200001;
    };
    EXPECT_NEAR(share(1), 0.02275, 0.003);
    EXPECT_NEAR(share(3), 0.15866, 0.006);
    EXPECT_NEAR(share(5), 0.5, 0.008);  // bf16 numbers lie 1/32 apart here
    EXPECT_NEAR(share(7), 0.84134, 0.006);
  }
}

TEST(RandomNormal, NeighboursAreIndependent) {
  const Attributes a = {{"seed", 2.0}, {"shape", Shape{100000}}};
  const auto v = drawn("RandomNormal", a, {}, HY_DTYPE_F32).numbers();
  for (const size_t lag : {1u, 2u, 3u, 4u}) {
    double sum = 0;
    for (size_t i = lag; i < v.size(); ++i) sum += v[i] * v[i - lag];
    EXPECT_NEAR(sum / 100000, 0, 0.02) << "lag " << lag;  // its deviation is 0.003
  }
}

TEST(Random, WhatHasNoMeaningIsRefused) {
  const auto of = [](const std::string& op, Attributes a) {
    return refusal(op, with(std::move(a), "shape", Shape{3}), {}, HY_DTYPE_F32);
  };
  const double inf = std::numeric_limits<double>::infinity();
  EXPECT_NE(of("RandomUniform", {{"low", 2.0}, {"high", 1.0}}).find("at least low, which is 2"),
            std::string::npos);
  EXPECT_NE(of("RandomUniform", {{"low", -inf}}).find("low is -inf"), std::string::npos);
  EXPECT_NE(of("RandomUniform", {{"high", std::nan("")}}).find("high is nan"), std::string::npos);
  EXPECT_NE(of("RandomNormal", {{"scale", -1.0}}).find("scale is -1"), std::string::npos);
  EXPECT_NE(of("RandomNormal", {{"mean", inf}}).find("mean is inf"), std::string::npos);
}

TEST(Bernoulli, FollowsItsProbabilities) {
  std::vector<double> p(200000);
  for (size_t i = 0; i < p.size(); ++i)
    p[i] = i % 4 == 0 ? 0 : i % 4 == 1 ? 1 : i % 4 == 2 ? 0.25 : 0.9;
  const auto y = drawn("Bernoulli", kSeed, {tensor<double>({200000}, p)}, HY_DTYPE_F64).numbers();
  double sums[4] = {};
  for (size_t i = 0; i < y.size(); ++i) {
    ASSERT_TRUE(y[i] == 0 || y[i] == 1);
    sums[i % 4] += y[i];
  }
  EXPECT_EQ(sums[0], 0);
  EXPECT_EQ(sums[1], 50000);
  EXPECT_NEAR(sums[2], 0.25 * 50000, 500);
  EXPECT_NEAR(sums[3], 0.9 * 50000, 500);
}

TEST(Bernoulli, AnyTypeHoldsTheSameDraws) {
  const TestTensor p = tensor<float>({300}, std::vector<double>(300, 0.5));
  const auto want = drawn("Bernoulli", kSeed, {p}, HY_DTYPE_F32).numbers();
  for (const uint32_t d : {uint32_t{HY_DTYPE_F16}, uint32_t{HY_DTYPE_F64}, uint32_t{HY_DTYPE_BOOL},
                           uint32_t{HY_DTYPE_I8}, uint32_t{HY_DTYPE_U64}, uint32_t{HY_DTYPE_I32}}) {
    const auto y = drawn("Bernoulli", with(kSeed, "dtype", int64_t{d}), {p}, d);
    EXPECT_EQ(y.dtype, d);
    EXPECT_EQ(y.numbers(), want);
  }
}

TEST(Bernoulli, NoProbabilityIsAnError) {
  for (const double bad : {-0.5, 1.25, std::nan("")}) {
    const std::string said =
        refusal("Bernoulli", {}, {tensor<float>({3}, {0, bad, 1})}, HY_DTYPE_F32);
    EXPECT_NE(said.find("element 1"), std::string::npos) << said;
    EXPECT_NE(said.find("0..1"), std::string::npos) << said;
  }
}

TEST(Multinomial, FollowsItsWeights) {
  const double inf = std::numeric_limits<double>::infinity();
  const auto x = tensor<float>({2, 4}, {std::log(1.0), std::log(3.0), -inf, std::log(6.0),  //
                                        -1000, -1000, -1000, -inf});
  const Attributes a = {{"seed", 5.0}, {"sample_size", int64_t{60000}}};
  for (const uint32_t dtype : {uint32_t{HY_DTYPE_I32}, uint32_t{HY_DTYPE_I64}}) {
    const auto y = drawn("Multinomial", with(a, "dtype", int64_t{dtype}), {x}, dtype);
    ASSERT_EQ(y.dims, (Shape{2, 60000}));
    EXPECT_EQ(y.dtype, dtype);
    double counts[2][4] = {};
    const auto v = y.numbers();
    for (size_t i = 0; i < v.size(); ++i) {
      ASSERT_TRUE(v[i] >= 0 && v[i] < 4);
      counts[i / 60000][static_cast<size_t>(v[i])] += 1.0 / 60000;
    }
    const double want[2][4] = {{0.1, 0.3, 0, 0.6}, {1 / 3.0, 1 / 3.0, 1 / 3.0, 0}};
    for (int r = 0; r < 2; ++r)
      for (int c = 0; c < 4; ++c) EXPECT_NEAR(counts[r][c], want[r][c], want[r][c] == 0 ? 0 : 0.01);
  }
}

TEST(Multinomial, WhatHasNoWeightsIsRefused) {
  const double inf = std::numeric_limits<double>::infinity();
  const auto of = [](const TestTensor& x) { return refusal("Multinomial", {}, {x}, HY_DTYPE_I32); };
  EXPECT_NE(of(tensor<float>({2, 2}, {0, 0, 0, std::nan("")})).find("class 1 of row 1"),
            std::string::npos);
  EXPECT_NE(of(tensor<float>({1, 2}, {inf, 0})).find("it must be a number or -inf"),
            std::string::npos);
  EXPECT_NE(of(tensor<float>({1, 2}, {-inf, -inf})).find("none of a positive weight"),
            std::string::npos);
  EXPECT_NE(of(tensor<float>({1, 0}, {})).find("row 0 has 0 classes"), std::string::npos);
  EXPECT_NE(of(tensor<float>({2}, {0, 0})).find("its rank is 2"), std::string::npos);
  EXPECT_EQ(drawn("Multinomial", {}, {tensor<float>({0, 3}, {})}, HY_DTYPE_I32).dims,
            (Shape{0, 1}));
}

}  // namespace
}  // namespace halyard::cpu::testing
