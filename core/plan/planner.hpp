// Makes plans: offers the graph to every device, decides, confirms, compiles, and plans again around
// what was refused or failed.
#pragma once

#include "core/base/log.hpp"
#include "core/opset/infer.hpp"
#include "core/plan/plan.hpp"

namespace halyard::core {

struct PlanOptions {
  std::string require;             // a provider that must run every node; empty: none
  bool compile = true;             // false: stop before compilation
  uint32_t max_cluster_nodes = 0;  // the most nodes of one cluster; 0: no limit
  std::vector<Refusal> absent;  // providers that cannot run any node, and why: goes to every node
};

/// Decision 3 of the architecture with strict priority: a node goes to the first device, in the given
/// order, that supports it and was not refused it later. The graph must be inferred. A composite that no
/// device supports is replaced by its parts.
/// Fails with UNPLACED, naming every node that no device takes and each provider's reason; with INVALID_MODEL
/// where one of them has an operator that is not in the operator set.
Result<Plan> make_plan(Graph graph, std::vector<std::shared_ptr<Device>> devices,
                       const PlanOptions& options, hy_weights& weights, const ConstantReader& read,
                       const Logger& logger);

}  // namespace halyard::core
