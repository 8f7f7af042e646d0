#include "core/runtime/policy_of.hpp"

#include <gtest/gtest.h>

namespace halyard::core {
namespace {

TEST(PolicyOf, DefaultsArePlacementByCost) {
  const Policy p = policy_of({});
  EXPECT_FALSE(p.by_priority);
  EXPECT_EQ(p.objective, Objective::kLatency);
  EXPECT_EQ(p.min_gain_us, 20);
  EXPECT_EQ(p.max_clusters, 0u);
  EXPECT_TRUE(p.pins.empty());
  EXPECT_TRUE(p.require.provider.empty());
  EXPECT_FALSE(p.fail_on_compile_error);
}

TEST(PolicyOf, TakesEveryKey) {
  Settings s;
  s.policy.placement = PolicySettings::Placement::kPriority;
  s.policy.objective = PolicySettings::Objective::kPower;
  s.policy.min_gain_us = 3;
  s.policy.max_partitions = 7;
  s.policy.memory_limit = 1 << 20;
  s.place = {{{"Conv"}, {"a*"}, {"main"}, "npu"}};
  s.require = {"npu", 0.5, RequireSettings::OnViolation::kWarn};
  s.fallback.on_compile_error = FallbackSettings::OnCompileError::kFail;
  const Policy p = policy_of(s);
  EXPECT_TRUE(p.by_priority);
  EXPECT_EQ(p.objective, Objective::kPower);
  EXPECT_EQ(p.min_gain_us, 3);
  EXPECT_EQ(p.max_clusters, 7u);
  EXPECT_EQ(p.memory_limit, 1u << 20);
  ASSERT_EQ(p.pins.size(), 1u);
  EXPECT_EQ(p.pins[0].op, std::vector<std::string>{"Conv"});
  EXPECT_EQ(p.pins[0].name, std::vector<std::string>{"a*"});
  EXPECT_EQ(p.pins[0].subgraph, std::vector<std::string>{"main"});
  EXPECT_EQ(p.pins[0].provider, "npu");
  EXPECT_EQ(p.require.provider, "npu");
  EXPECT_EQ(p.require.min_share, 0.5);
  EXPECT_TRUE(p.require.only_warn);
  EXPECT_TRUE(p.fail_on_compile_error);
}

TEST(PolicyOf, AnObjectiveOfPriorityIsPlacementByPriority) {
  Settings s;
  s.policy.objective = PolicySettings::Objective::kPriority;
  EXPECT_TRUE(policy_of(s).by_priority);
}

}  // namespace
}  // namespace halyard::core
