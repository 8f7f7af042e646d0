#include "core/plan/placement.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "core/plan/schedule.hpp"

namespace halyard::core {
namespace {

/// x -> node 0 -> node 1 -> ... -> y, a value of so many bytes between each.
PlacementProblem chain(std::vector<std::vector<double>> costs, double bytes = 1000) {
  PlacementProblem p;
  p.cost_us = std::move(costs);
  p.devices.resize(p.cost_us[0].size());
  for (uint32_t d = 0; d < p.devices.size(); ++d) p.devices[d].hardware = d;
  const auto count = static_cast<uint32_t>(p.node_count());
  for (uint32_t n = 0; n < count; ++n) {
    p.proposal.emplace_back(p.devices.size(), 0u);
    p.predecessors.push_back(n == 0 ? std::vector<uint32_t>{} : std::vector<uint32_t>{n - 1});
    p.values.push_back({n == 0 ? kNoNode : n - 1, {n}, bytes, false});
  }
  p.values.push_back({count - 1, {}, bytes, true});
  return p;
}

void give_memory(PlacementProblem& p, uint32_t device, double latency_us, double us_per_byte) {
  p.devices[device].memory = device + 1;
  p.devices[device].copy_latency_us = latency_us;
  p.devices[device].copy_us_per_byte = us_per_byte;
}

TEST(Placement, TakesTheFasterDevice) {
  EXPECT_EQ(place(chain({{10, 5}, {10, 5}})).device_of, (std::vector<uint32_t>{1, 1}));
  EXPECT_EQ(place(chain({{5, 10}, {5, 10}})).device_of, (std::vector<uint32_t>{0, 0}));
}

TEST(Placement, TiesGoToTheFirstDevice) {
  EXPECT_EQ(place(chain({{5, 5}, {5, 5}, {5, 5}})).device_of, (std::vector<uint32_t>{0, 0, 0}));
}

TEST(Placement, AHandOverMustPay) {
  // The second node is 50 us faster on device 1, whose copies take 40 us in and 40 us out.
  PlacementProblem p = chain({{10, kRefusedCost}, {100, 50}, {10, kRefusedCost}});
  give_memory(p, 1, 40, 0);
  EXPECT_EQ(place(p).device_of, (std::vector<uint32_t>{0, 0, 0}));
  give_memory(p, 1, 20, 0);
  const Placement cheap = place(p);
  EXPECT_EQ(cheap.device_of, (std::vector<uint32_t>{0, 1, 0}));
  EXPECT_DOUBLE_EQ(cheap.cost, 10 + 20 + 50 + 20 + 10);
  EXPECT_DOUBLE_EQ(cheap.single_cost, 120);
}

TEST(Placement, ALaunchMustPay) {
  PlacementProblem p = chain({{10, kRefusedCost}, {100, 50}, {10, kRefusedCost}});
  p.devices[1].launch_us = 60;
  EXPECT_EQ(place(p).device_of, (std::vector<uint32_t>{0, 0, 0}));
}

TEST(Placement, AValueIsCopiedOnceForAllThatReadIt) {
  // Node 0 on the host; nodes 1 and 2 read it on device 1, and only there.
  PlacementProblem p = chain({{1, kRefusedCost}, {kRefusedCost, 1}, {kRefusedCost, 1}});
  give_memory(p, 1, 10, 0);
  p.predecessors = {{}, {0}, {0}};
  p.values = {{kNoNode, {0}, 1, false}, {0, {1, 2}, 1, false}, {1, {}, 1, true}, {2, {}, 1, true}};
  // In once, out twice.
  EXPECT_DOUBLE_EQ(place(p).cost, 1 + 10 + 1 + 1 + 10 + 10);
}

TEST(Placement, BranchesOnTwoDevicesOverlap) {
  // 0 -> {1, 2} -> 3, where 1 and 2 take 100 us on either.
  PlacementProblem p = chain({{1, 1}, {100, 100}, {100, 100}, {1, 1}});
  p.predecessors = {{}, {0}, {0}, {1, 2}};
  p.values = {{kNoNode, {0}, 1, false},
              {0, {1, 2}, 1, false},
              {1, {3}, 1, false},
              {2, {3}, 1, false},
              {3, {}, 1, true}};
  EXPECT_DOUBLE_EQ(place(p).cost, 102);
  p.devices[1].hardware = 0;  // both are one piece of hardware: nothing to gain
  EXPECT_DOUBLE_EQ(place(p).cost, 202);
}

TEST(Placement, ThroughputBalancesTheHardware) {
  PlacementProblem p = chain({{10, 12}, {10, 12}});
  EXPECT_EQ(place(p).cost, 20);
  p.objective = Objective::kThroughput;
  EXPECT_DOUBLE_EQ(place(p).cost, 12);  // one node each
}

TEST(Placement, PowerPrefersFewerWatts) {
  PlacementProblem p = chain({{10, 30}, {10, 30}});
  p.devices[0].watts = 60;
  p.devices[1].watts = 5;
  p.objective = Objective::kPower;
  const Placement out = place(p);
  EXPECT_EQ(out.device_of, (std::vector<uint32_t>{1, 1}));
  EXPECT_DOUBLE_EQ(out.cost, 60 * 5);
}

TEST(Placement, AClusterThatGainsTooLittleIsWithdrawn) {
  PlacementProblem p = chain({{10, 10}, {20, 10}, {10, kRefusedCost}});
  p.min_gain_us = 15;
  const Placement out = place(p);
  EXPECT_EQ(out.device_of, (std::vector<uint32_t>{0, 0, 0}));
  ASSERT_EQ(out.withdrawals.size(), 1u);
  EXPECT_EQ(out.withdrawals[0].why, Withdrawal::Why::kGain);
  EXPECT_EQ(out.withdrawals[0].device, 1u);
  EXPECT_DOUBLE_EQ(out.withdrawals[0].found, 10);
  p.min_gain_us = 5;
  EXPECT_EQ(place(p).device_of[1], 1u);
}

TEST(Placement, WhatRunsOnOneDeviceAloneNeedNotGain) {
  PlacementProblem p = chain({{12, 10}, {12, 10}});
  p.min_gain_us = 1000;
  EXPECT_EQ(place(p).device_of, (std::vector<uint32_t>{1, 1}));
}

TEST(Placement, KeepsTheNumberOfClusters) {
  PlacementProblem p = chain({{1, 50}, {90, 1}, {1, 50}, {80, 1}, {1, 50}});
  EXPECT_EQ(make_schedule(p, place(p).device_of).clusters.size(), 5u);
  p.max_clusters = 3;
  const Placement out = place(p);
  EXPECT_LE(make_schedule(p, out.device_of).clusters.size(), 3u);
  EXPECT_TRUE(out.within_limits);
  EXPECT_FALSE(out.withdrawals.empty());
}

TEST(Placement, SaysWhenTheNumberOfClustersCannotBeKept) {
  PlacementProblem p = chain({{1, kRefusedCost}, {kRefusedCost, 1}, {1, kRefusedCost}});
  p.max_clusters = 2;
  EXPECT_FALSE(place(p).within_limits);
}

TEST(Placement, KeepsMemory) {
  PlacementProblem p = chain({{100, 1}, {100, 1}, {100, 1}}, 0);
  p.weights = {{{0}, 600}, {{1}, 600}, {{2}, 600}};
  p.devices[1].memory_bytes = 1300;
  const Placement out = place(p);
  EXPECT_EQ(out.device_of, (std::vector<uint32_t>{1, 1, 0}));
  ASSERT_EQ(out.withdrawals.size(), 1u);
  EXPECT_EQ(out.withdrawals[0].why, Withdrawal::Why::kMemory);
  EXPECT_EQ(out.withdrawals[0].nodes, std::vector<uint32_t>{2});
  EXPECT_LE(memory_of(p, out.device_of, 1), 1300);
}

TEST(Placement, NeutralDevicesAreNoChoice) {
  PlacementProblem p =
      chain({{10, 12, kRefusedCost}, {kRefusedCost, kRefusedCost, 1}, {10, 12, kRefusedCost}});
  p.devices[2].neutral = true;
  const Placement out = place(p);
  EXPECT_EQ(out.device_of, (std::vector<uint32_t>{0, 2, 0}));
  EXPECT_EQ(out.single_device, 0u);
  EXPECT_DOUBLE_EQ(out.single_cost, out.cost);
}

/// Costs, copies and wiring at random; the first device takes everything, as a CPU does.
PlacementProblem random_problem(uint32_t seed, uint32_t least, uint32_t most, uint32_t devices) {
  std::mt19937 random(seed);
  const auto below = [&](uint32_t n) { return static_cast<uint32_t>(random() % n); };
  const auto real = [&](double a, double b) {
    return a + (b - a) * static_cast<double>(random() % 1000) / 1000;
  };
  PlacementProblem p;
  p.devices.resize(devices);
  for (uint32_t d = 1; d < devices; ++d) {
    p.devices[d].hardware = below(4) == 0 ? 0 : d;
    p.devices[d].launch_us = real(0, 20);
    if (below(3) != 0) give_memory(p, d, real(0, 30), real(0, 0.01));
  }
  const uint32_t count = least + below(most - least + 1);
  std::vector<std::set<uint32_t>> readers(count + 1);  // of each node's result; the last: the input
  for (uint32_t n = 0; n < count; ++n) {
    const double us = real(1, 100);
    p.cost_us.push_back({us});
    for (uint32_t d = 1; d < devices; ++d)
      p.cost_us.back().push_back(below(5) == 0 ? kRefusedCost : us * real(0.05, 2));
    p.proposal.emplace_back(devices, 0u);
    p.predecessors.emplace_back();
    for (uint32_t i = 0; i < 1 + below(2); ++i) {
      const uint32_t from = n == 0 || below(5) == 0 ? count : n - 1 - below(std::min(n, 3u));
      readers[from].insert(n);
      if (from != count) p.predecessors[n].push_back(from);
    }
  }
  for (uint32_t v = 0; v <= count; ++v)
    p.values.push_back({v == count ? kNoNode : v,
                        {readers[v].begin(), readers[v].end()},
                        real(0, 5000),
                        v != count && readers[v].empty()});
  return p;
}

void expect_valid(const PlacementProblem& p, const Placement& out) {
  ASSERT_EQ(out.device_of.size(), p.node_count());
  for (uint32_t n = 0; n < p.node_count(); ++n)
    EXPECT_NE(p.cost_us[n][out.device_of[n]], kRefusedCost);
  EXPECT_DOUBLE_EQ(out.cost, make_schedule(p, out.device_of).cost(p.objective));
  if (out.single_cost != kRefusedCost) {
    EXPECT_LE(out.cost, out.single_cost * (1 + 1e-9));
  }
}

TEST(Placement, SearchIsWithinFivePercentOfTheOptimumOnRandomGraphs) {
  for (uint32_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    const PlacementProblem p = random_problem(seed, 2, 12, 2);
    const Placement best = place_exhaustively(p), found = place_by_search(p);
    expect_valid(p, best);
    expect_valid(p, found);
    EXPECT_LE(found.cost, best.cost * 1.05);
    EXPECT_LE(best.cost, found.cost * (1 + 1e-9));
  }
}

TEST(Placement, ThreeDevicesAreWithinFivePercentToo) {
  for (uint32_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    const PlacementProblem p = random_problem(1000 + seed, 2, 7, 3);
    EXPECT_LE(place_by_search(p).cost, place_exhaustively(p).cost * 1.05);
  }
}

TEST(Placement, LargeRandomGraphsAreValidAndDeterministic) {
  for (const Objective objective : {Objective::kLatency, Objective::kThroughput, Objective::kPower})
    for (uint32_t seed = 1; seed <= 2; ++seed) {
      SCOPED_TRACE(seed);
      PlacementProblem p = random_problem(2000 + seed, 60, 120, 3);
      p.objective = objective;
      p.min_gain_us = objective == Objective::kLatency ? 10 : 0;
      const Placement out = place(p);
      expect_valid(p, out);
      EXPECT_EQ(place(p).device_of, out.device_of);
    }
}

TEST(Placement, ByPriorityTakesTheFirstThatCan) {
  const PlacementProblem p = chain({{100, 1}, {kRefusedCost, 1}, {100, 1}});
  EXPECT_EQ(place_by_priority(p).device_of, (std::vector<uint32_t>{0, 1, 0}));
}

}  // namespace
}  // namespace halyard::core
