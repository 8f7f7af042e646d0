// Attention and RotaryEmbedding against their definitions.
#include <limits>

#include "tests/unit/cpu/random_values.hpp"

namespace halyard::cpu::testing {
namespace {

using Ints = std::vector<int64_t>;
using Doubles = std::vector<double>;

constexpr double kNever = -std::numeric_limits<double>::infinity();

struct Case {
  int64_t batch = 2, heads = 4, kv_heads = 4, queries = 5, keys = 5, past = 0, size = 6,
          value_size = 6;
  bool by_head = true, causal = false, mask = false, bool_mask = false;
  Ints mask_dims = {};
  double softcap = 0;
  std::optional<double> scale = std::nullopt;
  std::optional<Ints> lengths = std::nullopt;
  int64_t mode = 0;
};

/// Element [b, h, i, d] of an operand in either layout.
double at(const Doubles& x, const Case& c, int64_t heads, int64_t length, int64_t size, int64_t b,
          int64_t h, int64_t i, int64_t d) {
  const int64_t place = c.by_head ? ((b * heads + h) * length + i) * size + d
                                  : ((b * length + i) * heads + h) * size + d;
  return x[static_cast<size_t>(place)];
}

template <class T>
void check(const Case& c, double tolerance = kTolerance<T>) {
  Random random(31);
  const auto dims = [&](int64_t heads, int64_t length, int64_t size) {
    return c.by_head ? Ints{c.batch, heads, length, size} : Ints{c.batch, length, heads * size};
  };
  const TestTensor q = random.tensor_of<T>(dims(c.heads, c.queries, c.size)),
                   k = random.tensor_of<T>(dims(c.kv_heads, c.keys, c.size)),
                   v = random.tensor_of<T>(dims(c.kv_heads, c.keys, c.value_size)),
                   past_k = random.tensor_of<T>({c.batch, c.kv_heads, c.past, c.size}),
                   past_v = random.tensor_of<T>({c.batch, c.kv_heads, c.past, c.value_size});
  TestTensor mask = c.bool_mask ? random.tensor_of<bool>(c.mask_dims, 0, 1)
                                : random.tensor_of<T>(c.mask_dims, -2, 2);
  if (c.bool_mask)
    for (unsigned char& byte : mask.bytes) byte = random.integer(0, 3) > 0 ? 1 : 0;

  const int64_t total = c.past + c.keys;
  const Doubles qs = q.numbers(), ks = k.numbers(), vs = v.numbers(), pk = past_k.numbers(),
                pv = past_v.numbers(), ms = mask.numbers();
  const double scale = c.scale.value_or(1 / std::sqrt(static_cast<double>(c.size)));
  Ints mask_dims = c.mask_dims;
  mask_dims.insert(mask_dims.begin(), 4 - mask_dims.size(), 1);
  Doubles y(static_cast<size_t>(c.batch * c.heads * c.queries * c.value_size)), shown;
  for (int64_t b = 0; b < c.batch; ++b)
    for (int64_t h = 0; h < c.heads; ++h)
      for (int64_t i = 0; i < c.queries; ++i) {
        const int64_t g = h / (c.heads / c.kv_heads);
        const auto key = [&](int64_t j, int64_t d) {
          return j < c.past
                     ? pk[static_cast<size_t>(((b * c.kv_heads + g) * c.past + j) * c.size + d)]
                     : at(ks, c, c.kv_heads, c.keys, c.size, b, g, j - c.past, d);
        };
        const auto value = [&](int64_t j, int64_t d) {
          return j < c.past ? pv[static_cast<size_t>(
                                  ((b * c.kv_heads + g) * c.past + j) * c.value_size + d)]
                            : at(vs, c, c.kv_heads, c.keys, c.value_size, b, g, j - c.past, d);
        };
        Doubles row;
        double max = kNever, sum = 0;
        for (int64_t j = 0; j < total; ++j) {
          double s = 0;
          for (int64_t d = 0; d < c.size; ++d)
            s += at(qs, c, c.heads, c.queries, c.size, b, h, i, d) * key(j, d);
          s *= scale;
          if (c.mode == 0) shown.push_back(s);
          if (c.softcap > 0) s = c.softcap * std::tanh(s / c.softcap);
          if (c.mode == 1) shown.push_back(s);
          if (c.mask) {
            const Ints position{b, h, i, j};
            size_t place = 0;
            for (size_t a = 0; a < 4; ++a)
              place = place * static_cast<size_t>(mask_dims[a]) +
                      static_cast<size_t>(mask_dims[a] == 1 ? 0 : position[a]);
            const bool beyond = mask_dims[3] != 1 && j >= mask_dims[3];
            if (beyond)
              s = kNever;
            else if (c.bool_mask)
              s = ms[place] != 0 ? s : kNever;
            else
              s += ms[place];
          }
          const int64_t valid = c.lengths ? (*c.lengths)[static_cast<size_t>(b)] : total;
          const int64_t offset = c.lengths ? valid - c.queries : c.past;
          if (j >= valid || (c.causal && j > i + offset)) s = kNever;
          if (c.mode == 2) shown.push_back(s);
          row.push_back(s);
          max = std::max(max, s);
        }
        for (double& s : row) {
          s = max == kNever ? 0 : std::exp(s - max);
          sum += s;
        }
        for (double& s : row) s = sum > 0 ? s / sum : 0;
        if (c.mode == 3) shown.insert(shown.end(), row.begin(), row.end());
        for (int64_t d = 0; d < c.value_size; ++d) {
          double e = 0;
          for (int64_t j = 0; j < total; ++j) e += row[static_cast<size_t>(j)] * value(j, d);
          const int64_t place = c.by_head ? ((b * c.heads + h) * c.queries + i) * c.value_size + d
                                          : ((b * c.queries + i) * c.heads + h) * c.value_size + d;
          y[static_cast<size_t>(place)] = e;
        }
      }

  Attributes attributes{{"qk_matmul_output_mode", c.mode}, {"is_causal", int64_t{c.causal}}};
  if (c.scale) attributes.emplace_back("scale", *c.scale);
  if (c.softcap > 0) attributes.emplace_back("softcap", c.softcap);
  if (!c.by_head) {
    attributes.emplace_back("q_num_heads", c.heads);
    attributes.emplace_back("kv_num_heads", c.kv_heads);
  }
  std::vector<std::optional<TestTensor>> inputs{q, k, v, std::nullopt};
  if (c.mask) inputs[3] = mask;
  if (c.past > 0) {
    inputs.emplace_back(past_k);
    inputs.emplace_back(past_v);
  }
  if (c.lengths) {
    inputs.resize(6);
    inputs.emplace_back(ints({c.batch}, *c.lengths));
  }
  RunOptions options;
  options.outputs = 4;
  const auto out = run_node("Attention", attributes, inputs, options);
  ASSERT_TRUE(out.ok()) << out.status().message();
  expect_near((*out)[0], dims(c.heads, c.queries, c.value_size), y, tolerance);
  expect_near((*out)[3], {c.batch, c.heads, c.queries, total}, shown, tolerance);
  ASSERT_EQ((*out)[1].dims, (Ints{c.batch, c.kv_heads, total, c.size}));
  ASSERT_EQ((*out)[2].dims, (Ints{c.batch, c.kv_heads, total, c.value_size}));
}

TEST(Attention, Layouts) {
  for (bool by_head : {true, false}) {
    check<float>({.by_head = by_head});
    check<float>({.kv_heads = 2, .queries = 3, .keys = 7, .value_size = 4, .by_head = by_head});
    check<float>({.kv_heads = 1, .keys = 3, .past = 4, .value_size = 9, .by_head = by_head});
    check<float>({.queries = 150, .keys = 90, .by_head = by_head, .causal = true});
  }
}

TEST(Attention, Masks) {
  for (const Ints& dims : {Ints{5, 5}, {5}, {1}, {4, 5, 5}, {2, 1, 5, 5}, {2, 4, 1, 5}, {5, 3}}) {
    check<float>({.mask = true, .mask_dims = dims});
    check<float>({.mask = true, .bool_mask = true, .mask_dims = dims, .mode = 3});
    check<float>({.causal = true, .mask = true, .mask_dims = dims, .mode = 2});
  }
  check<float>({.keys = 3, .past = 4, .causal = true, .mode = 3});
  check<float>({.queries = 3, .keys = 8, .causal = true, .lengths = Ints{8, 5}});
  check<float>({.queries = 4, .keys = 8, .causal = true, .lengths = Ints{2, 0}, .mode = 3});
}

TEST(Attention, ScaleAndCap) {
  for (int64_t mode : {0, 1, 2, 3})
    check<float>({.mask = true, .mask_dims = {5, 5}, .softcap = 0.7, .scale = 1.3, .mode = mode});
}

TEST(Attention, Types) {
  check<double>({.kv_heads = 2, .causal = true});
  check<F16>({.kv_heads = 2, .mask = true, .mask_dims = {5, 5}}, 6e-3);
  check<BF16>({.by_head = false}, 5e-2);
}

TEST(Attention, WhatIsMaskedMayBeNan) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const TestTensor q = tensor<float>({1, 1, 1, 1}, {1}), k = tensor<float>({1, 1, 2, 1}, {1, nan}),
                   v = tensor<float>({1, 1, 2, 1}, {3, 4}), mask = tensor<bool>({1, 2}, {1, 0});
  expect_near(run_one("Attention", {}, {q, k, v, mask}), {1, 1, 1, 1}, {3}, 1e-6);
}

TEST(Attention, RefusesWhatDoesNotFit) {
  const TestTensor q = tensor<float>({1, 3, 1, 1}, {1, 2, 3}),
                   k = tensor<float>({1, 2, 1, 1}, {1, 2});
  const auto heads = run_node("Attention", {}, {q, k, k});
  ASSERT_FALSE(heads.ok());
  EXPECT_NE(heads.status().message().find("3 query heads are no multiple of 2 key heads"),
            std::string::npos)
      << heads.status().message();
  const TestTensor one = tensor<float>({1, 1, 1, 1}, {1});
  const auto mask = run_node("Attention", {}, {one, one, one, tensor<float>({3}, {1, 2, 3})});
  ASSERT_FALSE(mask.ok());
  EXPECT_NE(mask.status().message().find("attn_mask"), std::string::npos)
      << mask.status().message();
}

template <class T>
void check_rotary(bool by_head, bool interleaved, int64_t turned, bool positions) {
  Random random(37);
  const int64_t batch = 2, heads = 3, length = 4, size = 8;
  const int64_t half = (turned > 0 ? turned : size) / 2;
  const TestTensor x = random.tensor_of<T>(by_head ? Ints{batch, heads, length, size}
                                                   : Ints{batch, length, heads * size});
  const Ints table = positions ? Ints{9, half} : Ints{batch, length, half};
  const TestTensor cos = random.tensor_of<T>(table), sin = random.tensor_of<T>(table);
  Doubles places;
  for (int64_t i = 0; i < batch * length; ++i)
    places.push_back(static_cast<double>(random.integer(0, 8)));
  const Doubles in = x.numbers(), c = cos.numbers(), s = sin.numbers();
  Doubles y = in;
  for (int64_t b = 0; b < batch; ++b)
    for (int64_t h = 0; h < heads; ++h)
      for (int64_t l = 0; l < length; ++l)
        for (int64_t i = 0; i < half; ++i) {
          const int64_t head = by_head ? ((b * heads + h) * length + l) * size
                                       : ((b * length + l) * heads + h) * size;
          const auto place = static_cast<size_t>(b * length + l);
          const auto row =
              (positions ? static_cast<size_t>(places[place]) : place) * static_cast<size_t>(half) +
              static_cast<size_t>(i);
          const auto first = static_cast<size_t>(head + (interleaved ? 2 * i : i));
          const size_t second = first + static_cast<size_t>(interleaved ? 1 : half);
          y[first] = c[row] * in[first] - s[row] * in[second];
          y[second] = s[row] * in[first] + c[row] * in[second];
        }
  Attributes attributes{{"interleaved", int64_t{interleaved}}, {"rotary_embedding_dim", turned}};
  if (!by_head) attributes.emplace_back("num_heads", heads);
  std::vector<std::optional<TestTensor>> inputs{x, cos, sin};
  if (positions) inputs.emplace_back(tensor<int64_t>({batch, length}, places));
  expect_near(run_one("RotaryEmbedding", attributes, inputs), x.dims, y, kTolerance<T>);
}

TEST(RotaryEmbedding, AgreesWithItsDefinition) {
  for (bool by_head : {true, false})
    for (bool interleaved : {true, false})
      for (int64_t turned : {0, 4})
        for (bool positions : {true, false})
          check_rotary<float>(by_head, interleaved, turned, positions);
  check_rotary<double>(true, false, 0, true);
  check_rotary<F16>(false, true, 4, false);
}

TEST(RotaryEmbedding, RefusesPositionsOutsideTheTables) {
  const TestTensor x = tensor<float>({1, 1, 1, 2}, {1, 2}), table = tensor<float>({2, 1}, {1, 2});
  const auto y = run_node("RotaryEmbedding", {}, {x, table, table, ints({1, 1}, {2})});
  ASSERT_FALSE(y.ok());
  EXPECT_NE(y.status().message().find("position 2"), std::string::npos) << y.status().message();
}

}  // namespace
}  // namespace halyard::cpu::testing
