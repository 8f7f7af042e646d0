#include "tests/unit/cpu/random_values.hpp"
#include "tests/unit/cpu/recurrent_reference.hpp"

namespace halyard::cpu::testing {
namespace {

/// [a, b, rest] as [b, a, rest]: what layout 1 does to X, Y and the states.
TestTensor swapped(const TestTensor& t) {
  TestTensor out = t;
  std::swap(out.dims[0], out.dims[1]);
  const auto a = static_cast<size_t>(t.dims[0]), b = static_cast<size_t>(t.dims[1]);
  const size_t row = a * b == 0 ? 0 : t.bytes.size() / (a * b);
  for (size_t i = 0; i < a; ++i)
    for (size_t j = 0; j < b; ++j)
      std::copy_n(t.bytes.begin() + static_cast<long>((i * b + j) * row), row,
                  out.bytes.begin() + static_cast<long>((j * a + i) * row));
  return out;
}
/// Y [steps, directions, batch, hidden] as layout 1 has it: [batch, steps, directions, hidden].
std::vector<double> batch_first(const RecurrentReference& n) {
  std::vector<double> out(n.y.size());
  for (size_t i = 0; i < out.size(); ++i) {
    const size_t j = i % n.hidden, b = i / n.hidden % n.batch;
    const size_t d = i / n.hidden / n.batch % n.directions,
                 t = i / n.hidden / n.batch / n.directions;
    out[((b * n.steps + t) * n.directions + d) * n.hidden + j] = n.y[i];
  }
  return out;
}

/// A network with random operands, and how the node differs from the plain one.
struct Case {
  RecurrentReference net;
  Attributes attributes = {};
  bool biased = false, states = false, lengths = false, peepholes = false, layout = false;
  bool constants = false;
};

template <class T>
void check(Case c, uint32_t seed) {
  SCOPED_TRACE("seed " + std::to_string(seed) + ", " + c.net.op);
  Random random(seed);
  RecurrentReference& n = c.net;
  const auto size = [](size_t v) { return static_cast<int64_t>(v); };
  const int64_t d = size(n.directions), h = size(n.hidden), rows = size(n.gates()) * h;
  const auto operand = [&](std::vector<int64_t> dims, std::vector<double>* values) {
    const TestTensor t = random.tensor_of<T>(dims);
    *values = t.numbers();
    return std::optional(t);
  };
  const std::vector<int64_t> state{d, size(n.batch), h};
  std::vector<std::optional<TestTensor>> in(n.op == "LSTM" ? 8 : 6);
  in[0] = operand({size(n.steps), size(n.batch), size(n.input)}, &n.x);
  in[1] = operand({d, rows, size(n.input)}, &n.w);
  in[2] = operand({d, rows, h}, &n.r);
  if (c.biased) in[3] = operand({d, 2 * rows}, &n.b);
  if (c.lengths) {
    std::vector<double> list;
    for (size_t i = 0; i < n.batch; ++i)
      n.lengths.push_back(i % (n.steps + 1)), list.push_back(static_cast<double>(n.lengths[i]));
    in[4] = tensor<int32_t>({size(n.batch)}, list);
  }
  if (c.states) in[5] = operand(state, &n.h0);
  if (c.states && n.op == "LSTM") in[6] = operand(state, &n.c0);
  if (c.peepholes) in[7] = operand({d, 3 * h}, &n.p);
  if (c.layout) {
    for (size_t i : {size_t{0}, size_t{5}, size_t{6}})
      if (i < in.size() && in[i]) in[i] = swapped(*in[i]);
    c.attributes.emplace_back("layout", int64_t{1});
  }
  if (c.constants) in[1]->constant = in[2]->constant = true;
  if (n.directions == 2) c.attributes.emplace_back("direction", "bidirectional");
  if (n.reverse) c.attributes.emplace_back("direction", "reverse");
  c.attributes.emplace_back("hidden_size", h);
  n.run();
  RunOptions options;
  options.outputs = n.op == "LSTM" ? 3 : 2;
  const auto out = run_node(n.op, c.attributes, in, options);
  ASSERT_TRUE(out.ok()) << out.status().message();
  std::vector<int64_t> y{size(n.steps), d, size(n.batch), h};
  if (c.layout) y = {size(n.batch), size(n.steps), d, h};
  expect_near((*out)[0], y, c.layout ? batch_first(n) : n.y, 4 * kTolerance<T>);
  const auto plain = [&](const TestTensor& t) { return c.layout ? swapped(t) : t; };
  expect_near(plain((*out)[1]), state, n.y_h, 4 * kTolerance<T>);
  if (n.op == "LSTM") expect_near(plain((*out)[2]), state, n.y_c, 4 * kTolerance<T>);
}

RecurrentReference net(const char* op, size_t steps, size_t batch, size_t input, size_t hidden,
                       size_t directions = 1) {
  RecurrentReference n;
  n.op = op, n.steps = steps, n.batch = batch, n.input = input, n.hidden = hidden;
  n.directions = directions;
  return n;
}

TEST(Recurrent, AgreesWithItsEquations) {
  uint32_t seed = 900;
  for (const char* op : {"LSTM", "GRU", "RNN"}) {
    check<float>({net(op, 3, 1, 2, 3)}, ++seed);
    check<float>({net(op, 5, 7, 9, 33), {}, true, true}, ++seed);
    check<double>({net(op, 4, 5, 3, 17, 2), {}, true, true}, ++seed);
    check<F16>({net(op, 3, 2, 4, 8, 2), {}, true, true}, ++seed);
    check<BF16>({net(op, 3, 2, 4, 8), {}, true}, ++seed);
    Case reverse{net(op, 6, 3, 4, 5), {}, true};
    reverse.net.reverse = true;
    check<float>(reverse, ++seed);
  }
}

TEST(Recurrent, SequencesOfTheirOwnLengths) {
  uint32_t seed = 930;
  for (const char* op : {"LSTM", "GRU", "RNN"})
    for (size_t directions : {1, 2})
      for (bool layout : {false, true}) {
        Case c{net(op, 4, 6, 3, 5, directions), {}, true, true, true};
        c.layout = layout;
        check<float>(c, ++seed);
        c.net.reverse = directions == 1;
        check<double>(c, ++seed);
      }
}

TEST(Recurrent, LayoutsAndConstants) {
  uint32_t seed = 950;
  for (const char* op : {"LSTM", "GRU", "RNN"})
    for (size_t directions : {1, 2}) {
      Case c{net(op, 4, 3, 5, 6, directions), {}, true, true};
      c.layout = true;
      check<float>(c, ++seed);
      c.constants = true;
      check<float>(c, ++seed);
      check<F16>(c, ++seed);
      check<double>(c, ++seed);
    }
}

TEST(Lstm, PeepholesCouplingClip) {
  for (bool coupled : {false, true})
    for (bool peepholes : {false, true}) {
      Case c{net("LSTM", 5, 2, 3, 4, 2), {{"input_forget", int64_t{coupled}}, {"clip", 0.5}}};
      c.net.input_forget = coupled;
      c.net.clip = 0.5;
      c.biased = c.states = true;
      c.peepholes = peepholes;
      check<float>(c, 970);
      check<double>(c, 971);
    }
}

TEST(Lstm, TheCellIsHeldWithinItsOwnBound) {
  for (bool peepholes : {false, true}) {
    Case c{net("LSTM", 5, 2, 3, 4, 2), {{"cell_clip", 0.1}}};
    c.net.cell_clip = 0.1;
    c.biased = c.states = true;
    c.peepholes = peepholes;
    check<float>(c, 972);
    check<double>(c, 973);
  }
}

TEST(Gru, LinearBeforeReset) {
  Case c{net("GRU", 5, 2, 3, 4, 2), {{"linear_before_reset", int64_t{1}}}};
  c.net.linear = true;
  check<float>(c, 975);
  c.biased = c.states = true;
  check<double>(c, 976);
  c.net.clip = 0.3;
  c.attributes.emplace_back("clip", 0.3);
  check<float>(c, 977);
}

TEST(Rnn, EveryActivation) {
  using Function = RecurrentReference::Function;
  const struct {
    const char* name;
    Function function;
    std::vector<double> alpha = {}, beta = {};
  } cases[] = {
      {"Relu", [](double v) { return std::max(v, 0.0); }},
      {"tanh", [](double v) { return std::tanh(v); }},
      {"Sigmoid", [](double v) { return 1 / (1 + std::exp(-v)); }},
      {"Affine", [](double v) { return 0.5 * v - 0.25; }, {0.5}, {-0.25}},
      {"LeakyRelu", [](double v) { return v < 0 ? 0.01 * v : v; }},
      {"LeakyRelu", [](double v) { return v < 0 ? 0.2 * v : v; }, {0.2}},
      {"ThresholdedRelu", [](double v) { return v < 0.3 ? 0 : v; }, {0.3}},
      {"ScaledTanh", [](double v) { return 0.7 * std::tanh(0.4 * v); }, {0.7}, {0.4}},
      {"HardSigmoid", [](double v) { return std::clamp(0.2 * v + 0.5, 0.0, 1.0); }},
      {"HardSigmoid", [](double v) { return std::clamp(0.3 * v + 0.1, 0.0, 1.0); }, {0.3}, {0.1}},
      {"Elu", [](double v) { return v < 0 ? 0.6 * std::expm1(v) : v; }, {0.6}},
      {"Softsign", [](double v) { return v / (1 + std::fabs(v)); }},
      {"Softplus", [](double v) { return std::log1p(std::exp(v)); }},
  };
  for (const auto& a : cases) {
    SCOPED_TRACE(a.name);
    Case c{net("RNN", 4, 3, 2, 5), {{"activations", std::vector<std::string>{a.name}}}};
    if (!a.alpha.empty()) c.attributes.emplace_back("activation_alpha", a.alpha);
    if (!a.beta.empty()) c.attributes.emplace_back("activation_beta", a.beta);
    c.net.functions = {a.function};
    check<float>(c, 980);
    check<double>(c, 981);
  }
}

TEST(Lstm, ParametersGoToTheFunctionsThatHaveThem) {
  const auto leaky = [](double v) { return v < 0 ? 0.3 * v : v; };
  const auto tanh = [](double v) { return std::tanh(v); };
  const auto hard = [](double v) { return std::clamp(0.4 * v + 0.1, 0.0, 1.0); };
  Case c{net("LSTM", 3, 2, 2, 3),
         {{"activations", std::vector<std::string>{"HardSigmoid", "Tanh", "LeakyRelu"}},
          {"activation_alpha", std::vector<double>{0.4, 0.3}},
          {"activation_beta", std::vector<double>{0.1}}}};
  c.net.functions = {hard, tanh, leaky};
  check<float>(c, 985);
  c.attributes[1].second = std::vector<double>{0.4, 9, 0.3};  // one for each
  c.attributes[2].second = std::vector<double>{0.1, 9, 9};
  check<float>(c, 986);
}

TEST(Recurrent, NothingToDo) {
  for (const char* op : {"LSTM", "GRU", "RNN"}) {
    check<float>({net(op, 0, 2, 3, 4)}, 990);
    check<float>({net(op, 3, 0, 3, 4)}, 991);
    check<float>({net(op, 3, 2, 0, 4), {}, true, true}, 992);
  }
}

TEST(Recurrent, GivesWhatIsWanted) {
  const TestTensor x = tensor<float>({1, 1, 1}, {1}), w = tensor<float>({1, 1, 1}, {0.5}),
                   r = tensor<float>({1, 1, 1}, {1});
  RunOptions options;
  options.outputs = 2;
  options.wanted = {false, true};
  const auto out = run_node("RNN", {}, {x, w, r}, options);
  ASSERT_TRUE(out.ok()) << out.status().message();
  expect_near((*out)[1], {1, 1, 1}, {std::tanh(0.5)}, 1e-6);
}

TEST(Recurrent, SaysWhatDoesNotFit) {
  const TestTensor x = tensor<float>({1, 1, 1}, {1}), w = tensor<float>({1, 1, 1}, {0.5}),
                   r = tensor<float>({1, 1, 1}, {1}), two = tensor<float>({1, 1, 2}, {1, 2});
  const auto message = [&](const std::vector<std::optional<TestTensor>>& in) {
    const auto out = run_node("RNN", {}, in);
    return out.ok() ? "" : std::string(out.status().message());
  };
  EXPECT_NE(message({x, two, r}).find("W is [1,1,2] and must be [1,1,1], as X is [1,1,1]"),
            std::string::npos)
      << message({x, two, r});
  const std::string length = message({x, w, r, std::nullopt, tensor<int32_t>({1}, {2})});
  EXPECT_NE(length.find("sequence_lens[0] is 2; it must lie in 0..1"), std::string::npos) << length;
  EXPECT_EQ(verdict_of("RNN", {{"direction", "sideways"}}, {x, w, r}),
            uint32_t{HY_REASON_ATTRIBUTE});
  EXPECT_EQ(verdict_of("RNN", {{"clip", 0.0}}, {x, w, r}), uint32_t{HY_REASON_ATTRIBUTE});
  EXPECT_EQ(verdict_of("RNN", {{"activations", std::vector<std::string>{"Swish"}}}, {x, w, r}),
            uint32_t{HY_REASON_ATTRIBUTE});
  EXPECT_EQ(verdict_of("LSTM", {{"activations", std::vector<std::string>{"Tanh"}}}, {x, w, r}),
            uint32_t{HY_REASON_ATTRIBUTE});
}

}  // namespace
}  // namespace halyard::cpu::testing
