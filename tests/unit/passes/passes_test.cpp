#include "core/passes/passes.hpp"

#include <gtest/gtest.h>

#include <cstring>

#include "core/opset/table.hpp"
#include "tests/unit/fake_provider.hpp"

namespace halyard::core {
namespace {

using test::fake_config;
using test::GraphMaker;
using test::open_fake;

TEST(Identity, ReadsGoToTheOriginal) {
  GraphMaker m({Dim::fixed(4)});
  const ValueId x = m.input("x");
  m.output(m.node("Relu", {m.node("Identity", {m.node("Identity", {x})})}));
  remove_identities(m.g);
  ASSERT_EQ(m.g.nodes.size(), 1u);
  EXPECT_EQ(m.g.nodes[0].inputs, std::vector<ValueId>{x});
}

TEST(Identity, AnOutputKeepsItsOwnValue) {
  GraphMaker m({Dim::fixed(4)});
  const ValueId y = m.node("Identity", {m.input("x")});
  m.output(y);
  remove_identities(m.g);
  EXPECT_EQ(m.g.nodes.size(), 1u);
  EXPECT_EQ(m.g.outputs, std::vector<ValueId>{y});
}

TEST(DeadCode, RemovesWhatNoOutputNeedsAndKeepsInputs) {
  GraphMaker m({Dim::fixed(4)});
  const ValueId x = m.input("x");
  m.input("unused");
  m.node("Neg", {m.node("Relu", {x})});
  m.output(m.node("Relu", {x}));
  remove_dead_code(m.g);
  EXPECT_EQ(m.g.nodes.size(), 1u);
  EXPECT_EQ(m.g.inputs.size(), 2u);
  EXPECT_EQ(m.g.values.size(), 3u);
  EXPECT_EQ(m.g.values[m.g.inputs[1]].name, "unused");
}

TEST(DeadCode, AnUnwantedOutputOfALiveNodeBecomesAbsent) {
  GraphMaker m({Dim::fixed(4)});
  m.output(m.node("Relu", {m.input("x")}));
  m.g.nodes[0].outputs.push_back(m.g.add_result("indices"));
  remove_dead_code(m.g);
  EXPECT_EQ(m.g.nodes[0].outputs.size(), 1u);
  EXPECT_EQ(m.g.values.size(), 2u);
}

TEST(FoldKnownInts, ContentsBecomeConstants) {
  GraphMaker m({Dim::fixed(2)});
  const ValueId s = m.node("Shape", {m.input("x")});
  m.g.values[s].type = {HY_DTYPE_I64, std::vector<Dim>{Dim::fixed(1)}};
  m.output(s);
  Inference inference;
  inference.ints.resize(m.g.values.size());
  inference.ints[s] = std::vector<Dim>{Dim::fixed(2)};
  fold_known_ints(m.g, inference);
  EXPECT_TRUE(m.g.nodes.empty());
  ASSERT_EQ(m.g.values[s].kind, static_cast<uint32_t>(HY_VALUE_CONSTANT));
  int64_t content = 0;
  ASSERT_EQ(m.g.constants[m.g.values[s].constant].size, 8u);
  std::memcpy(&content, m.g.constants[m.g.values[s].constant].bytes->data(), 8);
  EXPECT_EQ(content, 2);
}

TEST(FoldKnownInts, SymbolicContentsStay) {
  GraphMaker m({Dim::symbol(0)});
  const ValueId s = m.node("Shape", {m.input("x")});
  m.g.values[s].type = {HY_DTYPE_I64, std::vector<Dim>{Dim::fixed(1)}};
  m.output(s);
  Inference inference;
  inference.ints.resize(m.g.values.size());
  inference.ints[s] = std::vector<Dim>{Dim::symbol(0)};
  fold_known_ints(m.g, inference);
  EXPECT_EQ(m.g.nodes.size(), 1u);
}

/// relu(neg(c) + c), added to an input.
Graph with_constants() {
  GraphMaker m({Dim::fixed(2)});
  const ValueId x = m.input("x");
  const float c[] = {3, -4};
  const ValueId v = m.g.add_constant("c", HY_DTYPE_F32, {2}, c, sizeof c);
  m.output(m.node("Add", {x, m.node("Relu", {m.node("Neg", {v})})}));
  return m.g;
}

Status fold(Graph& g, const std::shared_ptr<Device>& device) {
  static test::NoWeights weights;
  return fold_constants(
      g, device, weights, [](auto) { return uint64_t{0}; }, make_logger(nullptr, nullptr, 0));
}

TEST(FoldConstants, ComputesOnTheDevice) {
  auto device = open_fake<0>("a", {"Relu", "Neg", "Add"}, true, true);
  Graph g = with_constants();
  ASSERT_TRUE(fold(g, device).ok());
  remove_dead_code(g);
  ASSERT_EQ(g.nodes.size(), 1u);
  const ValueData& v = g.values[g.nodes[0].inputs[1]];
  ASSERT_EQ(v.kind, static_cast<uint32_t>(HY_VALUE_CONSTANT));
  float content[2];
  std::memcpy(content, g.constants[v.constant].bytes->data(), sizeof content);
  EXPECT_EQ(content[0], 0.0f);
  EXPECT_EQ(content[1], 4.0f);
}

TEST(FoldConstants, WhatTheDeviceRefusesOrFailsOnStays) {
  auto device = open_fake<0>("a", {"Relu", "Add"}, true, true);
  Graph g = with_constants();
  ASSERT_TRUE(fold(g, device).ok());
  EXPECT_EQ(g.nodes.size(), 3u);
  device = open_fake<0>("a", {"Relu", "Neg", "Add"}, true, true);
  fake_config<0>().fail_run = {"Neg"};
  ASSERT_TRUE(fold(g, device).ok());
  EXPECT_EQ(g.nodes.size(), 3u);
}

TEST(FoldConstants, RandomNodesStayAndSoDoesWhatReadsThem) {
  auto device = open_fake<0>("a", {"RandomUniform", "Relu", "Neg", "Add"}, true, true);
  GraphMaker m({Dim::fixed(2)});
  const float c[] = {3, -4};
  const ValueId v = m.g.add_constant("c", HY_DTYPE_F32, {2}, c, sizeof c);
  const ValueId a = m.node("RandomUniform", {}), b = m.node("RandomUniform", {});
  m.output(m.node("Add", {m.node("Relu", {a}), m.node("Add", {b, m.node("Neg", {v})})}));
  m.g.nodes[1].attributes = {{"seed", 1.0}};  // a seed makes it no constant
  ASSERT_TRUE(fold(m.g, device).ok());
  std::vector<std::string> left;
  for (const NodeData& n : m.g.nodes) left.push_back(n.op);
  EXPECT_EQ(left,
            (std::vector<std::string>{"RandomUniform", "RandomUniform", "Relu", "Add", "Add"}));
}

TEST(FoldConstants, ANodeWithARandomBodyIsRandom) {
  GraphMaker inner({Dim::fixed(2)}), middle({Dim::fixed(2)}), outer({Dim::fixed(2)});
  inner.output(inner.node("RandomNormal", {}));
  middle.output(middle.node("If", {middle.input("c")}));
  middle.g.nodes[0].attributes = {{"then_branch", GraphAttr{0}}};
  middle.g.bodies = {inner.g};
  outer.output(outer.node("Loop", {}));
  outer.g.nodes[0].attributes = {{"body", GraphAttr{0}}};
  outer.g.bodies = {middle.g};
  EXPECT_TRUE(is_random(outer.g, outer.g.nodes[0]));
  outer.g.bodies[0].bodies[0].nodes[0].op = "Relu";
  EXPECT_FALSE(is_random(outer.g, outer.g.nodes[0]));
}

}  // namespace
}  // namespace halyard::core
