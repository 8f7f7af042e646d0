#include "core/plan/clusters.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "tests/unit/fake_provider.hpp"

namespace halyard::core {
namespace {

using test::GraphMaker;

std::vector<uint32_t> no_proposals(const Graph& g) {
  return std::vector<uint32_t>(g.nodes.size(), HY_CLUSTER_ANY);
}

/// Every node in one cluster, and every cluster only after those it reads from.
void expect_valid(const Graph& g, const std::vector<Cluster>& clusters) {
  const auto producers = g.producers();
  std::vector<uint32_t> cluster_of(g.nodes.size(), kNone);
  for (uint32_t c = 0; c < clusters.size(); ++c)
    for (NodeId n : clusters[c].nodes) {
      EXPECT_EQ(cluster_of[n], kNone);
      cluster_of[n] = c;
    }
  for (NodeId n = 0; n < g.nodes.size(); ++n) {
    ASSERT_NE(cluster_of[n], kNone);
    for (ValueId v : g.nodes[n].inputs)
      if (producers[v] != kNone) {
        EXPECT_LE(cluster_of[producers[v]], cluster_of[n]);
      }
  }
}

TEST(Clusters, OneDeviceMakesOneCluster) {
  GraphMaker m({Dim::fixed(4)});
  const ValueId x = m.input("x");
  m.output(m.node("Add", {m.node("Relu", {x}), m.node("Neg", {x})}));
  const auto clusters = make_clusters(m.g, {0, 0, 0}, no_proposals(m.g));
  ASSERT_EQ(clusters.size(), 1u);
  EXPECT_EQ(clusters[0].inputs, std::vector<ValueId>{x});
  EXPECT_EQ(clusters[0].outputs, m.g.outputs);
}

TEST(Clusters, AreConvex) {
  // a -> b -> c and a -> c; b elsewhere: a and c must not be joined.
  GraphMaker m({Dim::fixed(4)});
  const ValueId a = m.node("Relu", {m.input("x")});
  m.output(m.node("Add", {a, m.node("Neg", {a})}));
  const auto clusters = make_clusters(m.g, {0, 1, 0}, no_proposals(m.g));
  EXPECT_EQ(clusters.size(), 3u);
  expect_valid(m.g, clusters);
}

TEST(Clusters, GrowNoLargerThanTheLimit) {
  GraphMaker m({Dim::fixed(4)});
  ValueId v = m.input("x");
  for (int i = 0; i < 7; ++i) v = m.node(i % 2 == 0 ? "Relu" : "Neg", {v});
  m.output(v);
  const std::vector<uint32_t> device(7, 0);
  for (const uint32_t limit : {1u, 2u, 3u, 7u}) {
    const auto clusters = make_clusters(m.g, device, no_proposals(m.g), limit);
    EXPECT_EQ(clusters.size(), (7 + limit - 1) / limit);
    for (const Cluster& c : clusters) EXPECT_LE(c.nodes.size(), limit);
    expect_valid(m.g, clusters);
  }
}

TEST(Clusters, ProposalsOfDifferentNumbersStayApart) {
  GraphMaker m({Dim::fixed(4)});
  m.output(m.node("Neg", {m.node("Relu", {m.input("x")})}));
  EXPECT_EQ(make_clusters(m.g, {0, 0}, {1, 2}).size(), 2u);
  EXPECT_EQ(make_clusters(m.g, {0, 0}, {1, 1}).size(), 1u);
}

TEST(Clusters, RandomGraphsGiveValidPlans) {
  for (uint32_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    GraphMaker m({Dim::fixed(4)});
    std::vector<ValueId> values{m.input("x"), m.input("y")};
    std::vector<uint32_t> device;
    for (uint32_t i = 0; i < 2 + random() % 40; ++i) {
      values.push_back(
          m.node("Add", {values[random() % values.size()], values[random() % values.size()]}));
      device.push_back(random() % 3);
    }
    m.output(values.back());
    const auto clusters = make_clusters(m.g, device, no_proposals(m.g));
    expect_valid(m.g, clusters);
    for (const Cluster& c : clusters)
      for (NodeId n : c.nodes) EXPECT_EQ(device[n], c.device);
  }
}

TEST(Clusters, ACutOutGraphHoldsItsPortsAndConstants) {
  GraphMaker m({Dim::fixed(2)});
  const float two[] = {2, 2};
  const ValueId x = m.input("x");
  const ValueId c = m.g.add_constant("two", HY_DTYPE_F32, {2}, two, sizeof two);
  m.output(m.node("Add", {m.node("Relu", {x}), c}));
  const auto clusters = make_clusters(m.g, {0, 1}, no_proposals(m.g));
  ASSERT_EQ(clusters.size(), 2u);
  const Graph second = cluster_graph(m.g, clusters[1]);
  ASSERT_EQ(second.inputs.size(), 1u);
  EXPECT_EQ(second.values[second.inputs[0]].kind, static_cast<uint32_t>(HY_VALUE_INPUT));
  EXPECT_EQ(second.constants.size(), 1u);
  EXPECT_EQ(second.nodes.size(), 1u);
  EXPECT_EQ(second.outputs.size(), 1u);
}

}  // namespace
}  // namespace halyard::core
