// What holds of every plan: random graphs, random fakes.
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "core/plan/planner.hpp"
#include "tests/unit/fake_provider.hpp"

namespace halyard::core {
namespace {

using test::fake_config;
using test::GraphMaker;
using test::open_fake;

const char* const kOps[] = {"Relu", "Neg", "Add"};

Graph random_graph(std::mt19937& random) {
  GraphMaker m({Dim::fixed(16)});
  std::vector<ValueId> values{m.input("x"), m.input("y")};
  for (uint32_t i = 0; i < 2 + random() % 40; ++i) {
    const std::string op = kOps[random() % 3];
    const auto pick = [&] { return values[random() % values.size()]; };
    values.push_back(op == "Add" ? m.node(op, {pick(), pick()}) : m.node(op, {pick()}));
  }
  m.output(values.back());
  m.output(values[values.size() / 2]);
  return m.g;
}

/// Takes some operators, wants some of them apart, and fails at compiling others.
template <int Slot>
std::shared_ptr<Device> random_fake(std::mt19937& random, bool everything) {
  std::set<std::string> ops, own, fail;
  for (const char* op : kOps) {
    if (everything || random() % 2 == 0) ops.insert(op);
    if (random() % 5 == 0) own.insert(op);
    if (!everything && random() % 5 == 0) fail.insert(op);
  }
  auto device = open_fake<Slot>("fake" + std::to_string(Slot), ops, random() % 4 != 0 || everything,
                                false, random() % 2 == 0 ? "shared" : "");
  fake_config<Slot>().own_cluster = own;
  fake_config<Slot>().fail_compile = fail;
  for (const char* op : kOps)
    fake_config<Slot>().est_of[op] = static_cast<double>(1 + random() % 100);
  return device;
}

std::vector<std::shared_ptr<Device>> random_devices(std::mt19937& random) {
  return {random_fake<10>(random, false), random_fake<11>(random, false),
          random_fake<12>(random, true)};
}

Result<Plan> plan(const Graph& graph, std::vector<std::shared_ptr<Device>> devices,
                  const PlanOptions& options) {
  static test::NoWeights weights;
  return make_plan(graph, std::move(devices), options, weights, test::read_inline,
                   make_logger(nullptr, nullptr, 4));
}

/// Every node in one cluster of its device, and every cluster only after those that it reads from: so the
/// clusters are convex and their graph has no cycle.
void expect_valid(const Plan& p) {
  const auto producers = p.graph.producers();
  std::vector<uint32_t> cluster_of(p.nodes.size(), kNone);
  for (uint32_t c = 0; c < p.clusters.size(); ++c)
    for (const NodeId n : p.clusters[c].nodes) {
      EXPECT_EQ(cluster_of[n], kNone);
      EXPECT_EQ(p.nodes[n].device, p.clusters[c].device);
      EXPECT_EQ(p.nodes[n].cluster, c);
      cluster_of[n] = c;
    }
  for (NodeId n = 0; n < p.nodes.size(); ++n) {
    ASSERT_NE(cluster_of[n], kNone);
    for (const ValueId v : p.graph.nodes[n].inputs)
      if (producers[v] != kNone) {
        EXPECT_LE(cluster_of[producers[v]], cluster_of[n]);
      }
  }
  for (const Cluster& c : p.clusters) EXPECT_NE(c.executable, nullptr);
}

/// Whoever lost a node has a reason.
void expect_explained(const Plan& p) {
  for (NodeId n = 0; n < p.nodes.size(); ++n) {
    EXPECT_EQ(p.nodes[n].refused_by.size(), p.devices.size() - 1);
    for (const Refusal& r : p.nodes[n].refused_by)
      EXPECT_NE(r.reason, static_cast<uint32_t>(HY_REASON_NONE));
  }
}

TEST(Properties, EveryPlanIsValidExplainedAndTheSameAgain) {
  for (uint32_t seed = 1; seed <= 150; ++seed)
    for (const bool by_priority : {false, true}) {
      SCOPED_TRACE(seed);
      std::mt19937 random(seed);
      const Graph g = random_graph(random);
      const auto devices = random_devices(random);
      PlanOptions options;
      options.policy.by_priority = by_priority;
      options.policy.min_gain_us = static_cast<double>(seed % 3) * 10;
      const auto first = plan(g, devices, options), again = plan(g, devices, options);
      ASSERT_TRUE(first.ok()) << first.status().message();
      ASSERT_TRUE(again.ok());
      expect_valid(*first);
      expect_explained(*first);
      for (NodeId n = 0; n < first->nodes.size(); ++n) {
        EXPECT_EQ(first->nodes[n].device, again->nodes[n].device);
        EXPECT_EQ(first->nodes[n].cluster, again->nodes[n].cluster);
      }
      if (!by_priority && first->estimate.single_cost >= 0) {
        EXPECT_LE(first->estimate.cost, first->estimate.single_cost * (1 + 1e-9));
      }
    }
}

TEST(Properties, ByPriorityNobodyHasWhatAHigherOneCouldHave) {
  for (uint32_t seed = 1; seed <= 150; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(1000 + seed);
    const Graph g = random_graph(random);
    PlanOptions options;
    options.policy.by_priority = true;
    const auto p = plan(g, random_devices(random), options);
    ASSERT_TRUE(p.ok()) << p.status().message();
    for (const NodePlacement& n : p->nodes)
      for (uint32_t d = 0; d < n.device; ++d)
        for (const Refusal& r : n.refused_by)
          if (r.provider == p->devices[d]->provider().id()) {
            // It did not take the node, or failed at it: no choice of the core's.
            EXPECT_NE(r.reason, static_cast<uint32_t>(HY_REASON_LOWER_PRIORITY));
            EXPECT_NE(r.reason, static_cast<uint32_t>(HY_REASON_COST));
            EXPECT_NE(r.reason, static_cast<uint32_t>(HY_REASON_NOT_PROFITABLE));
          }
  }
}

}  // namespace
}  // namespace halyard::core
