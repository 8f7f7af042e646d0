// A plan in words and figures, for people.
#pragma once

#include <string>
#include <vector>

#include "core/plan/plan.hpp"

namespace halyard::core {

/// "a 1/3 nodes (1 cluster, 12 us), b 2/3 nodes (2 clusters, 30 us); refused: 2 OP_UNKNOWN on a; 3 copies,
/// 1024 bytes a run"
std::string plan_summary(const Plan& plan);
/// A device of a preferred provider lost nodes for other reasons than cost.
bool preferred_lost_nodes(const Plan& plan);

/// What keeps nodes from the provider of highest priority.
struct Obstacle {
  uint32_t reason = 0;        // HY_REASON_*
  std::string op;             // "domain:op"
  std::string detail;         // of the first such node
  std::vector<NodeId> nodes;  // ascending
  double est_us = 0;          // what they take where they are now
};
/// Those whose removal would bring the most nodes there first; then by the time they take.
std::vector<Obstacle> obstacles(const Plan& plan);

}  // namespace halyard::core
