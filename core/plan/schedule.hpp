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
/// hardware to another, so that neither waits for more than it needs; keeps what costs less. Runs them on paper, in order: a cluster starts when its
/// operands are in its device's memory and its hardware is free. A value is copied once into each memory
/// that reads it, over the host's where neither side is that; copies of one device follow one another and
/// overlap with computation.
Schedule make_schedule(const PlacementProblem& problem, const std::vector<uint32_t>& device_of);

/// Bytes that the clusters of one device hold: the weights they read, the values they exchange with
/// others, and the largest working set of one of their nodes.
double memory_of(const PlacementProblem& problem, const std::vector<uint32_t>& device_of,
                 uint32_t device);

}  // namespace halyard::core
