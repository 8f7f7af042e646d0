// Graphs in which convolutions hand on blocked channels, against the same nodes one at a time.
#include "providers/cpu/layout.hpp"

#include "tests/unit/cpu/random_values.hpp"

namespace halyard::cpu::testing {
namespace {

/// Builds a graph and, beside it, computes each node alone.
class Both {
 public:
  explicit Both(uint32_t seed) : random_(seed) {}

  uint32_t input(const std::vector<int64_t>& dims) {
    const TestTensor t = random_.tensor_of<float>(dims);
    std::vector<DimSpec> spec;
    for (int64_t d : dims) spec.push_back(DimSpec::fixed(d));
    inputs_.push_back(t);
    return keep(b_.add_input(main_, "x", HY_DTYPE_F32, spec), t);
  }
  uint32_t constant(const std::vector<int64_t>& dims, double low = -1, double high = 1) {
    const TestTensor t = random_.tensor_of<float>(dims, low, high);
    const uint32_t c = b_.add_inline_constant(t.dtype, t.dims, t.bytes.data(), t.bytes.size());
    return keep(b_.add_constant_value(main_, "c", c), t);
  }
  uint32_t node(const std::string& op, const std::vector<uint32_t>& operands,
                const Attributes& attributes = {}) {
    std::vector<std::optional<TestTensor>> in;
    for (uint32_t v : operands)
      in.push_back(v == HY_NONE ? std::nullopt : std::optional(values_.at(v)));
    RunOptions once;
    once.repeat = 1;
    const TestTensor alone = run_one(op, attributes, in, once);
    const uint32_t y = b_.add_result(main_, "y", HY_DTYPE_F32);
    b_.add_node(main_, {"", op, op, operands, {y}, attributes, {}});
    return keep(y, alone);
  }
  uint32_t conv(uint32_t x, int64_t in, int64_t out, int64_t k = 3, int64_t group = 1) {
    const std::vector<int64_t> pads(4, k / 2);
    return node("Conv", {x, constant({out, in / group, k, k}, -0.3, 0.3), constant({out})},
                {{"pads", pads}, {"group", group}});
  }
  void expect_same(const std::vector<uint32_t>& outputs) {
    for (uint32_t v : outputs) b_.add_output(main_, v);
    const auto bytes = b_.finish();
    ASSERT_TRUE(bytes.ok());
    const auto out = run_graph(*bytes, inputs_);
    ASSERT_TRUE(out.ok()) << out.status().message();
    for (size_t i = 0; i < outputs.size(); ++i)
      expect_near((*out)[i], values_.at(outputs[i]).dims, values_.at(outputs[i]).numbers(), 2e-4);
  }

 private:
  uint32_t keep(uint32_t v, const TestTensor& t) {
    if (values_.size() <= v) values_.resize(v + 1);
    values_[v] = t;
    return v;
  }
  Random random_;
  GraphBuilder b_;
  const uint32_t main_ = b_.add_subgraph("main");
  std::vector<TestTensor> inputs_;
  std::vector<TestTensor> values_;
};

TEST(Layout, PassesThroughAResidualBlock) {
  Both g(701);
  const uint32_t x = g.input({2, 3, 9, 7});
  const uint32_t a = g.node("Relu", {g.conv(x, 3, 32)});
  const uint32_t b = g.conv(g.node("LeakyRelu", {g.conv(a, 32, 32)}, {{"alpha", 0.1}}), 32, 32, 1);
  const uint32_t c = g.node("Relu", {g.node("Add", {a, b})});
  const uint32_t d = g.node("GlobalAveragePool", {g.conv(c, 32, 48)});
  g.expect_same({d, g.node("Flatten", {c})});
}

TEST(Layout, BroadcastsChannelsAndPlanes) {
  Both g(702);
  const uint32_t a = g.conv(g.input({2, 3, 6, 5}), 3, 32);
  const uint32_t gate = g.node("Sigmoid", {g.conv(g.node("GlobalAveragePool", {a}), 32, 32, 1)});
  const uint32_t b = g.node("Mul", {a, gate});
  const uint32_t c = g.node("Add", {g.constant({32, 1, 1}), b});
  const uint32_t d = g.node("Mul", {c, g.constant({1, 1, 6, 5})});
  const uint32_t e = g.node("Sub", {g.constant({}), d});
  const uint32_t f = g.node("Div", {e, g.constant({32, 6, 5}, 1, 2)});  // no view: becomes plain
  const uint32_t h = g.node("PRelu", {f, g.constant({32, 1, 1})});
  g.expect_same({g.conv(h, 32, 16)});
}

TEST(Layout, PoolsAndConcatenates) {
  Both g(703);
  const uint32_t a = g.conv(g.input({1, 4, 8, 8}), 4, 32), b = g.conv(a, 32, 16, 1);
  const Attributes window{{"kernel_shape", std::vector<int64_t>{3, 3}},
                          {"pads", std::vector<int64_t>{1, 1, 1, 1}}};
  const uint32_t c = g.node("MaxPool", {a}, window), d = g.node("AveragePool", {b}, window);
  const uint32_t e = g.node("Concat", {a, c, d}, {{"axis", int64_t{1}}});
  const uint32_t f = g.conv(e, 80, 32),
                 last = g.node("MaxPool", {f}, {{"kernel_shape", std::vector<int64_t>{2, 2}}});
  g.expect_same({last, g.node("Transpose", {e}),
                 g.node("MaxPool", {d},
                        {{"kernel_shape", std::vector<int64_t>{2, 2}},
                         {"dilations", std::vector<int64_t>{2, 2}}})});
}

// 20 channels fill no block: what is padded must stay out of sight.
TEST(Layout, KeepsPaddedChannelsApart) {
  Both g(704);
  const uint32_t a = g.conv(g.input({1, 3, 5, 5}), 3, 20), b = g.node("Exp", {a});
  const uint32_t c = g.conv(g.node("Add", {b, g.conv(a, 20, 20)}), 20, 24);
  const uint32_t d = g.node("Concat", {g.conv(a, 20, 20), c}, {{"axis", int64_t{1}}});
  g.expect_same(
      {g.conv(d, 44, 8), g.node("MaxPool", {a}, {{"kernel_shape", std::vector<int64_t>{2, 2}}})});
}

TEST(Layout, GroupsAndDepthwise) {
  Both g(705);
  const uint32_t a = g.conv(g.input({1, 3, 9, 9}), 3, 32);
  const uint32_t b =
      g.node("Clip", {g.conv(a, 32, 32, 3, 32), g.constant({}, 0, 0), g.constant({}, 0.5, 0.5)});
  const uint32_t c = g.conv(b, 32, 64, 1), d = g.conv(c, 64, 64, 3, 4);
  const uint32_t e = g.node("ConvTranspose", {d, g.constant({64, 16, 2, 2})},
                            {{"strides", std::vector<int64_t>{2, 2}}});
  g.expect_same({e, g.node("Clip", {g.node("Abs", {c}), HY_NONE, g.constant({}, 0.5, 0.5)})});
}

TEST(Layout, FoldsANormalization) {
  Both g(706);
  const uint32_t x = g.input({1, 3, 5, 5});
  const uint32_t bare = g.node("Conv", {x, g.constant({32, 3, 3, 3})});
  const auto normalize = [&](uint32_t v) {
    return g.node("BatchNormalization", {v, g.constant({32}), g.constant({32}), g.constant({32}),
                                         g.constant({32}, 0.5, 1)});
  };
  const uint32_t a = g.node("Relu", {normalize(bare)});
  const uint32_t b = normalize(g.node("Relu", {g.conv(x, 3, 32)}));  // behind the Relu: on its own
  g.expect_same({g.node("GlobalMaxPool", {g.conv(a, 32, 32)}), b});
}

TEST(Layout, UnblocksAnyNumberOfChannels) {
  for (int64_t block : {8, 16})
    for (int64_t channels : {1, 8, 13, 16, 33}) {
      const int64_t n = 2, area = 3, blocks = (channels + block - 1) / block;
      std::vector<float> from(static_cast<size_t>(n * blocks * area * block), -1),
          to(static_cast<size_t>(n * channels * area));
      for (int64_t i = 0; i < n * channels * area; ++i) {
        const int64_t c = i / area % channels, s = i % area, b = i / area / channels;
        from[static_cast<size_t>(((b * blocks + c / block) * area + s) * block + c % block)] =
            static_cast<float>(i);
      }
      unblock(2, Tensor{HY_DTYPE_F32, Dims{n, channels, area}, from.data(), 0, block}, to.data());
      for (size_t i = 0; i < to.size(); ++i) ASSERT_EQ(to[i], static_cast<float>(i));
    }
}

}  // namespace
}  // namespace halyard::cpu::testing
