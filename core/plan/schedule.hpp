// What a placement would cost when it runs.
#pragma once

#include <vector>

#include "core/plan/placement.hpp"

namespace halyard::core {

struct Schedule {
  std::vector<ConvexGroup> clusters;  // in running order
  std::vector<uint32_t> cluster_of;   // by node
  Cuts cuts;                          // between them
  std::vector<double> cluster_us;     // by cluster: launch and computation, without hand-overs
  double makespan_us = 0;
  double busiest_us = 0;  // of one piece of hardware, hand-overs to and from it included
  double energy_uj = 0;
  double cost(Objective objective) const;
};

/// Cuts the placement into convex clusters, once as large as they can be and once cut where values go from one
/// hardware to another, so that neither waits for more than it needs; keeps what costs less. Runs them on paper as
/// the runtime does, in order: a cluster starts when its operands are made and its hardware is free; then
/// what is not in its device's memory is copied there, once for each memory, over the host's where neither
/// side is that; then it computes. At the end outputs are copied to the host.
Schedule make_schedule(const PlacementProblem& problem, const std::vector<uint32_t>& device_of);

/// Bytes that the clusters of one device hold: the weights they read, the values they exchange with
/// others, and the largest working set of one of their nodes.
double memory_of(const PlacementProblem& problem, const std::vector<uint32_t>& device_of,
                 uint32_t device);

}  // namespace halyard::core
