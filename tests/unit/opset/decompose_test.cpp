#include <cmath>
#include <functional>

#include "graph_maker.hpp"
#include "part_runner.hpp"

namespace halyard::core {
namespace {

struct Case {
  const char* op;
  std::vector<const char*> inputs;
  Attributes attributes = {};
  size_t outputs = 1;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> all = {
      {"LeakyRelu", {"n,3"}},
      {"Elu", {"n,3"}},
      {"Softplus", {"n,3"}},
      {"HardSigmoid", {"n,3"}},
      {"HardSwish", {"n,3"}},
      {"Softsign", {"n,3"}},
      {"Mish", {"n,3"}},
      {"Swish", {"n,3"}, {{"alpha", 0.5}}},
      {"Celu", {"n,3"}, {{"alpha", 2.0}}},
      {"Selu", {"n,3"}, {{"alpha", 1.5}, {"gamma", 1.25}}},
      {"ReduceL1", {"n,3,4"}},
      {"ReduceLogSum", {"n,3,4"}},
      {"Gelu", {"n,3"}},
      {"Gelu", {"n,3"}, {{"approximate", "tanh"}}},
      {"Clip", {"n,3", "", ""}},
      {"Clip", {"n,3"}},
      {"PRelu", {"n,3,4", "3,1"}},
      {"Softmax", {"n,m,3"}, {{"axis", int64_t{1}}}},
      {"LogSoftmax", {"n,3"}},
      {"ReduceL2", {"n,3,4"}, {{"keepdims", int64_t{0}}}},
      {"ReduceSumSquare", {"n,3,4"}},
      {"GlobalAveragePool", {"n,3,h,w"}},
      {"GlobalMaxPool", {"n,3,h"}},
      {"BatchNormalization", {"n,3,h,w", "3", "3", "3", "3"}},
      {"BatchNormalization", {"n,3", "3", "3", "3", "3"}},
      {"InstanceNormalization", {"n,3,h", "3", "3"}},
      {"LayerNormalization", {"n,m,64", "64"}, {}, 3},
      {"LayerNormalization", {"n,m,64", "m,64", "64"}, {{"axis", int64_t{1}}}},
      {"RMSNormalization", {"n,m,64", "64"}},
      {"RMSNormalization", {"n,m,64", "m,64"}, {{"axis", int64_t{1}}}},
      {"GroupNormalization", {"n,6,h,w", "6", "6"}, {{"num_groups", int64_t{3}}}},
      {"GroupNormalization", {"n,6", "6", "6"}, {{"num_groups", int64_t{2}}}},
      {"MeanVarianceNormalization", {"n,3,h,w"}},
      {"MeanVarianceNormalization", {"n,3"}, {{"axes", Ints{-1}}}},
      {"MeanVarianceNormalization", {"n,3"}, {{"axes", Ints{}}}},
      {"LpNormalization", {"n,3"}, {{"p", int64_t{1}}}},
      {"LpNormalization", {"n,3,h"}, {{"axis", int64_t{1}}}},
      {"LRN", {"n,3,h,w"}, {{"size", int64_t{5}}}},
      {"LRN", {"n,3,h"}, {{"size", int64_t{2}}}},
      {"LRN", {"n,3"}, {{"size", int64_t{1}}}},
      {"Gemm", {"n,4", "4,5", "5"}},
      {"Gemm",
       {"4,n", "5,4", "n,1"},
       {{"transA", int64_t{1}}, {"transB", int64_t{1}}, {"alpha", 2.0}, {"beta", 0.5}}},
      {"Gemm", {"n,4", "4,5"}},
      {"Gemm", {"n,4", "4,5"}, {{"alpha", 3.0}}},
  };
  return all;
}

/// A graph of one composite, inferred.
ValueId make(GraphMaker& m, const Case& c, uint32_t dtype) {
  std::vector<ValueId> inputs;
  for (const char* dims : c.inputs) inputs.push_back(m.input(dims, dtype));
  const ValueId out = m.node(c.op, inputs, c.attributes, c.outputs);
  const Status s = m.infer();
  EXPECT_TRUE(s.ok()) << s.message();
  return out;
}

Status replace_by_parts(GraphMaker& m) {
  const NodeData composite = m.graph.nodes[0];
  std::vector<NodeData> parts;
  HY_RETURN_IF_ERROR(find_operator_impl("", composite.op)->decompose(m.graph, composite, parts));
  m.graph.nodes = std::move(parts);
  return {};
}

TEST(Decompose, PartsHaveTheTypesOfTheWhole) {
  for (const Case& c : cases())
    for (uint32_t dtype : {HY_DTYPE_F32, HY_DTYPE_F16, HY_DTYPE_BF16, HY_DTYPE_F64}) {
      GraphMaker m;
      const ValueId out = make(m, c, dtype);
      std::vector<std::string> types;
      for (size_t i = 0; i < c.outputs; ++i) types.push_back(m.type(out + static_cast<ValueId>(i)));
      ASSERT_TRUE(replace_by_parts(m).ok()) << c.op;
      const Status s = m.infer();
      ASSERT_TRUE(s.ok()) << c.op << ": " << s.message();
      for (size_t i = 0; i < c.outputs; ++i)
        EXPECT_EQ(m.type(out + static_cast<ValueId>(i)), types[i]) << c.op;
    }
}

TEST(Decompose, PartsKnowWhereTheyComeFrom) {
  for (const Case& c : cases()) {
    GraphMaker m;
    make(m, c, HY_DTYPE_F16);
    m.graph.nodes[0].origins = {"model/first", "model/second"};
    ASSERT_TRUE(replace_by_parts(m).ok());
    std::vector<std::string> names;
    for (const NodeData& part : m.graph.nodes) {
      EXPECT_EQ(part.origins, (std::vector<std::string>{"model/first", "model/second"})) << c.op;
      EXPECT_EQ(part.name.substr(0, 3), "it/") << c.op;
      EXPECT_EQ(std::count(names.begin(), names.end(), part.name), 0) << c.op << " " << part.name;
      EXPECT_NE(part.signature, 0u) << part.op;
      names.push_back(part.name);
    }
  }
}

TEST(Decompose, NarrowFloatsAreComputedInF32) {
  for (const Case& c : cases()) {
    if (std::string_view(c.op) == "Clip" || std::string_view(c.op) == "GlobalMaxPool") continue;
    GraphMaker m;
    make(m, c, HY_DTYPE_F16);
    ASSERT_TRUE(replace_by_parts(m).ok());
    ASSERT_TRUE(m.infer().ok());
    for (const NodeData& part : m.graph.nodes) {
      const uint32_t dtype = m.graph.values[part.outputs[0]].type.dtype;
      const bool no_float = dtype == HY_DTYPE_I64 || dtype == HY_DTYPE_BOOL;
      EXPECT_TRUE(part.op == "Cast" || dtype == HY_DTYPE_F32 || no_float)
          << c.op << " " << part.name;
    }
  }
}

TEST(Decompose, ExactOnesStayInTheirType) {
  GraphMaker m;
  make(m, {"Clip", {"n,3", "", ""}}, HY_DTYPE_U8);
  ASSERT_TRUE(replace_by_parts(m).ok());
  ASSERT_EQ(m.graph.nodes.size(), 2u);
  EXPECT_EQ(m.graph.nodes[0].op, "Max");
  EXPECT_EQ(m.graph.nodes[1].op, "Min");
}

TEST(Decompose, IntegersWhereTheOperatorTakesThem) {
  for (const Case& c : {Case{"PRelu", {"n,3", "3"}}, Case{"Gemm", {"n,4", "4,5", "5"}},
                        Case{"ReduceL2", {"n,3"}}, Case{"ReduceSumSquare", {"n,3"}}}) {
    GraphMaker m;
    const ValueId out = make(m, c, HY_DTYPE_I32);
    const std::string type = m.type(out);
    ASSERT_TRUE(replace_by_parts(m).ok()) << c.op;
    EXPECT_EQ(m.inferred(out), type) << c.op;
  }
}

TEST(Decompose, UnknownRankIsRefused) {
  for (const char* op : {"GlobalAveragePool", "Softmax"}) {
    GraphMaker m;
    make(m, {op, {"*"}}, HY_DTYPE_F32);
    EXPECT_EQ(replace_by_parts(m).code(), HY_ERROR_UNSUPPORTED) << op;
  }
  GraphMaker m;
  make(m, {"BatchNormalization", {"*", "3", "3", "3", "3"}}, HY_DTYPE_F32);
  EXPECT_EQ(
      replace_by_parts(m).message(),
      "it (BatchNormalization): it decomposes for rank 2 and more alone; operand 0 has an unknown "
      "rank");
}

// ---- formulas ------------------------------------------------------------------------------------------

using Row = PartRunner::Row;

void expect_rows(const Case& c, const std::vector<Row>& rows, const Row& expected) {
  GraphMaker m;
  const ValueId out = make(m, c, HY_DTYPE_F32);
  const std::vector<ValueId> inputs = m.graph.inputs;
  ASSERT_TRUE(replace_by_parts(m).ok());
  PartRunner runner(m.graph);
  for (size_t i = 0; i < rows.size(); ++i) runner.set(inputs[i], rows[i]);
  const Row found = runner.run(m.graph.nodes, out);
  ASSERT_EQ(found.size(), expected.size()) << c.op;
  // The constants are f32: 1e-7 of them, and a few operations.
  for (size_t i = 0; i < found.size(); ++i)
    EXPECT_NEAR(found[i], expected[i], 1e-6 * std::max(1.0, std::fabs(expected[i])))
        << c.op << " " << i;
}

Row map(const Row& x, const std::function<double(double)>& f) {
  Row out;
  for (double e : x) out.push_back(f(e));
  return out;
}

TEST(Decompose, ActivationsFollowTheirDefinitions) {
  const Row x = {-40, -3, -1, -0.25, 0, 0.5, 2, 40};
  const auto check = [&](const char* op, Attributes attributes,
                         const std::function<double(double)>& f) {
    expect_rows({op, {"8"}, std::move(attributes)}, {x}, map(x, f));
  };
  check("LeakyRelu", {{"alpha", 0.1}}, [](double e) { return e < 0 ? 0.1 * e : e; });
  check("Elu", {{"alpha", 2.0}}, [](double e) { return e < 0 ? 2 * std::expm1(e) : e; });
  check("Softplus", {}, [](double e) { return e > 30 ? e : std::log1p(std::exp(e)); });
  check("HardSigmoid", {}, [](double e) { return std::clamp(0.2 * e + 0.5, 0.0, 1.0); });
  check("Softsign", {}, [](double e) { return e / (1 + std::fabs(e)); });
  check("Mish", {}, [](double e) { return e * std::tanh(std::log1p(std::exp(e))); });
  check("Swish", {{"alpha", 0.5}}, [](double e) { return e / (1 + std::exp(-0.5 * e)); });
  check("Celu", {{"alpha", 2.0}}, [](double e) { return e > 0 ? e : 2 * std::expm1(e / 2); });
  check("Selu", {{"alpha", 1.5}, {"gamma", 1.25}},
        [](double e) { return 1.25 * (e > 0 ? e : 1.5 * std::expm1(e)); });
  check("HardSwish", {}, [](double e) { return e * std::clamp(e / 6 + 0.5, 0.0, 1.0); });
  check("Gelu", {}, [](double e) { return e / 2 * (1 + std::erf(e / std::sqrt(2.0))); });
  check("Gelu", {{"approximate", "tanh"}}, [](double e) {
    return e / 2 * (1 + std::tanh(std::sqrt(2 / M_PI) * (e + 0.044715 * e * e * e)));
  });
  expect_rows({"PRelu", {"8", "1"}}, {x, {0.3}},
              map(x, [](double e) { return e < 0 ? 0.3 * e : e; }));
  expect_rows({"Clip", {"8", "", ""}}, {x, {-1}, {1}},
              map(x, [](double e) { return std::clamp(e, -1.0, 1.0); }));
}

TEST(Decompose, NormalisationsFollowTheirDefinitions) {
  const Row x = {1, 3, -2, 6};
  double mean = 2, variance = 0, sum = 0;
  for (double e : x) variance += (e - mean) * (e - mean) / 4;
  for (double e : x) sum += std::exp(e);
  const double scale = 1 / std::sqrt(variance + 1e-5);
  const auto normal = [&](double e) { return (e - mean) * scale; };
  expect_rows({"Softmax", {"4"}}, {x}, map(x, [&](double e) { return std::exp(e) / sum; }));
  expect_rows({"LogSoftmax", {"4"}}, {x}, map(x, [&](double e) { return e - std::log(sum); }));
  expect_rows({"LayerNormalization", {"4", "4", "4"}}, {x, {2, 2, 2, 2}, {1, 1, 1, 1}},
              map(x, [&](double e) { return 2 * normal(e) + 1; }));
  const double norm = std::sqrt(12.5 + 1e-5), off = std::sqrt(variance) + 1e-9;
  expect_rows({"RMSNormalization", {"4", "4"}}, {x, {2, 2, 2, 2}},
              map(x, [&](double e) { return 2 * e / norm; }));
  expect_rows({"MeanVarianceNormalization", {"4"}, {{"axes", Ints{0}}}}, {x},
              map(x, [&](double e) { return (e - mean) / off; }));
  expect_rows({"GroupNormalization", {"1,1,4", "1", "1"}, {{"num_groups", int64_t{1}}}},
              {x, {3}, {-1}}, map(x, [&](double e) { return 3 * normal(e) - 1; }));
  expect_rows({"InstanceNormalization", {"1,1,4", "1", "1"}}, {x, {3}, {-1}},
              map(x, [&](double e) { return 3 * normal(e) - 1; }));
  expect_rows({"BatchNormalization", {"1,1,4", "1", "1", "1", "1"}}, {x, {3}, {-1}, {0.5}, {4}},
              map(x, [](double e) { return (e - 0.5) / std::sqrt(4 + 1e-5) * 3 - 1; }));
  expect_rows({"ReduceL2", {"4"}}, {x}, {std::sqrt(50.0)});
  expect_rows({"ReduceL1", {"4"}}, {{-1, 2, -3, 4}}, {10});
  expect_rows({"ReduceLogSum", {"4"}}, {{1, 2, 3, 4}}, {std::log(10.0)});
  expect_rows({"ReduceSumSquare", {"4"}}, {x}, {50});
  expect_rows({"GlobalAveragePool", {"1,1,4"}}, {x}, {2});
  expect_rows({"GlobalMaxPool", {"1,1,4"}}, {x}, {6});
}

}  // namespace
}  // namespace halyard::core
