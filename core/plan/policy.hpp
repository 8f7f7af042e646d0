// What the user asks of a plan.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/plan/placement.hpp"

namespace halyard::core {

/// Nodes that one provider should run. Globs, as fnmatch(3) reads them: one of each list must match; an empty
/// list matches everything.
struct Pin {
  std::vector<std::string> op;        // "Conv", "com.acme:*"
  std::vector<std::string> name;      // of the node, or of a model's own node that it comes from
  std::vector<std::string> subgraph;  // where it stands: the function, then node:attribute of each body
  std::string provider;
};

struct Requirement {
  std::string provider;    // empty: none
  double min_share = 1;    // of the nodes, in 0..1; those that the core runs do not count
  bool only_warn = false;  // else a plan with less fails
};

struct Policy {
  bool by_priority = false;  // each node to the first device that takes it, whatever that costs
  Objective objective = Objective::kLatency;
  double min_gain_us = 20;    // a cluster that gains less goes elsewhere
  uint32_t max_clusters = 0;  // 0: no limit
  uint64_t memory_limit = 0;  // bytes on each device that has memory of its own; 0: what it has
  std::vector<Pin> pins;      // the first that matches a node counts
  Requirement require;
  bool fail_on_compile_error = false;  // else another device takes the cluster
};

}  // namespace halyard::core
