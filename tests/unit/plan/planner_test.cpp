#include "core/plan/planner.hpp"

#include <gtest/gtest.h>

#include "core/plan/summary.hpp"
#include "tests/unit/fake_provider.hpp"

namespace halyard::core {
namespace {

using test::fake_config;
using test::GraphMaker;
using test::open_fake;

Result<Plan> plan(Graph graph, std::vector<std::shared_ptr<Device>> devices,
                  PlanOptions options = {}) {
  static test::NoWeights weights;
  return make_plan(std::move(graph), std::move(devices), options, weights, test::read_inline,
                   make_logger(nullptr, nullptr, 0));
}

PlanOptions by_priority() {
  PlanOptions options;
  options.policy.by_priority = true;
  return options;
}

/// x -> Relu -> Neg -> Relu -> y
Graph chain() {
  GraphMaker m({Dim::fixed(4)});
  m.output(m.node("Relu", {m.node("Neg", {m.node("Relu", {m.input("x")})})}));
  return m.g;
}

const Refusal* refusal(const Plan& p, NodeId n, const std::string& provider) {
  for (const Refusal& r : p.nodes[n].refused_by)
    if (r.provider == provider) return &r;
  return nullptr;
}

TEST(Planner, GivesNodesToTheFirstProviderThatTakesThem) {
  auto a = open_fake<0>("a", {"Relu"}), b = open_fake<1>("b", {"Relu", "Neg"});
  const auto p = plan(chain(), {a, b}, by_priority());
  ASSERT_TRUE(p.ok()) << p.status().message();
  EXPECT_EQ(p->nodes[0].device, 0u);
  EXPECT_EQ(p->nodes[1].device, 1u);
  EXPECT_EQ(p->nodes[2].device, 0u);
  EXPECT_EQ(p->clusters.size(), 3u);
  EXPECT_EQ(p->edges.size(), 2u);
}

TEST(Planner, RecordsWhyEachProviderLostANode) {
  auto a = open_fake<0>("a", {"Relu"}), b = open_fake<1>("b", {"Relu", "Neg"});
  const auto p = plan(chain(), {a, b}, by_priority());
  ASSERT_TRUE(p.ok());
  ASSERT_NE(refusal(*p, 1, "a"), nullptr);
  EXPECT_EQ(refusal(*p, 1, "a")->reason, static_cast<uint32_t>(HY_REASON_OP_UNKNOWN));
  EXPECT_NE(refusal(*p, 1, "a")->detail.find("Neg"), std::string::npos);
  ASSERT_NE(refusal(*p, 0, "b"), nullptr);
  EXPECT_EQ(refusal(*p, 0, "b")->reason, static_cast<uint32_t>(HY_REASON_LOWER_PRIORITY));
}

TEST(Planner, PlansAroundACompileFailure) {
  auto a = open_fake<0>("a", {"Relu", "Neg"}), b = open_fake<1>("b", {"Relu", "Neg"});
  fake_config<0>().fail_compile = {"Neg"};
  const auto p = plan(chain(), {a, b}, by_priority());
  ASSERT_TRUE(p.ok()) << p.status().message();
  for (NodeId n = 0; n < 3; ++n) {
    EXPECT_EQ(p->nodes[n].device, 1u);
    ASSERT_NE(refusal(*p, n, "a"), nullptr);
    EXPECT_EQ(refusal(*p, n, "a")->reason, static_cast<uint32_t>(HY_REASON_COMPILE_FAILED));
    EXPECT_NE(refusal(*p, n, "a")->detail.find("told to fail at compile"), std::string::npos);
  }
}

TEST(Planner, KeepsWhatCompiledWhenItPlansAgain) {
  auto a = open_fake<0>("a", {"Relu", "Neg"}), b = open_fake<1>("b", {"Relu", "Neg"});
  fake_config<0>().own_cluster = {"Relu", "Neg"};
  fake_config<0>().fail_compile = {"Neg"};
  const auto p = plan(chain(), {a, b}, by_priority());
  ASSERT_TRUE(p.ok());
  EXPECT_EQ(p->nodes[0].device, 0u);
  EXPECT_EQ(p->nodes[1].device, 1u);
  EXPECT_EQ(fake_config<0>().compiled, 2);
}

TEST(Planner, NamesEveryNodeThatNobodyTakes) {
  auto a = open_fake<0>("a", {"Relu"}), b = open_fake<1>("b", {"Relu"});
  const auto p = plan(chain(), {a, b}, by_priority());
  ASSERT_FALSE(p.ok());
  EXPECT_EQ(p.status().code(), HY_ERROR_UNPLACED);
  EXPECT_NE(p.status().message().find("Neg1"), std::string::npos);
  EXPECT_NE(p.status().message().find("a: OP_UNKNOWN"), std::string::npos);
  EXPECT_NE(p.status().message().find("b: OP_UNKNOWN"), std::string::npos);
}

TEST(Planner, NamesAnOperatorOutsideOfTheSet) {
  GraphMaker m({Dim::fixed(4)});
  m.output(m.node("Frobnicate", {m.input("x")}));
  m.g.nodes[0].domain = "acme";
  const auto p = plan(m.g, {open_fake<0>("a", {"Relu"})});
  ASSERT_FALSE(p.ok());
  EXPECT_EQ(p.status().code(), HY_ERROR_INVALID_MODEL);
  EXPECT_NE(p.status().message().find("operator Frobnicate of domain acme"), std::string::npos);
}

TEST(Planner, RequireFailsRatherThanPlacesElsewhere) {
  auto a = open_fake<0>("a", {"Relu"}), b = open_fake<1>("b", {"Relu", "Neg"});
  PlanOptions options;
  options.policy.require.provider = "a";
  const auto p = plan(chain(), {a, b}, options);
  ASSERT_FALSE(p.ok());
  EXPECT_EQ(p.status().code(), HY_ERROR_UNPLACED);
  EXPECT_NE(p.status().message().find("the required provider a"), std::string::npos);
}

TEST(Planner, StaticDevicesAreRefusedDynamicDims) {
  GraphMaker m({Dim::symbol(0), Dim::fixed(4)});
  m.output(m.node("Relu", {m.input("x")}));
  auto a = open_fake<0>("a", {"Relu"}, /*symbolic=*/false), b = open_fake<1>("b", {"Relu"});
  const auto p = plan(m.g, {a, b}, by_priority());
  ASSERT_TRUE(p.ok()) << p.status().message();
  EXPECT_EQ(p->nodes[0].device, 1u);
  ASSERT_NE(refusal(*p, 0, "a"), nullptr);
  EXPECT_EQ(refusal(*p, 0, "a")->reason, static_cast<uint32_t>(HY_REASON_DIM_DYNAMIC));
  EXPECT_NE(refusal(*p, 0, "a")->detail.find("[n,4]"), std::string::npos);
}

TEST(Planner, ACompositeThatNobodyTakesIsReplacedByItsParts) {
  GraphMaker m({Dim::fixed(2), Dim::fixed(4)});
  m.output(m.node("HardSwish", {m.input("x")}));
  m.g.nodes[0].origins = {"act"};
  auto a = open_fake<0>("a", {"Add", "Mul", "Div", "Clip", "Max", "Min", "HardSigmoid", "Relu"});
  const auto p = plan(m.g, {a});
  ASSERT_TRUE(p.ok()) << p.status().message();
  EXPECT_GT(p->nodes.size(), 1u);
  for (const NodeData& n : p->graph.nodes) EXPECT_EQ(n.origins, std::vector<std::string>{"act"});
}

TEST(Planner, PlanOnlyCompilesNothing) {
  auto a = open_fake<0>("a", {"Relu", "Neg"});
  PlanOptions options;
  options.compile = false;
  const auto p = plan(chain(), {a}, options);
  ASSERT_TRUE(p.ok());
  EXPECT_EQ(fake_config<0>().compiled, 0);
  EXPECT_EQ(p->clusters[0].executable, nullptr);
}

TEST(Planner, SummaryCountsNodesAndReasons) {
  auto a = open_fake<0>("a", {"Relu"}), b = open_fake<1>("b", {"Relu", "Neg"});
  const auto p = plan(chain(), {a, b}, by_priority());
  ASSERT_TRUE(p.ok());
  EXPECT_EQ(plan_summary(*p),
            "a 2/3 nodes (2 clusters, 22 us), b 1/3 nodes (1 cluster, 11 us); refused: 1 "
            "OP_UNKNOWN on a");
  EXPECT_TRUE(preferred_lost_nodes(*p));
}

TEST(Planner, SlowsNobodyDownForAPreferredProvider) {
  auto a = open_fake<0>("a", {"Relu", "Neg"}), b = open_fake<1>("b", {"Relu", "Neg"});
  fake_config<0>().est_us = 500;
  const auto p = plan(chain(), {a, b});
  ASSERT_TRUE(p.ok()) << p.status().message();
  for (NodeId n = 0; n < 3; ++n) {
    EXPECT_EQ(p->nodes[n].device, 1u);
    ASSERT_NE(refusal(*p, n, "a"), nullptr);
    EXPECT_EQ(refusal(*p, n, "a")->reason, static_cast<uint32_t>(HY_REASON_COST));
    EXPECT_EQ(refusal(*p, n, "a")->detail, "500 us here, 10 us on b");
  }
  EXPECT_FALSE(preferred_lost_nodes(*p));
}

TEST(Planner, AClusterThatGainsTooLittleIsNotProfitable) {
  GraphMaker m({Dim::fixed(4)});
  ValueId v = m.node("Relu", {m.input("x")});
  for (int i = 0; i < 9; ++i) v = m.node("Relu", {v});
  m.output(m.node("Relu", {m.node("Neg", {v})}));
  auto a = open_fake<0>("a", {"Relu", "Neg"}), b = open_fake<1>("b", {"Neg"});
  fake_config<1>().est_us = 5;
  const auto p = plan(m.g, {a, b});
  ASSERT_TRUE(p.ok()) << p.status().message();
  EXPECT_EQ(p->nodes[10].device, 0u);
  ASSERT_NE(refusal(*p, 10, "b"), nullptr);
  EXPECT_EQ(refusal(*p, 10, "b")->reason, static_cast<uint32_t>(HY_REASON_NOT_PROFITABLE));
  EXPECT_NE(refusal(*p, 10, "b")->detail.find("20.0 us at least"), std::string::npos);
}

TEST(Planner, PinsGiveNodesToAProvider) {
  auto a = open_fake<0>("a", {"Relu", "Neg"}), b = open_fake<1>("b", {"Relu", "Neg"});
  for (const Pin& pin : {Pin{{"Neg"}, {}, {}, "b"}, Pin{{}, {"x", "Neg*"}, {}, "b"}}) {
    PlanOptions options = by_priority();
    options.policy.pins = {pin};
    const auto p = plan(chain(), {a, b}, options);
    ASSERT_TRUE(p.ok()) << p.status().message();
    EXPECT_EQ(p->nodes[0].device, 0u);
    EXPECT_EQ(p->nodes[1].device, 1u);
    ASSERT_NE(refusal(*p, 1, "a"), nullptr);
    EXPECT_EQ(refusal(*p, 1, "a")->reason, static_cast<uint32_t>(HY_REASON_POLICY_DENIED));
  }
}

TEST(Planner, APinThatCannotBeKeptIsComplainedOf) {
  auto a = open_fake<0>("a", {"Relu", "Neg"}), b = open_fake<1>("b", {"Relu"});
  PlanOptions options = by_priority();
  options.policy.pins = {{{"Neg"}, {}, {}, "b"}};
  const auto p = plan(chain(), {a, b}, options);
  ASSERT_TRUE(p.ok()) << p.status().message();
  EXPECT_EQ(p->nodes[1].device, 0u);
  ASSERT_EQ(p->complaints.size(), 1u);
  EXPECT_NE(p->complaints[0].find("pinned to b, which does not take it (OP_UNKNOWN"),
            std::string::npos);
  EXPECT_TRUE(preferred_lost_nodes(*p));
}

TEST(Planner, SubgraphPinsHoldWhereTheyMatch) {
  auto a = open_fake<0>("a", {"Relu", "Neg"}), b = open_fake<1>("b", {"Relu", "Neg"});
  PlanOptions options = by_priority();
  options.policy.pins = {{{}, {}, {"main"}, "b"}};
  EXPECT_EQ(plan(chain(), {a, b}, options)->nodes[0].device, 1u);
  options.policy.pins = {{{}, {}, {"main/*"}, "b"}};
  EXPECT_EQ(plan(chain(), {a, b}, options)->nodes[0].device, 0u);
}

TEST(Planner, ARequiredProviderGetsWhatItTakesWhateverThatCosts) {
  auto a = open_fake<0>("a", {"Relu", "Neg"}), b = open_fake<1>("b", {"Relu", "Neg"});
  fake_config<1>().est_us = 1000;
  PlanOptions options;
  options.policy.require.provider = "b";
  const auto p = plan(chain(), {a, b}, options);
  ASSERT_TRUE(p.ok()) << p.status().message();
  for (const NodePlacement& n : p->nodes) EXPECT_EQ(n.device, 1u);
}

TEST(Planner, ARequiredShareFailsOrWarns) {
  auto a = open_fake<0>("a", {"Relu"}), b = open_fake<1>("b", {"Relu", "Neg"});
  PlanOptions options = by_priority();
  options.policy.require = {"a", 0.6, false};
  EXPECT_TRUE(plan(chain(), {a, b}, options).ok());
  options.policy.require.min_share = 0.9;
  const auto failed = plan(chain(), {a, b}, options);
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.status().code(), HY_ERROR_UNPLACED);
  EXPECT_NE(failed.status().message().find("has 67 % of the nodes; 90 % at least is required"),
            std::string::npos);
  EXPECT_NE(failed.status().message().find("a: OP_UNKNOWN"), std::string::npos);
  options.policy.require.only_warn = true;
  const auto warned = plan(chain(), {a, b}, options);
  ASSERT_TRUE(warned.ok()) << warned.status().message();
  EXPECT_EQ(warned->complaints.size(), 1u);
}

TEST(Planner, ACompileErrorFailsWhereThePolicyAsksForThat) {
  auto a = open_fake<0>("a", {"Relu", "Neg"}), b = open_fake<1>("b", {"Relu", "Neg"});
  fake_config<0>().fail_compile = {"Neg"};
  PlanOptions options = by_priority();
  options.policy.fail_on_compile_error = true;
  const auto p = plan(chain(), {a, b}, options);
  ASSERT_FALSE(p.ok());
  EXPECT_EQ(p.status().code(), HY_ERROR_DEVICE);
  EXPECT_NE(p.status().message().find("told to fail at compile"), std::string::npos);
}

TEST(Planner, APreferredProviderThatTakesThePartsGetsThem) {
  GraphMaker m({Dim::fixed(2), Dim::fixed(4)});
  m.output(m.node("HardSwish", {m.input("x")}));
  const std::set<std::string> parts = {"Add", "Mul", "Div", "Clip", "Max", "Min", "HardSigmoid"};
  auto a = open_fake<0>("a", parts), b = open_fake<1>("b", {"HardSwish"});
  const auto p = plan(m.g, {a, b}, by_priority());
  ASSERT_TRUE(p.ok()) << p.status().message();
  EXPECT_GT(p->nodes.size(), 1u);
  for (const NodePlacement& n : p->nodes) EXPECT_EQ(n.device, 0u);
  // The other way round the whole stays.
  auto c = open_fake<0>("c", {"HardSwish"}), d = open_fake<1>("d", parts);
  const auto whole = plan(m.g, {c, d}, by_priority());
  ASSERT_TRUE(whole.ok()) << whole.status().message();
  EXPECT_EQ(whole->nodes.size(), 1u);
  EXPECT_EQ(whole->nodes[0].device, 0u);
}

TEST(Planner, CostDecidesBetweenACompositeAndItsParts) {
  GraphMaker m({Dim::fixed(2), Dim::fixed(4)});
  m.output(m.node("HardSwish", {m.input("x")}));
  const std::set<std::string> parts = {"Add", "Mul", "Div", "Clip", "Max", "Min", "HardSigmoid"};
  auto a = open_fake<0>("a", {"HardSwish"}), b = open_fake<1>("b", parts);
  fake_config<0>().est_us = 500;
  const auto opened = plan(m.g, {a, b});
  ASSERT_TRUE(opened.ok()) << opened.status().message();
  EXPECT_GT(opened->nodes.size(), 1u);
  fake_config<0>().est_us = 15;
  const auto whole = plan(m.g, {a, b});
  ASSERT_TRUE(whole.ok()) << whole.status().message();
  EXPECT_EQ(whole->nodes.size(), 1u);
}

TEST(Planner, ACompositeWhoseOnlyTakerFailsGoesOnAsItsParts) {
  GraphMaker m({Dim::fixed(2), Dim::fixed(4)});
  m.output(m.node("HardSwish", {m.input("x")}));
  const std::set<std::string> parts = {"Add", "Mul", "Div", "Clip", "Max", "Min", "HardSigmoid"};
  auto a = open_fake<0>("a", {"HardSwish"}), b = open_fake<1>("b", parts);
  fake_config<0>().fail_compile = {"HardSwish"};
  const auto p = plan(m.g, {a, b}, by_priority());
  ASSERT_TRUE(p.ok()) << p.status().message();
  EXPECT_GT(p->nodes.size(), 1u);
  for (const NodePlacement& n : p->nodes) EXPECT_EQ(n.device, 1u);
}

TEST(Planner, RecordsItsSteps) {
  auto a = open_fake<0>("a", {"Relu", "Neg"}), b = open_fake<1>("b", {"Relu", "Neg"});
  fake_config<0>().fail_compile = {"Neg"};
  const auto p = plan(chain(), {a, b}, by_priority());
  ASSERT_TRUE(p.ok());
  std::vector<std::string> what;
  for (const PlanStep& s : p->steps) what.push_back(s.what);
  EXPECT_EQ(what, (std::vector<std::string>{"offered", "offered", "placed", "failed", "placed",
                                            "compiled"}));
}

TEST(Planner, MeasuredTimesReplaceEstimates) {
  auto a = open_fake<0>("a", {"Relu", "Neg"}), b = open_fake<1>("b", {"Relu", "Neg"});
  MeasuredTimes measured;
  const Graph g = chain();
  for (const NodeData& n : g.nodes) measured.record(*b, work_key(g, n), 2);
  PlanOptions options;
  options.measured = &measured;
  const auto p = plan(g, {a, b}, options);
  ASSERT_TRUE(p.ok());
  for (const NodePlacement& n : p->nodes) {
    EXPECT_EQ(n.device, 1u);
    EXPECT_EQ(n.est_source, EstimateSource::kMeasured);
    EXPECT_DOUBLE_EQ(n.est_us, 2);
  }
}

TEST(Planner, OpenDimsHaveAnAssumedEstimate) {
  GraphMaker m({Dim::symbol(0), Dim::fixed(4)});
  m.output(m.node("Relu", {m.input("x")}));
  auto a = open_fake<0>("a", {"Relu"});
  fake_config<0>().est_us = -1;
  const auto p = plan(m.g, {a});
  ASSERT_TRUE(p.ok());
  EXPECT_GT(p->nodes[0].est_us, 0);
  EXPECT_EQ(p->nodes[0].est_source, EstimateSource::kAssumed);
}

TEST(Obstacles, AreOrderedByWhatTheyWouldBring) {
  GraphMaker m({Dim::fixed(4)});
  ValueId v = m.input("x");
  for (const char* op : {"Relu", "Neg", "Add", "Neg", "Relu"})
    v = std::string(op) == "Add" ? m.node(op, {v, v}) : m.node(op, {v});
  m.output(v);
  auto a = open_fake<0>("a", {"Relu"}), b = open_fake<1>("b", {"Relu", "Neg", "Add"});
  const auto p = plan(m.g, {a, b}, by_priority());
  ASSERT_TRUE(p.ok());
  const auto list = obstacles(*p);
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0].op, "Neg");
  EXPECT_EQ(list[0].nodes, (std::vector<NodeId>{1, 3}));
  EXPECT_EQ(list[1].op, "Add");
  EXPECT_EQ(list[1].reason, static_cast<uint32_t>(HY_REASON_OP_UNKNOWN));
}

}  // namespace
}  // namespace halyard::core
