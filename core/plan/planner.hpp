// Makes plans: offers the graph to every device, decides, confirms, compiles, and plans again around
// what was refused or failed.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/log.hpp"
#include "core/opset/infer.hpp"
#include "core/plan/estimates.hpp"
#include "core/plan/plan.hpp"
#include "core/plan/policy.hpp"

namespace halyard::core {

/// Turns a cluster's graph in the flat form into an executable: Device::compile, or something that first
/// looks whether it was done before.
using CompileFn = std::function<Result<std::shared_ptr<Executable>>(
    Device& device, hy_bytes graph, const CompileProgress& progress)>;

/// Told what is being compiled and how much of all that is to be is done, 0 to 1.
using ProgressFn = std::function<void(std::string_view what, double done)>;

struct PlanOptions {
  Policy policy;
  bool compile = true;             // false: stop before compilation
  uint32_t max_cluster_nodes = 0;  // the most nodes of one cluster; 0: no limit
  std::vector<Refusal> absent;  // providers that cannot run any node, and why: goes to every node
  const MeasuredTimes* measured = nullptr;  // null: nothing was measured
  CompileFn compile_with;                   // null: Device::compile
  ProgressFn progress;                      // null: nobody is told
  std::string path = "main";                // where the graph stands, for pins
};

/// Decision 3 of the architecture. The graph must be inferred; devices in order of priority. A composite is
/// replaced by its parts where no device takes it whole, and where a preferred or a faster one takes all
/// parts. core/decisions/0010-placement.md has the algorithm.
/// Fails with UNPLACED, naming every node that no device takes and each provider's reason, also where the
/// required provider has too small a share; with INVALID_MODEL where a node that nobody takes has an operator
/// that is not in the operator set; with what a compilation failed with where the policy asks for that.
Result<Plan> make_plan(Graph graph, std::vector<std::shared_ptr<Device>> devices,
                       const PlanOptions& options, hy_weights& weights, const ConstantReader& read,
                       const Logger& logger);

}  // namespace halyard::core
