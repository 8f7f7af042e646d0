// The limits of a placement: least gain of a cluster, number of clusters, memory of each device.
#pragma once

#include <vector>

#include "core/plan/placement.hpp"

namespace halyard::core {

/// Moves clusters that gain too little, that are too many, or that do not fit, to the device that costs
/// least among those that take all of their nodes; the worst first. A cluster none but its device takes
/// stays. False: max_clusters or memory is still exceeded.
bool enforce_limits(const PlacementProblem& problem, std::vector<uint32_t>& device_of,
                    std::vector<Withdrawal>& withdrawals);

/// Whether max_clusters and every device's memory are kept.
bool fits(const PlacementProblem& problem, const std::vector<uint32_t>& device_of);

}  // namespace halyard::core
