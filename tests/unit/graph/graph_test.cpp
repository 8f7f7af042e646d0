#include "core/graph/graph.hpp"

#include <gtest/gtest.h>

namespace halyard::core {
namespace {

TEST(NodeData, AttributesByKind) {
  NodeData n;
  n.attributes = {
      {"axis", int64_t{2}}, {"eps", 0.5}, {"mode", "edge"}, {"perm", std::vector<int64_t>{1, 0}}};
  EXPECT_EQ(n.attr_int("axis"), 2);
  EXPECT_EQ(n.attr_int("absent", 7), 7);
  EXPECT_EQ(n.attr_int("eps", 7), 7);
  EXPECT_EQ(n.attr_float("eps"), 0.5);
  EXPECT_EQ(n.attr_string("mode"), "edge");
  EXPECT_EQ(n.attr_string("absent", "none"), "none");
  EXPECT_EQ(n.attr_ints("perm"), (std::vector<int64_t>{1, 0}));
  EXPECT_TRUE(n.attr_ints("axis").empty());
  EXPECT_EQ(n.attribute("absent"), nullptr);
}

TEST(NodeData, LabelNamesNodeAndOperator) {
  NodeData n;
  n.op = "Conv";
  EXPECT_EQ(n.label(), "Conv");
  n.name = "conv1";
  EXPECT_EQ(n.label(), "conv1 (Conv)");
  n.domain = "vendor";
  EXPECT_EQ(n.label(), "conv1 (vendor.Conv)");
}

TEST(Graph, ConstantsKeepACopyOfTheirBytes) {
  Graph g;
  std::vector<float> data = {1, 2, 3};
  const ValueId v = g.add_constant("c", HY_DTYPE_F32, {3}, data.data(), 12);
  data[0] = 9;
  const ConstantData& c = g.constants[g.values[v].constant];
  EXPECT_EQ(c.size, 12u);
  EXPECT_EQ(reinterpret_cast<const float*>(c.bytes->data())[0], 1.0f);
  EXPECT_EQ(g.values[v].kind, static_cast<uint32_t>(HY_VALUE_CONSTANT));
  EXPECT_EQ(fixed_dims(g.values[v].type.shape), (std::vector<int64_t>{3}));
}

TEST(Graph, ProducersAndUses) {
  Graph g;
  const ValueId a = g.add_result("a"), b = g.add_result("b"), c = g.add_result("c");
  NodeData n;
  n.inputs = {a, kNone, a};
  n.outputs = {b, kNone};
  g.nodes.push_back(n);
  g.outputs = {b, c};
  EXPECT_EQ(g.producers(), (std::vector<NodeId>{kNone, 0, kNone}));
  EXPECT_EQ(g.use_counts(), (std::vector<uint32_t>{2, 1, 1}));
}

}  // namespace
}  // namespace halyard::core
