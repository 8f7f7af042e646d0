// Bodies of control flow and functions of the model.
#include <gtest/gtest.h>

#include "opened.hpp"

namespace halyard::onnx::test {
namespace {

GraphSpec branch(const std::vector<Message>& nodes, const std::string& output) {
  GraphSpec g;
  g.nodes = nodes;
  g.outputs = {value(output, kF32, {})};
  return g;
}

GraphSpec if_graph(const GraphSpec& yes, const GraphSpec& no) {
  GraphSpec g;
  g.inputs = {value("c", kBool, {}), value("x", kF32, {"2"}), value("z", kF32, {"2"})};
  g.initializers = {floats("w", {2}, {1, 2})};
  g.nodes = {node(
      "If", {"c"}, {"y"},
      {graph_attribute("then_branch", yes.message()), graph_attribute("else_branch", no.message())},
      "choose")};
  g.outputs = {value("y", kF32, {})};
  return g;
}

TEST(Body, IsClosed) {
  const auto m = open_bytes(model(if_graph(branch({node("Add", {"x", "w"}, {"a"})}, "a"),
                                           branch({node("Neg", {"z"}, {"b"})}, "b"))));
  ASSERT_TRUE(m->status.ok()) << m->error();
  const halyard::Node n = m->node("If");
  ASSERT_EQ(n.input_count(), 3u);  // c, then what the bodies use
  EXPECT_EQ(n.input(1).name(), "x");
  EXPECT_EQ(n.input(2).name(), "z");
  for (const char* name : {"then_branch", "else_branch"}) {
    const halyard::Subgraph body = m->graph.subgraph(n.attr_graph(name));
    ASSERT_EQ(body.input_count(), 2u);
    EXPECT_EQ(body.input(0).name(), "x");
    EXPECT_EQ(body.input(1).name(), "z");
  }
  const halyard::Node add = m->graph.subgraph(n.attr_graph("then_branch")).node(0);
  EXPECT_EQ(float_operand(*m, add, 1), (std::vector<float>{1, 2}));  // the constant itself
}

TEST(Body, WhatItUsesComesAfterOperandsThatAreLeftOut) {
  GraphSpec body = branch({node("Identity", {"go"}, {"on"}), node("Neg", {"x"}, {"s"})}, "on");
  body.inputs = {value("i", kI64, {}), value("go", kBool, {})};
  body.outputs.push_back(value("s", kF32, {}));
  GraphSpec g;
  g.inputs = {value("m", kI64, {}), value("x", kF32, {"2"})};
  g.nodes = {node("Loop", {"m"}, {"y"}, {graph_attribute("body", body.message())})};
  g.outputs = {value("y", kF32, {})};
  const auto m = open_bytes(model(g));
  ASSERT_TRUE(m->status.ok()) << m->error();
  ASSERT_EQ(m->node("Loop").input_count(), 3u);
  EXPECT_FALSE(m->node("Loop").has_input(1));
  EXPECT_EQ(m->node("Loop").input(2).name(), "x");
}

TEST(Body, PassesNamesThroughSeveral) {
  const GraphSpec inner = branch({node("Neg", {"x"}, {"i"})}, "i");
  const GraphSpec outer = branch({node("If", {"c"}, {"o"},
                                       {graph_attribute("then_branch", inner.message()),
                                        graph_attribute("else_branch", inner.message())})},
                                 "o");
  const auto m = open_bytes(model(if_graph(outer, outer)));
  ASSERT_TRUE(m->status.ok()) << m->error();
  EXPECT_EQ(m->graph.subgraph_count(), 7u);
  EXPECT_EQ(m->node("If").input_count(), 3u);  // c, and for the bodies c and x
}

TEST(Body, WaitsForWhatItUses) {
  GraphSpec g = if_graph(branch({node("Neg", {"late"}, {"a"})}, "a"),
                         branch({node("Neg", {"z"}, {"b"})}, "b"));
  g.nodes.push_back(node("Abs", {"x"}, {"late"}));
  EXPECT_EQ(open_bytes(model(g))->ops(), "Abs If");
}

TEST(Body, ErrorsNameBothNodes) {
  const auto m = open_bytes(model(if_graph(branch({node("Neg", {"gone"}, {"a"}, {}, "n")}, "a"),
                                           branch({node("Neg", {"z"}, {"b"})}, "b"))));
  EXPECT_EQ(m->status.code(), HY_ERROR_INVALID_MODEL);
  EXPECT_NE(m->error().find("\"choose\" (If) uses value \"gone\""), std::string::npos)
      << m->error();
}

TEST(Body, NestsNoDeeperThanAGraphMay) {
  GraphSpec g = branch({node("Neg", {"x"}, {"y"})}, "y");
  for (int i = 0; i < 40; ++i)
    g = branch({node("If", {"c"}, {"y"}, {graph_attribute("then_branch", g.message())})}, "y");
  g.inputs = {value("c", kBool, {}), value("x", kF32, {})};
  const auto m = open_bytes(model(g));
  EXPECT_EQ(m->status.code(), HY_ERROR_INVALID_MODEL);
  EXPECT_NE(m->error().find("nested deeper than 32"), std::string::npos) << m->error();
}

Message function(const std::string& name, const Names& inputs, const Names& outputs,
                 const std::vector<Message>& nodes) {
  Message m;
  m.text(1, name).text(10, "mine");
  for (const std::string& i : inputs) m.text(4, i);
  for (const std::string& o : outputs) m.text(5, o);
  for (const Message& n : nodes) m.message(7, n);
  return m.message(9, opset("", 18)).message(9, opset("mine", 1));
}

GraphSpec call_graph(const std::vector<Message>& attributes = {}) {
  GraphSpec g;
  g.inputs = {value("x", kF32, {"2"})};
  g.nodes = {node("f", {"x"}, {"y"}, attributes, "call", "mine")};
  g.outputs = {value("y", kF32, {})};
  return g;
}

TEST(Function, IsInlined) {
  const Message f = function("f", {"a"}, {"b"},
                             {node("Neg", {"a"}, {"t"}),
                              node("LeakyRelu", {"t"}, {"b"}, {reference("alpha", "slope", 1)})});
  const auto m = open_bytes(model(call_graph({attribute("slope", 0.5f)}), 18, 8, {f}));
  ASSERT_TRUE(m->status.ok()) << m->error();
  EXPECT_EQ(m->ops(), "Neg LeakyRelu");
  EXPECT_EQ(m->node("Neg").name(), "call/Neg:t");
  EXPECT_DOUBLE_EQ(m->node("LeakyRelu").attr_float("alpha"), 0.5);
  EXPECT_EQ(m->node("LeakyRelu").output(0).name(), "y");
}

TEST(Function, AnAttributeThatIsNotGivenIsAbsent) {
  const Message f = function("f", {"a"}, {"b"},
                             {node("LeakyRelu", {"a"}, {"b"}, {reference("alpha", "slope", 1)})});
  const auto m = open_bytes(model(call_graph(), 18, 8, {f}));
  EXPECT_DOUBLE_EQ(m->node("LeakyRelu").attr_float("alpha"), 0.01);
}

TEST(Function, CanGiveItsInput) {
  const auto m = open_bytes(model(call_graph(), 18, 8, {function("f", {"a"}, {"a"}, {})}));
  ASSERT_TRUE(m->status.ok()) << m->error();
  EXPECT_EQ(m->ops(), "Identity");
  EXPECT_EQ(m->main().output(0).name(), "y");
}

TEST(Function, MustNotCallItself) {
  const Message f = function("f", {"a"}, {"b"}, {node("f", {"a"}, {"b"}, {}, "again", "mine")});
  const auto m = open_bytes(model(call_graph(), 18, 8, {f}));
  EXPECT_EQ(m->status.code(), HY_ERROR_INVALID_MODEL);
  EXPECT_NE(m->error().find("must not call themselves"), std::string::npos) << m->error();
}

TEST(Function, ThatUnfoldsWithoutEndIsRefused) {
  std::vector<Message> functions;
  for (int i = 0; i < 30; ++i) {
    const std::string next = "f" + std::to_string(i + 1);
    functions.push_back(function(
        i == 0 ? "f" : "f" + std::to_string(i), {"a"}, {"b"},
        {node(next, {"a"}, {"t"}, {}, "", "mine"), node(next, {"t"}, {"b"}, {}, "", "mine")}));
  }
  functions.push_back(function("f30", {"a"}, {"b"}, {node("Neg", {"a"}, {"b"})}));
  const auto m = open_bytes(model(call_graph(), 18, 8, functions));
  EXPECT_EQ(m->status.code(), HY_ERROR_UNSUPPORTED);
  EXPECT_NE(m->error().find("unfold into more than"), std::string::npos)
      << m->error().substr(0, 300);
}

}  // namespace
}  // namespace halyard::onnx::test
