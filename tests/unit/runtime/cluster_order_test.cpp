#include "core/runtime/cluster_order.hpp"

#include <gtest/gtest.h>

#include "core/plan/clusters.hpp"
#include "tests/unit/fake_provider.hpp"

namespace halyard::core {
namespace {

using test::GraphMaker;
using test::open_fake;

/// x -> Relu -> {Neg, Relu} -> Add, each a cluster of its own.
Plan diamond(std::vector<std::shared_ptr<Device>> devices, std::vector<uint32_t> device_of) {
  GraphMaker m({Dim::fixed(4)});
  const ValueId a = m.node("Relu", {m.input("x")});
  const ValueId b = m.node("Neg", {a}), c = m.node("Relu", {a});
  m.output(m.node("Add", {b, c}));
  Plan plan;
  plan.graph = m.g;
  plan.devices = std::move(devices);
  plan.clusters = make_clusters(m.g, device_of, {0, 1, 2, 3});
  return plan;
}

TEST(ClusterOrder, ClustersOnDifferentHardwareMayOverlap) {
  const ClusterOrder order(diamond({open_fake<0>("a", {}), open_fake<1>("b", {})}, {0, 0, 1, 0}));
  ASSERT_TRUE(order.concurrent());
  EXPECT_FALSE(order.before(1, 2) || order.before(2, 1));
  EXPECT_TRUE(order.before(0, 3));
  EXPECT_EQ(order.wait_count(0), 0u);
  EXPECT_EQ(order.wait_count(3), 2u);
  EXPECT_EQ(order.successors(0), (std::vector<uint32_t>{1, 2}));
}

TEST(ClusterOrder, ThoseOnTheSameHardwareDoNot) {
  EXPECT_FALSE(ClusterOrder(diamond({open_fake<0>("a", {})}, {0, 0, 0, 0})).concurrent());
  const auto a = open_fake<0>("a", {}, true, false, "same"),
             b = open_fake<1>("b", {}, true, false, "same");
  EXPECT_FALSE(ClusterOrder(diamond({a, b}, {0, 0, 1, 0})).concurrent());
}

TEST(ClusterOrder, ChainsOverTwoDevicesDoNotOverlap) {
  GraphMaker m({Dim::fixed(4)});
  m.output(m.node("Relu", {m.node("Neg", {m.node("Relu", {m.input("x")})})}));
  Plan plan;
  plan.graph = m.g;
  plan.devices = {open_fake<0>("a", {}), open_fake<1>("b", {})};
  plan.clusters = make_clusters(m.g, {0, 1, 0}, {0, 0, 0});
  EXPECT_FALSE(ClusterOrder(plan).concurrent());
}

TEST(ClusterOrder, WhatTheCoreRunsWaitsForAllAndHoldsUpAll) {
  const ClusterOrder order(
      diamond({open_fake<0>("a", {}), open_fake<1>("b", {})}, {0, kCoreDevice, 1, 0}));
  // Cluster 1 is the core's: nothing overlaps with it.
  EXPECT_TRUE(!order.concurrent() || (order.before(0, 1) && order.before(1, 2)));
}

}  // namespace
}  // namespace halyard::core
