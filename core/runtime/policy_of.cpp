#include "core/runtime/policy_of.hpp"

namespace halyard::core {
namespace {

Objective objective_of(PolicySettings::Objective objective) {
  switch (objective) {
    case PolicySettings::Objective::kThroughput:
      return Objective::kThroughput;
    case PolicySettings::Objective::kPower:
      return Objective::kPower;
    case PolicySettings::Objective::kLatency:
    case PolicySettings::Objective::kPriority:
      break;
  }
  return Objective::kLatency;
}

}  // namespace

Policy policy_of(const Settings& s) {
  Policy out;
  out.by_priority = s.policy.placement == PolicySettings::Placement::kPriority ||
                    s.policy.objective == PolicySettings::Objective::kPriority;
  out.objective = objective_of(s.policy.objective);
  out.min_gain_us = s.policy.min_gain_us;
  out.max_clusters = s.policy.max_partitions;
  out.memory_limit = s.policy.memory_limit;
  for (const PlaceRule& rule : s.place)
    out.pins.push_back({rule.op, rule.name, rule.subgraph, rule.provider});
  out.require = {s.require.provider, s.require.min_share,
                 s.require.on_violation == RequireSettings::OnViolation::kWarn};
  out.fail_on_compile_error =
      s.fallback.on_compile_error == FallbackSettings::OnCompileError::kFail;
  return out;
}

}  // namespace halyard::core
