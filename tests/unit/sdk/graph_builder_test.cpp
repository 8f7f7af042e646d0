// What the builder writes, the readers read.
#include "halyard/graph_builder.hpp"

#include <gtest/gtest.h>

#include "halyard/graph.hpp"
#include "tests/fuzz/graph_seeds.hpp"

namespace halyard::test {
namespace {

struct RoundTrip : testing::Test {
  void open(Bytes b) {
    bytes = std::move(b);
    const Status s = Graph::open({bytes.data(), bytes.size()}, &graph);
    ASSERT_TRUE(s.ok()) << s.message();
  }
  Bytes bytes;
  Graph graph;
};

TEST_F(RoundTrip, NodesAndValues) {
  open(small_graph());
  ASSERT_EQ(graph.main().node_count(), 1u);
  const Node n = graph.main().node(0);
  EXPECT_EQ(n.op(), "Relu");
  EXPECT_EQ(n.domain(), "");
  EXPECT_EQ(n.name(), "relu");
  EXPECT_EQ(n.origins(), std::vector<std::string>{"relu"});
  EXPECT_EQ(n.signature(), find_operator("", "Relu")->digest);
  EXPECT_EQ(n.input(0).name(), "X");
  EXPECT_EQ(n.input(0).producer(), HY_NONE);
  EXPECT_EQ(n.output(0).producer(), 0u);
  EXPECT_EQ(n.output(0).dims(), (std::vector<int64_t>{2, 3}));
  EXPECT_TRUE(n.output(0).is_static());
  EXPECT_EQ(graph.main().input(0).name(), "X");
  EXPECT_EQ(graph.main().output(0).name(), "Y");
}

TEST_F(RoundTrip, DimsThatAreNotStatic) {
  open(symbolic_graph());
  const Value y = graph.main().node(0).output(0);
  EXPECT_EQ(y.dims(), (std::vector<int64_t>{-1, -1, -1}));
  EXPECT_EQ(y.dim(0).expression().size(), 3u);
  EXPECT_EQ(y.dim(1).expression()[4].op, uint32_t{HY_EXPR_CEILDIV});
  EXPECT_TRUE(y.dim(2).is_unknown());
  EXPECT_FALSE(graph.main().node(1).output(1).has_rank());
  EXPECT_EQ(graph.text(graph.symbol(0).name), "n");
  EXPECT_EQ(graph.symbol(0).multiple_of, 2);
}

TEST_F(RoundTrip, AbsentOperands) {
  open(symbolic_graph());
  EXPECT_FALSE(graph.main().node(0).has_input(1));
  EXPECT_FALSE(graph.main().node(0).has_input(2));
  EXPECT_FALSE(graph.main().node(1).has_output(0));
  EXPECT_TRUE(graph.main().node(1).has_output(1));
}

TEST_F(RoundTrip, Constants) {
  open(constant_graph());
  const Constant dense = graph.constant(0), weight = graph.constant(1), affine = graph.constant(6);
  EXPECT_TRUE(dense.is_inline());
  ASSERT_EQ(dense.inline_bytes().size, 24u);
  EXPECT_EQ(static_cast<const float*>(dense.inline_bytes().data)[5], 6.0f);
  EXPECT_EQ(weight.weight_id(), 77u);
  EXPECT_EQ(weight.inline_bytes().size, 0u);
  EXPECT_EQ(affine.encoding(), uint32_t{HY_ENCODING_AFFINE});
  EXPECT_EQ(affine.part_count(), 3u);
  EXPECT_EQ(affine.part(1).dtype(), uint32_t{HY_DTYPE_F32});
  EXPECT_EQ(graph.main().input(0).constant()->index(), 0u);
}

TEST_F(RoundTrip, AttributesOfEveryType) {
  open(nested_graph());
  const Node n = graph.node(0);
  EXPECT_EQ(n.attr_int("i"), -5);
  EXPECT_EQ(n.attr_float("f"), 0.25);
  EXPECT_EQ(n.attr_string("s"), "täxt");
  EXPECT_EQ(n.attr_ints("is"), (std::vector<int64_t>{1, 2, 3}));
  EXPECT_EQ(n.attr_floats("fs"), (std::vector<double>{0.5, 1e300}));
  EXPECT_EQ(n.attr_strings("ss"), (std::vector<std::string_view>{"one", "", "drei"}));
  EXPECT_EQ(n.attr_tensor("t")->index(), 0u);
  EXPECT_EQ(graph.subgraph(n.attr_graph("then_branch")).name(), "then");
  EXPECT_EQ(n.origins(), (std::vector<std::string>{"m1", "m2"}));
  EXPECT_FALSE(n.has_attribute("absent"));
  EXPECT_EQ(n.attr_int("f", 9), 9);  // of another type
}

TEST_F(RoundTrip, GroupsAndStates) {
  open(nested_graph());
  const Node gelu = graph.node(1);
  ASSERT_NE(gelu.group(), HY_NONE);
  EXPECT_EQ(graph.subgraph(graph.group(gelu.group()).parts).node(0).op(), "Erf");
  EXPECT_EQ(graph.state_count(), 2u);
  EXPECT_EQ(graph.state(0).growth_axis, 1u);
}

TEST_F(RoundTrip, DefaultsAreWritten) {
  GraphBuilder b;
  const uint32_t g = b.add_subgraph("main");
  const uint32_t x = b.add_input(g, "x", HY_DTYPE_F32, std::nullopt), y = b.add_result(g, "y");
  b.add_node(g, {"", "HardSigmoid", "", {x}, {y}, {{"beta", 0.25}}, {}});
  b.add_output(g, y);
  open(b.finish().value());
  EXPECT_EQ(graph.node(0).attr_float("alpha"), 0.2);
  EXPECT_EQ(graph.node(0).attr_float("beta"), 0.25);
  EXPECT_EQ(graph.node(0).attribute_count(), 2u);
}

TEST_F(RoundTrip, OperatorsOfAnotherSignatureGetNoDefaults) {
  GraphBuilder b;
  const uint32_t g = b.add_subgraph("main");
  const uint32_t x = b.add_input(g, "x", HY_DTYPE_F32, std::nullopt), y = b.add_result(g, "y");
  NodeSpec node{"", "HardSigmoid", "", {x}, {y}, {}, {}};
  node.signature = 12345;
  b.add_node(g, std::move(node));
  open(b.finish().value());
  EXPECT_EQ(graph.node(0).signature(), 12345u);
  EXPECT_EQ(graph.node(0).attribute_count(), 0u);
}

TEST(GraphBuilder, SameInputSameBytes) { EXPECT_EQ(nested_graph(), nested_graph()); }

}  // namespace
}  // namespace halyard::test
