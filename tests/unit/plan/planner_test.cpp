#include "core/plan/planner.hpp"

#include <gtest/gtest.h>

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
  const auto p = plan(chain(), {a, b});
  ASSERT_TRUE(p.ok()) << p.status().message();
  EXPECT_EQ(p->nodes[0].device, 0u);
  EXPECT_EQ(p->nodes[1].device, 1u);
  EXPECT_EQ(p->nodes[2].device, 0u);
  EXPECT_EQ(p->clusters.size(), 3u);
  EXPECT_EQ(p->edges.size(), 2u);
}

TEST(Planner, RecordsWhyEachProviderLostANode) {
  auto a = open_fake<0>("a", {"Relu"}), b = open_fake<1>("b", {"Relu", "Neg"});
  const auto p = plan(chain(), {a, b});
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
  const auto p = plan(chain(), {a, b});
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
  const auto p = plan(chain(), {a, b});
  ASSERT_TRUE(p.ok());
  EXPECT_EQ(p->nodes[0].device, 0u);
  EXPECT_EQ(p->nodes[1].device, 1u);
  EXPECT_EQ(fake_config<0>().compiled, 2);
}

TEST(Planner, NamesEveryNodeThatNobodyTakes) {
  auto a = open_fake<0>("a", {"Relu"}), b = open_fake<1>("b", {"Relu"});
  const auto p = plan(chain(), {a, b});
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
  options.require = "a";
  const auto p = plan(chain(), {a, b}, options);
  ASSERT_FALSE(p.ok());
  EXPECT_EQ(p.status().code(), HY_ERROR_UNPLACED);
  EXPECT_NE(p.status().message().find("the required provider a"), std::string::npos);
}

TEST(Planner, StaticDevicesAreRefusedDynamicDims) {
  GraphMaker m({Dim::symbol(0), Dim::fixed(4)});
  m.output(m.node("Relu", {m.input("x")}));
  auto a = open_fake<0>("a", {"Relu"}, /*symbolic=*/false), b = open_fake<1>("b", {"Relu"});
  const auto p = plan(m.g, {a, b});
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
  const auto p = plan(chain(), {a, b});
  ASSERT_TRUE(p.ok());
  EXPECT_EQ(plan_summary(*p),
            "a 2/3 nodes (2 clusters), b 1/3 nodes (1 cluster); refused: 1 OP_UNKNOWN on a");
  EXPECT_TRUE(preferred_lost_nodes(*p));
}

}  // namespace
}  // namespace halyard::core
