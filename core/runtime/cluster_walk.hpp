// Every cluster of a plan with its graph, those of bodies included.
#pragma once

#include "core/graph/flat.hpp"
#include "core/plan/clusters.hpp"

namespace halyard::core {

/// Calls f(cluster, device, flat graph) for each cluster that a device runs, until one fails. The graph lives
/// until f returns.
template <class F>
Status for_each_cluster(const Plan& plan, F&& f) {
  for (const Cluster& c : plan.clusters) {
    for (const BodyPlan& body : c.bodies) HY_RETURN_IF_ERROR(for_each_cluster(*body.plan, f));
    if (c.device == kCoreDevice) continue;
    HY_ASSIGN_OR_RETURN(const auto flat, write_flat(cluster_graph(plan.graph, c)));
    HY_RETURN_IF_ERROR(f(c, *plan.devices[c.device], hy_bytes{flat.data(), flat.size()}));
  }
  return {};
}

}  // namespace halyard::core
